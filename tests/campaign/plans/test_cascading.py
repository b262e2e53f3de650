"""The cascade on a real database: who does not answer is tried another way, once each, until somebody is reached."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.dispatch import ledger
from campaign.dispatch.receipts import Kind, Reported
from campaign.store import cascade_endings, consent, holding, occurrences, receipts
from campaign.store.consent import Choice, Voice
from tests.campaign.plans import cascade_world as world
from tests.campaign.plans.cascade_world import DUE, SENT
from tests.campaign.providers import Provider

BOTH = {"email": "m@example.org", "phone": "+15550100001"}
DAY = timedelta(days=1)
MORNING = DUE - timedelta(hours=10)
LANDLINE = "+15550100009"


@pytest.fixture
def place(engine: Engine) -> Engine:
    world.place(engine)
    return engine


def test_a_silent_family_goes_down_the_whole_ladder(place: Engine, tmp_path: Path) -> None:
    world.add_home(place, "a", BOTH)
    provider = Provider()
    delivery = world.delivery(place, tmp_path, provider)
    world.live(delivery, MORNING, SENT + timedelta(hours=71))
    assert world.rungs(place) == [(0, "email", "accepted", None)]
    world.live(delivery, SENT + 3 * DAY, SENT + 9 * DAY, every=DAY)
    assert world.rungs(place)[1:] == [(1, "sms", "accepted", None)]
    world.live(delivery, SENT + 9 * DAY, SENT + 14 * DAY, every=DAY)
    assert world.rungs(place)[2:] == [(2, "letter", "planned", None)]
    world.posted(place, SENT + 14 * DAY)
    world.live(delivery, SENT + 14 * DAY, SENT + 30 * DAY, every=DAY)
    assert world.rungs(place)[2:] == [(2, "letter", "accepted", None), (3, "call", "planned", None)]
    assert world.endings(place) == [("call_list", None)]
    with transaction(place, ENGINE) as connection:
        assert cascade_endings.standing(connection, DUE.date(), DUE.date()) == {"call_list": 1}
        assert cascade_endings.standing(connection, DUE.date() + DAY, date.max) == {}
    assert sorted(provider.taken.values()) == [1, 1]


def test_a_letter_that_is_never_posted_becomes_a_call(place: Engine, tmp_path: Path) -> None:
    world.add_home(place, "a", {"email": "m@example.org", "landline": LANDLINE})
    world.live(world.delivery(place, tmp_path), SENT, SENT + 30 * DAY, every=DAY)
    assert world.rungs(place) == [
        (0, "email", "accepted", None),
        (2, "letter", "dropped", "expired"),
        (3, "call", "planned", None),
    ]
    assert world.endings(place) == [("call_list", None)]


def test_without_another_channel_the_letter_has_its_own_wait(place: Engine, tmp_path: Path) -> None:
    world.add_home(place, "a", {"email": "m@example.org"})
    delivery = world.delivery(place, tmp_path)
    world.live(delivery, MORNING, SENT + 6 * DAY)
    assert world.rungs(place) == [(0, "email", "accepted", None)]
    world.live(delivery, SENT + 6 * DAY, SENT + 8 * DAY)
    assert world.rungs(place)[1:] == [(2, "letter", "planned", None)]


def test_who_opens_the_report_gets_nothing_more(place: Engine, tmp_path: Path) -> None:
    home = world.add_home(place, "a", BOTH)
    delivery = world.delivery(place, tmp_path)
    world.live(delivery, MORNING, SENT + DAY)
    world.opens(place, home, SENT + DAY)
    world.live(delivery, SENT + DAY, SENT + 40 * DAY, every=DAY)
    assert world.rungs(place) == [(0, "email", "accepted", None)]
    assert world.endings(place) == [("reached", "answered")]


def test_what_was_opened_before_is_no_answer(place: Engine, tmp_path: Path) -> None:
    home = world.add_home(place, "a", BOTH)
    world.opens(place, home, DUE - DAY)
    world.live(world.delivery(place, tmp_path), SENT, SENT + 3 * DAY, every=DAY)
    assert world.rungs(place)[1:] == [(1, "sms", "accepted", None)]


def test_one_of_two_adults_answers_for_the_home(place: Engine, tmp_path: Path) -> None:
    home = world.add_home(place, "a", BOTH, {"email": "f@example.org"})
    delivery = world.delivery(place, tmp_path)
    world.live(delivery, MORNING, SENT)
    world.opens(place, home, SENT, adult=1)
    world.live(delivery, SENT, SENT + 40 * DAY, every=DAY)
    assert world.rungs(place) == [(0, "email", "accepted", None)] * 2


def test_the_last_look_stops_a_rung_that_was_already_written_down(place: Engine, tmp_path: Path) -> None:
    """It is planned at night and would go out in the morning; the family opens the report in between."""
    home = world.add_home(place, "a", BOTH)
    provider = Provider()
    delivery = world.delivery(place, tmp_path, provider, follow_up=[
        {"by": "other", "after_hours": 80, "expires_after_hours": 96},
        {"by": "letter", "after_hours": 168, "expires_after_hours": 336},
    ])  # fmt: skip
    world.live(delivery, SENT, SENT + timedelta(hours=81), every=DAY)
    assert world.rungs(place)[1:] == [(1, "sms", "planned", "no_open_window")]
    world.opens(place, home, SENT + timedelta(hours=82))
    world.live(delivery, SENT + timedelta(hours=83), SENT + 20 * DAY)
    assert world.rungs(place)[1:] == [(1, "sms", "withheld", "answered")]
    assert world.endings(place) == [("reached", "answered")]
    assert len(provider.taken) == 1


def test_whom_nothing_reaches_gets_the_letter_at_once(place: Engine, tmp_path: Path) -> None:
    world.add_home(place, "a", {})
    delivery = world.delivery(place, tmp_path)
    world.live(delivery, MORNING, DUE - timedelta(hours=1), every=timedelta(hours=1))
    assert world.rungs(place) == [(0, "email", "withheld", "no_address")]
    world.live(delivery, DUE, DUE + timedelta(hours=1), every=timedelta(minutes=30))
    assert world.rungs(place)[1:] == [(2, "letter", "planned", None)]


def test_a_bounce_goes_on_at_once(place: Engine, tmp_path: Path) -> None:
    world.add_home(place, "a", BOTH)
    delivery = world.delivery(place, tmp_path)
    world.live(delivery, MORNING, SENT)
    with transaction(place, ENGINE) as connection:
        public_id = connection.execute(text("SELECT public_id FROM message")).scalar_one()
        bounced = Reported("e1", public_id, Kind.BOUNCED, "s1", None, SENT)
        kept = receipts.keep(connection, "mailbox", [bounced], SENT)
        receipts.weigh(connection, list(kept.new.values()), SENT)
    ledger.tick(delivery, SENT + timedelta(minutes=10))
    assert world.rungs(place) == [(0, "email", "accepted", None), (1, "sms", "accepted", None)]


def test_a_refusal_goes_on_at_once(place: Engine, tmp_path: Path) -> None:
    world.add_home(place, "a", BOTH)
    provider = Provider(behaviour="refused")
    delivery = world.delivery(place, tmp_path, provider)
    world.live(delivery, MORNING, SENT)
    provider.behaviour = "well"
    ledger.tick(delivery, SENT + timedelta(minutes=10))
    assert world.rungs(place) == [
        (0, "email", "rejected", "refused_by_provider"),
        (1, "sms", "accepted", None),
    ]


def test_a_stop_ends_everything(place: Engine, tmp_path: Path) -> None:
    home = world.add_home(place, "a", BOTH, {"email": "f@example.org"})
    delivery = world.delivery(place, tmp_path)
    world.live(delivery, MORNING, SENT)
    with transaction(place, ENGINE) as connection:
        said = Voice("reply", "STOP", SENT)
        consent.record(connection, home.contacts[0], [Choice("email")], "revoked", said)
    world.live(delivery, SENT, SENT + 40 * DAY, every=DAY)
    assert world.rungs(place) == [(0, "email", "accepted", None)] * 2
    assert world.endings(place) == [("stopped", "consent_revoked")]


def test_who_stopped_long_ago_is_not_pursued(place: Engine, tmp_path: Path) -> None:
    home = world.add_home(place, "a", BOTH)
    with transaction(place, ENGINE) as connection:
        said = Voice("staff", "no more", DUE - 30 * DAY)
        consent.record(connection, home.contacts[0], [Choice("email")], "revoked", said)
    world.live(world.delivery(place, tmp_path), SENT, SENT + 40 * DAY, every=DAY)
    assert world.rungs(place) == [(0, "email", "withheld", "consent_revoked")]
    assert world.endings(place) == [("stopped", "consent_revoked")]


def test_nothing_follows_to_whom_a_court_bars(place: Engine, tmp_path: Path) -> None:
    mother = {"email": "m@example.org", "landline": LANDLINE}
    home = world.add_home(place, "a", mother, {"email": "f@example.org", "court": True})
    world.live(world.delivery(place, tmp_path), SENT, SENT + 30 * DAY, every=DAY)
    assert world.rungs(place)[1:] == [
        (0, "email", "withheld", "court_restriction"),
        (2, "letter", "dropped", "expired"),
        (3, "call", "planned", None),
    ]
    with transaction(place, ENGINE) as connection:
        written_to = set(connection.scalars(text("SELECT contact_id FROM message WHERE rung > 0")))
    assert written_to == {home.contacts[0]}


def test_a_home_of_two_languages_gets_two_letters_and_one_call(place: Engine, tmp_path: Path) -> None:
    world.add_home(
        place, "a",
        {"email": "m@example.org", "language": "es", "landline": LANDLINE}, {"email": "f@example.org"},
        {"email": "g@example.org"},
        children=2,
    )  # fmt: skip
    world.live(world.delivery(place, tmp_path), SENT, SENT + 30 * DAY, every=DAY)
    with transaction(place, ENGINE) as connection:
        found = connection.execute(
            text("SELECT channel, language, cardinality(student_ids) FROM message WHERE rung > 1 ORDER BY id")
        ).all()
    assert sorted(map(tuple, found)) == [("call", "es", 2), ("letter", "en", 2), ("letter", "es", 2)]


def test_two_homes_of_one_child_go_their_own_ways(place: Engine, tmp_path: Path) -> None:
    home = world.add_home(place, "a", BOTH, {"email": "f@example.org", "home": "Elm St"})
    delivery = world.delivery(place, tmp_path)
    world.live(delivery, MORNING, SENT)
    world.opens(place, home, SENT)
    world.live(delivery, SENT, SENT + 8 * DAY)
    assert world.rungs(place) == [*[(0, "email", "accepted", None)] * 2, (2, "letter", "planned", None)]
    assert sorted(map(str, world.endings(place))) == ["('reached', 'answered')", "(None, None)"]


def test_an_adult_who_came_later_is_the_other_contact(place: Engine, tmp_path: Path) -> None:
    home = world.add_home(place, "a", {"email": "m@example.org"})
    delivery = world.delivery(place, tmp_path)
    world.live(delivery, MORNING, SENT)
    with transaction(place, ENGINE) as connection:
        late = world.families.add_contact(connection, "late", email="l@example.org", home="a Oak St")
        world.families.relate(connection, home.students[0], late)
    world.live(delivery, SENT, SENT + 4 * DAY)
    with transaction(place, ENGINE) as connection:
        rung = connection.execute(text("SELECT contact_id, state FROM message WHERE rung = 1")).one()
    assert tuple(rung) == (late, "accepted")


def test_the_cap_counts_a_rung_of_its_own(place: Engine, tmp_path: Path) -> None:
    """Three in seven days is full: the rung waits until it has become too late, and the letter takes over."""
    home = world.add_home(place, "a", BOTH)
    delivery = world.delivery(place, tmp_path)
    world.live(delivery, MORNING, SENT)
    world.send_two_more(place)
    world.live(delivery, SENT, SENT + timedelta(hours=73), every=DAY)
    assert [row for row in world.rungs(place, home) if row[0]] == [
        (1, "sms", "withheld", "household_cap"), (2, "letter", "planned", None)
    ]  # fmt: skip


def test_nothing_leaves_while_it_is_paused_and_all_goes_on_after(place: Engine, tmp_path: Path) -> None:
    world.add_home(place, "a", BOTH)
    delivery = world.delivery(place, tmp_path)
    world.live(delivery, MORNING, SENT)
    with transaction(place, ENGINE) as connection:
        occurrences.pause(connection, world.SLUG, paused=True)
    world.live(delivery, SENT, SENT + 5 * DAY)
    assert len(world.rungs(place)) == 1
    with transaction(place, ENGINE) as connection:
        occurrences.pause(connection, world.SLUG, paused=False)
    ledger.tick(delivery, SENT + 6 * DAY)
    assert world.rungs(place)[1:] == [(1, "sms", "accepted", None)]


def test_nothing_follows_a_campaign_that_was_called_off(place: Engine, tmp_path: Path) -> None:
    world.add_home(place, "a", BOTH)
    delivery = world.delivery(place, tmp_path)
    world.live(delivery, MORNING, SENT)
    off = {"campaign_id": 1, "district_id": 1, "step": None, "day": None, "actor": "engine", "at": SENT}
    with transaction(place, ENGINE) as connection:
        holding.cancel(connection, off)
    world.live(delivery, SENT, SENT + 90 * DAY, every=DAY)
    assert world.rungs(place) == [(0, "email", "accepted", None)]
    assert world.endings(place) == [("stopped", "cancelled")]


def test_a_step_that_was_changed_is_followed_no_further(place: Engine, tmp_path: Path) -> None:
    world.add_home(place, "a", BOTH)
    world.live(world.delivery(place, tmp_path), MORNING, SENT)
    changed = world.delivery(place, tmp_path, follow_up=[world.STEP["follow_up"][2]])
    world.live(changed, SENT, SENT + 90 * DAY, every=DAY)
    assert world.rungs(place) == [(0, "email", "accepted", None)]
    assert world.endings(place) == [("stopped", "replaced")]


def test_more_pulses_and_a_second_worker_add_nothing(place: Engine, tmp_path: Path) -> None:
    for name in "abc":
        world.add_home(place, name, {"email": f"{name}@example.org", "phone": f"+1555010000{ord(name) - 90}"})
    provider = Provider()
    workers = [world.delivery(place, tmp_path, provider, owner=name) for name in ("one", "two")]
    now = SENT
    while now < SENT + 32 * DAY:
        for worker in (*workers, workers[0]):
            ledger.tick(worker, now)
        now += DAY
    found = world.rungs(place)
    assert [rung for rung, *_ in found] == [0] * 3 + [1] * 3 + [2] * 3 + [3] * 3
    assert set(provider.taken.values()) == {1}

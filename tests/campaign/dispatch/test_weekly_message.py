"""One message a week on a real database: one is sent, and each message in it is accounted for, whatever happens."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.definitions.definition import load_all, parse
from campaign.dispatch import ledger
from campaign.dispatch.delivery import Delivery
from campaign.dispatch.settling import settle, settle_by_hand
from campaign.store import consent, dispatch, messages, unsettled
from campaign.store.consent import Choice, Voice
from campaign.store.unsettled import Seen
from tests.campaign import families
from tests.campaign.dispatch import campaign_machine as machine
from tests.campaign.providers import Provider

SAID = Voice("family_page", "One message a week", datetime(2026, 11, 1, tzinfo=UTC))
# Thursday 12 November 2026, 17:30 in Chicago; East School lies an hour to the east.
WEEKLY = datetime(2026, 11, 12, 23, 30, tzinfo=UTC)
MOTHER = 1


def patient(delivery: Delivery) -> Delivery:
    """The shipped campaign with steps that can wait for Thursday."""
    (shipped,) = load_all()
    document = copy.deepcopy(dict(shipped.document))
    document["step"] = [
        {**step, "expires_after_hours": 240}
        for step in document["step"]
        if step["id"] in ("heads_up", "report_ready")
    ]
    return replace(delivery, definitions=(parse(document, "test"),))


def want(engine: Engine, most: int | None, *contacts: int) -> None:
    with transaction(engine, ENGINE) as connection:
        known = connection.scalars(text("SELECT id FROM contact ORDER BY id")).all()
        for contact in contacts or known:
            consent.limit(connection, contact, most, SAID)


def rows(engine: Engine, contact: int = MOTHER) -> list[tuple[str, str, str | None]]:
    with transaction(engine, ENGINE) as connection:
        query = text(
            "SELECT step, state, reason FROM message WHERE contact_id = :c AND rung = 0 ORDER BY due_at, id"
        )
        return [tuple(row) for row in connection.execute(query, {"c": contact})]


def sums(engine: Engine) -> None:
    with transaction(engine, ENGINE) as connection:
        messages.reconcile(connection)


class District:
    """A district, its provider and its clock."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        families.build(engine, students=1)
        self.engine, self.provider = engine, Provider()
        self.delivery = patient(families.delivery(engine, folder, self.provider))
        want(engine, 1)

    def tick(self, *moments: datetime) -> None:
        for moment in moments:
            ledger.tick(self.delivery, moment)

    def until_thursday(self) -> None:
        """The messages of the week are written down, and wait."""
        day = timedelta(days=1)
        self.tick(*(WEEKLY - day * back for back in range(7, 0, -1)), WEEKLY - timedelta(minutes=1))

    def to_mother(self) -> list[str]:
        return [one.text for one in self.provider.texts.values() if one.to == "m0@example.org"]


@pytest.fixture
def district(engine: Engine, tmp_path: Path) -> District:
    return District(engine, tmp_path)


def test_a_week_comes_as_one_message_with_a_line_for_each(district: District) -> None:
    district.until_thursday()
    assert not district.provider.taken
    assert [state for _, state, _ in rows(district.engine)] == ["planned", "planned"]
    assert {reason for _, _, reason in rows(district.engine)} == {"digest"}
    district.tick(WEEKLY)
    (told,) = district.to_mother()
    # Spanish: the subjects of the two e-mails, the weightier first, and one link a child.
    assert "1. El informe de la escuela está listo\n2. " in told
    assert told.count("/r/") == 2
    assert "Child0 y Sib0" in told
    assert [(step, state) for step, state, _ in rows(district.engine)] == [
        ("heads_up", "accepted"),
        ("report_ready", "accepted"),
    ]
    sums(district.engine)


def test_a_text_message_has_one_link_and_no_word_about_a_child(district: District) -> None:
    district.until_thursday()
    district.tick(WEEKLY)
    (sms,) = [one for one in district.provider.texts.values() if one.channel == "sms"]
    assert sms.text.count("/r/") == 1
    assert "Child0" not in sms.text
    assert {state for _, state, _ in rows(district.engine, 2)} == {"accepted"}


def test_the_weekly_message_counts_once_against_the_cap_of_the_household(district: District) -> None:
    district.until_thursday()
    district.tick(WEEKLY)
    with transaction(district.engine, ENGINE) as connection:
        (household,) = connection.scalars(text("SELECT DISTINCT household FROM message WHERE contact_id = 1"))
    with transaction(district.engine, ENGINE) as connection:
        sent = dispatch.household_sent(connection, [household], since=WEEKLY - timedelta(days=7), now=WEEKLY)
    assert len(sent[household]) == 1


def test_what_waits_alone_goes_in_its_own_words(district: District) -> None:
    with transaction(district.engine, ENGINE) as connection:
        consent.record(connection, MOTHER, [Choice("email", "topic:heads_up")], "revoked", SAID)
    district.until_thursday()
    district.tick(WEEKLY)
    assert [state for _, state, _ in rows(district.engine)] == ["withheld", "accepted"]
    (told,) = district.to_mother()
    assert told.startswith("Hola:\n\nEl informe de North Lakeside")


def test_a_stop_before_thursday_withholds_all_of_it(district: District) -> None:
    district.until_thursday()
    with transaction(district.engine, ENGINE) as connection:
        consent.record(connection, MOTHER, [Choice("email")], "revoked", SAID)
    district.tick(WEEKLY)
    assert rows(district.engine) == [
        ("heads_up", "withheld", "consent_revoked"),
        ("report_ready", "withheld", "consent_revoked"),
    ]


def test_leaving_the_weekly_message_sends_what_waits_its_own_way(district: District) -> None:
    district.until_thursday()
    want(district.engine, None)
    district.tick(WEEKLY - timedelta(minutes=1))
    assert [state for _, state, _ in rows(district.engine)] == ["accepted", "accepted"]
    assert len(district.to_mother()) == 2


@pytest.mark.parametrize(
    ("behaviour", "then", "state"),
    [
        ("refused", "rejected", "rejected"),
        ("busy", "retry_at", "accepted"),
        ("lost_unclear", "ambiguous", "accepted"),
        ("taken_unclear", "ambiguous", "accepted"),
    ],
)
def test_each_line_has_the_fate_of_the_whole(
    district: District, behaviour: str, then: str, state: str
) -> None:
    district.until_thursday()
    district.provider.behaviour = behaviour
    district.tick(WEEKLY)
    assert {now for _, now, _ in rows(district.engine)} == {then}
    sums(district.engine)
    district.provider.behaviour = "well"
    district.tick(WEEKLY + timedelta(minutes=1), WEEKLY + timedelta(minutes=20))
    assert {now for _, now, _ in rows(district.engine)} == {state}
    assert len(district.to_mother()) == (state == "accepted")
    assert max(district.provider.taken.values(), default=1) == 1


@pytest.mark.parametrize("arrived", [True, False])
def test_a_person_settles_all_of_it_at_once(district: District, arrived: bool) -> None:
    district.until_thursday()
    district.provider.behaviour, district.provider.tells = "lost_unclear", False
    district.tick(WEEKLY)
    with transaction(district.engine, ENGINE) as connection:
        listed = unsettled.to_be_looked_at(connection, limit=9)
        assert unsettled.count_to_be_looked_at(connection) == len(listed) == 2
        for one in listed:
            settle_by_hand(
                connection, Seen(one.message_id, one.fencing), arrived=arrived, actor="Ms. Lee", now=WEEKLY
            )
    assert {state for _, state, _ in rows(district.engine)} == {"accepted" if arrived else "retry_at"}
    district.provider.behaviour = "well"
    district.tick(WEEKLY + timedelta(minutes=2))
    assert len(district.to_mother()) == (not arrived)
    assert {state for _, state, _ in rows(district.engine)} == {"accepted"}


def test_when_all_leases_end_only_the_whole_is_asked_after(district: District) -> None:
    district.until_thursday()
    district.provider.behaviour = "killed_after"
    with pytest.raises(BaseException, match=r"^$"):
        district.tick(WEEKLY)
    district.engine.dispose()
    district.provider.behaviour = "well"
    settle(district.delivery, WEEKLY + timedelta(minutes=1), everybody=True)
    assert {state for _, state, _ in rows(district.engine)} <= {"accepted", "retry_at", "planned"}
    district.tick(WEEKLY + timedelta(minutes=20))
    assert {state for _, state, _ in rows(district.engine)} == {"accepted"}
    assert max(district.provider.taken.values()) == 1


class Weekly(machine.Campaign):
    """The same troubles as for single messages, for families who come and go as they like."""

    @initialize(season=st.sampled_from(sorted(machine.SEASONS)))
    def begin(self, season: str) -> None:
        super().begin(season)
        self.workers = [patient(worker) for worker in self.workers]
        want(self.engine, 1)

    @rule(most=st.sampled_from([1, None]), contact=st.integers(1, 4))
    def says_how_often(self, most: int | None, contact: int) -> None:
        want(self.engine, most, contact)

    def teardown(self) -> None:
        if not hasattr(self, "provider"):
            return
        self.provider.behaviour, self.now = "well", max(self.now, self.season.begin)
        while self.now < self.season.afterwards:
            self.now += timedelta(hours=6)
            self.pulse(0)
        query = text(
            """
            SELECT m.public_id, m.state, m.reason, lead.public_id AS lead FROM message m
            LEFT JOIN digest_line l ON l.message_id = m.id LEFT JOIN message lead ON lead.id = l.lead_id
            WHERE m.rung = 0
            """
        )
        with transaction(self.engine, ENGINE) as connection:
            found = connection.execute(query).all()
        assert {row.state for row in found} <= machine.FINAL
        for row in found:
            own, taken = self.provider.taken[row.public_id], self.provider.taken[row.lead or row.public_id]
            # What travelled in another one did not go by itself, too.
            assert row.lead is None or own == 0
            if row.state == "ambiguous":
                assert not self.provider.tells
            else:
                assert taken == (row.state == "accepted")


def test_nothing_lost_and_nothing_doubled_a_week_at_a_time(engine: Engine, tmp_path: Path) -> None:
    families.build(engine, students=3)

    class OnThisDatabase(Weekly):
        pass

    OnThisDatabase.engine, OnThisDatabase.folder = engine, tmp_path
    run_state_machine_as_test(
        OnThisDatabase,
        settings=settings(
            max_examples=8,
            stateful_step_count=10,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )

"""Whom a step is for: school, language, reach, belief and opened reports; what holds across campaigns and homes."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine, insert, text

from campaign import simulation
from campaign.access import ENGINE
from campaign.consents.said import NOTHING_MORE, Said
from campaign.database import transaction
from campaign.definitions.definition import CampaignDefinition, CampaignError, load_all, parse
from campaign.dispatch.deliver import Delivery
from campaign.dispatch.ledger import Span
from campaign.gate import last_look
from campaign.plans.plan import is_in_audience
from campaign.schema import messages
from campaign.senders.mailbox import MailboxSender
from campaign.store import audience
from content import catalog
from tests.campaign import families
from tests.campaign.test_gate import NOW, ROW, RULES, STEPS, look

MONTH = Span(families.BEGIN, families.END)


@pytest.mark.parametrize(
    ("audience", "facts", "inside"),
    [
        ({"schools": {"north"}}, {"school": "north"}, True),
        ({"schools": {"north"}}, {"school": "south"}, False),
        ({"schools": {"north"}}, {"school": None}, False),
        ({"languages": {"es"}}, {"language": "es-MX"}, True),
        ({"languages": {"tl"}}, {"language": "fil"}, True),
        ({"languages": {"es", "vi"}}, {"language": "en"}, False),
        ({"languages": {"es"}}, {"language": "und"}, False),
        ({"reachable_by": {"sms"}}, {"reachable": frozenset({"sms"})}, True),
        ({"reachable_by": {"sms", "email"}}, {"reachable": frozenset({"email"})}, True),
        ({"reachable_by": {"sms"}}, {"reachable": frozenset({"email"})}, False),
        ({"reachable_by": {"sms"}}, {"suppressed": frozenset({"sms"})}, False),
        ({"reachable_by": {"sms"}}, {"revoked": frozenset({"sms"})}, False),
        ({"not_reachable_by": {"email"}}, {"reachable": frozenset({"sms"})}, True),
        ({"not_reachable_by": {"email"}}, {"suppressed": frozenset({"email"})}, True),
        ({"not_reachable_by": {"email"}}, {}, False),
        ({"believes": {"above", "at"}}, {"beliefs": frozenset({("math", "at")})}, True),
        ({"believes": {"above", "at"}}, {"beliefs": frozenset({("math", "below")})}, False),
        ({"believes": {"at"}, "subjects": {"math"}}, {"beliefs": frozenset({("reading", "at")})}, False),
        (
            {"believes": {"not_asked"}, "subjects": {"math"}},
            {"beliefs": frozenset({("reading", "at")})},
            True,
        ),
        ({"believes": {"not_asked"}}, {}, True),
        ({"believes": {"not_asked"}}, {"beliefs": frozenset({("math", "skipped")})}, False),
        ({"believes": {"at"}}, {}, False),
        ({"opened": True}, {"opened": True}, True),
        ({"opened": True}, {"opened": False}, False),
        ({"opened": False}, {"opened": False}, True),
        # All that is said must hold.
        ({"schools": {"north"}, "opened": False}, {"school": "north", "opened": True}, False),
    ],
)
def test_who_is_in_the_audience(audience: dict[str, Any], facts: dict[str, Any], inside: bool) -> None:
    given: dict[str, Any] = {
        name: frozenset(some) if isinstance(some, set) else some for name, some in audience.items()
    }
    step = replace(STEPS["tip"], audience=replace(STEPS["tip"].audience, **given))
    assert is_in_audience(replace(ROW, **facts), step) is inside


def campaign(slug: str, priority: int | None = None, **changes: Any) -> CampaignDefinition:
    """The tip of the shipped campaign, on a school day after the report card."""
    document = copy.deepcopy(dict(load_all()[0].document))
    (step,) = [step for step in document["step"] if step["id"] == "tip"]
    step |= {"send_on": "school_day", "at": "10:00", "expires_after_hours": 240, **changes}
    made = {key: value for key, value in document.items() if key != "step"} | {"slug": slug, "step": [step]}
    return parse(made | ({"priority": priority} if priority is not None else {}), "test")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"audience": {"believes": ["yes"]}},
            "audience: believes: 'yes' is not known; write one of above, at",
        ),
        ({"audience": {"languages": ["xx"]}}, "audience: languages: 'xx' is not known"),
        ({"audience": {"schools": [7]}}, 'audience: schools: must be a list of texts such as ["lincoln"]'),
        ({"audience": {"opened": "no"}}, "audience: opened: must be true or false"),
        ({"event": "absence", "at_least": 3}, "event: stands beside anchor; a step hangs on one of the two"),
        ({"event": "party", "anchor": None}, "event: 'party' is not known; write one of absence"),
        ({"event": "absence", "anchor": None}, "at_least: is missing"),
        (
            {"event": "reply", "anchor": None, "offset": -1},
            "offset: is before the event; known beforehand: birthday_18, booking",
        ),
        ({"event": "reply", "anchor": None, "at_least": 3}, "at_least: is not known here"),
    ],
)
def test_a_broken_step_names_key_and_remedy(changes: dict[str, Any], said: str) -> None:
    document = copy.deepcopy(dict(campaign("one").document))
    (step,) = document["step"]
    for key, value in changes.items():
        step.pop(key, None)
        step |= {} if value is None else {key: value}
    with pytest.raises(CampaignError) as error:
        parse(document, "my.toml")
    assert said in str(error.value)


def delivery(engine: Engine, home: Path, *definitions: CampaignDefinition) -> Delivery:
    sender = MailboxSender(home / "mailbox", families.IDENTITY)
    return Delivery(engine, families.settings_in(home), catalog.load(), sender, definitions, "one")


@pytest.fixture
def district(engine: Engine) -> Engine:
    families.build(engine, students=6)
    return engine


def test_the_facts_of_a_family_are_read(district: Engine) -> None:
    with transaction(district, ENGINE) as connection:
        mother = connection.scalar(text("SELECT id FROM contact WHERE source_id = 'm1'"))
        ((student, version),) = connection.execute(
            text(
                """
                SELECT p.student_id, p.version FROM report p
                JOIN student_contact r USING (student_id) WHERE r.contact_id = :id
                """
            ),
            {"id": mother},
        )
        said = {"district_id": 1, "student_id": student, "contact_id": mother, "subject": "math"}
        for wave, answer, day in (("before", "above", 1), ("after", "below", 9)):
            at = datetime(2026, 11, day, tzinfo=UTC)
            connection.execute(
                insert(messages.belief_answer).values(said | {"wave": wave, "answer": answer, "at": at})
            )
        (row,) = audience.rows(connection, [mother], slug="x", zone="America/Chicago")
        assert (row.school, set(row.beliefs), row.opened) == ("East School", {("math", "below")}, False)
        for seen, opened in ((version - 1, False), (version, True)):
            connection.execute(text("DELETE FROM report_look"))
            connection.execute(
                text("INSERT INTO report_look VALUES (:s, :c, :v, 'en', now())"),
                {"s": student, "c": mother, "v": seen},
            )
            (row,) = audience.rows(connection, [mother], slug="x", zone="America/Chicago")
            assert row.opened is opened


def test_the_last_look_asks_nothing_of_what_only_chooses_whom_a_step_is_for() -> None:
    asked = {name: getattr(ROW, name) for name in ROW.__slots__ if name not in audience.CHOSEN_BY}
    for step in STEPS.values():
        for said in (NOTHING_MORE, Said(weekly_limit=1), Said(told=frozenset({"email"}))):
            facts = {**asked, "said": said, "held_until": NOW + timedelta(hours=1), "preview_since": NOW}
            without: Any = SimpleNamespace(**facts)
            with_all = replace(ROW, **facts)
            verdicts = [last_look(look(step, rows=[row]), RULES, NOW) for row in (without, with_all)]
            assert verdicts[0] == verdicts[1]


def test_the_cap_holds_over_campaigns_siblings_and_both_adults_of_a_home(
    district: Engine, tmp_path: Path
) -> None:
    with transaction(district, ENGINE) as connection:
        connection.execute(text("DELETE FROM calendar_day WHERE kind = 'conference'"))
    each = [campaign(f"c{n}", offset=n, unit="days") for n in range(5)]
    simulation.run(delivery(district, tmp_path, *each), MONTH)
    with transaction(district, ENGINE) as connection:
        worst = connection.execute(
            text(
                """
                SELECT max(n), max(campaigns) FROM (
                    SELECT count(DISTINCT b.occurrence_id) AS n, count(DISTINCT b.campaign_id) AS campaigns
                    FROM message a JOIN message b ON b.household = a.household AND b.state = 'accepted'
                     AND b.finished_at > a.finished_at - interval '7 days' AND b.finished_at <= a.finished_at
                    WHERE a.state = 'accepted' GROUP BY a.id
                ) counted
                """
            )
        ).one()
    assert tuple(worst) == (3, 3)


def test_the_campaign_of_higher_priority_goes_first_and_takes_the_place_under_the_cap(
    district: Engine, tmp_path: Path
) -> None:
    each = [campaign("low", 10), campaign("middle"), campaign("high", 90)]
    work = delivery(district, tmp_path, *each)
    work = replace_cap(work, 1)
    simulation.run(work, Span(families.BEGIN, datetime(2026, 11, 17, 6, tzinfo=UTC)))
    with transaction(district, ENGINE) as connection:
        sent = connection.scalars(
            text(
                """
                SELECT DISTINCT c.slug FROM message m JOIN campaign c ON c.id = m.campaign_id
                WHERE m.state = 'accepted' AND m.finished_at < m.due_at + interval '2 hours'
                """
            )
        ).all()
    assert sent == ["high"]


def replace_cap(work: Delivery, cap: int) -> Delivery:
    settings = replace(work.settings, campaign=replace(work.settings.campaign, household_cap=cap))
    return Delivery(work.engine, settings, work.catalog, work.sender, work.definitions, "one")


def test_two_homes_of_a_child_each_get_their_own(district: Engine, tmp_path: Path) -> None:
    simulation.run(delivery(district, tmp_path, campaign("one")), MONTH)
    with transaction(district, ENGINE) as connection:
        homes = connection.execute(
            text(
                """
                SELECT count(*), count(DISTINCT household), array_agg(DISTINCT channel) FROM message
                WHERE 1 = ANY (student_ids) AND state = 'accepted'
                """
            )
        ).one()
    assert tuple(homes) == (2, 2, ["email", "sms"])


def test_a_district_over_two_zones_hears_at_its_own_hour(district: Engine, tmp_path: Path) -> None:
    simulation.run(delivery(district, tmp_path, campaign("one", offset=1)), MONTH)
    with transaction(district, ENGINE) as connection:
        hours = connection.execute(
            text(
                """
                SELECT DISTINCT coalesce(h.time_zone, 'America/Chicago') AS zone,
                    to_char(m.due_at AT TIME ZONE coalesce(h.time_zone, 'America/Chicago'), 'HH24:MI') AS hour,
                    m.due_at
                FROM message m JOIN student s ON s.id = m.student_ids[1] JOIN school h ON h.id = s.school_id
                ORDER BY 1
                """
            )
        ).all()
    assert [(row.zone, row.hour) for row in hours] == [
        ("America/Chicago", "10:00"),
        ("America/New_York", "10:00"),
    ]
    assert hours[0].due_at - hours[1].due_at == timedelta(hours=1)

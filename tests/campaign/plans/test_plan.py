"""Who gets which message when, or why not: the shipped campaign, broken files, and tables of families."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from campaign.definitions.definition import CampaignError, load, load_all, parse
from campaign.gate import AudienceRow, Reason
from campaign.plans.plan import Decision, Occurrence, decide, is_in_audience, occurrences
from campaign.school_year.calendar import SchoolYear
from content import catalog
from tests.campaign.test_gate import ROW, RULES, STEPS

SHIPPED = load_all()[0]
YEAR = SchoolYear.of(
    [
        (date(2026, 8, 20), "first_day"),
        (date(2026, 11, 10), "report_card"),
        (date(2027, 1, 26), "report_card"),
        (date(2026, 11, 11), "holiday"),
    ]
)


def test_every_step_of_the_shipped_campaign_has_its_message_in_every_channel_and_language() -> None:
    texts = catalog.load()
    for step in SHIPPED.steps.values():
        for channel in step.channels:
            for language in ("en", "es"):
                assert texts.message(step.message, channel, language).text


def test_the_shipped_campaign_resolves_on_a_calendar() -> None:
    found = occurrences(SHIPPED, replace(RULES, year=YEAR), "America/Chicago")
    assert [(o.step.id, o.day.isoformat()) for o in found][:8] == [
        ("hello", "2026-08-21"),
        ("belief_before", "2026-11-02"),
        ("heads_up", "2026-11-06"),
        ("report_ready", "2026-11-10"),
        ("tip", "2026-11-14"),
        ("conference", "2026-11-20"),
        ("belief_after", "2026-12-01"),
        ("belief_before", "2027-01-18"),
    ]
    ready = next(o for o in found if o.step.id == "report_ready")
    assert ready.due_at == datetime(2026, 11, 10, 23, 30, tzinfo=UTC)


def broken(change: str, value: Any) -> dict[str, Any]:
    document = copy.deepcopy(dict(SHIPPED.document))
    if change == "step":
        return document | {"step": value}
    step = document["step"][0]
    if value is None:
        del step[change]
    else:
        step[change] = value
    return document


@pytest.mark.parametrize(
    ("change", "value", "said"),
    [
        (
            "anchor",
            "christmas",
            "step hello: anchor: 'christmas' is not known; write one of conference, conference_week, correction",
        ),
        ("offset", None, "step hello: offset: is missing"),
        ("offset", "one", "step hello: offset: must be a whole number, not 'one'"),
        ("offset", 900, "step hello: offset: must lie between -90 and 365"),
        ("at", "half past five", 'step hello: at: must be a time of day such as "17:30"'),
        ("unit", "weeks", "step hello: unit: 'weeks' is not known; write one of days, school_days"),
        ("channels", [], "step hello: channels: is empty"),
        ("channels", ["fax"], "step hello: channels: 'fax' is not known"),
        ("needs_report", 1, "step hello: needs_report: must be true or false"),
        ("colour", "red", "step hello: colour: is not known here"),
        (
            "audience",
            {"grade_levels": [8, 3]},
            "step hello: audience: grade_levels: must be [lowest, highest]",
        ),
        ("audience", {"categories": ["BAD"]}, "step hello: audience: categories: 'BAD' is not known"),
        ("id", "tip", "step tip: id: is used twice"),
        ("step", [], "step: there is none"),
        ("step", ["hello"], "step 1: write [[step]]"),
    ],
)
def test_a_broken_campaign_names_step_key_and_remedy(change: str, value: Any, said: str) -> None:
    with pytest.raises(CampaignError) as error:
        parse(broken(change, value), "my.toml")
    assert str(error.value).startswith(f"my.toml: {said}")


def test_a_file_that_is_not_toml_is_named(tmp_path: Any) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("slug = ")
    with pytest.raises(CampaignError, match=r"mine\.toml: cannot be read as TOML"):
        load(file)


def test_a_stored_document_gives_the_same_campaign() -> None:
    assert parse(SHIPPED.document, "stored") == SHIPPED


def one(step: str, *rows: AudienceRow) -> list[Decision]:
    due_at = datetime(2026, 11, 10, 23, 30, tzinfo=UTC)
    definition = STEPS[step]
    occurrence = Occurrence(definition, date(2026, 11, 10), due_at, due_at + definition.expires_after)
    return list(decide(occurrence, rows, replace(RULES, year=YEAR)))


def said(decision: Decision) -> str:
    """The language, and after it the one in whose place it goes out."""
    return " for ".join(filter(None, (decision.wording.language, decision.wording.fallback_from)))


def told(decisions: list[Decision]) -> list[tuple[int, tuple[int, ...], str, str, str | None]]:
    return [(d.contact_id, d.student_ids, d.channel, said(d), d.reason) for d in decisions]


def test_siblings_are_one_message_and_two_homes_get_their_own() -> None:
    mother = [ROW, replace(ROW, student_id=2)]
    father = [replace(row, contact_id=11, household="other", language="es") for row in mother]
    assert told(one("report_ready", *mother, *father)) == [
        (10, (1, 2), "email", "en", None),
        (11, (1, 2), "email", "es", None),
    ]


def test_a_barred_child_is_recorded_beside_the_message_about_the_other() -> None:
    rows = [
        ROW,
        replace(ROW, student_id=2, court_restriction=True),
        replace(ROW, student_id=3, has_report=False),
    ]
    assert told(one("report_ready", *rows)) == [
        (10, (1,), "email", "en", None),
        (10, (2,), "email", "en", "court_restriction"),
        (10, (3,), "email", "en", "no_report"),
    ]


@pytest.mark.parametrize(
    ("step", "changes", "channel", "language", "reason"),
    [
        ("report_ready", {}, "email", "en", None),
        ("heads_up", {}, "sms", "en", None),
        ("report_ready", {"reachable": frozenset({"sms"})}, "sms", "en", None),
        ("report_ready", {"suppressed": frozenset({"email"})}, "sms", "en", None),
        ("report_ready", {"reachable": frozenset()}, "email", "en", Reason.NO_ADDRESS),
        ("report_ready", {"reachable": frozenset({"email"}), "suppressed": frozenset({"email"})}, "email", "en",
         Reason.SUPPRESSED),
        ("report_ready", {"language": "es-MX"}, "email", "es", None),
        # English in the place of another language; where a text message has no room for the line about the
        # interpreter, the next channel is tried.
        ("report_ready", {"language": "so"}, "email", "en for so", None),
        ("report_ready", {"language": "hmn"}, "email", "en for hmn", None),
        ("report_ready", {"language": "und"}, "email", "en for und", None),
        ("report_ready", {"language": "so", "reachable": frozenset({"sms"})}, "sms", "en for so", None),
        ("report_ready", {"language": "vi", "reachable": frozenset({"sms"})}, "email", "en for vi",
         Reason.LANGUAGE_NOT_SENDABLE),
        ("heads_up", {"language": "so"}, "sms", "en for so", None),
        ("heads_up", {"language": "vi"}, "email", "en for vi", None),
        ("heads_up", {"language": "vi", "revoked": frozenset({"sms"})}, "sms", "en for vi", Reason.CONSENT_REVOKED),
        # Who said stop on the first channel is not pursued on the next; a stop on the last changes nothing.
        ("report_ready", {"revoked": frozenset({"email"})}, "email", "en", Reason.CONSENT_REVOKED),
        ("report_ready", {"revoked": frozenset({"sms"})}, "email", "en", None),
        ("report_ready", {"revoked": frozenset({"sms"}), "reachable": frozenset({"sms"})}, "email", "en",
         Reason.CONSENT_REVOKED),
    ],
)  # fmt: skip
def test_the_channel(
    step: str, changes: dict[str, Any], channel: str, language: str, reason: Reason | None
) -> None:
    assert told(one(step, replace(ROW, **changes))) == [(10, (1,), channel, language, reason)]


def test_the_family_zone_sets_the_hour() -> None:
    (decision,) = one("report_ready", replace(ROW, zone="America/New_York"))
    assert decision.due_at == datetime(2026, 11, 10, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("audience", "categories", "inside"),
    [
        ({}, set(), True),
        ({"categories": frozenset({"HIGH_NOTYET"})}, {("math", "HIGH_NOTYET")}, True),
        ({"categories": frozenset({"HIGH_NOTYET"})}, {("math", "MATCH_AT")}, False),
        ({"categories": frozenset({"HIGH_NOTYET"})}, set(), False),
        ({"subjects": frozenset({"reading"})}, {("math", "MATCH_AT")}, False),
        (
            {"subjects": frozenset({"reading"}), "categories": frozenset({"HIGH_NOTYET"})},
            {("math", "HIGH_NOTYET"), ("reading", "MATCH_AT")},
            False,
        ),
        ({"grade_levels": (3, 5)}, set(), True),
        ({"grade_levels": (6, 8)}, set(), False),
    ],
)
def test_the_audience(audience: dict[str, Any], categories: set[tuple[str, str]], inside: bool) -> None:
    step = STEPS["tip"]
    chosen = replace(step, audience=replace(step.audience, **audience))
    assert is_in_audience(replace(ROW, categories=frozenset(categories)), chosen) is inside


def test_a_grade_level_that_is_not_known_is_outside_a_range() -> None:
    step = STEPS["tip"]
    chosen = replace(step, audience=replace(step.audience, grade_levels=(0, 12)))
    assert not is_in_audience(replace(ROW, grade_level=None), chosen)

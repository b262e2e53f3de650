"""Rules 13 to 18, one test each, through the doors that families, staff and the campaign use."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from campaign import settings as settings_module
from campaign.access import ENGINE, Principal, Role
from campaign.comparing.explanations import explain
from campaign.database import transaction
from campaign.definitions.definition import load_all
from campaign.documents.family_reports import current_report, write_reports
from campaign.gate import AudienceRow, Defer, LastLook, Reason, Rules, Send, last_look, student_refusal
from campaign.plain_error import NotFound
from campaign.school_year.calendar import SchoolYear, Window
from campaign.school_year.weekly import Weekly
from campaign.store import audience
from campaign.wordings.wording import Sendable
from content.catalog import load
from content.linter import lint
from reports.family.render import pdf
from reports.family.report import FamilyReport
from tests.campaign.compared import NOW, store_comparisons

STEP = load_all()[0].steps["report_ready"]
# Scores with a B in math: close to the line of 1589, and well above it.
CLOSE, ABOVE = 1571.0, 1700.0


@pytest.fixture
def district(engine: Engine) -> Engine:
    """Ana (her score is close to the line) and Bo, each in a class of another teacher, each with a parent."""
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text(
                """
                INSERT INTO district (code, name, time_zone) VALUES ('one', 'One', 'America/Chicago');
                INSERT INTO school (district_id, source_id, name) VALUES (1, 'a', 'Lincoln School');
                INSERT INTO staff_member (district_id, source_id, given_name, family_name)
                VALUES (1, 't1', 'María', 'Ortiz'), (1, 't2', 'Lee', 'Chan');
                INSERT INTO course (district_id, source_id, title) VALUES (1, 'm', 'Math 5');
                INSERT INTO section (district_id, source_id, school_id, course_id, teacher_id)
                VALUES (1, 's1', 1, 1, 1), (1, 's2', 1, 1, 2);
                INSERT INTO student (district_id, school_id, given_name, family_name, grade_level)
                VALUES (1, 1, 'Ana', 'Rivera', 6), (1, 1, 'Bo', 'Tran', 6);
                INSERT INTO enrollment (section_id, student_id) VALUES (1, 1), (2, 2);
                INSERT INTO contact (district_id, source_id, given_name, family_name, written_language, email)
                VALUES (1, 'p1', 'P', 'Rivera', 'en', 'p1@example.org'), (1, 'p2', 'Q', 'Tran', 'en', 'p2@example.org');
                INSERT INTO student_contact (student_id, contact_id, relation, may_receive)
                VALUES (1, 1, 'mother', true), (2, 2, 'mother', true)
                """
            )
        )
        store_comparisons(connection, {1: CLOSE, 2: ABOVE})
    return engine


def report(engine: Engine, home: Path, student: int = 1, days: int = 0) -> FamilyReport:
    """Write all reports and give back the current one of this student, in English."""
    write_reports(
        engine,
        district_id=1,
        catalog=load(),
        settings=settings_module.load(environment={"GBG_HOME": str(home / "home")}),
        out=home / "reports",
        now=NOW + timedelta(days=days),
    )
    with transaction(engine, ENGINE) as connection:
        found = current_report(connection, student, "en")
    assert found is not None
    return found


RANKED_OR_CONVERTED = (
    "grade equivalent",
    "class rank",
    "percentile",
    "percent correct",
    "sister",
    "brother",
    "classmate",
    "will fail",
    "lexile",
)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Ana has a grade equivalent of 4.2."),
        ("en", "Her class rank is 12."),
        ("en", "Ana did better than her brother."),
        ("en", "Ana will repeat the grade."),
        ("en", "Ana got 72 percent correct."),
        ("en", "42nd percentile"),
        ("es", "Ana tiene un equivalente de grado de 4.2."),
        ("es", "Es la número 12 en el rango de la clase."),
        ("es", "Ana va mejor que su hermano."),
        ("es", "Ana va a repetir el grado."),
        ("es", "Ana tuvo 72 por ciento de aciertos."),
    ],
)
def test_rule_13_what_ranks_or_predicts_does_not_pass_the_linter(language: str, sentence: str) -> None:
    findings = lint(sentence, language)
    assert findings
    assert all(finding.remedy for finding in findings)


def test_rule_13_nothing_that_ranks_or_predicts_is_printed(district: Engine, tmp_path: Path) -> None:
    printed = json.dumps(report(district, tmp_path).to_json(), ensure_ascii=False).lower()
    assert [words for words in RANKED_OR_CONVERTED if words in printed] == []
    assert lint(printed, "en") == []


def test_rule_14_every_sentence_leads_to_what_it_rests_on(district: Engine, tmp_path: Path) -> None:
    printed = report(district, tmp_path)
    with transaction(district, ENGINE) as connection:
        why = explain(connection, "id:1", "math", load())
        kept = connection.execute(
            text("SELECT rules, explanation FROM comparison WHERE student_id = 1 AND superseded_at IS NULL")
        ).one()
    assert why.sentence == printed.subjects[0].sentence
    assert kept.rules
    (test,) = kept.explanation["tests"]
    assert (kept.explanation["mark"]["id"], test["id"]) == (1, 1)
    assert (test["cut"], test["error"], test["floor_level"]) == (1589.0, 33.0, "3")
    assert set(kept.explanation["versions"]) >= {"rules", "grade_scales"}
    assert set(kept.explanation["policy"]) >= {"certainty", "expiry_days"}


def test_rule_14_two_renders_are_the_same_bytes(district: Engine, tmp_path: Path) -> None:
    first, second = (report(district, tmp_path, days=days) for days in (0, 3))
    assert pdf([first]) == pdf([second])


def test_rule_15_a_changed_result_is_a_new_version_that_says_so(district: Engine, tmp_path: Path) -> None:
    before = report(district, tmp_path)
    with transaction(district, ENGINE) as connection:
        store_comparisons(connection, {1: ABOVE})
    after = report(district, tmp_path, days=1)
    assert (before.version, before.notice) == (1, "")
    assert (after.number, after.version) == (before.number, 2)
    assert after.notice
    with transaction(district, ENGINE) as connection:
        kept = connection.execute(
            text("SELECT version, superseded_at IS NULL FROM report WHERE student_id = 1 ORDER BY version")
        ).all()
    assert [tuple(row) for row in kept] == [(1, False), (2, True)]


@pytest.mark.parametrize(
    ("points", "corrected", "entered", "told_again"),
    [
        (ABOVE, True, False, True),
        (CLOSE, True, True, False),
        (ABOVE, False, False, False),
        (ABOVE, False, True, True),
    ],
    ids=["corrected", "same category", "not known to be a correction", "the district says so"],
)
def test_rule_15_a_correction_is_for_those_whose_category_changed(
    district: Engine, tmp_path: Path, points: float, *, corrected: bool, entered: bool, told_again: bool
) -> None:
    """Both families were told of a report an hour after the first comparison; only Ana's score is revised.

    Who hears of it: those whose report corrects another, or where the district has entered a correction day.
    """
    report(district, tmp_path)
    with transaction(district, ENGINE) as connection:
        for statement in _TOLD:
            connection.execute(text(statement), {"told": NOW + timedelta(hours=1)})
        store_comparisons(connection, {1: points})
        connection.execute(
            text("UPDATE comparison SET computed_at = :later WHERE version > 1"),
            {"later": NOW + timedelta(days=1)},
        )
        if entered:
            connection.execute(text("INSERT INTO calendar_day VALUES (1, '2026-11-04', 'correction', NULL)"))
    if corrected:
        report(district, tmp_path, days=1)
    with transaction(district, ENGINE) as connection:
        rows = audience.rows(
            connection, [1, 2], slug="c", zone="America/Chicago", report_templates=["report_ready"]
        )
    assert {row.student_id: row.outdated for row in rows} == {1: told_again, 2: False}


_TOLD = (
    "INSERT INTO campaign (district_id, slug, title) VALUES (1, 'c', 'C')",
    """
    INSERT INTO campaign_revision (campaign_id, district_id, content_hash, definition, created_at)
    VALUES (1, 1, 'x', '{}', :told)
    """,
    """
    INSERT INTO occurrence (campaign_revision_id, campaign_id, district_id, step, day, due_at, expires_at)
    VALUES (1, 1, 1, 'report_ready', '2026-11-02', :told, :told)
    """,
    """
    INSERT INTO message (public_id, district_id, campaign_id, occurrence_id, step, contact_id, student_ids, household,
                         channel, language, template, template_version, template_hash, dedupe_key, state, due_at,
                         expires_at, planned_at, finished_at)
    SELECT c.id::text, 1, 1, 1, 'report_ready', c.id, ARRAY[c.id], 'h', 'email', 'en', 'report_ready', 1, 'x',
           c.id::text, 'accepted', :told, :told, :told, :told
    FROM contact c
    """,
)


ROW = AudienceRow(
    student_id=1,
    contact_id=10,
    household="home",
    relation="mother",
    may_receive=True,
    court_restriction=False,
    confidential=False,
    withdrawn=False,
    birth_date=date(2016, 5, 4),
    grade_level=5,
    language="en",
    zone="America/Chicago",
    reachable=frozenset({"email"}),
    suppressed=frozenset(),
    revoked=frozenset(),
    has_report=True,
    categories=frozenset({("math", "HIGH_NOTYET")}),
    preview_since=datetime(2026, 11, 2, 15, tzinfo=UTC),
)


def looked_at(row: AudienceRow, now: datetime, preview_days: int = 5) -> object:
    rules = Rules(
        year=SchoolYear.of([]),
        window=Window.of("09:00", "19:30"),
        household_cap=3,
        household_cap_days=7,
        teacher_preview_days=preview_days,
        channels=frozenset({"email"}),
        sendable=Sendable(texts=frozenset({(STEP.message, "email", "en")}), room={}),
        weekly=Weekly.of("thursday", "17:30"),
    )
    look = LastLook(STEP, "email", now + timedelta(days=30), False, [row], [], now)
    return last_look(look, rules, now)


def test_rule_16_teachers_have_five_school_days_before_families_read() -> None:
    """A comparison of Monday 2 November is the teachers' until Tuesday the 10th."""
    monday, tuesday = (datetime(2026, 11, day, 16, tzinfo=UTC) for day in (9, 10))
    waiting = looked_at(ROW, monday)
    assert isinstance(waiting, Defer)
    assert waiting.reason is Reason.TEACHER_PREVIEW
    assert isinstance(looked_at(ROW, tuesday), Send)
    assert isinstance(looked_at(replace(ROW, preview_since=None), monday), Send)


@pytest.mark.parametrize(
    ("born", "relation", "reason"),
    [
        (date(2008, 11, 2), "mother", Reason.ADULT_STUDENT),
        (date(2008, 11, 2), "self", None),
        (date(2008, 11, 3), "mother", None),
        (None, "mother", None),
    ],
)
def test_rule_17_a_student_of_age_is_the_one_written_to(
    born: date | None, relation: str, reason: Reason | None
) -> None:
    row = replace(ROW, birth_date=born, relation=relation)
    assert student_refusal(row, STEP, datetime(2026, 11, 2, 18, tzinfo=UTC)) is reason


def test_rule_18_a_family_reads_of_its_own_child_alone(district: Engine, tmp_path: Path) -> None:
    printed = json.dumps(report(district, tmp_path).to_json(), ensure_ascii=False)
    assert "Ana" in printed
    assert not any(word in printed for word in ("Bo", "Tran", "1700"))
    with transaction(district, Principal(Role.FAMILY, student_id=1)) as connection:
        assert current_report(connection, 1, "en") is not None
        assert current_report(connection, 2, "en") is None


def test_rule_18_a_teacher_sees_the_own_roster_alone(district: Engine) -> None:
    with transaction(
        district, Principal(Role.TEACHER, district_id=1, school_ids=(1,), staff_member_id=1)
    ) as connection:
        assert explain(connection, "id:1", "math", load()).sentence
        with pytest.raises(NotFound):
            explain(connection, "id:2", "math", load())

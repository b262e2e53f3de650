"""Reports from stored comparisons: versions, languages, files, and what must never stand in them."""

import json
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from sqlalchemy import Engine, text

from campaign import settings as settings_module
from campaign.access import ENGINE, Principal, Role
from campaign.database import transaction
from campaign.documents.family_reports import ReportSummary, current_report, write_reports
from campaign.documents.report_selection import NotFound, select
from campaign.settings import Settings
from content.catalog import load
from reports.family.report import FamilyReport
from tests.campaign.compared import NOW, store_comparisons
from tests.campaign.families import allow_drafts


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_module.load(environment={"GBG_HOME": str(tmp_path / "home")})


@pytest.fixture
def district(engine: Engine) -> Engine:
    """Ana (one adult reads Spanish, one English), Bo (Vietnamese), Cy (opted out of the test), Di (withdrawn).

    Spanish drafts may go out.
    """
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text(
                """
                INSERT INTO district (code, name, time_zone) VALUES ('one', 'One', 'America/Chicago');
                INSERT INTO school (district_id, source_id, name, phone) VALUES (1, 'a', 'Lincoln School', '555-0134');
                INSERT INTO staff_member (district_id, source_id, given_name, family_name, email)
                VALUES (1, 't', 'María', 'Ortiz', 'ortiz@school.example');
                INSERT INTO student (district_id, school_id, given_name, family_name, grade_level, withdrawn)
                VALUES (1, 1, 'Ana', 'Rivera', 6, false), (1, 1, 'Bo', 'Tran', 6, false),
                       (1, 1, 'Cy', 'Young', 6, false), (1, 1, 'Di', 'Gone', 6, true);
                INSERT INTO contact (district_id, source_id, given_name, family_name, written_language)
                VALUES (1, 'p1', 'P', 'Rivera', 'es'), (1, 'p2', 'Q', 'Rivera', 'en'), (1, 'p3', 'R', 'Tran', 'vi'),
                       (1, 'p4', 'S', 'Rivera', 'so');
                INSERT INTO student_contact (student_id, contact_id, relation, may_receive, court_restriction)
                VALUES (1, 1, 'mother', true, false), (1, 2, 'father', true, false), (2, 3, 'mother', true, false),
                       (1, 4, 'uncle', true, true);
                INSERT INTO mark (district_id, student_id, source_key, teacher_id, subject, mark, scale, school_year)
                VALUES (1, 1, 'm1', 1, 'math', 'B', 'letter', 2026);
                INSERT INTO calendar_day VALUES (1, '2026-11-12', 'conference', 'Conferences')
                """
            )
        )
        store_comparisons(connection, {1: 1571.0, 2: 1700.0, 3: None, 4: 1700.0})
        allow_drafts(connection, 1, "es")
    return engine


def run(
    engine: Engine, settings: Settings, out: Path, *, days: int = 0, force: bool = False
) -> ReportSummary:
    return write_reports(
        engine,
        district_id=1,
        catalog=load(),
        settings=settings,
        out=out,
        now=NOW + timedelta(days=days),
        force=force,
    )


def read(engine: Engine, student: int, language: str) -> FamilyReport:
    with transaction(engine, ENGINE) as connection:
        found = current_report(connection, student, language)
    assert found is not None
    return found


def test_each_family_gets_its_languages(district: Engine, settings: Settings, tmp_path: Path) -> None:
    summary = run(district, settings, tmp_path / "out")
    assert summary.students == 3
    assert (summary.reports_written, summary.files_written, summary.failed) == (4, 4, [])
    assert summary.files_by_language == {"en": 3, "es": 1}
    ana = read(district, 1, "es")
    assert ana.subjects[0].category == "HIGH_CLOSE"
    assert "María Ortiz" in " ".join(ana.reach)
    assert "ortiz@school.example" in " ".join(ana.reach)
    assert "555-0134" in " ".join(ana.reach)
    assert "12 de noviembre de 2026" in ana.steps[0]


def test_a_family_whose_language_is_not_offered_reads_of_the_interpreter(
    district: Engine, settings: Settings, tmp_path: Path
) -> None:
    run(district, settings, tmp_path)
    assert read(district, 2, "en").interpreter_line == load().interpreter_line("vi")
    assert read(district, 1, "en").interpreter_line == "", "the adult who may not receive does not count"


def test_drafts_stay_at_home_unless_allowed(district: Engine, settings: Settings, tmp_path: Path) -> None:
    with transaction(district, ENGINE) as connection:
        connection.execute(text("DELETE FROM draft_permission"))
    summary = run(district, settings, tmp_path)
    assert summary.files_by_language == {"en": 3}
    assert read(district, 1, "en").interpreter_line == load().interpreter_line("es")


def test_both_sides_of_a_sheet_agree(district: Engine, settings: Settings, tmp_path: Path) -> None:
    run(district, settings, tmp_path)
    home, english = read(district, 1, "es"), read(district, 1, "en")
    assert (home.number, home.version, home.issued_on) == (english.number, english.version, english.issued_on)
    (sheet,) = tmp_path.glob(f"{home.number}-1-es-*.pdf")
    with pikepdf.open(sheet) as file:
        assert len(file.pages) == 2


def test_a_second_run_changes_nothing(district: Engine, settings: Settings, tmp_path: Path) -> None:
    run(district, settings, tmp_path)
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    again = run(district, settings, tmp_path, days=3)
    assert (again.reports_written, again.reports_unchanged, again.files_written) == (0, 4, 0)
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before
    assert run(district, settings, tmp_path, force=True).files_written == 4


def test_a_stopped_run_goes_on(district: Engine, settings: Settings, tmp_path: Path) -> None:
    run(district, settings, tmp_path)
    lost = sorted(tmp_path.glob("*.pdf"))[0]
    content = lost.read_bytes()
    lost.unlink()
    again = run(district, settings, tmp_path)
    assert (again.reports_written, again.files_written, again.files_unchanged) == (0, 0, 3)
    assert again.files_taken == 1, "what an earlier run drew is not drawn again"
    assert lost.read_bytes() == content


def test_a_changed_fact_makes_a_new_version(district: Engine, settings: Settings, tmp_path: Path) -> None:
    run(district, settings, tmp_path)
    first = read(district, 1, "en")
    with transaction(district, ENGINE) as connection:
        store_comparisons(connection, {1: 1700.0})
    summary = run(district, settings, tmp_path, days=1)
    second = read(district, 1, "en")
    assert summary.reports_written == 2
    assert (second.number, second.version) == (first.number, 2)
    assert second.subjects[0].category == "MATCH_AT"
    assert second.notice
    files = sorted(path.name.rpartition("-")[0] for path in tmp_path.glob(f"{first.number}*"))
    assert files == [f"{first.number}-2-en", f"{first.number}-2-es"]
    with transaction(district, ENGINE) as connection:
        kept = connection.execute(
            text(
                "SELECT version, superseded_at IS NULL FROM report WHERE student_id = 1 ORDER BY version, language"
            )
        ).all()
    assert [tuple(row) for row in kept] == [(1, False), (1, False), (2, True), (2, True)]


def test_a_family_reads_no_probability_and_no_reason_for_a_missing_test(
    district: Engine, settings: Settings, tmp_path: Path
) -> None:
    run(district, settings, tmp_path)
    cy = read(district, 3, "en")
    assert cy.subjects[0].category == "NOT_ENOUGH"
    for student, language in [(1, "en"), (1, "es"), (2, "en"), (3, "en")]:
        words = json.dumps(read(district, student, language).to_json()).lower()
        assert not any(word in words for word in ("opt", "probability", "refus", "absent", "0.29"))


def test_a_family_link_reaches_its_own_report_only(
    district: Engine, settings: Settings, tmp_path: Path
) -> None:
    run(district, settings, tmp_path)
    with transaction(district, Principal(Role.FAMILY, student_id=1)) as connection:
        assert current_report(connection, 1, "es") is not None
        assert current_report(connection, 2, "en") is None


def test_progress_counts_every_student(district: Engine, settings: Settings, tmp_path: Path) -> None:
    done: list[int] = []
    write_reports(
        district,
        district_id=1,
        catalog=load(),
        settings=settings,
        out=tmp_path,
        now=NOW,
        progress=done.append,
        student_id=2,
    )
    assert sum(done) == 1
    assert len(list(tmp_path.glob("*.pdf"))) == 1


def test_a_report_that_cannot_be_drawn_is_named_and_the_others_are_there(
    district: Engine, settings: Settings, tmp_path: Path
) -> None:
    with transaction(district, ENGINE) as connection:
        connection.execute(text("UPDATE student SET family_name = :name WHERE id = 3"), {"name": "\u0378"})
    summary = run(district, settings, tmp_path)
    assert (summary.files_written, len(summary.failed)) == (3, 1)
    assert read(district, 3, "en").number in summary.failed[0]
    assert "Not drawn" in str(summary)
    assert len(list(tmp_path.glob("*.pdf"))) == 3


def test_what_to_report_on_is_found_by_code_and_identifier(district: Engine) -> None:
    with transaction(district, ENGINE) as connection:
        connection.execute(text("INSERT INTO student_identifier VALUES (1, 'local', 'S-7', 1)"))
    assert select(district, None, None).students == 3
    assert select(district, "one", None).district_ids == (1,)
    assert select(district, None, "S-7").student_id == 1
    for code, student in (("two", None), (None, "nobody")):
        with pytest.raises(NotFound):
            select(district, code, student)


def test_without_comparisons_there_is_nothing_to_report_on(engine: Engine) -> None:
    with pytest.raises(NotFound, match="comparison"):
        select(engine, None, None)


def test_days_missed_programmes_and_the_line_on_grades_are_printed(
    district: Engine, settings: Settings, tmp_path: Path
) -> None:
    with transaction(district, ENGINE) as connection:
        connection.execute(
            text(
                """
                INSERT INTO attendance (student_id, school_year, days_absent, counted_from, as_of, source)
                VALUES (1, 2027, 7.5, '2026-08-18', '2026-10-30', 'made-up'),
                       (2, 2027, 3, '2026-08-18', '2026-09-01', 'made-up'),
                       (3, 2027, 4, NULL, '2026-10-30', 'made-up');
                INSERT INTO programme (district_id, title, details, subjects, lowest_grade, highest_grade, starts_on,
                                       ends_on, free, bus, contact)
                VALUES (1, '{"en": "Late Club"}', '{"en": "Mondays."}', '{math}', 4, 6, '2027-01-04', NULL, true,
                        true, ''),
                       (1, '{"en": "Math Club", "es": "Club"}', '{"en": "Mondays.", "es": "Lunes."}', '{math}', 4, 6,
                        '2026-11-10', NULL, true, false, '555-0199'),
                       (1, '{"en": "Old Club"}', '{"en": "Gone."}', '{math}', 4, 6, NULL, '2026-10-01', true, true, ''),
                       (1, '{"en": "Big Club"}', '{"en": "Gone."}', '{math}', 7, 9, NULL, NULL, true, true, '');
                INSERT INTO grading_policy (district_id, school_id, line)
                VALUES (1, NULL, '{"en": "No zeros."}'), (1, 1, '{"en": "Tests can be taken again."}')
                """
            )
        )
    run(district, settings, tmp_path)
    ana, home = read(district, 1, "en"), read(district, 1, "es")
    assert ana.attendance is not None
    assert (ana.attendance.says, ana.attendance.when) == ("7.5 days", "Since August 18, 2026")
    assert read(district, 2, "en").attendance is None, "known until too long ago"
    assert read(district, 3, "en").attendance is None, "a sum without its days"
    assert ana.programme is not None
    assert (ana.programme.title, ana.programme.details) == ("Math Club", "Mondays.")
    assert ana.programme.says == ("Starts November 10, 2026.", "It is free.", "Sign up: 555-0199.")
    assert home.programme is not None
    assert (home.programme.title, home.programme.language) == ("Club", "es")
    assert ana.policy is not None
    assert ana.policy.text == "Tests can be taken again."
    assert home.policy is not None
    assert home.policy.language == "en", "a line that the district has in English alone"


def test_what_a_grade_means_is_printed_where_enough_students_had_it(
    district: Engine, settings: Settings, tmp_path: Path
) -> None:
    """150 students had a B in the course last year, 60 of them met grade level."""
    run(district, settings, tmp_path)
    assert read(district, 1, "en").subjects[0].norm == ""
    with transaction(district, ENGINE) as connection:
        connection.execute(text(_LAST_YEAR))
    run(district, settings, tmp_path, days=1)
    block = read(district, 1, "en").subjects[0]
    assert block.norm_title == "What a B means here"
    assert "About 4 in 10 of them met grade level." in block.norm
    assert "not a guess about Ana" in block.norm


_LAST_YEAR = """
    INSERT INTO student (district_id, school_id, given_name, family_name, grade_level)
    SELECT 1, 1, 'S', 'S', 6 FROM generate_series(1, 150);
    INSERT INTO assessment (district_id, key, family, title, version, kind, subject, grade_level, levels,
                            floor_level, cut)
    VALUES (1, 'k', 'State', 'State Test', '2026', 'summative', 'math', 5, '[{"code": "L"}, {"code": "H"}]', 'H', 500);
    INSERT INTO mark (district_id, student_id, source_key, course_title, subject, grade_level, school_year, is_final,
                      mark, scale, period_ends_on)
    SELECT 1, id, ('n' || id)::bytea, 'Math 5', 'math', 5, 2026, true, 'B', 'letter', '2026-05-28'
    FROM student WHERE given_name = 'S';
    INSERT INTO score (district_id, student_id, assessment_id, source_key, administered_on, school_year, scale_score,
                       status)
    SELECT 1, id, 1, ('s' || id)::bytea, '2026-04-20', 2026, CASE WHEN id % 5 < 2 THEN 510 ELSE 490 END, 'valid'
    FROM student WHERE given_name = 'S'
"""

"""Attendance in days: what is counted, and what is too doubtful to be kept."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from campaign.access import ENGINE, Principal, Role
from campaign.database import transaction
from campaign.store.attendance import AttendanceDays, days
from tests.campaign.intake.importing import bring, rows
from tests.campaign.intake.packages import small_district, write_package

TOTALS = "Student Number,School Year,Days Enrolled,Days Absent,As Of Date\n"
DAYS = "Student Number,Attendance Date,Attendance Code\n"
EVENTS = """<InterchangeStudentAttendance xmlns="http://ed-fi.org/5.2.0">{}</InterchangeStudentAttendance>"""
EVENT = """<StudentSchoolAttendanceEvent><StudentReference><StudentIdentity><StudentUniqueId>{}</StudentUniqueId>
</StudentIdentity></StudentReference><EventDate>{}</EventDate>
<AttendanceEventCategory>uri://ed-fi.org/AttendanceEventCategoryDescriptor#{}</AttendanceEventCategory>
{}</StudentSchoolAttendanceEvent>"""


@pytest.fixture
def lake(engine: Engine, tmp_path: Path) -> Path:
    """A folder for tables, with students L1, L2, L3 in the register."""
    bring(engine, write_package(tmp_path / "roster", small_district(3)))
    folder = tmp_path / "tables"
    folder.mkdir()
    return folder


def known(engine: Engine, local_id: str, year: int = 2027) -> AttendanceDays | None:
    found = "SELECT student_id FROM student_identifier WHERE system = 'local' AND value = :value"
    with transaction(engine, ENGINE) as connection:
        return days(connection, int(connection.scalar(text(found), {"value": local_id}) or 0), year)


def write(folder: Path, content: str, name: str = "attendance.csv") -> Path:
    (folder / name).write_text(content, encoding="utf-8")
    return folder / name


def problems(engine: Engine) -> list[tuple[object, ...]]:
    return rows(engine, "SELECT line, code FROM refused_row ORDER BY 1, 2")


def test_totals_of_a_year(engine: Engine, lake: Path) -> None:
    content = TOTALS + "L1,2026-27,45,3.5,2026-10-30\nL2,2027,45,0,2026-10-30\n"
    summary = bring(engine, write(lake, content))
    assert (summary.failed, summary.refused, summary.files[0].format) == ([], 0, "attendance in totals")
    assert known(engine, "L1") == AttendanceDays(45, 41.5, 3.5, None, date(2026, 10, 30), "table of totals")
    assert known(engine, "L1", 2026) is None
    again = bring(engine, lake)
    assert again.unchanged == again.accepted == 2


def test_days_present_give_days_absent(engine: Engine, lake: Path) -> None:
    bring(engine, write(lake, "State ID,School Year,Days Enrolled,Days Present\nST1,2027,45,40\n"))
    found = known(engine, "L1")
    assert found is not None
    assert (found.present, found.absent) == (40, 5)


def test_a_list_of_absences_counts_each_day_once_and_knows_no_days_enrolled(
    engine: Engine, lake: Path
) -> None:
    content = DAYS + (
        "L2,2026-09-01,Tardy\nL1,2026-09-07,Unexcused Absence\nL1,2026-09-07,Excused\nL1,2026-09-08,Half Day\n"
        "L1,2026-09-09,tardy\n"
    )
    bring(engine, write(lake, content))
    since, as_of = date(2026, 9, 1), date(2026, 9, 9)
    assert known(engine, "L1") == AttendanceDays(None, None, 1.5, since, as_of, "table of days")
    assert known(engine, "L2") == AttendanceDays(None, None, 0, since, as_of, "table of days")
    assert known(engine, "L3") is None


def test_a_list_with_the_days_in_school_knows_days_enrolled(engine: Engine, lake: Path) -> None:
    bring(engine, write(lake, DAYS + "L1,2026-09-01,P\nL1,2026-09-02,A\nL1,2026-09-03,T\n"))
    found = known(engine, "L1")
    assert found is not None
    assert (found.enrolled, found.present, found.absent) == (3, 2, 1)


def test_events_of_ed_fi(engine: Engine, tmp_path: Path) -> None:
    student = (
        "<Student><StudentUniqueId>9</StudentUniqueId><Name><FirstName>A</FirstName><LastSurname>B</LastSurname></Name>"
        "</Student>"
    )
    agency = (
        "<LocalEducationAgency><LocalEducationAgencyId>7</LocalEducationAgencyId><NameOfInstitution>Lake"
        "</NameOfInstitution></LocalEducationAgency>"
    )
    folder = tmp_path / "edfi"
    folder.mkdir()
    events = (
        EVENT.format(9, "2026-09-01", "Excused Absence", ""),
        EVENT.format(9, "2026-09-02", "Unexcused Absence", "<EventDuration>0.5</EventDuration>"),
        EVENT.format(9, "2026-09-03", "Tardy", ""),
        EVENT.format(404, "2026-09-03", "Tardy", ""),
    )
    write(folder, EVENTS.format(agency + student + "".join(events)), "attendance.xml")
    summary = bring(engine, folder)
    assert (summary.failed, summary.rows_in, summary.refused) == ([], 6, 1)
    assert rows(engine, "SELECT school_year, days_absent, days_enrolled, source FROM attendance") == [
        (2027, 1.5, None, "ed-fi")
    ]


def test_a_mapped_table(engine: Engine, lake: Path) -> None:
    write(
        lake,
        '[mapping]\nkind = "attendance"\ndate_order = "mdy"\n[mapping.columns]\nstudent_local_id = "No"\nday = "When"\n'
        'code = "What"\n',
        "days.toml",
    )
    summary = bring(engine, write(lake, "No,When,What\nL1,9/8/2026,absent\n"), lake / "days.toml")
    assert [file.status for file in summary.files] == ["not_needed", "done"]
    assert known(engine, "L1") == AttendanceDays(
        None, None, 1, date(2026, 9, 8), date(2026, 9, 8), "table of days"
    )


IMPOSSIBLE = {
    # what is wrong: the table, and the codes by line
    "more absent than enrolled": (TOTALS + "L1,2027,45,46,\n", [(2, "attendance_impossible")]),
    "below zero": (TOTALS + "L1,2027,45,-1,\n", [(2, "number_out_of_range")]),
    "more days than a year has": (TOTALS + "L1,2027,400,1,\n", [(2, "number_out_of_range")]),
    "no number": (TOTALS + "L1,2027,45,some,\n", [(2, "unreadable_number")]),
    "a decimal comma": (TOTALS + 'L1,2027,45,"3,5",\n', [(2, "unreadable_number")]),
    "neither absent nor present": (TOTALS + "L1,2027,45,,\n", [(2, "missing_value")]),
    "no year": (TOTALS + "L1,,45,1,\n", [(2, "missing_value")]),
    "nobody": (TOTALS + "L9,2027,45,1,\n", [(2, "unknown_student")]),
    "present and absent do not add up": (
        "Student Number,School Year,Days Enrolled,Days Absent,Days Present\nL1,2027,45,5,39\n",
        [(2, "attendance_impossible")],
    ),
    "two rows that disagree": (
        TOTALS + "L1,2027,45,1,\nL2,2027,45,1,\nL1,2027,45,9,\n",
        [(2, "attendance_in_doubt"), (4, "attendance_in_doubt")],
    ),
    "a day absent and not absent": (
        DAYS + "L1,2026-09-01,A\nL1,2026-09-02,A\nL1,2026-09-02,P\nL2,2026-09-02,P\n",
        [(2, "attendance_in_doubt"), (3, "attendance_in_doubt"), (4, "attendance_in_doubt")],
    ),
    "a code nobody knows": (
        DAYS + "L1,2026-09-01,A\nL1,2026-09-02,ZZ\nL2,2026-09-02,P\n",
        [(2, "attendance_in_doubt"), (3, "unknown_attendance_code")],
    ),
    "a day that can be two days": (DAYS + "L1,5/6/2026,A\n", [(2, "ambiguous_date")]),
}


@pytest.mark.parametrize("oddity", IMPOSSIBLE)
def test_what_is_doubtful_is_refused_and_counted_for_nobody(engine: Engine, lake: Path, oddity: str) -> None:
    content, told = IMPOSSIBLE[oddity]
    assert bring(engine, write(lake, content)).failed == []
    assert problems(engine) == told
    assert known(engine, "L1") is None


def test_a_newer_count_replaces_an_older_one_and_never_the_other_way(engine: Engine, lake: Path) -> None:
    for as_of, absent in (("2026-10-01", 1), ("2026-11-01", 4), ("2026-10-15", 2)):
        bring(engine, write(lake, f"{TOTALS}L1,2027,45,{absent},{as_of}\n"))
    found = known(engine, "L1")
    assert found is not None
    assert (found.absent, found.as_of) == (4, date(2026, 11, 1))


def test_days_that_begin_later_than_those_known_do_not_make_a_year(engine: Engine, lake: Path) -> None:
    bring(engine, write(lake, DAYS + "L1,2026-09-01,A\nL1,2026-09-02,A\n"))
    bring(engine, write(lake, DAYS + "L1,2026-10-01,A\n"))
    assert problems(engine) == [(2, "attendance_partial")]
    found = known(engine, "L1")
    assert found is not None
    assert found.absent == 2


def test_two_sources_that_disagree_about_the_same_day_do_not_overwrite_each_other(
    engine: Engine, lake: Path
) -> None:
    bring(engine, write(lake, TOTALS + "L1,2027,45,3,2026-09-02\n"))
    bring(engine, write(lake, DAYS + "L1,2026-09-01,A\nL1,2026-09-02,A\n"))
    assert problems(engine)[-1] == (3, "attendance_in_doubt")
    found = known(engine, "L1")
    assert found is not None
    assert (found.absent, found.source) == (3, "table of totals")


def test_families_have_no_right_on_it_and_schools_see_their_own(engine: Engine, lake: Path) -> None:
    bring(engine, write(lake, TOTALS + "L1,2027,45,3,2026-09-02\n"))
    with transaction(engine, Principal(Role.SCHOOL, district_id=1, school_ids=(99,))) as connection:
        assert connection.scalar(text("SELECT count(*) FROM attendance")) == 0
    with transaction(engine, Principal(Role.DISTRICT, district_id=1)) as connection:
        assert connection.scalar(text("SELECT count(*) FROM attendance")) == 1


CELL = st.one_of(
    st.sampled_from(["L1", "L2", "2027", "45", "3", "A", "P", "2026-09-01", ""]), st.text(max_size=6)
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.lists(st.lists(CELL, min_size=1, max_size=6), max_size=6),
    columns=st.permutations(["Student Number", "School Year", "Days Enrolled", "Days Absent", "Attendance Date",
                             "Attendance Code"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
)  # fmt: skip
def test_any_table_is_accepted_or_refused_row_by_row(
    engine: Engine,
    tmp_path_factory: pytest.TempPathFactory,
    body: list[list[str]],
    columns: list[str],
    encoding: str,
) -> None:
    """`bring` checks for each file that rows in = accepted + refused."""
    file = tmp_path_factory.mktemp("any") / "table.csv"
    if not rows(engine, "SELECT 1 FROM district"):
        bring(engine, write_package(file.parent / "roster", small_district(2)))
    lines = [",".join(columns), *(",".join(row) for row in body + body[:1])]
    file.write_bytes("\n".join(lines).encode(encoding, errors="replace"))
    bring(engine, file)

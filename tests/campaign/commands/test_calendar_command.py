"""`gbg calendar`: a year in from iCalendar, out again, zones, and booked talks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from sqlalchemy import Engine

from tests.campaign.commands.test_translations_command import SCRIPT
from tests.campaign.web.family_visits import value
from tests.web_pages import small_district

DAYS = (
    "SELECT string_agg(day || ' ' || kind || coalesce(' ' || title, ''), '; ' ORDER BY day, kind) "
    "FROM calendar_day WHERE district_id = 1"
)
ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:x
BEGIN:VEVENT
DTSTART;VALUE=DATE:20261126
DTEND;VALUE=DATE:20261128
SUMMARY:Thanksgiving Break
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20261110
SUMMARY:Report Cards
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20261112
SUMMARY:Bake sale
END:VEVENT
END:VCALENDAR
"""


def gbg(database_url: str, home: Path, *commands: list[str]) -> list[str]:
    environment = os.environ | {"DATABASE_URL": database_url, "GBG_HOME": str(home)}
    process = [sys.executable, "-c", SCRIPT]
    answer = subprocess.run(
        process, input=json.dumps(commands), env=environment, capture_output=True, text=True, check=True
    )
    return list(json.loads(answer.stdout))


def test_a_year_comes_in_goes_out_and_is_counted_in_its_zones(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    small_district(engine)
    year, table, again = tmp_path / "year.ics", tmp_path / "year.csv", tmp_path / "again.ics"
    year.write_text(ICS)
    talks = tmp_path / "talks.csv"
    talks.write_text("student,day\n1001,2099-11-24\n9999,2099-11-24\n")
    of = ["--district", "maple"]
    said = gbg(
        database_url,
        tmp_path,
        ["calendar", "import", str(year), *of],
        ["calendar", "export", str(table), *of],
        ["calendar", "import", str(table), *of],
        ["calendar", "export", str(again), *of],
        ["calendar", "import", str(again), *of],
        ["calendar", "zone", "America/Denver", *of],
        ["calendar", "zone", "America/Phoenix", "--school", "b", *of],
        ["calendar", "zone", "Mars", *of],
        ["calendar", "zone", "America/Phoenix", "--school", "zz", *of],
        ["calendar", "bookings", str(talks), *of],
    )
    assert said[0].startswith("3 days are now the calendar of maple.")
    assert "left out, for its words name no kind of day: Bake sale" in said[0]
    assert "look at this, 2026–2027: no day of the kind “Conferences”" in said[0]
    assert said[1] == f"3 days of maple are in {table}.\n"
    assert [lines.splitlines()[0] for lines in (said[2], said[4])] == [
        "3 days are now the calendar of maple."
    ] * 2
    assert value(engine, DAYS) == (
        "2026-11-10 report_card Report Cards; 2026-11-26 holiday Thanksgiving Break; "
        "2026-11-27 holiday Thanksgiving Break"
    )
    assert value(engine, "SELECT time_zone FROM district WHERE id = 1") == "America/Denver"
    assert value(engine, "SELECT string_agg(coalesce(time_zone, '-'), ' ' ORDER BY id) FROM school") == (
        "- America/Phoenix -"
    )
    assert "'Mars' is not known; write one such as America/Denver" in said[7]
    assert "maple has no school 'zz'" in said[8]
    assert said[9] == (
        "1 talks are new, 0 were known, 0 are booked no more.\n  look at this: lines of no known student: 3\n"
    )
    assert value(engine, "SELECT kind || ' ' || on_day FROM student_event") == "booking 2099-11-24"

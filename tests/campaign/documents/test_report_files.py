"""Files of reports: a sheet a home with a link of its own, drawn once for all folders, gone with its report."""

from __future__ import annotations

import io
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from sqlalchemy import Engine, text

from campaign import links
from campaign import settings as settings_module
from campaign.access import ENGINE
from campaign.database import transaction
from campaign.documents import drawn, report_files
from campaign.documents.family_reports import ReportSummary, write_reports
from campaign.settings import Settings
from content.catalog import load
from tests.campaign.compared import NOW, store_comparisons

BASE = "https://families.example.org"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    shipped = settings_module.load(environment={"GBG_HOME": str(tmp_path / "home")})
    return replace(shipped, installation=replace(shipped.installation, base_url=BASE))


@pytest.fixture
def district(engine: Engine) -> Engine:
    """Ana: her mother and grandmother at one address, her father at another. Bo: nobody may receive. Cy: a father
    whose address is confidential lives with the mother; a court order keeps the uncle out. Di is 18, her mother has no
    consent. Ana, Cy and Di have birth dates."""
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text(
                """
                INSERT INTO district (code, name, time_zone) VALUES ('one', 'One', 'America/Chicago');
                INSERT INTO school (district_id, source_id, name) VALUES (1, 'a', 'Lincoln School');
                INSERT INTO student (district_id, school_id, given_name, family_name, grade_level, birth_date)
                VALUES (1, 1, 'Ana', 'Rivera', 6, '2015-05-04'), (1, 1, 'Bo', 'Tran', 6, NULL),
                       (1, 1, 'Cy', 'Young', 6, '2015-05-05'), (1, 1, 'Di', 'Old', 12, '2008-01-01');
                INSERT INTO contact (district_id, source_id, given_name, family_name, written_language, address_line,
                                     city, confidential)
                VALUES (1, 'c1', 'Rosa', 'Rivera', 'en', '1 Main St', 'Anytown', false),
                       (1, 'c2', 'Carmen', 'Rivera', 'en', '1 MAIN ST', 'Anytown', false),
                       (1, 'c3', 'Luis', 'Rivera', 'en', '2 Oak St', 'Anytown', false),
                       (1, 'c4', 'Max', 'Young', 'en', '3 Elm St', 'Anytown', false),
                       (1, 'c5', 'Joe', 'Young', 'en', '3 Elm St', 'Anytown', true),
                       (1, 'c6', 'Tim', 'Young', 'en', '4 Elm St', 'Anytown', false),
                       (1, 'c7', 'Eve', 'Old', 'en', '5 Elm St', 'Anytown', false);
                INSERT INTO student_contact (student_id, contact_id, relation, may_receive, court_restriction)
                VALUES (1, 1, 'mother', true, false), (1, 2, 'grandmother', true, false), (1, 3, 'father', true, false),
                       (3, 4, 'mother', true, false), (3, 5, 'father', true, false), (3, 6, 'uncle', true, true),
                       (4, 7, 'mother', true, false)
                """
            )
        )
        store_comparisons(connection, dict.fromkeys((1, 2, 3, 4), 1571.0))
    return engine


def run(engine: Engine, settings: Settings, out: Path, days: int = 0, force: bool = False) -> ReportSummary:
    return write_reports(
        engine,
        district_id=1,
        catalog=load(),
        settings=settings,
        out=out,
        now=NOW + timedelta(days=days),
        force=force,
    )


def printed_links(out: Path, name: str) -> set[str]:
    """The links on the files in whose text a name stands; "" for a file without one."""
    found = set()
    for path in out.glob("*.pdf"):
        content = path.read_bytes()
        said = subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True).stdout
        if name.encode() in said:
            with pikepdf.open(io.BytesIO(content)) as file:
                notes = file.pages[0].get("/Annots", [])
                found.add(str(notes[0].A.URI) if len(notes) else "")
    return found


def holder(engine: Engine, link: str) -> int:
    """The adult for whom a printed link opens."""
    with transaction(engine, ENGINE) as connection:
        opened = links.open_link(connection, link.removeprefix(f"{BASE}/r/"), NOW)
    assert opened is not None
    return opened.contact_id


def test_each_home_gets_a_sheet_with_a_link_of_its_own(
    district: Engine, settings: Settings, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    summary = run(district, settings, out)
    assert (summary.students, summary.files_written, summary.failed) == (4, 6, [])
    assert {holder(district, link) for link in printed_links(out, "Ana")} == {1, 3}, "one address, one sheet"
    assert {holder(district, link) for link in printed_links(out, "Cy")} == {4, 5}, (
        "confidential: a sheet alone"
    )
    assert printed_links(out, "Bo") == {""}
    assert printed_links(out, "Di Old") == {""}, "of age: no link for her mother"


def test_another_folder_gets_the_same_files_and_nothing_is_drawn(
    district: Engine, settings: Settings, tmp_path: Path
) -> None:
    run(district, settings, tmp_path / "one")
    kept = {path: path.stat().st_mtime_ns for path in (settings.home / "drawn").glob("*/*.pdf")}
    again = run(district, settings, tmp_path / "two", days=3)
    assert (again.files_written, again.files_taken, again.files_unchanged) == (0, 6, 0)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    first, second = (
        {path.name: path.read_bytes() for path in (tmp_path / f).iterdir()} for f in ("one", "two")
    )
    assert first == second
    assert len(first) == 6


def test_drawing_again_gives_the_same_bytes(district: Engine, settings: Settings, tmp_path: Path) -> None:
    run(district, settings, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.glob("*.pdf")}
    assert run(district, settings, tmp_path, days=2, force=True).files_written == 6
    assert {path.name: path.read_bytes() for path in tmp_path.glob("*.pdf")} == before


def test_what_is_kept_is_closed_to_others_and_names_nobody(
    district: Engine, settings: Settings, tmp_path: Path
) -> None:
    run(district, settings, tmp_path)
    kept = list((settings.home / "drawn").rglob("*"))
    assert len([path for path in kept if path.is_file()]) == 6
    assert all(path.stat().st_mode & 0o077 == 0 for path in kept)
    assert not any(name in path.name for path in kept for name in ("Ana", "Rivera", "Tran"))


def test_an_ended_link_is_replaced_on_the_next_sheet_and_a_stray_one_by_none(
    district: Engine, settings: Settings, tmp_path: Path
) -> None:
    run(district, settings, tmp_path)
    (before,) = (link for link in printed_links(tmp_path, "Ana") if holder(district, link) == 3)
    with transaction(district, ENGINE) as connection:
        links.revoke(connection, links.Reach(1, contact_id=3), reason="lost sheet", now=NOW)
    run(district, settings, tmp_path)
    assert before not in printed_links(tmp_path, "Ana")
    assert {holder(district, link) for link in printed_links(tmp_path, "Ana")} == {1, 3}
    with transaction(district, ENGINE) as connection:
        links.revoke(connection, links.Reach(1, contact_id=3), reason="wrong_person", now=NOW)
    run(district, settings, tmp_path)
    assert {link and holder(district, link) for link in printed_links(tmp_path, "Ana")} == {1, ""}


def test_what_is_replaced_or_erased_is_swept_away(
    district: Engine, settings: Settings, tmp_path: Path
) -> None:
    run(district, settings, tmp_path)
    left = settings.home / "drawn" / "K7" / ".K7F3-92QX-TB4M-1-en-00.pdf.17"
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(b"half")
    assert report_files.clean(district, settings.home, NOW) == 0
    with transaction(district, ENGINE) as connection:
        connection.execute(text("DELETE FROM student WHERE id = 3"))
        store_comparisons(connection, {1: 1700.0})
    run(district, settings, tmp_path, days=1)
    assert report_files.clean(district, settings.home, NOW + timedelta(days=9_000)) == 5, (
        "Ana 2, Cy 2, the half one"
    )
    assert len(list((settings.home / "drawn").glob("*/*"))) == 4


def test_finding_that_a_report_is_drawn_reads_nothing_of_it(tmp_path: Path) -> None:
    name = drawn.file_name("K7F3-92QX-TB4M-1", "es", ["a" * 64, "link"])
    assert name == drawn.file_name("K7F3-92QX-TB4M-1", "es", ["a" * 64, "link"])
    others = [
        drawn.file_name("K7F3-92QX-TB4M-2", "es", ["a" * 64, "link"]),
        drawn.file_name("K7F3-92QX-TB4M-1", "en", ["a" * 64, "link"]),
        drawn.file_name("K7F3-92QX-TB4M-1", "es", ["b" * 64, "link"]),
        drawn.file_name("K7F3-92QX-TB4M-1", "es", ["a" * 64, "other"]),
        drawn.file_name("K7F3-92QX-TB4M-1", "es", ["a" * 64 + "link", ""]),
    ]
    assert len({name, *others}) == 6
    assert drawn.place(tmp_path, name).parent == tmp_path / "drawn" / "K7"
    assert drawn.number_of(name) == "K7F3-92QX-TB4M"

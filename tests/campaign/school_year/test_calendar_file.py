"""Calendars from files: both forms, and errors that name file, line or entry, field and remedy."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from campaign.school_year.calendar_file import CalendarError, read


def test_csv_and_toml_say_the_same(tmp_path: Path) -> None:
    table, listing = tmp_path / "year.csv", tmp_path / "year.toml"
    table.write_text(
        "\ufeffday,kind,title\n2026-12-22,holiday,Winter\n2026-12-21,holiday,Winter\n2026-11-10,report_card,\n"
    )
    listing.write_text(
        '[[day]]\nfrom = 2026-12-21\nuntil = 2026-12-22\nkind = "holiday"\ntitle = "Winter"\n'
        '[[day]]\nday = 2026-11-10\nkind = "report_card"\n'
    )
    assert read(table) == read(listing) == [
        (date(2026, 11, 10), "report_card", None),
        (date(2026, 12, 21), "holiday", "Winter"),
        (date(2026, 12, 22), "holiday", "Winter"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", "", "line 1: no column day, kind; write day,kind,title"),
        ("a.csv", "day,kind\n", "has no days; write at least one line"),
        (
            "a.csv",
            "day,kind\n2026-11-31,holiday\n",
            "line 2: day: '2026-11-31' is not a day; write it as 2026-11-10",
        ),
        (
            "a.csv",
            "day,kind\n2026-11-10,party\n",
            "line 2: kind: 'party' is not known; write one of school, holiday",
        ),
        ("a.csv", 'day,kind\n2026-11-10,"holi"day\n', "line 2: cannot be read as CSV"),
        (
            "a.csv",
            "day,kind\n2026-11-10,holiday\n2026-11-10,holiday\n",
            "2026-11-10 holiday stands there twice",
        ),
        ("a.csv", "day,kind\n2026-11-10\n", "line 2: kind: None is not known"),
        ("a.toml", "day = 3", "day: write [[day]]"),
        ("a.toml", "[[day]", "cannot be read as TOML"),
        ("a.toml", '[[day]]\nday = 2026-11-10\nkind = "holiday"\ncolour = 1', "day 1: knows only the keys"),
        ("a.toml", '[[day]]\nkind = "holiday"', "day 1: from: None is not a day"),
        (
            "a.toml",
            '[[day]]\nfrom = 2026-11-10\nuntil = 2026-11-09\nkind = "holiday"',
            "day 1: until: 2026-11-09 must come after 2026-11-10",
        ),
    ],
)
def test_a_broken_file_says_where_and_what_to_write(
    name: str, content: str, said: str, tmp_path: Path
) -> None:
    file = tmp_path / name
    file.write_text(content)
    with pytest.raises(CalendarError) as error:
        read(file)
    assert str(file) in str(error.value)
    assert said in str(error.value)


def test_other_encodings_are_named(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes("day,kind,title\n2026-11-10,holiday,Día\n".encode("latin-1"))
    with pytest.raises(CalendarError, match="cannot be read as UTF-8"):
        read(file)

"""Words of sources and the words of ours they stand for."""

from __future__ import annotations

from datetime import date

import pytest

from campaign.intake.dates import read_date, read_month_year, read_school_year
from campaign.intake.marks import scale_of
from campaign.intake.problems import RowRefused, words
from campaign.intake.vocabulary import read_grade_level, read_language, subject_of, subject_of_title


@pytest.mark.parametrize(
    ("raw", "state", "tag", "system"),
    [
        ("es", None, "es", "639-1"),
        ("chi", None, "zh", "639-2/B"),
        ("zho", None, "zh", "639-2/T"),
        ("VIE ", None, "vi", "639-2/T"),
        ("SPN", None, "es", "name"),
        ("hmn", None, "hmn", "639-2/T"),
        ("mam", None, "mam", "639-2/T"),
        ("Haitian Creole", None, "ht", "name"),
        ("zh-Hans", None, "zh-Hans", "BCP 47"),
        ("01", "CA", "es", "CA"),
        ("98", "TX", "en", "TX"),
        ("98", None, None, None),
        ("zz9", None, None, None),
    ],
)
def test_languages(raw: str, state: str | None, tag: str | None, system: str | None) -> None:
    language = read_language(raw, state)
    assert language is not None
    assert (language.tag, language.raw, language.code_system) == (tag, raw.strip(), system)


def test_no_language_is_not_english() -> None:
    assert read_language("  ") is None


@pytest.mark.parametrize(
    ("raw", "level"),
    [
        ("K", 0), ("KG", 0), ("0", 0), ("00", 0), ("Kindergarten", 0), ("First grade", 1), ("Nine", 9), ("04", 4),
        ("4", 4), ("PK", -1), ("IT", -2), ("Eleventh grade", 11), ("", None), ("-1", -1), ("-2", -2), ("1st Grade", 1),
        ("1", 1), ("01", 1), ("2", 2), ("12", 12), ("13", 13), ("TK", -1),
    ],
)  # fmt: skip
def test_grade_levels(raw: str, level: int | None) -> None:
    assert read_grade_level(raw, "grade") == level


@pytest.mark.parametrize(
    ("title", "subject"),
    [
        ("8th Grade English", "reading"), ("Algebra I", "math"), ("US History", "social_studies"), ("Choir", None),
        ("3rd Grade Homeroom", None), ("English and Science", None),
    ],
)  # fmt: skip
def test_subjects_of_titles(title: str, subject: str | None) -> None:
    assert subject_of_title(title) == subject


@pytest.mark.parametrize("name", ["ELA", "RLA", "Reading", "Language Arts", "Eng. Language Arts"])
def test_the_names_of_reading(name: str) -> None:
    assert subject_of(name) == "reading"


@pytest.mark.parametrize(
    ("raw", "order", "day"),
    [
        ("2026-05-14", None, date(2026, 5, 14)),
        ("2021-04-01T16:00:00", None, date(2021, 4, 1)),
        ("5/14/2026", None, date(2026, 5, 14)),
        ("14/5/2026", None, date(2026, 5, 14)),
        ("5/6/2026", "mdy", date(2026, 5, 6)),
        ("5/6/2026", "dmy", date(2026, 6, 5)),
        ("20260514", None, date(2026, 5, 14)),
        ("05142026", None, date(2026, 5, 14)),
    ],
)
def test_dates(raw: str, order: str | None, day: date) -> None:
    assert read_date(raw, "day", order) == day


@pytest.mark.parametrize(
    ("raw", "code"),
    [("5/6/2026", "ambiguous_date"), ("2026-02-30", "unreadable_date"), ("14.5.2026", "unreadable_date")],
)
def test_dates_that_are_refused(raw: str, code: str) -> None:
    with pytest.raises(RowRefused) as refused:
        read_date(raw, "day")
    assert refused.value.code == code


def test_months_and_years() -> None:
    assert read_month_year("0523", "c") == date(2023, 5, 1)
    assert [read_school_year(y, "c") for y in ("2027", "2026-2027", "2026-27", "")] == [
        2027,
        2027,
        2027,
        None,
    ]


@pytest.mark.parametrize(
    ("mark", "scale"),
    [("B+", "letter"), ("87", "percent"), ("3", "standards_4"), ("Pass", "pass_fail"), ("M", "meets_needs")],
)
def test_scales(mark: str, scale: str) -> None:
    assert scale_of(mark) == scale


def test_every_problem_has_a_reason_and_a_remedy() -> None:
    assert all(entry.reason.endswith(".") and entry.remedy.endswith(".") for entry in words().values())

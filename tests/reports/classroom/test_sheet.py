"""The teacher's sheet says what the family reads, with the same ids, numbers and dates, strengths first (R14)."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace

import pikepdf
import pytest

from content.catalog import load
from reports.classroom.render import page, pdf
from reports.classroom.sheet import TeacherSheet, sheet
from reports.family.report import FamilyReport
from reports.family.write import write
from reports.records import Category
from tests.reports.family.made_up import FACTS, ISSUE, MATH, NOT_ENOUGH, OTHER_TEST

IDS = (41, 42)


def report(**changes: object) -> FamilyReport:
    return write(replace(FACTS, **changes), ISSUE, "en", load())  # type: ignore[arg-type]


def texts(node: object) -> Iterator[str]:
    """Every text of a value, however deep."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, list | tuple):
        for part in node:
            yield from texts(part)
    elif hasattr(node, "__dataclass_fields__"):
        for name in node.__dataclass_fields__:
            yield from texts(getattr(node, name))


def numbers(rows: object) -> list[str]:
    return re.findall(r"\d+", " ".join(texts(rows)))


def test_sheet_and_family_report_rest_on_the_same_records() -> None:
    family, made = report(), sheet(report(), IDS)
    assert (made.number, made.version, made.comparison_ids) == (family.number, family.version, IDS)
    assert [fact.sentence for fact in made.facts] == [block.sentence for block in family.subjects]
    assert [fact.rows for fact in made.facts] == [block.rows for block in family.subjects]
    assert made.attendance == family.attendance
    assert family.issued in made.same_report


def test_every_number_and_date_of_the_evidence_stands_on_the_page() -> None:
    family = report()
    shown = page(sheet(family, IDS))
    wanted = numbers([block.rows for block in family.subjects])
    assert wanted
    assert [number for number in wanted if number not in shown] == []


def test_a_report_in_another_language_gives_no_sheet() -> None:
    with pytest.raises(ValueError, match="in English"):
        sheet(write(FACTS, ISSUE, "es", load()), IDS)


@pytest.mark.parametrize("category", Category)
def test_every_category_has_three_points_questions_and_what_not_to_say(category: Category) -> None:
    subject = {Category.NOT_ENOUGH: NOT_ENOUGH, Category.OTHER_TEST: OTHER_TEST}.get(
        category, replace(MATH, category=category)
    )
    made = sheet(report(subjects=(subject,)), IDS)
    assert len(made.points) == 3
    assert len(made.questions) >= 2
    assert len(made.avoid) >= 4
    assert not [text for text in texts(made) if "{" in text]


def test_the_points_are_on_the_subject_that_the_report_puts_first() -> None:
    made = sheet(report(), IDS)
    assert made.points_title == "Three talking points on reading"
    assert "different stories" in made.points[0]


def test_strengths_come_first_and_end_with_the_teachers_own() -> None:
    made = sheet(report(subjects=(replace(MATH, category="MATCH_AT", evidence="AT"),)), IDS)
    assert made.strengths[-1] == "Something you have seen Ana do well in class:"
    assert "strong grade in math: B" in made.strengths[-2]
    shown = page(made)
    assert (
        shown.index("Begin with strengths") < shown.index("talking points") < shown.index("What not to say")
    )


def test_a_name_is_never_read_as_markup() -> None:
    made = sheet(report(student="<b>Ana</b>", full_name="<b>Ana</b> {{ 7*7 }}"), IDS)
    assert "<b>Ana</b>" not in page(made)
    assert "{{ 7*7 }}" in page(made)


@pytest.mark.parametrize("paper", ["letter", "a4"])
def test_a_section_gets_one_page_a_student(paper: str) -> None:
    made = [sheet(report(full_name=name), IDS) for name in ("Ana Rivera", "Bartholomew " * 5, "李小龙")]
    with pikepdf.open(io.BytesIO(pdf(made, paper))) as file:
        assert len(file.pages) == 3
        assert file.Root.MarkInfo.Marked
        assert str(file.Root.Lang) == "en"


def test_the_same_sheets_are_the_same_bytes() -> None:
    made: list[TeacherSheet] = [sheet(report(), IDS)]
    assert pdf(made) == pdf(made)

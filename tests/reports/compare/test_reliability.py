"""The reliability diagram: dots where the numbers say, the numbers in words too, and names that cannot break it."""

from __future__ import annotations

import pytest
from lxml import etree

from reports.compare.calibration import Bin, Calibration
from reports.compare.reliability import SIDE, Panel, svg

SPACE = {"s": "http://www.w3.org/2000/svg"}


def calibration(*bins: Bin) -> Calibration:
    students = sum(one.students for one in bins)
    return Calibration(students, 0.5, 0.1, 0.034, 0.8, 0.9, None, bins)


LOW = Bin(0.0, 0.3, 400, forecast=0.25, came_true=0.20, interval=(0.15, 0.25))
HIGH = Bin(0.3, 1.0, 1200, forecast=0.75, came_true=0.90, interval=(0.85, 0.95))


def drawn(*panels: Panel) -> etree._Element:
    return etree.fromstring(svg(panels).encode())


def test_dots_stand_where_the_numbers_say() -> None:
    picture = drawn(Panel("MAP Growth, fall", "(a) Is the child at grade level?", calibration(LOW, HIGH)))
    dots = picture.findall(".//s:circle", SPACE)
    places = [(float(dot.get("cx", "")) / SIDE, 1 - float(dot.get("cy", "")) / SIDE) for dot in dots]
    assert places == [(pytest.approx(0.25), pytest.approx(0.20)), (pytest.approx(0.75), pytest.approx(0.90))]


def test_bars_are_as_high_as_their_students_and_as_wide_as_their_bins() -> None:
    picture = drawn(Panel("fall", "(a)", calibration(LOW, HIGH)))
    few, many = picture.findall("./s:g/s:g/s:rect", SPACE)
    assert float(few.get("height", "")) == pytest.approx(float(many.get("height", "")) / 3, abs=0.06)
    assert float(few.get("width", "")) == pytest.approx(0.3 * SIDE - 2)
    assert float(many.get("width", "")) == pytest.approx(0.7 * SIDE - 2)


def test_the_numbers_are_told_in_words_and_each_panel_names_its_question() -> None:
    picture = drawn(
        Panel("MAP Growth, fall", "(a) Is the child at grade level?", calibration(LOW, HIGH)),
        Panel("projection", "(b) Will the child score proficient?", calibration(HIGH)),
    )
    words = picture.findtext("s:desc", namespaces=SPACE) or ""
    assert "said 25%, came true 20% of 400" in words
    assert picture.findtext("s:title", namespaces=SPACE)
    texts = [text.text for text in picture.findall(".//s:text", SPACE)]
    assert {"(a) Is the child at grade level?", "(b) Will the child score proficient?"} <= set(texts)
    assert picture.get("role") == "img"


def test_a_name_with_markup_stays_a_name() -> None:
    picture = drawn(Panel("<script>&", "(a)", calibration(LOW)))
    assert picture.findall(".//s:script", SPACE) == []
    assert "<script>&" in [text.text for text in picture.findall(".//s:text", SPACE)]


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one panel"):
        svg([])

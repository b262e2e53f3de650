"""CSV for spreadsheet programs: what would run as a formula stays text, and nothing else changes."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.spreadsheets import row_writer, safe_cell, write_csv


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("x")',
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\rx",
        "\nx",
        "\0x",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        "﹦1",
        "﹢1",
        "﹣1",
        "﹫x",
        "  =1",
        "\u00a0=1",
        "\u3000＝1",
        "\ufeff=1",
        "\u200b=1",
        " \t x",
        "-",
    ],
)
def test_a_text_that_begins_a_formula_gets_an_apostrophe(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["", " ", "Ana", "a=b", "1+1", "3-4", "x@example.org", "'=1", " Cherry", "ñ"]
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert safe_cell(text) == text


@pytest.mark.parametrize("value", [-1, 0, 2.5, -0.25, True, None])
def test_what_is_no_text_stays_what_it_is(value: object) -> None:
    assert safe_cell(value) is value


def test_a_file_has_a_heading_and_numbers_that_are_numbers() -> None:
    out = io.StringIO(newline="")
    assert write_csv(out, ["place", "=x"], [["=Cherry", -3], [None, "two\nlines"]]) == 2
    assert out.getvalue() == "place,'=x\r\n'=Cherry,-3\r\n,\"two\nlines\"\r\n"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=4))
def test_every_text_is_read_back_as_it_was_but_for_the_apostrophe(texts: list[str]) -> None:
    out = io.StringIO(newline="")
    row_writer(out)(texts)
    [read] = csv.reader(io.StringIO(out.getvalue(), newline=""))
    assert [cell.removeprefix("'") for cell in read] == [text.removeprefix("'") for text in texts]

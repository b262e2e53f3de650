"""Traps of unknown tables: shifted columns, cut zeros, private columns, names used twice; and any table at all."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaign.intake.problems import IntakeError
from campaign.intake.spreadsheet.columns import fields
from campaign.intake.spreadsheet.mapping import FIELDS
from campaign.intake.spreadsheet.proposal import propose
from campaign.intake.spreadsheet.sample import header_of, sample_of
from campaign.intake.spreadsheet.shapes import SHAPES
from tests.campaign.intake.test_proposals import KNOWN, examined, proposal_of


def test_a_header_that_lacks_a_name_is_noticed(tmp_path: Path) -> None:
    found = proposal_of(tmp_path / "t.csv", "Student ID;Subject;Mark;\n1001;Math;A;5\n1002;Math;B;4\n")
    assert found.notices[0].startswith("Rows have more values than the first line has names")


def test_the_published_file_with_shifted_columns_is_noticed(shared_data: Path) -> None:
    file = examined(shared_data / "validation" / "uci_student-por.csv")
    found = propose(sample_of(file, header_of(file)))
    assert found.notices[0].startswith("Rows have more values than the first line has names")


def test_private_columns_are_named_and_left_out(tmp_path: Path) -> None:
    found = proposal_of(tmp_path / "t.csv", "Student ID,SSN,Subject,Mark\n1001,078-05-1120,Math,A\n")
    assert found.private == ("SSN",)
    assert "SSN" not in {*found.columns.values(), *found.unused}


def test_zeros_cut_off_ids_are_noticed(tmp_path: Path) -> None:
    found = proposal_of(tmp_path / "t.csv", "State ID,Subject,Mark\n81,Math,A\n82,Math,B\n")
    assert "2 ids in “State ID” are known only with zeros in front" in found.notices[0]


def test_two_columns_of_one_name_are_refused_with_the_name(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="two columns are called Grade"):
        proposal_of(tmp_path / "t.csv", "Student ID,Grade,Grade\n1001,4,A\n")


cells = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x00"), max_size=8)
tables = st.lists(st.lists(cells, min_size=1, max_size=6), min_size=1, max_size=8)


@given(
    rows=tables, comma=st.sampled_from(",;\t"), kind=st.sampled_from([None, "grades", "scores", "contacts"])
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_table_gives_a_proposal_or_a_plain_error(
    tmp_path: Path, rows: list[list[str]], comma: str, kind: str | None
) -> None:
    text = "\n".join(comma.join(row) for row in rows)
    path = tmp_path / "any.csv"
    path.write_bytes(text.encode() or b"a")
    try:
        file = examined(path)
        found = propose(sample_of(file, header_of(file)), KNOWN, kind)
    except IntakeError as error:
        complaint = str(error)
    else:
        complaint = ""
        used = list(found.columns.values())
        assert len(set(used)) == len(used)
        assert not {*used} & {*found.unused}
    assert not complaint or "any.csv" in complaint


def test_every_field_of_every_kind_has_words() -> None:
    assert set(fields()) == set().union(*FIELDS.values())
    shapes = {entry[key] for entry, key in product(fields().values(), ("shape", "by_values")) if key in entry}
    assert shapes <= {*SHAPES, "mark"}

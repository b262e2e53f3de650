"""Whose a result is does not depend on the part of the file in which it stands, nor on what stands before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from campaign.identity.identities import Decision
from campaign.intake.run import ImportSummary
from tests.campaign.intake.importing import LIMITS, bring, rows
from tests.campaign.intake.named_results import FIRST, cases, results, say
from tests.campaign.intake.packages import small_district, write_package

ALL_AT_ONCE = replace(LIMITS, rows_per_part=1_000_000)
A_LINE_EACH = replace(LIMITS, rows_per_part=1)
# As many lines as are read at a time, all of them blank: what follows is in another part.
GAP = [{"Score": ""}] * 2_000
SCORED = """
    SELECT s.source_line, t.given_name, s.scale_score, s.status FROM score s JOIN student t ON t.id = s.student_id
    ORDER BY 1, 2
"""
IDS = (
    "SELECT student_id, system, value, matched_by, confidence FROM student_identifier ORDER BY 1, 2, 3, 4, 5"
)
REFUSED = """
    SELECT line, column_name, code, reason, accepted FROM refused_row
    WHERE source_file_id = (SELECT max(source_file_id) FROM refused_row) ORDER BY 1, 2, 3, 4, 5
"""


@pytest.fixture
def lake(engine: Engine, tmp_path: Path) -> Path:
    """Six students whose roster knows local ids alone; a folder for results."""
    tables = small_district()
    for row in tables["users"]:
        row["metadata.stateId"] = ""
    bring(engine, write_package(tmp_path / "roster", tables))
    return tmp_path / "tables"


def apart(lines: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    return [one for line in lines for one in (*GAP, line)]


def bring_apart(engine: Engine, folder: Path, *lines: dict[str, str]) -> ImportSummary:
    return bring(engine, results(folder, *apart(lines)), limits=A_LINE_EACH)


def test_two_people_who_fit_one_student_both_wait_wherever_they_stand(engine: Engine, lake: Path) -> None:
    summary = bring_apart(engine, lake, FIRST | {"State": "S1"}, FIRST | {"State": "S2"})
    assert (summary.accepted, summary.refused, rows(engine, SCORED)) == (0, 2, [])
    assert [case.state for case in cases(engine)] == ["open", "open"]
    assert rows(engine, "SELECT DISTINCT code FROM refused_row") == [("identity_proposed",)]
    assert rows(engine, "SELECT value FROM student_identifier WHERE matched_by <> 'id'") == []


def test_what_a_later_part_says_of_a_grade_counts_for_the_earlier(engine: Engine, lake: Path) -> None:
    summary = bring_apart(engine, lake, FIRST, FIRST | {"Grade": "5"})
    assert (summary.refused, [case.confidence for case in cases(engine)]) == (2, ["medium"])


def test_a_student_found_by_name_has_results_in_every_part(engine: Engine, lake: Path) -> None:
    """And of a case, all of its rows are counted."""
    lines = [FIRST | {"State": "S1", "Score": str(210 + number)} for number in range(3)]
    other = {"Local": "L2"}
    summary = bring_apart(engine, lake, lines[0], other, lines[0], lines[2])
    assert (summary.accepted, summary.refused) == (3, 1)
    assert [row[1] for row in rows(engine, SCORED)] == ["Given1", "Given2"]
    assert [case.rows for case in cases(engine, "accepted")] == [3]
    assert rows(engine, "SELECT code FROM refused_row WHERE NOT accepted") == [("duplicate_row",)]
    again = bring_apart(engine, lake, lines[0], other, lines[0])
    assert again.unchanged == again.rows_in == 3


def test_a_decision_holds_in_every_part(engine: Engine, lake: Path) -> None:
    line = FIRST | {"Grade": "5"}
    bring_apart(engine, lake, line, {"Local": "L2"}, line)
    (case,) = cases(engine)
    say(engine, case, Decision.SAME, case.candidates[0])
    assert bring_apart(engine, lake, line, {"Local": "L2"}, line).refused == 0
    assert [row[1] for row in rows(engine, SCORED)] == ["Given1", "Given2"]


CHILDREN = st.fixed_dictionaries(
    {
        "State": st.sampled_from(["", "", "S1", "S2"]),
        "Local": st.sampled_from(["", "", "", "L1", "L2", "none"]),
        "Given": st.sampled_from(["Given1", "Given1", "GIVEN1", "Giv3n1", "Given2"]),
        "Family": st.sampled_from(["Family1", "Family1", "family1", "Family2"]),
        "Born": st.sampled_from(["2016-03-02", "2016-03-02", "2016-03-03", ""]),
        "Grade": st.sampled_from(["3", "3", "5", ""]),
        "Score": st.sampled_from(["210", "210", "220"]),
    }
)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(lines=st.lists(CHILDREN, min_size=2, max_size=5))
def test_the_size_of_parts_decides_nothing(engine: Engine, lake: Path, lines: list[dict[str, str]]) -> None:
    folder = results(lake, *apart(lines))
    outcomes = []
    for limits in (ALL_AT_ONCE, A_LINE_EACH, replace(LIMITS, rows_per_part=2_500)):
        forget_results(engine)
        summary = bring(engine, folder, limits=limits)
        known = [
            asdict(case) | {"case_id": 0, "first_seen_at": 0, "last_seen_at": 0}
            for state in ("open", "accepted")
            for case in cases(engine, state)
        ]
        outcomes.append(
            {
                "counted": (summary.rows_in, summary.accepted, summary.refused, summary.unchanged),
                "scores": rows(engine, SCORED),
                "ids": rows(engine, IDS),
                "refused": rows(engine, REFUSED),
                "cases": sorted(known, key=str),
            }
        )
    assert outcomes[1] == outcomes[0]
    assert outcomes[2] == outcomes[0]


def forget_results(engine: Engine) -> None:
    with engine.begin() as connection:
        for table in ("identity_row", "refused_row", "score", "assessment"):
            connection.execute(text(f"DELETE FROM {table}"))
        connection.execute(text("DELETE FROM student_identifier WHERE matched_by <> 'id'"))
        connection.execute(text("DELETE FROM identity_case"))

"""Programmes and lines on grades from files, and through the commands into the store."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.documents.programme_file import ProgrammeError, read_grading_policies, read_programmes
from campaign.store import programmes as store
from campaign.store.programmes import GradingPolicy, Programme

TOML = """
[[programme]]
subjects = ["math", "reading"]
grades = ["K", 2]
starts_on = 2026-11-10
free = true
contact = "555-0199"
title.en = "Math Club"
title.es = "Club"
details.en = "Mondays."
"""
CSV = """title_en,title_es,details_en,details_es,subjects,lowest_grade,highest_grade,starts_on,ends_on,free,bus,contact
Math Club,Club,Mondays.,,math reading,K,2,2026-11-10,,yes,no,555-0199
"""


def test_toml_and_csv_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(TOML, encoding="utf-8")
    (tmp_path / "a.csv").write_text(CSV, encoding="utf-8")
    assert read_programmes(tmp_path / "a.toml") == read_programmes(tmp_path / "a.csv") == [
        Programme(
            title={"en": "Math Club", "es": "Club"},
            details={"en": "Mondays."},
            subjects=["math", "reading"],
            lowest_grade=0,
            highest_grade=2,
            starts_on=date(2026, 11, 10),
            ends_on=None,
            free=True,
            bus=False,
            contact="555-0199",
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "into", "said"),
    [
        ('title.en = "Math Club"', "", "programme 1: title.en: is missing"),
        ('"Math Club"', f'"{"x" * 61}"', "title.en: has 61 letters; a report has room for 60"),
        ('"Math Club"', '"Remedial Math"', "title.en: “Remedial”"),
        ("title.es", "title.xx", "title.xx: is no language of ours"),
        ('["math", "reading"]', '["art"]', "subjects: art; known are math"),
        ('["K", 2]', "[5, 2]", "grades: 5 to 2"),
        ('["K", 2]', '"all"', "grades: 'all'; write the first and the last"),
        ("2026-11-10", '"soon"', "starts_on: 'soon' is not a day; write it as 2026-11-10"),
        ("free = true", "free = true\nends_on = 2026-11-01", "ends_on: 2026-11-01 comes before 2026-11-10"),
        ("free = true", 'free = "perhaps"', "free: 'perhaps'; write yes or no"),
        ("free", "cost", "cost: is not known"),
        (TOML, "[[programme", "cannot be read as TOML"),
        (TOML, "", "has no programme"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, changed: str, into: str, said: str) -> None:
    file = tmp_path / "programmes.toml"
    file.write_text(TOML.replace(changed, into), encoding="utf-8")
    with pytest.raises(ProgrammeError, match=r"programmes\.toml") as raised:
        read_programmes(file)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('title_en\n"Club"\n', "line 1: no column highest_grade, lowest_grade, subjects"),
        (CSV.replace(",yes,", ",maybe,"), "line 2: free: 'maybe'; write yes or no"),
        (CSV.replace(",K,", ",first,"), "line 2: grades: ['first', '2']"),
    ],
)
def test_a_mistake_in_a_table_is_named_with_its_line(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "a.csv").write_text(content, encoding="utf-8")
    with pytest.raises(ProgrammeError) as raised:
        read_programmes(tmp_path / "a.csv")
    assert said in str(raised.value)


def test_lines_on_grades_are_for_a_school_or_for_all(tmp_path: Path) -> None:
    file = tmp_path / "lines.toml"
    file.write_text(
        '[[grading_policy]]\nline.en = "No zeros."\n[[grading_policy]]\nschool = "a"\nline.en = "Try again."\n'
    )
    assert read_grading_policies(file) == [
        GradingPolicy(None, {"en": "No zeros."}),
        GradingPolicy("a", {"en": "Try again."}),
    ]
    file.write_text('[[grading_policy]]\nline.en = "A."\n[[grading_policy]]\nline.en = "B."\n')
    with pytest.raises(ProgrammeError, match="all schools stands there twice"):
        read_grading_policies(file)


def test_a_second_import_takes_the_place_of_the_first(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(TOML, encoding="utf-8")
    given = read_programmes(tmp_path / "a.toml")
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text(
                """
                INSERT INTO district (code, name) VALUES ('one', 'One'), ('two', 'Two');
                INSERT INTO school (district_id, source_id, name) VALUES (1, 'a', 'A')
                """
            )
        )
        store.replace_programmes(connection, 1, given)
        store.replace_programmes(connection, 2, given)
        assert store.replace_programmes(connection, 1, given) == 1
        assert store.programmes(connection, 1) == given
        store.replace_programmes(connection, 1, [])
        assert (store.programmes(connection, 1), store.programmes(connection, 2)) == ([], given)
        store.replace_policies(
            connection, 1, [GradingPolicy("a", {"en": "A."}), GradingPolicy(None, {"en": "B."})]
        )
        assert store.grading_policies(connection, 1) == {1: {"en": "A."}, None: {"en": "B."}}
        assert store.unknown_schools(connection, 1, ["a", "b"]) == ["b"]

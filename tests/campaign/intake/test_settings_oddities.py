"""Settings and mappings that are whole TOML and yet cannot be used, one sample each, named by what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from campaign.intake.registry import plan_sources
from tests.campaign.intake.importing import LIMITS, bring, rows
from tests.campaign.intake.packages import small_district, write_package

BEGINS = '[[assessment]]\nfamily = "Lake Test"\nversion = "2026"\nsubject = "math"\n'
SETTINGS = {
    "levels are a number": ("levels = 5", "unknown_vocabulary", "levels"),
    "levels are one text": ('levels = "Met"', "unknown_vocabulary", "levels"),
    "a level is a text": ('levels = ["Met"]', "missing_value", "levels.code"),
    "a level whose code is a list": ("levels = [{ code = [1] }]", "unknown_vocabulary", "levels.code"),
    "a level that begins nowhere": (
        'levels = [{ code = "1", minimum = nan }]',
        "unreadable_number",
        "minimum",
    ),
    "an endless cut": ("cut = inf", "unreadable_number", "cut"),
    "a cut that is no number": ("cut = nan", "unreadable_number", "cut"),
    "a cut in quotes": ('cut = "200"', "unreadable_number", "cut"),
    "a cut beyond every scale": ("cut = 100000000000000000000", "unreadable_number", "cut"),
    "a title of several texts": ('title = ["a", "b"]', "unknown_vocabulary", "title"),
    "a season of several texts": ('season = ["fall"]', "unknown_vocabulary", "season"),
    "a grade nobody is in": ("grade = 44", "unreadable_grade_level", "grade"),
    "a key that is not known": ("cuts = 200", "unknown_vocabulary", "cuts"),
}


def test_settings_that_cannot_be_used_are_refused_one_by_one(engine: Engine, tmp_path: Path) -> None:
    bring(engine, write_package(tmp_path / "roster", small_district(1)))
    good = BEGINS + "grade = 4\ncut = 200\n"
    wrong = [f"{BEGINS}{line}\n" for line, _, _ in SETTINGS.values()]
    (tmp_path / "cuts.toml").write_text("\n".join([*wrong, good]), encoding="utf-8")
    summary = bring(engine, tmp_path / "cuts.toml")
    assert (summary.failed, summary.refused, summary.accepted) == ([], len(SETTINGS), 1)
    told = rows(engine, "SELECT code, column_name FROM refused_row WHERE NOT accepted ORDER BY line")
    assert dict(zip(SETTINGS, told, strict=True)) == {
        oddity: (code, column) for oddity, (_, code, column) in SETTINGS.items()
    }
    assert rows(engine, "SELECT grade_level, cut FROM assessment") == [(4, 200.0)]


HEAD = '[mapping]\nkind = "grades"\n'
COLUMNS = '[mapping.columns]\nstudent_local_id = "Student"\nmark = "Mark"\n'
MAPPINGS = {
    "a kind of several texts": ("[mapping]\nkind = []\n" + COLUMNS, "must be texts in quotes"),
    "columns are a number": (HEAD + "columns = 5\n", "the name of a column in quotes"),
    "a column without quotes": (HEAD + "[mapping.columns]\nmark = 5\n", "the name of a column in quotes"),
    "a state of several texts": (HEAD + 'state = ["CA"]\n' + COLUMNS, "must be texts in quotes"),
    "a file that is a number": (HEAD + "file = 7\n" + COLUMNS, "must be texts in quotes"),
    "values are a list": (HEAD + "values = [1]\n" + COLUMNS, "one text, number, date, true or false"),
    "a value of several texts": (
        HEAD + COLUMNS + '[mapping.values]\nsubject = ["math", "ela"]\n',
        "one text, number, date, true or false",
    ),
    "an assessment that is no table": (HEAD + "assessment = [5]\n" + COLUMNS, "[[mapping.assessment]]"),
}


@pytest.mark.parametrize("oddity", MAPPINGS)
def test_a_mapping_that_is_not_built_as_one_says_what_must_be_there(tmp_path: Path, oddity: str) -> None:
    content, told = MAPPINGS[oddity]
    (tmp_path / "marks.toml").write_text(content, encoding="utf-8")
    (tmp_path / "marks.csv").write_text("Student,Mark\nL1,A\n", encoding="utf-8")
    planned = plan_sources([tmp_path], LIMITS)
    assert planned.sources == []
    (message,) = [message for _, _, message in planned.failed if "[mapping]" in message]
    assert message.startswith("marks.toml: ")
    assert told in message

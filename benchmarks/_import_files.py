"""The files of the import benchmark: a roster, marks and scores of as many students as wanted, from a seed."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

SUBJECTS = ("Mathematics", "English Language Arts")
PERIODS = (
    ("Quarter 1", "2025-08-18", "2025-10-24", "N"),
    ("Quarter 2", "2025-10-27", "2026-01-16", "N"),
    ("Quarter 3", "2026-01-20", "2026-03-20", "N"),
    ("Quarter 4", "2026-03-23", "2026-05-29", "N"),
    ("Year", "2025-08-18", "2026-05-29", "Y"),
)
MARKS_OF_ONE = len(SUBJECTS) * len(PERIODS)
TESTS = (
    ("State Test", "spring", "2026-04-28"),
    ("Growth Test", "fall", "2025-09-15"),
    ("Growth Test", "winter", "2026-01-20"),
)
SCORES_OF_ONE = len(SUBJECTS) * len(TESTS)
_LETTERS = ("A", "A-", "B+", "B", "B-", "C+", "C", "D", "F")
_MARK_COLUMNS = {
    "student_local_id": "StudentID", "course_code": "CourseCode", "course_title": "Course", "subject": "Subject",
    "grade_level": "Grade", "school_year": "Year", "period_title": "Term", "period_begins_on": "TermBegin",
    "period_ends_on": "TermEnd", "is_final": "Final", "mark": "Mark", "percent": "Percent",
}  # fmt: skip
_SCORE_COLUMNS = {
    "student_state_id": "StateID", "family": "Test", "version": "Version", "assessment_kind": "Kind",
    "subject": "Subject", "season": "Season", "grade_level": "Grade", "administered_on": "TestDate",
    "scale_score": "ScaleScore", "csem": "SEM", "level": "Level",
}  # fmt: skip


@dataclass(frozen=True)
class Files:
    """Folders to import one after the other, and the rows in them. `spoiled`: the line of the mark that is no good."""

    roster: Path
    results: Path
    rows: int
    spoiled: int


def write(folder: Path, students: int, seed: int) -> Files:
    """Streams the files to disk. Marks come term by term, so a student's rows lie far apart, as exports have them."""
    roster, results = folder / "roster", folder / "results"
    roster.mkdir()
    results.mkdir()
    _write_roster(roster, students)
    _write(results / "marks.csv", _MARK_COLUMNS.values(), _marks(students, random.Random(seed)))
    _write(results / "scores.csv", _SCORE_COLUMNS.values(), _scores(students, random.Random(seed)))
    _write_mapping(results / "marks.toml", "grades", _MARK_COLUMNS)
    _write_mapping(results / "scores.toml", "scores", _SCORE_COLUMNS)
    return Files(roster, results, students * (MARKS_OF_ONE + SCORES_OF_ONE), students * MARKS_OF_ONE // 2 + 1)


def _write(file: Path, columns: Iterable[str], rows: Iterable[Sequence[object]]) -> None:
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        writer.writerows(rows)


def _write_mapping(file: Path, kind: str, columns: dict[str, str]) -> None:
    lines = [f'[mapping]\nkind = "{kind}"\nfile = "{file.stem}.csv"\n\n[mapping.columns]']
    file.write_text(
        "\n".join([*lines, *(f'{field} = "{column}"' for field, column in columns.items())]) + "\n"
    )


def _write_roster(folder: Path, students: int) -> None:
    _write(
        folder / "orgs.csv",
        ("sourcedId", "status", "dateLastModified", "name", "type", "identifier", "parentSourcedId"),
        [("d", "", "", "Benchmark", "district", "BENCH", ""), ("o1", "", "", "School", "school", "1", "d")],
    )
    _write(
        folder / "academicSessions.csv",
        (
            "sourcedId",
            "status",
            "dateLastModified",
            "title",
            "type",
            "startDate",
            "endDate",
            "parentSourcedId",
            "schoolYear",
        ),
        [("y26", "", "", "2025-26", "schoolYear", "2025-08-18", "2026-05-29", "", "2026")],
    )
    _write(
        folder / "users.csv",
        (
            "sourcedId", "status", "dateLastModified", "enabledUser", "orgSourcedIds", "role", "username", "userIds",
            "givenName", "familyName", "middleName", "identifier", "email", "sms", "phone", "agentSourcedIds",
            "grades", "metadata.stateId",
        ),
        (
            (
                f"s{n}", "", "", "true", "o1", "student", f"s{n}", "", f"Given{n % 5000}", f"Family{n % 9000}", "",
                f"L{n:08d}", "", "", "", "", f"{3 + n % 6:02d}", f"ST{n:09d}",
            )
            for n in range(students)
        ),
    )  # fmt: skip


def _marks(students: int, chance: random.Random) -> Iterable[Sequence[object]]:
    spoiled, count = students * MARKS_OF_ONE // 2, 0
    for title, begins, ends, final in PERIODS:
        for code, subject in enumerate(SUBJECTS, 1):
            for n in range(students):
                count += 1
                grade = 3 + n % 6
                percent = "a lot" if count == spoiled else 100 - chance.randrange(500) / 10
                letter = _LETTERS[chance.randrange(len(_LETTERS))]
                yield (
                    f"L{n:08d}", f"{code}{grade}00", f"{subject} {grade}", subject, grade, 2026, title, begins, ends,
                    final, letter, percent,
                )  # fmt: skip


def _scores(students: int, chance: random.Random) -> Iterable[Sequence[object]]:
    for family, season, day in TESTS:
        for subject in SUBJECTS:
            for n in range(students):
                score = 2200 + chance.randrange(600)
                yield (
                    f"ST{n:09d}", family, "2026", "summative" if family == "State Test" else "interim", subject,
                    season, 3 + n % 6, day, score, 20 + score % 13, 1 + (score - 2200) // 150,
                )  # fmt: skip

"""Last spring's results of one school, as the STAAR summative file has them: subjects side by side, levels as flags."""

from __future__ import annotations

from pathlib import Path

from campaign.demo import assessments, columns
from campaign.demo.abilities import SUBJECTS
from campaign.demo.assessments import ALTERNATE, Score
from campaign.demo.families import Student
from campaign.demo.neighbourhood import Neighbourhood
from campaign.demo.packages import DISTRICT_NAME, local_id, state_id
from campaign.demo.tables import Table

_NAMES = {"math": "mathematics", "reading": "reading_language_arts"}
# Levels above the lowest; the flags are cumulative.
_FLAGS = ("approaches", "meets", "masters")
_MISSING_SHARE = 0.01


def open_table(path: Path) -> Table:
    return Table(path, columns.staar())


def write(neighbourhood: Neighbourhood, table: Table) -> None:
    """One row for each student of the school who was tested, or who was there and has no score."""
    chance = neighbourhood.chance
    for position, student in enumerate(neighbourhood.students):
        if not neighbourhood.school(position).takes_staar:
            continue
        reason = assessments.reason_without_score(chance)
        values: dict[str, str] = {}
        for subject in _NAMES:
            if not chance.happens(_MISSING_SHARE):
                score = None if reason else _score(neighbourhood, position, subject)
                values |= _subject_values(subject, score, reason)
        if values:
            table.write(_student_values(neighbourhood, position, student) | values)


def _score(neighbourhood: Neighbourhood, position: int, subject: str) -> Score:
    test = assessments.load().staar[subject, neighbourhood.students[position].grade - 1]
    ability = float(neighbourhood.abilities.last_year[position, SUBJECTS.index(subject)])
    return assessments.take(neighbourhood.chance, test, ability)


def _student_values(neighbourhood: Neighbourhood, position: int, student: Student) -> dict[str, str]:
    school, grade = neighbourhood.school(position), f"{student.grade - 1:02d}"
    return {
        "administration_date": assessments.load().state_date.strftime("%m%y"),
        "grade_level_tested": grade,
        "esc_region_number": "99",
        "county_district_campus_number": f"{999_900_000 + school.number:09d}",
        "district_name": DISTRICT_NAME.upper(),
        "campus_name": school.name.upper(),
        "last_name": student.family,
        "first_name": student.given,
        "date_of_birth": student.birth_date.strftime("%m%d%Y"),
        "local_student_id": local_id(student),
        "enrolled_grade_41": grade,
        "tx_unique_student_id": state_id(student),
    }


def _subject_values(subject: str, score: Score | None, reason: str) -> dict[str, str]:
    """Cells of one subject; who was absent, or takes the alternate test, has no score and no flags here."""
    name = _NAMES[subject]
    values = {
        f"eoc/above_grade_{name}": "0",
        f"score_code_{name}": {"": "S", ALTERNATE: "S", "Absent": "A"}.get(reason, "O"),
        f"{name}_test_language_version": "E",
        f"{name}_test_version": "T" if reason == ALTERNATE else "S",
    }
    if score is None:
        return values
    flags = {f"{flag}_grade_level_in_{name}": str(int(score.level > i)) for i, flag in enumerate(_FLAGS)}
    return {**values, f"{name}_scale_score": f"{score.points:04d}", **flags}

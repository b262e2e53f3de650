"""Whom reports are written for: districts by code, one student by an identifier."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.store import reports as store
from campaign.store import rosters


class NotFound(Exception):
    """There is no such district or student, or nothing to report on; the message says what to do."""


@dataclass(frozen=True)
class Selection:
    """Districts to write reports for, perhaps one student alone, and how many students that makes."""

    district_ids: tuple[int, ...]
    student_id: int | None
    students: int


def select(engine: Engine, district: str | None, student: str | None) -> Selection:
    """What a code of a district and an identifier of a student stand for; None stands for all. Raises NotFound."""
    with transaction(engine, ENGINE) as connection:
        codes = [district] if district else rosters.district_codes(connection)
        found = [(code, rosters.district_id(connection, code)) for code in codes]
        unknown = [code for code, number in found if number is None]
        if unknown:
            raise NotFound(f"There is no district {unknown[0]!r}; import its rosters first.")
        ids = tuple(number for _, number in found if number is not None)
        chosen = (
            {number: store.find_student(connection, number, student) for number in ids} if student else {}
        )
        matches = {number: child for number, child in chosen.items() if child is not None}
        if student and len(matches) != 1:
            kind = "no student" if not matches else "more than one student"
            raise NotFound(
                f"There is {kind} with the identifier {student!r}; name the district with --district."
            )
        ids = tuple(matches) if student else ids
        child = next(iter(matches.values()), None)
        students = sum(store.count_students(connection, number, child) for number in ids)
    if not students:
        raise NotFound("No student has a comparison yet; import files and run the comparison first.")
    return Selection(ids, child, students)

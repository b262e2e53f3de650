"""What reports say that holds for many students of a district: what a grade means here, programmes, lines on grades."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection, text

from campaign.comparing.comparisons import scales_of
from campaign.comparing.norms import family_norms
from campaign.settings import Settings
from campaign.store import programmes as store
from campaign.store.programmes import Programme
from campaign.store.reports import AttendanceWanted
from reports.compare.norms import Statement, last_completed_year, letters
from reports.compare.scales import GradeScales, load
from reports.family.facts import NormFacts, ProgrammeFacts

# Subject, course and scale of a mark → grade level of the course → grade → what may be said.
Norms = Mapping[tuple[str, str, str], Mapping[int, Mapping[str, Statement]]]

# Days missed that are known only until longer ago would be too few.
_DAYS_ATTENDANCE_HOLDS = timedelta(days=30)


@dataclass(frozen=True)
class LocalFacts:
    """Read once a run."""

    norms: Norms = field(default_factory=dict)
    programmes: Sequence[Programme] = ()
    grading_policies: Mapping[int | None, Mapping[str, str]] = field(default_factory=dict)
    scales: GradeScales | None = None
    attendance: AttendanceWanted | None = None
    # The few marks of a scale are looked up once.
    letters_known: dict[tuple[str, str], str | None] = field(default_factory=dict, compare=False)

    def grading_policy(self, school_id: int | None) -> Mapping[str, str]:
        """The school's own line, else that of all schools, else nothing."""
        return self.grading_policies.get(school_id) or self.grading_policies.get(None) or {}

    def programmes_for(self, grade_level: int | None) -> tuple[ProgrammeFacts, ...]:
        """Those open to a grade level; none where the grade level is not known."""
        return tuple(
            ProgrammeFacts(
                subjects=tuple(one.subjects),
                title=one.title,
                details=one.details,
                starts_on=one.starts_on,
                free=one.free,
                bus=one.bus,
                contact=one.contact,
            )
            for one in self.programmes
            if grade_level is not None and one.lowest_grade <= grade_level <= one.highest_grade
        )

    def norm(self, subject: str, mark: Mapping[str, Any]) -> NormFacts | None:
        """What the mark of an explanation meant last year, or None where nothing may be said to a family."""
        if self.scales is None or mark["modified_curriculum"] or mark["credit_recovery"]:
            return None
        levels = self.norms.get((subject, mark["course"] or "", mark["scale"]), {})
        level = mark["grade_level"] if mark["grade_level"] is not None else _only(levels)
        grade = self._letter(self.scales, mark["mark"], mark["scale"])
        found = levels.get(level, {}).get(grade) if level is not None and grade else None
        return NormFacts(grade or "", found.code, found.tenths) if found else None

    def _letter(self, scales: GradeScales, mark: str, scale: str) -> str | None:
        """The grade a mark is counted under."""
        if (mark, scale) not in self.letters_known:
            self.letters_known[mark, scale] = letters(pd.Series([mark]), pd.Series([scale]), scales)[0]
        return self.letters_known[mark, scale]


def local_facts(connection: Connection, district_id: int, as_of: date, settings: Settings) -> LocalFacts:
    """The facts of a district on a day. Raises ScaleError for grade scales of its own that cannot be used."""
    code = connection.scalar(text("SELECT code FROM district WHERE id = :id"), {"id": district_id}) or ""
    scales = scales_of(settings.home, code) or load()
    norms: dict[tuple[str, str, str], dict[int, dict[str, Statement]]] = {}
    for one in family_norms(connection, district_id, as_of, scales, settings.privacy.minimum_group):
        course = norms.setdefault((one.subject, one.course, one.scale), {})
        course.setdefault(one.grade_level, {})[one.grade] = one.statement
    return LocalFacts(
        norms=norms,
        programmes=store.programmes(connection, district_id, as_of),
        grading_policies=store.grading_policies(connection, district_id),
        scales=scales,
        attendance=AttendanceWanted(last_completed_year(as_of) + 1, as_of - _DAYS_ATTENDANCE_HOLDS),
    )


def _only(levels: Mapping[int, object]) -> int | None:
    return next(iter(levels)) if len(levels) == 1 else None

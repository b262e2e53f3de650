"""Made-up facts for reports; no person behind them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from reports.family.facts import (
    Issue,
    Level,
    MarkFacts,
    ReportFacts,
    ScoreFacts,
    SubjectFacts,
    TeacherFacts,
)

STATE_LEVELS = (
    Level("1", "Did Not Meet Grade Level", 1100, 1488),
    Level("2", "Approaches Grade Level", 1489, 1588),
    Level("3", "Meets Grade Level", 1589, 1659),
    Level("4", "Masters Grade Level", 1660, 2000),
)

STATE_MATH = ScoreFacts(
    title="STAAR Mathematics",
    family="STAAR",
    kind="summative",
    season="spring",
    administered_on=date(2026, 4, 22),
    evidence="CLOSE",
    score=1571,
    error=33,
    cut=1589,
    level="2",
    floor_level="3",
    levels=STATE_LEVELS,
)
INTERIM_READING = ScoreFacts(
    title="MAP Growth Reading",
    family="MAP Growth",
    kind="interim",
    season="fall",
    administered_on=date(2026, 9, 15),
    evidence="NOT_YET",
    score=194,
    error=3.2,
    cut=204,
    level=None,
    floor_level=None,
    levels=(),
)
STATE_READING = replace(
    STATE_MATH, title="STAAR Reading", evidence="NOT_YET", score=1465, level="1", error=30
)

MATH = SubjectFacts(
    subject="math",
    category="HIGH_CLOSE",
    evidence="CLOSE",
    rules=(),
    mark=MarkFacts("B", "Math 5", 2026, "Year"),
    tests=(STATE_MATH,),
    last_year=True,
)
READING = SubjectFacts(
    subject="reading",
    category="HIGH_NOTYET",
    evidence="NOT_YET",
    rules=(),
    mark=MarkFacts("A-", "English Language Arts 5", 2026, "Year"),
    tests=(STATE_READING, INTERIM_READING),
    last_year=True,
)
NOT_ENOUGH = SubjectFacts("math", "NOT_ENOUGH", None, (), MarkFacts("P", "Math 5", 2026, "Year"), (), False)
OTHER_TEST = SubjectFacts(
    "reading", "OTHER_TEST", None, (), MarkFacts("B", "Reading 5", 2026, "Year"), (), False
)

FACTS = ReportFacts(
    student="Ana",
    full_name="Ana Rivera",
    grade_level=6,
    school="Lincoln Elementary School",
    school_phone="555-0134",
    teachers=(
        TeacherFacts("math", "María Ortiz", "ortiz@school.example"),
        TeacherFacts("reading", "María Ortiz", "ortiz@school.example"),
    ),
    subjects=(READING, MATH),
)
ISSUE = Issue("K7F3-92QX-TB4M", 1, date(2026, 11, 2), date(2026, 11, 16))

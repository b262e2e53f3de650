"""Assessments with their levels, and students' results on them."""

from __future__ import annotations

from collections.abc import Sequence

from campaign.intake.dates import read_date, read_school_year, school_year_of
from campaign.intake.edfi.records import Assessment, Context, first, need, student_of, student_reference
from campaign.intake.elements import Element, nodes, text, texts
from campaign.intake.levels import Level, as_json, floor_of, in_order, is_untidy
from campaign.intake.plans import Facts
from campaign.intake.problems import RowRefused
from campaign.intake.quantities import read_number
from campaign.intake.staging import Fact, FileTally
from campaign.intake.vocabulary import read_grade_level, read_language, subject_of, table


def _method(element: Element) -> str:
    return element.get("AssessmentReportingMethod") or text(element, "AssessmentReportingMethod")


def assessment(element: Element, context: Context, tally: FileTally) -> Facts:
    """An assessment, its levels put in order by their lowest score. The score is the one the level ranges are on."""
    described = _described(element)
    levels = _levels(element, described.method)
    name = f"{described.title} {described.version}"
    if is_untidy(levels):
        tally.note("levels_overlap", name, "AssessmentPerformanceLevel")
    floor = floor_of(levels)
    minimum, maximum = _bounds(element, described.method)
    context.assessments[_reference(element)] = described
    return [
        Fact(
            "assessment",
            {
                "family": described.family,
                "version": described.version,
                "subject": described.subject,
                "grade_level": described.grade_level,
                "season": described.season,
                "title": described.title,
                "kind": described.kind,
                "levels": as_json(in_order(levels)),
                "floor_level": floor and floor.code,
                "cut": floor and floor.minimum,
                "score_minimum": minimum,
                "score_maximum": maximum,
            },
        )
    ]


def _reference(element: Element) -> str:
    """How scores point to an assessment: by identifier, before that by title, grade and version."""
    if identifier := text(element, "AssessmentIdentifier"):
        return identifier
    grade = first(element, "GradeLevelAssessed", "AssessedGradeLevel")
    return "|".join((need(element, "AssessmentTitle"), grade, text(element, "Version")))


def _described(element: Element) -> Assessment:
    title = first(element, "AssessmentTitle", "AssessmentIdentifier")
    if not title:
        raise RowRefused("missing_value", "AssessmentTitle")
    subjects = texts(element, "AcademicSubject")
    grades = texts(element, "GradeLevelAssessed") + texts(element, "AssessedGradeLevel")
    ranged = [node for node in nodes(element, "AssessmentPerformanceLevel") if text(node, "MinimumScore")]
    return Assessment(
        family=title,
        version=first(element, "AssessmentIdentifier", "Version") or "1",
        subject=subject_of(subjects[0]) if len(subjects) == 1 else None,
        grade_level=read_grade_level(grades[0], "AssessedGradeLevel") if len(grades) == 1 else None,
        season=_season(element),
        kind=_kind(text(element, "AssessmentCategory")),
        title=title,
        method=_method(ranged[0]) if ranged else None,
    )


def _season(element: Element) -> str | None:
    period = first(
        element, "AssessmentPeriod/AssessmentPeriodDescriptorIdentity/AssessmentPeriodDescriptorCodeValue"
    )
    for word, season in table("layout.toml", __package__)["seasons"].items():
        if word in period:
            return str(season)
    return None


def _kind(category: str) -> str:
    for kind, names in table("layout.toml", __package__)["categories"].items():
        if category in names:
            return str(kind)
    return "summative" if category.startswith("State") else "interim"


def _levels(element: Element, method: str | None) -> list[Level]:
    found = []
    for node in nodes(element, "AssessmentPerformanceLevel"):
        if method is not None and _method(node) != method:
            continue
        code = first(node, "PerformanceLevel/CodeValue", "PerformanceLevel")
        minimum = read_number(text(node, "MinimumScore"), "MinimumScore")
        maximum = read_number(text(node, "MaximumScore"), "MaximumScore")
        if code:
            found.append(Level(code, first(node, "PerformanceLevel/Description") or code, minimum, maximum))
    return found


def _bounds(element: Element, method: str | None) -> tuple[float | None, float | None]:
    for node in nodes(element, "AssessmentScore"):
        if method is not None and _method(node) == method:
            return (
                read_number(text(node, "MinimumScore"), "MinimumScore"),
                read_number(text(node, "MaximumScore"), "MaximumScore"),
            )
    return None, None


def student_assessment(element: Element, context: Context, tally: FileTally) -> Facts:
    identity = next(iter(nodes(element, "AssessmentReference/AssessmentIdentity")), None)
    if identity is None:
        raise RowRefused("missing_value", "AssessmentReference")
    reference = _reference(identity)
    described = context.assessments.get(reference)
    if described is None:
        raise RowRefused("unknown_assessment", "AssessmentReference")
    day = read_date(text(element, "AdministrationDate"), "AdministrationDate")
    language = read_language(text(element, "AdministrationLanguage"))
    key = text(element, "StudentAssessmentIdentifier") or f"{day}|{text(element, 'RetestIndicator')}"
    year = read_school_year(text(element, "SchoolYear"), "SchoolYear") or (day and school_year_of(day))
    return [
        Fact(
            "score",
            {
                "source_key": f"edfi score|{student_of(element)}|{reference}|{key}",
                "family": described.family,
                "version": described.version,
                "subject": described.subject,
                "grade_level": described.grade_level,
                "season": described.season,
                "title": described.title,
                "kind": described.kind,
                "administered_on": day,
                "school_year": year,
                "scale_score": _score(element, described),
                "level": _level(element, described.method),
                "status": "alternate" if described.kind == "alternate" else "valid",
                "status_reason": text(element, "ReasonNotTested") or None,
                "test_language": language and language.tag,
            },
        ),
        student_reference(element),
    ]


def _score(element: Element, described: Assessment) -> float | None:
    results = {
        _method(node): text(node, "Result")
        for name in ("ScoreResults", "ScoreResult")
        for node in nodes(element, name)
    }
    wanted: Sequence[str] = table("layout.toml", __package__)["scores"]["methods"]
    methods = [described.method] if described.method else wanted
    chosen = next((results[method] for method in methods if results.get(method)), "")
    return read_number(chosen, "ScoreResult")


def _level(element: Element, method: str | None) -> str | None:
    """The level reported on the same score as the ranges; else the first one reported."""
    reported = [
        (_method(node), first(node, "CodeValue", "PerformanceLevel"))
        for name in ("PerformanceLevels", "PerformanceLevel")
        for node in nodes(element, name)
    ]
    reported.sort(key=lambda pair: pair[0] != method)
    return reported[0][1] or None if reported else None

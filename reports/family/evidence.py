"""What a report rests on, in words and as a picture: marks, tests, what a mark means here, days missed."""

from __future__ import annotations

from datetime import date

from reports.family import charts
from reports.family.facts import AttendanceFacts, MarkFacts, NormFacts, ReportFacts, ScoreFacts, SubjectFacts
from reports.family.report import Chart, EvidenceRow, Passage
from reports.family.voice import Voice
from reports.records import Category

_SOURCE_LANGUAGE = "en"


def decisive(subject: SubjectFacts) -> ScoreFacts | None:
    """The test that leads, else the newest that says what the category says, else the newest."""
    agreeing = [test for test in subject.tests if test.evidence == subject.evidence]
    leading = [test for test in subject.tests if test.leads]
    newest = sorted(leading or agreeing or subject.tests, key=lambda test: test.administered_on or date.min)
    return newest[-1] if newest else None


def picture(voice: Voice, test: ScoreFacts) -> Chart | None:
    """The one picture of a subject, or None where the test does not say enough to draw it truthfully."""
    places = charts.geometry(test)
    if places is None:
        return None
    description, line, legend = _words_with_band(voice, test) or _words_with_level(voice, test)
    return Chart(
        title=voice.say("report.chart.title", test=test.title, date=voice.month(test.administered_on)),
        description=description,
        segments=places.segments,
        line=places.line,
        line_label=line,
        legend=legend,
        band=places.band,
        score=places.score,
    )


def _words_with_band(voice: Voice, test: ScoreFacts) -> tuple[str, str, str] | None:
    if test.score is None or test.error is None or test.cut is None:
        return None
    score, cut = voice.number(test.score), voice.number(test.cut)
    low, high = voice.number(test.score - test.error), voice.number(test.score + test.error)
    test_said = voice.test(test.kind, test.family, test.season)
    return (
        voice.say("report.chart.text_band", test=test_said, score=score, cut=cut, low=low, high=high),
        voice.say("report.chart.line_at", cut=cut),
        voice.say("report.chart.band", score=score),
    )


def _words_with_level(voice: Voice, test: ScoreFacts) -> tuple[str, str, str]:
    names = {level.code: level.name for level in test.levels}
    words = {"level": names.get(test.level or "", ""), "floor": names.get(test.floor_level or "", "")}
    test_said = voice.test(test.kind, test.family, test.season)
    return (
        voice.say("report.chart.text_levels", test=test_said, **words),
        voice.say("report.chart.line"),
        voice.say("report.chart.reached"),
    )


def rows(voice: Voice, subject: SubjectFacts, most_tests: int) -> tuple[EvidenceRow, ...]:
    """The mark, then up to `most_tests` tests, the newest first and the decisive one among them."""
    mark = _mark_row(voice, subject.mark) if subject.mark else _absent(voice, "mark")
    tests = [_test_row(voice, test) for test in _shown(subject, most_tests)]
    if not tests and subject.category != Category.OTHER_TEST:
        tests = [_absent(voice, "test")]
    return (mark, *tests)


def _shown(subject: SubjectFacts, most: int) -> list[ScoreFacts]:
    """Where tests do not agree, one of each verdict is among them."""
    first: dict[str, ScoreFacts] = {}
    leading = decisive(subject)
    for test in (*([leading] if leading else ()), *subject.tests):
        first.setdefault(test.evidence, test)
    others = [test for test in subject.tests if test not in first.values()]
    chosen = [*first.values(), *others][:most]
    return [test for test in subject.tests if test in chosen]


def _absent(voice: Voice, kind: str) -> EvidenceRow:
    return EvidenceRow(kind, voice.say(f"report.know.no_{kind}"), "", "", "", "")


def _mark_row(voice: Voice, mark: MarkFacts) -> EvidenceRow:
    source = voice.say("report.know.report_card_only")
    if mark.course:
        source = voice.say("report.know.report_card", course=mark.course)
    teacher = voice.say("report.teacher", teacher=mark.teacher) if mark.teacher else ""
    return EvidenceRow("mark", source, mark.mark, teacher, _when(voice, mark), "")


def _when(voice: Voice, mark: MarkFacts) -> str:
    """The term as the school names it, with its year where the name has none; else the school year alone."""
    if not mark.school_year:
        return mark.period
    if not any(letter.isalpha() for letter in mark.period):
        return voice.school_year(mark.school_year)
    says_year = any(str(number) in mark.period for number in (mark.school_year - 1, mark.school_year))
    return mark.period if says_year else f"{mark.period}, {mark.school_year - 1}–{mark.school_year % 100:02d}"


def _test_row(voice: Voice, test: ScoreFacts) -> EvidenceRow:
    names = {level.code: level.name for level in test.levels}
    level = names.get(test.level or "", "")
    official = voice.say("report.know.official_level", level=level) if level else ""
    says = voice.say(f"report.verdicts.{test.evidence}")
    return EvidenceRow("test", test.title, says, official, voice.month(test.administered_on), test.evidence)


def norm(voice: Voice, found: NormFacts | None) -> tuple[str, str]:
    """Heading and text of what a mark means here; both "" where nothing may be said."""
    if found is None:
        return "", ""
    fields = voice.fields | {"mark": found.grade} | ({"tenths": str(found.tenths)} if found.tenths else {})
    return (
        voice.catalog.norm_title(voice.language, found.grade),
        voice.catalog.norm(found.code, voice.language, fields),
    )


def attendance(voice: Voice, found: AttendanceFacts | None) -> EvidenceRow | None:
    """Days missed, always as days."""
    if found is None:
        return None
    when = voice.say("report.know.since", date=voice.day(found.since))
    days = voice.count("report.days", found.days)
    return EvidenceRow("attendance", voice.say("report.know.attendance"), days, "", when, "")


def caveats(voice: Voice, tested: bool) -> tuple[str, ...]:
    """What must stand beside the evidence: what a grade can hold, and that one test is one day."""
    keys = ["grades", *(["one_day"] if tested else [])]
    return tuple(voice.say(f"report.meanings.{key}") for key in keys)


def policy(voice: Voice, facts: ReportFacts) -> Passage | None:
    """The school's line on its grades, in this language or else as it was given in English."""
    for language in (voice.language, _SOURCE_LANGUAGE):
        if facts.grading_policy.get(language):
            return Passage(facts.grading_policy[language], language)
    return None

"""Facts and a language in, a family report out. Every word comes from the catalog; nothing is worked out anew."""

from __future__ import annotations

from content.catalog import Catalog
from reports.family import actions, evidence
from reports.family.facts import Issue, ReportFacts, SubjectFacts
from reports.family.report import LINK_PLACE, FamilyReport, SubjectBlock
from reports.family.voice import Voice
from reports.records import Category

MOST_SUBJECTS = 2
# Rows of tests a subject, by how many subjects there are.
_MOST_TESTS = {0: 3, 1: 3, 2: 2}
_ORDER = ("math", "reading")

# A rule that fired and what the family is told about it.
_NOTES = {
    "5_one_test_close": "report.notes.one_close",
    "7_standards_card": "report.notes.standards",
    "10_test_in_english": "report.notes.english_test",
}
_LABELS = (
    "title",
    "other_side",
    "replaced",
    "large",
    "headings.doing",
    "headings.mean",
    "headings.know",
    "headings.now",
    "headings.next",
    "headings.your_turn",
    "headings.words",
    "know.source",
    "know.says",
    "know.when",
    "now.home",
    "now.minutes",
    "now.sign_up",
    "chart.panel",
    "next.mistake",
    "next.privacy",
    "next.stop",
    "next.scan",
    "next.hear",
    "your_turn.intro",
    "your_turn.loves",
    "your_turn.learns",
    "your_turn.hope",
    "your_turn.question",
    "your_turn.talk",
    "your_turn.language",
    "your_turn.give",
)
_GLOSSARY = ("grade_level", "grade_level_line", "band", "grade", "state_test", "interim_test", "skill")


def write(facts: ReportFacts, issue: Issue, language: str, catalog: Catalog) -> FamilyReport:
    """The report in `language`. Raises ContentError where the catalog lacks a text."""
    voice = Voice(catalog, language, {"student": facts.student, "school": facts.school})
    subjects = most_important(facts.subjects)
    blocks = tuple(_block(voice, facts, subject, subjects) for subject in subjects)
    shown = [subject.subject for subject in subjects]
    teachers = [teacher for teacher in facts.teachers if teacher.subject in shown]
    tested = any(row.state for block in blocks for row in block.rows)
    meanings = _meanings(voice, blocks, tested)
    return FamilyReport(
        number=issue.number,
        version=issue.version,
        language=language,
        issued_on=issue.issued_on,
        issued=voice.day(issue.issued_on),
        student=facts.student,
        full_name=facts.full_name,
        details=_details(voice, facts),
        subjects=blocks,
        meanings=meanings,
        steps=actions.steps(voice, issue),
        reach=actions.reach(voice, teachers, facts.school_phone),
        programme=actions.programme(voice, facts, subjects),
        interpreter_language=issue.family_language,
        interpreter_line=catalog.interpreter_line(issue.family_language) or "",
        notice=_notice(voice, issue),
        labels=_labels(voice, issue),
        glossary=_glossary(voice, blocks),
        link=issue.link,
        attendance=evidence.attendance(voice, facts.attendance),
        caveats=tuple(caveat for caveat in evidence.caveats(voice, tested) if caveat not in meanings),
        policy=evidence.policy(voice, facts),
        **_note(voice, facts),
    )


def _note(voice: Voice, facts: ReportFacts) -> dict[str, str]:
    """The teacher's own words where they stand in this language; a language they are not in goes without them."""
    note = facts.teacher_note
    if note is None or not note.said.get(voice.language):
        return {}
    by = voice.say("report.teacher", teacher=note.by)
    return {"teacher_note": note.said[voice.language], "teacher_note_by": by}


def most_important(subjects: tuple[SubjectFacts, ...]) -> list[SubjectFacts]:
    """Math and reading first, then by name; at most two, for a report says little so that it is read."""

    def place(subject: SubjectFacts) -> tuple[int, str]:
        return (_ORDER.index(subject.subject) if subject.subject in _ORDER else len(_ORDER), subject.subject)

    return sorted(subjects, key=place)[:MOST_SUBJECTS]


def _details(voice: Voice, facts: ReportFacts) -> tuple[str, ...]:
    grade = "" if facts.grade_level is None else voice.say(f"report.grade_levels.{facts.grade_level}")
    return tuple(detail for detail in (grade, facts.school) if detail)


def _notice(voice: Voice, issue: Issue) -> str:
    if issue.corrected:
        return voice.say("report.corrected")
    return voice.say("report.newer") if issue.version > 1 else ""


def _labels(voice: Voice, issue: Issue) -> dict[str, str]:
    labels = {key: voice.say(f"report.{key}") for key in _LABELS}
    labels["number"] = voice.say("report.next.number", number=issue.number, version=str(issue.version))
    labels["define.lead"] = voice.say("page.define.lead")
    labels["next.type"] = voice.say("report.next.type", link=LINK_PLACE)
    return labels


def _block(
    voice: Voice, facts: ReportFacts, subject: SubjectFacts, shown: list[SubjectFacts]
) -> SubjectBlock:
    test = evidence.decisive(subject)
    state = subject.evidence or ""
    in_focus = subject is actions.focus(shown)
    norm_title, norm = evidence.norm(voice, subject.norm if subject is _told_of(shown) else None)
    most_questions = 3 if len(shown) == 1 else 2 if in_focus else 1
    return SubjectBlock(
        subject=subject.subject,
        title=voice.say(f"report.subject_titles.{subject.subject}"),
        category=subject.category,
        state=state,
        verdict=voice.say(f"report.verdicts.{state}") if state else "",
        sentence=_sentence(voice, subject),
        meaning=voice.say(f"report.meanings.{state or subject.category}"),
        notes=tuple(voice.say(text) for rule, text in _NOTES.items() if rule in subject.rules),
        chart=evidence.picture(voice, test) if test and state else None,
        rows=evidence.rows(voice, subject, _MOST_TESTS[len(shown)]),
        ask_title=actions.ask_title(voice, subject),
        questions=actions.questions(voice, subject, facts.grade_level, most_questions),
        activity=actions.activity(voice, subject, facts.grade_level) if in_focus else "",
        norm_title=norm_title,
        norm=norm,
    )


def _told_of(shown: list[SubjectFacts]) -> SubjectFacts | None:
    """The one subject of which a report says what its grade means here: that in focus if it can be said of it."""
    first = actions.focus(shown)
    sayable = [subject for subject in shown if subject.norm]
    return first if first in sayable else next(iter(sayable), None)


def _sentence(voice: Voice, subject: SubjectFacts) -> str:
    """The one sentence of the category, before any number."""
    fields = {**voice.fields, "subject": voice.say(f"report.subjects.{subject.subject}")}
    test = evidence.decisive(subject)
    if subject.mark and test:
        fields |= {"mark": subject.mark.mark, "test": voice.test(test.kind, test.family, test.season)}
        fields["time"] = "last_year" if subject.last_year else "this_year"
    return voice.catalog.sentence(subject.category, voice.language, fields)


def _meanings(voice: Voice, blocks: tuple[SubjectBlock, ...], tested: bool) -> tuple[str, ...]:
    """What each verdict means, once. Without a verdict the subject's own panel says what it means."""
    said = list(dict.fromkeys(block.meaning for block in blocks if block.chart))
    if not said:
        return (voice.say("report.meanings.grades"),)
    return (*said, voice.say("report.meanings.both")) if tested else tuple(said)


def _glossary(voice: Voice, blocks: tuple[SubjectBlock, ...]) -> tuple[tuple[str, str], ...]:
    terms = list(_GLOSSARY)
    if any(block.category == Category.OTHER_TEST for block in blocks):
        terms.append("iep")
    return tuple((voice.say(f"glossary.{term}.term"), voice.say(f"glossary.{term}.says")) for term in terms)

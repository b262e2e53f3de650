"""What a family can do: questions to ask, ten minutes at home, something to sign up for, a day and a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from reports.family.facts import Issue, ProgrammeFacts, ReportFacts, SubjectFacts, TeacherFacts
from reports.family.report import Programme
from reports.family.voice import Voice
from reports.records import Category

_SOURCE_LANGUAGE = "en"

# What a talk is about: categories that ask for the same talk share questions, activities and the teacher's points.
TALKS: Final[Mapping[str, str]] = {
    Category.MATCH_AT: "AT",
    Category.MID_AT: "AT",
    Category.LOW_AT: "LOW_AT",
    Category.HIGH_CLOSE: "CLOSE",
    Category.MID_CLOSE: "CLOSE",
    Category.LOW_CLOSE: "LOW_CLOSE",
    Category.HIGH_NOTYET: "NOT_YET",
    Category.MID_NOTYET: "NOT_YET",
    Category.BOTH_NEED: "BOTH_NEED",
    Category.TESTS_DISAGREE: "TESTS_DISAGREE",
    Category.NOT_ENOUGH: "NOT_ENOUGH",
    Category.OTHER_TEST: "OTHER_TEST",
}
_ACTIVITY = {"AT": "stretch", "LOW_AT": "stretch", "CLOSE": "practice", "NOT_YET": "practice"}
_ACTIVITY |= {"LOW_CLOSE": "practice", "BOTH_NEED": "practice"}

# What needs a family's time first.
_NEED = (
    Category.BOTH_NEED,
    Category.HIGH_NOTYET,
    Category.MID_NOTYET,
    Category.LOW_CLOSE,
    Category.MID_CLOSE,
    Category.HIGH_CLOSE,
    Category.TESTS_DISAGREE,
    Category.LOW_AT,
    Category.NOT_ENOUGH,
    Category.OTHER_TEST,
    Category.MID_AT,
    Category.MATCH_AT,
)
_QUESTIONS = 3
_LIBRARY_SUBJECTS = ("math", "reading")


def focus(subjects: Sequence[SubjectFacts]) -> SubjectFacts | None:
    """The subject that needs more; of two that need the same, the first. None without subjects."""
    return min(subjects, key=lambda subject: _NEED.index(Category(subject.category)), default=None)


def ask_title(voice: Voice, subject: SubjectFacts) -> str:
    other_test = subject.category == Category.OTHER_TEST
    return voice.say("report.now.ask_iep" if other_test else "report.now.ask")


def questions(
    voice: Voice, subject: SubjectFacts, grade_level: int | None, most: int = _QUESTIONS
) -> tuple[str, ...]:
    """The first of the three questions that go with the category, the subject and the grade."""
    word = voice.say(f"report.subjects.{subject.subject}")
    skill = voice.say(f"questions.skills.{_library(subject)}.{grade_band(grade_level)}", subject=word)
    column = TALKS[Category(subject.category)]
    return voice.list(f"questions.columns.{column}", subject=word, skill=skill)[:most]


def activity(voice: Voice, subject: SubjectFacts, grade_level: int | None) -> str:
    """One thing to do at home in ten minutes."""
    kind = _ACTIVITY.get(TALKS[Category(subject.category)], "any")
    word = voice.say(f"report.subjects.{subject.subject}")
    return voice.say(f"activities.{_library(subject)}.{kind}.{grade_band(grade_level)}", subject=word)


def grade_band(grade_level: int | None) -> str:
    if grade_level is None:
        return "3-5"
    return "K-2" if grade_level <= 2 else "3-5" if grade_level <= 5 else "6-8" if grade_level <= 8 else "9-12"


def _library(subject: SubjectFacts) -> str:
    return subject.subject if subject.subject in _LIBRARY_SUBJECTS else "other"


def programme(voice: Voice, facts: ReportFacts, subjects: Sequence[SubjectFacts]) -> Programme | None:
    """The soonest programme for the subject that needs more, else for another subject shown."""
    first = focus(subjects)
    wanted = [first, *(subject for subject in subjects if subject is not first)]
    for subject in wanted:
        for found in facts.programmes:
            if subject is not None and subject.subject in found.subjects:
                return as_printed(voice, found)
    return None


def as_printed(voice: Voice, found: ProgrammeFacts) -> Programme:
    """What a report says of it; in English where the district wrote nothing in the language of the report."""
    language = voice.language if voice.language in found.title else _SOURCE_LANGUAGE
    says = [voice.say("report.now.starts", date=voice.day(found.starts_on))] if found.starts_on else []
    says += [voice.say("report.now.free")] if found.free else []
    says += [voice.say("report.now.bus")] if found.bus else []
    says.append(
        voice.say("report.now.sign_up_at", contact=found.contact)
        if found.contact
        else voice.say("report.now.ask_about")
    )
    return Programme(found.title.get(language, ""), found.details.get(language, ""), language, tuple(says))


def steps(voice: Voice, issue: Issue) -> tuple[str, ...]:
    """The one dated step."""
    if issue.conference_on:
        return (voice.say("report.next.conference", date=voice.day(issue.conference_on)),)
    return (voice.say("report.next.talk_by", date=voice.day(issue.talk_by)),)


def reach(voice: Voice, teachers: Sequence[TeacherFacts], school_phone: str) -> tuple[str, ...]:
    """Who can be asked and how, and that an interpreter is free."""
    one = len({teacher.name for teacher in teachers}) == 1
    lines = [_ask(voice, teacher, one) for teacher in teachers]
    addresses = dict.fromkeys(teacher.email for teacher in teachers if teacher.email)
    lines += [voice.say("report.next.write", email=address) for address in addresses]
    if school_phone:
        lines.append(voice.say("report.next.call", phone=school_phone))
    lines += [voice.say("report.next.school_office"), voice.say("report.next.interpreter")]
    return tuple(dict.fromkeys(lines))


def _ask(voice: Voice, teacher: TeacherFacts, one: bool) -> str:
    if one:
        return voice.say("report.next.ask_person", person=teacher.name)
    word = voice.say(f"report.subjects.{teacher.subject}")
    return voice.say("report.next.ask_person_about", person=teacher.name, subject=word)

"""What is printed or said on the phone at its worst: the letter and the call script of a step, in every language.

Beside `worst_cases`, in the same words that the print run and the call list use.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from campaign.approval.worst_cases import Bench
from campaign.calling.script import Script, script
from campaign.definitions.definition import BY_PEOPLE, CampaignDefinition, Step
from campaign.paper.letter_pages import About, pages
from campaign.wordings import by_people
from campaign.wordings.by_people import CALL_UNIT, LETTER_UNIT, Body
from campaign.wordings.wording import ENGLISH, Wording
from content.languages import languages
from reports.mailing.letter import LetterPage

_ADULT = "Guadalupe-Concepción Villanueva-Featherstonehaugh"


@dataclass(frozen=True)
class LetterCase:
    """`pages`: a side a language, the family's own first. `fallback_from` as in a `Case`."""

    language: str
    fallback_from: str | None
    pages: list[LetterPage]
    is_draft: bool


@dataclass(frozen=True)
class CallCase:
    language: str
    script: Script
    is_draft: bool


def ways(definition: CampaignDefinition, message: str) -> dict[str, Step]:
    """Letter and call → the first step that says this message so, at once or to who does not answer."""
    found: dict[str, Step] = {}
    for step in definition.steps.values():
        if step.message == message:
            for way in (*step.channels, *(str(one.by) for one in step.follow_ups)):
                if way in BY_PEOPLE:
                    found.setdefault(way, step)
    return found


def letters(step: Step, at: Bench, day: date) -> list[LetterCase]:
    """A letter in every language that may go out, right to left first, and English in the place of the others."""
    body = by_people.letter_body(at.texts.catalog, step)
    going = _going(step, "letter", at) if body else []
    unit = LETTER_UNIT if body is Body.REPORT else f"messages/{step.message}"
    found = [_letter(step, at, day, language, None, _is_draft(at, unit, language)) for language in going]
    others = at.texts.catalog.interpreter_lines.keys() - set(going) if ENGLISH in going else set[str]()
    return found + [_letter(step, at, day, ENGLISH, language, False) for language in sorted(others)]


def calls(step: Step, at: Bench) -> Iterator[CallCase]:
    """The script in every language that may be read out; English stands beside each."""
    children = [(at.worst.child, at.worst.school)] * at.worst.children
    for language in _going(step, "call", at):
        said = script(at.texts.catalog, step.message, Wording(language), _ADULT, children)
        yield CallCase(language, said, _is_draft(at, CALL_UNIT, language))


def _going(step: Step, way: str, at: Bench) -> list[str]:
    found = by_people.sendable([step], at.texts, at.settings.languages.offered)
    written = {language for _, channel, language in found if channel == way}
    return sorted(written, key=lambda code: (languages()[code].direction != "rtl", code))


def _letter(
    step: Step, at: Bench, day: date, language: str, fallback_from: str | None, is_draft: bool
) -> LetterCase:
    students = [(at.worst.child, at.worst.school)] * at.worst.children
    about = About(step, language, fallback_from, students, day, follows=True)
    sides = pages(at.texts.catalog, about, at.settings.mail.postal_address)
    return LetterCase(language, fallback_from, sides, is_draft)


def _is_draft(at: Bench, unit: str, language: str) -> bool:
    return not at.texts.is_reviewed(unit, language)

"""What letters and calls say: a letter the page on top of what lies in its envelope, a call the script for the staff.

A letter has words of its own where it brings a report; a notice that the law demands is printed as its e-mail says it.
All else is not written for paper ("reply to this e-mail"), so there is no letter of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from enum import StrEnum

from campaign.definitions.definition import BY_PEOPLE, Step
from campaign.wordings.texts import Texts
from campaign.wordings.wording import ENGLISH
from content.catalog import Catalog

LETTER_UNIT, CALL_UNIT = "letter", "call_script"
_UNITS = {"letter": LETTER_UNIT, "call": CALL_UNIT}


class Body(StrEnum):
    """Where the words of a letter come from."""

    REPORT = "report"
    NOTICE = "notice"


def brings_report(catalog: Catalog, message: str) -> bool:
    """Whether the message leads to the report, so that a letter of it has the report in its envelope."""
    unit = catalog.messages.get(message)
    return unit is not None and any(
        "reports" in catalog.message(message, channel, ENGLISH).fields for channel in unit.bodies
    )


def letter_body(catalog: Catalog, step: Step) -> Body | None:
    """What a letter of this step says; None where there is nothing that can be printed."""
    if brings_report(catalog, step.message):
        return Body.REPORT
    unit = catalog.messages.get(step.message)
    return Body.NOTICE if step.is_legal and unit is not None and "email" in unit.bodies else None


def units_of(steps: Iterable[Step]) -> list[str]:
    """The texts beside their messages that these steps say by letter or call, at once or to who does not answer."""
    ways = {way for step in steps for way in (*step.channels, *(str(one.by) for one in step.follow_ups))}
    return sorted(_UNITS[way] for way in ways & BY_PEOPLE)


def sendable(steps: Iterable[Step], texts: Texts, offered: Collection[str]) -> Iterator[tuple[str, str, str]]:
    """(message, channel, language) of what may go out by letter or be said on the phone."""
    open_units = {
        (unit, language)
        for unit in _UNITS.values()
        for language in offered
        if texts.may_go_out(unit, language)
    }
    for step in steps:
        if step.message not in texts.catalog.messages:
            continue
        body = letter_body(texts.catalog, step)
        for language in offered:
            if (CALL_UNIT, language) in open_units:
                yield step.message, "call", language
            own = body is Body.REPORT or texts.may_go_out(f"messages/{step.message}", language)
            if body and own and (LETTER_UNIT, language) in open_units:
                yield step.message, "letter", language

"""The page on top of a letter: in the family's language in front, in English on its back."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date

from campaign.definitions.definition import Step
from campaign.dispatch.writing import direction
from campaign.wordings.by_people import LETTER_UNIT, Body, letter_body
from campaign.wordings.wording import ENGLISH, base
from content import languages
from content.catalog import Catalog, ContentError
from content.fields import fill
from content.formats import listed
from reports.mailing.letter import LetterPage

_SMALL = "\n--\n"


@dataclass(frozen=True)
class About:
    """What one letter is about. `students`: (name, school). `stopped`: the contact wants no electronic messages;
    `follows`: a message went before; `fallback_from` as in a message."""

    step: Step
    language: str
    fallback_from: str | None
    students: Sequence[tuple[str, str]]
    day: date
    stopped: bool = False
    follows: bool = False


def pages(catalog: Catalog, about: About, postal_address: str) -> list[LetterPage]:
    """A side a language, English last. Raises ContentError where the step has no text for paper."""
    sides = dict.fromkeys([base(about.language), ENGLISH])
    return [_page(catalog, about, language, postal_address) for language in sides]


def text_hash(catalog: Catalog, step: Step, language: str) -> str:
    """SHA-256 of all words of ours in a letter of this step, fields open. Raises ContentError as `pages`."""
    sides = dict.fromkeys([base(language), ENGLISH])
    unit = catalog.units[LETTER_UNIT]
    said = [(side, unit.strings(side), _title_and_text(catalog, step, side)) for side in sides]
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _page(catalog: Catalog, about: About, language: str, postal_address: str) -> LetterPage:
    written = languages.language(language)
    schools = listed(sorted({school for _, school in about.students}), language)
    fields = {"child": listed([name for name, _ in about.students], language), "school": schools}

    def said(key: str, **more: str) -> str:
        return catalog.text(f"{LETTER_UNIT}.{key}", language, {**fields, **more})

    title, text = _title_and_text(catalog, about.step, language)
    known = {**fields, "postal_address": postal_address}
    paragraphs = [fill(part, known, f"letter of {about.step.message} ({language})") for part in text]
    is_report = letter_body(catalog, about.step) is Body.REPORT
    line = catalog.interpreter_line(about.fallback_from) if about.fallback_from else None
    return LetterPage(
        tag=written.tag,
        direction=written.direction,
        sender=schools,
        day=format_date(about.day, "long", locale=written.locale),
        title=fill(title, known, f"letter of {about.step.message} ({language})"),
        # A notice greets in words of its own.
        greeting=said("greeting") if is_report else "",
        paragraphs=(*([said("after_message")] if about.follows else []), *paragraphs),
        act_title=said("act_title") if is_report else "",
        act=said("act") if is_report else "",
        interpreter=said("interpreter"),
        closing=said("closing"),
        small=_why_it_comes(catalog, about, language) if about.step.is_legal else said("stop"),
        postal_address=postal_address,
        line=line or "",
        line_tag=about.fallback_from or "",
        line_direction=direction(line or ""),
    )


def _why_it_comes(catalog: Catalog, about: About, language: str) -> str:
    """The law that asks for a letter which nobody can stop."""
    key = "stopping.legal_letter" if about.stopped else f"{LETTER_UNIT}.legal"
    return catalog.text(key, language, {"reason": about.step.notice_reason})


def _title_and_text(catalog: Catalog, step: Step, language: str) -> tuple[str, tuple[str, ...]]:
    """With open fields."""
    body = letter_body(catalog, step)
    if body is None:
        raise ContentError(f"messages/{step.message}: is not written for paper")
    if body is Body.REPORT:
        texts = catalog.units[LETTER_UNIT].texts[language]
        return str(texts["report_title"]), tuple(texts["report"])
    template = catalog.message(step.message, "email", language)
    paragraphs = re.split(r"\n\s*\n", template.text.partition(_SMALL)[0])
    return template.subject, tuple(part.strip() for part in paragraphs if part.strip())

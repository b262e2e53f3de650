"""Plain language: a text pasted in, with what makes it hard marked in it. Nothing of it is stored or logged."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from campaign.web.guard import allow
from campaign.web.staff.blueprint import WHOLE_SCHOOLS, blueprint
from campaign.wordings.plain_language import MOST_LETTERS, look, pieces
from content import languages


@blueprint.get("/plain-language")
@allow(*WHOLE_SCHOOLS)
def plain_language() -> ResponseReturnValue:
    return _page("", "en")


@blueprint.post("/plain-language")
@allow(*WHOLE_SCHOOLS)
def measure_plain_language() -> ResponseReturnValue:
    # Browsers send line ends as two signs; places in the text count one.
    text = request.form.get("text", "").replace("\r\n", "\n").strip()
    language = request.form.get("language", "")
    if language not in languages.languages():
        return _page(text, "en", "Choose one of the languages."), 422
    if not any(letter.isalnum() for letter in text):
        return _page("", language, "Paste a text first."), 422
    if len(text) > MOST_LETTERS:
        too_long = f"The text has {len(text):,} letters. Paste at most {MOST_LETTERS:,} at a time."
        return _page(text[:MOST_LETTERS], language, too_long), 422
    return _page(text, language)


def _page(text: str, language: str, problem: str = "") -> str:
    found = look(text, language) if text and not problem else None
    return render_template(
        "staff/plain_language.html",
        text=text,
        chosen=languages.language(language),
        languages=languages.languages().values(),
        most=MOST_LETTERS,
        problem=problem,
        found=found,
        pieces=pieces(text, found.findings) if found else [],
    )

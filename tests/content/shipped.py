"""The shipped texts as a family reads them: blocks that stand together, with a made-up child in them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from content.catalog import Catalog, load

LANGUAGES = ("en", "es")
_VALUES = {
    "en": {
        "student": "Ana",
        "subject": "math",
        "test": "spring state test",
        "skill": "times tables and fractions",
        "mark_said": "a B",
        "opening": "Ana has a B in math.",
        "date": "May 4",
        "school": "Lincoln School",
    },
    "es": {
        "student": "Ana",
        "subject": "matemáticas",
        "test": "examen estatal de primavera",
        "skill": "las tablas y las fracciones",
        "mark_said": "una B",
        "opening": "Ana tiene una B en matemáticas.",
        "date": "4 de mayo",
        "school": "la escuela",
    },
}
# Pieces of the report that stand in one paragraph or box; the other sections hold headings and labels.
_REPORT_PARAGRAPHS = ("meanings", "next", "notes", "your_turn")
_EACH_ALONE = ("report.sentences", "report.norms", "activities", "questions.columns", "glossary")


def blocks(language: str) -> Iterator[tuple[str, str]]:
    """(where, text) of every block a family reads in `language`."""
    catalog = load()
    for unit_id in ("report", "questions", "activities", "glossary", "page"):
        yield from _unit_blocks(catalog, unit_id, language)
    for message in catalog.messages.values():
        for channel, bodies in message.bodies.items():
            if language in bodies:
                subject, text, _ = bodies[language]
                yield f"messages/{message.id}/{channel}", filled(f"{subject}\n{text}", language)


def _unit_blocks(catalog: Catalog, unit_id: str, language: str) -> Iterator[tuple[str, str]]:
    together: dict[str, list[str]] = {}
    for key, text in catalog.units[unit_id].texts[language].items():
        where = f"{unit_id}.{key}"
        words = "\n".join(text) if isinstance(text, tuple) else text
        if where.endswith(".term"):
            continue
        if where.startswith(_EACH_ALONE):
            yield where, filled(words, language)
        elif unit_id == "page" or key.split(".")[0] in _REPORT_PARAGRAPHS:
            together.setdefault(f"{unit_id}.{key.split('.')[0]}", []).append(filled(words, language))
    for where, texts in together.items():
        yield where, "\n".join(texts)


def every_text(language: str) -> Iterator[tuple[str, str]]:
    """(where, text) of each single text, labels and the words of messages included, fields filled in."""
    catalog = load()
    for unit in catalog.units.values():
        for key, text in unit.texts[language].items():
            for words in text if isinstance(text, tuple) else (text,):
                yield f"{unit.id}.{key}", filled(words, language)
    for message in catalog.messages.values():
        for channel, bodies in message.bodies.items():
            subject, text, _ = bodies.get(language, ("", "", ""))
            yield f"messages/{message.id}/{channel}", filled(f"{subject}\n{text}", language)


def filled(text: str, language: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: _VALUES.get(language, _VALUES["en"]).get(match[1], "3"), text)

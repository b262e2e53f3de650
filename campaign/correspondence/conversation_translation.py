"""Translations of what families and staff write: remembered, or by a machine and looked at by us; always a draft.

No transaction is held while a service works.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Engine

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.store import conversation_translations as store
from campaign.store.conversation_translations import Untranslated
from campaign.translators.checks import Finding, check, is_possible, without_marks
from campaign.translators.contract import NotTranslated, Translator, TranslatorBusy, TranslatorFailed
from campaign.translators.protecting import Fixed, protect, put_back
from content.catalog import Catalog
from content.glossary import marked, terms, terms_not_used
from content.languages import languages
from content.memory import Pair, proposals

STAFF_LANGUAGE = "en"
REMEMBERED = "a person's earlier translation"
# Who did not read a message in this time reads it as it was written, or asks for its translation on the page.
_RECENT = timedelta(days=14)
# Words that mean several things in free text: checked, never put in by force.
_AMBIGUOUS = frozenset({"grade", "band", "skill", "conference", "substitute"})


@dataclass(frozen=True)
class Translated:
    """`by`: the service, or `REMEMBERED`. `warnings`: (what may be wrong, the words it is about)."""

    text: str = field(repr=False)
    by: str
    warnings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Pass:
    """What became of the messages of one pass; `trouble`: what the service said, in its own kind of words."""

    translated: int = 0
    trouble: str = ""


@dataclass(frozen=True)
class Task:
    """A text to be translated, the names that may stand in it, and what persons translated before."""

    text: str = field(repr=False)
    source: str
    target: str
    names: Sequence[str] = field(default=(), repr=False)
    memory: Sequence[Pair] = field(default=(), repr=False)


def translate(task: Task, translator: Translator | None, catalog: Catalog) -> Translated:
    """Raises NotTranslated, TranslatorBusy or TranslatorFailed."""
    known = next((one for one in proposals(task.text, task.memory, most=1) if one.percent == 100), None)
    if known:
        return Translated(known.translation, REMEMBERED)
    if translator is None:
        raise NotTranslated("no translator is set up; see [translation] in config.toml")
    if not is_possible(task.text, task.source):
        raise NotTranslated(f"the text is not written in {languages()[task.source].english}")
    if task.source == task.target:
        raise NotTranslated("the text is in that language already")
    protected = protect(task.text, task.names, _fixed(task, catalog))
    answer = translator.translate(protected.markup, task.source, task.target)
    text, lost = put_back(answer, protected)
    found = check(task.text, text, (task.source, task.target), lost)
    text = without_marks(text, task.text)
    return Translated(text, translator.id, (*_said(found), *_other_words(task, text, catalog)))


def translate_waiting(
    engine: Engine, translator: Translator | None, catalog: Catalog, now: datetime, *, only: int | None = None
) -> Pass:
    """Translate what families wrote lately into the language of staff; `only`: what stands in one thread.

    It stops at the first failure of the service: the next pass goes on.
    """
    since = now - _RECENT if only is None else datetime.min.replace(tzinfo=now.tzinfo)
    with transaction(engine, ENGINE) as connection:
        found = store.waiting(connection, STAFF_LANGUAGE, since=since, only=only)
        tasks = [
            Task(
                one.text,
                one.language,
                STAFF_LANGUAGE,
                store.names(connection, one.student_id, one.contact_id),
                store.memory(connection, one.district_id, one.language, STAFF_LANGUAGE),
            )
            for one in found
        ]
    done, trouble = 0, ""
    for one, task in zip(found, tasks, strict=True):
        try:
            translated = translate(task, translator, catalog)
        except NotTranslated as failure:
            trouble = str(failure)
            continue
        except (TranslatorBusy, TranslatorFailed) as failure:
            return Pass(done, str(failure))
        _keep(engine, one, translated, now)
        done += 1
    return Pass(done, trouble)


def _keep(engine: Engine, one: Untranslated, translated: Translated, now: datetime) -> None:
    with transaction(engine, ENGINE) as connection:
        store.add(
            connection,
            one.message_id,
            {
                "source_language": one.language,
                "language": STAFF_LANGUAGE,
                "source": one.text,
                "text": translated.text,
                "translator": translated.by,
                "warnings": translated.warnings,
                "at": now,
            },
        )


def _fixed(task: Task, catalog: Catalog) -> list[Fixed]:
    """The glossary's words that stand in the text just as they are there, with the other language's word."""
    own, other = (terms(catalog, language) for language in (task.source, task.target))
    words = {term.id: term.term for term in other}
    by_id = {term.id: term.term for term in own}
    return [
        Fixed(piece, words[id])
        for piece, id in marked(task.text, own)
        if id in words and id not in _AMBIGUOUS and piece.casefold() == by_id[id].casefold()
    ]


def _other_words(task: Task, text: str, catalog: Catalog) -> list[tuple[str, str]]:
    """Fixed words that staff used and the translation has not."""
    if task.source != STAFF_LANGUAGE:
        return []
    own, other = (terms(catalog, language) for language in (task.source, task.target))
    return [
        ("term", f"{pair.english}: {pair.fixed}")
        for pair in terms_not_used(task.text, text, own, other)
        if pair.id not in _AMBIGUOUS
    ]


def _said(found: Iterable[Finding]) -> list[tuple[str, str]]:
    return [(str(one.doubt), one.words) for one in found]

"""Translations: which languages are reviewed, which schools need them, and what goes out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from campaign.store import pupil_languages
from campaign.store.draft_permissions import Permission
from campaign.web.guard import allow
from campaign.web.parts import parts
from campaign.web.staff import translation_words
from campaign.web.staff.blueprint import OFFICE, blueprint
from campaign.web.staff.translation_places import Place, at_place, texts_at
from campaign.wordings import drafts, required_languages, translations
from campaign.wordings.required_languages import MissingLanguage, RequiredLanguage
from campaign.wordings.texts import REVIEWED, Texts
from campaign.wordings.wording import ENGLISH
from content.languages import Language, languages, of_tag


@dataclass(frozen=True)
class LanguageRow:
    """One language: its texts by state, pupils who speak it at home, schools that need it, and what goes out."""

    language: Language
    states: Counter[str]
    pupils: int
    needed_by: Sequence[RequiredLanguage]
    word: Permission | None
    fate: str

    @property
    def total(self) -> int:
        return self.states.total()

    @property
    def reviewed(self) -> bool:
        return self.total > 0 and self.states[REVIEWED] == self.total


@blueprint.get("/translations")
@allow(*OFFICE)
def list_translations() -> ResponseReturnValue:
    offered = parts().settings.languages.offered
    with at_place() as (connection, place, places):
        texts = texts_at(connection, place)
        needed = needed_at(connection, place)
        pupils = _pupils(connection, place)
    rows = [_row(language, texts, pupils, needed, offered) for language in _translated()]
    return render_template(
        "staff/translations.html",
        place=place,
        places=places,
        rows=rows,
        missing={(one.required.school_id, one.required.language): one for one in missing_at(needed, texts)},
        needed=needed,
        banner=drafts.banner(texts.allowed),
        also=_without_texts(pupils, rows),
        texts=translation_words,
        language_name=drafts.name,
    )


def needed_at(connection: Connection, place: Place) -> Sequence[RequiredLanguage]:
    if place.district_id is None:
        return []
    return required_languages.required(connection, place.district_id, parts().settings.languages)


def missing_at(needed: Sequence[RequiredLanguage], texts: Texts) -> Sequence[MissingLanguage]:
    """The needed languages in which not everything that families get has been reviewed."""
    every = sorted(texts.catalog.states)
    return required_languages.missing(needed, texts, every, parts().settings.languages)


def _translated() -> list[Language]:
    return [language for language in languages().values() if language.id != ENGLISH]


def _pupils(connection: Connection, place: Place) -> Counter[str]:
    """Pupils by the language they speak at home."""
    found: Counter[str] = Counter()
    if place.district_id is not None:
        for row in pupil_languages.counts(connection, place.district_id):
            found[of_tag(row.home_language or "und")] += row.pupils
    return found


def _without_texts(pupils: Counter[str], rows: Sequence[LanguageRow]) -> list[tuple[str, int]]:
    """Languages spoken at home of which we have nothing, most pupils first."""
    ours = {row.language.id for row in rows} | {ENGLISH, "und"}
    return [(code, count) for code, count in pupils.most_common() if code not in ours]


def _row(
    language: Language,
    texts: Texts,
    pupils: Counter[str],
    needed: Sequence[RequiredLanguage],
    offered: Sequence[str],
) -> LanguageRow:
    code = language.id
    return LanguageRow(
        language,
        translations.states(translations.written(texts.catalog, code)),
        pupils[code],
        [one for one in needed if one.language == code],
        texts.allowed.get(code),
        _fate(code, texts, offered),
    )


def _fate(code: str, texts: Texts, offered: Sequence[str]) -> str:
    """What families who read the language get, as a key of the page's words."""
    units = sorted(texts.catalog.states)
    free = [unit for unit in units if texts.may_go_out(unit, code)]
    if code not in offered:
        return "not_offered"
    if not free:
        return "english"
    if not all(texts.is_reviewed(unit, code) for unit in free):
        return "drafts"
    return "reviewed" if len(free) == len(units) else "partly"


def units_by_kind(texts: Texts) -> dict[str, list[str]]:
    """Units as the filter lists them: the report and what stands around it, then the messages."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for unit in sorted(texts.catalog.states):
        kinds["Messages" if unit.startswith("messages/") else "Report and page"].append(unit)
    return dict(sorted(kinds.items(), reverse=True))

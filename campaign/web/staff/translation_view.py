"""What the review page shows of each text: English and translation side by side, with all that helps to judge it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import request, url_for

from campaign.wordings.texts import STALE
from campaign.wordings.translations import ALL_STATES, Desk, Entry
from campaign.wordings.wording import ENGLISH
from content.catalog import Catalog, ContentError
from content.glossary import Term, TermPair, term_pairs, terms, terms_not_used
from content.languages import Language, language
from content.linter import Finding, lint
from content.memory import Pair, Proposal, proposals

ON_ONE_PAGE = 20


@dataclass(frozen=True)
class Filter:
    """What the list is narrowed to; "" narrows nothing. `page` counts from 1."""

    unit: str = ""
    state: str = ""
    search: str = ""
    page: int = 1

    def fits(self, entry: Entry) -> bool:
        string = entry.string
        words = f"{string.source}\n{string.text}\n{string.key}".casefold()
        return (
            self.unit in ("", string.unit)
            and self.state in ("", string.state)
            and self.search.casefold() in words
        )

    @property
    def address(self) -> dict[str, str]:
        """What names the filter in an address; the search stands there, too: it holds words of texts, not of people."""
        named = {"unit": self.unit, "state": self.state, "search": self.search}
        page = {"page": str(self.page)} if self.page > 1 else {}
        return {name: value for name, value in named.items() if value} | page


def asked() -> Filter:
    """The filter of the address."""
    state = request.args.get("state", "")
    page = request.args.get("page", 1, type=int)
    return Filter(
        request.args.get("unit", "")[:100],
        state if state in ALL_STATES else "",
        request.args.get("search", "").strip()[:100],
        max(1, min(page, 10_000)),
    )


@dataclass(frozen=True)
class Typed:
    """What somebody typed that was not kept, and why not; no `problem` where it only was proposed to them."""

    unit: str
    key: str
    text: str
    problem: str | None


@dataclass(frozen=True)
class Aids:
    """What all texts of one language share: terms of both languages, and everything translated so far."""

    language: Language
    english: Sequence[Term]
    own: Sequence[Term]
    memory: Sequence[tuple[str, Pair]]

    def terms(self, source: str) -> Sequence[TermPair]:
        return term_pairs(source, self.english, self.own)

    def unused(self, source: str, translation: str) -> Sequence[TermPair]:
        return terms_not_used(source, translation, self.english, self.own)

    def proposals(self, anchor: str, source: str) -> Sequence[Proposal]:
        """Translations of like texts, without the text's own."""
        return proposals(source, (pair for of, pair in self.memory if of != anchor), most=3)


def aids(catalog: Catalog, code: str, entries: Sequence[Entry]) -> Aids:
    memory = [
        (
            anchor_of(one.string.unit, one.string.key),
            Pair(one.string.source, one.string.text, one.string.state),
        )
        for one in entries
    ]
    return Aids(language(code), terms(catalog, ENGLISH), _terms(catalog, code), memory)


def _terms(catalog: Catalog, code: str) -> Sequence[Term]:
    try:
        return terms(catalog, code)
    except ContentError:
        return ()


@dataclass(frozen=True)
class ShownText:
    """One text on the page; `text` is what stands in the field, `typed` what could not be kept of it."""

    entry: Entry
    aids: Aids
    typed: Typed | None

    @property
    def anchor(self) -> str:
        return anchor_of(self.entry.string.unit, self.entry.string.key)

    @property
    def text(self) -> str:
        return self.typed.text if self.typed else self.entry.string.text

    @property
    def rows(self) -> int:
        """Lines of the field: enough for the text, and for English beside it."""
        longest = max(self.entry.string.source, self.text, key=len)
        return min(14, max(2, sum(1 + len(line) // 46 for line in longest.split("\n"))))

    @property
    def seen(self) -> int:
        """The newest row of the text at this place; 0 = none."""
        return self.entry.own.id if self.entry.own else 0

    @property
    def english_before(self) -> str | None:
        """The English that the translation was written for, where it is another now and we still have it."""
        own = self.entry.own
        stale = self.entry.string.state == STALE
        return own.source if own and stale and own.source != self.entry.string.source else None

    @cached_property
    def terms(self) -> Sequence[TermPair]:
        return self.aids.terms(self.entry.string.source)

    @cached_property
    def unused(self) -> frozenset[str]:
        """Ids of the terms whose fixed word the translation lacks."""
        return frozenset(term.id for term in self.aids.unused(self.entry.string.source, self.text))

    @cached_property
    def proposals(self) -> Sequence[Proposal]:
        found = self.aids.proposals(self.anchor, self.entry.string.source)
        return [one for one in found if one.translation != self.text]

    @cached_property
    def findings(self) -> Sequence[Finding]:
        return lint(self.text, self.aids.language.id)


def shown(
    at: Desk, entries: Sequence[Entry], chosen: Sequence[Entry], typed: Typed | None
) -> list[ShownText]:
    """The chosen texts, with all texts of the language as the memory."""
    helps = aids(at.catalog, at.language, entries)
    return [
        ShownText(
            one,
            helps,
            typed if typed and (typed.unit, typed.key) == (one.string.unit, one.string.key) else None,
        )
        for one in chosen
    ]


def anchor_of(unit: str, key: str) -> str:
    """Where the text stands on the page."""
    return "t" + hashlib.sha256(f"{unit}\n{key}".encode()).hexdigest()[:12]


def page_address(code: str, place: Mapping[str, Any], wanted: Filter, **more: Any) -> str:
    named: dict[str, Any] = {**place, **wanted.address, **more}
    return url_for("staff.translation", language=code, **named)

"""How a report speaks: words of the catalog, days and numbers as the language writes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from babel.numbers import format_decimal

from content import formats, languages
from content.catalog import Catalog


class Voice:
    """One language; `fields` (student, school) can stand in every text. Raises ContentError for a missing text."""

    def __init__(self, catalog: Catalog, language: str, fields: Mapping[str, str]) -> None:
        self.catalog, self.language, self.fields = catalog, language, dict(fields)
        self.locale = languages.language(language).locale

    def say(self, key: str, **fields: str) -> str:
        return self.catalog.text(key, self.language, self.fields | fields)

    def list(self, key: str, **fields: str) -> tuple[str, ...]:
        return self.catalog.texts(key, self.language, self.fields | fields)

    def count(self, key: str, number: float) -> str:
        """A number of things, such as "7 days"."""
        return self.catalog.plural(key, self.language, number, self.number(number))

    def test(self, kind: str, family: str, season: str | None) -> str:
        return self.catalog.test_phrase(self.language, kind, family, season)

    def number(self, value: float) -> str:
        """At most one place behind the point. Points of a scale are labels, so thousands are not set apart."""
        return format_decimal(round(value, 1), format="0.#", locale=self.locale)

    def day(self, day: date) -> str:
        return formats.long_day(day, self.language)

    def month(self, day: date | None) -> str:
        return formats.month(day, self.language) if day else ""

    def school_year(self, ends: int) -> str:
        return self.say("report.know.school_year", year=f"{ends - 1}–{ends % 100:02d}")

"""Every word a family reads: found, checked and filled in.

A *unit* is what is written, versioned and translated together: "report", "page", "questions", "activities",
"glossary" and each "messages/<id>". A key is dotted and begins with its unit: "report.headings.how".
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from babel import Locale

from content import languages, released
from content.fields import ContentError, fill, placeholders
from content.messages import MessageTemplate, MessageUnit, read_message

__all__ = ["Catalog", "ContentError", "MessageTemplate", "Unit", "load"]

SHIPPED = Path(__file__).resolve().parent
_FOLDERS = {
    "report": "report",
    "page": "page",
    "questions": "library/questions",
    "activities": "library/activities",
    "glossary": "glossary",
}
# Rules of one language about the form of a word; they need no counterpart in another language.
_OWN = "forms"
# Texts that say a number of things; each language has the forms its grammar has.
_PLURALS = "plurals."

Text = str | tuple[str, ...]


@dataclass(frozen=True)
class Unit:
    """Texts by language and by key without the unit's name; lists of texts are tuples."""

    id: str
    version: int
    texts: Mapping[str, Mapping[str, Text]]
    forms: Mapping[str, Mapping[str, tuple[tuple[str, str], ...]]]

    def language_hash(self, language: str) -> str:
        plain = {"texts": dict(self.texts[language]), "forms": dict(self.forms[language])}
        document = json.dumps(plain, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(document.encode()).hexdigest()


@dataclass(frozen=True)
class Catalog:
    """All texts of one content folder. Nothing in it changes after `load`."""

    units: Mapping[str, Unit]
    messages: Mapping[str, MessageUnit]
    releases: tuple[released.Release, ...]
    interpreter_lines: Mapping[str, str]

    @property
    def languages(self) -> frozenset[str]:
        """Languages in which the family report is written."""
        return frozenset(self.units["report"].texts)

    def sentence(self, category: str, language: str, fields: Mapping[str, str]) -> str:
        """What a family reads about one child and subject.

        `fields`: student (name), subject (word in `language`); where a mark is compared also mark (as printed)
        and test (see `test_phrase`); time is "this_year" (default) or "last_year", the year of the mark.
        """
        values = dict(fields)
        if "mark" in values:
            values["mark_said"] = self._said("mark", values["mark"], language)
            opening = f"report.openings.{values.get('time', 'this_year')}"
            values["opening"] = self.text(opening, language, values)
        return self.text(f"report.sentences.{category}", language, values)

    def norm(self, code: str, language: str, fields: Mapping[str, str]) -> str:
        """What a grade meant for all students last year, and that it is no guess about this one.

        `code` is that of a statement of `reports.compare.norms`. `fields`: student (name), mark (as printed), and
        tenths where the code is "about".
        """
        values = {**fields, "mark_said": self._said("mark", fields["mark"], language)}
        said = [self.text(f"report.norms.{key}", language, values) for key in (code, "not_a_guess")]
        return " ".join(said)

    def norm_title(self, language: str, mark: str) -> str:
        """The heading of `norm`: "What a B means here"."""
        return self.text("report.norms.title", language, {"mark_said": self._said("mark", mark, language)})

    def test_phrase(self, language: str, kind: str, family: str, season: str | None) -> str:
        """How a sentence names a test: "spring state test", "fall MAP Growth test"."""
        form = "state" if kind == "summative" else "named"
        when = f"_{season}" if season else ""
        return self.text(f"report.test_phrases.{form}{when}", language, {"family": family})

    def text(self, key: str, language: str, fields: Mapping[str, str] = MappingProxyType({})) -> str:
        """The text under `key` with its fields filled in, not escaped."""
        found = self._find(key, language)
        if isinstance(found, tuple):
            raise ContentError(f"{key}: is a list; ask for it with `texts`")
        return fill(found, fields, f"{key} ({language})")

    def texts(
        self, key: str, language: str, fields: Mapping[str, str] = MappingProxyType({})
    ) -> tuple[str, ...]:
        """The list of texts under `key`, each with its fields filled in."""
        found = self._find(key, language)
        if isinstance(found, str):
            raise ContentError(f"{key}: is one text; ask for it with `text`")
        return tuple(fill(text, fields, f"{key} ({language})") for text in found)

    def plural(self, key: str, language: str, number: float, shown: str) -> str:
        """A number of things: the form of `number` under the dotted `key`, with `shown`, the number as written."""
        unit, _, rest = key.partition(".")
        form = Locale.parse(languages.language(language).locale).plural_form(number)
        return self.text(f"{unit}.{_PLURALS}{rest}.{form}", language, {"count": shown})

    def interpreter_line(self, language: str) -> str | None:
        """ "Need a free interpreter?" in `language`, or None if it is not written in it."""
        return self.interpreter_lines.get(languages.of_tag(language))

    def has(self, key: str, language: str) -> bool:
        """Whether there is a text or list under `key` in `language`."""
        unit, _, rest = key.partition(".")
        return unit in self.units and rest in self.units[unit].texts.get(language, {})

    def message(self, template: str, channel: str, language: str) -> MessageTemplate:
        """One message in one channel and language."""
        unit = self.messages.get(template)
        if unit is None:
            raise ContentError(f"messages/{template}: there is no such message")
        if channel not in unit.bodies:
            raise ContentError(f"messages/{template}: is not written for the channel {channel!r}")
        if language not in unit.bodies[channel]:
            raise ContentError(f"messages/{template}/{channel}.{language}.txt: there is no such text")
        subject, text, markup = unit.bodies[channel][language]
        where = f"messages/{template}/{channel}.{language}"
        return MessageTemplate(
            id=template,
            channel=channel,
            language=language,
            version=unit.version,
            audience=unit.audience,
            state=self.state(f"messages/{template}", language),
            hash=unit.channel_hash(channel, language),
            fields=placeholders(subject + text + markup, where),
            subject=subject,
            text=text,
            html=markup,
        )

    def state(self, unit: str, language: str) -> str:
        """ "human_reviewed", "draft" or "stale" (the English has changed since it was translated)."""
        hashes = self.hashes(unit)
        if language not in hashes:
            raise ContentError(f"{unit}: is not written in {language!r}")
        return released.state(self.releases, unit, language, hashes)

    def hashes(self, unit: str) -> dict[str, str]:
        """Language → SHA-256 of the unit's current text."""
        if unit in self.units:
            return {language: self.units[unit].language_hash(language) for language in self.units[unit].texts}
        message = self.messages.get(unit.removeprefix("messages/"))
        if message is None or not unit.startswith("messages/"):
            raise ContentError(f"{unit}: there is no such unit")
        return {language: message.language_hash(language) for language in message.languages}

    def versions(self) -> dict[str, int]:
        """Unit → version, messages included."""
        messages = {f"messages/{message.id}": message.version for message in self.messages.values()}
        return {unit.id: unit.version for unit in self.units.values()} | messages

    def _find(self, key: str, language: str) -> Text:
        unit, _, rest = key.partition(".")
        if unit not in self.units:
            raise ContentError(f"{key}: there is no unit {unit!r}; known: {', '.join(sorted(self.units))}")
        texts = self.units[unit].texts
        if language not in texts:
            raise ContentError(f"{_FOLDERS[unit]}: is not written in {language!r}")
        if rest not in texts[language]:
            raise ContentError(f"{_FOLDERS[unit]}/{language}.toml: there is no text {rest!r}")
        return texts[language][rest]

    def _said(self, word: str, value: str, language: str) -> str:
        """The first form whose pattern fits, as in "an A" and "a B"."""
        for pattern, form in self.units["report"].forms[language].get(word, ()):
            if re.search(pattern, value):
                return fill(form, {word: value}, f"report.forms.{word} ({language})")
        raise ContentError(
            f"report/{language}.toml: no form of {word} fits; end the list with an empty pattern"
        )


@cache
def load(folder: Path = SHIPPED) -> Catalog:
    """Read and check all texts below `folder`. Raises ContentError naming file and key."""
    units = {name: _read_unit(name, folder / place) for name, place in _FOLDERS.items()}
    found = sorted(path.parent for path in (folder / "messages").glob("*/message.toml"))
    messages = {path.name: read_message(path) for path in found}
    lines = _read_toml(folder / "interpreter.toml")["lines"]
    return Catalog(
        MappingProxyType(units), MappingProxyType(messages), released.read(folder), MappingProxyType(lines)
    )


def _read_unit(name: str, folder: Path) -> Unit:
    documents = {file.stem: _read_toml(file) for file in sorted(folder.glob("*.toml"))}
    if released.SOURCE_LANGUAGE not in documents:
        raise ContentError(f"{folder}/en.toml: is missing; English is the source of every text")
    versions = {language: document.pop("version", None) for language, document in documents.items()}
    version = versions[released.SOURCE_LANGUAGE]
    if not isinstance(version, int) or set(versions.values()) != {version}:
        raise ContentError(
            f"{folder}: every language needs the same version, a whole number; found {versions}"
        )
    forms = {language: _forms(document.pop(_OWN, {})) for language, document in documents.items()}
    texts = {
        language: MappingProxyType(dict(_flat(document, ""))) for language, document in documents.items()
    }
    for language, translated in texts.items():
        file = folder / f"{language}.toml"
        _check_pair(file, *map(_without_plurals, (texts[released.SOURCE_LANGUAGE], translated)))
        _check_plurals(file, language, texts[released.SOURCE_LANGUAGE], translated)
    return Unit(name, version, MappingProxyType(texts), MappingProxyType(forms))


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ContentError(f"{file}: cannot be read as TOML: {error}") from error


def _flat(table: Mapping[str, Any], prefix: str) -> list[tuple[str, Text]]:
    pairs: list[tuple[str, Text]] = []
    for key, value in table.items():
        if isinstance(value, dict):
            pairs += _flat(value, f"{prefix}{key}.")
        elif isinstance(value, list):
            pairs.append((prefix + key, tuple(str(item) for item in value)))
        else:
            pairs.append((prefix + key, str(value)))
    return pairs


def _forms(document: Mapping[str, Any]) -> Mapping[str, tuple[tuple[str, str], ...]]:
    return MappingProxyType({word: tuple((p, f) for p, f in rules) for word, rules in document.items()})


def _without_plurals(texts: Mapping[str, Text]) -> Mapping[str, Text]:
    return {key: text for key, text in texts.items() if not key.startswith(_PLURALS)}


def _check_plurals(
    file: Path, language: str, source: Mapping[str, Text], translated: Mapping[str, Text]
) -> None:
    """Every number of things has the plural forms that CLDR knows for the language, and one that fits the rest."""
    things = {key.rpartition(".")[0] for key in source if key.startswith(_PLURALS)}
    forms = Locale.parse(languages.language(language).locale).plural_form.tags | {"other"}
    needed = {f"{thing}.{form}" for thing in things for form in forms}
    different = needed ^ {key for key in translated if key.startswith(_PLURALS)}
    if different:
        raise ContentError(f"{file}: plural forms missing or not known: {', '.join(sorted(different))}")


def _check_pair(file: Path, source: Mapping[str, Text], translated: Mapping[str, Text]) -> None:
    different = source.keys() ^ translated.keys()
    if different:
        raise ContentError(f"{file}: texts missing here or in English: {', '.join(sorted(different))}")
    for key, text in source.items():
        other = translated[key]
        if isinstance(text, tuple) != isinstance(other, tuple) or (
            isinstance(text, tuple) and len(text) != len(other)
        ):
            raise ContentError(f"{file}: {key} has another number of texts than in English")
        fields = placeholders("".join(text), key) ^ placeholders("".join(other), f"{file}: {key}")
        if fields:
            raise ContentError(f"{file}: {key}: fields differ from English: {', '.join(sorted(fields))}")

"""Every word a family reads: found, checked and filled in.

A *unit* is what is written, versioned and translated together: "report", "page", "stopping", "answers", "letter",
"call_script", "questions", "activities", "glossary" and each "messages/<id>". A key is dotted and begins with its unit:
"report.headings.how".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

from babel import Locale

from content import formats, languages, released, wordings
from content.fields import ContentError, fill, placeholders
from content.messages import MessageTemplate, MessageUnit, read_message
from content.reading import read_toml, read_unit
from content.units import PLURALS, Text, Unit

__all__ = ["Catalog", "ContentError", "MessageTemplate", "Unit", "load"]

SHIPPED = Path(__file__).resolve().parent
_FOLDERS = {
    "report": "report",
    "page": "page",
    "stopping": "stopping",
    "answers": "answers",
    "letter": "letter",
    "call_script": "call_script",
    "questions": "library/questions",
    "activities": "library/activities",
    "glossary": "glossary",
}


@dataclass(frozen=True)
class Catalog:
    """All texts of one content folder. Nothing in it changes after `load`.

    `states`: unit → language → key → state. `shipped`: the catalog below the wordings of a district.
    """

    units: Mapping[str, Unit]
    messages: Mapping[str, MessageUnit]
    releases: tuple[released.Release, ...]
    interpreter_lines: Mapping[str, str]
    states: Mapping[str, wordings.States]
    shipped: Catalog | None = None

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
        return formats.sentences(said, language)

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
        return self.text(f"{unit}.{PLURALS}{rest}.{form}", language, {"count": shown})

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
        """The worst state of its texts: "draft", "stale" (the English has changed since) or "human_reviewed"."""
        if language not in self._unit(unit).languages:
            raise ContentError(f"{unit}: is not written in {language!r}")
        return wordings.worst(self.states[unit][language].values())

    def strings(self, language: str) -> list[wordings.ContentString]:
        """Every text in `language` with its English, unit by unit, messages last."""
        listed = [
            text
            for name, unit in self._all().items()
            if language in unit.languages
            for text in wordings.listed(
                name, unit, self._below()._unit(name), language, self.states[name][language]
            )
        ]
        if not listed:
            raise ContentError(f"{language!r}: nothing is written in it")
        return listed

    def check(self, wording: wordings.Wording) -> None:
        """Raises ContentError saying why this text cannot stand in the place of the one it is for."""
        wordings.check(self._unit(wording.unit), wording)

    def with_wording(self, changed: Iterable[wordings.Wording]) -> Catalog:
        """The shipped texts with these in their place; wordings given before do not count.

        A wording of an English that has changed is stale; if it has no place any more, the shipped text stands.
        Raises ContentError for one of today's English that does not fit it.
        """
        below, rows = self._below(), defaultdict[str, list[wordings.Wording]](list)
        for row in changed:
            rows[row.unit].append(row)
        units, messages, states = dict(below.units), dict(below.messages), dict(below.states)
        for name in rows.keys() & units.keys():
            units[name], states[name] = wordings.overlaid(units[name], states[name], rows[name])
        for id, message in below.messages.items():
            name = _message(id)
            messages[id], states[name] = wordings.overlaid(message, states[name], rows[name])
        return replace(
            below,
            units=MappingProxyType(units),
            messages=MappingProxyType(messages),
            states=MappingProxyType(states),
            shipped=below,
        )

    def with_messages(
        self, messages: Iterable[MessageUnit], states: Mapping[str, wordings.States]
    ) -> Catalog:
        """The shipped texts with messages of a district beside them; `states` by message."""
        below, own = self._below(), {message.id: message for message in messages}
        said = {_message(id): states[id] for id in own}
        return replace(
            below,
            messages=MappingProxyType({**own, **below.messages}),
            states=MappingProxyType({**said, **below.states}),
        )

    def hashes(self, unit: str) -> dict[str, str]:
        """Language → SHA-256 of the unit's current text."""
        found = self._unit(unit)
        return {language: found.language_hash(language) for language in sorted(found.languages)}

    def versions(self) -> dict[str, int]:
        """Unit → version, messages included."""
        return {name: unit.version for name, unit in self._all().items()}

    def _all(self) -> dict[str, Unit | MessageUnit]:
        return {**self.units, **{_message(id): message for id, message in self.messages.items()}}

    def _unit(self, name: str) -> Unit | MessageUnit:
        try:
            return self._all()[name]
        except KeyError:
            raise ContentError(f"{name}: there is no such unit") from None

    def _below(self) -> Catalog:
        return self.shipped or self

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
    units = {name: read_unit(name, folder / place) for name, place in _FOLDERS.items()}
    found = sorted(path.parent for path in (folder / "messages").glob("*/message.toml"))
    messages = {path.name: read_message(path) for path in found}
    lines = read_toml(folder / "interpreter.toml")["lines"]
    releases = released.read(folder)
    everything: dict[str, Unit | MessageUnit] = {
        **units,
        **{_message(id): message for id, message in messages.items()},
    }
    states = {name: _shipped_states(releases, name, unit) for name, unit in everything.items()}
    return Catalog(
        MappingProxyType(units),
        MappingProxyType(messages),
        releases,
        MappingProxyType(lines),
        MappingProxyType(states),
    )


def _message(id: str) -> str:
    return f"messages/{id}"


def _shipped_states(
    releases: tuple[released.Release, ...], name: str, unit: Unit | MessageUnit
) -> wordings.States:
    """Each text has the state of its file."""
    hashes = {language: unit.language_hash(language) for language in unit.languages}
    return {
        language: dict.fromkeys(unit.strings(language), released.state(releases, name, language, hashes))
        for language in unit.languages
    }

"""Texts that are written, versioned and translated together, and each single string of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

from babel import Locale

from content import languages
from content.fields import placeholders
from content.released import SOURCE_LANGUAGE

# Texts that say a number of things; each language has the forms its grammar has.
PLURALS = "plurals."
# Rules of one language about the form of a word; they need no counterpart in another language.
OWN_FORMS = "forms"

# Every plural form of our languages fits one of these.
_EXAMPLES = (*range(121), 1_000_000, 0.5, 1.5)

Text = str | tuple[str, ...]
Forms = Mapping[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class Unit:
    """Texts by language and by key without the unit's name; lists of texts are tuples.

    `forms`: language → word → (pattern, form); the first pattern that fits a value says which form it takes.
    """

    id: str
    version: int
    texts: Mapping[str, Mapping[str, Text]]
    forms: Mapping[str, Forms]

    @property
    def languages(self) -> frozenset[str]:
        return frozenset(self.texts)

    def language_hash(self, language: str) -> str:
        plain = {"texts": dict(self.texts[language]), "forms": dict(self.forms[language])}
        document = json.dumps(plain, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(document.encode()).hexdigest()

    def strings(self, language: str) -> dict[str, str]:
        """Each text by its key; those of a list and of a word's forms are numbered: "columns.AT[2]"."""
        found: dict[str, str] = {}
        for key, text in self.texts[language].items():
            found.update({key: text} if isinstance(text, str) else _numbered(key, text))
        for word, rules in self.forms[language].items():
            found.update(_numbered(f"{OWN_FORMS}.{word}", tuple(form for _, form in rules)))
        return found

    def source(self, key: str, language: str) -> str:
        """The English of a string of `language`: of a plural form that English has not, of a form: the general one."""
        english = self._english
        if language != SOURCE_LANGUAGE and key.startswith(f"{OWN_FORMS}."):
            word = key.removeprefix(f"{OWN_FORMS}.").partition("[")[0]
            return self.forms[SOURCE_LANGUAGE][word][-1][1]
        if key not in english and key.startswith(PLURALS):
            return english[f"{key.rpartition('.')[0]}.other"]
        return english[key]

    @cached_property
    def _english(self) -> dict[str, str]:
        return self.strings(SOURCE_LANGUAGE)

    def fields(self, key: str, language: str) -> tuple[frozenset[str], frozenset[str]]:
        """The fields that a text must have and those that it may: "one day" needs no number; a list shares its own."""
        source = placeholders(self.source(key, language), key)
        listed = self.texts[SOURCE_LANGUAGE].get(key.partition("[")[0])
        if isinstance(listed, tuple):
            return frozenset(), placeholders("".join(listed), key)
        return frozenset() if key.startswith(PLURALS) else source, source

    def single_line(self, key: str) -> bool:
        """Whether a text may not hold a line break; in files none does."""
        return True

    def note(self, key: str, language: str) -> str:
        """What a translator must know about a string beside its English."""
        if key.startswith(f"{OWN_FORMS}."):
            word, _, number = key.removeprefix(f"{OWN_FORMS}.").partition("[")
            pattern = self.forms[language][word][int(number[:-1]) - 1][0]
            return (
                f"The form for {{{word}}} that fits {pattern}"
                if pattern
                else f"The form for every other {{{word}}}"
            )
        if key.startswith(PLURALS):
            form = key.rpartition(".")[2]
            rule = Locale.parse(languages.language(language).locale).plural_form
            return f"Plural form {form}: for " + ", ".join([str(n) for n in _EXAMPLES if rule(n) == form][:6])
        return ""

    def with_strings(self, language: str, changed: Mapping[str, str]) -> Unit:
        """The unit with some strings of one language, by the keys of `strings`, in the place of its own."""
        now = {**self.strings(language), **changed}
        texts: dict[str, Text] = {
            key: now[key] if isinstance(text, str) else tuple(now[name] for name, _ in _numbered(key, text))
            for key, text in self.texts[language].items()
        }
        forms = {
            word: tuple(
                (pattern, now[f"{OWN_FORMS}.{word}[{number}]"])
                for number, (pattern, _) in enumerate(rules, 1)
            )
            for word, rules in self.forms[language].items()
        }
        return replace(
            self,
            texts=MappingProxyType({**self.texts, language: MappingProxyType(texts)}),
            forms=MappingProxyType({**self.forms, language: MappingProxyType(forms)}),
        )


def _numbered(key: str, listed: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(f"{key}[{number}]", text) for number, text in enumerate(listed, 1)]

"""Units read from one TOML file a language, and checked against their English."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from babel import Locale

from content import languages
from content.fields import ContentError, placeholders
from content.released import SOURCE_LANGUAGE
from content.units import OWN_FORMS, PLURALS, Forms, Text, Unit


def read_unit(name: str, folder: Path) -> Unit:
    """Read and check all languages of one unit. Raises ContentError naming file and key."""
    documents = {file.stem: read_toml(file) for file in sorted(folder.glob("*.toml"))}
    if SOURCE_LANGUAGE not in documents:
        raise ContentError(f"{folder}/en.toml: is missing; English is the source of every text")
    versions = {language: document.pop("version", None) for language, document in documents.items()}
    version = versions[SOURCE_LANGUAGE]
    if not isinstance(version, int) or set(versions.values()) != {version}:
        raise ContentError(
            f"{folder}: every language needs the same version, a whole number; found {versions}"
        )
    forms = {language: _forms(document.pop(OWN_FORMS, {})) for language, document in documents.items()}
    texts = {
        language: MappingProxyType(dict(_flat(document, ""))) for language, document in documents.items()
    }
    for language, translated in texts.items():
        file = folder / f"{language}.toml"
        _check_pair(file, *map(_without_plurals, (texts[SOURCE_LANGUAGE], translated)))
        _check_plurals(file, language, texts[SOURCE_LANGUAGE], translated)
        _check_forms(file, forms[SOURCE_LANGUAGE], forms[language])
    return Unit(name, version, MappingProxyType(texts), MappingProxyType(forms))


def read_toml(file: Path) -> dict[str, Any]:
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


def _forms(document: Mapping[str, Any]) -> Forms:
    return MappingProxyType({word: tuple((p, f) for p, f in rules) for word, rules in document.items()})


def _without_plurals(texts: Mapping[str, Text]) -> Mapping[str, Text]:
    return {key: text for key, text in texts.items() if not key.startswith(PLURALS)}


def _check_plurals(
    file: Path, language: str, source: Mapping[str, Text], translated: Mapping[str, Text]
) -> None:
    """Every number of things has the plural forms that CLDR knows for the language, and one that fits the rest."""
    things = {key.rpartition(".")[0] for key in source if key.startswith(PLURALS)}
    forms = Locale.parse(languages.language(language).locale).plural_form.tags | {"other"}
    needed = {f"{thing}.{form}" for thing in things for form in forms}
    plurals = {key: str(text) for key, text in translated.items() if key.startswith(PLURALS)}
    if different := needed ^ plurals.keys():
        raise ContentError(f"{file}: plural forms missing or not known: {', '.join(sorted(different))}")
    for key, text in plurals.items():
        known = placeholders(str(source[f"{key.rpartition('.')[0]}.other"]), key)
        if unknown := placeholders(text, f"{file}: {key}") - known:
            raise ContentError(f"{file}: {key}: fields that English has not: {', '.join(sorted(unknown))}")


def _check_forms(file: Path, source: Forms, own: Forms) -> None:
    if different := source.keys() ^ own.keys():
        raise ContentError(
            f"{file}: forms of words missing here or in English: {', '.join(sorted(different))}"
        )
    for word, rules in own.items():
        if not rules or rules[-1][0]:
            raise ContentError(f"{file}: forms.{word}: end the list with an empty pattern")
        for pattern, form in rules:
            if placeholders(form, f"{file}: forms.{word}") != {word}:
                raise ContentError(f"{file}: forms.{word}: {form!r} needs the field {{{word}}} and no other")
            try:
                re.compile(pattern)
            except re.error as error:
                raise ContentError(f"{file}: forms.{word}: {pattern!r} is no pattern: {error}") from error


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

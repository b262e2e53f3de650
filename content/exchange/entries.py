"""What a file for translators holds, made from the catalog and taken back into it; the formats stand beside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from content import glossary, languages
from content.catalog import Catalog
from content.fields import ContentError
from content.released import SOURCE_LANGUAGE
from content.wordings import ContentString, Wording, source_hash

PROJECT = "go-beyond-grades"
# A language of ours needs a fortieth of it.
MOST_BYTES = 10_000_000
_MOST_TOLD = 20
_REVIEWED = "human_reviewed"


@dataclass(frozen=True, slots=True)
class Entry:
    """One text to translate. `text` is empty where there is none; `notes` are for the translator and not read back."""

    unit: str
    key: str
    source: str
    text: str
    state: str
    source_hash: str
    notes: tuple[str, ...] = field(default=(), compare=False)

    @property
    def name(self) -> str:
        return f"{self.unit}.{self.key}"


@dataclass(frozen=True, slots=True)
class TranslationFile:
    """All texts of one project in one language; `language` as the file names it: "es-US", "es_US", "es"."""

    project: str
    language: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """What a file brings: entries = changed + unchanged + untranslated."""

    changed: tuple[Wording, ...]
    unchanged: int
    untranslated: int


def exported(catalog: Catalog, language: str) -> TranslationFile:
    """All texts in `language`, with the terms of the glossary that each uses as notes."""
    english, own = (glossary.terms(catalog, each) for each in (SOURCE_LANGUAGE, language))
    entries = []
    for text in catalog.strings(language):
        pairs = glossary.term_pairs(text.source, english, own) if language != SOURCE_LANGUAGE else ()
        notes = ([text.note] if text.note else []) + [
            f"Term: {pair.english} = {pair.fixed}" for pair in pairs
        ]
        entries.append(
            Entry(text.unit, text.key, text.source, text.text, text.state, text.source_hash, tuple(notes))
        )
    return TranslationFile(PROJECT, languages.language(language).tag, tuple(entries))


def taken(catalog: Catalog, language: str, file: TranslationFile, *, as_reviewed: bool) -> Taken:
    """The wordings that a file changes; nothing of it counts if anything in it is wrong.

    A changed text is a draft, or reviewed where the file says so and `as_reviewed`. An unchanged text can become
    reviewed so, and never less than it is. Raises ContentError naming the entries: another project or language, one
    that is there twice or unknown, an English that has changed since, a text that does not fit.
    """
    _check_head(file, language)
    strings = {(text.unit, text.key): text for text in catalog.strings(language)}
    if problems := list(_problems(catalog, language, file, strings)):
        told = problems[:_MOST_TOLD]
        more = [f"… and {len(problems) - _MOST_TOLD} more"] if len(problems) > _MOST_TOLD else []
        raise ContentError("\n".join(told + more))
    changed = []
    for entry in file.entries:
        now, reviewed = strings[entry.unit, entry.key], as_reviewed and entry.state == _REVIEWED
        if entry.text and (entry.text != now.text or (reviewed and now.state != _REVIEWED)):
            state = _REVIEWED if reviewed else "draft"
            changed.append(Wording(entry.unit, entry.key, language, entry.text, state, now.source_hash))
    untranslated = sum(not entry.text for entry in file.entries)
    return Taken(tuple(changed), len(file.entries) - len(changed) - untranslated, untranslated)


def entry_of(name: str, source: str, text: str, state: str, made_from: str | None) -> Entry:
    """An entry by its name in a file, "report.headings.doing"; `made_from` is the hash of the English, if told."""
    unit, _, key = name.partition(".")
    return Entry(unit, key, source, text, state, made_from or source_hash(source))


def check_size(content: bytes) -> None:
    """Raises ContentError for a file that is no file of texts."""
    if len(content) > MOST_BYTES:
        raise ContentError(
            f"the file is larger than {MOST_BYTES // 1_000_000} MB; send the texts of one language alone"
        )


def _check_head(file: TranslationFile, language: str) -> None:
    if file.project != PROJECT:
        raise ContentError(
            f"the file is of the project {file.project!r}, not of {PROJECT}; export it from here"
        )
    if not _is_language(file.language, language):
        name = languages.language(language).english
        raise ContentError(
            f"the file is in {file.language!r}, not in {name} ({languages.language(language).tag})"
        )


def _is_language(tag: str, language: str) -> bool:
    """Whether a tag names the language, in its script if it names one."""
    return languages.of_tag(tag) == language and not languages.is_in_other_script(tag)


def _problems(
    catalog: Catalog, language: str, file: TranslationFile, strings: dict[tuple[str, str], ContentString]
) -> Iterator[str]:
    times = Counter((entry.unit, entry.key) for entry in file.entries)
    for name, count in times.items():
        if count > 1:
            yield f"{'.'.join(name)}: is in the file {count} times; keep one"
    for entry in file.entries:
        now = strings.get((entry.unit, entry.key))
        if now is None:
            yield f"{entry.name}: there is no such text; export the file again"
        elif {entry.source_hash, source_hash(entry.source)} != {now.source_hash}:
            yield f"{entry.name}: its English has changed since the file was made; export the file again"
        elif entry.text:
            wording = Wording(entry.unit, entry.key, language, entry.text, entry.state, now.source_hash)
            try:
                catalog.check(wording)
            except ContentError as error:
                yield str(error)

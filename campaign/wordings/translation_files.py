"""Translations as files for translators, out of the program and back into it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePath

from campaign.wordings.translations import Desk, Edit, TranslationError, entries
from content.exchange import po, xliff
from content.exchange.entries import Taken, exported, taken
from content.fields import ContentError

FORMATS = {".po": "text/x-gettext-translation", ".xlf": "application/xliff+xml"}
_ALSO = {".xliff": ".xlf"}


def write(at: Desk, suffix: str, now: datetime) -> bytes:
    """All texts of the language; `suffix` is one of FORMATS. Raises TranslationError where nothing is written."""
    try:
        file = exported(at.catalog, at.language)
    except ContentError:
        raise TranslationError(
            "Nothing is written in this language yet; there is nothing to export."
        ) from None
    return po.write(file, now) if suffix == ".po" else xliff.write(file)


def read(at: Desk, name: str, content: bytes, *, as_reviewed: bool) -> Taken:
    """What a file would change; nothing is kept. Raises TranslationError with a line for each fault."""
    suffix = PurePath(name).suffix.casefold()
    suffix = _ALSO.get(suffix, suffix)
    if suffix not in FORMATS:
        raise TranslationError(
            "Send a PO file (.po) or an XLIFF file (.xlf, .xliff), as it was exported here."
        )
    try:
        file = po.read(content) if suffix == ".po" else xliff.read(content)
        return taken(at.catalog, at.language, file, as_reviewed=as_reviewed)
    except ContentError as error:
        raise TranslationError(str(error)) from None


def edits(at: Desk, found: Taken, name: str) -> Sequence[Edit]:
    """What the file changes, to be kept only as long as nobody else changes these texts."""
    seen = {(one.string.unit, one.string.key): one.own.id if one.own else 0 for one in entries(at)}
    return [
        Edit(
            one.unit,
            one.key,
            one.text,
            one.source_hash,
            reviewed=one.state == "human_reviewed",
            seen=seen[one.unit, one.key],
            note=f"from the file {PurePath(name).name[:100]}",
        )
        for one in found.changed
    ]

"""Gettext PO: the name of a text is its context; what a person has not reviewed is fuzzy."""

from __future__ import annotations

import re
from datetime import datetime
from io import BytesIO, StringIO

from babel import UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, PoFileParser, write_po

from content import languages
from content.exchange.entries import Entry, TranslationFile, check_size, entry_of
from content.fields import ContentError

# Of the form of the file, not of its texts.
_VERSION = "1"
# Short enough to stay on one line of a comment.
_HASH = re.compile(r"SHA-256 ([0-9a-f]{64})\Z")
_STALE = "The English has changed since this was translated."


def write(file: TranslationFile, now: datetime) -> bytes:
    """The file as PO in UTF-8; `now` is the time that stands in its header."""
    language = languages.language(languages.of_tag(file.language))
    catalog = Catalog(
        locale=language.locale,
        header_comment=f"# {file.project}, English to {language.english}",
        project=file.project,
        version=_VERSION,
        msgid_bugs_address=file.project,
        creation_date=now,
        revision_date=now,
        last_translator=file.project,
        language_team=language.english,
        fuzzy=False,
    )
    for entry in file.entries:
        catalog[entry.source] = Message(
            entry.source,
            entry.text,
            flags=[] if entry.state == "human_reviewed" else ["fuzzy"],
            auto_comments=[
                *entry.notes,
                *([_STALE] if entry.state == "stale" else []),
                f"SHA-256 {entry.source_hash}",
            ],
            context=entry.name,
        )
    stream = BytesIO()
    write_po(stream, catalog, width=0)
    return stream.getvalue()


def read(content: bytes) -> TranslationFile:
    """Raises ContentError for what is not PO, or a text without a name; what the texts say is looked at later."""
    check_size(content)
    catalog = Catalog(fuzzy=False)
    parser = PoFileParser(catalog, abort_invalid=True)
    try:
        parser.parse(StringIO(content.decode("utf-8-sig"), newline="\n"))
    except (PoFileError, UnknownLocaleError, UnicodeDecodeError, ValueError, LookupError) as error:
        raise ContentError(f"cannot be read as PO in UTF-8: {error}") from error
    messages = [message for message in catalog if message.id]
    if parser.counter > len(messages) + len(catalog.obsolete) + 1:
        raise ContentError("a text is in the file twice with the same English; keep one")
    return TranslationFile(
        catalog.project or "", catalog.locale_identifier or "", tuple(_entry(message) for message in messages)
    )


def _entry(message: Message) -> Entry:
    if not isinstance(message.id, str) or not isinstance(message.string, str) or not message.context:
        raise ContentError(f"line {message.lineno}: a text of this project has a msgctxt and no plural")
    hashes = [found[1] for comment in message.auto_comments if (found := _HASH.match(comment))]
    state = "human_reviewed"
    if message.fuzzy:
        state = "stale" if _STALE in message.auto_comments else "draft"
    return entry_of(message.context, message.id, message.string, state, hashes[0] if hashes else None)

"""What staff write back: looked at before it goes, confirmed with its translation, shown on the family's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from campaign.correspondence.attachments import VIDEO
from campaign.correspondence.conversation_steps import LONGEST_ANSWER, Doer, State, Told, step
from campaign.store import conversation_answers as store
from campaign.store import conversation_translations
from campaign.store import conversations as threads
from campaign.store.conversations import Thread


@dataclass(frozen=True)
class Answer:
    """What is to be said. `language`: of `text`. `translation`: what the family reads first, "" = the text as it is;
    `by`: the service it came from, None = a person wrote or changed it. `for_language`: the translation's."""

    text: str = field(repr=False)
    language: str
    translation: str = field(default="", repr=False)
    for_language: str = ""
    by: str | None = None
    warnings: Sequence[tuple[str, str]] = ()
    confirmed: bool = False


def answer(connection: Connection, thread: Thread, doer: Doer, given: Answer, now: datetime) -> Told:
    """Keep an answer, stop the clock, and let the notes of the family that it answers wait no more."""
    text, translation = given.text.strip(), given.translation.strip()
    if not text:
        return Told.EMPTY
    if max(len(text), len(translation)) > LONGEST_ANSWER:
        return Told.TOO_LONG
    if not given.confirmed:
        return Told.NOT_CONFIRMED
    language = given.for_language or given.language
    files = store.waiting_files(connection, thread)
    if any(media_type in VIDEO and language not in captions for _, media_type, captions in files):
        return Told.NO_CAPTIONS
    message_id = threads.say(
        connection,
        thread.id,
        (thread.district_id, thread.student_id, thread.contact_id),
        direction="out",
        channel=thread.channel,
        text=text,
        language=given.language,
        account_id=doer.account_id,
        said_by=doer.name,
        state="to_send",
        at=now,
    )
    store.send_files(connection, thread, message_id)
    if translation:
        _translated(connection, message_id, doer, given, now)
    settled = store.settle_notes(connection, thread, (doer.account_id, doer.name), now)
    changes = {
        "state": str(State.ANSWERED),
        "due_at": None,
        "waiting_since": None,
        "account_id": doer.account_id,
    }
    step(
        connection,
        thread,
        doer,
        "answered",
        changes,
        now=now,
        restores={"message_id": message_id, "settled": settled},
    )
    return Told.ANSWERED


def _translated(connection: Connection, message_id: int, doer: Doer, given: Answer, now: datetime) -> None:
    """A translation that a person changed is that person's, and is remembered; a machine's stays a machine's."""
    by_person = given.by is None
    values = {
        "source_language": given.language,
        "language": given.for_language,
        "source": given.text.strip(),
        "text": given.translation.strip(),
        "translator": given.by,
        "warnings": () if by_person else given.warnings,
        "account_id": doer.account_id if by_person else None,
        "said_by": doer.name if by_person else None,
        "at": now,
    }
    conversation_translations.add(connection, message_id, values)

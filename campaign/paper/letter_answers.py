"""What people say became of a letter run: posted, not printed, or of single envelopes spoiled or come back.

Nothing else ends a letter that was taken: no program can see what lies in a letter box.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from campaign.paper.letter_files import folder
from campaign.store import audit, consent, dispatch
from campaign.store import letters as store
from campaign.store.dispatch import Change
from campaign.store.letters import Envelope, LetterRun

ADDRESS_UNKNOWN = "address_unknown"
_IN_FLIGHT = ["dispatching", "ambiguous"]
_NOON = time(12)


class NotSo(Exception):
    """What was said cannot be; the message says why."""


@dataclass(frozen=True)
class Word:
    """Who says it (the name, and as the audit has it), and when."""

    name: str
    actor: str
    at: datetime


def posted(connection: Connection, number: str, day: date, word: Word, zone: str) -> int:
    """The run went to the post, or out to the classes, on that day: its letters are sent. How many they are.

    As the engine. Raises NotSo for a run that is not all there, or closed, and for a day that cannot be.
    """
    run = _open(connection, number)
    if run.finished_at is None:
        raise NotSo("Not all files of this run are there yet. Let it finish, then say that it was posted.")
    here = ZoneInfo(zone)
    if not run.taken_at.astimezone(here).date() <= day <= word.at.astimezone(here).date():
        raise NotSo(
            "The day is before the run was printed, or still to come. Choose the day on which it was posted."
        )
    sent = min(datetime.combine(day, _NOON, here), word.at)
    some = _in_run(connection, run)
    changes = [
        Change(one.message_id, one.fencing, "accepted", detail=f"posted on {day}", finished_at=sent)
        for one in some
    ]
    dispatch.change(connection, changes, from_states=_IN_FLIGHT, now=word.at, trace=True)
    consent.enrol(connection, [one.message_id for one in some], sent)
    _close(connection, run, some, store.POSTED, word, day)
    return len(some)


def thrown_away(connection: Connection, number: str, word: Word) -> int:
    """The run was not printed, or thrown away: its letters wait for the next one. As the engine; raises NotSo."""
    run = _open(connection, number)
    some = _in_run(connection, run)
    _back(connection, some, "not printed or thrown away", word)
    _close(connection, run, some, store.THROWN_AWAY, word, None)
    return len(some)


def taken_back(connection: Connection, number: str, word: Word) -> int:
    """Make it not have been said that the run was posted: it waits for a word again. As the engine; raises NotSo."""
    run = store.lock(connection, number)
    if run is None or run.outcome != store.POSTED:
        raise NotSo("Nobody has said that this run was posted.")
    some = [one for one in store.envelopes(connection, run.id) if one.state == store.POSTED]
    changes = [
        Change(one.message_id, one.fencing, "dispatching", detail="not posted after all") for one in some
    ]
    dispatch.change(connection, changes, from_states=["accepted"], now=word.at, trace=True)
    store.say(connection, [one.id for one in some], store.IN_RUN, word.name, word.at)
    store.close(connection, run.id, {"outcome": None, "posted_on": None, "said_by": None, "said_at": None})
    _trace(connection, run, "took_back_posted", word)
    return len(some)


def spoiled(connection: Connection, number: str, positions: Collection[int], word: Word) -> int:
    """These envelopes were spoiled before they were posted: their letters wait for the next run. As the engine."""
    run = _open(connection, number)
    some = [one for one in _in_run(connection, run) if one.position in positions]
    _back(connection, some, "spoiled", word)
    store.say(connection, [one.id for one in some], store.SPOILED, word.name, word.at)
    _trace(connection, run, "took_out_spoiled", word, len(some))
    return len(some)


def came_back(connection: Connection, number: str, positions: Collection[int], word: Word) -> int:
    """The post brought these envelopes back, for nobody lives there under that name. As the engine; raises NotSo."""
    run = store.lock(connection, number)
    if run is None:
        raise NotSo("There is no such run.")
    some = [
        one
        for one in store.envelopes(connection, run.id)
        if one.position in positions and one.state in (store.POSTED, store.IN_RUN)
    ]
    changes = [
        Change(one.message_id, one.fencing, "rejected", ADDRESS_UNKNOWN, detail="came back: address unknown")
        for one in some
    ]
    dispatch.change(connection, changes, from_states=[*_IN_FLIGHT, "accepted"], now=word.at, trace=True)
    store.say(connection, [one.id for one in some], store.CAME_BACK, word.name, word.at)
    _trace(connection, run, "letters_came_back", word, len(some))
    return len(some)


def clear(home: Path, run: LetterRun) -> None:
    """Take the files of a closed run away: they hold names, streets and reports, and nobody needs them any more."""
    shutil.rmtree(folder(home, run), ignore_errors=True)


def _open(connection: Connection, number: str) -> LetterRun:
    run = store.lock(connection, number)
    if run is None:
        raise NotSo("There is no such run.")
    if run.outcome:
        raise NotSo(f"{run.said_by} has already said what became of this run.")
    return run


def _in_run(connection: Connection, run: LetterRun) -> list[Envelope]:
    return [one for one in store.envelopes(connection, run.id) if one.state == store.IN_RUN]


def _back(connection: Connection, some: Sequence[Envelope], detail: str, word: Word) -> None:
    changes = [Change(one.message_id, one.fencing, "planned", detail=detail) for one in some]
    dispatch.change(connection, changes, from_states=_IN_FLIGHT, now=word.at, trace=True)


def _close(
    connection: Connection,
    run: LetterRun,
    some: Sequence[Envelope],
    outcome: str,
    word: Word,
    posted_on: date | None,
) -> None:
    store.say(connection, [one.id for one in some], outcome, word.name, word.at)
    values = {"outcome": outcome, "posted_on": posted_on, "said_by": word.name, "said_at": word.at}
    store.close(connection, run.id, values)
    _trace(connection, run, f"letters_{outcome}", word, len(some))


def _trace(
    connection: Connection, run: LetterRun, action: str, word: Word, letters: int | None = None
) -> None:
    detail = {} if letters is None else {"letters": letters}
    target = f"letter_run:{run.id}"
    audit.write(connection, audit.Entry(word.at, word.actor, action, target, run.district_id, detail))

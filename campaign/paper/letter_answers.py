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

from campaign.paper.letter_list import folder
from campaign.store import audit, consent, dispatch
from campaign.store import letters as store
from campaign.store.dispatch import Change
from campaign.store.letters import Envelope, LetterRun

ADDRESS_UNKNOWN = "address_unknown"
_IN_FLIGHT = ["dispatching", "ambiguous"]
# What people say of single envelopes, and what their messages are from then on.
_SINGLE = (store.SPOILED, store.CAME_BACK)
_PUT_ASIDE = ["planned", "rejected"]
_NOON = time(12)


class NotSo(Exception):
    """What was said cannot be; the message says why."""


@dataclass(frozen=True)
class Word:
    """Who says it (the name, and as the audit has it), when, and in which zone the days are counted."""

    name: str
    actor: str
    at: datetime
    zone: str

    def day(self, moment: datetime) -> date:
        return moment.astimezone(ZoneInfo(self.zone)).date()

    def noon(self, day: date) -> datetime:
        """When what went on that day went; no moment that is still to come."""
        return min(datetime.combine(day, _NOON, ZoneInfo(self.zone)), self.at)


def posted(connection: Connection, number: str, day: date, word: Word) -> int:
    """The run went to the post, or out to the classes, on that day: its letters are sent. How many they are.

    As the engine. Raises NotSo for a run that is not all there, or closed, and for a day that cannot be.
    """
    run = _open(connection, number)
    if run.finished_at is None:
        raise NotSo("Not all files of this run are there yet. Let it finish, then say that it was posted.")
    if not word.day(run.taken_at) <= day <= word.day(word.at):
        raise NotSo(
            "The day is before the run was printed, or still to come. Choose the day on which it was posted."
        )
    some = _in_run(connection, run)
    _sent(connection, some, _IN_FLIGHT, day, word)
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
    some = _at(connection, run, positions, (store.IN_RUN,))
    _back(connection, some, "spoiled", word)
    store.say(connection, [one.id for one in some], store.SPOILED, word.name, word.at)
    _trace(connection, run, "took_out_spoiled", word, len(some))
    return len(some)


def came_back(connection: Connection, number: str, positions: Collection[int], word: Word) -> int:
    """The post brought these envelopes back, for nobody lives there under that name. As the engine; raises NotSo."""
    run = _locked(connection, number)
    some = _at(connection, run, positions, (store.POSTED, store.IN_RUN))
    changes = [
        Change(one.message_id, one.fencing, "rejected", ADDRESS_UNKNOWN, detail="came back: address unknown")
        for one in some
    ]
    dispatch.change(connection, changes, from_states=[*_IN_FLIGHT, "accepted"], now=word.at, trace=True)
    store.say(connection, [one.id for one in some], store.CAME_BACK, word.name, word.at)
    _trace(connection, run, "letters_came_back", word, len(some))
    return len(some)


def put_back(connection: Connection, number: str, positions: Collection[int], word: Word) -> int:
    """Nothing happened to these envelopes after all: what was said of them today was a slip. How many they are.

    Each is again what the others of its run are. As the engine. Raises NotSo, and changes nothing, where one of their
    letters has moved on since, for it could be printed twice; and from the next day on.
    """
    run = _locked(connection, number)
    if run.outcome == store.THROWN_AWAY:
        raise NotSo("This run was not printed or thrown away: its letters wait for the next one.")
    some = _at(connection, run, positions, _SINGLE)
    if any(one.said_at is None or word.day(one.said_at) != word.day(word.at) for one in some):
        raise NotSo(
            "This can be taken back only on the day on which it was said. A letter that came back stands among what "
            "is to be looked at; there it can be sent again."
        )
    with connection.begin_nested():
        if run.posted_on is None:
            changes = [
                Change(one.message_id, one.fencing, "dispatching", detail="put back into the run")
                for one in some
            ]
            moved = dispatch.change(connection, changes, from_states=_PUT_ASIDE, now=word.at, trace=True)
        else:
            moved = _sent(connection, some, _PUT_ASIDE, run.posted_on, word)
        if moved < len(some):
            raise NotSo(
                "One of these letters is not where it was any more: another run took it, or somebody has settled it. "
                "Nothing was changed. Look at the newest run."
            )
    store.say(connection, [one.id for one in some], run.outcome or store.IN_RUN, word.name, word.at)
    _trace(connection, run, "put_letters_back", word, len(some))
    return len(some)


def clear(home: Path, run: LetterRun) -> None:
    """Take the files of a closed run away: they hold names, streets and reports, and nobody needs them any more."""
    shutil.rmtree(folder(home, run), ignore_errors=True)


def _locked(connection: Connection, number: str) -> LetterRun:
    run = store.lock(connection, number)
    if run is None:
        raise NotSo("There is no such run.")
    return run


def _open(connection: Connection, number: str) -> LetterRun:
    run = _locked(connection, number)
    if run.outcome:
        raise NotSo(f"{run.said_by} has already said what became of this run.")
    return run


def _in_run(connection: Connection, run: LetterRun) -> list[Envelope]:
    return [one for one in store.envelopes(connection, run.id) if one.state == store.IN_RUN]


def _at(
    connection: Connection, run: LetterRun, positions: Collection[int], states: Collection[str]
) -> list[Envelope]:
    found = store.envelopes(connection, run.id)
    return [one for one in found if one.position in positions and one.state in states]


def _sent(
    connection: Connection, some: Sequence[Envelope], from_states: Sequence[str], day: date, word: Word
) -> int:
    """Posted on that day; how many of them were in these states."""
    changes = [
        Change(one.message_id, one.fencing, "accepted", detail=f"posted on {day}", finished_at=word.noon(day))
        for one in some
    ]
    moved = dispatch.change(connection, changes, from_states=from_states, now=word.at, trace=True)
    consent.enrol(connection, [one.message_id for one in some], word.noon(day))
    return moved


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
    if letters == 0:
        return
    detail = {} if letters is None else {"letters": letters}
    target = f"letter_run:{run.id}"
    audit.write(connection, audit.Entry(word.at, word.actor, action, target, run.district_id, detail))

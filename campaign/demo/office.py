"""The office of the made-up district: it prints and posts the letters of campaigns, and makes the calls.

Through the same doors as the staff of a real one, on working days; what comes of a call is always the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from campaign.access import ENGINE
from campaign.calling import calls
from campaign.calling.calls import Caller, Entry, Outcome
from campaign.database import transaction
from campaign.demo.chance import Chance
from campaign.demo.doors import APPROVERS
from campaign.dispatch.delivery import Delivery
from campaign.paper import letter_answers, letter_files, letter_list, letters
from campaign.paper.letter_answers import Word
from campaign.paper.letters import Wanted
from campaign.paper.print_runs import PrintError
from campaign.school_year.calendar import SchoolYear
from campaign.store import calls as call_store
from campaign.store import letters as store
from campaign.store.letters import LetterRun

_BEGINS, _ENDS = time(9), time(17)
_CALLS_A_DAY = 60
# Of a run that is not small, one envelope is spoiled before it is posted, and one comes back.
_SMALL = 5
_COMES_BACK_AFTER = timedelta(days=7)
# Of a hundred calls.
_OUTCOMES = (
    (55, Outcome.REACHED, ""),
    (25, Outcome.NO_ANSWER, ""),
    (10, Outcome.VOICE_MESSAGE, ""),
    (4, Outcome.LETTER, ""),
    (3, Outcome.OTHER_WAY, "Please send a message to my work e-mail. I will give it to the front office."),
    (2, Outcome.WRONG_NUMBER, ""),
    (1, Outcome.STOPPED, "I do not want these calls."),
)
_CUMULATIVE = tuple(accumulate(share / 100 for share, _, _ in _OUTCOMES))
_WAITS = text(
    """
    SELECT min(greatest(m.due_at, coalesce(m.not_before, m.due_at)))
    FROM open_message o JOIN message m ON m.id = o.message_id
    WHERE o.channel IN ('letter', 'call') AND m.state IN ('planned', 'retry_at')
    """
)


@dataclass(frozen=True)
class Office:
    """`year`: its working days are the school days."""

    delivery: Delivery
    district_id: int
    seed: int
    year: SchoolYear

    def next(self, now: datetime) -> datetime | None:
        """When somebody is there again after `now`, not twice a day; None while nothing waits."""
        with transaction(self.delivery.engine, ENGINE) as connection:
            waits = connection.scalar(_WAITS)
            unsaid = any(run.outcome is None for run in store.runs(connection, 1))
        if waits is None and not unsaid:
            return None
        here = (now if unsaid else max(now, waits)).astimezone(self._zone)
        if self._is_open(now):
            here = max(here, self._morning(now.astimezone(self._zone).date() + timedelta(days=1)))
        while not self._is_open(here):
            is_over = here.time() > _ENDS or not self.year.is_school_day(here.date())
            here = self._morning(here.date() + timedelta(days=is_over))
        return here.astimezone(UTC)

    def _morning(self, day: date) -> datetime:
        return datetime.combine(day, _BEGINS, self._zone)

    def working(self, heard: Callable[[datetime, int], None]) -> Callable[[datetime, int], None]:
        """A listener of a simulated run, at whose moments the office works."""

        def hear(now: datetime, sent: int) -> None:
            if self._is_open(now):
                self.work(now)
            heard(now, sent)

        return hear

    def work(self, now: datetime) -> None:
        """Post what was printed before today, print what waits, and call whom no message reached."""
        word = Word(APPROVERS[0], ENGINE.actor, now, self._zone.key)
        self._post(word)
        self._print(now)
        self._call(now)

    def _post(self, word: Word) -> None:
        with transaction(self.delivery.engine, ENGINE) as connection:
            for run in store.runs(connection, 100):
                if run.finished_at and run.outcome is None and word.day(run.taken_at) < word.day(word.at):
                    self._say_posted(connection, run, word)
                elif _brings_one_back(run, word):
                    letter_answers.came_back(connection, run.number, [run.letters - 1], word)

    def _say_posted(self, connection: Connection, run: LetterRun, word: Word) -> None:
        if run.letters >= _SMALL:
            letter_answers.spoiled(connection, run.number, [run.letters], word)
        letter_answers.posted(connection, run.number, word.day(word.at), word)
        letter_answers.clear(self.delivery.settings.home, run)

    def _print(self, now: datetime) -> None:
        with transaction(self.delivery.engine, ENGINE) as connection:
            if not store.due(connection, now) and not store.unfinished(connection, self.district_id):
                return
        try:
            run = letters.take(self.delivery, Wanted(self.district_id), actor=ENGINE.actor, now=now)
        except PrintError:
            # Why none of them may go is written down with each.
            return
        letter_files.produce(self.delivery, run, letter_list.folder(self.delivery.settings.home, run), now)

    def _call(self, now: datetime) -> None:
        caller = Caller(APPROVERS[1], ENGINE.actor, now)
        with transaction(self.delivery.engine, ENGINE) as connection:
            waiting = call_store.waiting(connection, now, limit=_CALLS_A_DAY)
            free = calls.look(self.delivery, connection, [call.message_id for call in waiting], now)
            for call in waiting:
                if call.message_id in free:
                    drawn = Chance.of(self.seed, call.contact_id, call.tries).weighted(_CUMULATIVE)
                    _, outcome, note = _OUTCOMES[drawn]
                    entry = Entry(call.message_id, call.tries, outcome, note)
                    calls.enter(self.delivery, connection, entry, caller)

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.delivery.settings.installation.time_zone)

    def _is_open(self, now: datetime) -> bool:
        here = now.astimezone(self._zone)
        return self.year.is_school_day(here.date()) and _BEGINS <= here.time() <= _ENDS


def _brings_one_back(run: LetterRun, word: Word) -> bool:
    return (
        run.posted_on is not None
        and run.letters >= _SMALL
        and store.CAME_BACK not in run.states
        and word.noon(run.posted_on) + _COMES_BACK_AFTER < word.at
    )

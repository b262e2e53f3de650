"""A campaign to which everything happens that can: killed, doubled, late, early, two workers and a clock that jumps."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.dispatch import ledger, receiving
from campaign.dispatch.deliver import LEASE
from campaign.dispatch.receipts import Kind, Reported
from campaign.dispatch.settling import settle
from campaign.senders.contract import OutgoingMessage
from campaign.store import messages
from tests.campaign import families
from tests.campaign.dispatch.faults import connection_lost_at, killed_at
from tests.campaign.providers import Killed, Provider

CHICAGO = ZoneInfo("America/Chicago")
FINAL = {"accepted", "withheld", "dropped", "rejected", "failed", "ambiguous"}


@dataclass(frozen=True)
class Season:
    """A report day from its morning until every message of it has expired, and when the clocks change meanwhile."""

    report_day: date
    clocks_change: datetime

    @property
    def begin(self) -> datetime:
        return datetime.combine(self.report_day, time(12), UTC)

    @property
    def afterwards(self) -> datetime:
        return self.begin + timedelta(days=14)


# An hour is left out on Sunday 14 March 2027, and one comes twice on Sunday 7 November; the report days are the
# Fridays before, so that what is not sent on the day goes out after the change. A zone to the east is an hour ahead.
SEASONS = {
    "no change": Season(date(2026, 11, 10), datetime(2026, 11, 11, 8, tzinfo=UTC)),
    "spring": Season(date(2027, 3, 12), datetime(2027, 3, 14, 2, tzinfo=CHICAGO).astimezone(UTC)),
    "autumn": Season(date(2027, 11, 5), datetime(2027, 11, 7, 2, tzinfo=CHICAGO).astimezone(UTC)),
}
# Every first byte, by the clocks of the schools it was about.
_SENT_AT = text(
    """
    SELECT DISTINCT a.at AT TIME ZONE coalesce(h.time_zone, d.time_zone)
    FROM attempt a JOIN message m ON m.id = a.message_id JOIN student s ON s.id = ANY (m.student_ids)
    JOIN school h ON h.id = s.school_id JOIN district d ON d.id = s.district_id
    WHERE a.outcome = 'dispatching'
    """
)
_NOT_AS_LISTED = text(
    """
    SELECT count(*) FROM (SELECT id FROM message WHERE finished_at IS NULL) m
    FULL JOIN open_message o ON o.message_id = m.id WHERE m.id IS NULL OR o.message_id IS NULL
    """
)


class Campaign(RuleBasedStateMachine):
    engine: Engine
    folder: Path

    @initialize(season=st.sampled_from(sorted(SEASONS)))
    def begin(self, season: str) -> None:
        self.season = SEASONS[season]
        set_up(self.engine, self.season)
        self.now = self.season.begin
        self.provider = Provider()
        self.workers = [
            families.delivery(self.engine, self.folder, self.provider, owner=name) for name in ("one", "two")
        ]

    def pulse(self, worker: int) -> None:
        try:
            ledger.tick(self.workers[worker], self.now)
        except Killed:
            self.engine.dispose()

    @rule(worker=st.integers(0, 1), minutes=st.integers(0, 12 * 60))
    def later(self, worker: int, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.pulse(worker)

    @rule(worker=st.integers(0, 1))
    def again_at_once(self, worker: int) -> None:
        self.pulse(worker)
        self.pulse(1 - worker)

    @rule(minutes=st.integers(1, 90))
    def clock_set_back(self, minutes: int) -> None:
        self.now -= timedelta(minutes=minutes)

    @rule(
        worker=st.integers(0, 1),
        moment=st.sampled_from(["commit", "begin"]),
        count=st.integers(1, 14),
        hours=st.integers(0, 6),
    )
    def killed_at_a_transaction(self, worker: int, moment: str, count: int, hours: int) -> None:
        self.now += timedelta(hours=hours)
        with killed_at(self.engine, moment, count):
            ledger.tick(self.workers[worker], self.now)

    @rule(worker=st.integers(0, 1), count=st.integers(1, 14), hours=st.integers(0, 6))
    def database_hangs_up(self, worker: int, count: int, hours: int) -> None:
        self.now += timedelta(hours=hours)
        with connection_lost_at(self.engine, count):
            ledger.tick(self.workers[worker], self.now)

    @rule(days=st.integers(1, 5))
    def clock_jumps(self, days: int) -> None:
        self.now += timedelta(days=days)
        self.pulse(0)

    @rule(worker=st.integers(0, 1), minutes=st.integers(-90, 90), step=st.sampled_from([30, 60, 120]))
    def the_clocks_change(self, worker: int, minutes: int, step: int) -> None:
        """Both workers at about the hour that the families' clocks leave out or show twice, and just after."""
        self.now = max(self.now, self.season.clocks_change + timedelta(minutes=minutes))
        self.pulse(worker)
        self.now += timedelta(minutes=step)
        self.pulse(1 - worker)

    @rule(
        kinds=st.lists(
            st.sampled_from([Kind.TAKEN, Kind.DEFERRED, Kind.SENT, Kind.DELIVERED]), min_size=1, max_size=3
        ),
        late=st.integers(0, 72),
    )
    def events_come(self, kinds: list[Kind], late: int) -> None:
        """Of all that was taken, in any order, hours late and each of them twice; and of what was never ours."""
        told = [
            (Reported(f"{kind}-{public_id}", public_id, kind, public_id, None, self.now), "")
            for kind in kinds
            for public_id in [*sorted(self.provider.taken), "f" * 32]
        ]
        for _ in range(2):
            with transaction(self.engine, ENGINE) as connection:
                receiving.take(connection, "mailbox", "email", told, self.now + timedelta(hours=late))

    @rule(arrived=st.booleans())
    def an_answer_comes_after_all(self, arrived: bool) -> None:
        """A late, and then a repeated, word of the provider on every message that is being sent or in doubt."""
        for _ in range(2):
            settle(self.workers[0], self.now, everybody=arrived)

    @rule(
        slow=st.integers(0, 1),
        afterwards=st.sampled_from(["busy", "refused"]),
        meanwhile=st.sampled_from(["taken_unclear", "lost_unclear"]),
        hours=st.sampled_from([12, 0]),
    )
    def one_overtakes_the_other(self, slow: int, afterwards: str, meanwhile: str, hours: int) -> None:
        """Who is slow is taken for dead; what its provider answers `afterwards` is no news of what went `meanwhile`."""
        self.now += timedelta(hours=hours)
        self.provider.in_flight, overtaken = 1, threading.Event()

        def overtake(_: OutgoingMessage) -> None:
            if not overtaken.is_set():
                overtaken.set()
                self.provider.behaviour = meanwhile
                self.now += 2 * LEASE
                ledger.tick(self.workers[1 - slow], self.now)
                self.provider.behaviour = afterwards

        self.provider.during = overtake
        ledger.tick(self.workers[slow], self.now)
        self.provider.in_flight, self.provider.during = Provider.in_flight, None

    @rule(
        behaviour=st.sampled_from(
            ["well", "taken_unclear", "lost_unclear", "busy", "killed_before", "killed_after"]
        )
    )
    def provider_behaves(self, behaviour: str) -> None:
        self.provider.behaviour = behaviour

    @precondition(lambda self: self.provider.tells)
    @rule(tells=st.booleans())
    def provider_goes_silent(self, tells: bool) -> None:
        self.provider.tells = tells

    @invariant()
    def at_most_once(self) -> None:
        if hasattr(self, "provider"):
            assert max(self.provider.taken.values(), default=0) <= 1

    @invariant()
    def it_sums(self) -> None:
        with transaction(self.engine, ENGINE) as connection:
            messages.reconcile(connection)

    @invariant()
    def what_is_open_is_listed(self) -> None:
        """Or a worker would never find it, or look at what is finished for ever."""
        with transaction(self.engine, ENGINE) as connection:
            assert connection.scalars(_NOT_AS_LISTED).one() == 0

    @invariant()
    def nobody_is_woken(self) -> None:
        with transaction(self.engine, ENGINE) as connection:
            assert all(time(9) <= at.time() < time(19, 30) for at in connection.scalars(_SENT_AT))

    def teardown(self) -> None:
        if not hasattr(self, "provider"):
            return
        self.provider.behaviour = "well"
        self.now = max(self.now, self.season.begin)
        while self.now < self.season.afterwards:
            self.now += timedelta(hours=6)
            self.pulse(0)
        with transaction(self.engine, ENGINE) as connection:
            rows = connection.execute(
                text("SELECT public_id, state, reason FROM message WHERE step = 'report_ready'")
            ).all()
        self.nobody_is_woken()
        self.what_is_open_is_listed()
        assert len(rows) == self.expected[self.season]
        assert {row.state for row in rows} <= FINAL
        for row in rows:
            taken = self.provider.taken[row.public_id]
            assert taken <= 1
            if row.state == "accepted":
                assert taken == 1
            elif row.state == "ambiguous":
                assert not self.provider.tells
            else:
                assert taken == 0
                assert row.reason

    expected: dict[Season, int]


Machine = TypeVar("Machine", bound=Campaign)


def set_up(engine: Engine, season: Season) -> None:
    with engine.begin() as connection:
        connection.execute(
            text(
                "TRUNCATE message, attempt, occurrence, consent_event, family_link, provider_event, delivery CASCADE"
            )
        )
        connection.execute(
            text("UPDATE calendar_day SET day = :day WHERE kind = 'report_card'"), {"day": season.report_day}
        )


def expected(engine: Engine, folder: Path, season: Season) -> int:
    """How many messages a dry run foresees for the report day; most of them can go out."""
    set_up(engine, season)
    day = ledger.Span(season.begin, season.begin + timedelta(days=1))
    foreseen = ledger.plan(families.delivery(engine, folder, Provider()), season.begin, dry_run=day)
    assert foreseen.decisions > 5
    return foreseen.decisions


def on(engine: Engine, folder: Path, machine: type[Machine]) -> type[Machine]:
    """The machine at work with a small district in this database, which has none yet."""
    families.build(engine, students=5)
    foreseen = {season: expected(engine, folder, season) for season in SEASONS.values()}
    return type(machine.__name__, (machine,), {"engine": engine, "folder": folder, "expected": foreseen})

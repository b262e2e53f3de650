"""A stretch of campaign on a simulated clock: the pulses of real life, from event to event instead of waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from campaign.access import ENGINE
from campaign.correspondence import conversation_rounds
from campaign.correspondence.conversations import MOST_ESCALATIONS
from campaign.database import transaction
from campaign.dispatch.deliver import Delivery
from campaign.dispatch.ledger import PLAN_AHEAD, Span, tick
from campaign.dispatch.settling import settle
from campaign.plain_error import PlainError
from campaign.store import conversations, messages, occurrences
from campaign.store.messages import Reconciliation

# Where the next event is not known to lie ahead, the clock goes on by this much.
_STEP = timedelta(minutes=15)
_LOCK = 7_281_605


class SimulationError(PlainError):
    """A simulated run may not start; the message says why and what to do."""


def run(
    delivery: Delivery,
    span: Span,
    progress: Callable[[datetime, int], None] | None = None,
    visits: Callable[[datetime], datetime | None] = lambda _: None,
) -> Reconciliation:
    """Live through `span`; `progress` hears the simulated time and how many messages went out at it.

    `visits`: the first moment after another at which `progress` wants to be heard whatever else there is; None: never.

    A run that was broken off is started again with the same span: it settles what was in doubt and goes on. Raises
    SimulationError for a sender that reaches people, and while another run is under way.
    """
    reaching = [sender.name for sender in delivery.senders if sender.name != "mailbox"]
    if reaching:
        raise SimulationError(
            f"the sender is {' and '.join(reaching)}, which reaches real people; a simulated run needs "
            '[mail] sender = "mailbox", no second_sender, and [sms] sender = "mailbox" or "none"'
        )
    with _alone(delivery.engine):
        # Nobody else runs, so whoever held a lease is gone.
        settle(delivery, span.since, everybody=True)
        for now in _moments(delivery.engine, span, visits):
            sent = tick(delivery, now)
            if progress is not None:
                progress(now, sent)
            # Last, for what people did by now stops the clocks of their conversations.
            conversation_rounds.run(delivery, now)
        with transaction(delivery.engine, ENGINE) as connection:
            return messages.reconcile(connection)


def days(span: Span) -> int:
    return (span.until - span.since).days


def by_day(span: Span, advance: Callable[[int], None]) -> Callable[[datetime, int], None]:
    """A listener for `run` that moves a bar on by the days that have passed."""
    passed = 0

    def heard(now: datetime, sent: int) -> None:
        nonlocal passed
        day = (now - span.since).days
        advance(day - passed)
        passed = day

    return heard


def _moments(engine: Engine, span: Span, visits: Callable[[datetime], datetime | None]) -> Iterator[datetime]:
    now = span.since
    while now < span.until:
        yield now
        with transaction(engine, ENGINE) as connection:
            coming = occurrences.next_event(connection, PLAN_AHEAD)
            ends = conversations.next_end(connection, MOST_ESCALATIONS)
        ahead = [at for at in (coming, ends, visits(now)) if at is not None]
        if not ahead:
            return
        now = min(ahead) if min(ahead) > now else now + _STEP


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """Hold the one place of the simulated clock; it is free again when the process ends, however it ends."""
    with engine.connect() as connection:
        try:
            connection.execute(text("SET lock_timeout = '20s'"))
            connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
            connection.commit()
        except OperationalError as error:
            raise SimulationError("another simulated run is under way; wait until it has ended") from error
        try:
            yield
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
            connection.execute(text("RESET lock_timeout"))
            connection.commit()

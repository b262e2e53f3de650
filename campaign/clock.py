"""The clock: wakes what is due. It keeps nothing, so none, one or many of it make no difference to what is sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger


def start(poke: Callable[[], object], *, seconds: int, first: datetime) -> BackgroundScheduler:
    """Call `poke` at `first` and every `seconds` after it, never twice at once; pokes that were missed come as one.

    The caller ends it with `shutdown()`.
    """
    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.add_job(
        poke,
        IntervalTrigger(seconds=seconds, timezone=UTC),
        next_run_time=first,
        coalesce=True,
        max_instances=1,
        misfire_grace_time=None,
    )
    scheduler.start()
    return scheduler

"""Clock and worker together: alone in `gbg worker`, or behind the pages of `gbg serve`."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from types import FrameType

from procrastinate import App

from campaign import clock, jobs
from campaign.jobs import Work

_EVERY_SECONDS = 60
_AT_ONCE = 2
_AGAIN_AFTER_SECONDS = 10
_NEW_THINGS = 20_000
_log = logging.getLogger(__name__)


def work_until_stopped(work: Work, now: datetime, *, every: int, at_once: int) -> None:
    """Be clock, from `now` on, and worker until a signal comes; a second one does not wait for what is under way."""
    stop = threading.Event()
    _stop_at_a_signal(stop)
    keep_what_is_loaded()
    with _ticking(work, now, every):
        _work_until(stop, work, at_once)


def _stop_at_a_signal(stop: threading.Event) -> None:
    def ask(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)


def keep_what_is_loaded() -> None:
    """For a process that goes on as it is: texts and rules stay, so the collector need not look them over with every
    few thousand messages, which takes a sixth of the time of sending them. What is new is looked over less often, too:
    a group of messages makes thousands of things and lets go of all of them by itself."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_THINGS, 20, 50)


@contextmanager
def working(work: Work, now: datetime) -> Iterator[None]:
    """Be clock, from `now` on, and worker in a thread while the block runs; its end waits for what is under way."""
    stop = threading.Event()
    thread = threading.Thread(target=_work_until, args=(stop, work, _AT_ONCE), name="worker", daemon=True)
    with _ticking(work, now, _EVERY_SECONDS):
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


@contextmanager
def _ticking(work: Work, now: datetime, every: int) -> Iterator[None]:
    jobs.prepare(work.engine)
    with jobs.door(work.engine) as door:
        ticking = clock.start(lambda: jobs.poke(door, work.engine), seconds=every, first=now)
        try:
            yield
        finally:
            ticking.shutdown()


def _work_until(stop: threading.Event, work: Work, at_once: int) -> None:
    """Work until `stop`; begin again where the database was away for a while."""
    while not stop.is_set():
        try:
            asyncio.run(_work(jobs.make_app(work), stop, at_once))
        except Exception as error:  # noqa: BLE001  whatever ended it, imports and messages must not wait for a person
            # Its kind only: the words of an error of the database may quote a value of a child's record.
            kind = type(error).__name__
            _log.error("the worker ended (%s); it begins again in %s seconds", kind, _AGAIN_AFTER_SECONDS)
            stop.wait(_AGAIN_AFTER_SECONDS)


async def _work(app: App, stop: threading.Event, at_once: int) -> None:
    async with app.open_async():
        worker = asyncio.create_task(app.run_worker_async(concurrency=at_once, install_signal_handlers=False))
        while not stop.is_set() and not worker.done():
            await asyncio.wait({worker}, timeout=0.2)
        worker.cancel()
        with suppress(asyncio.CancelledError):
            await worker

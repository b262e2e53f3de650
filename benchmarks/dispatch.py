"""How fast and how surely messages go out, beside django-post-office, a plain sendgrid loop and Procrastinate alone.

    python -m benchmarks dispatch --messages 4000

All send to one simulated provider in a process of its own, which counts what it accepts; all that keep a table keep it
in one PostgreSQL that waits for its disk. Ours takes its last look, makes links and writes the texts while the clock
runs; the others find their texts written. Then each is killed five times in the middle and started again.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import signal
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from benchmarks import _dispatch_batched, _dispatch_others
from benchmarks import _dispatch_district as district
from benchmarks._dispatch_worker import Place, work
from campaign.database import connect, start_embedded, upgrade
from campaign.demo.providers import Faults, Simulator, SimulatorOptions, running

_PATIENCE_SECONDS = 60
KILLS = 5
_LATE_OF = 500


@dataclass(frozen=True)
class Contender:
    """`share`: of the messages that ours sends, so that a slow one does not take minutes. `how`: of a Place."""

    name: str
    run: Callable[[Place, Sequence[int], Callable[[], None]], None]
    share: float
    processes: int = 1
    resumes: bool = True
    how: Mapping[str, int] = field(default_factory=dict)


def _ours(place: Place, numbers: Sequence[int], begin: Callable[[], None]) -> None:
    work(place, begin)


CONTENDERS = (
    Contender("ours", _ours, 1.0, processes=2),
    Contender(
        "ours, 1000 a request",
        _ours,
        1.0,
        processes=2,
        resumes=False,
        how={"in_flight": 4000, "recipients_per_request": 1000},
    ),
    Contender("django-post-office", _dispatch_others.post_office_as_documented, 0.1, resumes=False),
    Contender("the same, 2 x 8 threads", _dispatch_others.post_office, 0.15),
    Contender("the same, kept open", _dispatch_others.post_office_kept_open, 0.15),
    Contender("sendgrid in 16 threads", _dispatch_others.plain_loop, 0.15, resumes=False),
    Contender("Procrastinate alone", _dispatch_others.procrastinate_alone, 0.05),
)


@dataclass(frozen=True)
class Figures:
    messages: int
    per_second: float
    cpu_microseconds: float
    database_microseconds: float
    provider_microseconds: float
    megabytes: int
    late_milliseconds: float
    lost: int
    doubled: int


class Stage:
    """The provider, the database and the district that all contenders meet."""

    def __init__(self, engine: Engine, folder: Path, simulator: Simulator) -> None:
        self.engine, self.folder, self.simulator = engine, folder, simulator
        self._url = engine.url.render_as_string(hide_password=False)
        self._postmaster = int((folder / "postgres" / "postmaster.pid").read_text().split()[0])
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["benchmarks.dispatch"])

    def place(self, **how: Any) -> Place:
        port, control = self.simulator.port, self.simulator.control_port
        return Place(self._url, self.folder, port, control, time.time(), **how)

    def measure(self, contender: Contender, messages: int, latency_ms: float) -> Figures:
        """One undisturbed run."""
        self._empty(messages)
        self.simulator.change(Faults(latency_ms=latency_ms))
        place = self.place(**{"speed": 1.0, "in_flight": 256, **contender.how})
        begun, used = self._context.Barrier(contender.processes + 1), self._context.SimpleQueue()
        numbers = range(1, messages + 1)
        processes = [
            self._context.Process(target=_timed, args=(contender, place, numbers, begun, used))
            for _ in range(contender.processes)
        ]
        for process in processes:
            process.start()
        begun.wait(_PATIENCE_SECONDS)
        began, database = time.time(), self._database_seconds()
        for process in processes:
            process.join(_PATIENCE_SECONDS)
        wall = time.time() - began
        database = self._database_seconds() - database
        spent = [used.get() for _ in processes]
        taken = sorted(one.at for one in self.simulator.accepted())[:_LATE_OF]
        # All are due at once; the provider's clock is its own, so the first one is the beginning.
        late = [1000 * (at - taken[0]) for at in taken]
        report = self.simulator.report()
        return Figures(
            messages,
            round(report.recipients / wall, 1),
            round(1e6 * sum(cpu for cpu, _ in spent) / messages),
            round(1e6 * database / messages),
            round(1e6 * report.cpu_seconds / messages),
            sum(kilobytes for _, kilobytes in spent) // 1024,
            round(statistics.quantiles(late, n=100)[98]),
            messages - report.recipients,
            report.accepted - report.recipients,
        )

    def disturb(self, contender: Contender, messages: int) -> tuple[int, int]:
        """Messages lost and doubled by five kills, at a provider that takes 200 ms."""
        self._empty(messages)
        self.simulator.change(Faults(latency_ms=200))
        place = self.place(speed=90.0, in_flight=32)
        process = self._start(contender, place, range(1, messages + 1))
        for number in range(1, KILLS + 1):
            self._wait_for(messages * number // (KILLS + 2), process)
            with suppress(ProcessLookupError):
                os.killpg(process.pid or 0, signal.SIGKILL)
            process.join()
            process = self._start(contender, place, ())
        process.join(_PATIENCE_SECONDS)
        if process.is_alive():
            os.killpg(process.pid or 0, signal.SIGKILL)
        report = self.simulator.report()
        return messages - report.recipients, report.accepted - report.recipients

    def _start(self, contender: Contender, place: Place, numbers: Sequence[int]) -> BaseProcess:
        process = self._context.Process(target=_alone, args=(contender, place, numbers))
        process.start()
        return process

    def _wait_for(self, accepted: int, process: BaseProcess) -> None:
        give_up = time.monotonic() + _PATIENCE_SECONDS
        while process.is_alive() and self.simulator.report().accepted < accepted:
            assert time.monotonic() < give_up, "nothing is sent any more"
            time.sleep(0.02)

    def _empty(self, messages: int) -> None:
        with self.engine.begin() as connection:
            for schema in ("post_office", "procrastinate_alone"):
                connection.execute(text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))
                connection.execute(text(f"CREATE SCHEMA {schema}"))
            _dispatch_others.make_queue(connection)
        district.begin_anew(self.engine, messages)
        self.simulator.forget()

    def _database_seconds(self) -> float:
        """CPU seconds of the server and all its processes, those that have ended included."""
        ticks = 0
        for entry in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                fields = entry.read_text().rpartition(")")[2].split()
                if int(entry.parent.name) == self._postmaster:
                    ticks += sum(int(number) for number in fields[11:15])
                elif int(fields[1]) == self._postmaster:
                    ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


def _timed(contender: Contender, place: Place, numbers: Sequence[int], begun: Any, used: Any) -> None:
    """Run, and tell CPU seconds and the most kilobytes from the moment all are ready."""
    before: list[float] = []

    def begin() -> None:
        begun.wait(_PATIENCE_SECONDS)
        before.append(_cpu_seconds())

    contender.run(place, numbers, begin)
    kilobytes = sum(resource.getrusage(who).ru_maxrss for who in _WHO)
    used.put((_cpu_seconds() - before[0], kilobytes))


def _alone(contender: Contender, place: Place, numbers: Sequence[int]) -> None:
    """Run as the leader of a group of processes, so that all of it can be killed at once."""
    os.setsid()
    contender.run(place, numbers, lambda: None)


_WHO = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def _cpu_seconds() -> float:
    return sum(found.ru_utime + found.ru_stime for found in map(resource.getrusage, _WHO))


def main(arguments: Sequence[str] = ()) -> dict[str, Any]:
    """Measure all, print a table, return the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks dispatch")
    parser.add_argument("--messages", type=int, default=16_000)
    parser.add_argument("--kill-messages", type=int, default=500)
    parser.add_argument("--runs", type=int, default=1, help="of each; the median counts")
    options = parser.parse_args(arguments)
    light = SimulatorOptions(checks="light", keep_texts=False)
    with tempfile.TemporaryDirectory() as name, running(light, own_process=True) as simulator:
        folder = Path(name)
        engine = connect(start_embedded(folder / "postgres"))
        upgrade(engine)
        district.load(engine, max(options.messages, options.kill_messages))
        stage = Stage(engine, folder, simulator)
        figures = _all(stage, options)
        engine.dispose()
    return figures


def _all(stage: Stage, options: argparse.Namespace) -> dict[str, Any]:
    print(
        f"{os.cpu_count()} cores; load {os.getloadavg()[0]:.1f}; {options.messages} messages, one a request"
    )
    print(
        f"{'':<24}{'ms':>4}{'per s':>9}{'own µs':>8}{'db µs':>7}{'sim µs':>7}{'MB':>6}"
        f"{'p99 ms':>8}{'lost':>6}{'twice':>6}"
    )
    speed: dict[tuple[str, int], float] = {}
    figures: dict[str, Any] = {"messages": options.messages, "cores": os.cpu_count(), "contenders": {}}
    for latency in (0, 50):
        runs: dict[str, list[Figures]] = {}
        # In turns, so that what else the machine does meets all of them.
        for _ in range(options.runs):
            for one in CONTENDERS:
                count = max(int(options.messages * one.share), _LATE_OF + 1)
                runs.setdefault(one.name, []).append(stage.measure(one, count, latency))
        for name, found in runs.items():
            median = sorted(found, key=lambda one: one.per_second)[len(found) // 2]
            speed[name, latency] = median.per_second
            figures["contenders"][f"{name}, {latency} ms"] = vars(median)
            print(
                f"{name:<24}{latency:>4}{median.per_second:>9,.0f}{median.cpu_microseconds:>8}"
                f"{median.database_microseconds:>7}{median.provider_microseconds:>7}{median.megabytes:>6}"
                f"{median.late_milliseconds:>8.0f}{median.lost:>6}{median.doubled:>6}"
            )
    print(f"\n{KILLS} kills, {options.kill_messages} messages, 200 ms")
    for one in CONTENDERS:
        if one.resumes:
            lost, doubled = stage.disturb(one, options.kill_messages)
            figures["contenders"][f"{one.name}, {KILLS} kills"] = {"lost": lost, "doubled": doubled}
            print(f"{one.name:<41}lost {lost:>5}   twice {doubled:>5}")
    ours = figures["contenders"][f"ours, {KILLS} kills"]
    batched = _dispatch_batched.measure(stage.simulator, 20_000)
    print(
        f"\n{batched:,.0f} messages a second from the sender alone where a thousand of one text travel in one request"
    )
    return {
        **figures,
        **ours,
        **_ratios(speed),
        "batched_per_second": batched,
        "batched_through_ledger_per_second": speed["ours, 1000 a request", 0],
    }


def _ratios(speed: Mapping[tuple[str, int], float]) -> dict[str, float]:
    names = {
        "_default": "django-post-office",
        "": "the same, 2 x 8 threads",
        "_kept_open": "the same, kept open",
    }
    return {
        "per_second_0ms": speed["ours", 0],
        "per_second_50ms": speed["ours", 50],
        **{
            f"ratio_vs_post_office{end}": round(speed["ours", 0] / speed[name, 0], 2)
            for end, name in names.items()
        },
    }

"""Time is an argument: only entry points read a clock, and always an aware one."""

from __future__ import annotations

import ast

import pytest

from tests.contracts.tree import PACKAGES, python_files, syntax

# One worker reads and parses the whole project once.
pytestmark = pytest.mark.xdist_group("house")

# The scheduler, the assembly that hands a clock to the commands and the pages, and the simulated providers, which
# are a server of their own.
READ_THE_CLOCK = {"campaign/clock.py", "campaign/installation.py", "campaign/demo/providers/running.py"}
NAIVE = {"utcnow", "utcfromtimestamp", "today"}
CLOCKS = {"datetime": {"now", "utcnow", "today"}, "date": {"today"}, "time": {"time", "time_ns"}}


def called(node: ast.AST) -> tuple[str, str] | None:
    """Object and method of a call such as `datetime.now(…)` or `dt.datetime.now(…)`; None for another node."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return None
    owner = node.func.value
    if isinstance(owner, ast.Attribute):
        return owner.attr, node.func.attr
    return (owner.id, node.func.attr) if isinstance(owner, ast.Name) else None


def clock_readings(tree: ast.AST) -> list[int]:
    """Lines that read a clock. `time.monotonic` measures a span and is none."""
    calls = ((node.lineno, called(node)) for node in ast.walk(tree) if isinstance(node, ast.Call))
    return [line for line, call in calls if call and call[1] in CLOCKS.get(call[0], set())]


def naive_readings(tree: ast.AST) -> list[int]:
    calls = [(node, called(node)) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [
        node.lineno
        for node, call in calls
        if call
        and call[0] in {"datetime", "date"}
        and (call[1] in NAIVE or (call[1] == "now" and not node.args and not node.keywords))
    ]


def test_only_entry_points_read_a_clock() -> None:
    paths = [path for path in python_files(*PACKAGES) if path not in READ_THE_CLOCK]
    assert [f"{path}:{line}" for path in paths for line in clock_readings(syntax(path))] == []


def test_no_clock_reading_is_naive() -> None:
    paths = python_files(*PACKAGES)
    assert [f"{path}:{line}" for path in paths for line in naive_readings(syntax(path))] == []


@pytest.mark.parametrize(
    ("source", "reads", "naive"),
    [
        ("datetime.now(UTC)", True, False),
        ("datetime.now()", True, True),
        ("dt.datetime.utcnow()", True, True),
        ("date.today()", True, True),
        ("time.time()", True, False),
        ("time.monotonic()", False, False),
        ("clock.now()", False, False),
    ],
)
def test_what_counts_as_reading_a_clock(source: str, reads: bool, naive: bool) -> None:
    tree = ast.parse(source)
    assert bool(clock_readings(tree)) == reads
    assert bool(naive_readings(tree)) == naive

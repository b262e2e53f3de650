"""Budgets, breakers and shares of providers: pure rules, whatever the clock does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.dispatch.breaker import (
    ENOUGH,
    FIRST_REST,
    FORGETS,
    LONGEST_REST,
    PATIENCE,
    PROBE,
    WINDOW,
    Breaker,
    State,
)
from campaign.dispatch.budget import Budget
from campaign.dispatch.shares import Shares

NOW = datetime(2026, 11, 10, 23, 30, tzinfo=UTC)
STEPS = st.lists(st.tuples(st.floats(0, 5), st.integers(0, 50)), max_size=40)


@given(rate=st.floats(0.1, 500), steps=STEPS)
def test_no_more_goes_than_a_second_in_hand_and_what_comes_in(
    rate: float, steps: list[tuple[float, int]]
) -> None:
    budget, now, granted = Budget.full(rate, NOW), NOW, 0
    for seconds, wanted in steps:
        now += timedelta(seconds=seconds)
        got, budget = budget.take(wanted, now)
        assert 0 <= got <= wanted
        granted += got
        elapsed = (now - NOW).total_seconds()
        assert granted <= max(rate, 1) + rate * elapsed + 0.01


@given(rate=st.floats(0.1, 500), wanted=st.integers(1, 1000))
def test_who_waits_as_told_gets_something(rate: float, wanted: int) -> None:
    _, spent = Budget.full(rate, NOW).take(10**6, NOW)
    assert spent.take(wanted, NOW)[0] == 0
    assert spent.take(wanted, spent.next_at(NOW))[0] >= 1


@given(back=st.integers(1, 10**6))
def test_a_clock_set_back_brings_no_tokens_and_stops_none(back: int) -> None:
    _, spent = Budget.full(10, NOW).take(10, NOW)
    earlier = NOW - timedelta(seconds=back)
    got, spent = spent.take(5, earlier)
    assert got == 0
    assert spent.take(5, earlier + timedelta(seconds=1))[0] == 5


def test_what_was_not_needed_comes_back_but_no_more_than_fits() -> None:
    _, left = Budget.full(10, NOW).take(8, NOW)
    assert left.give_back(3).take(10, NOW)[0] == 5
    assert left.give_back(500).take(500, NOW)[0] == 10


def opened() -> Breaker:
    return Breaker(NOW).hear(0, ENOUGH, NOW)


def test_errors_open_it_a_probe_tries_it_and_success_closes_it() -> None:
    breaker = opened()
    assert breaker.state is State.OPEN
    assert breaker.ask(100, NOW + FIRST_REST / 2) == (0, breaker)
    then = NOW + FIRST_REST
    granted, probing = breaker.ask(100, then)
    assert (granted, probing.state) == (PROBE, State.HALF_OPEN)
    assert probing.ask(100, then) == (0, probing)
    assert probing.hear(1, 0, then).state is State.CLOSED
    assert probing.hear(1, 0, then).ask(100, then)[0] == 100


def test_a_probe_that_fails_rests_it_longer_and_one_that_is_lost_is_repeated() -> None:
    then = NOW + FIRST_REST
    _, probing = opened().ask(100, then)
    again = probing.hear(1, 1, then)
    assert again.ask(1, then + 2 * FIRST_REST - timedelta(seconds=1))[0] == 0
    assert again.ask(1, then + 2 * FIRST_REST)[0] == 1
    assert probing.ask(100, then + PATIENCE)[0] == PROBE


@pytest.mark.parametrize(
    ("good", "bad", "state"),
    [
        (0, ENOUGH - 1, State.CLOSED),
        (ENOUGH, ENOUGH, State.OPEN),
        (ENOUGH + 1, ENOUGH, State.CLOSED),
        (10_000, 0, State.CLOSED),
    ],
)
def test_it_opens_for_many_errors_that_are_a_large_share(good: int, bad: int, state: State) -> None:
    assert Breaker(NOW).hear(good, bad, NOW).state is state


def test_errors_far_apart_do_not_add_up() -> None:
    breaker, now = Breaker(NOW), NOW
    for _ in range(20):
        now += WINDOW + timedelta(seconds=1)
        breaker = breaker.hear(0, ENOUGH - 1, now)
    assert breaker.state is State.CLOSED


def test_after_a_long_silence_all_is_forgotten() -> None:
    granted, breaker = opened().ask(100, NOW + FIRST_REST + FORGETS)
    assert (granted, breaker.state, breaker.times) == (100, State.CLOSED, 0)


EVENTS = st.lists(
    st.tuples(st.integers(-7200, 7200), st.integers(0, 80), st.integers(0, 80), st.booleans()), max_size=30
)


@given(events=EVENTS)
def test_whatever_happens_nobody_waits_for_ever(events: list[tuple[int, int, int, bool]]) -> None:
    breaker, now = Breaker(NOW), NOW
    for seconds, good, bad, asks in events:
        now += timedelta(seconds=seconds)
        granted, breaker = breaker.ask(10, now) if asks else (0, breaker)
        assert granted in {0, PROBE, 10}
        breaker = breaker.hear(good, bad, now)
    granted, breaker = breaker.ask(10, now)
    assert granted or breaker.ask(10, now + LONGEST_REST)[0] > 0


WEIGHTS = st.sampled_from(
    [{"a": 100, "b": 0}, {"a": 50, "b": 50}, {"a": 90, "b": 10}, {"a": 40, "b": 35, "c": 25}]
)


@given(
    resting=WEIGHTS,
    steps=st.lists(st.tuples(st.sampled_from(["a", "b", ""]), st.integers(0, 8000)), max_size=40),
    chance=st.floats(0, 1, exclude_max=True),
)
def test_shares_always_sum_and_come_back_in_peace(
    resting: dict[str, int], steps: list[tuple[str, int]], chance: float
) -> None:
    shares, now = Shares(resting, resting), NOW
    for name, seconds in steps:
        now += timedelta(seconds=seconds)
        shares = shares.tending_back(now)
        shares = shares.away_from(name, now) if name else shares
        assert sum(shares.now.values()) == 100
        assert min(shares.now.values()) >= 0
        assert set(shares.order(chance)) == set(resting)
        assert shares.now[shares.order(chance)[0]] > 0
    assert shares.tending_back(now + timedelta(hours=10)).now == resting


def test_errors_move_a_step_a_minute_at_most() -> None:
    shares = Shares({"a": 90, "b": 10}, {"a": 90, "b": 10})
    once = shares.away_from("a", NOW)
    assert once.now == {"a": 80, "b": 20}
    assert once.away_from("a", NOW + timedelta(seconds=59)) == once
    assert once.away_from("a", NOW + timedelta(seconds=60)).now == {"a": 70, "b": 30}
    assert once.tending_back(NOW + timedelta(minutes=59)) == once
    assert once.tending_back(NOW + timedelta(hours=1)).now == {"a": 90, "b": 10}

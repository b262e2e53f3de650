"""What a dry run foresees: when a step is through at what providers take, and what its text messages cost at most."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from campaign.definitions.definition import CampaignDefinition
from campaign.plans.forecast import Cost, Finish, Pace, cost, crowded, finish
from campaign.plans.plan import Occurrence
from campaign.plans.plan_summary import StepCount
from campaign.wordings.wording import Wording
from tests.campaign.test_gate import READY, RULES

# 17:30 in Chicago on a Tuesday; the window closes at 19:30, and the next day is a holiday.
DUE = datetime(2026, 11, 10, 23, 30, tzinfo=UTC)
STEP = replace(READY, expires_after=timedelta(days=10))
YEAR = CampaignDefinition("year", "Year", {STEP.id: STEP}, {})


@pytest.mark.parametrize(
    ("channels", "rates", "end"),
    [
        ({}, {"email": 1}, Finish(DUE, 0)),
        ({"email": 600}, {}, Finish(DUE, 0)),
        ({"email": 600}, {"email": 1}, Finish(DUE + timedelta(minutes=10), 0)),
        ({"email": 600, "sms": 600}, {"email": 1, "sms": 0.5}, Finish(DUE + timedelta(minutes=20), 0)),
        # Two hours fit on the day; the rest goes on Thursday from 9:00 on.
        ({"email": 7200 + 60}, {"email": 1}, Finish(datetime(2026, 11, 12, 15, 1, tzinfo=UTC), 0)),
    ],
)
def test_when_a_step_is_through(channels: dict[str, int], rates: dict[str, float], end: Finish) -> None:
    occurrence = Occurrence(STEP, date(2026, 11, 10), DUE, DUE + STEP.expires_after)
    step = StepCount(YEAR, occurrence, "America/Chicago", RULES, channels=Counter(channels))
    assert finish(step, Pace(rates)) == end


@pytest.mark.parametrize(
    ("per_second", "end"),
    [
        # 1,000 on Tuesday, 1,000 on Thursday, the rest on Friday from 9:00 on; as fast as ten a second.
        ({}, datetime(2026, 11, 13, 15, tzinfo=UTC)),
        ({"sms": 10}, datetime(2026, 11, 13, 15, 0, 50, tzinfo=UTC)),
    ],
)
def test_a_day_takes_no_more_than_its_limit(per_second: dict[str, float], end: datetime) -> None:
    occurrence = Occurrence(STEP, date(2026, 11, 10), DUE, DUE + STEP.expires_after)
    step = StepCount(YEAR, occurrence, "America/Chicago", RULES, channels=Counter({"sms": 2500}))
    assert finish(step, Pace(per_second, {"sms": 1000})) == Finish(end, 0)
    short = replace(occurrence, expires_at=DUE + timedelta(days=1))
    assert finish(replace(step, occurrence=short), Pace(per_second, {"sms": 1000})).too_late == 1500


def test_what_comes_too_late_is_counted() -> None:
    occurrence = Occurrence(STEP, date(2026, 11, 10), DUE, DUE + timedelta(hours=1))
    step = StepCount(YEAR, occurrence, "America/Chicago", RULES, channels=Counter({"sms": 5000}))
    assert finish(step, Pace({"sms": 1})).too_late == 1400


def test_text_messages_cost_what_they_cost_at_their_worst() -> None:
    texts = Counter({("tip", Wording("en")): 10, ("tip", Wording("en", "so")): 5})
    found = cost(texts, lambda message, wording: 2 if wording.fallback_from else 1, 0.01)
    assert found == Cost(15, 20, pytest.approx(0.2))


def _step(campaign: CampaignDefinition, days: int, *homes: str, legal: bool = False) -> StepCount:
    step = replace(STEP, notice_reason="34 CFR 99.7" if legal else "")
    due = DUE + timedelta(days=days)
    occurrence = Occurrence(step, due.date(), due, due + step.expires_after)
    return StepCount(campaign, occurrence, "America/Chicago", RULES, households=set(homes))


def test_homes_that_have_had_enough_by_then_are_counted_over_all_campaigns() -> None:
    """Three in seven days; at one moment the campaign of the higher priority goes first, and what the law demands goes
    always and counts."""
    first = replace(YEAR, slug="first", priority=90)
    steps = {
        (date(2026, 11, 8), "a", "year"): _step(YEAR, -2, "h1", "h2"),
        (date(2026, 11, 9), "b", "year"): _step(YEAR, -1, "h1"),
        (date(2026, 11, 10), "c", "year"): _step(YEAR, 0, "h1", "h2", "h3"),
        (date(2026, 11, 10), "c", "first"): _step(first, 0, "h1", "h2"),
        (date(2026, 11, 11), "law", "year"): _step(YEAR, 1, "h1", legal=True),
        (date(2026, 11, 15), "d", "year"): _step(YEAR, 5, "h1", "h2"),
        (date(2026, 11, 20), "e", "year"): _step(YEAR, 10, "h1"),
    }
    assert {key[1:]: full for key, full in crowded(steps).items()} == {
        ("a", "year"): 0,
        ("b", "year"): 0,
        ("c", "year"): 1,
        ("c", "first"): 0,
        ("law", "year"): 0,
        ("d", "year"): 1,
        ("e", "year"): 0,
    }

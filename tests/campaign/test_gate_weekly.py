"""One message a week: what waits for it, what cannot, and what waits because the household has had enough."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.consents.said import Said
from campaign.definitions.definition import DIGEST, Step
from campaign.gate import Defer, Reason, Send, Withhold, last_look
from campaign.school_year.student_events import EventKind
from campaign.school_year.weekly import WEEKDAYS, Weekly
from campaign.wordings.wording import Wording
from tests.campaign.test_gate import HELLO, NOW, READY, RULES, STEPS, TIP, look

WEEKLY = Said(weekly_limit=1)
# NOW is Tuesday 10 November, 17:30 in Chicago; so this is Thursday, 17:30.
THURSDAY = NOW + timedelta(days=2)
SUNDAY = NOW + timedelta(days=5)
TOGETHER = Send((1,), Wording("en"), gathered=True)
WAITS = Defer(THURSDAY, Reason.DIGEST)


@pytest.mark.parametrize(
    ("step", "facts", "now", "verdict"),
    [
        (READY, {}, NOW, WAITS),
        (READY, {}, THURSDAY - timedelta(seconds=1), WAITS),
        (READY, {}, THURSDAY, TOGETHER),
        # Nobody looked on Thursday evening: it is late, and not a week later.
        (READY, {}, THURSDAY + timedelta(hours=16), TOGETHER),
        (READY, {"due_at": THURSDAY + timedelta(seconds=1)}, THURSDAY + timedelta(days=1),
         Defer(THURSDAY + timedelta(days=7), Reason.DIGEST)),
        (READY, {"said": Said()}, NOW, Send((1,), Wording("en"))),
        # It would be too late on Thursday, at the last moment too.
        (READY, {"expires_at": THURSDAY}, NOW, Send((1,), Wording("en"))),
        (READY, {"expires_at": THURSDAY + timedelta(seconds=1)}, NOW, WAITS),
        (replace(READY, answers="in_hours"), {}, NOW, Send((1,), Wording("en"))),
        (replace(READY, event=EventKind.CORRECTION, anchor=None), {}, NOW, Send((1,), Wording("en"))),
        (replace(READY, audience=replace(READY.audience, outdated=True)), {}, NOW, Send((1,), Wording("en"))),
        (replace(READY, notice_reason="34 CFR 99.7"), {}, NOW, Send((1,), Wording("en"))),
        # What went by itself this week does not stop it; a full household does.
        (READY, {"household_sent": [NOW]}, THURSDAY, TOGETHER),
        (READY, {"household_sent": [NOW] * 3}, THURSDAY,
         Defer(NOW + timedelta(days=7), Reason.HOUSEHOLD_CAP)),
        (READY, {"household_sent": [NOW] * 3, "digest_goes": True}, THURSDAY, TOGETHER),
        (READY, {"revoked": frozenset({"email"})}, THURSDAY, Withhold(Reason.CONSENT_REVOKED)),
        # Teachers have it until the Monday after: so it comes the Thursday after that.
        (READY, {"held_until": NOW + timedelta(days=3)}, NOW,
         Defer(THURSDAY + timedelta(days=7), Reason.DIGEST)),
    ],
)  # fmt: skip
def test_what_can_wait_waits_for_thursday(
    step: Step, facts: dict[str, Any], now: datetime, verdict: object
) -> None:
    assert last_look(look(step, **({"said": WEEKLY} | facts)), RULES, now) == verdict


@pytest.mark.parametrize(
    ("when_full", "expires_in", "verdict"),
    [
        ("drop", timedelta(days=3), Withhold(Reason.HOUSEHOLD_CAP)),
        (DIGEST, timedelta(days=3), WAITS),
        (DIGEST, timedelta(days=2), Withhold(Reason.HOUSEHOLD_CAP)),
    ],
)
def test_a_step_may_wait_for_the_weekly_message_where_the_household_has_had_enough(
    when_full: str, expires_in: timedelta, verdict: object
) -> None:
    step = replace(HELLO, when_full=when_full)
    full = look(step, household_sent=[NOW - timedelta(hours=1)] * 3, expires_at=NOW + expires_in)
    assert last_look(full, RULES, NOW) == verdict
    room = look(step, expires_at=NOW + expires_in)
    assert last_look(room, RULES, NOW) == Send((1,), Wording("en"))


def test_what_has_waited_goes_together_with_others() -> None:
    step = replace(HELLO, when_full=DIGEST)
    assert last_look(look(step, gathered=True), RULES, NOW) == WAITS
    assert last_look(look(step, gathered=True), RULES, THURSDAY) == TOGETHER


@pytest.mark.parametrize("day", WEEKDAYS)
@pytest.mark.parametrize("id", ["tip", "belief_after", "summer", "absence"])
def test_what_has_time_in_the_ready_made_year_comes_in_the_weekly_message_whatever_its_day(
    id: str, day: str
) -> None:
    step = STEPS[id]
    texts = RULES.sendable.texts | {(step.message, "email", "en")}
    rules = replace(RULES, weekly=Weekly.of(day, "17:30"), sendable=replace(RULES.sendable, texts=texts))
    hour = datetime.combine(NOW.date(), step.at, ZoneInfo("America/Chicago"))
    for days in range(7):
        due = (hour + timedelta(days=days)).astimezone(UTC)
        waiting = look(step, said=WEEKLY, due_at=due, expires_at=due + step.expires_after)
        verdict = last_look(waiting, rules, due)
        assert isinstance(verdict, Send) or verdict == Defer(verdict.until, Reason.DIGEST), (due, verdict)
        assert not isinstance(verdict, Send) or verdict.gathered


def test_a_letter_never_waits_for_it() -> None:
    letter = look(TIP, said=WEEKLY, channel="letter", reachable=frozenset({"letter"}))
    rules = replace(
        RULES,
        channels=RULES.channels | {"letter"},
        sendable=replace(RULES.sendable, texts=RULES.sendable.texts | {("tip", "letter", "en")}),
    )
    verdict = last_look(letter, rules, NOW)
    assert not isinstance(verdict, Defer) or verdict.reason is not Reason.DIGEST


@given(
    day=st.sampled_from(WEEKDAYS),
    since=st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)).map(lambda one: one.replace(tzinfo=UTC)),  # noqa: DTZ001
    zone=st.sampled_from(["America/Chicago", "America/New_York", "Pacific/Honolulu", "America/St_Johns"]),
)
def test_the_first_weekly_moment_is_never_before_and_within_a_week(
    day: str, since: datetime, zone: str
) -> None:
    weekly = Weekly.of(day, "17:30")
    found = weekly.first(since, zone)
    assert since <= found <= since + timedelta(days=7, hours=1)
    assert weekly.first(found, zone) == found

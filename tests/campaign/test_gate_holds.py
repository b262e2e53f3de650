"""The last look at reports that a teacher holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from campaign.definitions.definition import Step
from campaign.gate import Defer, Reason, Withhold, last_look
from tests.campaign.test_gate import GO, HELLO, NOW, READY, RULES, look


@pytest.mark.parametrize(
    ("step", "held_until", "verdict"),
    [
        (READY, NOW - timedelta(hours=1), GO),
        # Friday at midnight: the window opens on Monday.
        (
            READY,
            datetime(2026, 11, 14, 6, tzinfo=UTC),
            Defer(datetime(2026, 11, 16, 15, tzinfo=UTC), Reason.TEACHER_HOLD),
        ),
        (READY, NOW + timedelta(days=30), Withhold(Reason.TEACHER_HOLD)),
        (HELLO, NOW + timedelta(days=3), GO),
    ],
)
def test_a_teacher_s_hold_keeps_the_report_back(step: Step, held_until: datetime, verdict: object) -> None:
    assert last_look(look(step, held_until=held_until), RULES, NOW) == verdict

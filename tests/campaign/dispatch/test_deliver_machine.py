"""Whatever is killed, doubled, late or early: each message is taken at most once, and in the end nothing is lost."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import Engine

from tests.campaign.dispatch.campaign_machine import Campaign, on


def test_nothing_lost_and_nothing_doubled(engine: Engine, tmp_path: Path) -> None:
    run_state_machine_as_test(
        on(engine, tmp_path, Campaign),
        settings=settings(
            max_examples=12,
            stateful_step_count=10,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )

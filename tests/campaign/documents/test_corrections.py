"""A corrected score: a new version that says so, its family told once on the next school day, nobody else, no calendar
needed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from campaign import simulation
from campaign.access import ENGINE
from campaign.database import transaction
from campaign.dispatch import ledger
from campaign.dispatch.ledger import Span
from campaign.documents.family_reports import current_report, write_reports
from content.catalog import load
from tests.campaign import families
from tests.campaign.compared import NOW, store_comparisons

CLOSE, ABOVE = 1571.0, 1700.0
TOLD = NOW + timedelta(hours=1)
# Reports are corrected on Tuesday 3 November; the day after is a school day.
NEXT_DAYS = Span(datetime(2026, 11, 3, 18, tzinfo=UTC), datetime(2026, 11, 10, tzinfo=UTC))


@pytest.fixture
def district(engine: Engine, tmp_path: Path) -> Engine:
    """Ana (close to the line) and Bo; the parent of each was told of the first report."""
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text(
                """
                INSERT INTO district (code, name, time_zone) VALUES ('one', 'One', 'America/Chicago');
                INSERT INTO school (district_id, source_id, name) VALUES (1, 'a', 'Lincoln School');
                INSERT INTO student (district_id, school_id, given_name, family_name, grade_level)
                VALUES (1, 1, 'Ana', 'Rivera', 6), (1, 1, 'Bo', 'Tran', 6);
                INSERT INTO contact (district_id, source_id, given_name, family_name, written_language, email)
                VALUES (1, 'p1', 'P', 'Rivera', 'en', 'p1@example.org'), (1, 'p2', 'Q', 'Tran', 'en', 'p2@example.org');
                INSERT INTO student_contact (student_id, contact_id, relation, may_receive)
                VALUES (1, 1, 'mother', true), (2, 2, 'mother', true);
                INSERT INTO campaign (district_id, slug, title) VALUES (1, 'earlier', 'Earlier');
                INSERT INTO campaign_revision (campaign_id, district_id, content_hash, definition, created_at)
                VALUES (1, 1, 'x', '{}', '2026-11-02');
                INSERT INTO occurrence (campaign_revision_id, campaign_id, district_id, step, day, due_at, expires_at,
                                        planned_at)
                VALUES (1, 1, 1, 'report_ready', '2026-11-02', '2026-11-02', '2026-11-02', '2026-11-02')
                """
            )
        )
        store_comparisons(connection, {1: CLOSE, 2: ABOVE})
        connection.execute(
            text(
                """
                INSERT INTO message (public_id, district_id, campaign_id, occurrence_id, step, contact_id, student_ids,
                                     household, channel, language, template, template_version, template_hash,
                                     dedupe_key, state, due_at, expires_at, planned_at, finished_at)
                SELECT c.id::text, 1, 1, 1, 'report_ready', c.id, ARRAY[c.id], 'h' || c.id, 'email', 'en',
                       'report_ready', 1, 'x', c.id::text, 'accepted', :told, :told, :told, :told
                FROM contact c
                """
            ),
            {"told": TOLD},
        )
    report(engine, tmp_path)
    return engine


def report(engine: Engine, home: Path, days: int = 0) -> None:
    write_reports(
        engine,
        district_id=1,
        catalog=load(),
        settings=families.settings_in(home),
        out=home / "reports",
        now=NOW + timedelta(days=days),
    )


def compare_again(engine: Engine, points: float) -> None:
    """The comparison of the next day, after Ana's score came in anew."""
    with transaction(engine, ENGINE) as connection:
        store_comparisons(connection, {1: points})
        connection.execute(
            text("UPDATE comparison SET computed_at = :later WHERE version > 1"),
            {"later": NOW + timedelta(days=1)},
        )


def corrections(engine: Engine) -> list[tuple[str, int, str]]:
    with transaction(engine, ENGINE) as connection:
        found = connection.execute(
            text("SELECT state, contact_id, due_at::date::text FROM message WHERE step = 'correction'")
        )
        return [tuple(row) for row in found]


def test_the_family_of_a_corrected_report_is_told_once(district: Engine, tmp_path: Path) -> None:
    compare_again(district, ABOVE)
    report(district, tmp_path, days=1)
    with transaction(district, ENGINE) as connection:
        now = current_report(connection, 1, "en")
    assert now is not None
    assert (now.version, now.notice) == (2, load().text("report.corrected", "en", {}))
    delivery = families.delivery(district, tmp_path)
    simulation.run(delivery, NEXT_DAYS)
    assert corrections(district) == [("accepted", 1, "2026-11-04")]
    report(district, tmp_path, days=2)
    simulation.run(delivery, NEXT_DAYS)
    assert ledger.tick(delivery, NEXT_DAYS.until) == 0
    assert corrections(district) == [("accepted", 1, "2026-11-04")]


def test_another_score_that_changes_no_category_corrects_nothing(district: Engine, tmp_path: Path) -> None:
    compare_again(district, CLOSE + 4)
    report(district, tmp_path, days=1)
    simulation.run(families.delivery(district, tmp_path), NEXT_DAYS)
    assert corrections(district) == []


def test_a_result_of_another_test_corrects_nothing(district: Engine, tmp_path: Path) -> None:
    with transaction(district, ENGINE) as connection:
        connection.execute(
            text("UPDATE report SET contract = replace(contract::text, 'April', 'March')::jsonb")
        )
    compare_again(district, ABOVE)
    report(district, tmp_path, days=1)
    simulation.run(families.delivery(district, tmp_path), NEXT_DAYS)
    assert corrections(district) == []
    with transaction(district, ENGINE) as connection:
        now = current_report(connection, 1, "en")
    assert now is not None
    assert now.notice == load().text("report.newer", "en", {})


def test_two_corrections_are_told_on_two_days(district: Engine, tmp_path: Path) -> None:
    compare_again(district, ABOVE)
    report(district, tmp_path, days=1)
    delivery = families.delivery(district, tmp_path)
    simulation.run(delivery, Span(NEXT_DAYS.since, NEXT_DAYS.since + timedelta(days=2)))
    with transaction(district, ENGINE) as connection:
        store_comparisons(connection, {1: CLOSE})
        connection.execute(
            text("UPDATE comparison SET computed_at = :later WHERE version = 3"),
            {"later": NOW + timedelta(days=3)},
        )
    report(district, tmp_path, days=3)
    simulation.run(delivery, Span(NEXT_DAYS.since + timedelta(days=2), NEXT_DAYS.until))
    assert corrections(district) == [("accepted", 1, "2026-11-04"), ("accepted", 1, "2026-11-06")]

"""The message ledger on a real database: what is written down, what becomes of it, and that it always sums."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from campaign import simulation
from campaign.access import ENGINE
from campaign.database import transaction
from campaign.dispatch import ledger
from campaign.dispatch.ledger import Span
from campaign.senders.smtp import SmtpSender
from campaign.store import consent, messages, occurrences
from content import catalog
from tests.campaign import families

MONTH = Span(families.BEGIN, families.END)
# Hours before the first messages of the month are due: they are written down, but not sent.
MORNING = datetime(2026, 11, 2, 12, tzinfo=UTC)


@pytest.fixture
def district(engine: Engine) -> Engine:
    families.build(engine)
    return engine


def test_a_month_sums_and_every_file_is_one_accepted_message(district: Engine, tmp_path: Path) -> None:
    sheet = simulation.run(families.delivery(district, tmp_path), MONTH)
    assert sheet.planned == sheet.sent + sheet.withheld + sheet.failed + sheet.to_look_at + sheet.waiting
    assert (sheet.failed, sheet.to_look_at) == (0, 0)
    assert sheet.sent > 50
    files = {file.stem for file in tmp_path.glob("mailbox/*/*") if file.suffix in {".eml", ".txt"}}
    with transaction(district, ENGINE) as connection:
        sent = set(connection.scalars(text("SELECT public_id FROM message WHERE state = 'accepted'")))
    assert files == sent
    assert len(files) == sheet.sent
    assert not list(tmp_path.glob("mailbox/unfinished/*"))


def test_a_second_run_and_more_ticks_change_nothing(district: Engine, tmp_path: Path) -> None:
    delivery = families.delivery(district, tmp_path)
    simulation.run(delivery, MONTH)
    before = families.as_json(district)
    simulation.run(delivery, MONTH)
    assert ledger.tick(delivery, families.END) == 0
    assert families.as_json(district) == before


def test_a_dry_run_says_the_same_as_the_plan_and_writes_nothing(district: Engine, tmp_path: Path) -> None:
    delivery = families.delivery(district, tmp_path)
    seen = []
    said = ledger.plan(delivery, families.BEGIN, dry_run=MONTH, each=lambda o, d: seen.append((o.step.id, d)))
    assert families.states(district) == {}
    simulation.run(delivery, MONTH)
    with transaction(district, ENGINE) as connection:
        written = connection.execute(text("SELECT count(*) FROM message")).scalar_one()
        withheld = connection.execute(
            text("SELECT reason, count(*) FROM message WHERE state = 'withheld' AND attempts = 0 GROUP BY 1")
        )
        reasons = {reason: count for reason, count in withheld}
    assert written == said.decisions == len(seen)
    assert dict(said.reasons) == {reason: reasons[reason] for reason in said.reasons}


def test_why_some_get_nothing(district: Engine, tmp_path: Path) -> None:
    simulation.run(families.delivery(district, tmp_path), MONTH)
    with transaction(district, ENGINE) as connection:
        reasons = dict(messages.withheld_reasons(connection))
    assert reasons.keys() == {"court_restriction", "no_address"}


def test_reads_for_pages(district: Engine, tmp_path: Path) -> None:
    delivery = families.delivery(district, tmp_path)
    ledger.tick(delivery, MORNING)
    with transaction(district, ENGINE) as connection:
        coming = messages.upcoming(connection, families.BEGIN, 3)
        assert messages.totals_by_state(connection).keys() == {"planned", "withheld"}
        days = messages.timeline(connection, date(2026, 11, 10), date(2026, 11, 14))
        reach = messages.reach_by_language(connection)
    assert [c.step for c in coming] == ["belief_before", "heads_up", "report_ready"]
    assert [(d.step, d.is_planned) for d in days] == [("report_ready", False), ("tip", False)]
    assert {r.language for r in reach} == {"en", "es"}
    simulation.run(delivery, MONTH)
    with transaction(district, ENGINE) as connection:
        (ready,) = messages.timeline(connection, families.REPORT_DAY, families.REPORT_DAY)
    assert ready.planned == ready.sent + ready.withheld
    assert ready.withheld > 0


def test_a_changed_calendar_moves_what_is_not_planned_yet(district: Engine, tmp_path: Path) -> None:
    delivery = families.delivery(district, tmp_path)
    ledger.tick(delivery, families.BEGIN)
    with transaction(district, ENGINE) as connection:
        occurrences.replace_calendar(connection, 1, [(date(2026, 11, 17), "report_card", None)])
    ledger.tick(delivery, families.BEGIN)
    with transaction(district, ENGINE) as connection:
        found = connection.execute(
            text("SELECT step, day FROM occurrence WHERE planned_at IS NULL ORDER BY due_at")
        )
        assert [(step, str(day)) for step, day in found][:3] == [
            ("belief_before", "2026-11-09"),
            ("heads_up", "2026-11-13"),
            ("report_ready", "2026-11-17"),
        ]


def test_pause_holds_back_and_resume_goes_on(district: Engine, tmp_path: Path) -> None:
    delivery = families.delivery(district, tmp_path)
    evening = datetime(2026, 11, 11, 0, tzinfo=UTC)
    ledger.tick(delivery, evening - timedelta(hours=12))
    with transaction(district, ENGINE) as connection:
        assert occurrences.pause(connection, "go-beyond-grades", paused=True) == 1
    assert ledger.tick(delivery, evening) == 0
    with transaction(district, ENGINE) as connection:
        occurrences.pause(connection, "go-beyond-grades", paused=False)
    assert ledger.tick(delivery, evening) > 0


def test_downtime_drops_what_came_too_late_and_says_so(district: Engine, tmp_path: Path) -> None:
    missed = ("belief_before", "heads_up", "report_ready", "tip", "conference_day", "conference")
    delivery = families.delivery(district, tmp_path)
    ledger.tick(delivery, MORNING)
    ledger.tick(delivery, families.END)
    with transaction(district, ENGINE) as connection:
        steps = connection.execute(
            text("SELECT step, array_agg(DISTINCT state) FROM message GROUP BY step ORDER BY min(due_at)")
        )
        found = {step: set(states) - {"withheld"} for step, states in steps}
    assert found == {step: {"dropped"} for step in missed} | {"belief_after": {"planned"}}


def test_the_first_message_enrols_and_a_stop_holds_at_once(district: Engine, tmp_path: Path) -> None:
    delivery = families.delivery(district, tmp_path)
    until_heads_up = Span(families.BEGIN, datetime(2026, 11, 7, 6, tzinfo=UTC))
    simulation.run(delivery, until_heads_up)
    with transaction(district, ENGINE) as connection:
        mother = connection.execute(text("SELECT id FROM contact WHERE source_id = 'm1'")).scalar_one()
        (enrolled,) = consent.history(connection, mother)
        assert (enrolled.action, enrolled.source, enrolled.channel) == ("granted", "roster", "email")
        assert enrolled.words is not None
        version = catalog.load().messages["belief_before"].version
        assert f"belief_before version {version}, en, sha256" in enrolled.words
        stop = consent.Voice("one_click", "Stop these e-mails", families.BEGIN + timedelta(days=6))
        consent.revoke(connection, mother, "email", stop)
        assert consent.revoked_channels(connection, mother) == {"email"}
    simulation.run(delivery, MONTH)
    with transaction(district, ENGINE) as connection:
        later = connection.execute(
            text("SELECT DISTINCT state, reason FROM message WHERE contact_id = :id AND due_at > :at"),
            {"id": mother, "at": datetime(2026, 11, 9, tzinfo=UTC)},
        ).all()
        again = consent.Voice("staff", "asked by phone", families.END)
        consent.grant(connection, mother, "all", again)
        assert consent.revoked_channels(connection, mother) == frozenset()
    assert [tuple(row) for row in later] == [("withheld", "consent_revoked")]


def test_a_stop_between_plan_and_sending_counts(district: Engine, tmp_path: Path) -> None:
    delivery = families.delivery(district, tmp_path)
    ledger.tick(delivery, datetime(2026, 11, 10, 12, tzinfo=UTC))
    with transaction(district, ENGINE) as connection:
        mother = connection.execute(text("SELECT id FROM contact WHERE source_id = 'm2'")).scalar_one()
        stop = consent.Voice("reply", "ALTO", datetime(2026, 11, 10, 20, tzinfo=UTC))
        consent.revoke(connection, mother, "all", stop)
    ledger.tick(delivery, datetime(2026, 11, 10, 23, 30, tzinfo=UTC))
    with transaction(district, ENGINE) as connection:
        found = connection.execute(
            text("SELECT state, reason FROM message WHERE contact_id = :id AND step = 'report_ready'"),
            {"id": mother},
        ).all()
    assert [tuple(row) for row in found] == [("withheld", "consent_revoked")]


def test_no_household_gets_more_than_three_in_seven_days(district: Engine, tmp_path: Path) -> None:
    with transaction(district, ENGINE) as connection:
        more = [(families.REPORT_DAY + timedelta(days=n), "conference", None) for n in (-1, 2, 3, 6, 7, 8)]
        days = [(families.REPORT_DAY, "report_card", None), *more]
        occurrences.replace_calendar(connection, 1, days)
    simulation.run(families.delivery(district, tmp_path), MONTH)
    with transaction(district, ENGINE) as connection:
        worst = connection.execute(
            text(
                """
                SELECT max(n) FROM (
                    SELECT count(DISTINCT b.occurrence_id) AS n FROM message a JOIN message b
                      ON b.household = a.household AND b.state = 'accepted'
                     AND b.finished_at > a.finished_at - interval '7 days' AND b.finished_at <= a.finished_at
                    WHERE a.state = 'accepted' GROUP BY a.id
                ) counted
                """
            )
        ).scalar_one()
        reasons = dict(messages.withheld_reasons(connection))
    assert worst == 3
    assert reasons["household_cap"] > 0


def test_a_simulated_run_refuses_a_sender_that_reaches_people(district: Engine, tmp_path: Path) -> None:
    delivery = families.delivery(district, tmp_path, SmtpSender("127.0.0.1", 1, families.IDENTITY))
    second = replace(families.delivery(district, tmp_path), others=(delivery.sender,))
    for reaching in (delivery, second):
        with pytest.raises(simulation.SimulationError, match="smtp, which reaches real people"):
            simulation.run(reaching, MONTH)


def test_an_unknown_state_stops_the_sum(district: Engine, tmp_path: Path) -> None:
    ledger.tick(families.delivery(district, tmp_path), MORNING)
    with transaction(district, ENGINE) as connection:
        connection.execute(text("UPDATE message SET state = 'lost' WHERE id = (SELECT min(id) FROM message)"))
    with (
        transaction(district, ENGINE) as connection,
        pytest.raises(messages.SumError, match="nobody knows: lost"),
    ):
        messages.reconcile(connection)

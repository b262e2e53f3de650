"""The messages of a step one by one, and the sheet on which everything planned is accounted for."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.web.staff.plan_messages import PER_PAGE
from tests.campaign.web.test_staff_pages import words_of
from tests.web_pages import Clock

SignIn = Callable[[str], FlaskClient]
OFFICE = "district@example.org"

_MORE = text(
    """
    INSERT INTO message (public_id, district_id, campaign_id, occurrence_id, step, contact_id, student_ids, household,
                         channel, language, template, template_version, template_hash, dedupe_key, state, due_at,
                         expires_at, planned_at)
    SELECT 'more' || n, district_id, campaign_id, occurrence_id, step, contact_id, student_ids, household, 'sms', 'es',
           template, template_version, template_hash, 'more' || n, 'planned', due_at, expires_at, planned_at
    FROM message, generate_series(1, :count) n WHERE id = (SELECT min(id) FROM message)
    """
)


@pytest.fixture
def occurrence(engine: Engine) -> int:
    """One with more messages than a page shows."""
    with transaction(engine, ENGINE) as connection:
        connection.execute(_MORE, {"count": PER_PAGE + 5})
        found = connection.execute(text("SELECT occurrence_id FROM message ORDER BY id LIMIT 1"))
        return int(found.scalar_one())


def listed(client: FlaskClient, address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(address).text.removeprefix("\ufeff"))))


def test_every_message_is_on_one_page_or_the_next(signed_in: SignIn, engine: Engine, occurrence: int) -> None:
    client, address = signed_in(OFFICE), f"/staff/plan/{occurrence}"
    rows = listed(client, f"{address}.csv")
    with transaction(engine, ENGINE) as connection:
        query = text("SELECT id::text FROM message WHERE occurrence_id = :id")
        assert {row["message"] for row in rows} == set(connection.scalars(query, {"id": occurrence}))
    first = client.get(address).text
    assert first.count('<th scope="row">') == PER_PAGE
    last = rows[PER_PAGE - 1]
    following = f"after={last['contact']}-{last['message']}"
    assert following in first
    second = client.get(f"{address}?{following}").text
    assert second.count('<th scope="row">') == len(rows) - PER_PAGE
    assert "First page" in second


@pytest.mark.parametrize(
    ("wanted", "column", "values"),
    [
        ("part=waiting&language=es", "state", {"planned"}),
        ("channel=sms", "channel", {"sms"}),
        ("part=failed", "state", set()),
        ("reason=court_restriction", "reason", set()),
        ("part=nonsense&channel=%27&after=x-y", "channel", {"sms", "email"}),
    ],
)
def test_what_is_chosen_is_shown(
    signed_in: SignIn, occurrence: int, wanted: str, column: str, values: set[str]
) -> None:
    client = signed_in(OFFICE)
    assert {row[column] for row in listed(client, f"/staff/plan/{occurrence}.csv?{wanted}")} >= values
    page = words_of(client.get(f"/staff/plan/{occurrence}?{wanted}").text)
    assert ("No such message" in page) is not bool(values)


def test_another_district_and_nobodys_step_are_not_found(signed_in: SignIn, occurrence: int) -> None:
    for client, number in ((signed_in("elsewhere@example.org"), occurrence), (signed_in(OFFICE), 2**63)):
        assert client.get(f"/staff/plan/{number}").status_code == 404
        assert client.get(f"/staff/plan/{number}.csv").status_code == 404


def test_schools_count_their_own_students_messages_alone(signed_in: SignIn, engine: Engine) -> None:
    with transaction(engine, ENGINE) as connection:
        other = "UPDATE message SET student_ids = ARRAY[5] WHERE id = (SELECT min(id) FROM message)"
        connection.execute(text(other))
        query = text(
            "SELECT count(*) FROM message m WHERE EXISTS "
            "(SELECT FROM student s WHERE s.id = ANY (m.student_ids) AND s.school_id = 1)"
        )
        own = connection.execute(query).scalar_one()
        all_of_them = connection.execute(text("SELECT count(*) FROM message")).scalar_one()
    assert 0 < own < all_of_them
    assert f"{own} message" in words_of(signed_in("school@example.org").get("/staff/plan").text)


def test_the_plan_fetches_what_waits_for_teachers_by_itself(signed_in: SignIn) -> None:
    client = signed_in(OFFICE)
    assert 'hx-get="/staff/plan/held"' in client.get("/staff/plan").text
    assert (
        "for teachers" in (found := words_of(client.get("/staff/plan/held").text)) or "for a teacher" in found
    )


def test_the_month_ahead_writes_nothing(signed_in: SignIn, engine: Engine) -> None:
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text("INSERT INTO calendar_day VALUES (1, '2026-11-20', 'report_card') ON CONFLICT DO NOTHING")
        )
        before = connection.execute(text("SELECT count(*) FROM message")).scalar_one()
    page = words_of(signed_in(OFFICE).get("/staff/plan/ahead").text)
    assert re.search(r"\d+ e-mail, English", page)
    assert "Text messages, at most $" in page
    with transaction(engine, ENGINE) as connection:
        assert connection.execute(text("SELECT count(*) FROM message")).scalar_one() == before


def test_the_sheet_adds_up_and_says_why(signed_in: SignIn, occurrence: int) -> None:
    client = signed_in(OFFICE)
    page = words_of(client.get("/staff/reconciliation").text)
    assert "Equal." in page
    assert "no e-mail address or mobile number is known" in page
    rows = listed(client, "/staff/reconciliation.csv")
    lines = [row for row in rows if row["planned"]]
    parts = ("sent", "withheld", "failed", "to_look_at", "waiting", "unknown")
    assert all(int(row["planned"]) == sum(int(row[part]) for part in parts) for row in lines)
    assert sum(int(row["withheld"]) for row in lines) == sum(int(row["messages"] or 0) for row in rows)
    assert "Nothing was planned" in client.get("/staff/reconciliation?from=2031-01-01&until=nonsense").text


def test_the_sheet_says_in_short_what_each_heading_means(signed_in: SignIn, occurrence: int) -> None:
    client = signed_in(OFFICE)
    rows = [row for row in listed(client, "/staff/reconciliation.csv") if row["planned"]]
    sent, planned = (sum(int(row[part]) for row in rows) for part in ("sent", "planned"))
    page = words_of(client.get("/staff/reconciliation?from=2026-11-01").text)
    assert f"{sent} Sent ({round(100 * sent / planned)}%): a provider took it" in page
    assert re.search(r"steps from Nov 1, 2026\s+· as it stood", page), page
    assert "The report can be opened" in page
    assert "Reconciliation" in words_of(client.get("/staff/plan").text.partition("<main")[0])


def test_what_does_not_add_up_is_said_in_red(signed_in: SignIn, engine: Engine) -> None:
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("UPDATE message_tally SET messages = messages + 1 WHERE state = 'accepted'"))
    page = signed_in(OFFICE).get("/staff/reconciliation").text
    assert "usa-alert--error" in page
    assert "NOT equal" in page


def test_the_plan_folds_away_what_is_long_past(signed_in: SignIn, engine: Engine, clock: Clock) -> None:
    client = signed_in(OFFICE)
    assert "Earlier:" not in client.get("/staff/plan").text
    clock.now += timedelta(days=60)
    page = signed_in(OFFICE).get("/staff/plan").text
    assert re.search(r"<details[^>]* open><summary>Earlier: \d+ days?</summary>", page)
    assert "One by one" in page

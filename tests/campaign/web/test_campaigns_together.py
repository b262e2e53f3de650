"""Campaigns copied, brought back, put beside each other: what staff do with more than one of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.store import occurrences
from tests.campaign.web.building import STEP, count_of, new_campaign, post
from tests.campaign.web.sending import words_of

SignIn = Callable[[str], FlaskClient]
REPORT_CARDS = (date(2026, 11, 10), date(2027, 1, 26))


@pytest.fixture
def office(signed_in: SignIn) -> FlaskClient:
    return signed_in("district@example.org")


def test_a_campaign_is_copied_and_the_copy_changes_alone(office: FlaskClient) -> None:
    first = new_campaign(office)
    post(office, f"{first}/steps/new", do="keep", **STEP)
    shown = post(office, f"{first}/copy").text
    assert "This is the copy." in shown
    assert "<h1>Copy of Reading nights</h1>" in shown
    copied = value_of(r'action="([^"]+)/title"', shown)
    assert copied != first
    assert "Reading night</a>" not in post(office, f"{copied}/steps/reading_night/remove").text
    assert "Reading night</a>" in office.get(first).text
    assert "<h1>Copy of Reading nights 2</h1>" in post(office, f"{first}/copy").text
    assert "A copy of “Reading nights” as it is now" in office.get("/staff/campaigns").text
    another = new_campaign(office, "Another", like="copy:reading-nights")
    assert "Reading night</a>" in office.get(another).text


def test_a_title_is_there_once_and_is_free_again_when_its_campaign_is_removed(office: FlaskClient) -> None:
    first = new_campaign(office)
    again = post(office, "/staff/campaigns", title="Reading nights", like="")
    assert (again.status_code, "There is a campaign “Reading nights” already" in again.text) == (422, True)
    post(office, f"{first}/remove")
    assert new_campaign(office) != first
    assert new_campaign(office, "Answers") != new_campaign(office, "读书之夜")


def test_any_earlier_version_is_brought_back(office: FlaskClient) -> None:
    campaign = new_campaign(office)
    post(office, f"{campaign}/steps/new", do="keep", **STEP)
    post(office, f"{campaign}/steps/reading_night/copy")
    page = post(office, f"{campaign}/title", title="Evenings").text
    versions = re.findall(r'name="version" value="(\d+)".*?Bring this back<span[^>]*>: ([^,]+),', page)
    version = {note: number for number, note in versions}["step reading_night added"]
    back = post(office, f"{campaign}/bring-back", version=version).text
    assert "Brought back as it was after: step reading_night added" in back
    assert "<h1>Reading nights</h1>" in back
    assert "Reading night 2</a>" not in back
    refused = post(office, f"{campaign}/bring-back", version="1234567")
    assert (refused.status_code, "There is no such version" in refused.text) == (422, True)


def test_the_place_between_campaigns_and_what_becomes_of_unclear_emails_are_chosen_on_the_page(
    office: FlaskClient,
) -> None:
    campaign = new_campaign(office)
    post(office, f"{campaign}/steps/new", do="keep", **STEP)
    assert "priority" not in office.get(f"{campaign}/campaign.toml").text.split("[[step]]")[0]
    kept = post(office, f"{campaign}/title", title="Reading nights", priority="80", ambiguous_email="again")
    assert kept.status_code == 200
    assert 'priority = 80\nambiguous_email = "again"\n' in office.get(f"{campaign}/campaign.toml").text
    refused = post(office, f"{campaign}/title", title="Reading nights", priority="101")
    assert (refused.status_code, "priority: must lie between 0 and 100" in refused.text) == (422, True)


def value_of(pattern: str, page: str) -> str:
    found = re.search(pattern, page)
    assert found, pattern
    return found[1]


def test_the_days_of_a_step_and_what_else_comes_around_them_are_shown_while_it_is_made(
    office: FlaskClient, engine: Engine
) -> None:
    campaign = new_campaign(office)
    assert "<strong>No day yet:</strong>" in count_of(
        office, campaign, {**STEP, "hangs_on": "anchor:sign_up"}
    )
    event = count_of(office, campaign, {**STEP, "hangs_on": "event:birthday_18"})
    assert "nobody can say beforehand on which days" in event
    _has_report_cards(engine, REPORT_CARDS)
    on_it = {**STEP, "offset": "0", "unit": "days", "direction": "after"}
    assert "<strong>Comes on</strong> Tue, Nov 10, 2026; Tue, Jan 26, 2027." in count_of(
        office, campaign, on_it
    )
    new_campaign(office, "A second year", like="go-beyond-grades")
    crowd = words_of(count_of(office, campaign, on_it))
    assert "Around November 10 a family may be in 5 steps within 7 days; it gets 3 at most." in crowd
    assert "Report ready of A second year (Nov 10)" in crowd


def _has_report_cards(engine: Engine, days: Sequence[date]) -> None:
    with transaction(engine, ENGINE) as connection:
        occurrences.replace_calendar(connection, 1, [(day, "report_card", None) for day in days])


def test_two_campaigns_with_steps_of_one_name_stand_apart_in_the_month_ahead(
    office: FlaskClient, engine: Engine
) -> None:
    _has_report_cards(engine, REPORT_CARDS)
    first = new_campaign(office, "First year", like="go-beyond-grades")
    post(office, f"{first}/copy")
    ahead = words_of(office.get("/staff/plan/ahead").text)
    assert "Report ready Copy of First year" in ahead
    assert "Report ready First year" in ahead
    assert re.search(r"\d homes? will have had 3 messages in 7 days by then", ahead)


def test_the_page_says_what_staff_do_before_the_next_report_cards(
    office: FlaskClient, engine: Engine
) -> None:
    campaign = new_campaign(office, "A year", like="go-beyond-grades")
    assert "For staff" not in office.get(campaign).text
    _has_report_cards(engine, REPORT_CARDS)
    said = words_of(office.get(campaign).text)
    assert "For staff, before the report cards of November 10" in said
    contacts = "Look at contacts and languages : who cannot be reached, and why. this day is over"
    assert re.search(f"Sep 29 Tue {contacts}", said), said[-1500:]
    assert "Oct 20 Tue Let teachers look at the reports" in said


def test_a_change_can_be_undone_where_it_was_told_and_a_moved_step_stays_in_sight(
    office: FlaskClient,
) -> None:
    campaign = new_campaign(office)
    kept = post(office, f"{campaign}/steps/new", do="keep", **STEP)
    assert "Undo: step reading_night added" in kept.text
    assert "Undo: " not in office.get(campaign).text
    post(office, f"{campaign}/steps/reading_night/copy")
    moved = post(office, f"{campaign}/steps/reading_night_2/up")
    assert moved.history[0].location.endswith("told=kept#step-reading_night_2")
    assert '<tr id="step-reading_night_2">' in moved.text


def test_a_step_for_nobody_says_so(office: FlaskClient) -> None:
    campaign = new_campaign(office)
    assert "Nobody is whom it is for" in count_of(office, campaign, {**STEP, "lowest": "12", "highest": "12"})
    assert "Nobody is whom it is for" not in count_of(
        office, campaign, {**STEP, "subjects": [], "lowest": ""}
    )

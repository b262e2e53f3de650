"""The staff pages of campaigns: built step by step, approved by two, held back, called off, taken out and in."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.store import wordings
from campaign.store.wordings import NewWording, TextId
from content import catalog
from tests.campaign.web.building import STEP, count_of, may_begin, new_campaign, post, seen
from tests.campaign.web.family_visits import value
from tests.web_pages import MORNING

SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def office(signed_in: SignIn) -> FlaskClient:
    client = signed_in("district@example.org")
    assert client.get("/staff/campaigns").status_code == 200
    return client


def test_a_campaign_is_built_step_by_step_and_every_step_can_be_undone(
    office: FlaskClient, engine: Engine
) -> None:
    campaign = new_campaign(office)
    assert "No step yet." in office.get(campaign).text
    assert "Not finished" in office.get("/staff/campaigns").text
    page = post(office, f"{campaign}/steps/new", do="keep", **STEP)
    assert "3 school days before a report-card day, at 17:30" in page.text
    assert "Math; Grade 3 to grade 12" in page.text
    assert "Waits for approval" in office.get("/staff/campaigns").text
    assert "Reading night 2" in post(office, f"{campaign}/steps/reading_night/copy").text
    moved = post(office, f"{campaign}/steps/reading_night_2/up").text
    assert moved.index("Reading night 2</a>") < moved.index("Reading night</a>")
    assert "Reading night 2</a>" not in post(office, f"{campaign}/steps/reading_night_2/remove").text
    back = post(office, f"{campaign}/undo").text
    assert "Reading night 2</a>" in back
    assert "Undone: step reading_night_2 removed" in back
    actions = value(engine, "SELECT array_agg(DISTINCT action) FROM audit_entry")
    assert actions == ["changed_campaign"]


@pytest.mark.parametrize(
    ("field", "said", "words"),
    [
        ("offset", "many", "Days: write a whole number"),
        ("at", "25:99", "at: must be a time of day"),
        ("hangs_on", "anchor:birthday", "is not known"),
        ("message", "nothing", "there is no message"),
        ("priority", "900", "must lie between 0 and 100"),
        ("name", "", "id: is empty"),
    ],
)
def test_a_step_that_cannot_be_is_refused_with_the_form_as_it_was_filled(
    office: FlaskClient, field: str, said: str, words: str
) -> None:
    campaign = new_campaign(office)
    refused = post(office, f"{campaign}/steps/new", do="keep", **{**STEP, field: said})
    assert refused.status_code == 422
    assert words in refused.text
    assert "Nothing was changed." in refused.text
    assert "No step yet." in office.get(campaign).text


def test_the_count_of_who_matches_keeps_nothing(office: FlaskClient) -> None:
    campaign = new_campaign(office)
    everyone = {**STEP, "subjects": [], "lowest": ""}
    assert re.search(r"<strong>\d+ contacts?</strong> would get it now", count_of(office, campaign, everyone))
    assert "Grade" not in count_of(office, campaign, everyone)
    nobody = {**everyone, "lowest": "12", "highest": "12"}
    assert "<strong>0 contacts</strong> would get it now" in count_of(office, campaign, nobody)
    shown = post(office, f"{campaign}/steps/new", do="count", **everyone).text
    assert "would get it now" in shown
    assert "No step yet." in office.get(campaign).text


def test_two_persons_approve_and_one_changed_word_voids_it_word_by_word(
    office: FlaskClient, signed_in: SignIn, engine: Engine
) -> None:
    may_begin(engine)
    state = signed_in("state@example.org")
    campaign = new_campaign(office, "A year", like="go-beyond-grades")
    first = post(office, f"{campaign}/approve", seen=seen(office, campaign))
    assert "Your approval is noted." in first.text
    assert "You have approved this already." in first.text
    assert "1 of 2" in office.get(campaign).text
    second = post(state, f"{campaign}/approve", seen=seen(state, campaign))
    assert "2 of 2" in second.text
    assert "Ready to send" in office.get("/staff/campaigns").text
    reword(engine)
    voided = office.get(f"{campaign}/review").text
    assert "What has changed since it was approved" in voided
    assert "<del>report</del><ins>letter</ins>" in voided
    assert "0 of 2, changed since" in voided


def test_nothing_is_approved_while_too_few_households_are_in_reach(
    office: FlaskClient, engine: Engine
) -> None:
    campaign = new_campaign(office, "A year", like="go-beyond-grades")
    assert "Only 4 of 6 households are in reach" in office.get(f"{campaign}/review").text
    refused = post(office, f"{campaign}/approve", seen=seen(office, campaign))
    assert (refused.status_code, "a campaign begins from 85%" in refused.text) == (422, True)
    assert value(engine, "SELECT count(*) FROM approval") == 0


def test_the_author_cannot_give_the_last_word(office: FlaskClient, signed_in: SignIn, engine: Engine) -> None:
    may_begin(engine)
    state = signed_in("state@example.org")
    campaign = new_campaign(office, "A year", like="go-beyond-grades")
    post(state, f"{campaign}/approve", seen=seen(state, campaign))
    hash_now = seen(signed_in("elsewhere@example.org"), campaign)
    assert hash_now == ""
    review = office.get(f"{campaign}/review").text
    assert "The last approval has to come from somebody else." in review
    found = re.search(r"<code>([0-9a-f]{16})</code>", review)
    assert found
    assert seen(office, campaign) == ""


def test_what_changed_while_it_was_read_is_not_approved(office: FlaskClient, engine: Engine) -> None:
    campaign = new_campaign(office, "A year", like="go-beyond-grades")
    read = seen(office, campaign)
    reword(engine)
    refused = post(office, f"{campaign}/approve", seen=read)
    assert refused.status_code == 422
    assert "Something has changed since you opened this page." in refused.text


def test_an_approval_is_taken_back(office: FlaskClient, engine: Engine) -> None:
    may_begin(engine)
    campaign = new_campaign(office, "A year", like="go-beyond-grades")
    post(office, f"{campaign}/approve", seen=seen(office, campaign))
    assert "Your approval is taken back." in post(office, f"{campaign}/withdraw").text
    assert "0 of 2" in office.get(campaign).text


def reword(engine: Engine) -> None:
    said = next(
        one
        for one in catalog.load().strings("en")
        if (one.unit, one.key) == ("messages/report_ready", "email.text")
    )
    text = said.text.replace("report", "letter", 1)
    place = TextId(1, "en", said.unit, said.key)
    new = NewWording(place, text, "human_reviewed", said.source, said.source_hash, None, "account:2", MORNING)
    with transaction(engine, ENGINE) as connection:
        wordings.add(connection, [new])


def test_everything_stands_still_at_one_click_and_goes_on_at_another(
    office: FlaskClient, engine: Engine
) -> None:
    paused = post(office, "/staff/campaigns/pause-all").text
    assert "Everything is paused" in paused
    assert "cannot be called back." in paused
    assert "Resume all messages" in office.get("/staff/students").text
    assert value(engine, "SELECT count(*) FROM sending_pause") == 1
    resumed = post(office, "/staff/campaigns/resume-all").text
    assert "Everything goes on." in resumed
    assert "Pause all messages" in office.get("/staff/").text
    assert value(engine, "SELECT string_agg(action, ' ' ORDER BY id) FROM audit_entry") == (
        "paused_all_campaigns resumed_all_campaigns"
    )


def test_a_teacher_sees_no_button_that_holds_everything(signed_in: SignIn) -> None:
    assert "Pause all messages" not in signed_in("teacher@example.org").get("/staff/").text


def test_a_whole_campaign_is_called_off_and_let_go_again(office: FlaskClient, engine: Engine) -> None:
    campaign = new_campaign(office, "A year", like="go-beyond-grades")
    assert "Called off" in post(office, f"{campaign}/cancel").text
    assert value(engine, "SELECT count(*) FROM cancellation WHERE undone_at IS NULL") == 1
    assert "It goes out after all." in post(office, f"{campaign}/uncancel").text
    assert value(engine, "SELECT count(*) FROM cancellation WHERE undone_at IS NULL") == 0


def test_a_test_goes_to_oneself_alone_and_counts_nowhere(
    office: FlaskClient, app: Flask, engine: Engine, tmp_path: Path
) -> None:
    campaign = new_campaign(office, "A year", like="go-beyond-grades")
    before = value(engine, "SELECT count(*) FROM message")
    sent = post(office, f"{campaign}/words/tip/test", channel="email", language="en")
    assert "on its way to your own address" in sent.text
    (file,) = (tmp_path / "mailbox" / "email").glob("test-*.eml")
    letter = file.read_text(encoding="utf-8")
    assert "district@example.org" in letter
    assert "[Test]" in letter
    assert "This is a test e-mail of a campaign, about nobody." in letter
    assert value(engine, "SELECT count(*) FROM message") == before
    assert value(engine, "SELECT count(*) FROM test_message") == 1
    refused = post(office, f"{campaign}/words/tip/test", channel="fax", language="en")
    assert refused.status_code == 422


def test_campaigns_are_the_offices(signed_in: SignIn, office: FlaskClient) -> None:
    campaign = new_campaign(office)
    for path in (campaign, f"{campaign}/review", f"{campaign}/steps/new", f"{campaign}/campaign.toml"):
        assert signed_in("elsewhere@example.org").get(path).status_code == 404
        assert signed_in("school@example.org").get(path).status_code == 403
        assert signed_in("teacher@example.org").get(path).status_code == 403
    assert signed_in("elsewhere@example.org").get("/staff/campaigns/99999999999999999999").status_code == 404


def test_a_removed_campaign_comes_back(office: FlaskClient) -> None:
    campaign = new_campaign(office)
    assert "Removed campaigns (1)" in post(office, f"{campaign}/remove").text
    assert "Undone." in post(office, f"{campaign}/undo").text
    assert "Removed campaigns" not in office.get("/staff/campaigns").text


def test_a_moved_day_voids_and_the_page_names_it_and_what_waits(
    office: FlaskClient, signed_in: SignIn, engine: Engine
) -> None:
    may_begin(engine)
    state = signed_in("state@example.org")
    campaign = new_campaign(office, "A year", like="go-beyond-grades")
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("INSERT INTO calendar_day VALUES (1, '2027-01-12', 'report_card', NULL)"))
    post(office, f"{campaign}/approve", seen=seen(office, campaign))
    assert "2 of 2" in post(state, f"{campaign}/approve", seen=seen(state, campaign)).text
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("UPDATE calendar_day SET day = '2027-01-14' WHERE day = '2027-01-12'"))
    page = office.get(campaign).text
    assert "Since then 1 place changed: Calendar: Report card" in page
    review = office.get(f"{campaign}/review").text
    assert "January <del>12" in review
    assert "<ins>14" in review


def test_the_page_says_how_many_messages_wait_for_the_approval_and_until_when(
    office: FlaskClient, engine: Engine
) -> None:
    campaign = new_campaign(office, "A year", like="go-beyond-grades")
    number = campaign.rpartition("/")[2]
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text(
                """
                WITH revision AS (
                    INSERT INTO campaign_revision (campaign_id, district_id, content_hash, definition, created_at)
                    VALUES (:id, 1, 'x', '{}', :at) RETURNING id
                ), day AS (
                    INSERT INTO occurrence (
                        campaign_revision_id, campaign_id, district_id, step, day, due_at, expires_at
                    ) SELECT id, :id, 1, 'correction', '2026-11-02', :at, :at FROM revision RETURNING id
                )
                INSERT INTO message (
                    public_id, district_id, campaign_id, occurrence_id, step, contact_id, student_ids, household,
                    channel, language, template, template_version, template_hash, dedupe_key, state, reason, due_at,
                    expires_at, planned_at
                )
                SELECT 'waits' || n, 1, :id, id, 'correction', 1, '{1}', 'home', 'email', 'en', 'correction', 1, 'x',
                    'waits' || n, 'planned', 'not_approved', :at, :at + interval '4 days', :at
                FROM day, generate_series(1, 2) n
                """
            ),
            {"id": int(number), "at": MORNING - timedelta(hours=1)},
        )
    page = office.get(campaign).text
    assert "2 messages of “Correction” wait for it." in page
    assert "approve before that, or nobody gets them" in page

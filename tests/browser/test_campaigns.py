"""Campaigns in a real browser: built, looked at, approved by two, held back; no fault that axe can find on the way."""

from __future__ import annotations

import pytest

from tests.browser.visit import Visit
from tests.campaign.web.building import may_begin

MESSAGE = "{school}: come to the reading night. Reply STOP to end."


@pytest.fixture
def office(visit: Visit) -> Visit:
    may_begin(visit.site.engine)
    visit.sign_in("district@example.org")
    return visit


def write_message(office: Visit) -> None:
    page = office.open("/staff/campaigns/messages/new")
    page.fill("#about", "Reading night")
    page.fill("#email-subject", "")
    page.fill("#email-text", "")
    page.fill("#sms-text", MESSAGE)
    page.locator("#sms-text").press("End")
    page.wait_for_selector("#look >> text=1 part")
    assert office.violations() == []
    page.click("text=Keep it")
    page.wait_for_selector("text=Kept.")


def build(office: Visit) -> str:
    page = office.open("/staff/campaigns")
    assert office.violations() == []
    page.fill("#title", "Reading nights")
    page.click("text=Make it")
    path = page.url.removeprefix(office.site.url).partition("?")[0]
    page.click("text=Add a step")
    page.fill("#name", "invite")
    page.select_option("#message", "own-reading-night")
    page.select_option("#channels", "sms")
    page.fill("#offset", "3")
    page.wait_for_selector("#count strong")
    assert office.violations() == []
    page.click("text=Keep it")
    page.wait_for_selector("text=3 days after a report-card day")
    assert office.violations() == []
    return path


def test_a_campaign_is_built_approved_by_two_and_paused(office: Visit) -> None:
    write_message(office)
    path = build(office)
    page = office.open(f"{path}/review")
    assert office.violations() == []
    page.keyboard.press("Tab")
    page.locator("button:has-text('Approve')").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Your approval is noted.")
    office.sign_in("state@example.org")
    page = office.open(f"{path}/review")
    page.click("button:has-text('Approve')")
    page.wait_for_selector("text=2 of 2")
    page = office.open(f"{path}/words/own-reading-night")
    assert office.violations() == []
    page.click("text=Pause all messages")
    page.wait_for_selector("text=Everything is paused.")
    assert office.violations() == []
    page.click("text=Resume all messages")
    page.wait_for_selector("text=Everything goes on.")


def test_the_pages_work_without_scripts(office: Visit) -> None:
    browser = office.page.context.browser
    assert browser is not None
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{**one, "url": office.site.url} for one in _cookies(office)])
    page = context.new_page()
    page.goto(f"{office.site.url}/staff/campaigns")
    page.fill("#title", "Reading nights")
    page.click("text=Make it")
    page.click("text=Add a step")
    page.fill("#name", "invite")
    page.click("text=Count who matches now")
    page.wait_for_selector("text=would get it now")
    page.click("text=Keep it")
    page.wait_for_selector("text=On a report-card day")
    context.close()


def _cookies(office: Visit) -> list[dict[str, str]]:
    return [{"name": one["name"], "value": one["value"]} for one in office.page.context.cookies()]

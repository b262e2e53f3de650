"""The page Plain language in a browser: marked text, advice, no script needed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visit import Site, Visit
from tests.web_pages import session_for

pytestmark = pytest.mark.browser

PAGE = "/staff/plain-language"
TEXT = (
    "We will utilize the assessment prior to Monday. Ana is failing.\n"
    "Ana reads well at home with you each night, and the teacher would like to hear more of it very soon.\n"
    "You have numerous opportunities to participate in the conference with the teacher this month. Ask the school."
)


def test_a_marked_text_can_be_read_by_everybody(visit: Visit) -> None:
    visit.sign_in("district@example.org")
    page = visit.open(PAGE)
    assert visit.violations() == []
    page.fill("#text", TEXT)
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("heading", name="Too hard for many families")).to_be_visible()
    expect(page.locator("mark", has_text="utilize")).to_be_visible()
    assert visit.violations() == []
    page.locator(".gbg-marked a").first.click()
    page.wait_for_url(re.compile("#finding-1$"))
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_it_works_without_script(browser: Browser, site: Site) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(
        [{"name": "gbg_session", "value": session_for(site.engine, "district@example.org"), "url": site.url}]
    )
    page = context.new_page()
    page.goto(site.url + PAGE)
    page.select_option("#language", "es")
    page.fill("#text", "Ana va atrasada en lectura.")
    page.get_by_role("button", name="Look at it").click()
    expect(page.locator(".gbg-mark--not-said")).to_have_text("atrasada")
    expect(page.locator("#text")).to_have_value("Ana va atrasada en lectura.")
    context.close()

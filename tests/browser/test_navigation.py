"""The way around the staff pages: rooms and their pages, in two rows, by keyboard and without scripts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.visit import Site, Visit

OFFICE = "district@example.org"


@pytest.fixture(params=[1100, 1400])
def plain(browser: Browser, site: Site, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A window without scripts, signed in."""
    context = browser.new_context(viewport={"width": request.param, "height": 900}, java_script_enabled=False)
    visit = Visit(site, context.new_page())
    visit.sign_in(OFFICE)
    yield visit.open("/staff/imports")
    context.close()


def rows(page: Page, name: str) -> int:
    """How many rows the links of a navigation take."""
    boxes = [
        one.bounding_box() for one in page.get_by_role("navigation", name=name).get_by_role("link").all()
    ]
    return len({round(box["y"]) for box in boxes if box})


def test_two_rows_are_enough_and_need_no_script(plain: Page) -> None:
    assert rows(plain, "Main") == 1
    assert rows(plain, "Data") == 1
    plain.get_by_role("link", name="Families", exact=True).click()
    assert plain.get_by_role("heading", level=1).inner_text() == "Students"
    assert rows(plain, "Families") == 1
    here = plain.get_by_role("navigation", name="Families").locator("[aria-current]")
    assert here.all_inner_texts() == ["Students"]


def test_rooms_are_walked_by_keyboard_and_say_where_one_is(visit: Visit) -> None:
    visit.sign_in(OFFICE)
    page = visit.open("/staff/")
    page.get_by_role("link", name="Campaigns", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("navigation", name="Campaigns").wait_for()
    main = page.get_by_role("navigation", name="Main")
    assert main.locator("[aria-current]").all_inner_texts() == ["Campaigns"]
    page.get_by_role("navigation", name="Campaigns").get_by_role("link", name="Calendar").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/staff/calendar")
    assert visit.violations() == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

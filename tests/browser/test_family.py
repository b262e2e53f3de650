"""The family's pages in a browser without JavaScript, on a phone and on a desktop."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.visit import Site, Visit
from tests.browser.walk import enter, link_for_ana
from tests.web_pages import page_settings

pytestmark = pytest.mark.browser

LARGEST_PAGE = 100_000


@pytest.fixture
def door(site: Site, tmp_path: Path) -> str:
    return link_for_ana(site, page_settings(tmp_path), tmp_path)


@pytest.fixture(params=[1280, 390, 320], ids=["desktop", "phone", "small phone"])
def without_script(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A window in which no script runs."""
    context = browser.new_context(
        viewport={"width": request.param, "height": 800}, java_script_enabled=False, locale="en-US"
    )
    yield context.new_page()
    context.close()


def test_from_the_link_to_the_report_without_script(without_script: Page, door: str) -> None:
    page, sizes = without_script, []
    page.on(
        "response", lambda response: sizes.append((response.url, len(response.body()) if response.ok else 0))
    )
    page.goto(door)
    enter(page)
    page.wait_for_url("**/family")  # no token in the address
    page.get_by_text("Above grade level").first.click()
    page.get_by_role("button", name="See the report", exact=True).click()
    expect(page.locator(".family-report")).to_be_visible()
    assert {url.split("/")[2] for url, _ in sizes if not url.startswith("data:")} == {door.split("/")[2]}
    assert max(size for _, size in sizes) < LARGEST_PAGE
    width = page.viewport_size["width"] if page.viewport_size else 0
    box = page.locator("main").bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["width"] <= width, "nothing runs out of the window"


def test_no_page_of_the_family_has_a_barrier(visit: Visit, door: str) -> None:
    found = {}
    page = visit.open(door.removeprefix(visit.site.url))
    found["door"] = visit.violations()
    with page.expect_navigation():
        page.locator("button.button").click()
    found["incomplete"] = visit.violations()
    visit.complaints.clear()
    enter(page)
    for path in ("/family", "/family/stop", "/family/wrong", "/family/interpreter"):
        visit.open(path)
        found[path] = visit.violations()
    visit.open("/family")
    with page.expect_navigation():
        page.get_by_role("button", name="Skip and see the report").click()
    found["report"] = visit.violations()
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow == 0
    assert found == {page: [] for page in found}


def test_the_door_works_by_keyboard(visit: Visit, door: str) -> None:
    page = visit.open(door.removeprefix(visit.site.url))
    page.locator("#month").focus()
    page.keyboard.type("April")
    page.keyboard.press("Tab")
    page.keyboard.type("1")
    page.keyboard.press("Tab")
    page.keyboard.type("2016")
    page.keyboard.press("Enter")
    page.wait_for_url("**/family")
    expect(page.get_by_role("heading", level=1)).to_have_text("First, what do you think?")


def test_an_ended_link_tells_what_to_do(visit: Visit) -> None:
    page = visit.open("/r/unknown")
    visit.complaints.clear()
    expect(page.locator("main")).to_contain_text("ask for a new link", use_inner_text=True)
    assert visit.violations() == []


def test_the_door_can_be_read_in_one_language(visit: Visit, door: str) -> None:
    page = visit.open(door.removeprefix(visit.site.url))
    page.get_by_role("link", name="Español").click()
    expect(page.locator("html")).to_have_attribute("lang", "es-US")
    expect(page.locator("main")).not_to_contain_text("When was your child born?", use_inner_text=True)
    enter(page)
    page.wait_for_url("**/family")


def test_the_report_can_be_heard(visit: Visit, door: str) -> None:
    asked: list[str] = []
    visit.page.on("request", lambda request: asked.append(request.url))
    visit.page.goto(door)
    enter(visit.page)
    visit.open("/family?language=en").get_by_role("button", name="Skip and see the report").click()
    player = visit.page.locator("audio")
    expect(player).to_be_visible()
    assert not [url for url in asked if "report.mp3" in url], "nothing is loaded before somebody presses play"
    seconds = player.evaluate("audio => audio.play().then(() => { audio.pause(); return audio.duration })")
    assert 60 < seconds < 600

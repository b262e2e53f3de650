"""Staff pages in a browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.visit import Visit

pytestmark = pytest.mark.browser

PAGES = [
    "/staff/",
    "/staff/students",
    "/staff/students/1",
    "/staff/plan",
    "/staff/plan/ahead",
    "/staff/plan/1",
    "/staff/reconciliation",
    "/staff/calendar",
    "/staff/problems",
    "/staff/imports",
    "/staff/identities",
    "/staff/identities/1",
    "/staff/identities/3",
]


def test_sign_in_page(visit: Visit) -> None:
    page = visit.open("/sign-in")
    assert page.title().startswith("Sign in")
    assert visit.violations() == []


@pytest.mark.parametrize("path", PAGES)
def test_pages_have_no_accessibility_violation_and_fit_the_screen(visit: Visit, path: str) -> None:
    visit.sign_in("district@example.org")
    page = visit.open(path)
    expect(page.locator("h1")).to_have_count(1)
    assert visit.violations() == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("path", ["/staff/", "/staff/students", "/staff/students/1", "/staff/plan"])
def test_pages_of_teachers_have_no_accessibility_violation(visit: Visit, path: str) -> None:
    visit.sign_in("teacher@example.org")
    visit.open(path)
    assert visit.violations() == []


def test_search_narrows_the_list_as_one_types_and_keeps_the_name_out_of_the_address(visit: Visit) -> None:
    visit.sign_in("district@example.org")
    page = visit.open("/staff/students")
    page.get_by_label("Name or student number").press_sequentially("cao")
    page.get_by_text("1 student", exact=True).wait_for()
    expect(page.get_by_role("link", name="Chi Cao")).to_be_visible()
    assert page.url == f"{visit.site.url}/staff/students"
    assert visit.violations() == []


def test_a_name_with_markup_is_shown_as_text(visit: Visit) -> None:
    visit.sign_in("district@example.org")
    page = visit.open("/staff/students/4")
    expect(page.locator("h1")).to_have_text("Dee <b>Dunn</b>")
    expect(page.locator("h1 b")).to_have_count(0)


def test_a_keyboard_reaches_the_content_first(visit: Visit) -> None:
    visit.sign_in("district@example.org")
    page = visit.open("/staff/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main-content"


def test_pause_and_resume_and_sign_out(visit: Visit) -> None:
    visit.sign_in("district@example.org")
    page = visit.open("/staff/plan")
    page.get_by_role("button", name="Pause Go Beyond Grades").click()
    page.get_by_text("Paused: nothing is sent").wait_for()
    assert visit.violations() == []
    page.get_by_role("button", name="Resume Go Beyond Grades").click()
    page.get_by_text("Running: each message").wait_for()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Sign in").wait_for()
    assert visit.open("/staff/plan").url.startswith(f"{visit.site.url}/sign-in")


def test_the_chart_says_in_words_what_it_shows(visit: Visit) -> None:
    visit.sign_in("district@example.org")
    page = visit.open("/staff/")
    expect(page.get_by_role("img", name="Math, marks: 60 percent have a high mark")).to_be_visible()
    page.get_by_text("The same as a table").click()
    row = page.get_by_role("row", name="Math 5 3 1 0 4 0 1")
    expect(row).to_be_visible()
    assert visit.violations() == []

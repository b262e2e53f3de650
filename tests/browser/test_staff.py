"""Staff pages in a browser."""

import pytest

from tests.browser.visit import Visit

pytestmark = pytest.mark.browser

PAGES = [
    "/staff/",
    "/staff/students",
    "/staff/students/1",
    "/staff/plan",
    "/staff/problems",
    "/staff/imports",
]


def test_sign_in_page(visit: Visit) -> None:
    page = visit.open("/sign-in")
    assert page.title().startswith("Sign in")
    assert visit.violations() == []


@pytest.mark.parametrize("path", PAGES)
def test_pages_have_no_accessibility_violation_and_fit_the_screen(visit: Visit, path: str) -> None:
    visit.sign_in("district@example.org")
    page = visit.open(path)
    assert page.locator("h1").count() == 1
    assert visit.violations() == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

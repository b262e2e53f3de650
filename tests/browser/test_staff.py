"""Staff pages in a browser."""

import pytest

from tests.browser.visit import Visit

pytestmark = pytest.mark.browser


def test_sign_in_page(visit: Visit) -> None:
    page = visit.open("/sign-in")
    assert page.title().startswith("Sign in")
    assert visit.violations() == []

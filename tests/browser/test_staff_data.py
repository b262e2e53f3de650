"""Data coming in, in a browser: sending files, watching them, mending them, and the health of the data."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from campaign import importing
from tests.browser.visit import Visit
from tests.web_pages import MORNING, page_settings

pytestmark = pytest.mark.browser

ORGS = (
    "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\n"
    "d,,,Maple Valley,district,maple,\na,,,Alder Elementary,school,1,d\nx,,,,school,2,d\n"
)


@pytest.mark.parametrize(
    "path",
    [
        "/staff/imports/1",
        "/staff/imports/files/1",
        "/staff/problems?file=1",
        "/staff/problems?school=0&subject=unknown",
        "/staff/health",
        "/staff/health/unreached",
    ],
)
def test_pages_have_no_accessibility_violation_and_fit_the_screen(visit: Visit, path: str) -> None:
    visit.sign_in("district@example.org")
    page = visit.open(path)
    expect(page.locator("h1")).to_have_count(1)
    assert visit.violations() == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_files_are_sent_watched_and_mended(visit: Visit, tmp_path: Path) -> None:
    visit.sign_in("district@example.org")
    page = visit.open("/staff/imports")
    file = tmp_path / "orgs.csv"
    file.write_text(ORGS, encoding="utf-8")
    page.get_by_label("Files, or one zip").set_input_files(file)
    page.get_by_role("button", name="Send and import").click()
    page.get_by_text("No worker is running").wait_for()
    assert visit.violations() == []
    run_id = int(page.url.rsplit("/", 1)[1])
    importing.work_off(visit.site.engine, page_settings(tmp_path), run_id, lambda: MORNING)
    page.get_by_text("3 rows in = 2 accepted + 1 refused").wait_for()
    assert visit.violations() == []
    page.get_by_role("link", name="orgs.csv", exact=True).click()
    page.get_by_role("heading", name="What is wrong").wait_for()
    mended = tmp_path / "mended.csv"
    mended.write_text(ORGS.replace("x,,,,", "x,,,Yew Elementary,"), encoding="utf-8")
    page.get_by_label("The corrected orgs.csv").set_input_files(mended)
    page.get_by_role("button", name="Send and import").click()
    page.wait_for_url(re.compile(rf"/imports/{run_id + 1}$"))
    importing.work_off(visit.site.engine, page_settings(tmp_path), run_id + 1, lambda: MORNING)
    page.get_by_text("3 rows in = 3 accepted + 0 refused").wait_for()


def test_the_first_page_says_how_healthy_the_data_are(visit: Visit) -> None:
    visit.sign_in("district@example.org")
    page = visit.open("/staff/")
    page.get_by_text("Nobody can be reached for").wait_for()
    assert visit.violations() == []
    page.get_by_role("link", name="2 students", exact=True).last.click()
    page.get_by_role("heading", name="Students with nobody in reach").wait_for()

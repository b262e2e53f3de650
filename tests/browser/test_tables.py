"""A table that the program does not know, in a browser: described, looked at, saved, imported, and known next year."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from campaign import importing
from tests.browser.visit import Visit
from tests.web_pages import MORNING, page_settings

pytestmark = pytest.mark.browser

MARKS = "Pupil No,Area,Year Group,Marking,Result,SSN\n1001,Math,4,Q1,B+,1\n1002,Math,4,Q1,A,2\n1003,Math,5,Q1,C,3\n"
SCORES = (
    "Student ID,Subject,Grade,Score,Level\n1001,Math,4,210,Green\n1002,Math,4,180,Red\n1003,Math,5,200,Blue\n"
)


def send(visit: Visit, home: Path, name: str, content: str) -> Page:
    file = home / name
    file.write_text(content, encoding="utf-8")
    page = visit.open("/staff/imports")
    page.get_by_label("Files, or one zip").set_input_files(file)
    page.get_by_role("button", name="Send and import").click()
    page.get_by_text("No worker is running").wait_for()
    work_off(visit, home, page)
    return page


def work_off(visit: Visit, home: Path, page: Page) -> None:
    run_id = int(page.url.rsplit("/", 1)[1])
    importing.work_off(visit.site.engine, page_settings(home), run_id, lambda: MORNING)
    page.reload()


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_an_unknown_table_is_described_once(visit: Visit, tmp_path: Path) -> None:
    visit.sign_in("district@example.org")
    page = send(visit, tmp_path, "marks.csv", MARKS)
    page.get_by_role("link", name="Describe this table").click()
    page.get_by_role("heading", name="Twenty rows as we understand them").wait_for()
    assert visit.violations() == []
    assert fits(page)
    for field, column in (("the district's own id", "Pupil No"), ("Mark", "Result"), ("Subject", "Area")):
        page.get_by_label(re.compile(f"{field}$")).first.select_option(column)
    same = page.get_by_role("region", name="The same for every row")
    same.get_by_label("Grade scale").select_option(label="Letter grades")
    same.get_by_label("School year").fill("2026-27")
    page.get_by_role("button", name="Show the rows again").click()
    page.get_by_text("3 of 3 students found by id").wait_for()
    assert visit.violations() == []
    assert fits(page)
    same.get_by_label("School year").fill("")
    page.get_by_label("Name", exact=True).fill("Maple marks")
    page.get_by_role("button", name="Save and import now").click()
    page.wait_for_url(re.compile(r"/imports/\d+$"))
    work_off(visit, tmp_path, page)
    page.get_by_text("3 rows in = 3 accepted + 0 refused").wait_for()
    page = send(visit, tmp_path, "next_year.csv", MARKS.replace("Q1", "Q2"))
    page.get_by_text("3 rows in = 3 accepted + 0 refused").wait_for()
    page = visit.open("/staff/mappings")
    page.get_by_role("rowheader", name="Maple marks").wait_for()
    assert visit.violations() == []
    assert fits(page)


def test_levels_are_put_in_order(visit: Visit, tmp_path: Path) -> None:
    visit.sign_in("district@example.org")
    page = send(visit, tmp_path, "scores.csv", SCORES)
    page.get_by_role("link", name="Describe this table").click()
    page.get_by_role("heading", name="Levels and cut scores").wait_for()
    assert visit.violations() == []
    assert fits(page)
    for word, place in (("Red", "1"), ("Blue", "2"), ("Green", "3")):
        page.get_by_label(f"Place of {word}").fill(place)
    page.get_by_text("Green", exact=True).last.click()
    same = page.get_by_role("region", name="The same for every row")
    same.get_by_label("Name of the test").fill("Lake Test")
    page.get_by_role("button", name="Show the rows again").click()
    page.get_by_text("3 rows = 3 understood + 0 refused").wait_for()
    expect(page.get_by_label(re.compile("Place of")).first).to_have_value("1")
    expect(page.get_by_label("Place of Red")).to_have_value("1")
    expect(page.get_by_label("Green", exact=True)).to_be_checked()
    assert visit.violations() == []

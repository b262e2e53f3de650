"""The family's pages in languages of every script: readable without script, without barrier, on the smallest phone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import Engine, text

from campaign import links
from campaign.access import ENGINE
from campaign.comparisons import compare_district
from campaign.database import transaction
from campaign.family_reports import write_reports
from campaign.settings import Settings
from content import catalog
from content.languages import languages
from reports.records import ComparisonPolicy
from tests.browser.conftest import serving
from tests.browser.visit import Site, Visit
from tests.campaign.families import allow_drafts
from tests.web_pages import MORNING, page_settings, small_district

pytestmark = pytest.mark.browser

LARGEST_PAGE = 100_000
SMALLEST_TARGET = 24
# Links in running text are excepted (WCAG 2.5.8); the report's own words to tap stand in sentences.
TOO_SMALL = """
smallest => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea, .choice')]
    .filter(target => !target.closest('p, .choice') || target.matches('.choice, .button'))
    .map(target => [target.outerHTML.slice(0, 80), target.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0 && (box.width < smallest || box.height < smallest)).map(([html]) => html)
"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def site(engine: Engine, tmp_path: Path) -> Iterator[Site]:
    """The small district, with drafts of all languages let out."""
    small_district(engine)
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("DELETE FROM report; DELETE FROM comparison"))
        for language in languages():
            for district in (1, 2):
                if language not in {"en", "es"}:
                    allow_drafts(connection, district, language)
    with serving(in_all_languages(tmp_path), engine) as site:
        yield site


def door(site: Site, language: str, folder: Path) -> str:
    """Address of Ana's link for a mother who reads this language; the report is written in it and in English."""
    with transaction(site.engine, ENGINE) as connection:
        connection.execute(
            text("UPDATE contact SET written_language = :tag WHERE id = 1"),
            {"tag": languages()[language].tag},
        )
        token = links.issue(
            connection, district_id=1, student_id=1, contact_id=1, purpose="report", now=MORNING, days=90
        )
    compare_district(site.engine, 1, ComparisonPolicy(), MORNING.date(), MORNING)
    with transaction(site.engine, ENGINE) as connection:
        # Long enough ago that the teachers have had their days to look.
        connection.execute(text("UPDATE comparison SET computed_at = computed_at - interval '30 days'"))
    write_reports(
        site.engine,
        district_id=1,
        catalog=catalog.load(),
        settings=in_all_languages(folder),
        out=folder / "reports",
        now=MORNING,
        student_id=1,
    )
    return f"{site.url}/r/{token}"


def in_all_languages(folder: Path) -> Settings:
    settings = page_settings(folder)
    return replace(settings, languages=replace(settings.languages, offered=list(languages())))


def enter(page: Page) -> None:
    page.select_option("#month", "4")
    page.fill("#day", "1")
    page.fill("#year", "2016")
    page.locator("button.button").click()


# Every script, both directions, every width and both colour schemes, each at least once.
@pytest.mark.parametrize(
    ("language", "width", "scheme"),
    [
        ("ar", 320, "light"),
        ("ur", 390, "dark"),
        ("zh", 320, "dark"),
        ("es", 1280, "light"),
        ("en", 640, "dark"),
    ],
)
def test_every_page_in_the_familys_own_language(
    browser: Browser, site: Site, tmp_path: Path, language: str, width: int, scheme: str
) -> None:
    known = languages()[language]
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce", locale="en-US"
    )
    visit = Visit(site, context.new_page())
    found: dict[str, object] = {}

    def look(name: str) -> None:
        html = visit.page.locator("html")
        spoken = (html.get_attribute("lang"), html.get_attribute("dir"))
        small = visit.page.evaluate(TOO_SMALL, SMALLEST_TARGET)
        found[name] = (spoken, visit.page.evaluate(OVERFLOW), small, visit.violations())

    visit.page.goto(f"{door(site, language, tmp_path)}?language={language}")
    look("door")
    enter(visit.page)
    visit.page.wait_for_url("**/family")
    look("question")
    visit.page.locator("button[name=skip]").click()
    visit.page.wait_for_selector(".family-report")
    look("report")
    for path in ("/family/your-turn", "/family/mistake"):
        visit.open(path)
        look(path)
    context.close()
    assert found == {name: ((known.tag, known.direction), 0, [], []) for name in found}


def test_a_note_is_written_and_the_first_visit_loads_little_without_script(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    page, sizes = context.new_page(), []
    page.on("response", lambda response: sizes.append(len(response.body()) if response.ok else 0))
    page.goto(f"{door(site, 'ur', tmp_path)}?language=ur")
    assert sum(sizes) < LARGEST_PAGE
    enter(page)
    page.locator("button[name=skip]").click()
    page.wait_for_selector(".family-report")
    sizes.clear()
    page.goto(f"{site.url}/family")
    assert page.locator(".family-report").is_visible()
    assert len(sizes) == 1, "one file, with no picture, font or style beside it"
    assert 10_000 < sum(sizes) < LARGEST_PAGE
    page.locator(".after .button").click()
    page.fill("#loves", "نقشے")
    page.locator("form .button").click()
    page.goto(f"{site.url}/family/your-turn")
    assert page.locator(".exchange .written").inner_text() == "نقشے"
    context.close()

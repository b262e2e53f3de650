"""The family's pages in languages of every script: readable without script, without barrier, on the smallest phone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import Engine

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.settings import Settings
from content.languages import languages
from tests.browser.conftest import serving
from tests.browser.visit import Site, Visit
from tests.browser.walk import enter, link_for_ana
from tests.campaign.families import allow_drafts
from tests.web_pages import page_settings

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
    with transaction(engine, ENGINE) as connection:
        for language in languages():
            for district in (1, 2):
                if language not in {"en", "es"}:
                    allow_drafts(connection, district, language)
    with serving(in_all_languages(tmp_path), engine) as site:
        yield site


def in_all_languages(folder: Path) -> Settings:
    settings = page_settings(folder)
    return replace(settings, languages=replace(settings.languages, offered=list(languages())))


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

    visit.page.goto(
        f"{link_for_ana(site, in_all_languages(tmp_path), tmp_path, language)}?language={language}"
    )
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
    page.goto(f"{link_for_ana(site, in_all_languages(tmp_path), tmp_path, 'ur')}?language=ur")
    assert sum(sizes) < LARGEST_PAGE
    enter(page)
    page.locator("button[name=skip]").click()
    page.wait_for_selector(".family-report")
    sizes.clear()
    page.goto(f"{site.url}/family")
    expect(page.locator(".family-report")).to_be_visible()
    assert len(sizes) == 1, "one file, with no picture, font or style beside it"
    assert 10_000 < sum(sizes) < LARGEST_PAGE
    page.locator(".after .button").click()
    page.fill("#loves", "نقشے")
    with page.expect_navigation():
        page.locator("form .button").click()
    page.goto(f"{site.url}/family/your-turn")
    expect(page.locator(".exchange .written")).to_have_text("نقشے")
    context.close()

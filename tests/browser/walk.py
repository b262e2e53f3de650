"""The way of a family: from the link in its message through the door to the report."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page
from sqlalchemy import text

from campaign import links
from campaign.access import ENGINE
from campaign.comparing.comparisons import compare_district
from campaign.database import transaction
from campaign.documents.family_reports import write_reports
from campaign.settings import Settings
from content import catalog
from content.languages import languages
from reports.records import ComparisonPolicy
from tests.browser.visit import Site
from tests.web_pages import MORNING


def link_for_ana(site: Site, settings: Settings, folder: Path, language: str = "en") -> str:
    """Address of Ana's link for a mother who reads `language`; the report is written from Ana's marks and scores."""
    with transaction(site.engine, ENGINE) as connection:
        connection.execute(text("DELETE FROM report; DELETE FROM comparison"))
        connection.execute(
            text("UPDATE contact SET written_language = :tag WHERE id = 1"),
            {"tag": languages()[language].tag},
        )
        token = links.issue(connection, district_id=1, student_id=1, contact_id=1, now=MORNING, days=90)
    compare_district(site.engine, 1, ComparisonPolicy(), MORNING.date(), MORNING)
    with transaction(site.engine, ENGINE) as connection:
        # Long enough ago that the teachers have had their days to look.
        connection.execute(text("UPDATE comparison SET computed_at = computed_at - interval '30 days'"))
    write_reports(
        site.engine,
        district_id=1,
        catalog=catalog.load(),
        settings=settings,
        out=folder / "reports",
        now=MORNING,
        student_id=1,
    )
    return f"{site.url}/r/{token}"


def enter(page: Page) -> None:
    """Answer what the door asks, Ana's birth date, and wait for the page behind it."""
    page.select_option("#month", "4")
    page.fill("#day", "1")
    page.fill("#year", "2016")
    with page.expect_navigation():
        page.locator("button.button").click()

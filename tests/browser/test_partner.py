"""The partner page in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.publish import publish
from tests.browser.visit import Site, Visit
from tests.web_pages import MORNING, page_settings

pytestmark = pytest.mark.browser

SCHOOLS = {
    "Dogwood Elementary": 120,
    "Elm Elementary": 75,
    "Fir Middle": 340,
    "Ginkgo School": 22,
    "Holly Academy": 6,
}


@pytest.fixture
def published(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Five more schools of very different sizes, in two subjects, published."""
    with transaction(site.engine, ENGINE) as connection:
        for name, count in SCHOOLS.items():
            connection.execute(
                text(
                    """
                    WITH p AS (
                        INSERT INTO school (district_id, source_id, name) VALUES (1, :name, :name) RETURNING id
                    ), s AS (
                        INSERT INTO student (district_id, school_id, given_name, family_name, grade_level,
                                             home_language)
                        SELECT 1, p.id, 'Some', 'Child', 3 + i % 3, (ARRAY['en', 'es', 'en', 'en', 'vi'])[1 + i % 5]
                        FROM p, generate_series(1, :count) i RETURNING id
                    )
                    INSERT INTO comparison (district_id, student_id, subject, version, category, rules, school_year,
                                            explanation, inputs_hash, computed_at)
                    SELECT 1, s.id, subject, 1,
                           (ARRAY['HIGH_NOTYET', 'MATCH_AT', 'HIGH_CLOSE', 'BOTH_NEED'])
                               [1 + (s.id * 7 + length(subject)) % 4],
                           '{}', 2026, '{}', 'h', '2026-11-01 08:00Z'
                    FROM s, unnest(ARRAY['math', 'reading']) subject
                    """
                ),
                {"name": name, "count": count},
            )
    publish(site.engine, 1, page_settings(tmp_path_factory.mktemp("home")), MORNING)
    return site


def test_the_page_has_no_barrier_and_fits_the_window(published: Site, visit: Visit) -> None:
    visit.sign_in("partner@example.org")
    page = visit.open("/partner/")
    assert visit.violations() == []
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow == 0
    page.get_by_role("link", name="Reading").click()
    page.get_by_role("link", name="Fir Middle").click()
    expect(page.locator("main")).to_contain_text("Fir Middle: by grade level", use_inner_text=True)
    assert visit.violations() == []


def test_what_is_drawn_is_no_finer_than_what_is_told(published: Site, visit: Visit) -> None:
    """Bars begin and end, and dots stand, at whole steps of the range."""
    visit.sign_in("partner@example.org")
    page = visit.open("/partner/")
    rows = page.locator(".gbg-ranges li")
    expect(rows).to_have_count(1 + 2 + len(SCHOOLS))
    for row in rows.all():
        says = row.locator(".gbg-ranges__says").inner_text()
        bars = row.locator(".gbg-range__bar")
        if "hidden" in says:
            expect(bars).to_have_count(0)
            continue
        start, width = (int(str(bars.get_attribute(name)).rstrip("%")) for name in ("x", "width"))
        assert start % width == 0
        assert str(start + width) in says or f"{start}% or more" in says
        assert row.locator(".gbg-range__middle").get_attribute("cx") == f"{start + width / 2}%"

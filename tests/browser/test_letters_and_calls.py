"""Letters and calls in a real browser: a run from the page to the post, a family called and reached."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.paper import letter_files, letter_list
from campaign.store import letters as store
from tests.browser.conftest import serving
from tests.browser.visit import Site, Visit
from tests.campaign.paper.letter_post import DUE, delivery_of, plain, post_office, settings_of


@pytest.fixture(params=["letter", "call"])
def channel(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def site(engine: Engine, tmp_path: Path, channel: str) -> Iterator[Site]:
    """The application on a campaign that writes letters, or calls; campaigns need no approval."""
    post_office(engine, tmp_path, drawn=channel == "letter", channels=[channel])
    with serving(settings_of(tmp_path), engine) as site:
        site.clock.now = DUE
        yield site


@pytest.mark.parametrize("channel", ["letter"], indirect=True)
def test_letters_are_printed_taken_and_posted(visit: Visit, tmp_path: Path) -> None:
    visit.sign_in("district@example.org")
    page = visit.open("/staff/")
    assert visit.violations() == []
    page.click("[aria-label='7 letters to print']")
    assert visit.violations() == []
    page.click("text=Print them")
    page.wait_for_selector("text=It is being printed")
    assert visit.violations() == []
    engine = visit.site.engine
    with transaction(engine, ENGINE) as connection:
        (run,) = store.runs(connection, 2)
    letter_files.produce(delivery_of(engine, tmp_path), run, letter_list.folder(tmp_path, run), DUE)
    # The page asks by itself how far the run is, and shows the files; the forms come with the page.
    page.wait_for_selector("text=cover.pdf")
    page.reload()
    with page.expect_download() as taken:
        page.click(f"text={run.number}-001.pdf")
    assert Path(taken.value.path()).read_bytes()[:5] == b"%PDF-"
    assert visit.violations() == []
    page.fill("#day", "2026-11-10")
    page.click("text=This run was posted")
    page.wait_for_selector("text=Posted on November 10, 2026, says District Person")
    assert visit.violations() == []
    assert plain(engine)["accepted"] == run.letters


@pytest.mark.parametrize("channel", ["call"], indirect=True)
def test_a_family_is_called_and_reached(visit: Visit) -> None:
    visit.sign_in("school@example.org")
    page = visit.open("/staff/")
    page.click("[aria-label='2 calls to make']")
    page.click("text=What to say >> nth=0")
    page.wait_for_selector("text=El informe de la escuela sobre Ana está listo")
    assert visit.violations() == []
    page.click("button:has-text('Reached: Rosa Abrego')")
    page.wait_for_selector("text=It is written down")
    expect(page.locator("a[href^='tel:']")).to_have_count(1)
    assert visit.violations() == []
    page.click("button:has-text('Undo')")
    page.wait_for_selector("text=It is taken back")
    expect(page.locator("a[href^='tel:']")).to_have_count(2)
    page.click("text=List on paper")
    page.wait_for_selector("text=The school report about ____ is ready")
    assert visit.violations() == []

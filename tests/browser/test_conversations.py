"""A family writes in Spanish by text message; its teacher reads, answers, and the clock stops: in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.correspondence.conversation_rounds import look_after
from campaign.correspondence.replies import Reply, receive
from campaign.database import transaction
from campaign.translators.choice import translator_for
from content.catalog import load
from tests.browser.conftest import serving
from tests.browser.visit import Site, Visit
from tests.contracts.test_translators import service
from tests.web_pages import MORNING, page_settings

pytestmark = pytest.mark.browser


@pytest.fixture(params=[1280, 390], ids=["desktop", "phone"])
def talk(browser: Browser, engine: Engine, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A window without JavaScript on the small district, with a translator that knows a few words."""
    with service(apertium) as url:
        settings = page_settings(tmp_path)
        settings = replace(
            settings, translation=replace(settings.translation, translator="apertium", server_url=url)
        )
        words = "Mi hija está enferma mañana"
        reply = Reply("sms", "+12025550101", "+12025550999", words, MORNING, provider_id="SM1")
        with transaction(engine, ENGINE) as connection:
            receive(connection, reply, MORNING, settings)
            receive(
                connection, replace(reply, from_address="+13035550000", provider_id="SM2"), MORNING, settings
            )
            connection.execute(text("UPDATE reply SET district_id = 1 WHERE state = 'unplaced'"))
        look_after(engine, settings, translator_for(settings), load(), MORNING)
        with serving(settings, engine) as site:
            context = browser.new_context(viewport={"width": request.param, "height": 900})
            yield Visit(Site(site.url, engine, site.clock), context.new_page())
            context.close()


def apertium(path: str, query: dict[str, str], body: Any, headers: dict[str, str]) -> tuple[str, Any]:
    """Knows a few words of Spanish and leaves all else as it is."""
    return body["q"], lambda said: {"responseData": {"translatedText": said}, "responseStatus": 200}


def fits(visit: Visit) -> bool:
    return bool(visit.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_a_teacher_reads_answers_and_the_clock_stops(talk: Visit) -> None:
    talk.sign_in("teacher@example.org")
    page = talk.open("/staff/conversations")
    expect(page.get_by_text("8.5 school hours left")).to_be_visible()
    assert talk.violations() == []
    assert fits(talk)
    page.get_by_role("link", name="Ana Abrego").click()
    expect(page.get_by_text("My daughter is sick tomorrow").first).to_be_visible()
    expect(page.get_by_text("not checked by a person")).to_be_visible()
    page.get_by_text("As written, in Spanish").click()
    expect(page.get_by_text("Mi hija está enferma mañana")).to_be_visible()
    assert talk.violations() == []
    assert fits(talk)
    page.get_by_label("Write to Rosa Abrego").fill("Thank you for telling me.")
    page.get_by_role("button", name="Look at it first").click()
    expect(page.get_by_text("How easy it reads")).to_be_visible()
    assert talk.violations() == []
    assert fits(talk)
    page.get_by_label("As Rosa Abrego reads it").fill("Gracias por avisarme.")
    page.get_by_text("I have read it").click()
    page.get_by_role("button", name="Send the answer").click()
    page.get_by_text("reads your answer on its page").wait_for()
    expect(page.get_by_text("Gracias por avisarme.")).to_be_visible()
    expect(page.get_by_text("school hours left")).to_have_count(0)
    assert talk.violations() == []
    page = talk.open("/staff/conversations")
    expect(page.get_by_text("Nobody is waiting")).to_be_visible()


@pytest.mark.parametrize("path", ["who-answers", "unplaced"])
def test_pages_of_the_office_have_no_accessibility_violation_and_fit(talk: Visit, path: str) -> None:
    talk.sign_in("district@example.org")
    page = talk.open(f"/staff/conversations/{path}")
    expect(page.locator("h1")).to_have_count(1)
    assert talk.violations() == []
    assert fits(talk)

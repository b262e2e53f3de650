"""Translations in a browser: read beside the English, corrected and reviewed with the keyboard, undone, as files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.store import wordings
from campaign.store.wordings import NewWording, TextId
from content.wordings import source_hash
from tests.browser.visit import Visit
from tests.web_pages import MORNING

pytestmark = pytest.mark.browser

LIST = "/staff/translations"


def required_in_california(visit: Visit) -> None:
    """A state that asks for languages, and a text whose English has changed since it was written."""
    before = "How was {student} doing?"
    of = TextId(1, "es", "report", "headings.doing")
    row = NewWording(
        of, "¿Cómo iba {student}?", "draft", before, source_hash(before), None, "account:2", MORNING
    )
    with transaction(visit.site.engine, ENGINE) as connection:
        connection.execute(text("UPDATE district SET state_code = 'CA'"))
        wordings.add(connection, [row])


@pytest.mark.parametrize(
    "path",
    [
        LIST,
        f"{LIST}/es?unit=report",
        f"{LIST}/ar?unit=messages/hello",
        f"{LIST}/ur?search=nothing+has+this",
        f"{LIST}/es/drafts",
        f"{LIST}/es/files",
        f"{LIST}/es/history?unit=report&key=headings.doing",
        "/staff/plan",
    ],
)
def test_pages_have_no_accessibility_violation_and_fit_the_screen(visit: Visit, path: str) -> None:
    required_in_california(visit)
    visit.sign_in("district@example.org")
    page = visit.open(path)
    expect(page.locator("h1")).to_have_count(1)
    assert visit.violations() == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_text_is_found_corrected_by_keyboard_reviewed_and_undone(visit: Visit) -> None:
    visit.sign_in("district@example.org")
    page = visit.open("/staff/")
    page.get_by_role("link", name="Reports and words").click()
    page.get_by_role("link", name="Translations").first.click()
    page.get_by_text(
        "Texts in Spanish are unreviewed drafts, allowed by Ms. Lee because: a pilot."
    ).wait_for()
    page.get_by_role("link", name="Spanish").click()
    page.get_by_label("Words in it").fill("headings.doing")
    page.keyboard.press("Enter")
    page.get_by_text("1 text", exact=True).wait_for()
    field = page.get_by_role("textbox", name="Spanish")
    field.fill("¿Cómo va?")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("The field {student} of the English is missing. Nothing was saved.").wait_for()
    expect(field).to_have_value("¿Cómo va?")
    assert visit.violations() == []
    field.fill("¿Cómo va {student} ahora?")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Saved as reviewed.").wait_for()
    assert visit.violations() == []
    page.get_by_label("State").select_option("human_reviewed")
    page.get_by_role("button", name="Show").click()
    page.get_by_text("Reviewed by District Person").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Undone: the text stands as it was before.").wait_for()
    visit.complaints[:] = [c for c in visit.complaints if "422" not in c]


def test_what_has_changed_in_the_english_is_marked_word_by_word(visit: Visit) -> None:
    required_in_california(visit)
    visit.sign_in("district@example.org")
    page = visit.open(f"{LIST}/es?state=stale")
    page.get_by_text("What has changed since it was translated:").wait_for()
    assert page.locator("del").all_inner_texts() == ["was"]
    assert page.locator("ins").all_inner_texts() == ["is"]


def test_right_to_left_texts_stand_right_to_left_beside_the_english(visit: Visit) -> None:
    visit.sign_in("district@example.org")
    field = visit.open(f"{LIST}/ar?unit=report").get_by_role("textbox", name="Arabic").first
    assert field.evaluate("e => [getComputedStyle(e).direction, e.lang]") == ["rtl", "ar"]


def test_a_file_is_looked_at_before_it_is_taken_in(visit: Visit, tmp_path: Path) -> None:
    visit.sign_in("district@example.org")
    page = visit.open(f"{LIST}/es/files")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as PO").click()
    file = tmp_path / "es.po"
    said = Path(download.value.path()).read_text(encoding="utf-8")
    file.write_text(said.replace("¿Cómo va {student}?", "¿Cómo le va a {student}?"), encoding="utf-8")
    page.get_by_label("Translated file (PO or XLIFF)").set_input_files(file)
    page.get_by_role("button", name="Show what would change").click()
    page.get_by_text(re.compile("1 text would change")).wait_for()
    assert visit.violations() == []
    page.get_by_role("button", name="Take in 1 text").click()
    page.get_by_text("The file has been taken in.").wait_for()


def test_it_all_works_without_javascript(visit: Visit) -> None:
    plain = visit.page.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]
    plain.add_cookies(_signed_in(visit))
    page = plain.new_page()
    page.goto(f"{visit.site.url}{LIST}/es?unit=glossary")
    page.get_by_text("Read and right as it stands").first.click()
    page.get_by_role("button", name="Mark the ticked texts as reviewed").click()
    page.get_by_text("The ticked texts are reviewed.").wait_for()
    plain.close()


def _signed_in(visit: Visit) -> list[dict[str, str]]:
    visit.sign_in("district@example.org")
    return [{k: str(c[k]) for k in ("name", "value", "domain", "path")} for c in visit.page.context.cookies()]

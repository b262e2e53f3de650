"""Texts of districts over what ships: what holds, what is stale, what may go out, and that nothing is ever lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text

from campaign.settings import Languages
from campaign.store import wordings
from campaign.store.pupil_languages import PupilCount
from campaign.store.wordings import NewWording
from campaign.wordings import drafts, translations
from campaign.wordings.drafts import DraftError, Word
from campaign.wordings.required_languages import missing, of_counts, units_of
from campaign.wordings.texts import DRAFT, REVIEWED, STALE, Shelf, Texts, read
from campaign.wordings.translations import Author, Desk, Edit, TranslationError
from content import catalog
from content.catalog import ContentError
from content.wordings import ContentString, source_hash

NOW = datetime(2026, 11, 2, 15, tzinfo=UTC)
AUTHOR = Author("account:1", NOW)
SHIPPED = catalog.load()
TITLE = next(one for one in SHIPPED.strings("es") if (one.unit, one.key) == ("report", "title"))
DISTRICT, BESIDE = 1, 2


@pytest.fixture
def db(connection: Connection) -> Connection:
    """Two districts, in one transaction that is rolled back."""
    connection.execute(text("INSERT INTO district (code, name) VALUES ('one', 'One'), ('two', 'Two')"))
    return connection


def desk(db: Connection, district_id: int | None = DISTRICT, language: str = "es") -> Desk:
    return translations.desk(db, SHIPPED, district_id, language)


def edit(string: ContentString, said: str, *, reviewed: bool = False, seen: int | None = None) -> Edit:
    return Edit(string.unit, string.key, said, string.source_hash, reviewed, seen)


def save(db: Connection, said: str, district_id: int | None = DISTRICT, *, reviewed: bool = False) -> int:
    return translations.save(desk(db, district_id), [edit(TITLE, said, reviewed=reviewed)], AUTHOR)


def title(db: Connection, district_id: int | None = DISTRICT) -> tuple[str, str]:
    """Text and state as they hold in the district."""
    entries = translations.entries(desk(db, district_id))
    found = next(one.string for one in entries if (one.string.unit, one.string.key) == ("report", "title"))
    return found.text, found.state


def review(db: Connection, *units: str, language: str = "es", district_id: int | None = DISTRICT) -> int:
    """Mark all texts of these units as reviewed, as they stand."""
    at = desk(db, district_id, language)
    strings = [one.string for one in translations.entries(at) if one.string.unit in units]
    return translations.save(at, [edit(one, one.text, reviewed=True) for one in strings], AUTHOR)


def test_a_district_goes_before_all_districts_and_both_before_what_ships(db: Connection) -> None:
    assert title(db) == (TITLE.text, DRAFT)
    assert save(db, "Para todos", None, reviewed=True) == 1
    assert [title(db, place) for place in (None, DISTRICT, BESIDE)] == [("Para todos", REVIEWED)] * 3
    assert save(db, "Para uno") == 1
    assert title(db) == ("Para uno", DRAFT)
    assert title(db, BESIDE) == ("Para todos", REVIEWED)
    translations.undo(desk(db), "report", "title", AUTHOR)
    assert title(db) == ("Para todos", REVIEWED)


def test_reports_and_pages_read_what_holds_there(db: Connection) -> None:
    save(db, "Nuestro informe")
    assert read(db, SHIPPED, DISTRICT).catalog.text("report.title", "es") == "Nuestro informe"
    assert read(db, SHIPPED, BESIDE).catalog.text("report.title", "es") == TITLE.text
    assert read(db, SHIPPED, DISTRICT).catalog.hashes("report") != SHIPPED.hashes("report")


def test_the_shelf_sees_each_change_at_once_and_reads_nothing_twice(db: Connection) -> None:
    shelf = Shelf(SHIPPED)
    first = shelf.of(db, DISTRICT)
    assert shelf.of(db, DISTRICT) is first
    save(db, "Uno")
    second = shelf.of(db, DISTRICT)
    assert second.catalog.text("report.title", "es") == "Uno"
    save(db, "Dos", None)
    assert shelf.of(db, DISTRICT) is not second
    assert shelf.of(db, BESIDE).catalog.text("report.title", "es") == "Dos"
    drafts.allow(db, DISTRICT, "es", word())
    assert "es" in shelf.of(db, DISTRICT).allowed
    assert "es" not in shelf.of(db, BESIDE).allowed


def test_saving_what_stands_there_changes_nothing_and_reviewing_it_does(db: Connection) -> None:
    assert save(db, TITLE.text) == 0
    assert save(db, TITLE.text, reviewed=True) == 1
    assert save(db, TITLE.text, reviewed=True) == 0
    assert title(db) == (TITLE.text, REVIEWED)


def test_all_edits_count_or_none(db: Connection) -> None:
    wrong = replace(edit(TITLE, "x"), key="headings.doing", text="sin campo")
    with pytest.raises((TranslationError, ContentError)):
        translations.save(desk(db), [edit(TITLE, "Bueno"), wrong], AUTHOR)
    assert title(db) == (TITLE.text, DRAFT)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (replace(edit(TITLE, "x"), key="no.such"), "there is no text"),
        (replace(edit(TITLE, "x"), unit="no"), "there is no text"),
        (replace(edit(TITLE, "x"), source_hash="0"), "English has changed"),
        (edit(TITLE, "x", seen=5), "Somebody else has changed"),
    ],
)
def test_what_cannot_be_kept_is_refused(db: Connection, wrong: Edit, told: str) -> None:
    with pytest.raises(TranslationError, match=told):
        translations.save(desk(db), [wrong], AUTHOR)


@pytest.mark.parametrize("language", ["en", "xx", ""])
def test_english_and_unknown_languages_have_no_desk(db: Connection, language: str) -> None:
    with pytest.raises(TranslationError, match="not a language of translations"):
        desk(db, DISTRICT, language)


def test_there_is_nothing_to_undo_before_a_change(db: Connection) -> None:
    with pytest.raises(TranslationError, match="nothing to undo"):
        translations.undo(desk(db), "report", "title", AUTHOR)


def older(db: Connection, said: str, state: str = REVIEWED) -> None:
    """A text that was written for an English of before."""
    before = "The report of before"
    of = desk(db).of("report", "title")
    row = NewWording(of, said, state, before, source_hash(before), None, "engine", NOW)
    wordings.add(db, [row])


def test_a_text_of_an_older_english_is_stale_until_somebody_looks_at_it(db: Connection) -> None:
    older(db, "El informe de antes")
    assert title(db) == ("El informe de antes", STALE)
    assert not read(db, SHIPPED, DISTRICT).is_reviewed("report", "es")
    assert save(db, "El informe de antes", reviewed=True) == 1
    assert title(db) == ("El informe de antes", REVIEWED)


def test_a_text_of_an_older_english_that_fits_no_more_gives_way_to_what_ships(db: Connection) -> None:
    older(db, "Con un campo {que_ya_no_hay}")
    assert title(db) == (TITLE.text, DRAFT)


def word(reason: str = "a pilot") -> Word:
    return Word("Ms. Lee", reason, "account:1", NOW)


def free(db: Connection, unit: str = "report", language: str = "es") -> bool:
    return read(db, SHIPPED, DISTRICT).may_go_out(unit, language)


def test_a_draft_goes_out_by_the_districts_word_alone(db: Connection) -> None:
    assert not free(db)
    drafts.allow(db, DISTRICT, "es", word())
    assert free(db)
    assert not free(db, language="vi")
    assert not read(db, SHIPPED, BESIDE).may_go_out("report", "es")
    drafts.withdraw(db, DISTRICT, "es", word("read first"))
    assert not free(db)
    assert free(db, language="en")


def test_what_is_stale_needs_a_word_of_its_own(db: Connection) -> None:
    older(db, "El informe de antes")
    drafts.allow(db, DISTRICT, "es", word())
    assert not free(db)
    drafts.allow(db, DISTRICT, "es", word(), stale=True)
    assert free(db)


def test_what_a_person_has_reviewed_goes_out_without_a_word(db: Connection) -> None:
    review(db, "report")
    assert free(db)
    assert not free(db, "questions")
    save(db, "Otra vez un borrador")
    assert not free(db)


@pytest.mark.parametrize(
    ("language", "said_by", "reason"),
    [("en", "Ms. Lee", "why"), ("xx", "Ms. Lee", "why"), ("es", " ", "why"), ("es", "Ms. Lee", "\n"),
     ("es", "x" * 121, "why"), ("es", "Ms. Lee", "x" * 501)],
)  # fmt: skip
def test_a_word_on_drafts_has_a_language_a_name_and_a_reason(
    db: Connection, language: str, said_by: str, reason: str
) -> None:
    with pytest.raises(DraftError):
        drafts.allow(db, DISTRICT, language, Word(said_by, reason, "account:1", NOW))
    assert db.scalar(text("SELECT count(*) FROM draft_permission")) == 0


def test_pages_that_know_no_district_show_what_may_go_out_in_each(db: Connection) -> None:
    drafts.allow(db, DISTRICT, "es", word())
    assert not read(db, SHIPPED, None).may_go_out("page", "es")
    drafts.allow(db, BESIDE, "es", word())
    assert read(db, SHIPPED, None).may_go_out("page", "es")
    drafts.withdraw(db, DISTRICT, "es", word())
    assert not read(db, SHIPPED, None).may_go_out("page", "es")


def test_the_banner_names_who_and_why_while_something_is_unreviewed(db: Connection) -> None:
    drafts.allow(db, DISTRICT, "so", word("two teachers have read it."))
    texts = read(db, SHIPPED, DISTRICT)
    said = "Texts in Somali are unreviewed drafts, allowed by Ms. Lee because: two teachers have read it."
    assert drafts.banner(drafts.going_out(texts, ["en", "so"])) == [said]
    assert drafts.banner(drafts.going_out(texts, ["en", "es"])) == []
    review(db, *texts.catalog.states, language="so")
    assert drafts.banner(drafts.going_out(read(db, SHIPPED, DISTRICT), ["en", "so"])) == []


OFFERED = Languages(["en", "es", "so"], {"CA": 0.15})
AT_THE_LINE = [PupilCount(1, "North", "en", 17), PupilCount(1, "North", "es-MX", 3)]


def lacking(texts: Texts, message: str, offered: Languages = OFFERED) -> list[tuple[str, ...]]:
    needed = of_counts(AT_THE_LINE, Decimal("0.15"))
    return [one.units for one in missing(needed, texts, units_of(message, texts), offered)]


def test_a_required_language_is_there_when_every_text_of_the_message_is_reviewed(db: Connection) -> None:
    drafts.allow(db, DISTRICT, "es", word(), stale=True)
    assert lacking(read(db, SHIPPED, DISTRICT), "hello") == [("messages/hello",)]
    review(db, "messages/hello")
    texts = read(db, SHIPPED, DISTRICT)
    assert lacking(texts, "hello") == []
    assert lacking(texts, "hello", Languages(["en"], {"CA": 0.15})) == [()], "not offered is not there"
    leads = ("messages/report_ready", "report", "questions", "activities", "glossary", "page")
    assert lacking(texts, "report_ready") == [leads]
    review(db, *leads)
    assert lacking(read(db, SHIPPED, DISTRICT), "report_ready") == []
    older(db, "El informe de antes")
    assert lacking(read(db, SHIPPED, DISTRICT), "report_ready") == [("report",)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(["A", "B", "review", "undo"]), max_size=8))
def test_whatever_is_done_the_history_holds_it_and_undo_gives_back_what_stood_before(
    engine: Engine, steps: list[str]
) -> None:
    with engine.connect() as db, db.begin() as outer:
        db.execute(text("SET LOCAL ROLE gbg_engine"))
        db.execute(text("INSERT INTO district (code, name) OVERRIDING SYSTEM VALUE VALUES ('one', 'One')"))
        district_id = db.scalar(text("SELECT max(id) FROM district"))
        stood = [title(db, district_id)]
        for number, step in enumerate(steps):
            at = Author("account:1", NOW + timedelta(minutes=number))
            rows = len(wordings.history(db, desk(db, district_id).of("report", "title")))
            if step == "undo":
                if rows:
                    translations.undo(desk(db, district_id), "report", "title", at)
                    stood.append(stood[-2])
            else:
                said = stood[-1][0] if step == "review" else step
                one = edit(TITLE, said, reviewed=step == "review")
                if translations.save(desk(db, district_id), [one], at):
                    stood.append((said, REVIEWED if step == "review" else DRAFT))
            assert title(db, district_id) == stood[-1]
        assert len(wordings.history(db, desk(db, district_id).of("report", "title"))) == len(stood) - 1
        outer.rollback()

"""A district's wordings over the shipped texts: what stands, in which state, and what is refused."""

from __future__ import annotations

import pytest

from content.catalog import Catalog, ContentError, load
from content.fields import fill
from content.wordings import ContentString, Wording, source_hash

HEADING = ("report", "headings.doing")
FIELDS = {"student": "Ana", "subject": "lectura", "skill": "sumar", "mark": "A", "test": "examen"}
OUTDATED = source_hash("an English of long ago")


def string(catalog: Catalog, unit: str, key: str, language: str = "es") -> ContentString:
    (found,) = [s for s in catalog.strings(language) if (s.unit, s.key) == (unit, key)]
    return found


def wording(
    unit: str, key: str, text: str, language: str = "es", state: str = "human_reviewed", hash: str = ""
) -> Wording:
    made_from = hash or string(load(), unit, key, language).source_hash
    return Wording(unit, key, language, text, state, made_from)


def test_every_text_is_listed_with_its_english() -> None:
    found = {(s.unit, s.key): s for s in load().strings("es")}
    assert len(found) == len(load().strings("es")) > 380
    assert found["report", "headings.doing"].source == "How is {student} doing?"
    assert found["questions", "columns.AT[2]"].source == "What comes after {skill}?"
    assert found["report", "plurals.days.many"].source == "{count} days"
    assert "1000000" in found["report", "plurals.days.many"].note
    assert found["report", "forms.mark[1]"].source == "the mark {mark}"
    assert found["messages/hello", "email.subject"].source == "Hello from your child's school"
    assert found["messages/hello", "email.text"].text.startswith("Hola:\n\n")
    assert found["messages/hello", "sms.text"].text.startswith("{school}: ")
    assert {s.state for s in found.values()} == {"draft"}
    assert all(s.source_hash == source_hash(s.source) for s in found.values())
    assert {s.state for s in load().strings("en")} == {"human_reviewed"}


@pytest.mark.parametrize(
    ("unit", "key", "text", "said"),
    [
        ("report", "headings.doing", "¿Qué tal, {student}?", lambda c: c.text("report.headings.doing", "es", FIELDS)),
        ("questions", "columns.AT[2]", "¿Y de {skill}?", lambda c: c.texts("questions.columns.AT", "es", FIELDS)[1]),
        ("report", "plurals.days.one", "un día", lambda c: c.plural("report.days", "es", 1, "1")),
        ("report", "forms.mark[1]", "la letra {mark}", lambda c: c.sentence("MATCH_AT", "es", FIELDS)),
        ("messages/hello", "email.subject", "Saludos", lambda c: c.message("hello", "email", "es").subject),
        ("messages/hello", "sms.text", "{school}: hola. ALTO.", lambda c: c.message("hello", "sms", "es").text),
    ],
)  # fmt: skip
def test_a_wording_stands_everywhere_its_text_is_asked_for(
    unit: str, key: str, text: str, said: object
) -> None:
    shipped = load()
    catalog = shipped.with_wording([wording(unit, key, text)])
    filled = fill(text, FIELDS | {"school": "{school}"}, key)
    assert filled in said(catalog)  # type: ignore[operator]
    assert filled not in said(shipped)  # type: ignore[operator]
    assert (string(catalog, unit, key).text, string(catalog, unit, key).state) == (text, "human_reviewed")
    assert catalog.hashes(unit)["es"] != shipped.hashes(unit)["es"]
    assert catalog.hashes(unit)["en"] == shipped.hashes(unit)["en"]


def test_the_html_of_a_message_follows_its_text() -> None:
    text = string(load(), "messages/hello", "email.text").text.replace("Hola:", "Buenos días <3:")
    message = (
        load().with_wording([wording("messages/hello", "email.text", text)]).message("hello", "email", "es")
    )
    assert "<p>Buenos días &lt;3:</p>" in message.html
    assert message.hash != load().message("hello", "email", "es").hash


def test_a_unit_is_as_good_as_its_worst_text() -> None:
    rows = [
        Wording(s.unit, s.key, "es", s.text, "human_reviewed", s.source_hash)
        for s in load().strings("es")
        if s.unit in ("glossary", "messages/hello")
    ]
    catalog = load().with_wording(rows)
    assert [catalog.state(unit, "es") for unit in ("glossary", "messages/hello", "report")] == [
        "human_reviewed", "human_reviewed", "draft",
    ]  # fmt: skip
    assert catalog.message("hello", "sms", "es").state == "human_reviewed"
    assert load().with_wording(rows[1:]).state("glossary", "es") == "draft"
    assert catalog.with_wording([]).state("glossary", "es") == "draft", "wordings given before do not count"


def test_a_wording_of_another_english_is_stale() -> None:
    catalog = load().with_wording([wording(*HEADING, "¿Qué tal, {student}?", hash=OUTDATED)])
    assert string(catalog, *HEADING).state == "stale"
    assert catalog.text("report.headings.doing", "es", {"student": "Ana"}) == "¿Qué tal, Ana?"


def test_english_worded_anew_makes_its_translations_stale_until_they_follow() -> None:
    english = wording(*HEADING, "How does {student} do?", "en")
    catalog = load().with_wording([english])
    assert string(catalog, *HEADING).state == "stale"
    assert string(catalog, *HEADING).source == "How does {student} do?"
    assert string(catalog, *HEADING, "en").source == "How is {student} doing?"
    assert string(catalog, "report", "headings.mean").state == "draft"
    assert catalog.state("page", "es") == "draft"
    followed = Wording(
        *HEADING, "es", "¿Cómo le va a {student}?", "human_reviewed", source_hash("How does {student} do?")
    )
    assert string(load().with_wording([followed, english]), *HEADING).state == "human_reviewed"
    assert string(load().with_wording([followed]), *HEADING).state == "stale"
    draft = wording(*HEADING, "How does {student} do?", "en", "draft")
    assert load().with_wording([draft]).state("report", "en") == "draft"


@pytest.mark.parametrize(
    ("key", "unit"), [("headings.gone", "report"), ("x", "gone"), ("headings.doing", "report")]
)
def test_an_old_wording_that_has_no_place_any_more_is_left_out(key: str, unit: str) -> None:
    catalog = load().with_wording([Wording(unit, key, "es", "¿Qué tal, {name}?", "draft", OUTDATED)])
    assert catalog.strings("es") == load().strings("es")


BROKEN = [
    ("report", "headings.doing", "¿Cómo va?", "{student} of the English is missing"),
    ("report", "headings.doing", "{student} {teacher}", "no field {teacher}"),
    ("report", "headings.doing", "{student} {Bad}", "{Bad} is not a field"),
    ("report", "headings.doing", "  ", "is empty"),
    ("report", "headings.doing", "a\n{student}", "line break"),
    ("report", "headings.doing", "a\x00{student}", "cannot be printed"),
    ("report", "plurals.days.one", "{days} día", "no field {days}"),
    ("report", "forms.mark[1]", "una nota", "{mark}"),
    ("questions", "columns.AT[1]", "¿{mark}?", "no field {mark}"),
    ("messages/hello", "email.subject", "Hola, {child}", "no field {child}"),
    ("messages/hello", "sms.text", "Hola", "{school}"),
]


@pytest.mark.parametrize(("unit", "key", "text", "named"), BROKEN)
def test_a_text_that_does_not_fit_is_refused_and_says_why(unit: str, key: str, text: str, named: str) -> None:
    broken = wording(unit, key, text)
    with pytest.raises(ContentError) as refused:
        load().check(broken)
    assert named in str(refused.value)
    assert f"{unit}: {key}" in str(refused.value)
    with pytest.raises(ContentError):
        load().with_wording([broken])


@pytest.mark.parametrize(
    ("row", "named"),
    [
        (Wording("gone", "x", "es", "x", "draft", ""), "no such unit"),
        (Wording("questions", "columns.AT[9]", "es", "x", "draft", ""), "no such text"),
        (Wording("report", "title", "fr", "x", "draft", ""), "not written in this language"),
        (Wording("report", "title", "es", "x", "good", ""), "not a state"),
    ],
)
def test_what_a_wording_speaks_of_must_be_there(row: Wording, named: str) -> None:
    with pytest.raises(ContentError, match=named):
        load().check(row)


def test_a_language_in_which_nothing_is_written_has_no_list() -> None:
    with pytest.raises(ContentError, match="fr"):
        load().strings("fr")

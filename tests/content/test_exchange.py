"""PO and XLIFF files: out and back without loss, and refused when they are of something else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from content.catalog import Catalog, ContentError, load
from content.exchange import po, xliff
from content.exchange.entries import MOST_BYTES, PROJECT, Entry, TranslationFile, exported, taken
from content.wordings import STATES, Wording, source_hash

NOW = datetime(2026, 11, 2, 15, 30, tzinfo=UTC)


def through_po(file: TranslationFile) -> TranslationFile:
    return po.read(po.write(file, NOW))


def through_xliff(file: TranslationFile) -> TranslationFile:
    return xliff.read(xliff.write(file))


WAYS = [through_po, through_xliff]
Way = Callable[[TranslationFile], TranslationFile]

# All that can stand in a text of ours: printable, with line breaks, in any script.
words = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn"), include_characters="\n"), max_size=60)
keys = st.from_regex(r"[a-z][a-z0-9_]{0,8}(\.[A-Za-z0-9_-]{1,8}){0,2}(\[[1-9]\])?", fullmatch=True)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    source = draw(words.filter(str.strip))
    unit = draw(st.sampled_from(["report", "page", "messages/hello"]))
    text = draw(words)
    # Without a text there is nothing that could be outdated or reviewed.
    state = draw(st.sampled_from(STATES)) if text else "draft"
    notes = tuple(draw(st.lists(words.filter(str.strip), max_size=2)))
    return Entry(unit, draw(keys), source, text, state, source_hash(source), notes)


files = st.builds(
    TranslationFile,
    st.just(PROJECT),
    st.sampled_from(["es-US", "zh-Hans", "ur", "fil", "ht"]),
    st.lists(entries(), max_size=6, unique_by=lambda entry: entry.name).map(tuple),
)


@given(files)
def test_po_brings_back_what_was_written(file: TranslationFile) -> None:
    back = through_po(file)
    assert (back.project, back.entries) == (file.project, file.entries)


@given(files)
def test_xliff_brings_back_what_was_written(file: TranslationFile) -> None:
    assert through_xliff(file) == file


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("language", ["es", "en"])
def test_all_shipped_texts_come_back_unchanged(way: Way, language: str) -> None:
    file = exported(load(), language)
    back = way(file)
    assert back.entries == file.entries
    found = taken(load(), language, back, as_reviewed=True)
    assert (found.changed, found.unchanged, found.untranslated) == ((), len(file.entries), 0)


def entry(catalog: Catalog, name: str, language: str = "es") -> Entry:
    (found,) = [each for each in exported(catalog, language).entries if each.name == name]
    return found


def test_a_translator_sees_context_hash_terms_and_state() -> None:
    heading = next(e for e in exported(load(), "es").entries if any("grade level =" in n for n in e.notes))
    file = TranslationFile(PROJECT, "es-US", (heading,))
    written = po.write(file, NOW).decode()
    assert f'msgctxt "{heading.name}"' in written
    assert "#. Term: grade level = nivel de su grado" in written
    assert f"#. SHA-256 {heading.source_hash}" in written
    assert "#, fuzzy" in written
    assert "POT-Creation-Date: 2026-11-02 15:30+0000" in written
    assert "Language: es_US" in written
    assert "EMAIL@ADDRESS" not in written
    root = etree.fromstring(xliff.write(file))
    assert root.get("trgLang") == "es-US"
    assert root.find(".//{*}unit").get("name") == heading.name
    assert "Term: grade level = nivel de su grado" in [note.text for note in root.iterfind(".//{*}note")]


@pytest.mark.parametrize(
    ("state", "expected"), [("draft", "translated"), ("stale", "initial"), ("human_reviewed", "final")]
)
def test_states_have_the_names_of_xliff(state: str, expected: str) -> None:
    file = TranslationFile(PROJECT, "es-US", (replace(entry(load(), "report.title"), state=state),))
    assert etree.fromstring(xliff.write(file)).find(".//{*}segment").get("state") == expected


def changed(way: Way, name: str, **values: str) -> TranslationFile:
    return way(TranslationFile(PROJECT, "es-US", (replace(entry(load(), name), **values),)))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("state", "as_reviewed", "expected"),
    [
        ("human_reviewed", True, "human_reviewed"),
        ("human_reviewed", False, "draft"),
        ("draft", True, "draft"),
    ],
)
def test_a_changed_text_is_taken(way: Way, state: str, as_reviewed: bool, expected: str) -> None:
    file = changed(way, "report.headings.doing", text="¿Qué tal, {student}?", state=state)
    (wording,) = taken(load(), "es", file, as_reviewed=as_reviewed).changed
    now = entry(load(), "report.headings.doing")
    assert wording == Wording(
        "report", "headings.doing", "es", "¿Qué tal, {student}?", expected, now.source_hash
    )
    load().with_wording([wording])


@pytest.mark.parametrize("way", WAYS)
def test_a_review_is_taken_and_never_taken_away(way: Way) -> None:
    file = changed(way, "report.title", state="human_reviewed")
    (reviewed,) = taken(load(), "es", file, as_reviewed=True).changed
    assert reviewed.state == "human_reviewed"
    assert taken(load(), "es", file, as_reviewed=False).changed == ()
    older = changed(way, "report.title")
    assert taken(load().with_wording([reviewed]), "es", older, as_reviewed=True).changed == ()


@pytest.mark.parametrize("way", WAYS)
def test_a_text_left_empty_takes_nothing_away(way: Way) -> None:
    found = taken(load(), "es", changed(way, "report.title", text=""), as_reviewed=True)
    assert (found.changed, found.unchanged, found.untranslated) == ((), 0, 1)


TITLE = entry(load(), "report.title")
OTHER = source_hash("Another English")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("project", "language", "listed", "named"),
    [
        ("another", "es-US", [TITLE], "of the project 'another'"),
        (PROJECT, "vi", [TITLE], "not in Spanish"),
        (PROJECT, "es-US", [replace(TITLE, key="gone")], "report.gone: there is no such text"),
        (PROJECT, "es-US", [replace(TITLE, source_hash=OTHER)], "report.title: its English has changed"),
        (PROJECT, "es-US", [replace(TITLE, source="Report")], "report.title: its English has changed"),
        (PROJECT, "es-US", [replace(TITLE, text="{name}")], "title (es): English has no field {name}"),
    ],
)
def test_a_file_of_something_else_is_refused_by_name(
    way: Way, project: str, language: str, listed: list[Entry], named: str
) -> None:
    with pytest.raises(ContentError) as refused:
        taken(load(), "es", way(TranslationFile(project, language, tuple(listed))), as_reviewed=True)
    assert named in str(refused.value)


@pytest.mark.parametrize("second", [TITLE, replace(TITLE, source="Report", source_hash=OTHER)])
def test_a_text_that_is_there_twice_is_refused(second: Entry) -> None:
    both = TranslationFile(PROJECT, "es-US", (TITLE, second))
    with pytest.raises(ContentError, match="2 times"):
        taken(load(), "es", through_xliff(both), as_reviewed=True)
    first, other = (po.write(TranslationFile(PROJECT, "es-US", (each,)), NOW) for each in both.entries)
    with pytest.raises(ContentError, match=r"twice|2 times"):
        taken(load(), "es", po.read(first + b"#. Term" + other.partition(b"#. ")[2]), as_reviewed=True)


def test_so_many_problems_are_told_and_no_more() -> None:
    listed = tuple(replace(TITLE, key=f"gone{n}") for n in range(25))
    with pytest.raises(ContentError) as refused:
        taken(load(), "es", TranslationFile(PROJECT, "es", listed), as_reviewed=True)
    assert len(str(refused.value).splitlines()) == 21
    assert str(refused.value).endswith("… and 5 more")


@pytest.mark.parametrize(
    ("tag", "fits"), [("zh", True), ("zh-CN", True), ("zh_Hans", True), ("zh-TW", False), ("zh-Hant", False)]
)
def test_a_language_is_its_script_too(tag: str, fits: bool) -> None:
    empty = TranslationFile(PROJECT, tag, ())
    with nullcontext() if fits else pytest.raises(ContentError, match="not in Chinese"):
        assert taken(load(), "zh", empty, as_reviewed=True).changed == ()


XLIFF_1 = """<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2">
<file original="go-beyond-grades" source-language="en" target-language="es" datatype="plaintext"><body><group>
<trans-unit id="1" resname="report.title"><source>Family report</source>
  <target state="{state}">Informe <mrk mtype="seg">nuevo</mrk></target></trans-unit>
</group></body></file></xliff>"""


@pytest.mark.parametrize(
    ("state", "expected"),
    [("translated", "draft"), ("needs-review-translation", "draft"), ("signed-off", "human_reviewed")],
)
def test_xliff_1_2_is_read(state: str, expected: str) -> None:
    (found,) = xliff.read(XLIFF_1.replace("{state}", state).encode()).entries
    assert found == Entry(
        "report", "title", "Family report", "Informe nuevo", expected, source_hash("Family report")
    )


NOT_XLIFF = [
    (b"", "cannot be read"),
    (b"<xliff", "cannot be read"),
    (b"<html/>", "not XLIFF"),
    (b'<xliff version="3"/>', "not XLIFF"),
    (b'<xliff version="2.0" srcLang="fr" trgLang="es"/>', "English"),
    (b'<xliff version="2.0" srcLang="en"/>', "one language"),
    (b'<!DOCTYPE x [<!ENTITY a "b">]><xliff version="2.0" srcLang="en" trgLang="es"/>', "document type"),
    (b"<" + b"x" * MOST_BYTES, "larger than"),
]
UNIT = (
    '<xliff version="2.0" srcLang="en" trgLang="es"><file><unit name="report.title">{}</unit></file></xliff>'
)
BAD_UNITS = [
    (
        "<segment><source>A</source></segment><segment><source>B</source></segment>",
        "report.title: stands in several",
    ),
    ("<segment><source>A</source><target>B <ph/></target></segment>", "report.title: holds mark-up"),
]


@pytest.mark.parametrize(
    ("content", "named"), NOT_XLIFF + [(UNIT.format(unit).encode(), named) for unit, named in BAD_UNITS]
)
def test_what_is_not_xliff_is_refused(content: bytes, named: str) -> None:
    with pytest.raises(ContentError, match=named):
        xliff.read(content)


def test_no_file_beside_is_read_through_an_entity(tmp_path: Path) -> None:
    outside = tmp_path / "secret"
    outside.write_text("secret")
    attack = f'<!DOCTYPE xliff [<!ENTITY e SYSTEM "file://{outside}">]>' + UNIT.format(
        "<segment><source>&e;</source></segment>"
    )
    with pytest.raises(ContentError, match="document type"):
        xliff.read(attack.encode())


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"\xff\xfe", "UTF-8"),
        (b'msgid "a"\n', "cannot be read"),
        (b"rubbish", "cannot be read"),
        (b'msgid "a"\nmsgstr "b"\n', "msgctxt"),
        (b'msgctxt "a"\nmsgid "a"\nmsgid_plural "b"\nmsgstr[0] "b"\nmsgstr[1] "b"\n', "plural"),
        (b'msgid ""\nmsgstr "Plural-Forms: nplurals=x; plural=0;\\n"\n', "cannot be read"),
    ],
)
def test_what_is_not_po_is_refused(content: bytes, named: str) -> None:
    with pytest.raises(ContentError, match=named):
        po.read(content)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    for read in (po.read, xliff.read):
        with suppress(ContentError):
            assert isinstance(read(content), TranslationFile)


def test_a_po_file_of_windows_is_read() -> None:
    file = TranslationFile(PROJECT, "es-US", (entry(load(), "messages/hello.email.text"),))
    assert po.read(b"\xef\xbb\xbf" + po.write(file, NOW).replace(b"\n", b"\r\n")).entries == file.entries

"""The catalog finds, checks and fills texts, and says which file and key is at fault."""

import shutil
from pathlib import Path

import pytest

from content import languages, released
from content.catalog import SHIPPED, ContentError, load


def _all_but_two_languages(folder: str, names: list[str]) -> set[str]:
    others = {f"{language}.toml" for language in languages.languages()} - {"en.toml", "es.toml"}
    return (
        {name for name in names if name.endswith(".py")} | {"__pycache__", "messages", "campaigns"} | others
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped texts that a test may spoil."""
    copy = tmp_path / "content"
    shutil.copytree(SHIPPED, copy, ignore=_all_but_two_languages)
    message = copy / "messages" / "hello"
    message.mkdir(parents=True)
    (message / "message.toml").write_text(
        'version = 3\naudience = "all"\nchannels = ["email", "sms"]\nfields = ["school", "link"]\n'
    )
    for language, hello in (("en", "Hello"), ("es", "Hola")):
        (message / f"email.{language}.txt").write_text(
            f"Subject: {hello}\n\n{hello} from {{school}}. {{link}}\n"
        )
        (message / f"sms.{language}.txt").write_text(f"{hello} from {{school}}. {{link}}\n")
    return copy


def edit(file: Path, before: str, after: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ("A", "an A"),
        ("B+", "a B+"),
        ("F", "an F"),
        ("87", "an 87"),
        ("8", "an 8"),
        ("78", "a 78"),
        ("11", "an 11"),
        ("18", "an 18"),
        ("100", "a 100"),
        ("3", "a 3"),
        ("Meets", "the mark Meets"),
    ],
)
def test_a_mark_is_said_with_its_article(mark: str, said: str) -> None:
    fields = {"student": "Ana", "subject": "math", "mark": mark, "test": "state test"}
    assert load().sentence("MATCH_AT", "en", fields).startswith(f"Ana has {said} in math.")


@pytest.mark.parametrize(("mark", "said"), [("A", "una A"), ("87", "un 87"), ("Cumple", "la nota Cumple")])
def test_a_mark_is_said_with_its_gender(mark: str, said: str) -> None:
    fields = {"student": "Ana", "subject": "matemáticas", "mark": mark, "test": "examen", "time": "last_year"}
    assert f", Ana sacó {said} en matemáticas." in load().sentence("MATCH_AT", "es", fields)


def test_a_value_that_looks_like_a_field_stays_text() -> None:
    fields = {"student": "{mark}", "subject": "math", "mark": "B", "test": "state test"}
    assert load().sentence("MATCH_AT", "en", fields).startswith("{mark} has a B in math.")


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda c: c.text("report.headings.nothing", "en"), "headings.nothing"),
        (lambda c: c.text("nothing.at.all", "en"), "nothing"),
        (lambda c: c.text("report.title", "xx"), "xx"),
        (lambda c: c.text("report.headings.doing", "en", {}), "{student}"),
        (lambda c: c.text("questions.columns.AT", "en"), "questions.columns.AT"),
        (lambda c: c.texts("report.title", "en"), "report.title"),
        (lambda c: c.sentence("NOTHING", "en", {}), "NOTHING"),
        (lambda c: c.message("nothing", "email", "en"), "nothing"),
        (lambda c: c.state("nothing", "en"), "nothing"),
    ],
)
def test_what_is_missing_is_named(call: object, named: str) -> None:
    with pytest.raises(ContentError, match=named.replace("{", "\\{")):
        call(load())  # type: ignore[operator]


def test_messages_are_filled_and_escaped(folder: Path) -> None:
    template = load(folder).message("hello", "email", "es")
    assert (template.version, template.language, template.fields) == (3, "es", {"school", "link"})
    rendered = template.render({"school": "Tom & <b>Ana</b>", "link": "https://example.org/?a=1&b=2"})
    assert rendered.subject == "Hola"
    assert rendered.text == "Hola from Tom & <b>Ana</b>. https://example.org/?a=1&b=2\n"
    assert "Tom &amp; &lt;b&gt;Ana&lt;/b&gt;" in rendered.html
    with pytest.raises(ContentError, match="link"):
        template.render({"school": "S"})


def test_a_message_in_an_unknown_channel_or_language_is_an_error(folder: Path) -> None:
    with pytest.raises(ContentError, match="letter"):
        load(folder).message("hello", "letter", "en")
    with pytest.raises(ContentError, match="vi"):
        load(folder).message("hello", "sms", "vi")


@pytest.mark.parametrize(
    ("file", "before", "after", "named"),
    [
        ("report/es.toml", "{student}", "{estudiante}", "fields differ"),
        ("report/es.toml", 'title = "Informe', 'titulo = "Informe', "titulo"),
        ("report/es.toml", "\nversion = ", "\nversion = 9", "same version"),
        ("report/es.toml", 'title = "', "title = ", "TOML"),
        ("report/en.toml", "{subject}", "{Subject}", "Subject"),
        ("report/es.toml", '["", "la nota', '["x", "la nota', "empty pattern"),
        ("report/es.toml", '"una {mark}"', '"una {note}"', "{mark}"),
        ("report/es.toml", '"^[A-Z][+-]?$"', '"^[A-Z"', "is no pattern"),
        ("report/es.toml", "\nmark = [", "\nword = [", "forms of words"),
        ("report/es.toml", 'one = "{count} día"', 'one = "{number} día"', "that English has not"),
        ("library/questions/es.toml", ', "¿Hay algo más que {student} pueda probar?"', "", "another number"),
        ("messages/hello/sms.es.txt", "{link}", "", "fields differ"),
        ("messages/hello/message.toml", '"link"]', '"link", "date"]', "date"),
        ("messages/hello/email.es.txt", "Subject: ", "Asunto: ", "first line"),
    ],
)
def test_a_spoilt_text_stops_the_start(folder: Path, file: str, before: str, after: str, named: str) -> None:
    edit(folder / file, before, after)
    with pytest.raises(ContentError, match=named):
        load(folder)


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_the_same_files_in_every_language(folder: Path, channel: str) -> None:
    (folder / f"messages/hello/{channel}.es.txt").unlink()
    with pytest.raises(ContentError, match="hello"):
        load(folder)


def release(folder: Path) -> None:
    catalog = load.__wrapped__(folder)
    releases = catalog.releases
    for unit, version in catalog.versions().items():
        releases = released.added(releases, unit, version, catalog.hashes(unit))
    released.write(folder, releases)


def test_a_translation_grows_stale_when_its_english_changes_and_stays_so(folder: Path) -> None:
    (folder / "released.toml").unlink(missing_ok=True)
    release(folder)
    edit(folder / "released.toml", 'state = "draft"', 'state = "human_reviewed"')
    assert load.__wrapped__(folder).state("report", "es") == "human_reviewed"
    for language in ("en", "es"):
        edit(folder / f"report/{language}.toml", "\nversion = ", "\nversion = 9")
    edit(folder / "report/en.toml", "Family report", "Our family report")
    assert load.__wrapped__(folder).state("report", "es") == "stale"
    release(folder)
    assert load.__wrapped__(folder).state("report", "es") == "stale"
    assert load.__wrapped__(folder).state("page", "es") == "human_reviewed"
    edit(folder / "report/es.toml", "Informe para la familia", "Nuestro informe para la familia")
    assert load.__wrapped__(folder).state("report", "es") == "draft"


def test_a_release_never_alters_what_is_recorded(folder: Path) -> None:
    (folder / "released.toml").unlink(missing_ok=True)
    release(folder)
    first = (folder / "released.toml").read_text()
    edit(folder / "report/en.toml", "Family report", "Our family report")
    release(folder)
    assert (folder / "released.toml").read_text() == first

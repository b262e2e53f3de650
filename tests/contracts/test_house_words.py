"""No sentence that a family reads stands in Python or in a template: all come from `content/`, in every language."""

from __future__ import annotations

import ast

import pytest

from tests.contracts.family_words import in_python, in_template
from tests.contracts.tree import files, python_files, syntax, text

# One worker reads and parses the whole project once.
pytestmark = pytest.mark.xdist_group("house")

# Where what a family reads is put together. What staff read comes from elsewhere.
ROOMS = ("reports/family/", "campaign/web/family/")
FILES = (
    "campaign/documents/local_facts.py",
    "campaign/documents/printing.py",
    "campaign/documents/report_facts.py",
    "campaign/senders/email_message.py",
    "campaign/wordings/wording.py",
    "campaign/dispatch/writing.py",
    "content/formats.py",
    "content/frame.py",
)

# Path → beginnings of what looks like words for families and is none.
INNOCENT = {
    "campaign/web/family/blueprint.py": ["said also"],  # names of the style sheet
    "reports/family/press.py": ["no installed font has the letter"],  # for whoever runs the program
}


def family_files() -> list[str]:
    return [path for path in python_files() if path.startswith(ROOMS) or path in FILES]


def templates() -> list[str]:
    return [path for path in files() if path.startswith(ROOMS) and path.endswith((".html", ".svg", ".txt"))]


def test_no_sentence_for_families_stands_in_python() -> None:
    found = {f"{path}:{line}": said for path in family_files() for line, said in in_python(syntax(path))}
    others = {where: said for where, said in found.items() if not is_innocent(where.partition(":")[0], said)}
    assert others == {}


def is_innocent(path: str, said: str) -> bool:
    return any(said.startswith(beginning) for beginning in INNOCENT.get(path, []))


def test_what_is_excepted_is_still_there() -> None:
    for path, beginnings in INNOCENT.items():
        said = [words for _, words in in_python(syntax(path))]
        assert all(any(words.startswith(beginning) for words in said) for beginning in beginnings), path


def test_no_word_for_families_stands_in_a_template() -> None:
    found = {f"{path}:{line}": said for path in templates() for line, said in in_template(text(path))}
    assert found == {}


def test_there_is_something_to_look_at() -> None:
    assert len(family_files()) > 15
    assert len(templates()) > 12
    assert set(FILES) <= set(family_files())


@pytest.mark.parametrize(
    ("planted", "said"),
    [
        ('x = "Ana is doing well."', "Ana is doing well."),
        ('x = f"The test of {name}"', "The test of {}"),
        ('x = "Hello,\\n" + "your report"', "your report"),
        ('say("¿Cómo va?")', "¿Cómo va?"),
        ("x = \"<p class='a b'>Ask the teacher</p>\"", "<p class='a b'>Ask the teacher</p>"),
        ('x = {"a": "Good morning"}', "Good morning"),
        ('x = "Hello!"', "Hello!"),
        ("x = f\"<text x='{x}'>grade level</text>\"", "<text x='{}'>grade level</text>"),
    ],
)
def test_a_planted_sentence_is_found(planted: str, said: str) -> None:
    assert [found for _, found in in_python(ast.parse(planted))] == [said]


@pytest.mark.parametrize(
    "innocent",
    [
        '"""A docstring of a module."""',
        'def f():\n    """What it does."""',
        'raise ValueError(f"no room for {x}")',
        'problem = PageError("no room here")',
        'log.info("sent to all")',
        'rows = text("SELECT id FROM student WHERE id = :id")',
        'x = "report.headings.how"',
        'x = f\'<p lang="{a}" style="font-weight: bold">{b}</p>\'',
        """x = f'attachment; filename="{a} b.pdf"'""",
        'x = "text/plain; charset=utf-8"',
        'x = "Noto Nastaliq Urdu"',
        'x = "campaign" + ", " + "text/html"',
        'assert x, "must be there"',
    ],
)
def test_what_no_family_reads_is_left_alone(innocent: str) -> None:
    assert list(in_python(ast.parse(innocent))) == []


@pytest.mark.parametrize(
    ("planted", "said"),
    [
        ("<p>\nHello</p>", "Hello"),
        ("<h1>{{ say('title') }} of</h1>", "x1 of"),
        ("<img alt='A bar'>", "A bar"),
        ("<{{ tag }} class='sentence'>Hello</{{ tag }}>", "Hello"),
        ("{{ 'Good morning' }}", "'Good morning'"),
        ("{% if x %}Yes{% else %}<b>{{ y }}</b>{% endif %}", "Yes"),
        ("<button aria-label=\"Close {{ x }}\">×</button>", "Close x1"),
        ("&laquo;&nbsp;Zur&uuml;ck", "«\xa0Zurück"),
    ],
)  # fmt: skip
def test_a_planted_word_in_a_template_is_found(planted: str, said: str) -> None:
    assert [found for _, found in in_template(planted)] == [said]


def test_mark_up_keys_and_remarks_of_a_template_are_left_alone() -> None:
    innocent = (
        "<!doctype html><html lang='{{ tag }}'><style>p { color: red }</style>{# a remark here #}"
        "<p class='a b' id='main'>{{ say('door.title') }}: {{ x|join(', ') }}</p><!-- a remark --></html>"
    )
    assert list(in_template(innocent)) == []

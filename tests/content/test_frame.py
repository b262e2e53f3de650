"""Every e-mail stands in one frame: what its text becomes, what is escaped, what its hash pins."""

from __future__ import annotations

import pytest

from content import catalog, frame
from content.fields import fill

TEXT = """Hello,

See {child} here:

{reports}

Ask these:
1. What goes <well>?
2. What is hard?

--
You get this from {school}.
Stop these e-mails: {stop_link}
{postal_address}
"""
FIELDS = {
    "child": "<b>Ana</b>",
    "reports": "Ana: B.: https://example.org/r/1?a=1&b=2\nعلي: https://example.org/r/2",
    "school": "Tom & Ana School",
    "stop_link": 'https://example.org/stop/1?"x',
    "postal_address": "1 Main Street",
}


def rendered(text: str = TEXT, language: str = "en", **fields: str) -> str:
    markup = frame.markup("It's <here>", text, language)
    return fill(markup, frame.values(FIELDS | fields), "test")


def test_a_text_becomes_paragraphs_a_list_links_and_a_small_end() -> None:
    page = rendered()
    assert "<title>It's &lt;here&gt;</title>" in page
    assert "<p>Hello,</p>\n<p>See <bdi>&lt;b&gt;Ana&lt;/b&gt;</bdi> here:</p>" in page
    assert "<p>Ask these:</p>\n<ol>\n<li>What goes &lt;well&gt;?</li>\n<li>What is hard?</li>\n</ol>" in page
    assert '<a href="https://example.org/r/1?a=1&amp;b=2" dir="auto">Ana: B.</a><br>\n' in page
    assert '<a href="https://example.org/r/2" dir="auto">علي</a></p>' in page
    assert (
        '<a href="https://example.org/stop/1?&quot;x">Stop these e-mails</a><br>\n<bdi>1 Main Street</bdi></p>'
        in page
    )
    assert (
        page.index("<hr>")
        < page.index("You get this from <bdi>Tom &amp; Ana School</bdi>.")
        < page.index("Stop these")
    )
    assert "{" not in page


@pytest.mark.parametrize(
    ("language", "start"),
    [
        ("en", '<html lang="en-US" dir="ltr">'),
        ("ur", '<html lang="ur" dir="rtl">'),
        ("tl", '<html lang="fil" '),
    ],
)
def test_the_page_says_its_language_and_runs_in_its_direction(language: str, start: str) -> None:
    assert start in rendered(language=language)


@pytest.mark.parametrize(
    "line", ["1. Kid", "2) Kid", "١. Kid", "۳۔ Kid", "1、Kid", "1．Kid", "٢- Kid"]
)  # fmt: skip
def test_numbers_of_every_script_make_a_list(line: str) -> None:
    assert "<ol>\n<li>Kid</li>\n</ol>" in rendered(line)


@pytest.mark.parametrize("line", ["3.5 points more", "10-15 minutes", "1 Main Street", "Grade 5. Well done."])
def test_a_line_with_a_number_is_not_a_list(line: str) -> None:
    assert f"<p>{line}</p>" in rendered(line)


@pytest.mark.parametrize(
    ("line", "link"),
    [
        ("Stop: {stop_link}", ">Stop</a>"),
        ("停止：{stop_link}", ">停止</a>"),
        ("{stop_link}", "><bdi>https://e.org/s</bdi></a>"),
    ],
)
def test_a_link_is_called_by_the_words_before_it(line: str, link: str) -> None:
    assert f'<p><a href="https://e.org/s"{link}</p>' in rendered(line, stop_link="https://e.org/s")


def test_only_a_web_address_becomes_a_link() -> None:
    page = rendered("{reports}", reports="Ana: javascript:alert(1)\n<i>")
    assert "<a " not in page
    assert "Ana: javascript:alert(1)<br>\n&lt;i&gt;" in page


def test_a_text_without_an_end_has_no_line_across() -> None:
    assert "<hr>" not in rendered("Hello,\n\nthe school\n")


def test_the_hash_of_a_mail_pins_its_text_and_its_frame() -> None:
    unit = catalog.load().messages["hello"]
    subject, text, markup = unit.bodies["email"]["en"]
    others = [(subject + "!", text, markup), (subject, text + "!", markup), (subject, text, markup + " ")]
    hashes = {unit.channel_hash("email", "en")}
    for body in others:
        spoilt = type(unit)(unit.id, unit.version, unit.audience, unit.declared, {"email": {"en": body}})
        hashes.add(spoilt.channel_hash("email", "en"))
    assert len(hashes) == 4

"""The press on small documents: what it refuses, what it says in the tag tree, that it fetches nothing."""

from __future__ import annotations

import base64
import io
import subprocess
import sys

import pikepdf
import pytest
import segno
from weasyprint.urls import FatalURLFetchingError

from reports.family.press import RenderError, print_pages, print_sides

pytestmark = pytest.mark.xdist_group("render")


def document(body: str, language: str = "en") -> str:
    return f'<html lang="{language}"><head><title>T</title></head><body>{body}</body></html>'


def spoken(content: bytes) -> list[tuple[str, str]]:
    """Tag and language of every tag that carries one, in reading order."""
    file = pikepdf.open(io.BytesIO(content))
    found = []

    def walk(node: pikepdf.Object) -> None:
        if not isinstance(node, pikepdf.Dictionary) or "/S" not in node:
            return
        if "/Lang" in node:
            found.append((str(node.S), str(node.Lang)))
        children = node.get("/K", pikepdf.Array())
        for child in children if isinstance(children, pikepdf.Array) else [children]:
            walk(child)

    walk(file.Root.StructTreeRoot.K[0])
    return found


def test_every_language_of_the_markup_is_said_in_the_tag_tree() -> None:
    body = (
        '<section lang="ar" dir="rtl"><p>مرحبا</p><p lang="so">Wac</p></section>'
        '<section lang="en"><ul lang="es"><li>Hola</li></ul><p>Say <span lang="vi">chào</span> now.</p></section>'
    )
    content = print_pages("x", document(body, "ar"))
    assert spoken(content) == [
        ("/Sect", "ar"),
        ("/P", "so"),
        ("/Sect", "en"),
        ("/L", "es"),
        ("/Span", "vi"),
    ]
    assert str(pikepdf.open(io.BytesIO(content)).Root.Lang) == "ar"


def test_a_section_over_many_pages_keeps_its_language_on_each() -> None:
    lines = "".join(f"<p>Line {number}</p>" for number in range(300))
    content = print_pages("x", document(f'<section lang="es">{lines}</section>'))
    pages = len(pikepdf.open(io.BytesIO(content)).pages)
    assert pages > 2
    assert spoken(content) == [("/Sect", "es")] * pages


@pytest.mark.parametrize("url", ["file:///etc/hostname", "http://127.0.0.1:9/x.png", "data:text/html,Rivera"])
@pytest.mark.parametrize("tag", ['<img src="{}" alt="x"/>', '<p style="background: url({})">x</p>'])
def test_nothing_from_outside_is_fetched(url: str, tag: str) -> None:
    with pytest.raises(FatalURLFetchingError, match="outside"):
        print_sides("x", ["en"], ["normal"], lambda _: document(tag.format(url) + '<p id="end-0">x</p>'))


def test_a_picture_may_come_as_data_and_needs_words() -> None:
    code = base64.b64encode(png("https://families.example.org/r/abc")).decode()
    picture = f'<p><img src="data:image/png;base64,{code}" alt="Scan"/></p>'
    file = pikepdf.open(io.BytesIO(print_pages("x", document(picture))))
    assert any("/Image" in str(o.get("/Subtype")) for o in file.objects if isinstance(o, pikepdf.Stream))
    with pytest.raises(RenderError, match="alt description"):
        print_pages("x", document(picture.replace('alt="Scan"', 'alt=""')))


def png(text: str) -> bytes:
    buffer = io.BytesIO()
    segno.make(text, error="m", micro=False).save(buffer, kind="png", scale=4, border=0)
    return buffer.getvalue()


@pytest.mark.parametrize("body", ["<p>Ana Rivera", "<p>Ana Rivera &nbsp;</p>", "<p>Ana Rivera \x01</p>"])
def test_markup_that_is_not_well_formed_is_an_error_that_quotes_nothing(body: str) -> None:
    with pytest.raises(RenderError, match="K7F3: the markup is not well-formed") as raised:
        print_pages("K7F3", document(body))
    assert "Rivera" not in str(raised.value)


def test_the_first_density_that_fits_is_taken() -> None:
    tried = []

    def markup(density: str) -> str:
        tried.append(density)
        lines = {"roomy": 120, "normal": 10, "dense": 1}[density]
        return document("<p>x</p>" * lines + '<p id="end-0">x</p>')

    assert (
        len(pikepdf.open(io.BytesIO(print_sides("x", ["en"], ["roomy", "normal", "dense"], markup))).pages)
        == 1
    )
    assert tried == ["roomy", "normal"]
    with pytest.raises(RenderError, match="x: the text does not fit its 1 sides"):
        print_sides("x", ["en"], ["roomy"], markup)


def test_the_same_markup_gives_the_same_bytes_in_another_process() -> None:
    markup = document('<section lang="es"><h1>Hola</h1><p>Ana</p></section>')
    script = (
        "import sys; from reports.family.press import print_pages;"
        "sys.stdout.buffer.write(print_pages('x', sys.argv[1]))"
    )
    other = subprocess.run([sys.executable, "-c", script, markup], capture_output=True, check=True)
    assert other.stdout == print_pages("x", markup)

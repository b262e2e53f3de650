"""What a machine can check of a PDF's accessibility (PDF/UA-1, WCAG 2.2), and what the family report asks besides.

`python -m tools.pdf_accessibility FILE…` checks files. Not a substitute for veraPDF or for a person with a screen
reader; docs/accessibility.md says what each of them covers.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from pikepdf import Dictionary, Object, PdfError

from tools.pdf_tags import Tag, TaggedDocument, listed_names

# ISO 32000-1, 14.8.4.
STANDARD = frozenset(
    """Document Part Art Sect Div BlockQuote Caption TOC TOCI Index NonStruct Private P H H1 H2 H3 H4 H5 H6 L LI Lbl
    LBody Table TR TH TD THead TBody TFoot Span Quote Note Reference BibEntry Code Link Annot Ruby RB RT RP Warichu WT
    WP Figure Formula Form""".split()  # noqa: SIM905  a list of words
)
# A cell may be empty; any other tag without content makes a screen reader stop at nothing.
_MAY_BE_EMPTY = frozenset({"TD", "TH"})
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")


@dataclass(frozen=True)
class Check:
    """One thing that is looked at: `says` in words, `source` where it is asked, `find` gives what is wrong."""

    name: str
    says: str
    source: str
    find: Callable[[TaggedDocument], Iterator[str]]


def examine(content: bytes, names: Sequence[str] = ()) -> dict[str, list[str]]:
    """What is wrong with a PDF, by the name of the check, in the order of CHECKS; an empty list is well.

    `names` are those that only the pages may carry.
    """
    document = TaggedDocument(content, names)
    return {check.name: list(dict.fromkeys(check.find(document))) for check in CHECKS}


def _tagged(document: TaggedDocument) -> Iterator[str]:
    root = document.pdf.Root
    if not root.get("/MarkInfo", Dictionary()).get("/Marked", False):
        yield "the file does not say that it is tagged"
    if not document.tags:
        yield "there is no tag tree"
    yield from (f"/{tag.kind} is no standard tag" for tag in document.all_tags() if tag.kind not in STANDARD)


def _declared(document: TaggedDocument) -> Iterator[str]:
    with document.pdf.open_metadata() as metadata:
        if metadata.get("pdfuaid:part") != "1":
            yield "the metadata do not declare PDF/UA-1"


def _titled(document: TaggedDocument) -> Iterator[str]:
    with document.pdf.open_metadata() as metadata:
        if not metadata.get("dc:title"):
            yield "the metadata have no title"
    if not document.pdf.Root.get("/ViewerPreferences", Dictionary()).get("/DisplayDocTitle", False):
        yield "the window shows the file name instead of the title"


def _everything_tagged(document: TaggedDocument) -> Iterator[str]:
    yield from (f"page {page}: something is painted outside all tags" for page in document.untagged)
    reached = {(tag.page, number) for tag in document.all_tags() for number in _numbers(tag.element)}
    lost = [spot for spot, words in document.words.items() if words.strip() and spot not in reached]
    yield from (f"words that no tag holds: {len(lost)}" for _ in lost[:1])


def _numbers(element: Object) -> list[int]:
    kids = element.get("/K", [])
    return [int(kid) for kid in kids if isinstance(kid, int)] if not isinstance(kids, int) else [kids]


def _language_of_document(document: TaggedDocument) -> Iterator[str]:
    if not _LANGUAGE.fullmatch(document.language):
        yield f"the document's language is {document.language!r}"


def _language_of_parts(document: TaggedDocument) -> Iterator[str]:
    for tag in document.all_tags():
        if tag.kind == "Sect" and "/Lang" not in tag.element:
            yield "a section names no language"
        if not _LANGUAGE.fullmatch(tag.language):
            yield f"{tag.language!r} is no language"


def _pictures(document: TaggedDocument) -> Iterator[str]:
    for tag in document.all_tags():
        if tag.kind in ("Figure", "Formula") and not tag.alt.strip():
            yield "a picture has no words in its place"


def _headings(document: TaggedDocument) -> Iterator[str]:
    """From level 1, none left out on the way down."""
    last = 0
    for tag in document.all_tags():
        if not re.fullmatch("H[1-6]", tag.kind):
            continue
        level = int(tag.kind[1])
        if level > last + 1:
            yield f"a heading of level {level} follows one of level {last}"
        if not tag.words:
            yield f"a heading of level {level} has no words"
        last = level
    if last == 0:
        yield "there is no heading"


def _tables(document: TaggedDocument) -> Iterator[str]:
    for table in (tag for tag in document.all_tags() if tag.kind == "Table"):
        cells = [tag for tag in table.walk() if tag.kind in ("TH", "TD")]
        known = {bytes(cell.element.ID) for cell in cells if "/ID" in cell.element}
        if not any(cell.kind == "TH" for cell in cells):
            yield "a table has no header cells"
        for cell in cells:
            asked = [bytes(header) for header in cell.element.get("/A", Dictionary()).get("/Headers", [])]
            if cell.kind == "TD" and not asked:
                yield "a cell is under no header"
            if set(asked) - known:
                yield "a cell names a header that is not there"
        yield from _wrong_children(table, {"TR", "THead", "TBody", "TFoot", "Caption"})
        for part in table.walk():
            if part.kind in ("THead", "TBody", "TFoot"):
                yield from _wrong_children(part, {"TR"})
            elif part.kind == "TR":
                yield from _wrong_children(part, {"TH", "TD"})


def _lists(document: TaggedDocument) -> Iterator[str]:
    for tag in document.all_tags():
        if tag.kind == "L":
            yield from _wrong_children(tag, {"LI", "Caption"})
        elif tag.kind == "LI":
            yield from _wrong_children(tag, {"Lbl", "LBody"})
            if not any(child.kind == "LBody" for child in tag.children):
                yield "an item of a list has no body"


def _wrong_children(tag: Tag, allowed: set[str]) -> Iterator[str]:
    yield from (f"/{child.kind} stands in /{tag.kind}" for child in tag.children if child.kind not in allowed)


def _links(document: TaggedDocument) -> Iterator[str]:
    annotations = [
        note
        for page in document.pdf.pages
        for note in page.get("/Annots", [])
        if note.get("/Subtype") == "/Link"
    ]
    for note in annotations:
        words = str(note.get("/Contents", "")).strip()
        if not words:
            yield "a link is described by no words"
        elif re.match("[a-z]+://", words):
            yield "a link is described by its address, which is read letter by letter"
        if "/StructParent" not in note:
            yield "a link hangs on no tag"
    tags = [tag for tag in document.all_tags() if tag.kind == "Link"]
    yield from (
        "a link shows no words" for tag in tags if not tag.words and not any(t.alt for t in tag.walk())
    )
    if len(tags) < len(annotations):
        yield "a link has no tag"


def _tab_order(document: TaggedDocument) -> Iterator[str]:
    for number, page in enumerate(document.pdf.pages, start=1):
        if page.get("/Tabs") != "/S":
            yield f"page {number}: keys do not go through links in the order of the tags"


def _fonts(document: TaggedDocument) -> Iterator[str]:
    for page in document.pdf.pages:
        for font in page.resources.get("/Font", Dictionary()).values():
            for part in font.get("/DescendantFonts", [font]):
                held = part.get("/FontDescriptor", Dictionary())
                if not any(name in held for name in ("/FontFile", "/FontFile2", "/FontFile3")):
                    yield f"the font {font.get('/BaseFont')} is not embedded"
            if "/ToUnicode" not in font:
                yield f"the font {font.get('/BaseFont')} does not say which letters its shapes are"


def _letters(document: TaggedDocument) -> Iterator[str]:
    if any("\ufffd" in tag.words for tag in document.all_tags()):
        yield "some shapes stand for no letter"


def _no_empty_tags(document: TaggedDocument) -> Iterator[str]:
    for tag in document.all_tags():
        if not tag.children and not tag.own and tag.kind not in _MAY_BE_EMPTY:
            yield f"an empty /{tag.kind}"


def _order(document: TaggedDocument) -> Iterator[str]:
    """Numbered headings come one after the other, as on paper, and begin anew in the next language."""
    numbers = [
        int(found.group())
        for tag in document.all_tags()
        if tag.kind == "H2" and (found := re.match(r"\d+", tag.words))
    ]
    if any(number not in (1, last + 1) for last, number in pairwise([0, *numbers])):
        yield f"the questions are read in the order {numbers}"


def _names_nobody(document: TaggedDocument) -> Iterator[str]:
    """Titles and metadata carry the report's number alone; whoever lists files learns of no child."""
    allowed = {"/Title", "/Producer", "/Creator"}
    yield from (f"the file tells its {key[1:]}" for key in document.pdf.docinfo if key not in allowed)
    with document.pdf.open_metadata() as metadata:
        told = " ".join([str(metadata), *map(str, document.pdf.docinfo.values())])
    if any(name in told for name in document.names):
        yield "the metadata carry a name"


def _security(document: TaggedDocument) -> Iterator[str]:
    root = document.pdf.Root
    if document.pdf.is_encrypted and not document.pdf.allow.accessibility:
        yield "the file is locked for screen readers"
    found = [key for key in ("/OpenAction", "/AA", "/JavaScript") if key in root] + listed_names(
        root.get("/Type")
    )
    yield from (f"the file acts by itself: {key}" for key in found if key != "Catalog")


CHECKS = (
    Check("tagged", "The file is tagged, with standard tags only", "ISO 14289-1, 7.1", _tagged),
    Check("pdfua", "The file declares PDF/UA-1", "ISO 14289-1, 5", _declared),
    Check("title", "A title, and the window shows it", "ISO 14289-1, 7.1; WCAG 2.4.2", _titled),
    Check(
        "content",
        "All that is painted is tagged or marked as decoration",
        "ISO 14289-1, 7.1",
        _everything_tagged,
    ),
    Check("language", "The language of the document", "ISO 14289-1, 7.2; WCAG 3.1.1", _language_of_document),
    Check("languages", "The language of each part", "ISO 14289-1, 7.2; WCAG 3.1.2", _language_of_parts),
    Check("pictures", "Words in the place of each picture", "ISO 14289-1, 7.3; WCAG 1.1.1", _pictures),
    Check("headings", "Headings in order, none skipped", "ISO 14289-1, 7.4; WCAG 1.3.1", _headings),
    Check("tables", "Each cell under a header that is there", "ISO 14289-1, 7.5; WCAG 1.3.1", _tables),
    Check("lists", "Lists of items with a body", "ISO 14289-1, 7.6; WCAG 1.3.1", _lists),
    Check("links", "Links with words, described, on a tag", "ISO 14289-1, 7.18.5; WCAG 2.4.4", _links),
    Check("tab order", "Keys go in the order of the tags", "ISO 14289-1, 7.18.3; WCAG 2.4.3", _tab_order),
    Check("fonts", "Fonts embedded, their letters known", "ISO 14289-1, 7.21", _fonts),
    Check("letters", "Every shape stands for a letter", "ISO 14289-1, 7.21.7; WCAG 1.4.5", _letters),
    Check("no empty tags", "No tag without content", "PDF Association, Matterhorn 1.1, 09", _no_empty_tags),
    Check("reading order", "Questions are read in their order", "WCAG 1.3.2", _order),
    Check("names nobody", "Metadata carry no name and no date", "house rule", _names_nobody),
    Check("open", "Not locked, and nothing acts by itself", "ISO 14289-1, 7.16, 7.19", _security),
)


def main(arguments: Sequence[str]) -> int:
    """Print what is wrong with each file; 1 if anything is."""
    parser = argparse.ArgumentParser(prog="python -m tools.pdf_accessibility")
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="PDF to check")
    wrong = 0
    for file in parser.parse_args(arguments).files:
        try:
            found = {name: findings for name, findings in examine(file.read_bytes()).items() if findings}
        except (OSError, PdfError) as error:
            parser.error(f"{file} cannot be read as a PDF: {error}")
        print(f"{file}: {'all ' + str(len(CHECKS)) + ' checks passed' if not found else ''}")
        for name, findings in found.items():
            print(*(f"  {name}: {finding}" for finding in findings), sep="\n")
        wrong += len(found)
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What a screen reader finds in a tagged PDF: tags in reading order, each with its words and its language."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream

# A page's place in the file, and the number of the marked content on it.
Spot = tuple[tuple[int, int], int]
_TEXT = frozenset({"Tj", "TJ", "'", '"'})
_PAINT = _TEXT | {"f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "sh", "Do", "INLINE IMAGE"}
# The second shape of a letter stands for nothing of its own: <>.
_PAIR = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]*)>")
_TRIPLE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")


@dataclass(frozen=True)
class Tag:
    """One tag. `language` is that in force, from the nearest tag above that names one; `words` are its own and those
    of the tags below; `own` counts what hangs on the tag itself: marked content, annotations."""

    kind: str
    page: tuple[int, int] | None
    language: str
    alt: str
    words: str
    own: int
    element: Dictionary = field(repr=False)
    children: tuple[Tag, ...] = field(repr=False)

    def walk(self) -> Iterator[Tag]:
        """This tag and all below it, in reading order."""
        yield self
        for child in self.children:
            yield from child.walk()


class TaggedDocument:
    """A PDF opened for reading; `names` only its pages may carry. Raises pikepdf.PdfError where it is none."""

    def __init__(self, content: bytes, names: Sequence[str] = ()) -> None:
        self.names = names
        self.pdf = pikepdf.open(io.BytesIO(content))
        self.words: dict[Spot, str] = {}
        # Pages, counted from 1, on which something is painted outside all tags and not as decoration.
        self.untagged: list[int] = []
        for number, page in enumerate(self.pdf.pages, start=1):
            if _Page(page, self.words).loose:
                self.untagged.append(number)

    @property
    def language(self) -> str:
        return str(self.pdf.Root.get("/Lang", ""))

    @cached_property
    def tags(self) -> list[Tag]:
        """The tags below the document, each with its own below it; none where the file has no tag tree."""
        tree = self.pdf.Root.get("/StructTreeRoot")
        documents = _listed(tree.get("/K")) if tree is not None else []
        tops = [kid for document in documents for kid in _listed(document.get("/K"))]
        return [self._tag(top, self.language) for top in tops]

    def all_tags(self) -> Iterator[Tag]:
        for top in self.tags:
            yield from top.walk()

    def _tag(self, element: Dictionary, language: str) -> Tag:
        language = str(element.get("/Lang", language))
        page = element.Pg.objgen if "/Pg" in element else None
        words, children, own = [], [], 0
        for kid in _listed(element.get("/K")):
            if isinstance(kid, Dictionary) and "/S" in kid:
                child = self._tag(kid, language)
                children.append(child)
                words.append(child.words)
                continue
            own += 1
            number = kid.get("/MCID") if isinstance(kid, Dictionary) else kid
            if number is not None and page is not None:
                words.append(self.words.get((page, int(number)), ""))
        text = " ".join(" ".join(words).split())
        alt = str(element.get("/Alt", ""))
        return Tag(str(element.S)[1:], page, language, alt, text, own, element, tuple(children))


class _Page:
    """One page's content stream: its words by marked content, and whether anything on it is outside all tags."""

    def __init__(self, page: pikepdf.Page, words: dict[Spot, str]) -> None:
        self.loose = False
        fonts = page.resources.get("/Font", Dictionary())
        maps = {name: _unicode_map(font) for name, font in fonts.items()}
        marks: list[int | None] = []
        glyphs: dict[int, str] = {}
        for operands, operator in pikepdf.parse_content_stream(page):
            name, codes = str(operator), glyphs
            if name in ("BDC", "BMC"):
                marks.append(_mark(operands))
            elif name == "EMC":
                marks.pop()
            elif name == "Tf":
                glyphs = maps.get(str(operands[0]), {})
            if name in _PAINT and not marks:
                self.loose = True
            if name in _TEXT and marks and (mark := marks[-1]) is not None:
                spot = (page.objgen, mark)
                words[spot] = words.get(spot, "") + _decoded(operands[-1], codes)


def _mark(operands: list[Object]) -> int | None:
    """The number of marked content; None for decoration."""
    properties = operands[1] if len(operands) > 1 else None
    return int(properties.MCID) if isinstance(properties, Dictionary) and "/MCID" in properties else None


def _decoded(shown: Object, glyphs: dict[int, str]) -> str:
    strings = (
        [part for part in shown if isinstance(part, pikepdf.String)] if isinstance(shown, Array) else [shown]
    )
    codes = b"".join(bytes(string) for string in strings)
    pairs = (int.from_bytes(codes[place : place + 2], "big") for place in range(0, len(codes), 2))
    return "".join(glyphs.get(pair, "\ufffd") for pair in pairs)


def _unicode_map(font: Dictionary) -> dict[int, str]:
    """Which letters a font's codes stand for."""
    stream = font.get("/ToUnicode")
    if not isinstance(stream, Stream):
        return {}
    text, found = stream.read_bytes(), {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", text, re.DOTALL):
        found |= {int(code, 16): _letters(letters) for code, letters in _PAIR.findall(block)}
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", text, re.DOTALL):
        for first, last, letters in _TRIPLE.findall(block):
            start, begin = int(first, 16), int(letters, 16)
            found |= {code: chr(begin + code - start) for code in range(start, int(last, 16) + 1)}
    return found


def _letters(digits: bytes) -> str:
    return bytes.fromhex(digits.decode()).decode("utf-16-be")


def _listed(value: Object | None) -> list[Object]:
    if value is None:
        return []
    return list(value) if isinstance(value, Array) else [value]


def listed_names(value: Object | None) -> list[str]:
    """The names in a list or alone, without their slash."""
    return [str(name)[1:] for name in _listed(value) if isinstance(name, Name)]

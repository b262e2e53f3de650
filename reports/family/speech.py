"""The family report marked up for speech: the same five questions, read aloud, with time to think between them.

What is written with signs is said in words: "B-" as "B minus", a telephone number digit by digit, "2025–26" as two
years. A voice gets SSML (W3C Speech Synthesis Markup Language 1.1), in which every sentence says its language.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from xml.sax.saxutils import escape, quoteattr

from content import languages
from content.readability import sentences
from content.speech import SaidSigns, said_signs
from reports.family.report import EvidenceRow, FamilyReport

# Milliseconds of silence after a sentence, after a heading, and between the parts of the report.
AFTER_SENTENCE, AFTER_HEADING, BETWEEN_SECTIONS = 350, 600, 1100

_PHONE = re.compile(r"(?<![\w.-])\+?(?:1[ .-]?)?(?:\(\d{3}\) ?|\d{3}[ .-])?\d{3}[ .-]\d{4}(?![\w-])")
_SCHOOL_YEAR = re.compile(r"(?<!\d)(\d{2})(\d{2})[-–](\d{2})(?!\d)")
_MARK_WITH_SIGN = re.compile(r"(?<![\w+−–-])([A-Z])([+−–-])(?![\w+−–-])")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Said:
    """One sentence or heading in one language.

    `parts`: what is written, and what a voice says in its place: "" as it is written, the same again letter by letter.
    """

    parts: tuple[tuple[str, str], ...]
    language: str
    pause: int

    @property
    def text(self) -> str:
        return "".join(written for written, _ in self.parts)

    @property
    def aloud(self) -> str:
        """The words as they are said."""
        return "".join(said or written for written, said in self.parts)


@dataclass(frozen=True)
class SpeechScript:
    """A report to be read aloud, section by section, in `language` but for a few sentences."""

    language: str
    sections: tuple[tuple[Said, ...], ...]

    def only(self, spoken: Collection[str]) -> SpeechScript:
        """Without the sentences in languages that a voice does not speak."""
        kept = (tuple(said for said in section if said.language in spoken) for section in self.sections)
        return replace(self, sections=tuple(section for section in kept if section))

    def ssml(self, tag: Callable[[str], str] | None = None) -> str:
        """SSML, well-formed XML. `tag` gives the name by which a voice knows a language, else its BCP 47 tag."""
        named = tag or _tag
        pause = f'<break time="{BETWEEN_SECTIONS}ms"/>\n'
        body = pause.join(_paragraph(section, named) for section in self.sections)
        root = 'version="1.1" xmlns="http://www.w3.org/2001/10/synthesis"'
        return f"<speak {root} xml:lang={quoteattr(named(self.language))}>\n{body}</speak>\n"


def speech(report: FamilyReport) -> SpeechScript:
    """The report as it is read aloud. Raises ContentError where signs of the language have no words."""
    reader = _Reader(report)
    sections = (list(section) for section in reader.sections())
    return SpeechScript(report.language, tuple(tuple(section) for section in sections if section))


class _Reader:
    def __init__(self, report: FamilyReport) -> None:
        self.report = report
        rows = (row for block in report.subjects for row in block.rows if row.kind == "mark")
        letters = "".join({row.says for row in rows if len(row.says) == 1 and row.says.isalpha()})
        self.signs = said_signs(report.language)
        # "A" is a mark here, and a word of its own in many languages, with which a sentence may begin.
        self.letter = re.compile(rf"^[{letters}]$|(?<=[\s“«(])[{letters}](?![\w+−–’'-])") if letters else None

    def sections(self) -> Iterator[Iterator[Said]]:
        """The parts of the report in the order of its page."""
        r, labels = self.report, self.report.labels
        yield chain(
            self._heading(labels["title"], r.full_name),
            self._say(r.interpreter_line, language=r.interpreter_language),
            self._say(r.issued, r.notice),
        )
        yield self._doing()
        yield chain(self._heading(labels["headings.mean"]), self._say(*r.meanings))
        yield self._knowing()
        yield self._acting()
        closing = (labels[f"next.{key}"] for key in ("mistake", "privacy", "stop"))
        yield chain(
            self._heading(labels["headings.next"]), self._say(*r.steps, *r.note_said, *r.reach, *closing)
        )

    def _doing(self) -> Iterator[Said]:
        yield from self._heading(self.report.labels["headings.doing"])
        for block in self.report.subjects:
            picture = block.chart.description if block.chart else block.meaning
            yield from self._heading(block.title)
            yield from self._say(block.sentence, *block.notes, picture)

    def _knowing(self) -> Iterator[Said]:
        r = self.report
        yield from self._heading(r.labels["headings.know"])
        for block in r.subjects:
            yield from self._heading(block.title)
            yield from chain.from_iterable(self._row(row) for row in block.rows)
            yield from self._say(block.norm_title, block.norm)
        yield from self._row(r.attendance) if r.attendance else ()
        yield from self._say(*r.caveats)
        if r.policy:
            yield from self._say(r.policy.text, language=r.policy.language)

    def _row(self, row: EvidenceRow) -> Iterator[Said]:
        return self._say(row.source, row.says, row.detail, row.when)

    def _acting(self) -> Iterator[Said]:
        r = self.report
        yield from self._heading(r.labels["headings.now"])
        for title in dict.fromkeys(block.ask_title for block in r.subjects):
            yield from self._heading(title)
            for block in r.subjects:
                yield from self._say(*(block.questions if block.ask_title == title else ()))
        yield from self._heading(r.labels["now.home"], r.labels["now.minutes"])
        yield from self._say(*(block.activity for block in r.subjects))
        if r.programme:
            yield from self._heading(r.labels["now.sign_up"])
            yield from self._say(r.programme.title, r.programme.details, language=r.programme.language)
            yield from self._say(*r.programme.says)

    def _heading(self, *texts: str) -> Iterator[Said]:
        return (replace(said, pause=AFTER_HEADING) for said in self._say(*texts))

    def _say(self, *texts: str, language: str = "") -> Iterator[Said]:
        own = language or self.report.language
        signs = self.signs if own == self.report.language else None
        for sentence in chain.from_iterable(sentences(_plain(text)) for text in texts if text):
            yield Said(_parts(sentence, signs, self.letter), own, AFTER_SENTENCE)


def _parts(
    sentence: str, signs: SaidSigns | None, letter: re.Pattern[str] | None
) -> tuple[tuple[str, str], ...]:
    """Parts of a sentence as `Said` has them; without `signs`, what is written in another language."""
    found = {match.span(): _digits(match[0]) for match in _PHONE.finditer(sentence)}
    if signs and letter:
        found |= {match.span(): match[0] for match in letter.finditer(sentence)}
    if signs:
        found |= {match.span(): _mark(match, signs) for match in _MARK_WITH_SIGN.finditer(sentence)}
        found |= {match.span(): _years(match, signs) for match in _SCHOOL_YEAR.finditer(sentence)}
    parts: list[tuple[str, str]] = []
    end = 0
    for (start, stop), aloud in sorted(found.items()):
        if aloud and start >= end:
            parts += [(sentence[end:start], ""), (sentence[start:stop], aloud)]
            end = stop
    return tuple(part for part in (*parts, (sentence[end:], "")) if part[0])


def _mark(match: re.Match[str], signs: SaidSigns) -> str:
    return f"{match[1]} {signs.plus if match[2] == '+' else signs.minus}"


def _years(match: re.Match[str], signs: SaidSigns) -> str:
    """Both years in full; "" where the numbers are no school year."""
    century, first, last = match.groups()
    return signs.school_year(century + first, century + last) if int(last) == int(first) + 1 else ""


def _digits(number: str) -> str:
    """A telephone number digit by digit, with a short rest where it is written in groups."""
    return ", ".join(" ".join(group) for group in re.findall(r"\d+", number))


def _plain(text: str) -> str:
    """Without signs that steer writing only, such as those of direction."""
    kept = "".join(
        " " if letter.isspace() else letter for letter in text if unicodedata.category(letter) != "Cf"
    )
    return _SPACE.sub(" ", "".join(letter for letter in kept if unicodedata.category(letter) != "Cc")).strip()


def _tag(language: str) -> str:
    known = languages.languages().get(language)
    return known.tag if known else language


def _paragraph(section: tuple[Said, ...], tag: Callable[[str], str]) -> str:
    return "<p>" + "".join(_sentence(said, tag) for said in section) + "</p>\n"


def _sentence(said: Said, tag: Callable[[str], str]) -> str:
    # Each sentence says its language, the usual one too: some voices go on in the language of the one before.
    parts = "".join(_part(written, aloud) for written, aloud in said.parts)
    return f'<s xml:lang={quoteattr(tag(said.language))}>{parts}</s><break time="{said.pause}ms"/>'


def _part(written: str, aloud: str) -> str:
    if aloud == written:
        return f'<say-as interpret-as="characters">{escape(written)}</say-as>'
    return f"<sub alias={quoteattr(aloud)}>{escape(written)}</sub>" if aloud else escape(written)

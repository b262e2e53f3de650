"""The family report as plain text, for e-mail and Braille: the same order, the same words, no pictures."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from content import formats
from reports.family.report import LINK_PLACE, EvidenceRow, FamilyReport, SubjectBlock

BRAILLE_WIDTH = 40
# Invisible signs of direction, of which Braille knows nothing.
_WITHOUT_ISOLATES = dict.fromkeys(range(0x2066, 0x206A))


def plain_text(report: FamilyReport, width: int | None = None) -> str:
    """The whole report; lines of at most `width` letters, or one line a paragraph. Ends with a line end.

    Letters and punctuation alone, an empty line between parts: ready for a Braille translator.
    """
    parts = ["\n".join(_wrapped(line, width) for line in part if line) for part in _parts(report)]
    return "\n\n".join(part for part in parts if part).translate(_WITHOUT_ISOLATES) + "\n"


def _wrapped(line: str, width: int | None) -> str:
    return "\n".join(textwrap.wrap(line, width)) if width else line


def _parts(r: FamilyReport) -> Iterator[list[str]]:
    labels, language = r.labels, r.language
    yield [labels["title"], r.issued, r.full_name, *r.details]
    yield [r.interpreter_line]
    yield [r.notice]
    yield [f"1. {labels['headings.doing']}"]
    for block in r.subjects:
        yield _subject(block, language)
    yield [f"2. {labels['headings.mean']}", *r.meanings]
    yield [f"3. {labels['headings.know']}"]
    for block in r.subjects:
        rows = (_evidence(row, language) for row in block.rows)
        yield [formats.opened(block.title, language), *rows, _norm(block, language)]
    yield [_evidence(r.attendance, language)] if r.attendance else []
    yield [*r.caveats, r.policy.text if r.policy else ""]
    yield [f"4. {labels['headings.now']}"]
    yield from _actions(r)
    yield [f"5. {labels['headings.next']}", *r.steps, *r.note_said, *r.reach]
    if r.link:
        yield [labels["next.type"].replace(LINK_PLACE, r.link)]
    yield [labels[f"next.{key}"] for key in ("mistake", "privacy", "stop")]
    yield [labels["headings.your_turn"], labels["your_turn.intro"]]
    yield [
        labels[f"your_turn.{line}"] for line in ("loves", "learns", "hope", "question", "talk", "language")
    ]
    yield [labels["headings.words"], *(formats.titled(term, says, language) for term, says in r.glossary)]
    yield [labels["number"]]


def _subject(block: SubjectBlock, language: str) -> list[str]:
    picture = block.chart.description if block.chart else block.meaning
    return [formats.titled(block.title, block.verdict, language), block.sentence, *block.notes, picture]


def _evidence(row: EvidenceRow, language: str) -> str:
    """ "Report card: Math 5: B. Teacher: María Ortiz. Year, 2025–26." """
    return formats.sentences((formats.titled(row.source, row.says, language), row.detail, row.when), language)


def _norm(block: SubjectBlock, language: str) -> str:
    return formats.titled(block.norm_title, block.norm, language) if block.norm else ""


def _actions(r: FamilyReport) -> Iterator[list[str]]:
    for title in dict.fromkeys(block.ask_title for block in r.subjects):
        asked = [question for block in r.subjects if block.ask_title == title for question in block.questions]
        yield [formats.opened(title, r.language), *asked]
    home = f"{r.labels['now.home']} ({r.labels['now.minutes']})"
    yield [formats.opened(home, r.language), *(block.activity for block in r.subjects)]
    if r.programme:
        title = formats.titled(r.labels["now.sign_up"], r.programme.title, r.language)
        yield [title, r.programme.details, *r.programme.says]

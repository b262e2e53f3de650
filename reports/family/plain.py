"""The family report as plain text, for e-mail and Braille: the same order, the same words, no pictures."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

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
    labels = r.labels
    yield [labels["title"], r.issued, r.full_name, *r.details]
    yield [r.interpreter_line]
    yield [r.notice]
    yield [f"1. {labels['headings.doing']}"]
    for block in r.subjects:
        yield _subject(block)
    yield [f"2. {labels['headings.mean']}", *r.meanings]
    yield [f"3. {labels['headings.know']}"]
    for block in r.subjects:
        yield [f"{block.title}:", *(_evidence(row) for row in block.rows), _norm(block)]
    yield [_evidence(r.attendance)] if r.attendance else []
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
    yield [labels["headings.words"], *(f"{term}: {says}" for term, says in r.glossary)]
    yield [labels["number"]]


def _subject(block: SubjectBlock) -> list[str]:
    title = f"{block.title}: {block.verdict}" if block.verdict else block.title
    picture = block.chart.description if block.chart else block.meaning
    return [title, block.sentence, *block.notes, picture]


def _evidence(row: EvidenceRow) -> str:
    """ "Report card: Math 5: B. Teacher: María Ortiz. Year, 2025–26." """
    said = f"{row.source}: {row.says}" if row.says else row.source
    parts = [part.rstrip(".") for part in (said, row.detail, row.when) if part]
    return ". ".join(parts) + "."


def _norm(block: SubjectBlock) -> str:
    return f"{block.norm_title}: {block.norm}" if block.norm else ""


def _actions(r: FamilyReport) -> Iterator[list[str]]:
    for title in dict.fromkeys(block.ask_title for block in r.subjects):
        asked = [question for block in r.subjects if block.ask_title == title for question in block.questions]
        yield [f"{title}:", *asked]
    yield [
        f"{r.labels['now.home']} ({r.labels['now.minutes']}):",
        *(block.activity for block in r.subjects),
    ]
    if r.programme:
        yield [f"{r.labels['now.sign_up']}: {r.programme.title}", r.programme.details, *r.programme.says]

"""The family report as one frozen value: everything page and print show, already in the reader's language.

It is written by `reports.family.write` and drawn by `reports.family.render`; `to_json` and `from_json` keep it.
Positions in pictures are fractions of the bar's width, 0 at its left end. Scores are points of the test's scale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from content import formats

# Stands in a label for a link that is known only when the report is handed out.
LINK_PLACE = "\ufffc"


@dataclass(frozen=True)
class Segment:
    """One performance level of the bar. `name` is the state's own, "" where the test names none."""

    name: str
    start: float
    end: float
    at_grade_level: bool
    reached: bool


@dataclass(frozen=True)
class Chart:
    """The one picture of a subject. `band` is score ± 1 CSEM; None where only the level is known."""

    title: str
    description: str
    segments: tuple[Segment, ...]
    line: float
    line_label: str
    legend: str
    band: tuple[float, float] | None
    score: float | None


@dataclass(frozen=True)
class EvidenceRow:
    """One thing that was looked at: `kind` is mark, test or attendance.

    `state` is AT, CLOSE or NOT_YET for a test with a verdict, else "".
    """

    kind: str
    source: str
    says: str
    detail: str
    when: str
    state: str


@dataclass(frozen=True)
class SubjectBlock:
    """One subject. `norm` is what its grade meant for all students last year, "" where nothing may be said.

    Of two subjects the one that needs more carries two questions and the activity, the other one question and none.
    """

    subject: str
    title: str
    category: str
    state: str
    verdict: str
    sentence: str
    meaning: str
    notes: tuple[str, ...]
    chart: Chart | None
    rows: tuple[EvidenceRow, ...]
    ask_title: str
    questions: tuple[str, ...]
    activity: str
    norm_title: str = ""
    norm: str = ""


@dataclass(frozen=True)
class Programme:
    """One local thing to sign up for: what the district wrote, and in which language; `says` is in the report's."""

    title: str
    details: str
    language: str
    says: tuple[str, ...]


@dataclass(frozen=True)
class Passage:
    """A text of the district's own and its language, which is not always the report's."""

    text: str
    language: str


@dataclass(frozen=True)
class FamilyReport:
    """One report for one student in one language.

    `student` is the name in sentences, `full_name` the one at the top. `labels` are the fixed words of the page,
    by their key in `content/report`. `number` says nothing about the child. `caveats` belong beside the evidence.
    `steps` begins with the dated one; `reach` says who can be asked, and how. `notice` tells of an earlier version.
    In the label "next.type" LINK_PLACE stands for the short form of `link`. `teacher_note` is the teacher's own words
    in this language, "" where there are none.
    """

    number: str
    version: int
    language: str
    issued_on: date
    issued: str
    student: str
    full_name: str
    details: tuple[str, ...]
    subjects: tuple[SubjectBlock, ...]
    meanings: tuple[str, ...]
    steps: tuple[str, ...]
    reach: tuple[str, ...]
    programme: Programme | None
    interpreter_language: str
    interpreter_line: str
    notice: str
    labels: Mapping[str, str]
    glossary: tuple[tuple[str, str], ...]
    link: str = ""
    attendance: EvidenceRow | None = None
    caveats: tuple[str, ...] = ()
    policy: Passage | None = None
    teacher_note: str = ""
    teacher_note_by: str = ""

    @property
    def note_said(self) -> tuple[str, ...]:
        """The teacher's words with the name, where there are no marks of quotation; empty without a note."""
        if not self.teacher_note:
            return ()
        return (formats.titled(self.teacher_note_by, self.teacher_note, self.language),)

    def to_json(self) -> dict[str, Any]:
        """A JSON-ready dict from which `from_json` makes an equal report."""
        return asdict(self) | {"issued_on": self.issued_on.isoformat(), "labels": dict(self.labels)}


_LISTS = ("details", "meanings", "steps", "reach", "caveats")


def from_json(document: Mapping[str, Any]) -> FamilyReport:
    """The report that `to_json` wrote."""
    programme, attendance, policy = (document[name] for name in ("programme", "attendance", "policy"))
    return FamilyReport(
        **{
            **document,
            "issued_on": date.fromisoformat(document["issued_on"]),
            "subjects": tuple(_subject(block) for block in document["subjects"]),
            "programme": Programme(**{**programme, "says": tuple(programme["says"])}) if programme else None,
            "attendance": EvidenceRow(**attendance) if attendance else None,
            "policy": Passage(**policy) if policy else None,
            "glossary": tuple((term, says) for term, says in document["glossary"]),
            **{name: tuple(document[name]) for name in _LISTS},
        }
    )


def _subject(block: Mapping[str, Any]) -> SubjectBlock:
    return SubjectBlock(
        **{
            **block,
            "chart": _chart(block["chart"]) if block["chart"] else None,
            "rows": tuple(EvidenceRow(**row) for row in block["rows"]),
            "notes": tuple(block["notes"]),
            "questions": tuple(block["questions"]),
        }
    )


def _chart(chart: Mapping[str, Any]) -> Chart:
    band = chart["band"]
    segments = tuple(Segment(**segment) for segment in chart["segments"])
    return Chart(**{**chart, "segments": segments, "band": (band[0], band[1]) if band else None})

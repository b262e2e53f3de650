"""What a person says about a table while the mapping is being made, and the mapping document that comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as Values
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from campaign.intake.assessments.settings_file import SEASONS
from campaign.intake.dates import read_school_year
from campaign.intake.problems import RowRefused
from campaign.intake.spreadsheet.proposal import Proposal
from campaign.intake.spreadsheet.sample import Sample
from campaign.intake.spreadsheet.saved import OF_ONE_FILE
from campaign.intake.vocabulary import read_grade_level, subject_of

# Kind → fields that may be the same for every row, in the order in which they are asked.
FIXED = {
    "grades": ("subject", "scale", "school_year", "grade_level", "period_title", "is_final"),
    "scores": (
        "family",
        "title",
        "version",
        "assessment_kind",
        "subject",
        "season",
        "school_year",
        "grade_level",
    ),
    "attendance": ("school_year", "as_of"),
    "contacts": ("relation",),
}


class DraftError(Exception):
    """What was said cannot be used; the message says what to change."""


@dataclass(frozen=True)
class Draft:
    """`levels`: lowest first if `ordered`, else as they came; `cuts`: a line each, as “math 4 fall 200”.

    Numbers are texts as they were typed.
    """

    kind: str
    columns: Values[str, str] = field(default_factory=dict)
    values: Values[str, str] = field(default_factory=dict)
    date_order: str = ""
    levels: Sequence[str] = ()
    floor: str = ""
    cuts: str = ""
    error: str = ""
    ordered: bool = False

    def document(self, sample: Sample) -> dict[str, Any]:
        """The table [mapping]. Raises DraftError."""
        values: dict[str, Any] = {name: value for name, value in self.values.items() if value}
        document: dict[str, Any] = {"kind": self.kind, "columns": dict(self.columns), "values": values}
        if self.date_order:
            document["date_order"] = self.date_order
        if set(values) & set(OF_ONE_FILE):
            document["file"] = PurePosixPath(sample.name).name
        if self.kind == "scores" and (tests := list(self._tests(sample))):
            document["assessment"] = tests
        return document

    def _tests(self, sample: Sample) -> Iterator[dict[str, Any]]:
        known: dict[str, Any] = {}
        if self.levels:
            known["levels"] = [{"code": word} for word in self.levels]
        if self.floor:
            known["floor"] = self.floor
        if self.error:
            known["test_sem"] = _number(self.error, "The error of a score")
        if not known and not self.cuts.strip():
            return
        for subject in self._subjects(sample):
            yield {"subject": subject, **known}
        for line in self.cuts.splitlines():
            if line.strip():
                yield {**read_cut(line), **known}

    def _subjects(self, sample: Sample) -> list[str]:
        """Ours, in the order in which the rows first name them."""
        stated = [self.values["subject"]] if self.values.get("subject") else []
        met = [*stated, *sample.values.get(self.columns.get("subject", ""), ())]
        return list(dict.fromkeys(found for word in met if (found := subject_of(word))))


def read_cut(line: str) -> dict[str, Any]:
    """“math 4 fall 200” or “math 4 200”. Raises DraftError."""
    words = line.split()
    trouble = DraftError(
        f"“{line.strip()}” is no cut score. Write the subject, the grade, the season if there is one, and the lowest "
        "score, as in: math 4 fall 200."
    )
    if len(words) < 3:
        raise trouble
    *told, score = words
    season = told.pop().casefold() if told[-1].casefold() in SEASONS else None
    subject = subject_of(" ".join(told[:-1]))
    try:
        grade = read_grade_level(told[-1], "")
    except RowRefused:
        raise trouble from None
    if subject is None or grade is None:
        raise trouble
    cut = {"subject": subject, "grade": "K" if grade == 0 else grade, "cut": _number(score, "The cut score")}
    return cut | ({"season": season} if season else {})


def cut_lines(entries: Iterable[Values[str, Any]]) -> str:
    """The cuts of [[assessment]] tables, a line each; those without a grade have none."""
    lines = []
    for entry in entries:
        cut = entry.get("cut", _minimum(entry))
        if cut is not None and "grade" in entry:
            words = (entry.get("subject", ""), entry["grade"], entry.get("season", ""), f"{cut:g}")
            lines.append(" ".join(str(word) for word in words if word != ""))
    return "\n".join(lines)


def of_proposal(proposal: Proposal) -> Draft:
    levels = proposal.levels
    values = {"scale": proposal.scale.scale} if proposal.scale and proposal.scale.scale else {}
    return Draft(
        proposal.kind or "",
        proposal.columns,
        values,
        proposal.dates.order or "",
        levels.order if levels else (),
        (levels.floor or "") if levels else "",
        cut_lines(levels.cuts) if levels else "",
        ordered=levels is not None and levels.known,
    )


def of_document(document: Values[str, Any]) -> Draft:
    """A mapping that was saved before, to be changed."""
    tests = document.get("assessment", [])
    first = tests[0] if tests else {}
    return Draft(
        document["kind"],
        document.get("columns", {}),
        {name: str(value) for name, value in document.get("values", {}).items()},
        document.get("date_order", ""),
        tuple(str(level.get("code", "")) for level in first.get("levels", [])),
        str(first.get("floor", "")),
        cut_lines(tests),
        f"{first['test_sem']:g}" if "test_sem" in first else "",
        ordered=True,
    )


def problems_of(draft: Draft) -> list[str]:
    """What of the fixed values the readers could not read."""
    found = []
    for name, read in (("school_year", read_school_year), ("grade_level", read_grade_level)):
        try:
            read(draft.values.get(name, ""), name)
        except RowRefused:
            found.append(name)
    if (subject := draft.values.get("subject", "")) and subject_of(subject) is None:
        found.append("subject")
    return found


def _minimum(entry: Values[str, Any]) -> float | None:
    levels = entry.get("levels", [])
    return next((level.get("minimum") for level in levels if level.get("code") == entry.get("floor")), None)


def _number(text: str, what: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not abs(number) < 1e9:
        raise DraftError(f"{what} must be a number, not “{text.strip()}”.")
    return int(number) if number.is_integer() else number

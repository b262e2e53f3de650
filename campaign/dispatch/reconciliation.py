"""The reconciliation sheet: what became of everything that was planned, and whether it adds up. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from campaign.store.reconciliation import Part, Written

Counts = Counter[str]
COLUMNS = ("sent", "withheld", "failed", "to_look_at", "waiting")
CSV_COLUMNS = (
    "district",
    "campaign",
    "step",
    "rung",
    "channel",
    "planned",
    *COLUMNS,
    "unknown",
    "reason",
    "messages",
)


@dataclass
class Line:
    """One step of a campaign on one rung and channel; `counts` by heading, `reasons` why it was withheld or dropped."""

    district: str
    campaign: str
    step: str
    rung: int
    channel: str
    counts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def planned(self) -> int:
        return self.counts.total()


@dataclass(frozen=True)
class Difference:
    """A step that does not add up: `counted` by state, `written` in the ledger, `unknown` in a state nobody knows."""

    district: str
    campaign: str
    step: str
    counted: int
    written: int
    unknown: int


@dataclass(frozen=True)
class Sheet:
    """Lines in the order of the days. It is equal when there is no difference."""

    lines: Sequence[Line]
    differences: Sequence[Difference]

    @property
    def is_equal(self) -> bool:
        return not self.differences

    @property
    def totals(self) -> Counter[str]:
        return sum((line.counts for line in self.lines), Counter())

    @property
    def planned(self) -> int:
        return self.totals.total()

    @property
    def reasons(self) -> Counter[str]:
        return sum((line.reasons for line in self.lines), Counter())


def sheet(parts: Iterable[Part], written: Iterable[Written]) -> Sheet:
    """Set the states against the messages themselves, which were counted one by one: both must be the same."""
    lines: dict[tuple[str, str, str, int, str], Line] = {}
    for part in parts:
        key = (part.district, part.campaign, part.step, part.rung, part.channel)
        line = lines.setdefault(key, Line(*key))
        line.counts[part.heading] += part.messages
        if part.heading == "withheld":
            line.reasons[part.reason or ""] += part.messages
    counted: Counter[tuple[str, str, str]] = Counter()
    unknown: Counter[tuple[str, str, str]] = Counter()
    for (district, campaign, step, *_), line in lines.items():
        counted[district, campaign, step] += line.planned
        unknown[district, campaign, step] += line.counts["unknown"]
    there = {(one.district, one.campaign, one.step): one.messages for one in written}
    differences = [
        Difference(*key, counted=counted[key], written=there.get(key, 0), unknown=unknown[key])
        for key in dict.fromkeys([*counted, *there])
        if counted[key] != there.get(key, 0) or unknown[key]
    ]
    return Sheet(list(lines.values()), differences)


def csv_rows(sheet: Sheet) -> Iterator[tuple[str | int, ...]]:
    """For a spreadsheet: a row a line, and below it one for each reason why messages were withheld."""
    for line in sheet.lines:
        where = (line.district, line.campaign, line.step, line.rung, line.channel)
        yield (*where, line.planned, *(line.counts[name] for name in (*COLUMNS, "unknown")), "", "")
        for reason, count in line.reasons.most_common():
            yield (*where, *[""] * 7, reason, count)

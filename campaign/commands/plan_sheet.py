"""A campaign as lines for the terminal and rows for a spreadsheet: ids, days and counts, never a name or an address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from campaign.gate import Reason
from campaign.ledger import PlanSummary
from campaign.plan import Decision, Occurrence
from campaign.spreadsheets import row_writer
from campaign.store.messages import Reconciliation
from campaign.wording import NOT_KNOWN

PLAN_COLUMNS = (
    "day", "due_at_utc", "step", "contact_id", "student_ids", "channel", "language", "fallback_from",
    "message", "outcome", "reason",
)  # fmt: skip


@dataclass
class PlanSheet:
    """What a dry run would bring, gathered decision by decision."""

    counts: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)

    def add(self, occurrence: Occurrence, decision: Decision) -> None:
        line = self.counts.setdefault((occurrence.day.isoformat(), occurrence.step.id), Counter())
        line["nothing" if decision.withheld else _how(decision)] += 1

    def lines(self) -> Iterator[str]:
        """One line a step: how many get it by which channel and language, and how many get nothing."""
        for (day, step), counts in sorted(self.counts.items()):
            told = ", ".join(f"{count:,} {how}" for how, count in sorted(counts.items()) if how != "nothing")
            nothing = f"; {counts['nothing']:,} get nothing" if counts["nothing"] else ""
            yield f"  {day}  {step:<15} {told or 'nobody'}{nothing}"


def _how(decision: Decision) -> str:
    instead = " instead" if decision.wording.fallback_from else ""
    waits = ", waiting" if decision.waits else ""
    return f"{decision.channel} {decision.wording.language}{instead}{waits}"


def plan_lines(
    sheet: PlanSheet, summary: PlanSummary, without_contact: int, awaited: Iterable[str] = ()
) -> Iterator[str]:
    """`awaited`: which schools wait for which language."""
    yield "Dry run: nothing was written or sent."
    yield from (
        sheet.lines() if sheet.counts else ["  No step falls into these days; is the district's calendar in?"]
    )
    yield f"Decisions {summary.decisions:,} = messages {summary.planned:,} + nothing {summary.withheld:,}"
    if summary.fallbacks:
        yield f"English goes out in the place of another language {summary.fallbacks.total():,} times:"
    for language, count in summary.fallbacks.most_common():
        yield f"  {'not known' if language == NOT_KNOWN else language} {count:,}"
    if summary.waiting:
        yield f"{summary.waiting.total():,} of the messages wait for a language that a school must send in:"
    for message, count in summary.waiting.most_common():
        yield f"  waits: {message} {count:,}"
    yield from (f"  {line}" for line in awaited)
    for reason, count in summary.reasons.most_common():
        yield f"  nothing: {reason.replace('_', ' ')} {count:,}"
    if without_contact:
        yield f"{without_contact:,} students have no contact at all; the school has to ask whom to write to."


def reconciliation_lines(sheet: Reconciliation, reasons: list[tuple[str, int]]) -> Iterator[str]:
    """The table that sums, and below it why messages were withheld."""
    rows = {
        "planned": sheet.planned,
        "sent": sheet.sent,
        "withheld": sheet.withheld,
        "failed": sheet.failed,
        "to be looked at": sheet.to_look_at,
        "waiting": sheet.waiting,
    }
    for name, count in rows.items():
        yield f"  {'=' if name == 'sent' else '+' if name not in {'planned'} else ' '} {name:<16}{count:>10,}"
    for reason, count in reasons:
        yield f"    withheld: {reason.replace('_', ' '):<26}{count:>8,}"


@contextmanager
def plan_file(path: Path | None) -> Iterator[Callable[[Occurrence, Decision], object]]:
    """A writer of one CSV row a decision; writes nothing without a path."""
    if path is None:
        yield lambda occurrence, decision: None
        return
    with path.open("w", encoding="utf-8", newline="") as out:
        write = row_writer(out)
        write(PLAN_COLUMNS)
        yield lambda occurrence, decision: write(plan_row(occurrence, decision))


def plan_row(occurrence: Occurrence, decision: Decision) -> tuple[str | int, ...]:
    return (
        occurrence.day.isoformat(),
        decision.due_at.isoformat(timespec="minutes"),
        occurrence.step.id,
        decision.contact_id,
        " ".join(map(str, decision.student_ids)),
        decision.channel,
        decision.wording.language,
        decision.wording.fallback_from or "",
        decision.template,
        "nothing" if decision.withheld else "waits" if decision.waits else "message",
        decision.reason or (Reason.LANGUAGE_REQUIRED if decision.waits else ""),
    )

"""A campaign as lines for the terminal and rows for a spreadsheet: ids, days and counts, never a name or an address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from campaign.dispatch.ledger import PlanSummary
from campaign.gate import Reason
from campaign.plans.forecast import Cost, Pace, crowded, finish
from campaign.plans.plan import Decision, Occurrence
from campaign.spreadsheets import row_writer
from campaign.store.messages import Reconciliation
from campaign.wordings.wording import NOT_KNOWN, Wording

PLAN_COLUMNS = (
    "day", "due_at_utc", "step", "contact_id", "student_ids", "channel", "language", "fallback_from",
    "message", "outcome", "reason",
)  # fmt: skip


# Birthdays, booked talks and what was noticed already are among the steps.
UNFORESEEN = (
    "What has yet to happen to students cannot be foreseen; what is known of it today is counted above."
)


@dataclass(frozen=True)
class Prospects:
    """What a dry run is judged by: `rates` as `forecast.finish` takes them, the cost of its text messages,
    `without_contact` students whom nothing can concern, `awaited` which schools wait for which language."""

    pace: Pace
    cost: Cost
    without_contact: int
    awaited: Sequence[str] = ()


def _step_lines(summary: PlanSummary, pace: Pace) -> Iterator[str]:
    """One line a step: how many get it by which channel and language, and how many get nothing; when it is through."""
    several = len({slug for _, _, slug in summary.steps}) > 1
    full = crowded(summary.steps)
    for key, count in sorted(summary.steps.items()):
        day, step, slug = key
        told: Counter[str] = Counter()
        for (channel, wording, waits), contacts in count.languages.items():
            told[_how(channel, wording, waits)] += contacts
        shown = ", ".join(f"{contacts:,} {how}" for how, contacts in sorted(told.items()))
        nothing = f"; {count.reasons.total():,} get nothing" if count.reasons else ""
        of = f", {slug}" if several else ""
        yield f"  {day.isoformat()}  {step:<15} {shown or 'nobody'}{nothing}{of}"
        if full[key]:
            cap, days = count.rules.household_cap, count.rules.household_cap_days
            yield f"  {'':10}  {'':15} {full[key]:,} homes have had {cap} messages in {days} days by then"
        end = finish(count, pace)
        if end.at > count.occurrence.due_at:
            local = end.at.astimezone(ZoneInfo(count.zone))
            late = f"; {end.too_late:,} come too late and would be dropped" if end.too_late else ""
            yield f"  {'':10}  {'':15} through on {local:%Y-%m-%d} at {local:%H:%M}{late}"


def _unanswered(summary: PlanSummary) -> Iterator[str]:
    if summary.letters or summary.calls:
        yield f"If nobody answers: {summary.letters:,} letters and {summary.calls:,} calls at most"


def _how(channel: str, wording: Wording, waits: bool) -> str:
    instead = " instead" if wording.fallback_from else ""
    return f"{channel} {wording.language}{instead}{', waiting' if waits else ''}"


def plan_lines(summary: PlanSummary, prospects: Prospects) -> Iterator[str]:
    yield "Dry run: nothing was written or sent."
    if not summary.steps:
        yield "  No step falls into these days; is the district's calendar in?"
    yield from _step_lines(summary, prospects.pace)
    if summary.follows_events:
        yield UNFORESEEN
    cost = prospects.cost
    if cost.texts:
        yield f"Text messages {cost.texts:,} = {cost.parts:,} parts at most, {cost.dollars:,.2f} dollars"
    yield from _unanswered(summary)
    by_hand = (("letter", "Letters to print"), ("call", "Calls to make"))
    yield from (f"{work} {count:,}" for channel, work in by_hand if (count := summary.channels[channel]))
    yield f"Decisions {summary.decisions:,} = messages {summary.planned:,} + nothing {summary.withheld:,}"
    if summary.fallbacks:
        yield f"English goes out in the place of another language {summary.fallbacks.total():,} times:"
    for language, count in summary.fallbacks.most_common():
        yield f"  {'not known' if language == NOT_KNOWN else language} {count:,}"
    if summary.waiting:
        yield f"{summary.waiting.total():,} of the messages wait for a language that a school must send in:"
    for message, count in summary.waiting.most_common():
        yield f"  waits: {message} {count:,}"
    yield from (f"  {line}" for line in prospects.awaited)
    for reason, count in summary.reasons.most_common():
        yield f"  nothing: {reason.replace('_', ' ')} {count:,}"
    if prospects.without_contact:
        yield f"{prospects.without_contact:,} students have no contact at all; the school has to ask whom to write to."


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

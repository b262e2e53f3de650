"""The cascade of a step: by which other way a family is reached that does not answer, and after how long."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from campaign.definitions.definition_table import CampaignError, Table


class Way(StrEnum):
    """From the cheapest to the dearest; a cascade goes this way and never back."""

    OTHER = "other"
    LETTER = "letter"
    CALL = "call"


@dataclass(frozen=True)
class FollowUp:
    """One rung. `after`: so long nobody of the household has answered; `expires_after`: its own send-by."""

    by: Way
    after: timedelta
    expires_after: timedelta


def parse(table: Table, *, needs_report: bool) -> tuple[FollowUp, ...]:
    """The [[step.follow_up]] of a step, in their order. Raises CampaignError."""
    if not table.has("follow_up"):
        return ()
    entries = table.value("follow_up", list)
    if not all(isinstance(entry, dict) for entry in entries):
        raise table.error("follow_up", "write [[step.follow_up]] with keys below it")
    if entries and not needs_report:
        raise table.error(
            "follow_up", "needs needs_report = true: only by the report can we tell that nobody has answered"
        )
    found: list[FollowUp] = []
    for number, entry in enumerate(entries, start=1):
        one = _rung(Table(entry, f"{table.where}: follow_up {number}"))
        if found and list(Way).index(one.by) <= list(Way).index(found[-1].by):
            raise table.error(
                "follow_up", f"{one.by} cannot come after {found[-1].by}; the order is other, letter, call"
            )
        found.append(one)
    return tuple(found)


def needs_link(step: str, follow_ups: Collection[FollowUp], fields: frozenset[str]) -> None:
    """Refuse rungs below a message without the link to the report. Raises CampaignError."""
    if follow_ups and "reports" not in fields:
        raise CampaignError(
            f"step {step}: follow_up: the message has no link to the report, so nobody can tell who did not open it; "
            "choose a message with {reports}, or take the follow-ups out"
        )


def longest(follow_ups: Collection[FollowUp], expires_at: datetime) -> datetime:
    """When a cascade has had all its time: nothing of it begins after that."""
    return expires_at + sum((one.after + one.expires_after for one in follow_ups), timedelta())


def _rung(table: Table) -> FollowUp:
    found = FollowUp(
        by=Way(table.one_of("by", frozenset(Way))),
        after=timedelta(hours=table.whole("after_hours", 1, 24 * 60)),
        expires_after=timedelta(hours=table.whole("expires_after_hours", 1, 24 * 60)),
    )
    table.nothing_else()
    return found

"""What planning brought, counted: how many messages, in which languages, by which channels, and why some get none."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from campaign.alike import Told


class StepOnADay(Protocol):
    @property
    def day(self) -> date: ...


@dataclass
class PlanSummary:
    """`planned` and `withheld` count messages; `reasons`, `languages` and `channels` say more about them.
    `fallbacks`: languages in whose place English goes out. `waiting`: of the planned ones, by message, those that
    wait for a language that the school needs."""

    planned: int = 0
    withheld: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    channels: Counter[str] = field(default_factory=Counter)
    fallbacks: Counter[str] = field(default_factory=Counter)
    waiting: Counter[str] = field(default_factory=Counter)

    @property
    def decisions(self) -> int:
        return self.planned + self.withheld

    def add(self, occurrence: StepOnADay, told: Told) -> None:
        decision, contacts = told.decision, len(told.contacts)
        if decision.reason is not None:
            self.withheld += contacts
            self.reasons[decision.reason] += contacts
            return
        self.planned += contacts
        self.languages[decision.wording.language] += contacts
        if decision.wording.fallback_from is not None:
            self.fallbacks[decision.wording.fallback_from] += contacts
        self.channels[decision.channel] += contacts
        if decision.waits:
            self.waiting[decision.template] += contacts

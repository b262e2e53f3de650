"""What planning brought, counted: how many messages, in which languages, by which channels, and why some get none."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from campaign.definitions.definition import CHANNELS, CampaignDefinition
from campaign.definitions.follow_ups import Way
from campaign.gate import Rules
from campaign.plans.alike import Told
from campaign.plans.cascade_fates import NEXT_MAY_TRY
from campaign.plans.plan import Occurrence
from campaign.wordings.wording import Wording


@dataclass
class StepCount:
    """One step on one day in a dry run; `texts` are its text messages, by message and language, `homes` whom its
    cascade may follow: household and language; `households` those whose limit a message of it counts against. `zone`
    and `rules` are those of the district."""

    campaign: CampaignDefinition
    occurrence: Occurrence
    zone: str
    rules: Rules
    channels: Counter[str] = field(default_factory=Counter)
    languages: Counter[tuple[str, Wording, bool]] = field(default_factory=Counter)
    texts: Counter[tuple[str, Wording]] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    homes: set[tuple[str, str]] = field(default_factory=set)
    households: set[str] = field(default_factory=set)

    @property
    def letters(self) -> int:
        """At most, should nobody answer: one for each language of a home."""
        return len(self.homes) if self._has(Way.LETTER) else 0

    @property
    def calls(self) -> int:
        """At most: one a home."""
        return len({home for home, _ in self.homes}) if self._has(Way.CALL) else 0

    def _has(self, way: Way) -> bool:
        return any(rung.by is way for rung in self.occurrence.step.follow_ups)

    def add(self, told: Told) -> None:
        decision, contacts = told.decision, len(told.contacts)
        if self.occurrence.step.follow_ups and (decision.reason is None or decision.reason in NEXT_MAY_TRY):
            language = decision.wording.fallback_from or decision.wording.language
            self.homes.update((home, language) for home in told.households)
        if decision.reason is not None:
            self.reasons[decision.reason] += contacts
            return
        self.channels[decision.channel] += contacts
        self.languages[decision.channel, decision.wording, decision.waits] += contacts
        if decision.channel in CHANNELS:
            self.households.update(told.households)
        if decision.channel == "sms":
            self.texts[decision.template, decision.wording] += contacts


@dataclass
class PlanSummary:
    """`planned` and `withheld` count messages; `reasons`, `languages` and `channels` say more about them.
    `followed`: those written down because there was no answer. `fallbacks`: languages in whose place English goes out.
    `waiting`: of the planned ones, by message, those that wait for a language that the school needs. `steps`: of a dry
    run, by day, step and campaign, in no order; `follows_events`: whether steps follow what happens to students, of
    which only what is known is among them."""

    planned: int = 0
    withheld: int = 0
    followed: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    channels: Counter[str] = field(default_factory=Counter)
    fallbacks: Counter[str] = field(default_factory=Counter)
    waiting: Counter[str] = field(default_factory=Counter)
    steps: dict[tuple[date, str, str], StepCount] = field(default_factory=dict)
    follows_events: bool = False

    @property
    def decisions(self) -> int:
        return self.planned + self.withheld

    @property
    def letters(self) -> int:
        """Of a dry run: how many at most, should nobody answer."""
        return sum(step.letters for step in self.steps.values())

    @property
    def calls(self) -> int:
        return sum(step.calls for step in self.steps.values())

    @property
    def texts(self) -> Counter[tuple[str, Wording]]:
        """The text messages of a dry run, by message and language."""
        return sum((step.texts for step in self.steps.values()), Counter())

    def foresee(
        self, campaign: CampaignDefinition, occurrence: Occurrence, told: Told, zone: str, rules: Rules
    ) -> None:
        """As `add`, and keep it by day, step and campaign."""
        self.add(told)
        key = (occurrence.day, occurrence.step.id, campaign.slug)
        if key not in self.steps:
            self.steps[key] = StepCount(campaign, occurrence, zone, rules)
        self.steps[key].add(told)

    def add(self, told: Told) -> None:
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

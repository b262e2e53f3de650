"""A campaign as written in content/campaigns/: read, checked, and kept word for word as the revision it ran under."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import content
from campaign.definitions import follow_ups
from campaign.definitions.definition_table import CampaignError, Table
from campaign.definitions.follow_ups import FollowUp
from campaign.school_year.calendar import ANCHORS, DayKind, SendDay
from campaign.school_year.student_events import KNOWN_BEFORE, EventKind
from content.languages import languages
from reports.records import Category

__all__ = [
    "BELIEFS", "BY_PEOPLE", "CHANNELS", "SHIPPED", "SUBJECTS", "UNITS", "USUAL_PRIORITY", "Audience",
    "CampaignDefinition", "CampaignError", "Step", "load", "load_all", "parse",
]  # fmt: skip

SHIPPED = Path(content.__file__).parent / "campaigns"
SUBJECTS = frozenset({"math", "reading", "writing", "science", "social_studies"})
CHANNELS = frozenset({"email", "sms"})
# What no sender carries: a print run takes the letters, and a person of the school makes the calls.
BY_PEOPLE = frozenset({"letter", "call"})
UNITS = frozenset({"days", "school_days"})
BELIEFS = frozenset({"above", "at", "below", "not_sure", "skipped", "not_asked"})
USUAL_PRIORITY = 50
GOES_AGAIN, WAITS_FOR_A_PERSON = "again", "person"
IN_HOURS, AT_ONCE = "in_hours", "at_once"
# The campaign of answers to families, the only one whose steps need no approval and keep no hours; no file makes one.
ANSWERS = "answers"
DROP, DIGEST = "drop", "digest"


@dataclass(frozen=True)
class Audience:
    """Whom a step is for; an empty part leaves nobody out.

    `schools` by their ids in the rosters; `languages` as content/languages.toml names them; `believes` the answers of a
    contact about a student in one of `subjects`; `reachable_by` and `not_reachable_by` channels; `opened` whether the
    contact has looked at the student's current report.
    """

    categories: frozenset[str] = frozenset()
    subjects: frozenset[str] = frozenset()
    grade_levels: tuple[int, int] | None = None
    outdated: bool = False
    schools: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    reachable_by: frozenset[str] = frozenset()
    not_reachable_by: frozenset[str] = frozenset()
    believes: frozenset[str] = frozenset()
    opened: bool | None = None


@dataclass(frozen=True)
class Step:
    """What one [[step]] says. It hangs on days of the calendar (`anchor`) or on what happens to a student (`event`);
    the other is None. `at_least`: days missed, for the event absence. `notice_reason`: which law
    demands the message. `answers`: a person has answered this family (see `answer_messages`), in_hours or at_once.
    `when_full`: what becomes of it where the household has had enough messages.
    `follow_ups`: how families are reached that do not answer."""

    id: str
    anchor: DayKind | None
    offset: int
    unit: str
    send_on: SendDay
    at: time
    expires_after: timedelta
    priority: int
    message: str
    channels: tuple[str, ...]
    needs_report: bool
    waits_for_preview: bool
    audience: Audience
    event: EventKind | None = None
    at_least: int | None = None
    notice_reason: str = ""
    answers: str = ""
    when_full: str = DROP
    follow_ups: tuple[FollowUp, ...] = ()

    @property
    def gathers_when_full(self) -> bool:
        """Whether it waits for the weekly message where the household has had enough messages."""
        return self.when_full == DIGEST

    @property
    def corrects(self) -> bool:
        """Whether it puts right what an earlier message said."""
        kinds = (DayKind.CORRECTION, EventKind.CORRECTION)
        return self.audience.outdated or self.anchor in kinds or self.event in kinds

    @property
    def is_legal(self) -> bool:
        """Whether the law demands the message, so that it goes by letter where electronic ones were stopped."""
        return bool(self.notice_reason)


@dataclass(frozen=True)
class CampaignDefinition:
    """`document` is what was read, JSON-ready; `content_hash` its SHA-256. `priority` counts between campaigns.
    `ambiguous_email`: what becomes of an e-mail of which the provider gave no clear answer and told no event."""

    slug: str
    title: str
    steps: Mapping[str, Step]
    document: Mapping[str, Any]
    priority: int = USUAL_PRIORITY
    ambiguous_email: str = WAITS_FOR_A_PERSON

    @property
    def content_hash(self) -> str:
        plain = json.dumps(self.document, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(plain.encode()).hexdigest()


def load_all(folder: Path = SHIPPED) -> list[CampaignDefinition]:
    """Every campaign in `folder`, by name of file. Raises CampaignError."""
    return [load(file) for file in sorted(folder.glob("*.toml"))]


def load(file: Path) -> CampaignDefinition:
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise CampaignError(f"{file}: cannot be read as TOML: {error}") from error
    return parse(document, str(file))


def parse(document: Mapping[str, Any], where: str) -> CampaignDefinition:
    """Check a document read from TOML or from a stored revision. Raises CampaignError."""
    table = Table(document, where)
    slug, title = table.text("slug"), table.text("title")
    priority = table.whole("priority", 0, 100) if table.has("priority") else USUAL_PRIORITY
    ambiguous = WAITS_FOR_A_PERSON
    if table.has("ambiguous_email"):
        ambiguous = table.one_of("ambiguous_email", frozenset({GOES_AGAIN, WAITS_FOR_A_PERSON}))
    steps: dict[str, Step] = {}
    for number, entry in enumerate(table.value("step", list), start=1):
        if not isinstance(entry, dict):
            raise CampaignError(f"{where}: step {number}: write [[step]] with keys below it")
        step = _step(Table(entry, f"{where}: step {entry.get('id', number)}"))
        if step.id in steps:
            raise CampaignError(f"{where}: step {step.id}: id: is used twice; give each step its own")
        if step.answers and slug != ANSWERS:
            raise CampaignError(
                f"{where}: step {step.id}: answers: is only for answers of staff to families; leave it out"
            )
        steps[step.id] = step
    if not steps:
        raise CampaignError(f"{where}: step: there is none; write at least one [[step]]")
    table.nothing_else()
    return CampaignDefinition(slug, title, steps, document, priority, ambiguous)


def _step(table: Table) -> Step:
    anchor, event = _trigger(table)
    step = Step(
        id=table.text("id"),
        anchor=anchor,
        offset=table.whole("offset", -90, 365),
        unit=table.one_of("unit", UNITS),
        send_on=SendDay(table.one_of("send_on", frozenset(SendDay))),
        at=table.clock("at"),
        expires_after=timedelta(hours=table.whole("expires_after_hours", 1, 24 * 60)),
        priority=table.whole("priority", 0, 100),
        message=table.text("message"),
        channels=tuple(table.some_of("channels", CHANNELS | BY_PEOPLE)),
        needs_report=table.value("needs_report", bool),
        follow_ups=follow_ups.parse(table, needs_report=table.value("needs_report", bool)),
        waits_for_preview=table.value("waits_for_preview", bool),
        audience=_audience(table),
        event=event,
        at_least=table.whole("at_least", 1, 180) if event is EventKind.ABSENCE else None,
        notice_reason=_notice_reason(table),
        answers=table.one_of("answers", frozenset({IN_HOURS, AT_ONCE})) if table.has("answers") else "",
        when_full=table.one_of("when_full", frozenset({DROP, DIGEST})) if table.has("when_full") else DROP,
    )
    if not step.channels:
        raise table.error("channels", 'is empty; write for example ["email", "sms"]')
    table.nothing_else()
    return step


def _notice_reason(table: Table) -> str:
    """Why nobody can stop the message, of a step with notice = "legal"; "" of all others."""
    if not table.has("notice"):
        return ""
    table.one_of("notice", frozenset({"legal"}))
    if "letter" not in table.some_of("channels", CHANNELS | BY_PEOPLE):
        raise table.error(
            "channels", 'needs "letter" for a legal notice: that is how it comes to who stopped the rest'
        )
    return table.text("notice_reason")


def _trigger(table: Table) -> tuple[DayKind | None, EventKind | None]:
    """A day of the calendar or an event, and not both."""
    if not table.has("event"):
        return DayKind(table.one_of("anchor", ANCHORS)), None
    if table.has("anchor"):
        raise table.error("event", "stands beside anchor; a step hangs on one of the two")
    event = EventKind(table.one_of("event", frozenset(EventKind)))
    if event not in KNOWN_BEFORE and table.whole("offset", -90, 365) < 0:
        raise table.error(
            "offset", f"is before the event; known beforehand: {', '.join(sorted(KNOWN_BEFORE))}"
        )
    return None, event


def _audience(table: Table) -> Audience:
    if not table.has("audience"):
        return Audience()
    inner = Table(table.value("audience", dict), f"{table.where}: audience")
    levels = inner.value("grade_levels", list) if inner.has("grade_levels") else None
    if levels is not None and not _is_range(levels):
        raise inner.error("grade_levels", "must be [lowest, highest], for example [3, 8]")
    audience = Audience(
        categories=frozenset(inner.some_of("categories", frozenset(Category), needed=False)),
        subjects=frozenset(inner.some_of("subjects", SUBJECTS, needed=False)),
        grade_levels=(levels[0], levels[1]) if levels is not None else None,
        outdated=inner.value("outdated", bool) if inner.has("outdated") else False,
        schools=frozenset(inner.texts("schools")),
        languages=frozenset(inner.some_of("languages", frozenset(languages()), needed=False)),
        reachable_by=frozenset(inner.some_of("reachable_by", CHANNELS, needed=False)),
        not_reachable_by=frozenset(inner.some_of("not_reachable_by", CHANNELS, needed=False)),
        believes=frozenset(inner.some_of("believes", BELIEFS, needed=False)),
        opened=inner.value("opened", bool) if inner.has("opened") else None,
    )
    inner.nothing_else()
    return audience


def _is_range(levels: list[Any]) -> bool:
    return len(levels) == 2 and all(type(level) is int for level in levels) and levels[0] <= levels[1]

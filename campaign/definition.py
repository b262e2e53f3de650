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
from campaign.calendar import ANCHORS, DayKind, SendDay
from reports.records import Category

SHIPPED = Path(content.__file__).parent / "campaigns"
SUBJECTS = frozenset({"math", "reading", "writing", "science", "social_studies"})
CHANNELS = frozenset({"email", "sms"})
UNITS = frozenset({"days", "school_days"})


class CampaignError(Exception):
    """A campaign file cannot be used; the message names file, step, key and what to write."""


@dataclass(frozen=True)
class Audience:
    """Whom a step is for; an empty part leaves nobody out."""

    categories: frozenset[str] = frozenset()
    subjects: frozenset[str] = frozenset()
    grade_levels: tuple[int, int] | None = None
    outdated: bool = False


@dataclass(frozen=True)
class Step:
    id: str
    anchor: DayKind
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


@dataclass(frozen=True)
class CampaignDefinition:
    """`document` is what was read, JSON-ready; `content_hash` its SHA-256."""

    slug: str
    title: str
    steps: Mapping[str, Step]
    document: Mapping[str, Any]

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
    table = _Table(document, where)
    slug, title = table.text("slug"), table.text("title")
    steps: dict[str, Step] = {}
    for number, entry in enumerate(table.value("step", list), start=1):
        if not isinstance(entry, dict):
            raise CampaignError(f"{where}: step {number}: write [[step]] with keys below it")
        step = _step(_Table(entry, f"{where}: step {entry.get('id', number)}"))
        if step.id in steps:
            raise CampaignError(f"{where}: step {step.id}: id: is used twice; give each step its own")
        steps[step.id] = step
    if not steps:
        raise CampaignError(f"{where}: step: there is none; write at least one [[step]]")
    table.nothing_else()
    return CampaignDefinition(slug, title, steps, document)


def _step(table: _Table) -> Step:
    step = Step(
        id=table.text("id"),
        anchor=DayKind(table.one_of("anchor", ANCHORS)),
        offset=table.whole("offset", -90, 365),
        unit=table.one_of("unit", UNITS),
        send_on=SendDay(table.one_of("send_on", frozenset(SendDay))),
        at=table.clock("at"),
        expires_after=timedelta(hours=table.whole("expires_after_hours", 1, 24 * 60)),
        priority=table.whole("priority", 0, 100),
        message=table.text("message"),
        channels=tuple(table.some_of("channels", CHANNELS)),
        needs_report=table.value("needs_report", bool),
        waits_for_preview=table.value("waits_for_preview", bool),
        audience=_audience(table),
    )
    if not step.channels:
        raise table.error("channels", 'is empty; write for example ["email", "sms"]')
    table.nothing_else()
    return step


def _audience(table: _Table) -> Audience:
    if "audience" not in table.document:
        return Audience()
    inner = _Table(table.value("audience", dict), f"{table.where}: audience")
    levels = inner.value("grade_levels", list) if "grade_levels" in inner.document else None
    if levels is not None and not _is_range(levels):
        raise inner.error("grade_levels", "must be [lowest, highest], for example [3, 8]")
    audience = Audience(
        categories=frozenset(inner.some_of("categories", frozenset(Category), needed=False)),
        subjects=frozenset(inner.some_of("subjects", SUBJECTS, needed=False)),
        grade_levels=(levels[0], levels[1]) if levels is not None else None,
        outdated=inner.value("outdated", bool) if "outdated" in inner.document else False,
    )
    inner.nothing_else()
    return audience


def _is_range(levels: list[Any]) -> bool:
    return len(levels) == 2 and all(type(level) is int for level in levels) and levels[0] <= levels[1]


class _Table:
    """One table of the document, asked key by key, so that whatever was not asked for can be refused."""

    def __init__(self, document: Mapping[str, Any], where: str) -> None:
        self.document = document
        self.where = where
        self._asked: set[str] = set()

    def error(self, key: str, problem: str) -> CampaignError:
        return CampaignError(f"{self.where}: {key}: {problem}")

    def value(self, key: str, kind: type) -> Any:
        self._asked.add(key)
        if key not in self.document:
            raise self.error(key, "is missing; content/campaigns/go-beyond-grades.toml explains every key")
        found = self.document[key]
        if type(found) is not kind:
            raise self.error(key, f"must be {_KINDS[kind]}, not {found!r}")
        return found

    def text(self, key: str) -> str:
        found: str = self.value(key, str)
        if not found.strip():
            raise self.error(key, "is empty; write a short name")
        return found

    def whole(self, key: str, lowest: int, highest: int) -> int:
        found: int = self.value(key, int)
        if not lowest <= found <= highest:
            raise self.error(key, f"must lie between {lowest} and {highest}, not {found}")
        return found

    def clock(self, key: str) -> time:
        try:
            return time.fromisoformat(self.text(key))
        except ValueError:
            raise self.error(key, 'must be a time of day such as "17:30"') from None

    def one_of(self, key: str, known: frozenset[Any]) -> str:
        found = self.text(key)
        self._refuse_unknown(key, [found], known)
        return found

    def some_of(self, key: str, known: frozenset[Any], needed: bool = True) -> list[str]:
        if not needed and key not in self.document:
            return []
        found: list[str] = self.value(key, list)
        self._refuse_unknown(key, found, known)
        return found

    def nothing_else(self) -> None:
        for key in self.document.keys() - self._asked:
            raise self.error(key, f"is not known here; known: {', '.join(sorted(self._asked))}")

    def _refuse_unknown(self, key: str, found: list[str], known: frozenset[Any]) -> None:
        for value in found:
            if value not in known:
                raise self.error(key, f"{value!r} is not known; write one of {', '.join(sorted(known))}")


_KINDS = {
    list: "a list",
    dict: "a table",
    bool: "true or false",
    int: "a whole number",
    str: "a text in quotes",
}

"""What has changed since a campaign was approved, place by place; and what would keep its messages from families."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_date

from campaign.classroom import Held
from campaign.web.staff import translation_words, words


@dataclass(frozen=True)
class Change:
    """One thing that is said otherwise now; "" where it was not there before, or is not any more."""

    place: str
    before: str
    now: str


def between(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Change]:
    """Every difference of two contents (see `approvals.Content`), in the order of the campaign."""
    return [*_definition(before, now), *_days(before, now), *_sender(before, now), *_texts(before, now)]


def waiting(held: Held) -> str:
    """A sentence on the teachers' preview, or ""."""
    count = held.in_preview + held.by_teachers
    if not count:
        return ""
    return (
        f"{words.count(count, 'report')} {'waits' if count == 1 else 'wait'} for teachers ({held.by_teachers:,} held by"
        " a teacher): these families get messages when the teachers have looked."
    )


def _definition(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Change]:
    was, holds = before["definition"], now["definition"]
    for key in sorted((was.keys() | holds.keys()) - {"step"}):
        yield from _change(f"Campaign: {key}", was.get(key), holds.get(key))
    old = {step["id"]: step for step in was.get("step", [])}
    new = {step["id"]: step for step in holds.get("step", [])}
    for id in [*new, *(id for id in old if id not in new)]:
        step = f"Step “{words.step(id)}”"
        if id not in old or id not in new:
            yield Change(step, _said(old.get(id)), _said(new.get(id)))
            continue
        for key in sorted(old[id].keys() | new[id].keys()):
            yield from _change(f"{step}: {key.replace('_', ' ')}", old[id].get(key), new[id].get(key))
    if old.keys() == new.keys() and list(old) != list(new):
        yield Change("Order of the steps", ", ".join(old), ", ".join(new))


def _days(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Change]:
    was, holds = before["days"], now["days"]
    for kind in sorted(was.keys() | holds.keys()):
        gone, new = (
            set(one.get(kind, ())) - set(other.get(kind, ())) for one, other in ((was, holds), (holds, was))
        )
        if gone or new:
            yield Change(f"Calendar: {words.step(kind)}", _dates(gone), _dates(new))


def _dates(days: Iterable[str]) -> str:
    """The days that differ, as people write them."""
    return ", ".join(
        format_date(date.fromisoformat(day), "MMMM d, y", locale="en_US") for day in sorted(days)
    )


def _sender(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Change]:
    for key in sorted(before["sender"].keys() | now["sender"].keys()):
        place = f"Sender: {key.replace('_', ' ')}"
        yield from _change(place, before["sender"].get(key), now["sender"].get(key))
    was, holds = before["interpreter"], now["interpreter"]
    for language in sorted(was.keys() | holds.keys()):
        place = f"Line about the interpreter, {words.language(language)}"
        yield from _change(place, was.get(language), holds.get(language))


def _texts(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Change]:
    was, holds = _flat(before["texts"]), _flat(now["texts"])
    for unit, language, key in sorted(was.keys() | holds.keys()):
        place = f"{translation_words.unit(unit)}, {words.language(language)}: {translation_words.key(key)}"
        yield from _change(place, was.get((unit, language, key)), holds.get((unit, language, key)))


def _flat(texts: Mapping[str, Mapping[str, Mapping[str, str]]]) -> dict[tuple[str, str, str], str]:
    return {
        (unit, language, key): said
        for unit, languages in texts.items()
        for language, keys in languages.items()
        for key, said in keys.items()
    }


def _change(place: str, before: Any, now: Any) -> Iterator[Change]:
    if before != now:
        yield Change(place, _said(before), _said(now))


def _said(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and not any(isinstance(one, dict) for one in value):
        return ", ".join(map(str, value))
    return json.dumps(value, ensure_ascii=False, sort_keys=True)

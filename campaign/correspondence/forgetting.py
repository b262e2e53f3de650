"""What families and staff said to each other is deleted when its time is over; the rows that count it stay.

Words go in portions, each with its trace in one transaction: a kill leaves what is not done for the next night, and two
workers share the work. Files follow their rows: `conversation_rounds.clean_files` deletes what no row names.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.settings import Settings
from campaign.store import audit, occurrences
from campaign.store import forgetting as store
from campaign.store.forgetting import Portion

PORTION = 200
SOON = timedelta(days=30)


@dataclass(frozen=True)
class Ahead:
    """How much loses its words now, and how much will within 30 days if nobody touches it; by kind."""

    now: Counter[str]
    soon: Counter[str]


def forget(engine: Engine, settings: Settings, now: datetime) -> Counter[str]:
    """Delete the words of what is over; how many rows of what lost theirs. Nothing where words are kept for ever."""
    done: Counter[str] = Counter()
    days = settings.conversations.keep_texts_days
    if not days:
        return done
    with transaction(engine, ENGINE) as connection:
        districts = [district.id for district in occurrences.districts(connection)]
    for district_id in (*districts, None):
        for kind in store.KINDS:
            while some := _portion(engine, kind, district_id, days, now=now):
                done += some
    return done


def ahead(engine: Engine, settings: Settings, now: datetime) -> Ahead:
    """What `forget` would do now and in a month; nothing is changed."""
    before = now - timedelta(days=settings.conversations.keep_texts_days)
    with transaction(engine, ENGINE) as connection:
        due = Counter({kind: store.count(connection, kind, before) for kind in store.KINDS})
        later = Counter({kind: store.count(connection, kind, before + SOON) for kind in store.KINDS})
    return Ahead(due, later - due)


def _portion(engine: Engine, kind: str, district_id: int | None, days: int, *, now: datetime) -> Counter[str]:
    before = now - timedelta(days=days)
    with transaction(engine, ENGINE) as connection:
        ids = store.over(connection, kind, district_id, before, PORTION)
        if not ids:
            return Counter()
        done = store.forget(connection, Portion(kind, ids, days, before, now))
        detail = {**done, "kept_days": days, "before": before.isoformat()}
        entry = audit.Entry(now, "engine", "words_forgotten", None, district_id, detail)
        audit.write(connection, entry)
    return done

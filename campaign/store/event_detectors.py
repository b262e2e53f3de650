"""SQL that finds, in facts that are stored anyway, what happened to students. Each fact gives the same event again and
again, and its name makes it one: looking twice finds nothing new."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from campaign.school_year.student_events import EventKind

# Facts carry the moment at which their transaction began, and may be seen only when it has ended.
_OVERLAP = timedelta(days=2)
# Days have no hours, so looking for them every minute would find nothing.
_DAILY = {EventKind.ABSENCE: timedelta(hours=1), EventKind.BIRTHDAY_18: timedelta(hours=1)}
# So far ahead lies the birthday that a step before it may need (see campaign.definition: offsets go to -90 days).
_BIRTHDAYS_AHEAD = 100

_ADD = """
    INSERT INTO student_event (
        district_id, student_id, contact_id, kind, source, amount, on_day, happened_at, noticed_at
    )
    SELECT :district_id, f.student_id, f.contact_id, :kind, f.source, f.amount, {day}, {moment}, :now
    FROM ({facts}) AS f (student_id, contact_id, source, amount, {column})
    WHERE {moment} >= :since
    ON CONFLICT (student_id, kind, source) DO {conflict}
"""


def _of_moments(facts: str) -> str:
    return _ADD.format(
        facts=facts,
        column="at",
        day="(f.at AT TIME ZONE :zone)::date",
        moment="f.at",
        conflict="NOTHING",
    )


def _of_days(facts: str, conflict: str = "NOTHING") -> str:
    moment = "(f.day::timestamp AT TIME ZONE :zone)"
    return _ADD.format(facts=facts, column="day", day="f.day", moment=moment, conflict=conflict)


_SAYS_SOMETHING = "category NOT IN ('NOT_ENOUGH', 'OTHER_TEST')"

# A school year has one first comparison of a subject, however often it is worked out.
_NEW_COMPARISON = _of_moments(
    f"""
    SELECT k.student_id, NULL::bigint, k.subject || ':' || coalesce(k.school_year, 0), NULL::float, k.computed_at
    FROM comparison k
    WHERE k.district_id = :district_id AND k.computed_at > :after AND k.superseded_at IS NULL AND k.{_SAYS_SOMETHING}
      AND NOT EXISTS (
          SELECT FROM comparison o
          WHERE o.student_id = k.student_id AND o.subject = k.subject AND o.version < k.version
            AND o.school_year IS NOT DISTINCT FROM k.school_year AND o.{_SAYS_SOMETHING}
      )
    """  # noqa: S608  both conditions stand above
)

# The version before it in the same school year said something else. A version in between that said nothing counts not.
_CATEGORY_CHANGE = _of_moments(
    f"""
    SELECT k.student_id, NULL::bigint, k.subject || ':' || k.version, NULL::float, k.computed_at
    FROM comparison k
    CROSS JOIN LATERAL (
        SELECT o.category FROM comparison o
        WHERE o.student_id = k.student_id AND o.subject = k.subject AND o.version < k.version
          AND o.school_year IS NOT DISTINCT FROM k.school_year AND o.{_SAYS_SOMETHING}
        ORDER BY o.version DESC LIMIT 1
    ) said
    WHERE k.district_id = :district_id AND k.computed_at > :after AND k.superseded_at IS NULL AND k.{_SAYS_SOMETHING}
      AND said.category <> k.category
    """  # noqa: S608  the condition stands above
)

# A report is one in all its languages.
_CORRECTION = _of_moments(
    """
    SELECT p.student_id, NULL::bigint, 'report:' || p.version, NULL::float, min(p.created_at)
    FROM report p WHERE p.district_id = :district_id AND p.corrects AND p.created_at > :after
    GROUP BY p.student_id, p.version
    """
)

# Once a month, a school year and a threshold, and only where days were added since the last time.
_ABSENCE = _of_days(
    """
    SELECT a.student_id, NULL::bigint,
        a.school_year || ':' || to_char(a.as_of, 'YYYY-MM') || ':' || t.at_least, a.days_absent, a.as_of
    FROM attendance a
    JOIN student s ON s.id = a.student_id
    CROSS JOIN unnest(CAST(:thresholds AS integer[])) AS t (at_least)
    WHERE s.district_id = :district_id AND a.days_absent >= t.at_least AND a.as_of >= (:since)::date
      AND NOT EXISTS (
          SELECT FROM student_event e
          WHERE e.student_id = a.student_id AND e.kind = :kind AND e.amount >= a.days_absent
            AND e.source LIKE a.school_year || ':%:' || t.at_least
      )
    """
)

_REPLY = _of_moments(
    """
    SELECT m.student_id, m.contact_id, 'message:' || m.id, NULL::float, m.at
    FROM conversation_message m
    WHERE m.district_id = :district_id AND m.direction = 'in' AND NOT m.automatic AND m.at > :after
    """
)

# One born on 29 February comes of age on 1 March. A corrected birth date moves the day.
_BIRTHDAY = _of_days(
    """
    SELECT s.id, NULL::bigint, '18', NULL::float, b.day
    FROM student s CROSS JOIN LATERAL (
        SELECT CASE WHEN to_char(s.birth_date, 'MM-DD') = '02-29' THEN s.birth_date + 1 ELSE s.birth_date END AS born
    ) c CROSS JOIN LATERAL (SELECT (c.born + interval '18 years')::date AS day) b
    WHERE s.district_id = :district_id AND NOT s.withdrawn
      AND b.day BETWEEN (:since)::date AND (:now)::date + :ahead
    """,
    """UPDATE SET on_day = EXCLUDED.on_day, happened_at = EXCLUDED.happened_at
       WHERE student_event.on_day <> EXCLUDED.on_day""",
)

# Talks that families book are written down as events by `campaign.bookings`, from a file of the district.
_DETECTORS: Mapping[EventKind, str] = {
    EventKind.NEW_COMPARISON: _NEW_COMPARISON,
    EventKind.CATEGORY_CHANGE: _CATEGORY_CHANGE,
    EventKind.CORRECTION: _CORRECTION,
    EventKind.ABSENCE: _ABSENCE,
    EventKind.REPLY: _REPLY,
    EventKind.BIRTHDAY_18: _BIRTHDAY,
}


def detect(
    connection: Connection,
    district_id: int,
    kinds: Mapping[EventKind, datetime],
    *,
    thresholds: Collection[int],
    zone: str,
    now: datetime,
) -> int:
    """Write down what happened since the moment that `kinds` gives for each kind; the number of new events."""
    found = 0
    cursors = _cursors(connection, district_id)
    for kind, since in sorted(kinds.items()):
        until = cursors.get(kind)
        statement = _DETECTORS.get(kind)
        if statement is None or (until and timedelta(0) <= now - until < _DAILY.get(kind, timedelta(0))):
            continue
        values: dict[str, Any] = {
            "district_id": district_id,
            "kind": kind,
            "since": since,
            "after": max(since, min(until, now) - _OVERLAP) if until else since,
            "zone": zone,
            "now": now,
            "thresholds": sorted(thresholds),
            "ahead": _BIRTHDAYS_AHEAD,
        }
        found += connection.execute(text(statement), values).rowcount
        _move_cursor(connection, district_id, kind, now)
    return found


def _cursors(connection: Connection, district_id: int) -> dict[str, datetime]:
    query = text("SELECT kind, until FROM event_cursor WHERE district_id = :district_id")
    return {kind: until for kind, until in connection.execute(query, {"district_id": district_id})}


def _move_cursor(connection: Connection, district_id: int, kind: str, now: datetime) -> None:
    query = text(
        """
        INSERT INTO event_cursor (district_id, kind, until) VALUES (:district_id, :kind, :now)
        ON CONFLICT (district_id, kind) DO UPDATE SET until = greatest(event_cursor.until, excluded.until)
        """
    )
    connection.execute(query, {"district_id": district_id, "kind": kind, "now": now})

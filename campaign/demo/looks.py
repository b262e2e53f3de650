"""Which families of the made-up district open the report, and when: most do, always the same ones; some need a second
message, and some do not open it at all."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, text

# Of a hundred contacts. The number of hours makes every look come before the next rung.
_OPEN_OF_100 = 70
_MOST_HOURS = 60

# They are noted when the message has gone, for the hour in which they come.
_LOOK = text(
    """
    INSERT INTO report_look (student_id, contact_id, version, language, at)
    SELECT p.student_id, m.contact_id, max(p.version), min(m.language),
        max(m.finished_at) + make_interval(hours => 1 + CAST(min(n.hash) / 100 % :most_hours AS int))
    FROM message m
    CROSS JOIN LATERAL (
        SELECT abs(CAST(hashtextextended(m.contact_id || ':' || m.channel, :seed) % 1000000 AS bigint)) AS hash
    ) n
    JOIN report p ON p.student_id = ANY (m.student_ids) AND p.superseded_at IS NULL
    WHERE m.state = 'accepted' AND m.template = 'report_ready' AND m.channel IN ('email', 'sms')
      AND m.finished_at > CAST(:now AS timestamptz) - interval '1 hour' AND n.hash % 100 < :of_100
    GROUP BY p.student_id, m.contact_id
    ON CONFLICT (student_id, contact_id) DO UPDATE
    SET version = excluded.version, language = excluded.language, at = excluded.at
    WHERE excluded.at > report_look.at
    """
)


def look(connection: Connection, seed: int, now: datetime) -> None:
    """Let families look at the reports of which they were just told; said again it changes nothing."""
    values = {"seed": seed, "now": now, "of_100": _OPEN_OF_100, "most_hours": _MOST_HOURS}
    connection.execute(_LOOK, values)

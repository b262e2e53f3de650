"""SQL of how many messages are in which state, by occurrence and channel, without reading the messages themselves."""

from __future__ import annotations

from sqlalchemy import Connection, text

# Who sees a whole district reads the tally; who sees some schools, the messages about their students.
COUNTED = """
    SELECT occurrence_id, channel, rung, state, reason, CAST(sum(messages) AS bigint) AS messages
    FROM message_tally WHERE current_setting('gbg.scope', true) IN ('engine', 'state', 'district')
    GROUP BY occurrence_id, channel, rung, state, reason HAVING sum(messages) <> 0
    UNION ALL
    SELECT occurrence_id, channel, rung, state, reason, count(*) FROM message
    WHERE current_setting('gbg.scope', true) IN ('school', 'teacher') AND contact_id IN (
        SELECT r.contact_id FROM student s JOIN student_contact r ON r.student_id = s.id
        WHERE s.district_id = gbg_number('gbg.district_id') AND s.school_id = ANY (gbg_schools())
    )
    GROUP BY occurrence_id, channel, rung, state, reason
"""
"""Occurrence, channel, rung, state, reason and how many messages, as far as the reader sees them."""

_MANY = 2000
_COUNT_ROWS = text("SELECT count(*) FROM (SELECT FROM message_tally LIMIT :many) few")
# Nothing is counted twice or lost: the rows taken out and the one put in their place are seen at the same moment.
_FOLD = text(
    """
    WITH gone AS (
        DELETE FROM message_tally RETURNING district_id, occurrence_id, channel, rung, state, reason, messages
    )
    INSERT INTO message_tally (district_id, occurrence_id, channel, rung, state, reason, messages)
    SELECT district_id, occurrence_id, channel, rung, state, reason, sum(messages) FROM gone
    GROUP BY district_id, occurrence_id, channel, rung, state, reason HAVING sum(messages) <> 0
    """
)


def fold(connection: Connection, many: int = _MANY) -> bool:
    """Add up changes that are alike where there are `many` rows or more; whether there were."""
    if connection.execute(_COUNT_ROWS, {"many": many}).scalar_one() < many:
        return False
    connection.execute(_FOLD)
    return True

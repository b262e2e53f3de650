"""SQL of what families believe, asked before and after they see the report. Runs under the family's own role."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, text

from campaign.access import Principal

ANSWERS = ("above", "at", "below", "not_sure")
SKIPPED = "skipped"


def answered(connection: Connection, principal: Principal, wave: str) -> frozenset[str]:
    """Subjects about which this contact has answered, or skipped the question, in this wave."""
    query = text(
        """
        SELECT subject FROM belief_answer
        WHERE student_id = :student_id AND contact_id = :contact_id AND wave = :wave
        """
    )
    return frozenset(connection.scalars(query, {**_who(principal), "wave": wave}))


def keep(
    connection: Connection, principal: Principal, wave: str, answers: Mapping[str, str], now: datetime
) -> None:
    """Keep the first answer to each subject (subject → answer); later ones do not change it."""
    connection.execute(
        text(
            """
            INSERT INTO belief_answer (district_id, student_id, contact_id, subject, wave, answer, at)
            VALUES (:district_id, :student_id, :contact_id, :subject, :wave, :answer, :now)
            ON CONFLICT DO NOTHING
            """
        ),
        [
            {
                **_who(principal),
                "district_id": principal.district_id,
                "subject": subject,
                "wave": wave,
                "answer": answer,
                "now": now,
            }
            for subject, answer in answers.items()
        ],
    )


def _who(principal: Principal) -> dict[str, int | None]:
    return {"student_id": principal.student_id, "contact_id": principal.contact_id}

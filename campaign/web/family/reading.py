"""Which report a family reads: the student's current one, in the best language it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import g
from sqlalchemy import text

from campaign import classroom, database
from campaign.access import ENGINE
from campaign.store import beliefs, reports
from campaign.web.family import languages
from campaign.web.parts import as_principal, parts
from reports.family.report import FamilyReport, from_json

_ENGLISH = "en"


@dataclass(frozen=True)
class Reading:
    """`report`: the one to show; `languages`: those in which it can be read here; `english`: the same in English.

    `unasked`: subjects of it about which the family has not been asked what it believes.
    """

    report: FamilyReport
    languages: Sequence[str]
    english: FamilyReport | None
    unasked: Sequence[str]

    @property
    def pages(self) -> list[FamilyReport]:
        """As on paper: this language first, English last."""
        if self.english is None or self.report.language == _ENGLISH:
            return [self.report]
        return [self.report, self.english]


def reading() -> Reading | None:
    """What the family that asks can read now; its page speaks the same language from here on."""
    readable = languages.readable()
    with as_principal() as connection:
        current = {
            row.language: row.contract for row in reports.current(connection, [g.principal.student_id])
        }
        answered = beliefs.answered(connection, g.principal, wave(parts().clock()))
        preferred = languages.preferred(connection)
    written = [language for language in readable if language in current]
    wanted = next((language for language in preferred if language in written), None)
    if wanted is None or _waits_for_the_teacher():
        languages.speak_own()
        return None
    g.languages = (wanted,)
    report = from_json(current[wanted])
    return Reading(
        report=report,
        languages=written,
        english=from_json(current[_ENGLISH]) if _ENGLISH in current else None,
        unasked=[block.subject for block in report.subjects if block.subject not in answered],
    )


def _waits_for_the_teacher() -> bool:
    """A link of an earlier report must not show a new one before teachers have had their days to look."""
    settings, student_id = parts().settings, g.principal.student_id
    zone, days = settings.installation.time_zone, settings.campaign.teacher_preview_days
    with database.transaction(parts().engine, ENGINE) as connection:
        return classroom.waits(connection, student_id, days, zone, parts().clock())


def wave(now: datetime) -> str:
    """The school year in which the question is asked before the report is seen; years turn on the first of July."""
    begins = now.year if now.month >= 7 else now.year - 1
    return f"{begins}-{(begins + 1) % 100:02d} before"


def student_name() -> str:
    with as_principal() as connection:
        return str(
            connection.scalar(
                text("SELECT coalesce(preferred_name, given_name) FROM student WHERE id = :id"),
                {"id": g.principal.student_id},
            )
        )

"""A link of an earlier report shows no new one before teachers have had their days to look, or have released it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from tests.web_pages import MORNING, Clock


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ("SELECT 1", True),
        ("UPDATE comparison SET computed_at = :now", False),
        (
            """
            UPDATE comparison SET computed_at = :now;
            INSERT INTO teacher_word (district_id, student_id, kind, state, said, said_by, actor, at)
            VALUES (1, 1, 'release', 'given', 'seen', 'Tess', 'account:4', :now)
            """,
            True,
        ),
        (
            """
            INSERT INTO teacher_word (district_id, student_id, kind, state, said, said_by, actor, at, until)
            VALUES (1, 1, 'hold', 'in_force', 'a talk', 'Tess', 'account:4', :now, :later)
            """,
            False,
        ),
    ],
)
def test_the_page_waits_for_the_teacher(
    reader: FlaskClient, engine: Engine, clock: Clock, change: str, shown: bool
) -> None:
    with transaction(engine, ENGINE) as connection:
        values = {"now": MORNING, "later": MORNING + timedelta(days=3)}
        for statement in filter(str.strip, change.split(";")):
            known = {name: value for name, value in values.items() if f":{name}" in statement}
            connection.execute(text(statement), known)
    assert ("matemáticas" in reader.get("/family").text) is shown

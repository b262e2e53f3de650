"""Foreign keys checked as sets: nothing dangles, nothing else is left out, and what is named can still be changed."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError, OperationalError

from campaign.access import ENGINE
from campaign.database import assume, transaction
from campaign.store import references
from campaign.store.result_scores import SCORES
from campaign.store.results import MARKS

# Made by the import's own transaction, or held by name.
HELD_ALWAYS = {"district_id", "source_file_id"}
OF_IDS = {"student_id", "identity_case_id"}


def district_with_a_student(connection: Connection) -> None:
    connection.execute(text("INSERT INTO district (code, name) VALUES ('D', 'D')"))
    connection.execute(
        text("INSERT INTO student (district_id, given_name, family_name) SELECT id, 'A', 'B' FROM district")
    )


def add_mark(connection: Connection, student: str) -> None:
    """A mark of the student whose id this SQL gives, as an import adds it."""
    district = int(connection.scalar(text("SELECT id FROM district")) or 0)
    connection.execute(text(f"CREATE TEMP TABLE said ON COMMIT DROP AS SELECT ({student}) AS student_id"))
    with references.checked(connection, "said", {"student_id": "student"}, district):
        connection.execute(
            text(
                "INSERT INTO mark (district_id, student_id, source_key, mark, scale) "
                "SELECT :district, student_id, 'key', 'B', 'letter' FROM said"
            ),
            {"district": district},
        )


@pytest.mark.parametrize(
    ("table", "held"),
    [
        ("mark", set(MARKS.references)),
        ("score", set(SCORES.references)),
        ("student_identifier", OF_IDS),
    ],
)
def test_every_foreign_key_is_held_and_no_trigger_left_out(
    connection: Connection, table: str, held: set[str]
) -> None:
    keys = connection.scalars(
        text(
            "SELECT a.attname FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid "
            "AND a.attnum = ANY (c.conkey) WHERE c.contype = 'f' AND c.conrelid = CAST(:table AS regclass)"
        ),
        {"table": table},
    )
    assert set(keys) - HELD_ALWAYS == held
    own = "SELECT tgname FROM pg_trigger WHERE tgrelid = CAST(:table AS regclass) AND NOT tgisinternal"
    assert connection.scalars(text(own), {"table": table}).all() == []


def test_a_row_that_names_nobody_is_still_turned_away(engine: Engine) -> None:
    with engine.begin() as connection:
        district_with_a_student(connection)
    with pytest.raises(IntegrityError), transaction(engine, ENGINE) as connection:
        add_mark(connection, "SELECT max(id) + 1 FROM student")


def test_what_is_named_stays_and_can_be_changed(engine: Engine) -> None:
    with engine.begin() as connection:
        district_with_a_student(connection)
    with engine.connect() as importing, importing.begin(), engine.connect() as other:
        assume(importing, ENGINE)
        add_mark(importing, "SELECT id FROM student")
        assert importing.scalar(text("SHOW session_replication_role")) == "origin"
        assert importing.scalar(text("SELECT current_user")) == ENGINE.database_role
        with other.begin():
            other.execute(text("SET LOCAL lock_timeout = '2s'"))
            assert other.execute(text("UPDATE student SET given_name = 'C'")).rowcount == 1
            other.execute(text("SET LOCAL lock_timeout = '100ms'"))
            with pytest.raises(OperationalError):
                other.execute(text("DELETE FROM student"))

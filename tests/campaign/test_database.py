"""The schema is what the migrations make, and each role sees only its scope."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError

from campaign.access import ENGINE, Principal, Role
from campaign.database import recurring, transaction
from campaign.schema import metadata


@pytest.fixture
def two_districts(engine: Engine) -> Engine:
    """District 1 with schools 1 and 2 and a student in each; district 2 with school 3 and one student."""
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text(
                """
                INSERT INTO district (code, name) VALUES ('one', 'One'), ('two', 'Two');
                INSERT INTO school (district_id, source_id, name)
                VALUES (1, 'a', 'A'), (1, 'b', 'B'), (2, 'c', 'C');
                INSERT INTO student (district_id, school_id, given_name, family_name)
                VALUES (1, 1, 'Ana', 'A'), (1, 2, 'Bo', 'B'), (2, 3, 'Cy', 'C')
                """
            )
        )
    return engine


def students_seen(engine: Engine, principal: Principal) -> list[str]:
    with transaction(engine, principal) as connection:
        return list(connection.scalars(text("SELECT given_name FROM student ORDER BY 1")))


@pytest.mark.parametrize(
    ("principal", "seen"),
    [
        (Principal(Role.STATE), ["Ana", "Bo", "Cy"]),
        (Principal(Role.DISTRICT, district_id=1), ["Ana", "Bo"]),
        (Principal(Role.SCHOOL, district_id=1, school_ids=(2,)), ["Bo"]),
        (Principal(Role.SCHOOL, district_id=1), []),
        (Principal(Role.DISTRICT), []),
        (Principal(Role.TEACHER, district_id=1, school_ids=(1,), staff_member_id=9), []),
        (Principal(Role.FAMILY, student_id=3), ["Cy"]),
        (Principal(Role.FAMILY), []),
        (ENGINE, ["Ana", "Bo", "Cy"]),
    ],
)
def test_each_role_sees_its_scope(two_districts: Engine, principal: Principal, seen: list[str]) -> None:
    assert students_seen(two_districts, principal) == seen


def test_partner_has_no_right_on_any_table_but_published_cells(engine: Engine) -> None:
    published = {"publication", "published_cell"}
    partner = Principal(Role.PARTNER, district_id=1)
    for table in published:
        with transaction(engine, partner) as connection:
            connection.execute(text(f"SELECT 1 FROM {table}"))
    for table in set(metadata.tables) - published:
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction(engine, partner) as connection,
        ):
            connection.execute(text(f"SELECT 1 FROM {table}"))


def test_every_table_is_under_row_level_security(connection: Connection) -> None:
    unprotected = set(
        connection.scalars(
            text(
                """
                SELECT relname FROM pg_class
                WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
                  AND NOT (relrowsecurity AND relforcerowsecurity)
                """
            )
        )
    )
    ours = {name for name in unprotected if not name.startswith(("alembic_", "procrastinate_"))}
    assert ours == {"attempt_counter"}


def test_migrations_make_the_declared_schema(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_name": lambda name, kind, _: (
                    not (kind == "table" and name.startswith("procrastinate_"))
                )
            },
        )
        assert compare_metadata(context, metadata) == []


def test_a_recurring_statement_is_planned_once_for_any_values_and_by_its_indexes(
    two_districts: Engine,
) -> None:
    query = text("SELECT given_name FROM student WHERE id = :id")
    plan = text("EXPLAIN SELECT given_name FROM student WHERE id = :id")
    kept = text("SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE :like")
    for id, name in ((1, "Ana"), (2, "Bo")):
        with recurring(two_districts, ENGINE) as connection:
            assert connection.scalars(query, {"id": id}).all() == [name]
            assert "Index" in "".join(connection.scalars(plan, {"id": id}))
            # The connection is the one of before, out of the pool.
            planned = connection.execute(kept, {"like": "SELECT given_name FROM student WHERE id%"}).all()
    assert [tuple(one) for one in planned] == [(2, 0)]
    with transaction(two_districts, ENGINE) as connection:
        assert connection.scalar(text("SHOW plan_cache_mode")) == "auto"
        assert connection.scalar(text("SHOW enable_seqscan")) == "on"


def test_a_recurring_transaction_that_fails_leaves_nothing(two_districts: Engine) -> None:
    def fail() -> None:
        with recurring(two_districts, ENGINE) as connection:
            connection.execute(text("UPDATE student SET given_name = 'X'"))
            connection.execute(text("SELECT nonsense"))

    with pytest.raises(ProgrammingError):
        fail()
    assert students_seen(two_districts, ENGINE) == ["Ana", "Bo", "Cy"]
    with recurring(two_districts, Principal(Role.DISTRICT, district_id=2)) as connection:
        assert list(connection.scalars(text("SELECT given_name FROM student"))) == ["Cy"]

"""People and places: from the staging tables into the register of one district."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, text

from campaign.store.roster_people import gather_people, merge_contacts, merge_staff
from campaign.store.roster_references import Notes, find_referenced_students
from campaign.store.roster_relations import merge_relations
from campaign.store.roster_seats import merge_enrollments, merge_sections
from campaign.store.roster_students import merge_students, withdraw_missing
from campaign.store.staged import Ids, Origin, Target, refuse_duplicates, upsert


def districts(connection: Connection, code: str | None) -> Sequence[RowMapping]:
    """id, code, name and number of students of the district of this code, or of all."""
    query = """
        SELECT id, code, name, (SELECT count(*) FROM student s WHERE s.district_id = d.id) AS students
        FROM district d WHERE CAST(:code AS text) IS NULL OR code = :code ORDER BY code
    """
    return connection.execute(text(query), {"code": code}).mappings().all()


def district_codes(connection: Connection) -> list[str]:
    return list(connection.scalars(text("SELECT code FROM district ORDER BY code")))


def district_id(connection: Connection, code: str) -> int | None:
    found: int | None = connection.scalar(text("SELECT id FROM district WHERE code = :code"), {"code": code})
    return found


def likely_district(connection: Connection, code: str | None) -> int | None:
    """The district a file that failed most likely belongs to: the one named, else the only one there is."""
    found = connection.scalars(
        text("SELECT id FROM district WHERE code = coalesce(:code, code) LIMIT 2"), {"code": code}
    ).all()
    return found[0] if len(found) == 1 else None


def staged_districts(connection: Connection) -> list[tuple[str, str]]:
    """(code, name) of the districts a source describes; of several, those that have schools."""
    rows = connection.execute(
        text(
            """
            SELECT d.code, d.name, EXISTS (SELECT 1 FROM staged_school s WHERE s.parent = d.source_id) AS has_schools
            FROM staged_district d ORDER BY d.code
            """
        )
    ).all()
    with_schools = [row for row in rows if row.has_schools]
    return [(row.code, row.name) for row in (with_schools if len(rows) > 1 else rows)]


def describes_schools(connection: Connection) -> bool:
    return bool(connection.scalar(text("SELECT EXISTS (SELECT 1 FROM staged_school)")))


def save_district(connection: Connection, code: str, name: str) -> int:
    """The id of the district; made, or given its name of today."""
    found = connection.scalar(
        text(
            """
            INSERT INTO district (code, name, state_code)
            SELECT :code, :name, (SELECT max(state_code) FROM staged_district)
            ON CONFLICT (code) DO UPDATE SET name = EXCLUDED.name,
                state_code = coalesce(EXCLUDED.state_code, district.state_code)
            WHERE (district.name, district.state_code) IS DISTINCT FROM
                  (EXCLUDED.name, coalesce(EXCLUDED.state_code, district.state_code))
            RETURNING id
            """
        ),
        {"code": code, "name": name},
    )
    if found is None:
        return int(connection.scalar(text("SELECT id FROM district WHERE code = :c"), {"c": code}) or 0)
    connection.execute(text("INSERT INTO staged_changed SELECT file, row FROM staged_district"))
    return int(found)


def merge(connection: Connection, district: int, origin: Origin) -> Notes:
    """Bring everything staged about people and places into the register of one district; notes on whole files.

    Raises MassWithdrawal where a complete list leaves too many out.
    """
    ids: Ids = {
        "district": district,
        "system": origin.system,
        "prefix": origin.prefix,
        "receiving": list(origin.receiving),
    }
    connection.execute(
        text(
            "CREATE TEMP TABLE listed_person ON COMMIT DROP AS SELECT DISTINCT key FROM staged_person WHERE defines"
        )
    )
    _merge_places(connection, ids)
    gather_people(connection, ids)
    merge_students(connection, ids)
    notes = find_referenced_students(connection, district)
    merge_staff(connection, ids)
    merge_contacts(connection, ids)
    merge_relations(connection, ids, complete=origin.people_complete)
    merge_sections(connection, ids)
    merge_enrollments(connection, ids, complete=origin.seats_complete)
    if origin.people_complete:
        withdraw_missing(connection, ids, origin.largest_withdrawal)
    return notes


def _merge_places(connection: Connection, ids: Ids) -> None:
    for table in ("school", "period", "course"):
        refuse_duplicates(connection, table, "source_id")
    upsert(
        connection,
        Target("school", "school", "source_id", ["name", "phone"]),
        """
        SELECT DISTINCT :prefix || s.source_id AS source_id, s.name, coalesce(s.phone, known.phone) AS phone
        FROM staged_school s
        LEFT JOIN school known ON known.district_id = :district AND known.source_id = :prefix || s.source_id
        """,
        **ids,
    )
    upsert(
        connection,
        Target(
            "grading_period", "period", "source_id", ["title", "kind", "school_year", "begins_on", "ends_on"]
        ),
        """
        SELECT DISTINCT :prefix || source_id AS source_id, title, kind, school_year, begins_on, ends_on
        FROM staged_period
        """,
        **ids,
    )
    upsert(
        connection,
        Target("course", "course", "source_id", ["title", "subject", "grade_level"]),
        "SELECT DISTINCT :prefix || source_id AS source_id, title, subject, grade_level FROM staged_course",
        **ids,
    )

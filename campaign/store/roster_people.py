"""What a source says about each person, and the register of staff and family contacts."""
# ruff: noqa: S608  table and column names come from the code, values are always bound

from __future__ import annotations

from sqlalchemy import Connection, text

from campaign.store.staged import Ids, Target, refuse, refuse_duplicates, upsert

_PERSON_COLUMNS = (
    "given_name", "family_name", "preferred_name", "email", "phone", "phone_type", "birth_date", "grade_level",
    "school", "home_language", "home_language_raw", "home_language_code_system", "written_language",
    "spoken_language", "language_raw", "interpreter_needed", "english_learner", "us_entry_date", "confidential",
    "address_line", "city", "state_code", "postal_code", "relation", "may_receive", "court_restriction",
    "adult_consent", "withdrawn",
)  # fmt: skip


_UNKNOWN_PERSON = """
    FROM (SELECT file, row, key FROM staged_person WHERE NOT defines
          UNION ALL SELECT file, row, key FROM staged_role) s
    WHERE NOT EXISTS (SELECT 1 FROM staged_person p WHERE p.key = s.key AND p.defines)
      AND NOT EXISTS (SELECT 1 FROM student_identifier i
                      WHERE i.district_id = :district AND i.system = :system AND i.value = s.key)
      AND NOT EXISTS (SELECT 1 FROM contact c
                      WHERE c.district_id = :district AND c.source_id = :prefix || s.key)
      AND NOT EXISTS (SELECT 1 FROM staff_member m
                      WHERE m.district_id = :district AND m.source_id = :prefix || s.key)
"""

_LATEST = ", ".join(
    f"(array_agg(p.{c} ORDER BY p.as_of DESC NULLS LAST, p.file, p.row) FILTER (WHERE p.{c} IS NOT NULL))[1] AS {c}"
    for c in _PERSON_COLUMNS
)

_MERGE_PEOPLE = f"""
    CREATE TEMP TABLE merged_person ON COMMIT DROP AS
    SELECT key, bool_or(defines) AS defines, {_LATEST} FROM staged_person p GROUP BY key
"""

# What a person is, the source's roles say; where it states none, what the register knows.
_MERGE_KINDS = """
    CREATE TEMP TABLE merged_kind ON COMMIT DROP AS
    SELECT key, kind, min(:prefix || school) AS school FROM staged_role GROUP BY key, kind
    UNION ALL
    SELECT p.key, known.kind, NULL FROM merged_person p
    JOIN (
        SELECT value AS key, 'student' AS kind FROM student_identifier
        WHERE district_id = :district AND system = :system
        UNION ALL
        SELECT substr(source_id, length(:prefix) + 1), 'contact' FROM contact
        WHERE district_id = :district AND starts_with(source_id, :prefix)
        UNION ALL
        SELECT substr(source_id, length(:prefix) + 1), 'staff' FROM staff_member
        WHERE district_id = :district AND starts_with(source_id, :prefix)
    ) known ON known.key = p.key
    WHERE NOT EXISTS (SELECT 1 FROM staged_role r WHERE r.key = p.key)
"""

_NO_ROLE = """
    FROM staged_person s
    WHERE s.defines AND NOT EXISTS (SELECT 1 FROM merged_kind k WHERE k.key = s.key)
"""

_NOT_A_STUDENT = """
    FROM staged_person s
    WHERE NOT s.defines AND NOT EXISTS (SELECT 1 FROM merged_kind k WHERE k.key = s.key AND k.kind = 'student')
"""


def gather_people(connection: Connection, ids: Ids) -> None:
    """One row a person: what all rows of the source say together, and who the person already is here."""
    refuse_duplicates(connection, "person", "key", "defines")
    refuse(connection, "unknown_person", "sourcedId", _UNKNOWN_PERSON, **ids)
    connection.execute(text(_MERGE_PEOPLE))
    connection.execute(text("CREATE UNIQUE INDEX ON merged_person (key)"))
    connection.execute(text(_MERGE_KINDS), ids)
    connection.execute(text("ANALYZE merged_person, merged_kind"))
    refuse(connection, "no_role", "role", _NO_ROLE)
    refuse(connection, "not_a_student", None, _NOT_A_STUDENT)


def merge_staff(connection: Connection, ids: Ids) -> None:
    upsert(
        connection,
        Target("staff_member", "person", "key", ["school_id", "given_name", "family_name", "email"]),
        """
        SELECT :prefix || p.key AS source_id, h.id AS school_id, p.given_name, p.family_name, p.email
        FROM merged_person p JOIN merged_kind k ON k.key = p.key AND k.kind = 'staff'
        LEFT JOIN school h ON h.district_id = :district AND h.source_id = coalesce(:prefix || p.school, k.school)
        WHERE p.defines
        """,
        **ids,
    )


_CONTACT_COLUMNS = (
    "given_name", "family_name", "email", "phone", "phone_type", "written_language", "spoken_language", "language_raw",
    "interpreter_needed", "address_line", "city", "state_code", "postal_code", "confidential",
)  # fmt: skip


def merge_contacts(connection: Connection, ids: Ids) -> None:
    defaults = {"interpreter_needed": "false", "confidential": "false"}
    columns = ", ".join(
        f"coalesce(p.{c}, {defaults[c]}) AS {c}" if c in defaults else f"p.{c}" for c in _CONTACT_COLUMNS
    )
    upsert(
        connection,
        Target("contact", "person", "key", _CONTACT_COLUMNS),
        f"""
        SELECT :prefix || p.key AS source_id, {columns}
        FROM merged_person p JOIN merged_kind k ON k.key = p.key AND k.kind = 'contact'
        WHERE p.defines
        """,
        **ids,
    )

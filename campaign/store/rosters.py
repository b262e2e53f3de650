"""People and places: from the staging tables into the register, and the reads over it.

A student is found by identifiers: one id of one system points to one student. Rows whose ids point to two students,
or that give a student a second id of the same system, are refused and never merged.
"""
# ruff: noqa: S608  table and column names come from the code, values are always bound

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from campaign.store.staged import Target, refuse, refuse_duplicates, upsert

Ids = dict[str, object]


def district_codes(connection: Connection) -> list[str]:
    return list(connection.scalars(text("SELECT code FROM district ORDER BY code")))


def district_id(connection: Connection, code: str) -> int | None:
    found: int | None = connection.scalar(text("SELECT id FROM district WHERE code = :code"), {"code": code})
    return found


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


@dataclass(frozen=True)
class Origin:
    """What the merge knows about a source.

    `system` issued the ids of people, `prefix` keeps places of two issuers apart. Complete lists withdraw who is
    missing from them, within the schools that the source itself describes. Contacts of the relations in `receiving`
    may get messages where the source states no restriction.
    """

    system: str = ""
    prefix: str = ""
    people_complete: bool = False
    seats_complete: bool = False
    marks_complete: bool = False
    receiving: Sequence[str] = ()


def merge(connection: Connection, district: int, origin: Origin) -> None:
    """Bring everything staged about people and places into the register of one district."""
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
    _gather_people(connection, ids)
    _merge_students(connection, ids)
    _merge_staff(connection, ids)
    _merge_contacts(connection, ids)
    _merge_relations(connection, ids, complete=origin.people_complete)
    _merge_sections(connection, ids)
    _merge_enrollments(connection, ids, complete=origin.seats_complete)
    if origin.people_complete:
        _withdraw_missing(connection, ids)


def _merge_places(connection: Connection, ids: Ids) -> None:
    for table in ("school", "period", "course"):
        refuse_duplicates(connection, table, "source_id")
    upsert(
        connection,
        Target("school", "school", "source_id", ["name"]),
        "SELECT DISTINCT :prefix || source_id AS source_id, name FROM staged_school",
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


_PERSON_COLUMNS = (
    "given_name", "family_name", "preferred_name", "email", "phone", "phone_type", "birth_date", "grade_level",
    "school", "home_language", "home_language_raw", "home_language_code_system", "written_language",
    "spoken_language", "language_raw", "interpreter_needed", "english_learner", "us_entry_date", "confidential",
    "address_line", "city", "state_code", "postal_code", "relation", "may_receive", "court_restriction", "withdrawn",
)  # fmt: skip


def _gather_people(connection: Connection, ids: Ids) -> None:
    """One row a person: what all rows of the source say together, and who the person already is here."""
    refuse_duplicates(connection, "person", "key", "defines")
    refuse(
        connection,
        "unknown_person",
        "sourcedId",
        """
        FROM (SELECT file, row, key FROM staged_person WHERE NOT defines
              UNION ALL SELECT file, row, key FROM staged_role) s
        WHERE NOT EXISTS (SELECT 1 FROM staged_person p WHERE p.key = s.key AND p.defines)
          AND NOT EXISTS (SELECT 1 FROM student_identifier i
                          WHERE i.district_id = :district AND i.system = :system AND i.value = s.key)
          AND NOT EXISTS (SELECT 1 FROM contact c
                          WHERE c.district_id = :district AND c.source_id = :prefix || s.key)
          AND NOT EXISTS (SELECT 1 FROM staff_member m
                          WHERE m.district_id = :district AND m.source_id = :prefix || s.key)
        """,
        **ids,
    )
    latest = ", ".join(
        f"(array_agg(p.{c} ORDER BY p.as_of DESC NULLS LAST, p.file, p.row) FILTER (WHERE p.{c} IS NOT NULL))[1] AS {c}"
        for c in _PERSON_COLUMNS
    )
    connection.execute(
        text(
            f"""
            CREATE TEMP TABLE merged_person ON COMMIT DROP AS
            SELECT key, bool_or(defines) AS defines, {latest} FROM staged_person p GROUP BY key
            """
        )
    )
    connection.execute(text("CREATE UNIQUE INDEX ON merged_person (key)"))
    connection.execute(
        text(
            """
            CREATE TEMP TABLE merged_kind ON COMMIT DROP AS
            SELECT key, kind, min(:prefix || school) AS school FROM staged_role GROUP BY key, kind
            UNION
            SELECT p.key, 'student', NULL FROM merged_person p JOIN student_identifier i
                ON i.district_id = :district AND i.system = :system AND i.value = p.key
            WHERE NOT EXISTS (SELECT 1 FROM staged_role r WHERE r.key = p.key)
            UNION
            SELECT p.key, 'contact', NULL FROM merged_person p JOIN contact c
                ON c.district_id = :district AND c.source_id = :prefix || p.key
            WHERE NOT EXISTS (SELECT 1 FROM staged_role r WHERE r.key = p.key)
            UNION
            SELECT p.key, 'staff', NULL FROM merged_person p JOIN staff_member m
                ON m.district_id = :district AND m.source_id = :prefix || p.key
            WHERE NOT EXISTS (SELECT 1 FROM staged_role r WHERE r.key = p.key)
            """
        ),
        ids,
    )
    connection.execute(text("ANALYZE merged_person, merged_kind"))
    refuse(
        connection,
        "no_role",
        "role",
        """
        FROM staged_person s
        WHERE s.defines AND NOT EXISTS (SELECT 1 FROM merged_kind k WHERE k.key = s.key)
        """,
    )
    refuse(
        connection,
        "not_a_student",
        None,
        """
        FROM staged_person s
        WHERE NOT s.defines AND NOT EXISTS (SELECT 1 FROM merged_kind k WHERE k.key = s.key AND k.kind = 'student')
        """,
    )


def _merge_students(connection: Connection, ids: Ids) -> None:
    _find_students(connection, ids)
    _add_students(connection, ids)
    _change_students(connection, ids)
    connection.execute(
        text(
            """
            INSERT INTO student_identifier (district_id, system, value, student_id)
            SELECT DISTINCT CAST(:district AS bigint), i.system, i.value, f.student_id
            FROM staged_identifier i JOIN found_student f USING (key)
            ON CONFLICT (district_id, system, value) DO NOTHING
            """
        ),
        ids,
    )


def _find_students(connection: Connection, ids: Ids) -> None:
    connection.execute(
        text(
            """
            CREATE TEMP TABLE candidate ON COMMIT DROP AS
            SELECT DISTINCT i.key, known.student_id
            FROM staged_identifier i
            JOIN merged_kind k ON k.key = i.key AND k.kind = 'student'
            JOIN student_identifier known
              ON known.district_id = :district AND known.system = i.system AND known.value = i.value
            """
        ),
        ids,
    )
    for clash in (_IDS_OF_TWO_STUDENTS, _TWO_KEYS_OF_ONE_STUDENT, _SECOND_ID_OF_A_SYSTEM, _SHARED_IN_SOURCE):
        refuse(connection, "identity_conflict", None, clash, **ids)
    connection.execute(
        text(
            """
            CREATE TEMP TABLE found_student ON COMMIT DROP AS
            SELECT DISTINCT c.key, c.student_id FROM candidate c JOIN staged_person p ON p.key = c.key
            """
        )
    )


_IDS_OF_TWO_STUDENTS = """
    FROM staged_person s
    JOIN (SELECT key FROM candidate GROUP BY key HAVING count(*) > 1) c ON c.key = s.key
"""

_TWO_KEYS_OF_ONE_STUDENT = """
    FROM staged_person s JOIN candidate c ON c.key = s.key
    JOIN (SELECT student_id FROM candidate GROUP BY student_id HAVING count(*) > 1) d ON d.student_id = c.student_id
"""

_SECOND_ID_OF_A_SYSTEM = """
    FROM staged_person s JOIN candidate c ON c.key = s.key JOIN staged_identifier i ON i.key = s.key
    JOIN student_identifier o
      ON o.district_id = :district AND o.student_id = c.student_id AND o.system = i.system AND o.value <> i.value
"""

_SHARED_IN_SOURCE = """
    FROM staged_person s JOIN staged_identifier i ON i.key = s.key
    JOIN merged_kind k ON k.key = s.key AND k.kind = 'student'
    JOIN (
        SELECT x.system, x.value FROM staged_identifier x
        JOIN merged_kind y ON y.key = x.key AND y.kind = 'student'
        GROUP BY x.system, x.value HAVING count(DISTINCT x.key) > 1
    ) d ON d.system = i.system AND d.value = i.value
"""

_STUDENT_COLUMNS = (
    "given_name", "family_name", "preferred_name", "birth_date", "grade_level", "home_language",
    "home_language_raw", "home_language_code_system", "english_learner", "us_entry_date",
)  # fmt: skip


def _add_students(connection: Connection, ids: Ids) -> None:
    columns = ", ".join(_STUDENT_COLUMNS)
    connection.execute(
        text(
            f"""
            WITH wanted AS (
                SELECT p.*, row_number() OVER (ORDER BY p.key) AS n
                FROM merged_person p
                WHERE p.defines AND EXISTS (SELECT 1 FROM merged_kind k WHERE k.key = p.key AND k.kind = 'student')
                  AND EXISTS (SELECT 1 FROM staged_person s WHERE s.key = p.key AND s.defines)
                  AND NOT EXISTS (SELECT 1 FROM found_student f WHERE f.key = p.key)
            ), made AS (
                INSERT INTO student (district_id, {columns}) SELECT :district, {columns} FROM wanted ORDER BY n
                RETURNING id
            ), numbered AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM made)
            INSERT INTO found_student (key, student_id) SELECT w.key, m.id FROM wanted w JOIN numbered m USING (n)
            """
        ),
        ids,
    )
    connection.execute(text("CREATE INDEX ON found_student (key)"))
    connection.execute(text("ANALYZE found_student"))


def _change_students(connection: Connection, ids: Ids) -> None:
    """A value left out stays as it was; a student whose row is back is no longer withdrawn."""
    kept = [f"{c} = coalesce(p.{c}, s.{c})" for c in _STUDENT_COLUMNS]
    mine = ", ".join(f"s.{c}" for c in (*_STUDENT_COLUMNS, "school_id", "confidential", "withdrawn"))
    theirs = ", ".join(
        [
            *(f"coalesce(p.{c}, s.{c})" for c in _STUDENT_COLUMNS),
            "coalesce(p.school_id, s.school_id)",
            "coalesce(p.confidential, s.confidential)",
            "coalesce(p.withdrawn, s.withdrawn AND NOT p.defines)",
        ]
    )
    connection.execute(
        text(
            f"""
            WITH said AS (
                SELECT f.student_id, p.*, h.id AS school_id
                FROM found_student f JOIN merged_person p USING (key)
                LEFT JOIN merged_kind k ON k.key = p.key AND k.kind = 'student'
                LEFT JOIN school h ON h.district_id = :district
                    AND h.source_id = coalesce(:prefix || p.school, k.school)
            ), changed AS (
                UPDATE student s SET {", ".join(kept)}, school_id = coalesce(p.school_id, s.school_id),
                    confidential = coalesce(p.confidential, s.confidential),
                    withdrawn = coalesce(p.withdrawn, s.withdrawn AND NOT p.defines)
                FROM said p WHERE s.id = p.student_id AND ({mine}) IS DISTINCT FROM ({theirs})
                RETURNING p.key
            )
            INSERT INTO staged_changed (file, row)
            SELECT s.file, s.row FROM staged_person s JOIN changed USING (key)
            """
        ),
        ids,
    )


def _merge_staff(connection: Connection, ids: Ids) -> None:
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


def _merge_contacts(connection: Connection, ids: Ids) -> None:
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


def _merge_relations(connection: Connection, ids: Ids, *, complete: bool) -> None:
    connection.execute(
        text(
            """
            UPDATE staged_relation r SET contact_key = a.key FROM staged_alias a
            WHERE a.name = r.contact_alias AND r.contact_key IS NULL
            """
        )
    )
    for code, column, table, found in (
        ("unknown_student", "student", "student_key", _IS_STUDENT),
        ("unknown_contact", "contact", "contact_key", _IS_CONTACT),
    ):
        refuse(connection, code, column, f"FROM staged_relation s WHERE NOT {found.format(key=table)}", **ids)
    refuse_duplicates(connection, "relation", "student_key, contact_key")
    connection.execute(text(_SAID_RELATIONS), ids)
    connection.execute(text(_SAVE_RELATIONS), ids)
    if complete:
        connection.execute(text(_END_RELATIONS), ids)
    connection.execute(text(_END_RELATIONS_OF_GONE), ids)


_IS_STUDENT = """
    EXISTS (SELECT 1 FROM student_identifier i
            WHERE i.district_id = :district AND i.system = :system AND i.value = s.{key})
"""
_IS_CONTACT = """
    EXISTS (SELECT 1 FROM contact c WHERE c.district_id = :district AND c.source_id = :prefix || s.{key})
"""

# Either side of a pair may hold the link; what the contact's own row says holds for all of the contact's students.
_SAID_RELATIONS = """
    CREATE TEMP TABLE said_relation ON COMMIT DROP AS
    SELECT i.student_id, c.id AS contact_id,
           lower(coalesce(max(pair.relation), max(p.relation), max(r.relation), 'guardian')) AS relation,
           coalesce(bool_and(pair.may_receive), bool_and(p.may_receive)) AS stated_may_receive,
           coalesce(bool_or(pair.court_restriction), false) OR coalesce(bool_or(p.court_restriction), false)
               AS court_restriction,
           bool_or(pair.lives_with) AS lives_with, bool_or(pair.primary_contact) AS primary_contact
    FROM (
        SELECT file, row, student_key, contact_key, relation, may_receive, court_restriction, lives_with,
               primary_contact
        FROM staged_relation
        UNION ALL
        SELECT file, row, key, agent_key, NULL, NULL, NULL, NULL, NULL FROM staged_agent
        UNION ALL
        SELECT file, row, agent_key, key, NULL, NULL, NULL, NULL, NULL FROM staged_agent
    ) pair
    JOIN student_identifier i ON i.district_id = :district AND i.system = :system AND i.value = pair.student_key
    JOIN contact c ON c.district_id = :district AND c.source_id = :prefix || pair.contact_key
    LEFT JOIN merged_person p ON p.key = pair.contact_key
    LEFT JOIN (SELECT key, min(relation) AS relation FROM staged_role WHERE kind = 'contact' GROUP BY key) r
        ON r.key = pair.contact_key
    GROUP BY i.student_id, c.id
"""

_SAVE_RELATIONS = """
    WITH said AS (
        SELECT student_id, contact_id, relation, court_restriction, lives_with, primary_contact,
               NOT court_restriction
               AND coalesce(stated_may_receive, relation = ANY (CAST(:receiving AS text[]))) AS may_receive
        FROM said_relation
    ), changed AS (
        INSERT INTO student_contact AS t
            (student_id, contact_id, relation, may_receive, court_restriction, lives_with, primary_contact)
        SELECT student_id, contact_id, relation, may_receive, court_restriction, lives_with, primary_contact FROM said
        ON CONFLICT (student_id, contact_id) DO UPDATE SET
            relation = EXCLUDED.relation, may_receive = EXCLUDED.may_receive,
            court_restriction = EXCLUDED.court_restriction,
            lives_with = EXCLUDED.lives_with, primary_contact = EXCLUDED.primary_contact
        WHERE (t.relation, t.may_receive, t.court_restriction, t.lives_with, t.primary_contact)
            IS DISTINCT FROM (EXCLUDED.relation, EXCLUDED.may_receive, EXCLUDED.court_restriction,
                              EXCLUDED.lives_with, EXCLUDED.primary_contact)
        RETURNING student_id, contact_id
    )
    INSERT INTO staged_changed (file, row)
    SELECT pair.file, pair.row
    FROM (
        SELECT file, row, student_key, contact_key FROM staged_relation
        UNION ALL SELECT file, row, key, agent_key FROM staged_agent
        UNION ALL SELECT file, row, agent_key, key FROM staged_agent
    ) pair
    JOIN student_identifier i ON i.district_id = :district AND i.system = :system AND i.value = pair.student_key
    JOIN contact c ON c.district_id = :district AND c.source_id = :prefix || pair.contact_key
    JOIN changed ON changed.student_id = i.student_id AND changed.contact_id = c.id
"""

_END_RELATIONS = """
    DELETE FROM student_contact t USING found_student f
    WHERE t.student_id = f.student_id
      AND NOT EXISTS (SELECT 1 FROM said_relation r
                      WHERE r.student_id = t.student_id AND r.contact_id = t.contact_id)
"""

_END_RELATIONS_OF_GONE = """
    DELETE FROM student_contact t USING contact c, merged_person p
    WHERE t.contact_id = c.id AND c.district_id = :district AND c.source_id = :prefix || p.key AND p.withdrawn
"""


def _merge_sections(connection: Connection, ids: Ids) -> None:
    refuse_duplicates(connection, "offering", "source_id")
    connection.execute(
        text(
            "UPDATE staged_section s SET course = o.course FROM staged_offering o WHERE o.source_id = s.offering"
        )
    )
    refuse(
        connection,
        "unknown_course",
        "CourseOfferingReference",
        "FROM staged_section s WHERE s.offering IS NOT NULL AND s.course IS NULL",
    )
    refuse_duplicates(connection, "section", "source_id")
    for code, column in (("unknown_course", "course"), ("unknown_school", "school")):
        refuse(
            connection,
            code,
            column,
            f"""
            FROM staged_section s WHERE s.{column} IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM {column} x WHERE x.district_id = :district AND x.source_id = :prefix || s.{column})
            """,
            **ids,
        )
    upsert(
        connection,
        Target("section", "section", "source_id", ["school_id", "course_id", "title"]),
        """
        SELECT DISTINCT :prefix || s.source_id AS source_id, h.id AS school_id, c.id AS course_id,
               coalesce(s.title, c.title) AS title
        FROM staged_section s
        LEFT JOIN school h ON h.district_id = :district AND h.source_id = :prefix || s.school
        LEFT JOIN course c ON c.district_id = :district AND c.source_id = :prefix || s.course
        """,
        **ids,
    )
    _fill_courses(connection, ids)
    refuse(connection, "unknown_section", "section", f"FROM staged_teaching s WHERE NOT {_IS_SECTION}", **ids)
    refuse(
        connection,
        "unknown_person",
        "teacher",
        """
        FROM staged_teaching s WHERE NOT EXISTS (
            SELECT 1 FROM staff_member m WHERE m.district_id = :district AND m.source_id = :prefix || s.staff_key)
        """,
        **ids,
    )
    connection.execute(text(_SAVE_TEACHERS), ids)


_IS_SECTION = """
    EXISTS (SELECT 1 FROM section x WHERE x.district_id = :district AND x.source_id = :prefix || s.section)
"""

_SAVE_TEACHERS = """
    WITH said AS (
        SELECT DISTINCT ON (t.section) t.section, m.id AS teacher_id
        FROM staged_teaching t
        JOIN staff_member m ON m.district_id = :district AND m.source_id = :prefix || t.staff_key
        ORDER BY t.section, t.is_primary DESC NULLS LAST, t.file, t.row
    ), changed AS (
        UPDATE section c SET teacher_id = s.teacher_id FROM said s
        WHERE c.district_id = :district AND c.source_id = :prefix || s.section
          AND c.teacher_id IS DISTINCT FROM s.teacher_id
        RETURNING s.section
    )
    INSERT INTO staged_changed (file, row) SELECT t.file, t.row FROM staged_teaching t JOIN changed USING (section)
"""


def _fill_courses(connection: Connection, ids: Ids) -> None:
    """Where a course states no subject or grade level and all its classes state the same one, it is the course's."""
    for column in ("subject", "grade_level"):
        connection.execute(
            text(
                f"""
                UPDATE course c SET {column} = s.value
                FROM (
                    SELECT course, min({column}) AS value FROM staged_section
                    GROUP BY course HAVING count(DISTINCT {column}) = 1
                ) s
                WHERE c.district_id = :district AND c.source_id = :prefix || s.course AND c.{column} IS NULL
                """
            ),
            ids,
        )


def _merge_enrollments(connection: Connection, ids: Ids, *, complete: bool) -> None:
    find_referenced_students(connection, ids["district"])
    refuse(
        connection, "unknown_section", "section", f"FROM staged_enrollment s WHERE NOT {_IS_SECTION}", **ids
    )
    connection.execute(
        text(
            """
            CREATE TEMP TABLE said_enrollment ON COMMIT DROP AS
            SELECT e.file, e.row, e.gone, c.id AS section_id, f.student_id
            FROM staged_enrollment e JOIN found_reference f USING (file, row)
            JOIN section c ON c.district_id = :district AND c.source_id = :prefix || e.section
            """
        ),
        ids,
    )
    connection.execute(text(_SAVE_ENROLLMENTS))
    connection.execute(
        text(
            """
            DELETE FROM enrollment t USING said_enrollment s
            WHERE s.gone AND t.section_id = s.section_id AND t.student_id = s.student_id
            """
        )
    )
    if complete:
        connection.execute(text(_END_ENROLLMENTS), ids)


_SAVE_ENROLLMENTS = """
    WITH made AS (
        INSERT INTO enrollment (section_id, student_id)
        SELECT DISTINCT section_id, student_id FROM said_enrollment WHERE NOT coalesce(gone, false)
        ON CONFLICT DO NOTHING RETURNING section_id, student_id
    )
    INSERT INTO staged_changed (file, row)
    SELECT s.file, s.row FROM said_enrollment s JOIN made USING (section_id, student_id)
"""

_END_ENROLLMENTS = """
    DELETE FROM enrollment t USING section c, school h
    WHERE t.section_id = c.id AND c.school_id = h.id AND c.district_id = :district
      AND h.source_id IN (SELECT :prefix || source_id FROM staged_school)
      AND NOT EXISTS (SELECT 1 FROM said_enrollment s
                      WHERE s.section_id = t.section_id AND s.student_id = t.student_id)
"""


def find_referenced_students(connection: Connection, district: object) -> None:
    """Which student each enrolment, mark or score is about; rows without one, or with more than one, are refused."""
    connection.execute(text(_FIND_REFERENCES), {"district": district})
    connection.execute(text("CREATE INDEX ON found_reference (file, row)"))
    refuse(connection, "identity_conflict", "student", "FROM found_reference s WHERE s.students > 1")
    refuse(connection, "identity_conflict", "student", _OTHER_ID_IN_REGISTER, district=district)
    refuse(connection, "identity_conflict", "student", _OTHER_ID_IN_SOURCE)
    refuse(
        connection,
        "unknown_student",
        "student",
        """
        FROM found_reference s WHERE s.students = 0
          AND EXISTS (SELECT 1 FROM staged_student_ref r WHERE r.file = s.file AND r.row = s.row)
        """,
    )
    connection.execute(
        text("DELETE FROM found_reference f USING staged_refused r WHERE f.file = r.file AND f.row = r.row")
    )
    connection.execute(text("ANALYZE found_reference"))


_OTHER_ID_IN_REGISTER = """
    FROM found_reference s JOIN staged_student_ref r USING (file, row)
    WHERE r.exclusive AND EXISTS (
        SELECT 1 FROM student_identifier o
        WHERE o.student_id = s.student_id AND o.district_id = :district
          AND o.system = r.system AND o.value <> r.value)
"""

# Two rows that agree on one id and differ on another: the earlier one stands unless the register has refused it.
_OTHER_ID_IN_SOURCE = """
    FROM (
        SELECT a.file, a.row, b.value AS said, first_value(b.value) OVER (
            PARTITION BY a.system, a.value, b.system ORDER BY a.file, a.row) AS first
        FROM staged_student_ref a JOIN staged_student_ref b USING (file, row)
        WHERE a.exclusive AND b.exclusive AND a.system <> b.system
    ) s
    WHERE s.said <> s.first
"""

_FIND_REFERENCES = """
    CREATE TEMP TABLE found_reference ON COMMIT DROP AS
    SELECT r.file, r.row, min(i.student_id) AS student_id, count(DISTINCT i.student_id) AS students
    FROM staged_student_ref r
    LEFT JOIN student_identifier i ON i.district_id = :district AND i.system = r.system AND i.value = r.value
    GROUP BY r.file, r.row
"""


def _withdraw_missing(connection: Connection, ids: Ids) -> None:
    """Students of the source's own schools whom a complete list no longer names have left.

    A refused row is no sign of leaving, and while some row cannot even be read, nobody is taken to have left.
    """
    connection.execute(
        text(
            """
            UPDATE student s SET withdrawn = true
            FROM student_identifier i, school h
            WHERE i.student_id = s.id AND i.system = :system AND s.district_id = :district AND NOT s.withdrawn
              AND h.id = s.school_id AND h.source_id IN (SELECT :prefix || source_id FROM staged_school)
              AND NOT EXISTS (SELECT 1 FROM listed_person p WHERE p.key = i.value)
              AND NOT EXISTS (SELECT 1 FROM staged_refused r WHERE r.key = i.value)
              AND NOT EXISTS (SELECT 1 FROM staged_refused r WHERE r.code IN ('ragged_row', 'malformed_row'))
            """
        ),
        ids,
    )

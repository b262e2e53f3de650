"""Which contact belongs to which student, and who of them may receive messages."""

from __future__ import annotations

from sqlalchemy import Connection, text

from campaign.store.staged import Ids, refuse, refuse_duplicates


def merge_relations(connection: Connection, ids: Ids, *, complete: bool) -> None:
    connection.execute(
        text(
            """
            UPDATE staged_relation r SET contact_key = a.key FROM staged_alias a
            WHERE a.name = r.contact_alias AND r.contact_key IS NULL
            """
        )
    )
    for code, column, key, found in (
        ("unknown_student", "student", "student_key", _IS_STUDENT),
        ("unknown_contact", "contact", "contact_key", _IS_CONTACT),
    ):
        stated = f"FROM staged_relation s WHERE s.{key} IS NOT NULL AND NOT {found.format(key=key)}"
        refuse(connection, code, column, stated, **ids)
    refuse_duplicates(connection, "relation", "student_key, contact_key", "student_key IS NOT NULL")
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
    SELECT pair.student_id, c.id AS contact_id,
           lower(coalesce(max(pair.relation), max(p.relation), max(r.relation), 'guardian')) AS relation,
           coalesce(bool_and(pair.may_receive), bool_and(p.may_receive)) AS stated_may_receive,
           coalesce(bool_or(pair.court_restriction), false) OR coalesce(bool_or(p.court_restriction), false)
               AS court_restriction,
           bool_or(pair.lives_with) AS lives_with, bool_or(pair.primary_contact) AS primary_contact,
           coalesce(bool_or(pair.adult_consent), bool_or(p.adult_consent)) AS adult_consent
    FROM (
        SELECT i.student_id, r.contact_key, r.relation, r.may_receive, r.court_restriction, r.lives_with,
               r.primary_contact, r.adult_consent
        FROM staged_relation r
        JOIN student_identifier i ON i.district_id = :district AND i.system = :system AND i.value = r.student_key
        UNION ALL
        SELECT f.student_id, r.contact_key, r.relation, r.may_receive, r.court_restriction, r.lives_with,
               r.primary_contact, r.adult_consent
        FROM staged_relation r JOIN found_reference f USING (file, row) WHERE r.student_key IS NULL
        UNION ALL
        SELECT i.student_id, a.agent_key, NULL, NULL, NULL, NULL, NULL, NULL FROM staged_agent a
        JOIN student_identifier i ON i.district_id = :district AND i.system = :system AND i.value = a.key
        UNION ALL
        SELECT i.student_id, a.key, NULL, NULL, NULL, NULL, NULL, NULL FROM staged_agent a
        JOIN student_identifier i ON i.district_id = :district AND i.system = :system AND i.value = a.agent_key
    ) pair
    JOIN contact c ON c.district_id = :district AND c.source_id = :prefix || pair.contact_key
    LEFT JOIN merged_person p ON p.key = pair.contact_key
    LEFT JOIN (SELECT key, min(relation) AS relation FROM staged_role WHERE kind = 'contact' GROUP BY key) r
        ON r.key = pair.contact_key
    GROUP BY pair.student_id, c.id
"""

_SAVE_RELATIONS = """
    WITH said AS (
        SELECT student_id, contact_id, relation, court_restriction, lives_with, primary_contact, adult_consent,
               NOT court_restriction
               AND coalesce(stated_may_receive, relation = ANY (CAST(:receiving AS text[]))) AS may_receive
        FROM said_relation
    ), changed AS (
        INSERT INTO student_contact AS t (student_id, contact_id, relation, may_receive, court_restriction,
                                          lives_with, primary_contact, adult_consent, said_by)
        SELECT student_id, contact_id, relation, may_receive, court_restriction, lives_with, primary_contact,
               adult_consent, :system
        FROM said
        ON CONFLICT (student_id, contact_id) DO UPDATE SET
            relation = EXCLUDED.relation, may_receive = EXCLUDED.may_receive,
            court_restriction = EXCLUDED.court_restriction, lives_with = EXCLUDED.lives_with,
            primary_contact = EXCLUDED.primary_contact, adult_consent = EXCLUDED.adult_consent,
            said_by = EXCLUDED.said_by
        WHERE (t.relation, t.may_receive, t.court_restriction, t.lives_with, t.primary_contact, t.adult_consent)
            IS DISTINCT FROM (EXCLUDED.relation, EXCLUDED.may_receive, EXCLUDED.court_restriction,
                              EXCLUDED.lives_with, EXCLUDED.primary_contact, EXCLUDED.adult_consent)
        RETURNING student_id, contact_id
    )
    INSERT INTO staged_changed (file, row)
    SELECT pair.file, pair.row
    FROM (
        SELECT file, row, student_key, contact_key FROM staged_relation WHERE student_key IS NOT NULL
        UNION ALL SELECT file, row, key, agent_key FROM staged_agent
        UNION ALL SELECT file, row, agent_key, key FROM staged_agent
    ) pair
    JOIN student_identifier i ON i.district_id = :district AND i.system = :system AND i.value = pair.student_key
    JOIN contact c ON c.district_id = :district AND c.source_id = :prefix || pair.contact_key
    JOIN changed ON changed.student_id = i.student_id AND changed.contact_id = c.id
    UNION
    SELECT r.file, r.row FROM staged_relation r JOIN found_reference f USING (file, row)
    JOIN contact c ON c.district_id = :district AND c.source_id = :prefix || r.contact_key
    JOIN changed ON changed.student_id = f.student_id AND changed.contact_id = c.id
    WHERE r.student_key IS NULL
"""

# A list ends only what the same system has said before; a table of contacts beside the roster stays.
_END_RELATIONS = """
    DELETE FROM student_contact t USING found_student f
    WHERE t.student_id = f.student_id AND t.said_by = :system
      AND NOT EXISTS (SELECT 1 FROM said_relation r
                      WHERE r.student_id = t.student_id AND r.contact_id = t.contact_id)
"""

_END_RELATIONS_OF_GONE = """
    DELETE FROM student_contact t USING contact c, merged_person p
    WHERE t.contact_id = c.id AND c.district_id = :district AND c.source_id = :prefix || p.key AND p.withdrawn
"""

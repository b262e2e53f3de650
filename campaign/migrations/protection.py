"""Row-level security as data: which role sees which rows of which table. Migrations apply it with `protect`.

The session's role and scope are set per transaction by `campaign.database.assume`; without them nothing is seen.
Staff may write only what their pages change; the engine (imports, comparison, delivery) works on everything.
"""

from alembic import op

# Several installations and test databases share one server, and roles belong to the server: hence the lock.
ROLES = [
    "SELECT pg_advisory_xact_lock(7281604)",
    *(
        f"""
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
                CREATE ROLE {role} NOLOGIN;
            END IF;
            EXECUTE format('GRANT {role} TO %I', current_user);
        END $$
        """
        for role in ("gbg_engine", "gbg_staff", "gbg_family", "gbg_partner")
    ),
    "GRANT USAGE ON SCHEMA public TO gbg_engine, gbg_staff, gbg_family, gbg_partner",
]

HELPERS = [
    """
    CREATE FUNCTION gbg_number(setting text) RETURNS bigint LANGUAGE sql STABLE
    AS $$ SELECT nullif(current_setting(setting, true), '')::bigint $$
    """,
    """
    CREATE FUNCTION gbg_schools() RETURNS bigint[] LANGUAGE sql STABLE
    AS $$ SELECT coalesce(nullif(current_setting('gbg.school_ids', true), ''), '{}')::bigint[] $$
    """,
    """
    CREATE FUNCTION gbg_sees_district(district bigint) RETURNS boolean LANGUAGE sql STABLE
    AS $$
        SELECT CASE current_setting('gbg.scope', true)
            WHEN 'state' THEN true
            WHEN 'district' THEN district = gbg_number('gbg.district_id')
            WHEN 'school' THEN district = gbg_number('gbg.district_id')
            WHEN 'teacher' THEN district = gbg_number('gbg.district_id')
            WHEN 'partner' THEN district = gbg_number('gbg.district_id')
            ELSE false
        END
    $$
    """,
    """
    CREATE FUNCTION gbg_sees_school(district bigint, school bigint) RETURNS boolean LANGUAGE sql STABLE
    AS $$
        SELECT gbg_sees_district(district) AND CASE current_setting('gbg.scope', true)
            WHEN 'state' THEN true
            WHEN 'district' THEN true
            WHEN 'school' THEN coalesce(school = ANY (gbg_schools()), false)
            WHEN 'teacher' THEN coalesce(school = ANY (gbg_schools()), false)
            ELSE false
        END
    $$
    """,
]

_OWN_STUDENT = "EXISTS (SELECT 1 FROM student s WHERE s.id = {table}.student_id)"
_DISTRICT = "gbg_sees_district({table}.district_id)"
# District-wide lists that hold no student: school staff need not see other schools' files or plans.
_DISTRICT_OFFICE = """
    gbg_sees_district({table}.district_id) AND current_setting('gbg.scope', true) IN ('state', 'district')
"""

# Texts that name no district hold in all of them.
_DISTRICT_TEXTS = """
    current_setting('gbg.scope', true) IN ('state', 'district')
    AND ({table}.district_id IS NULL OR gbg_sees_district({table}.district_id))
"""

# A run over the files of several districts belongs to none; each of them sees it through its own files.
_OWN_RUN = """
    current_setting('gbg.scope', true) IN ('state', 'district') AND (
        gbg_sees_district({table}.district_id)
        OR EXISTS (SELECT 1 FROM source_file f WHERE f.import_run_id = {table}.id)
    )
"""

# Families were told that the teacher and the school read what they write; so a state does not.
_SAID_TO_SCHOOL = "current_setting('gbg.scope', true) <> 'state' AND " + _OWN_STUDENT

# A reply that is in no thread yet belongs to the district office; one of no known district to who chooses among them.
_REPLY = """
    current_setting('gbg.scope', true) <> 'state' AND EXISTS (SELECT 1 FROM student s WHERE s.id = {table}.student_id)
    OR {table}.student_id IS NULL AND CASE WHEN {table}.district_id IS NULL
        THEN current_setting('gbg.scope', true) = 'state'
        ELSE current_setting('gbg.scope', true) = 'district' AND gbg_sees_district({table}.district_id) END
"""

# A teacher sees the students of the own sections; the other staff those of their schools.
_STUDENT = """
    gbg_sees_school({table}.district_id, {table}.school_id)
    AND (
        current_setting('gbg.scope', true) <> 'teacher'
        OR EXISTS (
            SELECT 1 FROM enrollment e JOIN section c ON c.id = e.section_id
            WHERE e.student_id = {table}.id AND c.teacher_id = gbg_number('gbg.staff_member_id')
        )
    )
"""

STAFF_TABLES = {
    "district": "gbg_sees_district({table}.id)",
    "school": "gbg_sees_school({table}.district_id, {table}.id)",
    "staff_member": _DISTRICT,
    "student": _STUDENT,
    "student_identifier": _OWN_STUDENT,
    "contact": "EXISTS (SELECT 1 FROM student_contact r WHERE r.contact_id = {table}.id)",
    "student_contact": _OWN_STUDENT,
    "course": _DISTRICT,
    "section": _DISTRICT,
    # Read by the policy on students, so it must not ask for them in turn; it holds ids alone.
    "enrollment": "EXISTS (SELECT 1 FROM section c WHERE c.id = {table}.section_id)",
    "grading_period": _DISTRICT,
    "mark": _OWN_STUDENT,
    "assessment": _DISTRICT,
    "score": _OWN_STUDENT,
    "attendance": _OWN_STUDENT,
    "import_run": _OWN_RUN,
    "upload": _DISTRICT_OFFICE,
    "import_run_upload": "EXISTS (SELECT 1 FROM upload u WHERE u.id = {table}.upload_id)",
    "import_progress": "EXISTS (SELECT 1 FROM import_run r WHERE r.id = {table}.import_run_id"
    " AND (r.district_id IS NOT NULL OR current_setting('gbg.scope', true) = 'state'))",
    "source_file": _DISTRICT_OFFICE,
    "refused_row": _DISTRICT_OFFICE,
    "table_mapping": _DISTRICT_OFFICE,
    "identity_case": _DISTRICT_OFFICE,
    "identity_row": "EXISTS (SELECT 1 FROM identity_case c WHERE c.id = {table}.identity_case_id)",
    "comparison": _OWN_STUDENT,
    "comparison_fact": _DISTRICT,
    "population": _DISTRICT,
    "combined_evidence": _OWN_STUDENT,
    "report": _OWN_STUDENT,
    "teacher_word": _OWN_STUDENT,
    "teacher_word_translation": "EXISTS (SELECT 1 FROM teacher_word w WHERE w.id = {table}.teacher_word_id)",
    "print_run": _DISTRICT_OFFICE,
    "print_letter": _DISTRICT_OFFICE,
    "letter_run": _DISTRICT_OFFICE,
    "letter_envelope": _DISTRICT_OFFICE,
    "call_try": "EXISTS (SELECT 1 FROM message m WHERE m.id = {table}.message_id)",
    "calendar_day": _DISTRICT,
    "programme": _DISTRICT,
    "grading_policy": _DISTRICT,
    "campaign": _DISTRICT,
    "campaign_revision": _DISTRICT,
    "campaign_version": _DISTRICT,
    "campaign_content": _DISTRICT_OFFICE,
    "approval": _DISTRICT_OFFICE,
    "cancellation": _DISTRICT,
    "sending_pause": _DISTRICT,
    "student_event": _OWN_STUDENT,
    "event_watch": _DISTRICT,
    "event_cursor": _DISTRICT,
    "event_step": "EXISTS (SELECT 1 FROM student_event e WHERE e.id = {table}.student_event_id)",
    "calendar_change": _DISTRICT_OFFICE,
    "test_message": _DISTRICT_OFFICE,
    "occurrence": _DISTRICT,
    "message": "EXISTS (SELECT 1 FROM student s WHERE s.id = ANY ({table}.student_ids))",
    "household_cascade": _DISTRICT_OFFICE,
    # Ids, codes and moments alone; read beside `message`, which says whose they are.
    "open_message": _DISTRICT,
    "message_tally": _DISTRICT_OFFICE,
    "digest_line": "EXISTS (SELECT 1 FROM message m WHERE m.id = {table}.message_id)",
    "wording": _DISTRICT_TEXTS,
    "draft_permission": _DISTRICT,
    "attempt": "EXISTS (SELECT 1 FROM message m WHERE m.id = {table}.message_id)",
    "provider_event": "EXISTS (SELECT 1 FROM message m WHERE m.id = {table}.message_id)",
    # Ids, codes and moments alone; read beside `message`, which says whose they are.
    "delivery": _DISTRICT,
    "sent_text": "false",
    "event_count": "current_setting('gbg.scope', true) IN ('state', 'district')",
    "consent_event": "EXISTS (SELECT 1 FROM contact c WHERE c.id = {table}.contact_id)",
    # Those of addresses that stand with a contact in reach.
    "suppression": """
        EXISTS (SELECT 1 FROM contact c WHERE {table}.contact_id IN (0, c.id)
                AND ({table}.channel = 'email' AND c.email_lower = {table}.address
                     OR {table}.channel <> 'email' AND c.phone_e164 = {table}.address))
    """,
    "contact_audit": _DISTRICT_OFFICE,
    "launch_override": _DISTRICT,
    "belief_answer": _OWN_STUDENT,
    "account": "false",
    "sign_in_link": "false",
    "session": "false",
    "family_request": _SAID_TO_SCHOOL,
    "family_request_step": _SAID_TO_SCHOOL,
    "reply": _REPLY,
    "conversation": _SAID_TO_SCHOOL,
    "conversation_message": _SAID_TO_SCHOOL,
    "conversation_step": _SAID_TO_SCHOOL,
    "conversation_flag": _SAID_TO_SCHOOL,
    "conversation_translation": _SAID_TO_SCHOOL,
    "conversation_look": "EXISTS (SELECT 1 FROM conversation c WHERE c.id = {table}.conversation_id)",
    "conversation_attachment": _REPLY,
    "caption": "EXISTS (SELECT 1 FROM conversation_attachment a WHERE a.id = {table}.conversation_attachment_id)",
    "conversation_route": _DISTRICT,
    "crisis_protocol": _DISTRICT,
    "report_look": "false",
    "family_link": _OWN_STUDENT,
    "family_session": "false",
    "audit_entry": _DISTRICT_OFFICE,
    "publication": _DISTRICT,
    "published_cell": _DISTRICT,
    "counted_student": "false",
    "held_row": "false",
    "provider": "current_setting('gbg.scope', true) IN ('state', 'district')",
}

_LINKED_STUDENT = "{table}.student_id = gbg_number('gbg.student_id')"
# What one adult writes and reads is not for the other.
_LINKED_PAIR = _LINKED_STUDENT + " AND {table}.contact_id = gbg_number('gbg.contact_id')"

# A family link reaches one student and one contact, and the report made for them; the figures behind it are for staff.
FAMILY_TABLES = {
    "district": "EXISTS (SELECT 1 FROM student s WHERE s.district_id = {table}.id)",
    "school": "EXISTS (SELECT 1 FROM student s WHERE s.school_id = {table}.id)",
    "student": "{table}.id = gbg_number('gbg.student_id')",
    "contact": "{table}.id = gbg_number('gbg.contact_id')",
    "report": _LINKED_STUDENT,
    "belief_answer": _LINKED_PAIR,
    "family_request": _LINKED_PAIR,
    "family_request_step": _LINKED_PAIR,
    "conversation_message": _LINKED_PAIR,
    "conversation_attachment": _LINKED_PAIR,
    "caption": "EXISTS (SELECT 1 FROM conversation_attachment a WHERE a.id = {table}.conversation_attachment_id)",
    "report_look": _LINKED_PAIR,
}

PARTNER_TABLES = {"publication": _DISTRICT, "published_cell": _DISTRICT}

# Counters of tries hold no person's data.
REFERENCE_TABLES = ["attempt_counter"]

_STAFF_WRITES = {"campaign": "UPDATE"}
_FAMILY_WRITES = {"belief_answer": "INSERT", "family_request": "INSERT", "report_look": "INSERT, UPDATE"}


def protect(table: str, *, staff: str, family: str | None = None, partner: str | None = None) -> None:
    """Turn row-level security on for `table` and let each role see the rows its predicate allows.

    Predicates are SQL with `{table}` for the table's own name; None gives the role no right at all.
    """
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO gbg_engine")
    op.execute(f"CREATE POLICY engine ON {table} TO gbg_engine USING (true) WITH CHECK (true)")
    for role, predicate, writes in (
        ("gbg_staff", staff, _STAFF_WRITES.get(table)),
        ("gbg_family", family, _FAMILY_WRITES.get(table)),
        ("gbg_partner", partner, None),
    ):
        if predicate is None:
            continue
        rights = f"SELECT, {writes}" if writes else "SELECT"
        shown = predicate.format(table=table)
        op.execute(f"GRANT {rights} ON {table} TO {role}")
        op.execute(f"CREATE POLICY {role} ON {table} TO {role} USING ({shown}) WITH CHECK ({shown})")

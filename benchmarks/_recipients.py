"""Made-up districts as planning meets them, made inside the database: adults, children, reports, comparisons, stops.

A family has two adults; three in ten have a second child. Four in ten live in two homes. Chance is a hash of the row's
number, so the same size is always the same district.
"""
# ruff: noqa: S608  what is put in stands in this file

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Connection, Engine, text

REPORT_DAY = date(2026, 11, 10)
MADE_AT = datetime(2026, 10, 30, 18, tzinfo=UTC)
_PUPILS_OF_A_SCHOOL = 600


@dataclass(frozen=True)
class Size:
    """A district of so many adults. Its rows are numbered from `first` on, so that several fit beside each other."""

    district: int
    contacts: int
    first: int = 1

    @property
    def families(self) -> int:
        return self.contacts // 2

    @property
    def children(self) -> int:
        """An upper bound of their numbers: each family has two, and seven in ten second ones are never born."""
        return self.contacts

    @property
    def schools(self) -> int:
        return max(2, self.contacts * 13 // 20 // _PUPILS_OF_A_SCHOOL)


def _chance(number: str, salt: int) -> str:
    """0 to 9999 by the row's number."""
    return f"(hashint8({number}::bigint * 97 + {salt}) & 2147483647) % 10000"


_PLACES = """
    INSERT INTO district (id, code, name, time_zone) OVERRIDING SYSTEM VALUE
    VALUES (:district, 'bench-' || :district, 'Made-up ' || :district, 'America/Chicago');
    INSERT INTO calendar_day (district_id, day, kind) VALUES (:district, :report_day, 'report_card');
    INSERT INTO school (id, district_id, source_id, name, time_zone) OVERRIDING SYSTEM VALUE
    SELECT :first + n, :district, n::text, 'School ' || n, CASE WHEN n % 10 = 0 THEN 'America/New_York' END
    FROM generate_series(0, :schools - 1) n
"""
_STUDENTS = f"""
    INSERT INTO student (id, district_id, school_id, given_name, family_name, birth_date, grade_level, home_language,
                         confidential, withdrawn) OVERRIDING SYSTEM VALUE
    SELECT :first + n, :district, :first + {_chance("n / 2", 1)} % :schools, 'Child', 'Name ' || n,
           date '2008-06-01' + ({_chance("n", 2)} % 4700), {_chance("n", 2)} % 13,
           CASE WHEN {_chance("n / 2", 3)} < 3000 THEN 'es' ELSE 'en' END,
           {_chance("n", 4)} < 50, {_chance("n", 5)} < 200
    FROM generate_series(0, :children - 1) n WHERE n % 2 = 0 OR {_chance("n / 2", 6)} < 3000
"""
_LANGUAGES = "ARRAY['en','en','en','en','en','en','es','es','es-MX','zh-Hans','vi','ar','so','ht','ru',NULL]"
_CONTACTS = f"""
    INSERT INTO contact (id, district_id, source_id, given_name, family_name, email, phone, phone_type,
                         written_language, address_line, city, postal_code, confidential) OVERRIDING SYSTEM VALUE
    SELECT :first + n, :district, n::text, 'Adult', 'Name ' || n,
           CASE WHEN {_chance("n", 11)} < 8500 THEN 'a' || :first + n - ({_chance("n", 12)} < 100)::int
                || '@example.org' END,
           CASE WHEN {_chance("n", 13)} < 9000 THEN '+1' || 2000000000 + n END,
           CASE WHEN {_chance("n", 14)} < 600 THEN 'landline' ELSE 'mobile' END,
           ({_LANGUAGES})[1 + {_chance("n / 2", 15)} % 16],
           CASE WHEN {_chance("n", 16)} >= 500 THEN
               n / 2 || CASE WHEN n % 2 = 1 AND {_chance("n / 2", 17)} < 4000 THEN ' Elm' ELSE ' Oak' END || ' Street'
           END, 'Lakeside', '60601', {_chance("n", 18)} < 30
    FROM generate_series(0, :contacts - 1) n
"""
_RELATIONS = f"""
    INSERT INTO student_contact (student_id, contact_id, relation, may_receive, court_restriction, lives_with)
    SELECT s.id, c, 'parent', {_chance("c", 21)} >= 200, {_chance("c", 22)} < 50, true
    FROM student s, LATERAL (VALUES (s.id - (s.id - :first) % 2), (s.id - (s.id - :first) % 2 + 1)) adult (c)
    WHERE s.district_id = :district
"""
_CATEGORIES = (
    "ARRAY['MATCH_AT','MATCH_AT','HIGH_NOTYET','HIGH_CLOSE','MID_NOTYET','BOTH_NEED','LOW_AT','NOT_ENOUGH']"
)
_COMPARISONS = f"""
    INSERT INTO comparison (district_id, student_id, subject, version, category, rules, explanation, inputs_hash,
                            computed_at)
    SELECT :district, s.id, subject, 1, ({_CATEGORIES})[1 + {_chance("s.id + place", 31)} % 8], '{{}}',
           jsonb_build_object('mark', jsonb_build_object('value', 'B', 'period', 'Quarter 1'), 'of', s.id), 'x', :made
    FROM student s, (VALUES ('math', 0), ('reading', 7)) subjects (subject, place)
    WHERE s.district_id = :district AND {_chance("s.id", 32)} < 9000
"""
_REPORTS = f"""
    INSERT INTO report (district_id, student_id, number, version, language, comparison_ids, content_hash, contract,
                        created_at)
    SELECT :district, s.id, 'R' || s.id, 1, 'en', '{{}}', 'x', '{{}}', :made
    FROM student s WHERE s.district_id = :district AND {_chance("s.id", 32)} < 9000
"""
_CONSENT = f"""
    INSERT INTO consent_event (district_id, contact_id, channel, scope, action, source, at)
    SELECT :district, id, 'email', 'all', 'granted', 'roster', :made
    FROM contact WHERE district_id = :district AND {_chance("id", 41)} < 5000;
    INSERT INTO consent_event (district_id, contact_id, channel, scope, action, source, at)
    SELECT :district, id, CASE WHEN id % 3 = 0 THEN 'sms' ELSE 'email' END, 'all', 'revoked', 'reply',
           CAST(:made AS timestamptz) + interval '1 day'
    FROM contact WHERE district_id = :district AND {_chance("id", 42)} < 200
"""
_SUPPRESSED = f"""
    INSERT INTO suppression (channel, address, reason, since)
    SELECT DISTINCT 'email', lower(email), 'bounce', CAST(:made AS timestamptz)
    FROM contact WHERE district_id = :district AND email IS NOT NULL AND {_chance("id", 43)} < 100
"""
_ALL = (
    _PLACES, _STUDENTS, _CONTACTS, _RELATIONS, _COMPARISONS, _REPORTS, _CONSENT, _SUPPRESSED,
)  # fmt: skip


def load(engine: Engine, sizes: Sequence[Size]) -> None:
    """Make the districts, foreign keys unchecked: they are right by construction."""
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for size in sizes:
            _load(connection, size)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _load(connection: Connection, size: Size) -> None:
    values = {
        "district": size.district,
        "first": size.first,
        "contacts": size.contacts,
        "children": size.children,
        "schools": size.schools,
        "report_day": REPORT_DAY,
        "made": MADE_AT,
    }
    for block in _ALL:
        for statement in block.split(";"):
            connection.execute(text(statement), values)

"""SQL of the audience: students with their contacts and all that decides whether they may be written to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import compress, product
from typing import Any

from sqlalchemy import Connection, text

from campaign import direct
from campaign.consents.said import Said
from campaign.gate import AudienceRow
from campaign.store.arrays import integers

# A household is everybody at one address; without an address, those who live with the same first student. An adult whom
# two sources list for one student is known by the e-mail address or the name; what bars one entry bars the other.
# All is joined and looked up so that a handful of contacts takes indexes, and a hundred thousand whole tables.
FACTS = """
    SELECT r.student_id, r.contact_id,
        CASE
            WHEN NOT c.confidential AND c.address_line <> '' THEN
                'home:' || left(md5(lower(concat_ws('|', c.district_id, c.address_line, c.city, c.postal_code))), 20)
            ELSE coalesce('student:' || (
                SELECT min(o.student_id) FROM student_contact o WHERE o.contact_id = c.id AND o.lives_with
            ), 'contact:' || c.id)
        END AS household,
        r.relation, r.may_receive, r.court_restriction OR coalesce(twin.barred, false) AS court_restriction,
        s.confidential OR c.confidential OR coalesce(twin.confidential, false) AS confidential,
        coalesce(r.adult_consent, false) AS adult_consent, coalesce(twin.earlier, false) AS listed_twice,
        s.withdrawn, s.birth_date, s.grade_level, s.school_id, h.source_id AS school,
        coalesce(nullif(c.written_language, ''), nullif(s.home_language, ''), 'und') AS language,
        coalesce(h.time_zone, d.time_zone, :zone) AS zone,
        c.email LIKE '%@%' AS has_email,
        c.phone_e164 IS NOT NULL AS has_phone,
        c.phone_e164 IS NOT NULL AND coalesce(c.phone_type, 'unknown') <> 'landline' AS has_mobile,
        array_remove(ARRAY[
            CASE WHEN EXISTS (SELECT FROM suppression x WHERE x.channel = 'email' AND x.address = c.email_lower
                              AND x.contact_id = 0 AND x.lifted_at IS NULL)
                   OR EXISTS (SELECT FROM suppression x WHERE x.channel = 'email' AND x.address = c.email_lower
                              AND x.contact_id = c.id AND x.lifted_at IS NULL) THEN 'email' END,
            CASE WHEN EXISTS (SELECT FROM suppression x WHERE x.channel = 'sms' AND x.address = c.phone_e164
                              AND x.contact_id = 0 AND x.lifted_at IS NULL)
                   OR EXISTS (SELECT FROM suppression x WHERE x.channel = 'sms' AND x.address = c.phone_e164
                              AND x.contact_id = c.id AND x.lifted_at IS NULL) THEN 'sms' END
        ], NULL) AS suppressed,
        said.revoked, said.told, said.unclear, said.topics, said.weekly_limit,
        coalesce('student:' || s.id = ANY (said.children), false) AS not_of_child,
        -- One look-up a student: reports are wide, and reading all of them takes longer.
        (SELECT true FROM report p WHERE p.student_id = s.id AND p.superseded_at IS NULL LIMIT 1) IS NOT NULL
            AS has_report,
        ARRAY(
            SELECT k.subject || ' ' || k.category FROM comparison k
            WHERE k.student_id = s.id AND k.superseded_at IS NULL
        ) AS categories,
        ARRAY(
            SELECT DISTINCT ON (b.subject) b.subject || ' ' || b.answer FROM belief_answer b
            WHERE b.student_id = s.id AND b.contact_id = c.id ORDER BY b.subject, b.at DESC, b.id DESC
        ) AS beliefs,
        EXISTS (
            SELECT FROM report_look l JOIN report p ON p.student_id = l.student_id AND p.version = l.version
            WHERE l.student_id = s.id AND l.contact_id = c.id AND p.superseded_at IS NULL
        ) AS opened,
        (
            SELECT max(k.computed_at) FROM comparison k
            WHERE k.student_id = s.id AND k.superseded_at IS NULL AND k.category = 'HIGH_NOTYET'
              AND NOT EXISTS (SELECT FROM teacher_word w WHERE w.student_id = s.id AND w.kind = 'release'
                              AND w.at >= k.computed_at)
        ) AS preview_since,
        (
            SELECT max(w.until) FROM teacher_word w
            WHERE w.student_id = s.id AND w.state IN ('in_force', 'open')
        ) AS held_until,
        EXISTS (
            SELECT FROM comparison k
            JOIN (
                SELECT max(m.finished_at) AS at FROM message m
                WHERE m.contact_id = c.id AND s.id = ANY (m.student_ids) AND m.state = 'accepted'
                  AND m.template = ANY (:report_templates)
            ) told ON k.computed_at > told.at AND (
                EXISTS (
                    SELECT FROM report p WHERE p.student_id = s.id AND p.corrects AND p.created_at > told.at
                )
                OR EXISTS (
                    SELECT FROM calendar_day y
                    WHERE y.district_id = d.id AND y.kind = 'correction' AND y.day >= told.at::date
                )
            )
            WHERE k.student_id = s.id AND k.superseded_at IS NULL AND k.version > 1
              AND k.category IS DISTINCT FROM (
                  SELECT o.category FROM comparison o
                  WHERE o.student_id = s.id AND o.subject = k.subject AND o.computed_at <= told.at
                  ORDER BY o.version DESC LIMIT 1
              )
        ) AS outdated
    FROM student_contact r
    JOIN contact c ON c.id = r.contact_id
    JOIN student s ON s.id = r.student_id
    JOIN district d ON d.id = s.district_id
    LEFT JOIN school h ON h.id = s.school_id
    LEFT JOIN (
        SELECT r.student_id, r.contact_id,
               bool_or(o.court_restriction) AS barred, bool_or(t.confidential) AS confidential,
               bool_or(t.id < c.id AND o.may_receive AND concat(t.email, t.phone) <> '') AS earlier
        FROM student_contact r JOIN student_contact o ON o.student_id = r.student_id AND o.contact_id <> r.contact_id
        JOIN contact c ON c.id = r.contact_id JOIN contact t ON t.id = o.contact_id
        WHERE {chosen}
          AND (t.email_lower = c.email_lower
               OR lower(t.given_name) = lower(c.given_name) AND lower(t.family_name) = lower(c.family_name)
                  AND r.said_by IS DISTINCT FROM o.said_by)
        GROUP BY r.student_id, r.contact_id
    ) twin ON twin.student_id = r.student_id AND twin.contact_id = r.contact_id
    LEFT JOIN (
        SELECT e.contact_id,
               array_agg(e.channel) FILTER (WHERE e.scope IN ('all', :slug) AND e.action = 'revoked') AS revoked,
               array_agg(e.channel) FILTER (WHERE e.scope = 'all') AS told,
               array_agg(e.channel) FILTER (WHERE e.action = 'unclear') AS unclear,
               array_agg(e.channel || ' ' || substr(e.scope, 7))
                   FILTER (WHERE starts_with(e.scope, 'topic:') AND e.action = 'revoked') AS topics,
               array_agg(e.scope) FILTER (WHERE starts_with(e.scope, 'student:') AND e.action = 'revoked') AS children,
               min(e.weekly_limit) AS weekly_limit
        FROM (
            SELECT DISTINCT ON (contact_id, channel, scope) contact_id, channel, scope, action, weekly_limit
            FROM consent_event r WHERE {chosen} ORDER BY contact_id, channel, scope, at DESC, id DESC
        ) e GROUP BY e.contact_id
    ) said ON said.contact_id = r.contact_id
    WHERE {chosen}
"""
"""Facts of every student and contact; {chosen} says which contacts, as a condition on r.contact_id."""

_THESE = "r.contact_id = ANY (CAST(:contacts AS bigint[]))"
_ROWS = text(f"{FACTS.format(chosen=_THESE)} ORDER BY r.contact_id, r.student_id")

# What nobody asks but who chooses whom a step is for. The last look leaves it out, and PostgreSQL looks none of it up.
CHOSEN_BY = {
    "household": "", "grade_level": None, "school": None, "categories": (), "beliefs": (), "opened": False,
    "outdated": False,
}  # fmt: skip
_LAST = text(
    f"""
    SELECT student_id, contact_id, relation, may_receive, court_restriction, confidential, adult_consent, listed_twice,
        withdrawn, birth_date, school_id, language, zone, has_email, has_phone, has_mobile, suppressed, revoked, told,
        unclear, topics, weekly_limit, not_of_child, has_report, preview_since, held_until
    FROM ({FACTS.format(chosen=_THESE)}) facts ORDER BY contact_id, student_id
    """  # noqa: S608  what is put in stands above
)

_CONTACTS = text(
    """
    SELECT id FROM contact WHERE district_id = :district_id AND id > :after ORDER BY id LIMIT :limit
    """
)


def contacts_after(connection: Connection, district_id: int, after: int, limit: int) -> list[int]:
    """The next contacts by id, so that a district of any size is worked through in chunks."""
    values = {"district_id": district_id, "after": after, "limit": limit}
    return list(connection.scalars(_CONTACTS, values))


@dataclass(frozen=True)
class Reading:
    """For which campaign the facts are read. `zone` counts where district and school have none.

    `report_templates`: messages that carry a report link; needed only to know who was told something outdated.
    """

    slug: str
    zone: str
    report_templates: list[str] = field(default_factory=list)


def rows(
    connection: Connection,
    contacts: Sequence[int],
    *,
    slug: str,
    zone: str,
    report_templates: Sequence[str] = (),
) -> list[AudienceRow]:
    """Rows of these contacts, by contact and student; for the rest see Reading."""
    values = {"contacts": integers(contacts), **vars(Reading(slug, zone, list(report_templates)))}
    found = connection.execute(_ROWS, values)
    names = list(found.keys())
    return [row_of(dict(zip(names, row, strict=True))) for row in found.all()]


def last(connection: Connection, contacts: Sequence[int], *, slug: str, zone: str) -> list[AudienceRow]:
    """As `rows`, with what the last look asks: what stands against a message now, not whom a step is for."""
    values = {"contacts": integers(contacts), **vars(Reading(slug, zone))}
    return [*map(_last_row, direct.rows(connection, _LAST, values))]


def _last_row(found: direct.Row) -> AudienceRow:
    """From the columns of _LAST, with what CHOSEN_BY says of the others. Every message comes by here: by place."""
    (
        student_id, contact_id, relation, may_receive, court_restriction, confidential, adult_consent, listed_twice,
        withdrawn, birth_date, school_id, language, zone, has_email, has_phone, has_mobile, suppressed, revoked, told,
        unclear, topics, weekly_limit, not_of_child, has_report, preview_since, held_until,
    ) = found  # fmt: skip
    said = _said(tuple(told or ()), tuple(unclear or ()), tuple(topics or ()), not_of_child, weekly_limit)
    return AudienceRow(
        student_id, contact_id, "", relation, may_receive, court_restriction, confidential,
        withdrawn, birth_date, None, language, zone,
        _REACHABLE[bool(has_email), has_mobile, has_phone],
        frozenset(suppressed), frozenset(revoked or ()), has_report, frozenset(), preview_since,
        False, adult_consent, listed_twice, school_id, held_until, said,
    )  # fmt: skip


def row_of(facts: dict[str, Any]) -> AudienceRow:
    """From the columns of FACTS, which are used up."""
    facts["reachable"] = _REACHABLE[
        bool(facts.pop("has_email")), bool(facts.pop("has_mobile")), bool(facts.pop("has_phone"))
    ]
    facts["suppressed"] = frozenset(facts["suppressed"])
    facts["revoked"] = frozenset(facts["revoked"] or ())
    facts["said"] = _said(
        tuple(facts.pop("told") or ()),
        tuple(facts.pop("unclear") or ()),
        tuple(facts.pop("topics") or ()),
        bool(facts.pop("not_of_child")),
        facts.pop("weekly_limit"),
    )
    facts["categories"] = _pairs(tuple(facts["categories"]))
    facts["beliefs"] = _pairs(tuple(facts["beliefs"]))
    return AudienceRow(**facts)


# has_email, has_mobile, has_phone → channels. A letter without an address for its window is handed out at school.
_REACHABLE = {
    known: frozenset({"letter", *compress(("email", "sms", "call"), known)})
    for known in product((False, True), repeat=3)
}


# Of a hundred thousand families few differ in these, so most rows share them.
@lru_cache(maxsize=4096)
def _pairs(written: tuple[str, ...]) -> frozenset[tuple[str, str]]:
    return frozenset((first, second) for first, _, second in (pair.partition(" ") for pair in written))


@lru_cache(maxsize=4096)
def _said(
    told: tuple[str, ...],
    unclear: tuple[str, ...],
    topics: tuple[str, ...],
    not_of_child: bool,
    weekly_limit: int | None,
) -> Said:
    return Said(
        told=frozenset(told),
        unclear=frozenset(unclear),
        topics=_pairs(topics),
        not_of_child=not_of_child,
        weekly_limit=weekly_limit,
    )


def students_without_contact(connection: Connection) -> int:
    """Students at school of whom no contact is known at all."""
    query = text(
        """
        SELECT count(*) FROM student s WHERE NOT s.withdrawn
          AND NOT EXISTS (SELECT 1 FROM student_contact r WHERE r.student_id = s.id)
        """
    )
    return int(connection.execute(query).scalar_one())

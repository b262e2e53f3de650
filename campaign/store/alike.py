"""SQL that groups the contacts of a district by all that the rules of some steps ask of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, text

from campaign.gate import AudienceRow
from campaign.plans.alike import Alike, Asked, stand_in
from campaign.store import audience

# How the facts of campaign.store.audience are told apart here: what always counts, and what only if a step asks for it.
_ALWAYS = {
    name: f"f.{name}"
    for name in (
        "may_receive", "court_restriction", "confidential", "withdrawn", "adult_consent", "listed_twice", "language",
        "zone", "has_email", "has_mobile", "has_phone", "suppressed", "revoked", "topics", "not_of_child",
    )
} | {
    "relation": "CASE WHEN f.relation = 'self' THEN f.relation ELSE '' END",
    "birth_date": "CASE WHEN f.birth_date < :adult THEN :adult WHEN f.birth_date > :minor THEN :minor "
    "ELSE f.birth_date END",
}  # fmt: skip
_IF_ASKED = {
    "has_report": "f.has_report",
    "grade_level": "f.grade_level",
    "told": "f.told",
    "categories": "ARRAY[{overlaps}]",
    "beliefs": "ARRAY(SELECT {distinct} FROM unnest(f.beliefs) pair ORDER BY 1)",
    "opened": "f.opened",
    "outdated": "f.outdated",
    "school_id": "CASE WHEN f.school_id = ANY (:school_ids) THEN f.school_id END",
    "school": "CASE WHEN f.school = ANY (:schools) THEN f.school END",
}
# Of what nobody asks any value will do, and of what concerns only the last look.
_NOT_ASKED = {
    "has_report": False, "grade_level": None, "categories": (), "beliefs": (), "opened": False, "outdated": False,
    "school_id": None, "school": None, "told": ("email", "sms"), "preview_since": None, "held_until": None,
    "unclear": (), "weekly_limit": None,
}  # fmt: skip

_LAST = text(
    """
    SELECT max(id) FROM (
        SELECT id FROM contact WHERE district_id = :district_id AND id > :after ORDER BY id LIMIT :limit
    ) next
    """
)
_CHOSEN = """
    r.contact_id > :after AND r.contact_id <= :last
    AND r.contact_id IN (SELECT id FROM contact WHERE district_id = :district_id AND id > :after AND id <= :last)
"""
_GROUPS = """
    SELECT facts, array_agg(contact_id), array_agg(household), array_agg(students) FROM (
        SELECT f.contact_id, min(f.household) AS household,
               array_agg(f.student_id ORDER BY f.student_id) AS students,
               array_agg(json_build_array({shown})::text ORDER BY f.student_id) AS facts
        FROM ({facts}) f GROUP BY f.contact_id
    ) contacts GROUP BY facts
"""


def last_contact(connection: Connection, district_id: int, after: int, limit: int) -> int | None:
    """The last of the next contacts, by id; None when there is none left."""
    values = {"district_id": district_id, "after": after, "limit": limit}
    found: int | None = connection.scalar(_LAST, values)
    return found


def groups(
    connection: Connection, district_id: int, chunk: tuple[int, int], asked: Asked, read: audience.Reading
) -> list[Alike]:
    """The contacts of a district whose ids are above the first and up to the second of `chunk`, as `audience.rows`."""
    shown = _ALWAYS | {name: _IF_ASKED[name] for name in sorted(asked.facts)}
    # Of (subject, answer) only the second part counts where no step asks for a subject.
    distinct = "pair" if asked.subjects else "DISTINCT ' ' || split_part(pair, ' ', 2)"
    overlaps = ", ".join(f"f.categories && :comparisons_{number}" for number in range(len(asked.comparisons)))
    told_apart = ", ".join(shown.values()).format(distinct=distinct, overlaps=overlaps)
    values = vars(read) | {
        "district_id": district_id,
        "after": chunk[0],
        "last": chunk[1],
        "adult": asked.adult,
        "minor": asked.minor,
        **_lists(asked),
    }
    facts = audience.FACTS.format(chosen=_CHOSEN)
    query = text(_GROUPS.format(shown=told_apart, facts=facts))
    # In memory it takes a third less; and the other processor is busy with what was read before.
    connection.execute(text("SET LOCAL work_mem = '64MB'"))
    connection.execute(text("SET LOCAL max_parallel_workers_per_gather = 0"))
    return [
        Alike(_rows(asked, list(shown), each), contacts, households, students)
        for each, contacts, households, students in connection.execute(query, values)
    ]


def _lists(asked: Asked) -> dict[str, Sequence[object]]:
    found: dict[str, Sequence[object]] = {
        f"comparisons_{number}": [" ".join(pair) for pair in sorted(chosen)]
        for number, chosen in enumerate(asked.comparisons)
    }
    for name, ids in (("school_id", asked.school_ids), ("school", asked.schools)):
        if name in asked.facts:
            found[f"{name}s"] = sorted(ids)
    return found


def _rows(asked: Asked, names: Sequence[str], students: Sequence[str]) -> tuple[AudienceRow, ...]:
    return tuple(_row(asked, names, place, facts) for place, facts in enumerate(students))


def _row(asked: Asked, names: Sequence[str], place: int, facts: str) -> AudienceRow:
    found = _NOT_ASKED | dict(zip(names, json.loads(facts), strict=True))
    birth_date, has_one = found["birth_date"], found["categories"]
    found["birth_date"] = date.fromisoformat(birth_date) if birth_date else None
    found["categories"] = [" ".join(pair) for pair in stand_in(asked.comparisons, has_one)] if has_one else ()
    return audience.row_of({"student_id": place, "contact_id": 0, "household": "", **found})

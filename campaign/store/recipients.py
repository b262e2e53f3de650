"""Names and addresses of those a message is written to. They are read for writing and stay out of logs and `repr`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, text

_WORDS = text(
    """
    SELECT 'contact' AS kind, c.id, c.email, coalesce(c.phone_e164, c.phone) AS phone, NULL AS given_name,
        NULL AS school
    FROM contact c WHERE c.id = ANY (:contacts)
    UNION ALL
    SELECT 'student', s.id, NULL, NULL, coalesce(nullif(s.preferred_name, ''), s.given_name), coalesce(h.name, d.name)
    FROM student s JOIN district d ON d.id = s.district_id LEFT JOIN school h ON h.id = s.school_id
    WHERE s.id = ANY (:students)
    """
)


@dataclass(frozen=True)
class Words:
    """Names and addresses needed to write messages: contact → channel → address; student → (name, school)."""

    addresses: Mapping[int, Mapping[str, str]] = field(repr=False)
    students: Mapping[int, tuple[str, str]] = field(repr=False)


def words(connection: Connection, contacts: Sequence[int], students: Sequence[int]) -> Words:
    addresses: dict[int, Mapping[str, str]] = {}
    names: dict[int, tuple[str, str]] = {}
    for row in connection.execute(_WORDS, {"contacts": list(contacts), "students": list(students)}):
        if row.kind == "contact":
            addresses[row.id] = {"email": row.email or "", "sms": row.phone or ""}
        else:
            names[row.id] = (row.given_name, row.school)
    return Words(addresses, names)

"""Names and addresses of those a message is written to. They are read for writing and stay out of logs and `repr`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, text

from campaign import direct
from campaign.store.arrays import integers

_WORDS = text(
    """
    SELECT 'contact' AS kind, c.id, c.email, coalesce(c.phone_e164, c.phone) AS phone, NULL AS given_name,
        NULL AS school
    FROM contact c WHERE c.id = ANY (CAST(:contacts AS bigint[]))
    UNION ALL
    SELECT 'student', s.id, NULL, NULL, coalesce(nullif(s.preferred_name, ''), s.given_name), coalesce(h.name, d.name)
    FROM student s JOIN district d ON d.id = s.district_id LEFT JOIN school h ON h.id = s.school_id
    WHERE s.id = ANY (CAST(:students AS bigint[]))
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
    values = {"contacts": integers(contacts), "students": integers(students)}
    for kind, id, email, phone, name, school in direct.rows(connection, _WORDS, values):
        if kind == "contact":
            addresses[id] = {"email": email or "", "sms": phone or ""}
        else:
            names[id] = (name, school)
    return Words(addresses, names)

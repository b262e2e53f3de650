"""Ways into the demonstration: an account with a sign-in link for each role, and the page of one family."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, text

from campaign import links
from campaign.access import Role
from campaign.approval import approving
from campaign.approval.approvals import Person
from campaign.store import accounts

# A demonstration is looked at at leisure; a real sign-in link lasts minutes.
LINK_LASTS = timedelta(days=2)

# Who approves the campaigns of the made-up district.
APPROVERS = ("Dana Whitfield", "Luis Ortega")

_OWN_FIELDS: dict[Role, tuple[str, ...]] = {
    Role.STATE: (),
    Role.DISTRICT: ("district_id",),
    Role.SCHOOL: ("district_id", "school_ids"),
    Role.TEACHER: ("district_id", "staff_member_id"),
    Role.PARTNER: ("district_id",),
}


@dataclass(frozen=True)
class StaffDoor:
    role: Role
    path: str  # of the sign-in link, works once


@dataclass(frozen=True)
class FamilyDoor:
    path: str
    birth_date: str  # what the second step asks for


def open_staff_doors(connection: Connection, district_id: int, now: datetime) -> list[StaffDoor]:
    """One account a role, made at the first call, and a new sign-in link for each."""
    scope = _scope(connection, district_id)
    doors = []
    for role, fields in _OWN_FIELDS.items():
        email = f"{role.value}@example.org"
        known = accounts.by_email(connection, email)
        account_id = (
            known.account_id if known else accounts.add(connection, _account(role, email, fields, scope))
        )
        token = accounts.issue_sign_in_link(connection, account_id, now, LINK_LASTS)
        doors.append(StaffDoor(role, f"/sign-in/link/{token}"))
    return doors


def approvers(connection: Connection, district_id: int) -> list[Person]:
    """The two made-up persons of the office who approve its campaigns, made at the first call."""
    scope = _scope(connection, district_id)
    found = []
    for name in APPROVERS:
        email = f"{name.lower().replace(' ', '.')}@example.org"
        if accounts.by_email(connection, email) is None:
            fields = _account(Role.DISTRICT, email, ("district_id",), scope)
            accounts.add(connection, fields | {"name": name})
        found.append(approving.person(connection, email, district_id))
    return found


def _account(role: Role, email: str, fields: tuple[str, ...], scope: RowMapping) -> dict[str, Any]:
    empty: dict[str, Any] = {
        "district_id": None,
        "school_ids": [],
        "staff_member_id": None,
        "password_hash": None,
    }
    own = {field: scope[field] for field in fields}
    return empty | own | {"email": email, "name": f"Demonstration {role.value}", "role": role.value}


def _scope(connection: Connection, district_id: int) -> RowMapping:
    """The district, its first school, and the teacher with the most students."""
    return (
        connection.execute(
            text(
                """
                SELECT d.id AS district_id,
                       ARRAY(SELECT s.id FROM school s WHERE s.district_id = d.id
                             ORDER BY s.name LIMIT 1) AS school_ids,
                       (SELECT c.teacher_id FROM section c JOIN enrollment e ON e.section_id = c.id
                        WHERE c.district_id = d.id AND c.teacher_id IS NOT NULL
                        GROUP BY c.teacher_id ORDER BY count(*) DESC, c.teacher_id LIMIT 1) AS staff_member_id
                FROM district d WHERE d.id = :district_id
                """
            ),
            {"district_id": district_id},
        )
        .mappings()
        .one()
    )


def open_family_door(connection: Connection, district_id: int, now: datetime, days: int) -> FamilyDoor | None:
    """A link to the page of a child whose grade and test differ; None if no family may get one."""
    row = connection.execute(
        text(
            """
            SELECT s.id AS student_id, sc.contact_id, s.birth_date
            FROM comparison c
            JOIN report r ON r.student_id = c.student_id AND r.superseded_at IS NULL
            JOIN student s ON s.id = c.student_id
            JOIN student_contact sc ON sc.student_id = s.id AND sc.may_receive AND NOT sc.court_restriction
            WHERE c.district_id = :district_id AND c.superseded_at IS NULL AND s.birth_date IS NOT NULL
              AND NOT s.confidential
            ORDER BY c.category = 'HIGH_NOTYET' DESC, s.home_language = 'es' DESC NULLS LAST, s.id, sc.contact_id
            LIMIT 1
            """
        ),
        {"district_id": district_id},
    ).first()
    if row is None:
        return None
    token = links.issue(
        connection,
        district_id=district_id,
        student_id=row.student_id,
        contact_id=row.contact_id,
        now=now,
        days=days,
    )
    return FamilyDoor(f"/r/{token}", row.birth_date.isoformat())

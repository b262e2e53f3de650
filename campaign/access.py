"""Who acts: a principal carries a role and a scope, and the database enforces both (see `database.transaction`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    ENGINE = "engine"
    STATE = "state"
    DISTRICT = "district"
    SCHOOL = "school"
    TEACHER = "teacher"
    PARTNER = "partner"
    FAMILY = "family"


STAFF_ROLES = frozenset({Role.STATE, Role.DISTRICT, Role.SCHOOL, Role.TEACHER})

_DATABASE_ROLES = {
    Role.ENGINE: "gbg_engine",
    Role.STATE: "gbg_staff",
    Role.DISTRICT: "gbg_staff",
    Role.SCHOOL: "gbg_staff",
    Role.TEACHER: "gbg_staff",
    Role.PARTNER: "gbg_partner",
    Role.FAMILY: "gbg_family",
}


@dataclass(frozen=True)
class Principal:
    """One actor of one request or job.

    `school_ids` counts for school staff and teachers; `staff_member_id` for teachers, who see their own sections;
    `student_id` and `contact_id` for a family link.
    """

    role: Role
    district_id: int | None = None
    school_ids: tuple[int, ...] = ()
    account_id: int | None = None
    staff_member_id: int | None = None
    student_id: int | None = None
    contact_id: int | None = None
    family_link_id: int | None = None

    @property
    def database_role(self) -> str:
        return _DATABASE_ROLES[self.role]

    @property
    def is_staff(self) -> bool:
        return self.role in STAFF_ROLES

    @property
    def actor(self) -> str:
        """How the audit names this actor: an id, never a name."""
        if self.account_id is not None:
            return f"account:{self.account_id}"
        if self.family_link_id is not None:
            return f"family_link:{self.family_link_id}"
        return str(self.role)


ENGINE = Principal(Role.ENGINE)

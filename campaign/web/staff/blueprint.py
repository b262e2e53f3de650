"""The staff blueprint, and what all its templates may use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from flask import Blueprint, g, request, url_for

from campaign.access import Role
from campaign.web.parts import parts
from campaign.web.staff import words

blueprint = Blueprint("staff", __name__, url_prefix="/staff", template_folder="templates")

STAFF = (Role.STATE, Role.DISTRICT, Role.SCHOOL, Role.TEACHER)
OFFICE = (Role.STATE, Role.DISTRICT)
"""Who sees what belongs to a whole district: imported files, refused rows, the pause button."""

WHOLE_SCHOOLS = (*OFFICE, Role.SCHOOL)
"""Who sees shares of whole schools. A teacher sees the own students one by one instead."""

SCHOOLS_OWN = (Role.DISTRICT, Role.SCHOOL, Role.TEACHER)
"""Who reads what families write to their school: not a state."""

NAVIGATION = (
    ("Home", (("home", "Home", STAFF),)),
    (
        "Families",
        (
            ("students", "Students", STAFF),
            ("preview", "Before families", STAFF),
            ("teams", "Team charts", STAFF),
            ("inbox", "Conversations", SCHOOLS_OWN),
            ("families", "From families", SCHOOLS_OWN),
            ("calls", "Calls", SCHOOLS_OWN),
            ("stopping", "Stopping", SCHOOLS_OWN),
            ("contacts", "Contacts", WHOLE_SCHOOLS),
        ),
    ),
    (
        "Campaigns",
        (
            ("plan", "Plan", STAFF),
            ("campaigns", "Campaigns", OFFICE),
            ("calendar", "Calendar", STAFF),
            ("delivery", "Delivery", OFFICE),
            ("reconcile", "Reconciliation", OFFICE),
            ("letters_page", "Letters", OFFICE),
            ("print_runs", "Print runs", OFFICE),
        ),
    ),
    (
        "Data",
        (
            ("imports", "Imports", OFFICE),
            ("problems", "Problems", OFFICE),
            ("identities", "Identities", OFFICE),
            ("health", "Data health", WHOLE_SCHOOLS),
        ),
    ),
    (
        "Reports and words",
        (
            ("norms", "What grades mean", OFFICE),
            ("programmes", "Programmes", OFFICE),
            ("list_translations", "Translations", OFFICE),
            ("plain_language", "Plain language", WHOLE_SCHOOLS),
        ),
    ),
)
"""The rooms of the staff pages, and the pages of each with who may open them."""


@dataclass(frozen=True)
class Link:
    endpoint: str
    name: str
    is_here: bool


@dataclass(frozen=True)
class Room:
    """`links`: its pages that this account may open, of which the first is its door."""

    name: str
    links: Sequence[Link]

    @property
    def is_here(self) -> bool:
        return any(link.is_here for link in self.links)


def rooms() -> list[Room]:
    """What the account may open. A page below another (a student, below Students) is there, too."""
    allowed = [
        (room, [(endpoint, name) for endpoint, name, roles in pages if g.account.role in roles])
        for room, pages in NAVIGATION
    ]
    paths = {url_for(f"staff.{endpoint}"): endpoint for _, pages in allowed for endpoint, _ in pages}
    above = [
        path for path in paths if request.path == path or request.path.startswith(f"{path.rstrip('/')}/")
    ]
    here = paths[max(above, key=len)] if above else ""
    if here == "home" and request.endpoint != "staff.home":
        here = ""
    return [
        Room(room, [Link(endpoint, name, endpoint == here) for endpoint, name in pages])
        for room, pages in allowed
        if pages
    ]


@blueprint.context_processor
def common() -> dict[str, object]:
    return {"words": words, "office": OFFICE, "whole_schools": WHOLE_SCHOOLS, "rooms": rooms}


@blueprint.app_template_filter("moment")
def moment(value: datetime) -> str:
    """A moment as people here write it, in the installation's time zone."""
    zone = ZoneInfo(parts().settings.installation.time_zone)
    return format_datetime(value.astimezone(zone), "MMM d, y, h:mm a", locale="en_US")


@blueprint.app_template_filter("day")
def day(value: date, pattern: str = "EEEE, MMMM d") -> str:
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(parts().settings.installation.time_zone))
    return format_date(value, pattern, locale="en_US")

"""The staff blueprint, and what all its templates may use."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from flask import Blueprint

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
    ("home", "Home", STAFF),
    ("students", "Students", STAFF),
    ("preview", "Before families", STAFF),
    ("teams", "Team charts", STAFF),
    ("inbox", "Conversations", SCHOOLS_OWN),
    ("families", "From families", SCHOOLS_OWN),
    ("calls", "Calls", SCHOOLS_OWN),
    ("stopping", "Stopping", SCHOOLS_OWN),
    ("contacts", "Contacts", WHOLE_SCHOOLS),
    ("plan", "Plan", STAFF),
    ("campaigns", "Campaigns", OFFICE),
    ("calendar", "Calendar", STAFF),
    ("delivery", "Delivery", OFFICE),
    ("norms", "What grades mean", OFFICE),
    ("list_translations", "Translations", OFFICE),
    ("programmes", "Programmes", OFFICE),
    ("imports", "Imports", OFFICE),
    ("letters_page", "Letters", OFFICE),
    ("print_runs", "Print runs", OFFICE),
    ("problems", "Problems", OFFICE),
    ("identities", "Identities", OFFICE),
    ("health", "Data health", WHOLE_SCHOOLS),
    ("plain_language", "Plain language", WHOLE_SCHOOLS),
)


@blueprint.context_processor
def common() -> dict[str, object]:
    return {"words": words, "office": OFFICE, "whole_schools": WHOLE_SCHOOLS, "navigation": NAVIGATION}


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

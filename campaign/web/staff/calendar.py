"""The district's year as a picture: days added, changed and removed, and which messages hang on which of them.

Every change keeps what was before, so that the newest can be taken back. Files come in on the page beside this one.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from datetime import date
from zoneinfo import ZoneInfo, available_timezones

from flask import Response, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from campaign import database
from campaign.access import ENGINE
from campaign.definitions import campaigns, definition
from campaign.school_year import calendar_file, calendar_ics, year_picture
from campaign.school_year.calendar import DayKind, SchoolYear, gaps
from campaign.school_year.calendar_file import CalendarError, Day
from campaign.school_year.student_events import EventKind
from campaign.store import calendar_days as store
from campaign.store import events, occurrences, versions
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts
from campaign.web.staff.blueprint import OFFICE, STAFF, blueprint
from campaign.web.staff.norms import choose, today

KINDS = {
    DayKind.HOLIDAY: "No school",
    DayKind.FIRST_DAY: "First day of school",
    DayKind.REPORT_CARD: "Report cards",
    DayKind.RESULTS: "Test results",
    DayKind.CONFERENCE: "Day of talks with teachers",
    DayKind.CONFERENCE_WEEK: "Week of talks with teachers",
    DayKind.SIGN_UP: "Sign-up for programmes opens",
    DayKind.CORRECTION: "Corrected reports",
    DayKind.SCHOOL: "School day",
}
EVENTS = {
    EventKind.NEW_COMPARISON: "first comparison of a subject in a school year",
    EventKind.CATEGORY_CHANGE: "a subject says something else than before",
    EventKind.CORRECTION: "a report was corrected",
    EventKind.ABSENCE: "days missed, once a month",
    EventKind.REPLY: "a family wrote",
    EventKind.BOOKING: "a talk was booked",
    EventKind.BIRTHDAY_18: "18th birthday",
}
_FOLLOWS = (
    "What is not sent yet follows the calendar within minutes. "
    "A campaign whose days changed waits for a new approval."
)
TOLD = {
    "kept": f"Kept. {_FOLLOWS}",
    "removed": "Removed. What was to be sent for it is dropped, unless you undo this or put the day elsewhere.",
    "undone": "Taken back. The calendar is as it was before.",
    "not_newest": "Somebody has changed the calendar since. Look at it again before you take a change back.",
    "taken": f"Taken in. {_FOLLOWS}",
    "zones": "Kept. Hours of messages not written down yet are counted in these zones.",
}


@blueprint.get("/calendar")
@allow(*STAFF)
def calendar(*, problem: str = "") -> ResponseReturnValue:
    with as_principal() as connection:
        districts, chosen = choose(connection)
        days = store.listed(connection, chosen["id"]) if chosen else []
        changes = store.changes(connection, chosen["id"]) if chosen and may_change() else []
        places = store.places(connection, chosen["id"]) if chosen and may_change() else []
        own = versions.newest(connection, chosen["id"]) if chosen else []
        zone = zone_of(connection, chosen["id"]) if chosen else ""
        database.assume(connection, ENGINE)
        followed = events.followed(connection, chosen["id"]) if chosen and may_change() else []
    year = year_picture.school_year(days)
    begins = request.args.get("year", type=int) or year_picture.begins(today())
    falls = year_picture.falls_on(campaigns.in_force(definition.load_all(), own), year)
    shown = {day: some for day, some in sorted(falls.items()) if year_picture.begins(day) == begins}
    first_year = min(max(begins, 1990), 2200)
    is_over = begins < year_picture.begins(today())
    return render_template(
        "staff/calendar.html",
        districts=districts,
        chosen=chosen,
        months=year_picture.months(year, days, falls, first_year),
        begins=first_year,
        runs=[run for run in calendar_ics.runs(days) if year_picture.begins(run[0]) == begins],
        falls=shown,
        gaps=gaps(year_picture.school_year(days, begins)) if days and not is_over else [],
        changes=changes,
        followed=followed,
        places=places,
        zone=zone,
        zones=sorted(available_timezones()),
        today=today(),
        kinds=KINDS,
        events=EVENTS,
        letters=year_picture.LETTERS,
        meanings={name: message.audience for name, message in parts().catalog.messages.items()},
        may_change=may_change(),
        problem=problem,
        told=TOLD.get(request.args.get("told", "")),
    )


@blueprint.get("/calendar<any('.ics', '.csv'):ending>")
@allow(*STAFF)
def export_calendar(ending: str) -> ResponseReturnValue:
    with as_principal() as connection:
        _, found = choose(connection)
        chosen = found or abort(404)
        days = store.listed(connection, chosen["id"])
    headers = {"Content-Disposition": f'attachment; filename="school-year-{chosen["code"]}{ending}"'}
    if ending == ".ics":
        content = calendar_ics.write(days, f"School year of {chosen['name']}", parts().clock())
        return Response(content, content_type="text/calendar; charset=utf-8", headers=headers)
    out = io.StringIO(newline="")
    calendar_file.write(out, days)
    return Response("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


@blueprint.post("/calendar/days")
@allow(*OFFICE)
def keep_days() -> ResponseReturnValue:
    """Add a stretch of days, or put it in place of the one that the form names under `was_`."""
    form = request.form
    try:
        new = calendar_file.checked(
            "The day", *(form.get(name, "") for name in ("first", "last", "kind", "title"))
        )
    except CalendarError as error:
        return calendar(problem=str(error)), 422  # type: ignore[return-value]
    gone = _named("was_") if form.get("was_first") else frozenset()
    what = f"{'Changed' if gone else 'Added'} {_said(new)}"
    return _change(gone, new, what, "kept")


@blueprint.post("/calendar/remove")
@allow(*OFFICE)
def remove_days() -> ResponseReturnValue:
    gone = _named("")
    return _change(gone, [], f"Removed {_said((day, kind, None) for day, kind in gone)}", "removed")


@blueprint.post("/calendar/undo/<int:change_id>")
@allow(*OFFICE)
def undo_calendar(change_id: int) -> ResponseReturnValue:
    with as_principal() as connection:
        _, chosen = choose(connection)
        district_id = (chosen or abort(404))["id"]
        database.assume(connection, ENGINE)
        done = change_id < 2**63 and store.undo(
            connection, district_id, change_id, actor=g.principal.actor, now=parts().clock()
        )
    return back("undone" if done else "not_newest")


@blueprint.post("/calendar/zones")
@allow(*OFFICE)
def keep_zones() -> ResponseReturnValue:
    """Zones by the name of their field: `district`, or `school-` and the id; empty takes the next larger one's."""
    with as_principal() as connection:
        _, chosen = choose(connection)
        district_id = (chosen or abort(404))["id"]
        seen = {place.school_id for place in store.places(connection, district_id)}
        wanted = {
            school_id: request.form.get(f"school-{school_id}", "").strip() or None
            for school_id in sorted(seen)
        }
        own = request.form.get("district", "").strip() or None
        unknown = {zone for zone in (own, *wanted.values()) if zone} - available_timezones()
        if not unknown:
            database.assume(connection, ENGINE)
            store.set_zone(connection, district_id, own)
            for school_id, zone in wanted.items():
                store.set_zone(connection, district_id, zone, school_id=school_id)
    if unknown:
        problem = f"{', '.join(sorted(unknown))} is no time zone; choose one such as America/Chicago."
        return calendar(problem=problem), 422  # type: ignore[return-value]
    return back("zones")


def may_change() -> bool:
    return g.principal.role in OFFICE


def zone_of(connection: Connection, district_id: int) -> str:
    """The district's zone, else the installation's."""
    found = {district.id: district.time_zone for district in occurrences.districts(connection)}
    zone = found.get(district_id) or parts().settings.installation.time_zone
    return ZoneInfo(zone).key


def back(told: str) -> ResponseReturnValue:
    address = url_for(
        "staff.calendar", told=told, district=request.args.get("district"), year=request.args.get("year")
    )
    return redirect(address, code=303)


def _named(prefix: str) -> frozenset[tuple[date, str]]:
    """The stretch of days that the form names. 400 where it does not."""
    form = request.form
    try:
        days = calendar_file.checked(
            "The day", form[f"{prefix}first"], form[f"{prefix}last"], form[f"{prefix}kind"], ""
        )
    except CalendarError:
        abort(400)
    return frozenset((day, kind) for day, kind, _ in days)


def _change(
    gone: frozenset[tuple[date, str]], new: Iterable[Day], what: str, told: str
) -> ResponseReturnValue:
    with as_principal() as connection:
        _, chosen = choose(connection)
        district_id = (chosen or abort(404))["id"]
        left = {(d, kind): title for d, kind, title in store.listed(connection, district_id)}
        left = {key: title for key, title in left.items() if key not in gone}
        left |= {(d, kind): title for d, kind, title in new}
        return keep(connection, district_id, left, what, told)


def keep(
    connection: Connection,
    district_id: int,
    days: Mapping[tuple[date, str], str | None],
    said: str,
    told: str,
) -> ResponseReturnValue:
    """Put these days, by (day, kind) with their titles, in place of the calendar, unless no step could fall in it."""
    year = SchoolYear.of(days)
    try:
        year_picture.falls_on(definition.load_all(), year)
    except ValueError as error:
        return calendar(problem=f"Nothing was kept: {error}. Leave out the days off that are none."), 422  # type: ignore[return-value]
    listed = [(day, kind, title) for (day, kind), title in days.items()]
    database.assume(connection, ENGINE)
    now = parts().clock()
    store.replace(connection, district_id, listed, said=said, actor=g.principal.actor, now=now)
    return back(told)


def _said(days: Iterable[Day]) -> str:
    """ "No school, 2026-11-26 to 2026-11-27"."""
    listed = sorted((day, kind) for day, kind, _ in days)
    first, last = listed[0], listed[-1]
    until = f" to {last[0]}" if last[0] != first[0] else ""
    return f"“{KINDS[DayKind(first[1])]}”, {first[0]}{until}"

"""A calendar file of a district: looked at with what each title seems to be, confirmed by a person, then taken in."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from campaign.school_year import calendar_file, calendar_ics
from campaign.school_year.calendar import DayKind
from campaign.school_year.calendar_file import CalendarError, Day
from campaign.school_year.calendar_ics import Proposal
from campaign.store import calendar_days as store
from campaign.web.guard import allow
from campaign.web.parts import as_principal
from campaign.web.staff.blueprint import OFFICE, blueprint
from campaign.web.staff.calendar import KINDS, calendar, keep, zone_of
from campaign.web.staff.norms import choose

_MOST_TITLES = 150


@dataclass(frozen=True)
class Group:
    """Events of one title and one proposed kind, of which a person says once what they are."""

    title: str
    kind: str | None
    stretches: Sequence[tuple[date, date]]

    @property
    def days(self) -> int:
        return sum(
            len(calendar_file.days_of(Proposal(first, last, "", None).days, self.kind or ""))
            for first, last in self.stretches
        )


@blueprint.post("/calendar/look")
@allow(*OFFICE)
def look_at_calendar() -> ResponseReturnValue:
    """Show what a file would bring; nothing is kept."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _refused(
            "Choose a file: .ics from a calendar program, or .csv or .toml with day, kind and title."
        )
    with as_principal() as connection:
        _, chosen = choose(connection)
        chosen = chosen or abort(404)
        zone = zone_of(connection, chosen["id"])
        known = store.listed(connection, chosen["id"])
    try:
        groups = _groups(_proposals(sent.filename, sent.read(), zone))
    except CalendarError as error:
        return _refused(str(error))
    if len(groups) > _MOST_TITLES:
        return _refused(
            f"{sent.filename}: has events of {len(groups)} titles; export one year of school days alone."
        )
    counts: Counter[str | None] = Counter()
    for group in groups:
        counts[group.kind] += group.days
    return render_template(
        "staff/calendar_file.html",
        chosen=chosen,
        name=sent.filename,
        groups=groups,
        counts=counts,
        known=len(known),
        kinds=KINDS,
        sent=json.dumps(
            [[g.title, [[a.isoformat(), b.isoformat()] for a, b in g.stretches]] for g in groups]
        ),
    )


@blueprint.post("/calendar/take")
@allow(*OFFICE)
def take_calendar() -> ResponseReturnValue:
    """Keep what was confirmed: in place of the calendar, or beside what is there already."""
    days = _confirmed()
    if not days:
        return _refused(
            "No title was given a kind, so nothing was kept. Choose what the days are, then take them in."
        )
    with as_principal() as connection:
        _, chosen = choose(connection)
        district_id = (chosen or abort(404))["id"]
        left = {(d, kind): title for d, kind, title in store.listed(connection, district_id)}
        if request.form.get("how") == "replace":
            left = {}
        added = {(d, kind): title for d, kind, title in days}
        said = f"Took in {len(added)} days of {request.form.get('name', 'a file')[:120]}"
        return keep(connection, district_id, left | added, said, "taken")


def _proposals(name: str, content: bytes, zone: str) -> Sequence[Proposal]:
    if name.lower().endswith((".csv", ".toml")):
        days = calendar_file.read_content(name, content)
        return [
            Proposal(first, last, title or KINDS[DayKind(kind)], DayKind(kind))
            for first, last, kind, title in calendar_ics.runs(days)
        ]
    return calendar_ics.read(content, name, zone)


def _groups(proposals: Sequence[Proposal]) -> list[Group]:
    """Those that propose a kind first, in the order in which they begin."""
    found: dict[tuple[str, str | None], list[tuple[date, date]]] = {}
    for one in proposals:
        found.setdefault((one.title, one.kind), []).append((one.first, one.last))
    groups = [Group(title, kind, stretches) for (title, kind), stretches in found.items()]
    return sorted(groups, key=lambda group: (group.kind is None, group.stretches[0], group.title))


def _confirmed() -> list[Day]:
    """The days of the groups that were given a kind. 400 for a form that this page did not make."""
    days: dict[tuple[date, str], Day] = {}
    try:
        for number, (title, stretches) in enumerate(json.loads(request.form["sent"])):
            kind = request.form.get(f"kind-{number}", "")
            for first, last in stretches if kind else ():
                for day, known, said in calendar_file.checked("The day", first, last, kind, str(title)):
                    days[day, known] = (day, known, said)
    except (KeyError, ValueError, TypeError, CalendarError):
        abort(400)
    return list(days.values())


def _refused(problem: str) -> ResponseReturnValue:
    return calendar(problem=problem), 422  # type: ignore[return-value]

"""What families sent through their page, and what staff do about it. Families were told that the school reads it.

The list shows no word of theirs; opening one to read leaves an entry in the audit.
"""

from __future__ import annotations

import io
from datetime import date, datetime
from math import ceil
from zoneinfo import ZoneInfo

from flask import Response, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from campaign import database
from campaign.access import ENGINE
from campaign.correspondence import conversation_steps, family_requests
from campaign.correspondence.family_requests import Doer, Told
from campaign.school_year.calendar import SchoolYear
from campaign.spreadsheets import write_csv
from campaign.store import audit, family_replies, occurrences, students
from campaign.store.family_replies import Listed, Request, Wanted
from campaign.store.family_requests import Kind
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts
from campaign.web.staff import family_words
from campaign.web.staff.blueprint import SCHOOLS_OWN, blueprint
from content.languages import languages

PER_PAGE = 50
# Waiting longer than this many school days stands out.
LONG = 2
_MOST_ROWS = 100_000


@blueprint.get("/families")
@allow(*SCHOOLS_OWN)
def families() -> ResponseReturnValue:
    wanted = _wanted()
    number = min(max(request.args.get("page", 1, type=int), 1), 10**6)
    with as_principal() as connection:
        kinds = family_replies.counts(connection, wanted)
        found = family_replies.find(connection, wanted, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
        waiting, settled = (
            sum(family_replies.counts(connection, Wanted(waiting)).values()) for waiting in (True, False)
        )
        total = sum(count for kind, count in kinds.items() if wanted.kind in (None, kind))
        return render_template(
            "staff/families.html",
            texts=family_words,
            wanted=wanted,
            kinds=kinds,
            listed=[(one, _waited(connection, one)) for one in found],
            waiting=waiting,
            settled=settled,
            schools=students.choices(connection).schools,
            long=LONG,
            number=number,
            pages=max(ceil(total / PER_PAGE), 1),
        )


@blueprint.get("/families.csv")
@allow(*SCHOOLS_OWN)
def families_csv() -> ResponseReturnValue:
    """The list in numbers and codes: no name, and no word that a family wrote."""
    out = io.StringIO(newline="")
    with as_principal() as connection:
        found = family_replies.find(connection, _wanted(), limit=_MOST_ROWS)
        rows = [(*_cells(one), _waited(connection, one)) for one in found]
    write_csv(out, (*_COLUMNS, "school_days_waited"), rows)
    headers = {"Content-Disposition": 'attachment; filename="from-families.csv"'}
    # The mark at the start tells spreadsheet programs that the text is UTF-8.
    return Response("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


@blueprint.get("/families/<int:request_id>")
@allow(*SCHOOLS_OWN)
def family_request(request_id: int) -> ResponseReturnValue:
    with as_principal() as connection:
        found = _one(connection, request_id)
        steps = family_replies.steps(connection, request_id)
        waited = _waited(connection, found)
    _record_look(found)
    counting = [step for step in steps if not step.taken_back]
    return render_template(
        "staff/family_request.html",
        texts=family_words,
        one=found,
        steps=steps,
        seen=counting[-1].step_id if counting else 0,
        possible=family_requests.possible(found, g.principal.role),
        may_undo=bool(counting) and family_requests.may_undo(counting[-1].state, g.principal.role),
        answerable=Kind(found.kind) in family_requests.ANSWERABLE,
        longest=family_requests.LONGEST_ANSWER,
        languages=languages(),
        waited=waited,
        told=_told(),
    )


@blueprint.post("/families/<int:request_id>")
@allow(*SCHOOLS_OWN)
def answer_family(request_id: int) -> ResponseReturnValue:
    """The form says `step`: a state or take_back; `seen`: the newest step on the page; an answer and its language."""
    form = request.form
    with as_principal() as connection:
        found = _one(connection, request_id)
        doer = Doer(
            g.principal.role,
            g.account.account_id,
            g.account.name,
            g.principal.actor,
            form.get("seen", -1, type=int),
        )
        # In the same transaction, so that the scope still holds; steps and the audit are the engine's to write.
        database.assume(connection, ENGINE)
        if form.get("step") == "take_back":
            told = family_requests.take_back(connection, found, doer, parts().clock())
        else:
            language = form.get("language", "en")
            said = (
                form.get("step", ""),
                _clean(form.get("answer", "")),
                language if language in languages() else "en",
            )
            told = family_requests.take(connection, found, doer, said, parts().clock())
            if told is Told.KEPT:
                _stop_clock(connection, found)
    return redirect(url_for("staff.family_request", request_id=request_id, told=told), code=303)


def _stop_clock(connection: Connection, found: Request) -> None:
    """What is answered here waits in the family's thread no more."""
    doer = conversation_steps.Doer(g.account.account_id, g.account.name, g.principal.actor)
    pair = (found.student_id, found.contact_id)
    conversation_steps.answered_elsewhere(connection, pair, doer, parts().clock())


_COLUMNS = (
    "number",
    "kind",
    "state",
    "came_in",
    "school",
    "grade_level",
    "language",
    "settled_by",
    "settled_on",
)


def _cells(one: Listed) -> tuple[object, ...]:
    settled_on = _day(one.settled_at).isoformat() if one.settled_at else None
    came_in = _day(one.at).isoformat()
    about = (one.school, one.grade_level, one.language)
    return (one.request_id, one.kind, one.state, came_in, *about, one.settled_by, settled_on)


def _wanted() -> Wanted:
    kind = request.args.get("kind", "")
    school = request.args.get("school", type=int)
    return Wanted(
        waiting=request.args.get("state") != "settled",
        kind=kind if kind in set(Kind) else None,
        school_id=school if school is not None and 0 < school < 2**63 else None,
    )


def _told() -> tuple[str, str] | None:
    """The kind and the words of what the page says about the step before it."""
    told = request.args.get("told", "")
    return family_words.TOLD[Told(told)] if told in set(Told) else None


def _clean(answer: str) -> str:
    """Browsers end lines with two signs, and the database takes no zero."""
    return answer.replace("\r\n", "\n").replace("\0", "")


def _one(connection: Connection, request_id: int) -> Request:
    found = family_replies.one(connection, request_id) if request_id < 2**63 else None
    return found or abort(404)


def _waited(connection: Connection, one: Listed | Request) -> int:
    """School days from the day it came in until today, or until it was settled."""
    if "family_years" not in g:
        g.family_years = {}
    if one.district_id not in g.family_years:
        rows = occurrences.calendar(connection, one.district_id)
        g.family_years[one.district_id] = SchoolYear.of(rows)
    settled_at = one.settled_at if isinstance(one, Listed) and one.state not in {"new", "checking"} else None
    until = _day(settled_at or parts().clock())
    return family_requests.school_days_waited(g.family_years[one.district_id], _day(one.at), until)


def _day(moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(parts().settings.installation.time_zone)).date()


def _record_look(found: Request) -> None:
    entry = audit.Entry(
        at=parts().clock(),
        actor=g.principal.actor,
        action="looked_at_family_request",
        target=f"student:{found.student_id}",
        district_id=found.district_id,
        detail={"family_request": found.request_id},
    )
    with database.transaction(parts().engine, ENGINE) as connection:
        audit.write(connection, entry)

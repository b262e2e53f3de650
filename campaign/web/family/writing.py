"""What a family writes: a note to the teacher, what is wrong in the report. It sees what it wrote, and the answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from campaign import database
from campaign.access import ENGINE, Role
from campaign.correspondence import conversations
from campaign.store import attempts, audit, family_requests
from campaign.store.attempts import Limit
from campaign.store.family_requests import Kind, NewRequest
from campaign.web.family.blueprint import blueprint, note
from campaign.web.family.reading import reading, student_name
from campaign.web.family.talk import forgotten, talk
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts

# The boxes of a note with the most letters of each.
BOXES = {"loves": 1000, "learns": 1000, "hope": 1000, "question": 1000, "talk": 300, "language": 60}
PLACES = ("grade", "test", "attendance", "person", "other")
_LONGEST_MORE = 1000
# The page that says so asks for 15 minutes.
_NOTES = Limit(10, timedelta(minutes=15))
_NOT_TEXT = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")

Said = Mapping[str, Any]


@blueprint.get("/family/your-turn")
@allow(Role.FAMILY)
def your_turn() -> ResponseReturnValue:
    reading()
    return _form(Kind.NOTE)


@blueprint.post("/family/your-turn")
@allow(Role.FAMILY)
def send_your_turn() -> ResponseReturnValue:
    said = {box: words for box in BOXES if (words := _written(box))}
    problem = "" if said else "empty"
    if any(len(words) > BOXES[box] for box, words in said.items()):
        problem = "long"
    return _send(Kind.NOTE, said, problem)


@blueprint.get("/family/mistake")
@allow(Role.FAMILY)
def mistake() -> ResponseReturnValue:
    found = reading()
    if found is None or found.unasked:
        return redirect(url_for("family.page"), code=303)
    return _form(Kind.MISTAKE)


@blueprint.post("/family/mistake")
@allow(Role.FAMILY)
def send_mistake() -> ResponseReturnValue:
    chosen = [place for place in PLACES if place in request.form.getlist("what")]
    more = _written("more")
    problem = "" if chosen else "none_chosen"
    if len(more) > _LONGEST_MORE:
        problem = "long"
    return _send(Kind.MISTAKE, {"what": chosen} | ({"more": more} if more else {}), problem)


def _written(field: str) -> str:
    """What was typed, without signs that are no text; browsers end lines with two signs, one is kept."""
    return _NOT_TEXT.sub("", request.form.get(field, "")).strip()


def _send(kind: Kind, said: Said, problem: str) -> ResponseReturnValue:
    found = reading()
    if problem:
        return _form(kind, said, problem), 422
    number = f"{found.report.number}-{found.report.version}" if found else None
    now = parts().clock()
    with database.transaction(parts().engine, ENGINE) as connection:
        if not attempts.within(connection, f"family:notes:{g.link.id}", _NOTES, now):
            return note("busy"), 429
        new = NewRequest(kind, g.languages[0], said, number)
        if family_requests.add(connection, g.principal, new, now):
            audit.write(connection, _entry(kind, now))
            _into_thread(connection, new, now)
    return render_template("family/done.html", name=_name(kind), back=True)


def _into_thread(connection: Connection, new: NewRequest, now: datetime) -> None:
    """Its words stay where they are; the thread of this family gets a clock, and somebody whose turn it is."""
    said = conversations.Said(
        student_id=g.link.student_id,
        contact_id=g.link.contact_id,
        channel="page",
        text="\n\n".join(str(words) for box, words in new.said.items() if box in {*BOXES, "more"}),
        at=now,
        language=new.language,
        family_request_id=family_requests.newest(connection, g.principal),
    )
    conversations.family_wrote(connection, said, parts().settings, now)


def _entry(kind: Kind, now: datetime) -> audit.Entry:
    target = f"student:{g.link.student_id}"
    return audit.Entry(now, g.principal.actor, f"family_sent_{kind}", target, g.link.district_id)


def _form(kind: Kind, said: Said | None = None, problem: str = "") -> str:
    with as_principal() as connection:
        threads = family_requests.threads(connection, g.principal)
    return render_template(
        f"family/{_name(kind)}.html",
        boxes=BOXES,
        places=PLACES,
        said=said or {},
        problem=problem,
        student=student_name(),
        threads=[thread for thread in threads if thread.kind == kind],
        talk=talk() if kind is Kind.NOTE else [],
        forgotten=forgotten(),
    )


def _name(kind: Kind) -> str:
    """The name of its texts and of its template."""
    return "your_turn" if kind is Kind.NOTE else "mistake"

"""Who answers what at a school, and what the district does when words tell of danger: on a page and as a file."""

from __future__ import annotations

import io
from typing import Any

from flask import Response, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from campaign import database
from campaign.access import ENGINE, Role
from campaign.correspondence import conversation_routing, conversation_table
from campaign.correspondence.conversation_routing import StaffRole
from campaign.correspondence.conversation_table import TableError
from campaign.store import audit
from campaign.store import conversation_routes as store
from campaign.store.audit import Entry
from campaign.store.conversation_routes import Colleague, School, SchoolRoute
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts
from campaign.web.staff import conversation_words
from campaign.web.staff.blueprint import blueprint
from campaign.web.staff.conversation import clean

# A teacher does not decide whose turn it is at a school.
DECIDES = (Role.DISTRICT, Role.SCHOOL)
_LONGEST_PROTOCOL = 4000
_TOLD = {
    "kept": "Kept. It holds for what families write from now on.",
    "read": "The file is read. It holds for what families write from now on.",
    "protocol": "Kept. Staff see it above every conversation with words that may tell of danger.",
}


@blueprint.get("/conversations/who-answers")
@allow(*DECIDES)
def who_answers() -> ResponseReturnValue:
    return _page()


@blueprint.post("/conversations/who-answers")
@allow(*DECIDES)
def keep_who_answers() -> ResponseReturnValue:
    with as_principal() as connection:
        school, people = _chosen(connection), _people()
        if school is None:
            return _page("Choose one of your schools."), 422
        try:
            routes = [_route(school, people, role) for role in StaffRole]
        except TableError as error:
            return _page(str(error)), 422
        _put(connection, school.district_id, routes)
    return redirect(url_for("staff.who_answers", school=school.school_id, told="kept"), code=303)


@blueprint.get("/conversations/who-answers.csv")
@allow(*DECIDES)
def who_answers_csv() -> ResponseReturnValue:
    out = io.StringIO(newline="")
    with as_principal() as connection:
        schools = store.schools(connection)
        routes = store.routes(connection, [school.school_id for school in schools])
    conversation_table.write(out, schools, routes, _people())
    headers = {"Content-Disposition": 'attachment; filename="who-answers.csv"'}
    # The mark at the start tells spreadsheet programs that the text is UTF-8.
    return Response("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


@blueprint.post("/conversations/who-answers/file")
@allow(*DECIDES)
def read_who_answers() -> ResponseReturnValue:
    """All lines of the file, or none."""
    content = request.form.get("table", "").encode()
    with as_principal() as connection:
        try:
            routes = conversation_table.read(content, store.schools(connection), _people())
        except TableError as error:
            return _page(f"Nothing was changed: {error}."), 422
        _put(connection, g.principal.district_id, routes)
    return redirect(url_for("staff.who_answers", told="read"), code=303)


@blueprint.post("/conversations/protocol")
@allow(Role.DISTRICT)
def keep_protocol() -> ResponseReturnValue:
    words = clean(request.form.get("protocol", ""))
    if not words or len(words) > _LONGEST_PROTOCOL:
        return _page(f"Write the protocol in at most {_LONGEST_PROTOCOL:,} letters."), 422
    known = {one.account_id for one in _people()}
    told = sorted(known & {number for number in request.form.getlist("told_first", type=int)})
    now, district_id = parts().clock(), g.principal.district_id
    with database.transaction(parts().engine, ENGINE) as connection:
        store.put_protocol(connection, district_id, words, told, actor=g.principal.actor, now=now)
        audit.write(connection, Entry(now, g.principal.actor, "crisis_protocol_kept", None, district_id))
    return redirect(url_for("staff.who_answers", told="protocol"), code=303)


def _page(problem: str = "") -> str:
    with as_principal() as connection:
        schools = store.schools(connection)
        chosen = next(
            (one for one in schools if one.school_id == request.values.get("school", type=int)),
            schools[0] if schools else None,
        )
        routes = store.routes(connection, [chosen.school_id]) if chosen else []
        protocol = store.protocol(connection, g.principal.district_id)
    own = {route.role: route for route in routes}
    table = conversation_routing.table([])
    return render_template(
        "staff/who_answers.html",
        texts=conversation_words,
        schools=schools,
        chosen=chosen,
        own=own,
        shipped={role: table[role].next_role for role in StaffRole},
        shipped_words={role: conversation_routing.shipped_words(role) for role in StaffRole},
        people=_people(),
        protocol=protocol,
        default_protocol=conversation_words.PROTOCOL,
        problem=problem,
        told=_TOLD.get(request.args.get("told", "")),
        longest=_LONGEST_PROTOCOL,
    )


def _people() -> list[Colleague]:
    """The colleagues of whoever asks: an account of one school sees those of its own schools and of the district."""
    with database.transaction(parts().engine, ENGINE) as connection:
        found = store.colleagues(connection, g.principal.district_id)
    own = set(g.principal.school_ids)
    if g.principal.role == Role.DISTRICT:
        return found
    return [one for one in found if one.role != Role.SCHOOL or own & set(one.school_ids)]


def _chosen(connection: Connection) -> School | None:
    schools = {school.school_id: school for school in store.schools(connection)}
    return schools.get(request.form.get("school", 0, type=int))


def _route(school: School, people: list[Colleague], role: StaffRole) -> SchoolRoute:
    name = conversation_words.ROLES[role]
    answers = request.form.get(f"{role}-answers", "")
    known: dict[str, Any] = {str(one.account_id): one.account_id for one in people}
    return SchoolRoute(
        school.school_id,
        str(role),
        conversation_table.words(clean(request.form.get(f"{role}-words", "")), name),
        conversation_table.person(answers, known, name),
        conversation_table.next_role(role, request.form.get(f"{role}-then", ""), name),
    )


def _put(connection: Connection, district_id: int | None, routes: list[SchoolRoute]) -> None:
    """In the transaction in which the scope was looked at; the table and the audit are the engine's to write."""
    district = district_id or abort(404)
    database.assume(connection, ENGINE)
    store.put(connection, district, routes)
    entry = Entry(parts().clock(), g.principal.actor, "conversation_routes_kept", None, district)
    audit.write(connection, entry)

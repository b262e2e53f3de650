"""The call list: families that nothing else reached, what to say to them, and what came of each call."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from flask import Response, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from campaign import database
from campaign.access import ENGINE
from campaign.calling import calls as calling
from campaign.calling.calls import Caller, Entry, Outcome, Told
from campaign.calling.script import Script, script
from campaign.spreadsheets import write_csv
from campaign.store import audit, students
from campaign.store import calls as store
from campaign.store.calls import Call
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts
from campaign.web.staff import call_words
from campaign.web.staff.asking import number
from campaign.web.staff.blueprint import SCHOOLS_OWN, blueprint
from campaign.web.staff.campaign_desk import delivery
from campaign.wordings.wording import ENGLISH, Wording, base

PER_PAGE, DONE, MOST_ROWS = 50, 30, 5000
_TRIES_OF_A_PAGE = 20
_COLUMNS = (
    "call",
    "school",
    "adult",
    "phone",
    "language",
    "interpreter",
    "tries",
    "last_try",
    "waits_since",
    "until",
)


@dataclass(frozen=True)
class Shown:
    """A call with what is to be said."""

    call: Call
    wording: Wording
    script: Script

    @property
    def needs_interpreter(self) -> bool:
        return base(self.wording.fallback_from or self.wording.language) != ENGLISH


@dataclass(frozen=True)
class Listed:
    """One page of the list; `total` calls on all of them."""

    shown: Sequence[Shown]
    total: int
    number: int = 1
    pages: int = 1


@blueprint.get("/calls")
@allow(*SCHOOLS_OWN)
def calls() -> ResponseReturnValue:
    on_paper = request.args.get("paper") == "1"
    told = request.args.get("told", "")
    with as_principal() as connection:
        schools = students.choices(connection).schools
        school = request.args.get("school", type=int)
        done = store.tries(connection, DONE)
        listed = _all(connection, school) if on_paper else _page(connection, school)
        shown = listed.shown
        _note(connection, "printed_calls" if on_paper else "looked_at_calls", shown)
    return render_template(
        "staff/calls_paper.html" if on_paper else "staff/calls.html",
        shown=shown,
        total=listed.total,
        number=listed.number,
        pages=listed.pages,
        done=done,
        schools=schools,
        school=school,
        texts=call_words,
        told=call_words.TOLD.get(Told(told)) if told in set(Told) else None,
        now=parts().clock(),
        # With blanks for the names, so that one sheet does for all who read a language.
        scripts={
            one.wording: script(parts().catalog, one.call.template, one.wording, "", []) for one in shown
        },
        most=calling.MOST_TRIES,
    )


@blueprint.post("/calls/<int:message_id>")
@allow(*SCHOOLS_OWN)
def enter_call(message_id: int) -> ResponseReturnValue:
    outcome = request.form.get("outcome", "")
    if outcome not in set(Outcome):
        abort(400)
    seen = min(max(request.form.get("seen", -1, type=int), -1), 1000)
    entry = Entry(number(message_id), seen, Outcome(outcome), request.form.get("note", "").strip())
    with as_principal() as connection:
        if not store.waiting(connection, parts().clock(), limit=1, ids=[entry.message_id]):
            told = Told.CHANGED
        else:
            # In the same transaction, so that the scope still holds; the ledger is the engine's to write.
            database.assume(connection, ENGINE)
            told = calling.enter(delivery(), connection, entry, _caller())
    school, page = (request.form.get(name) or None for name in ("school", "page"))
    return redirect(url_for("staff.calls", told=told, school=school, page=page), code=303)


@blueprint.post("/calls/tries/<int:try_id>/undo")
@allow(*SCHOOLS_OWN)
def undo_call(try_id: int) -> ResponseReturnValue:
    with as_principal() as connection:
        if not store.is_within_scope(connection, number(try_id)):
            abort(404)
        database.assume(connection, ENGINE)
        told = calling.undo(delivery(), connection, try_id, _caller())
    return redirect(url_for("staff.calls", told=told), code=303)


@blueprint.get("/calls.csv")
@allow(*SCHOOLS_OWN)
def calls_csv() -> ResponseReturnValue:
    """For a phone bank: whom to call, without the child's name."""
    out = io.StringIO(newline="")
    with as_principal() as connection:
        shown = _shown(connection, request.args.get("school", type=int), MOST_ROWS)
        _note(connection, "exported_calls", shown)
    write_csv(out, _COLUMNS, [_cells(one) for one in shown])
    headers = {"Content-Disposition": 'attachment; filename="calls.csv"', "Cache-Control": "no-store"}
    # The mark at the start tells spreadsheet programs that the text is UTF-8.
    return Response("\ufeff" + out.getvalue(), mimetype="text/csv", headers=headers)


def _all(connection: Connection, school: int | None) -> Listed:
    shown = _shown(connection, school, MOST_ROWS)
    return Listed(shown, len(shown))


def _page(connection: Connection, school: int | None) -> Listed:
    """The page that is asked for, or the last. Calls that turn out refused leave the list, so that the next move up."""
    wanted = max(request.args.get("page", 1, type=int), 1)
    for _ in range(_TRIES_OF_A_PAGE):
        total = _count(connection, school)
        pages = max(ceil(total / PER_PAGE), 1)
        number = min(wanted, pages)
        shown = _shown(connection, school, PER_PAGE, (number - 1) * PER_PAGE)
        if len(shown) >= min(PER_PAGE, total - (number - 1) * PER_PAGE):
            break
    return Listed(shown, total, number, pages)


def _shown(connection: Connection, school: int | None, limit: int, offset: int = 0) -> list[Shown]:
    """The calls of the reader's scope that may be made at this moment; of the others it is written down why not."""
    now = parts().clock()
    waiting = store.waiting(connection, now, limit=limit, offset=offset, school=_known(school))
    database.assume(connection, ENGINE)
    free = calling.look(delivery(), connection, [call.message_id for call in waiting], now)
    found = []
    for call in waiting:
        verdict = free.get(call.message_id)
        if verdict is None:
            continue
        children = [(name, school) for name, school in call.children]
        said = script(parts().catalog, call.template, verdict.wording, call.name, children)
        found.append(Shown(call, verdict.wording, said))
    return found


def _count(connection: Connection, school: int | None) -> int:
    database.assume(connection, g.principal)
    return store.count(connection, parts().clock(), school=_known(school))


def _known(school: int | None) -> int | None:
    """A number that the database can hold; 0 is no school's."""
    return school if school is None or abs(school) < 2**63 else 0


def _note(connection: Connection, action: str, shown: Sequence[Shown]) -> None:
    """Whoever saw numbers of families left a trace."""
    if shown:
        database.assume(connection, ENGINE)
        detail = {"calls": len(shown)}
        district = g.principal.district_id
        audit.write(
            connection, audit.Entry(parts().clock(), g.principal.actor, action, None, district, detail)
        )


def _caller() -> Caller:
    return Caller(g.account.name, g.principal.actor, parts().clock())


def _cells(one: Shown) -> tuple[object, ...]:
    call = one.call
    interpreter = "yes" if one.needs_interpreter else ""
    last = call.last_at.isoformat(timespec="minutes") if call.last_at else ""
    days = (call.due_at.date().isoformat(), call.expires_at.date().isoformat())
    # As text: a spreadsheet program would take +1 202 for a formula, and drop the sign.
    who = (call.public_id, call.school, call.name, call.phone.lstrip("+"))
    return (*who, call.language, interpreter, call.tries, last, *days)

"""Messages that wait for a person: those in doubt and those that failed, with two buttons to settle them."""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from flask import abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaign import database
from campaign.access import ENGINE
from campaign.dispatch.settling import Settlement, settle_by_hand
from campaign.store import cascade_endings, unsettled
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts
from campaign.web.staff.blueprint import OFFICE, blueprint

PER_PAGE = 50
# A home that nobody can call stands here so long, for somebody to ask the child or the teacher.
_UNCALLABLE_SINCE = timedelta(days=30)


@blueprint.get("/to-be-looked-at")
@allow(*OFFICE)
def to_be_looked_at() -> ResponseReturnValue:
    number = min(max(request.args.get("page", 1, type=int), 1), 10**6)
    told = request.args.get("told", "")
    with as_principal() as connection:
        total = unsettled.count_to_be_looked_at(connection)
        messages = unsettled.to_be_looked_at(connection, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
        homes = cascade_endings.uncallable(connection, parts().clock() - _UNCALLABLE_SINCE, PER_PAGE)
    return render_template(
        "staff/to_be_looked_at.html",
        messages=messages,
        homes=homes,
        total=total,
        told=told if told in set(Settlement) else None,
        now=parts().clock(),
        number=number,
        pages=max(ceil(total / PER_PAGE), 1),
    )


@blueprint.post("/to-be-looked-at/<int:message_id>/arrived")
@allow(*OFFICE)
def arrived(message_id: int) -> ResponseReturnValue:
    return _settle(message_id, arrived=True)


@blueprint.post("/to-be-looked-at/<int:message_id>/not-arrived")
@allow(*OFFICE)
def not_arrived(message_id: int) -> ResponseReturnValue:
    return _settle(message_id, arrived=False)


def _settle(message_id: int, *, arrived: bool) -> ResponseReturnValue:
    # Numbers that the database cannot hold are nobody's; a form without a number saw nothing.
    fencing = request.form.get("fencing", -1, type=int)
    if message_id >= 2**63 or abs(fencing) >= 2**63:
        abort(404)
    with as_principal() as connection:
        if not unsettled.is_within_scope(connection, message_id):
            abort(404)
        # In the same transaction, so that the scope still holds; the ledger and the audit are the engine's to write.
        database.assume(connection, ENGINE)
        seen = unsettled.Seen(message_id, fencing)
        told = settle_by_hand(connection, seen, arrived=arrived, actor=g.principal.actor, now=parts().clock())
    return redirect(url_for("staff.to_be_looked_at", told=told), code=303)

"""Addresses that nothing is sent to: why, since when, lifting one with a reason, and lists of other systems."""

from __future__ import annotations

from math import ceil

from flask import abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaign import database
from campaign.access import ENGINE
from campaign.consents import stops_file
from campaign.store import audit, suppressions
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts
from campaign.web.staff import contact_words
from campaign.web.staff.blueprint import OFFICE, blueprint

PER_PAGE = 50
LONGEST_REASON = 300


@blueprint.get("/suppressed")
@allow(*OFFICE)
def suppressed() -> ResponseReturnValue:
    return _page()


@blueprint.post("/suppressed")
@allow(*OFFICE)
def take_stops() -> ResponseReturnValue:
    """Take a list of another system over; every row of it is accepted or named."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _page(trouble="Choose a file first."), 422
    content = sent.stream.read(stops_file.LARGEST_BYTES + 1)
    try:
        with database.transaction(parts().engine, ENGINE) as connection:
            actor, now = g.principal.actor, parts().clock()
            taken = stops_file.take(connection, sent.filename, content, actor=actor, now=now)
            detail = {"rows_in": taken.rows_in, "accepted": taken.accepted, "refused": len(taken.refused)}
            entry = audit.Entry(now, actor, "stops_imported", None, g.principal.district_id, detail)
            audit.write(connection, entry)
    except stops_file.StopsFileError as error:
        return _page(trouble=str(error)), 422
    return _page(taken=taken)


@blueprint.post("/suppressed/<int:suppression_id>")
@allow(*OFFICE)
def change_suppression(suppression_id: int) -> ResponseReturnValue:
    """The form says `do`: lift, with a reason, or put_back."""
    if suppression_id >= 2**63:
        abort(404)
    why = " ".join(request.form.get("why", "").split())[:LONGEST_REASON]
    with as_principal() as connection:
        if not suppressions.in_scope(connection, suppression_id):
            abort(404)
        # In the same transaction, so that the scope still holds; suppressions are the engine's to write.
        database.assume(connection, ENGINE)
        actor, now = g.principal.actor, parts().clock()
        if request.form.get("do") == "put_back":
            told = "put_back" if suppressions.put_back(connection, suppression_id) else "changed"
        elif not why:
            told = "no_reason"
        else:
            done = suppressions.lift(connection, suppression_id, by=g.account.name, why=why, now=now)
            told = "lifted" if done else "changed"
        if told in ("lifted", "put_back"):
            target = f"suppression:{suppression_id}"
            audit.write(
                connection,
                audit.Entry(now, actor, f"suppression_{told}", target, g.principal.district_id),
            )
    return redirect(url_for("staff.suppressed", told=told), code=303)


def _page(*, trouble: str = "", taken: stops_file.Taken | None = None) -> str:
    number = min(max(request.args.get("page", 1, type=int), 1), 10**6)
    lifted = request.args.get("state") == "lifted"
    with as_principal() as connection:
        counts = suppressions.counts(connection)
        found = suppressions.found(
            connection, lifted=lifted, limit=PER_PAGE + 1, offset=(number - 1) * PER_PAGE
        )
    total = sum(counts.values()) if not lifted else (number - 1) * PER_PAGE + len(found)
    return render_template(
        "staff/suppressed.html",
        texts=contact_words,
        counts=counts,
        found=found[:PER_PAGE],
        lifted=lifted,
        trouble=trouble,
        taken=taken,
        number=number,
        pages=max(ceil(total / PER_PAGE), 1),
        told=contact_words.TOLD.get(request.args.get("told", "")),
    )

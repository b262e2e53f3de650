"""Replies that belong to nobody for certain: a person of the district office says whose they are, or that nobody need
answer them. Nothing here is deleted."""

from __future__ import annotations

from flask import abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, text

from campaign import database
from campaign.access import ENGINE
from campaign.correspondence import replies
from campaign.correspondence.replies import Became
from campaign.store import audit
from campaign.store import replies as store
from campaign.store.audit import Entry
from campaign.store.replies import Pair, Unplaced
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts
from campaign.web.staff import conversation_words
from campaign.web.staff.blueprint import OFFICE, blueprint

_TOLD = {
    "placed": (
        "success",
        "Placed. It stands in the conversation of its family, and its clock runs from its arrival.",
    ),
    "set_aside": ("success", "Set aside. It stands in the list below and can be taken back."),
    "taken_back": ("success", "Taken back: it waits again."),
    "given": ("success", "Given to the district."),
    "changed": ("warning", "Nothing was done: somebody was here before you. Look at the list again."),
}
_MOST_FOUND = 20


@blueprint.get("/conversations/unplaced")
@allow(*OFFICE)
def unplaced_replies() -> ResponseReturnValue:
    return _page()


def _page(found_for: int = 0) -> str:
    """`found_for`: the reply for which the form asks to find a contact or student; the name stays out of addresses."""
    with as_principal() as connection:
        waiting = store.unplaced(connection)
        aside = store.unplaced(connection, state="set_aside", limit=20)
        pairs = {one.reply_id: _pairs(connection, one, found_for) for one in waiting}
        districts = connection.execute(text("SELECT id, name FROM district ORDER BY name")).all()
    return render_template(
        "staff/unplaced_replies.html",
        texts=conversation_words,
        waiting=waiting,
        aside=aside,
        pairs=pairs,
        districts=districts,
        told=_TOLD.get(request.args.get("told", "")),
    )


@blueprint.post("/conversations/unplaced/<int:reply_id>")
@allow(*OFFICE)
def place_reply(reply_id: int) -> ResponseReturnValue:
    """The form says `do`: find, place (`pair`: contact and student), set_aside, take_back or give (`district`)."""
    if request.form.get("do") == "find":
        return _page(reply_id)
    with as_principal() as connection:
        found = store.one(connection, reply_id) if reply_id < 2**63 else None
        # Somebody else has placed it since, or it was never there: both look the same.
        told = _act(connection, found) if found else "changed"
    return redirect(url_for("staff.unplaced_replies", told=told), code=303)


def _act(connection: Connection, found: Unplaced) -> str:
    do, now = request.form.get("do"), parts().clock()
    if do == "place":
        return _place(connection, found)
    if do == "give":
        chosen = request.form.get("district", 0, type=int)
        known = connection.scalar(text("SELECT id FROM district WHERE id = :id"), {"id": chosen}) or abort(
            404
        )
        database.assume(connection, ENGINE)
        return "given" if store.give_to_district(connection, found.reply_id, known) else "changed"
    states = {"set_aside": ("unplaced", "set_aside"), "take_back": ("set_aside", "unplaced")}.get(do or "")
    if states is None:
        return "changed"
    database.assume(connection, ENGINE)
    if not store.change_state(connection, found.reply_id, states, g.principal.actor, now):
        return "changed"
    _record(connection, found, f"reply_{do}")
    return "set_aside" if do == "set_aside" else "taken_back"


def _place(connection: Connection, found: Unplaced) -> str:
    contact, _, student = request.form.get("pair", "").partition("-")
    if not (contact.isdigit() and student.isdigit()):
        abort(400)
    pair = store.pair(connection, int(contact), int(student)) or abort(404)
    database.assume(connection, ENGINE)
    now, settings = parts().clock(), parts().settings
    placed = replies.place(connection, found.reply_id, pair, g.principal.actor, settings, now=now)
    if placed.became is not Became.IN_THREAD:
        return "changed"
    _record(connection, found, "reply_placed", pair)
    return "placed"


def _record(connection: Connection, found: Unplaced, action: str, pair: Pair | None = None) -> None:
    target = f"student:{pair.student_id}" if pair else f"reply:{found.reply_id}"
    district_id = pair.district_id if pair else found.district_id
    entry = Entry(parts().clock(), g.principal.actor, action, target, district_id, {"reply": found.reply_id})
    audit.write(connection, entry)


def _pairs(connection: Connection, one: Unplaced, found_for: int) -> list[tuple[str, str]]:
    """Whom it may be from and about: those that its address points to, and those that a search finds."""
    pairs = [(contact, student) for contact, student in one.candidates]
    wanted = request.form.get("search", "").strip() if found_for == one.reply_id else ""
    if wanted and one.district_id is not None:
        pairs += store.search(connection, wanted, one.district_id, _MOST_FOUND)
    return store.described(connection, list(dict.fromkeys(pairs)))

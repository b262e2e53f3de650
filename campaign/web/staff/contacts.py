"""The contact audit: what is wrong with contacts, how many households are in reach, may a campaign begin?"""

from __future__ import annotations

import io
from math import ceil
from typing import Any

from flask import Response, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, RowMapping

from campaign import database
from campaign.access import ENGINE
from campaign.contacts import contact_audit
from campaign.contacts.contact_audit import ContactAudit, Kind, OverrideRefused
from campaign.spreadsheets import write_csv
from campaign.store import audit as trace
from campaign.store import contacts as store
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts
from campaign.web.staff import contact_words
from campaign.web.staff.blueprint import OFFICE, WHOLE_SCHOOLS, blueprint
from campaign.web.staff.norms import choose

PER_PAGE = 100


@blueprint.get("/contacts")
@allow(*WHOLE_SCHOOLS)
def contacts() -> ResponseReturnValue:
    kind = request.args.get("kind", "")
    number = min(max(request.args.get("page", 1, type=int), 1), 10**6)
    with as_principal() as connection:
        districts, chosen = choose(connection)
        found = _look(connection, chosen) if chosen else None
        kept = store.kept(connection, chosen["id"]) if chosen and g.principal.role in OFFICE else ()
    listed = [one for one in found.findings if kind in ("", one.kind)] if found else []
    return render_template(
        "staff/contacts.html",
        texts=contact_words,
        districts=districts,
        chosen=chosen,
        audit=found,
        kept=list(reversed(kept)),
        good=contact_audit.GOOD_SHARE,
        kind=kind if kind in set(Kind) else None,
        listed=listed[(number - 1) * PER_PAGE : number * PER_PAGE],
        number=number,
        pages=max(ceil(len(listed) / PER_PAGE), 1),
        told=contact_words.TOLD.get(request.args.get("told", "")),
        is_office=g.principal.role in OFFICE,
        hold_days=contact_audit.OVERRIDE_HOLDS.days,
    )


@blueprint.get("/contacts.csv")
@allow(*WHOLE_SCHOOLS)
def contacts_csv() -> ResponseReturnValue:
    """For the school office: each fault with what stands in the register; an entry in the audit says who took it."""
    out = io.StringIO(newline="")
    with as_principal() as connection:
        _, chosen = choose(connection)
        if chosen is None:
            abort(404)
        found = _look(connection, chosen)
        write_csv(out, contact_words.COLUMNS, contact_words.csv_rows(found))
        database.assume(connection, ENGINE)
        target = f"district:{chosen['id']}"
        detail = {"findings": len(found.findings)}
        entry = trace.Entry(found.at, g.principal.actor, "contacts_exported", target, chosen["id"], detail)
        trace.write(connection, entry)
    headers = {"Content-Disposition": 'attachment; filename="contacts-to-correct.csv"'}
    # The mark at the start tells spreadsheet programs that the text is UTF-8.
    return Response("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


@blueprint.post("/contacts")
@allow(*OFFICE)
def act_on_contacts() -> ResponseReturnValue:
    """The form says `do`: keep the counts, override with `said_by` and `reason`, or withdraw the `override`."""
    with as_principal() as connection:
        _, chosen = choose(connection)
        if chosen is None:
            abort(404)
        found = _look(connection, chosen)
        # In the same transaction, so that the scope still holds; what is kept is the engine's to write.
        database.assume(connection, ENGINE)
        told = _act(connection, chosen["id"], found)
    return redirect(url_for("staff.contacts", district=chosen["code"], told=told), code=303)


def _act(connection: Connection, district: int, found: ContactAudit) -> str:
    form, actor = request.form, g.principal.actor
    if form.get("do") == "override":
        said_by, reason = form.get("said_by", ""), form.get("reason", "")
        try:
            contact_audit.override(connection, district, found, said_by=said_by, reason=reason, actor=actor)
        except OverrideRefused:
            return "override_refused"
        return "overridden"
    if form.get("do") == "withdraw":
        number = form.get("override", 0, type=int)
        done = 0 < number < 2**63 and contact_audit.withdraw_override(
            connection, district, number, actor=actor, now=found.at
        )
        return "withdrawn" if done else "changed"
    contact_audit.keep(connection, district, found, actor)
    return "audit_kept"


def _look(connection: Connection, chosen: RowMapping | dict[str, Any]) -> ContactAudit:
    offered = parts().settings.languages.offered
    return contact_audit.audit(connection, chosen["id"], parts().clock(), offered=offered)

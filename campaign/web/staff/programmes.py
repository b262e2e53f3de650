"""What a district offers families to sign up for: added, changed and ended here, and shown as reports print it.

A file that `gbg programmes import` reads takes the place of the whole list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.datastructures import MultiDict

from campaign import database
from campaign.access import ENGINE
from campaign.definitions.definition import SUBJECTS
from campaign.documents import programme_file
from campaign.documents.programme_file import ProgrammeError
from campaign.store import audit
from campaign.store import programmes as store
from campaign.store.programmes import Programme
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts
from campaign.web.staff.blueprint import OFFICE, blueprint
from campaign.web.staff.norms import choose, today
from content.languages import languages
from reports.family.actions import as_printed
from reports.family.facts import ProgrammeFacts
from reports.family.voice import Voice

_WHERE = "The programme"
_TOLD = {
    "kept": "Kept. The next reports print it.",
    "ended": "Ended. Reports made from now on leave it out; to take it up again, change its last day.",
}


@blueprint.get("/programmes")
@allow(*OFFICE)
def programmes() -> ResponseReturnValue:
    with as_principal() as connection:
        districts, chosen = choose(connection)
        found = store.numbered(connection, chosen["id"]) if chosen else []
    return render_template(
        "staff/programmes.html",
        districts=districts,
        chosen=chosen,
        found=[(number, one, _printed(one, "en")) for number, one in found],
        today=today(),
        told=_TOLD.get(request.args.get("told", "")),
    )


@blueprint.get("/programmes/new")
@blueprint.get("/programmes/<int:programme_id>")
@allow(*OFFICE)
def programme(programme_id: int | None = None) -> ResponseReturnValue:
    with as_principal() as connection:
        _, one = _chosen(connection, programme_id)
    return _form(programme_id, _fields(one) if one else {"grades": [0, 12]}, one)


@blueprint.post("/programmes/new")
@blueprint.post("/programmes/<int:programme_id>")
@allow(*OFFICE)
def keep_programme(programme_id: int | None = None) -> ResponseReturnValue:
    """The form says `do`: keep, or show, which keeps nothing and shows it as reports would print it."""
    entry = _entry(request.form)
    with as_principal() as connection:
        district_id, _ = _chosen(connection, programme_id)
        try:
            given = programme_file.checked(_WHERE, entry)
        except ProgrammeError as error:
            problem = str(error).removeprefix(f"{_WHERE}: ")
            return _form(programme_id, entry, None, problem), 422
        if request.form.get("do") != "keep":
            return _form(programme_id, entry, given)
        _put(connection, district_id, programme_id, given, "programme_kept")
    return redirect(url_for("staff.programmes", district=request.args.get("district"), told="kept"), code=303)


@blueprint.post("/programmes/<int:programme_id>/end")
@allow(*OFFICE)
def end_programme(programme_id: int) -> ResponseReturnValue:
    with as_principal() as connection:
        district_id, one = _chosen(connection, programme_id)
        if one is None:
            abort(404)
        ended = replace(one, ends_on=today() - timedelta(days=1))
        _put(connection, district_id, programme_id, ended, "programme_ended")
    return redirect(
        url_for("staff.programmes", district=request.args.get("district"), told="ended"), code=303
    )


def _chosen(connection: Connection, programme_id: int | None) -> tuple[int, Programme | None]:
    """A programme with its district, for a new one the district chosen; 404 where the reader sees none."""
    if programme_id is not None:
        return (store.one(connection, programme_id) if programme_id < 2**63 else None) or abort(404)
    _, chosen = choose(connection)
    return (chosen or abort(404))["id"], None


def _put(
    connection: Connection, district_id: int, programme_id: int | None, one: Programme, action: str
) -> None:
    """In the transaction in which the scope was looked at; programmes and the audit are the engine's to write."""
    database.assume(connection, ENGINE)
    number = store.put(connection, district_id, programme_id, one)
    actor, now = g.principal.actor, parts().clock()
    audit.write(connection, audit.Entry(now, actor, action, f"programme:{number}", district_id))


def _form(
    programme_id: int | None, entry: Mapping[str, Any], shown: Programme | None, problem: str = ""
) -> str:
    return render_template(
        "staff/programme.html",
        programme_id=programme_id,
        entry=entry,
        problem=problem,
        subjects=sorted(SUBJECTS),
        levels=range(-1, 13),
        languages=languages(),
        printed=[_printed(shown, language) for language in shown.title] if shown else [],
    )


def _entry(form: MultiDict[str, str]) -> dict[str, Any]:
    """The form as an entry of a file would be, without what was left empty."""
    texts = {
        kind: {
            language: " ".join(form[f"{kind}_{language}"].split())
            for language in languages()
            if form.get(f"{kind}_{language}", "").strip()
        }
        for kind in ("title", "details")
    }
    days = {name: form[name] for name in ("starts_on", "ends_on") if form.get(name)}
    return {
        **{kind: said for kind, said in texts.items() if said},
        **days,
        "subjects": form.getlist("subjects"),
        "grades": [form.get("lowest", ""), form.get("highest", "")],
        "free": "free" in form,
        "bus": "bus" in form,
        "contact": " ".join(form.get("contact", "").split()),
    }


def _fields(one: Programme) -> dict[str, Any]:
    return {**vars(one), "grades": [one.lowest_grade, one.highest_grade]}


def _printed(one: Programme, language: str) -> object:
    """As a report in this language prints it."""
    facts = ProgrammeFacts(
        subjects=tuple(one.subjects),
        title=one.title,
        details=one.details,
        starts_on=one.starts_on,
        free=one.free,
        bus=one.bus,
        contact=one.contact,
    )
    return as_printed(Voice(parts().catalog, language, {}), facts)

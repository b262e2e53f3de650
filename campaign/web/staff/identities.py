"""Who is who: rows whose student is not certain, one beside the students it could be, and a person's word on each."""

from __future__ import annotations

from math import ceil

from flask import abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaign import database
from campaign.access import ENGINE
from campaign.identity import identities as rules
from campaign.identity.identities import Answer, Decision, Told
from campaign.store import audit
from campaign.store import identities as store
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts
from campaign.web.staff import identity_words
from campaign.web.staff.blueprint import OFFICE, blueprint

PER_PAGE = 50


@blueprint.get("/identities")
@allow(*OFFICE)
def identities() -> ResponseReturnValue:
    state = request.args.get("state", "open")
    state = state if state in store.STATES else "open"
    kind = request.args.get("kind") or None
    number = min(max(request.args.get("page", 1, type=int), 1), 10**6)
    with as_principal() as connection:
        kinds = store.kinds(connection, state)
        total = sum(count for name, count in kinds.items() if kind in (None, name))
        return render_template(
            "staff/identities.html",
            texts=identity_words,
            state=state,
            kind=kind,
            counts=store.counts(connection),
            kinds=kinds,
            cases=store.cases(connection, state, kind, limit=PER_PAGE, offset=(number - 1) * PER_PAGE),
            sure=len(store.sure_ones(connection)) if state == "open" else 0,
            done=request.args.get("done", type=int),
            number=number,
            pages=max(ceil(total / PER_PAGE), 1),
        )


@blueprint.get("/identities/<int:case_id>")
@allow(*OFFICE)
def identity(case_id: int) -> ResponseReturnValue:
    told = request.args.get("told", "")
    with as_principal() as connection:
        case = store.one(connection, case_id) if case_id < 2**63 else None
        if case is None:
            abort(404)
        students = store.students(connection, case)
        files = store.files_to_import_again(connection, case_id)
    _record_look(case)
    return render_template(
        "staff/identity.html",
        texts=identity_words,
        case=case,
        students=students,
        files=files,
        told=told if told in set(Told) else None,
    )


@blueprint.post("/identities/<int:case_id>")
@allow(*OFFICE)
def decide_identity(case_id: int) -> ResponseReturnValue:
    """The form says `answer`: same:STUDENT, replace:STUDENT, another, wait or take_back."""
    word, _, student = request.form.get("answer", "").partition(":")
    if word not in {*Decision, "take_back"} or not (
        (student.isascii() and student.isdigit()) or student == ""
    ):
        return redirect(url_for("staff.identity", case_id=case_id, told=Told.CHANGED), code=303)
    with as_principal() as connection:
        if case_id >= 2**63 or store.one(connection, case_id) is None:
            abort(404)
        # In the same transaction, so that the scope still holds; decisions and the audit are the engine's to write.
        database.assume(connection, ENGINE)
        who = {"actor": g.principal.actor, "now": parts().clock()}
        if word == "take_back":
            told = rules.take_back(connection, case_id, **who)
        else:
            answer = Answer(case_id, Decision(word), int(student) if student else None)
            told = rules.decide(connection, answer, **who)
    return redirect(url_for("staff.identity", case_id=case_id, told=told), code=303)


@blueprint.post("/identities")
@allow(*OFFICE)
def accept_sure_identities() -> ResponseReturnValue:
    """Say of all sure cases at once that they are the same student."""
    with as_principal() as connection:
        sure = store.sure_ones(connection)
        database.assume(connection, ENGINE)
        done = rules.accept_sure_ones(connection, sure, actor=g.principal.actor, now=parts().clock())
    return redirect(url_for("staff.identities", state="decided", done=done), code=303)


def _record_look(case: store.Case) -> None:
    entry = audit.Entry(
        at=parts().clock(),
        actor=g.principal.actor,
        action="looked_at_identity",
        target=f"identity_case:{case.case_id}",
        district_id=case.district_id,
        detail={"students": list(case.candidates)},
    )
    with database.transaction(parts().engine, ENGINE) as connection:
        audit.write(connection, entry)

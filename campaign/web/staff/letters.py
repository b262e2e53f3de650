"""Letters of campaigns: start a print run, take its files, and say what became of it."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import abort, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from campaign import database, jobs
from campaign.access import ENGINE, Role
from campaign.paper import letter_answers, letter_list, letters
from campaign.paper.letter_answers import NotSo, Word
from campaign.paper.letter_list import folder
from campaign.paper.letters import Wanted
from campaign.paper.print_runs import PrintError
from campaign.store import consent as consent_store
from campaign.store import letters as store
from campaign.store.letters import LetterRun
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts
from campaign.web.staff import asking
from campaign.web.staff.blueprint import OFFICE, blueprint
from campaign.web.staff.campaign_desk import delivery
from reports.mailing.address import WINDOWS

SHOWN = 100
_POSITIONS = re.compile(r"\d{1,6}")
_ON_ENVELOPES = {
    "spoiled": letter_answers.spoiled,
    "came_back": letter_answers.came_back,
    "put_back": letter_answers.put_back,
}
_TOLD = {
    "posted": "Thank you. The letters count as sent, and the files were taken away.",
    "thrown_away": "The letters of this run wait for the next one; the files were taken away.",
    "taken_back": "It waits for a word again.",
    "spoiled": "These letters wait for the next run.",
    "came_back": "These letters count as not arrived.",
    "put_back": "Taken back. These letters are again as the others of their run.",
    "nothing": "None of these envelopes is in the run. Look up their numbers on the list.",
}


@blueprint.get("/letters")
@allow(*OFFICE)
def letters_page() -> ResponseReturnValue:
    with as_principal() as connection:
        return _overview(connection)


@blueprint.post("/letters")
@allow(Role.DISTRICT)
def print_letters() -> ResponseReturnValue:
    envelope = request.form.get("envelope", "number-10")
    wanted = Wanted(
        g.principal.district_id,
        request.form.get("campaign") or None,
        envelope if envelope in WINDOWS else "number-10",
    )
    try:
        run = letters.take(delivery(), wanted, actor=g.principal.actor, now=parts().clock())
    except PrintError as error:
        with as_principal() as connection:
            return _overview(connection, str(error)), 422
    # A job that is lost here is found by the next poke of any worker's clock.
    jobs.prepare(parts().engine)
    with jobs.door(parts().engine) as door:
        jobs.defer_letters(door, run.id)
    return redirect(url_for("staff.letter_run", run_number=run.number), code=303)


@blueprint.get("/letters/<run_number>")
@allow(*OFFICE)
def letter_run(run_number: str) -> ResponseReturnValue:
    with as_principal() as connection:
        return _page(connection, _run(connection, run_number), _TOLD.get(request.args.get("told", "")))


@blueprint.get("/letters/<run_number>/<file_name>")
@allow(Role.DISTRICT)
def letter_file(run_number: str, file_name: str) -> ResponseReturnValue:
    with as_principal() as connection:
        run = _run(connection, run_number)
        found = {file.name: file for file in _files(run)}.get(file_name) or abort(404)
        database.assume(connection, ENGINE)
        asking.note(connection, "took_letter_file", f"letter_run:{run.id}", run.district_id)
    answer = send_file(found.resolve(), as_attachment=True, download_name=file_name, max_age=0)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/letters/<run_number>")
@allow(Role.DISTRICT)
def say_of_letters(run_number: str) -> ResponseReturnValue:
    said = request.form.get("said", "")
    with as_principal() as connection:
        run = _run(connection, run_number)
        # In the same transaction, so that the scope still holds; the ledger and the audit are the engine's to write.
        database.assume(connection, ENGINE)
        try:
            told = _say(connection, run, said)
        except NotSo as error:
            database.assume(connection, g.principal)
            return _page(connection, run, problem=str(error)), 422
    if said in ("posted", "thrown_away"):
        letter_answers.clear(parts().settings.home, run)
    return redirect(url_for("staff.letter_run", run_number=run.number, told=told), code=303)


def _say(connection: Connection, run: LetterRun, said: str) -> str:
    zone = parts().settings.installation.time_zone
    word = Word(g.account.name, g.principal.actor, parts().clock(), zone)
    if said == "posted":
        day = _day() or abort(400)
        letter_answers.posted(connection, run.number, day, word)
    elif said == "thrown_away":
        letter_answers.thrown_away(connection, run.number, word)
    elif said == "taken_back":
        letter_answers.taken_back(connection, run.number, word)
    elif act := _ON_ENVELOPES.get(said):
        positions = {int(found) for found in _POSITIONS.findall(request.form.get("envelopes", ""))}
        return said if act(connection, run.number, positions, word) else "nothing"
    else:
        abort(400)
    return said


def _overview(connection: Connection, problem: str | None = None) -> str:
    now = parts().clock()
    mine = g.principal.district_id
    return render_template(
        "staff/letters.html",
        problem=problem,
        due=store.due(connection, now),
        runs=store.runs(connection, SHOWN),
        unfinished=store.unfinished(connection),
        campaigns=consent_store.campaign_titles(connection, mine) if mine else {},
        envelopes=WINDOWS,
        may_print=g.principal.role == Role.DISTRICT,
    )


def _page(connection: Connection, run: LetterRun, told: str | None = None, problem: str | None = None) -> str:
    zone = ZoneInfo(parts().settings.installation.time_zone)
    today = parts().clock().astimezone(zone).date()
    apart = store.set_apart(connection, run.id)
    return render_template(
        "staff/letter_run.html",
        run=run,
        told=told,
        problem=problem,
        files=_files(run),
        states=letter_list.STATES,
        today=today,
        apart=apart,
        of_today={one.id for one in apart if one.said_at and one.said_at.astimezone(zone).date() == today},
        share=100 * run.printed // run.letters if run.letters else 100,
        waits_for_worker=run.finished_at is None and not asking.has_worker(),
        may_print=g.principal.role == Role.DISTRICT,
    )


def _run(connection: Connection, number: str) -> LetterRun:
    return store.run(connection, number) or abort(404)


def _files(run: LetterRun) -> list[Path]:
    """Those that a person may take: all of a run that is finished."""
    if run.finished_at is None or run.outcome:
        return []
    return letter_list.files(folder(parts().settings.home, run), run)


def _day() -> date | None:
    try:
        return date.fromisoformat(request.form.get("day", ""))
    except ValueError:
        return None

"""What a family sees after the second step: what it believes first, then the report."""

from __future__ import annotations

from flask import abort, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy import Connection

from campaign import database, links
from campaign.access import ENGINE, Role
from campaign.store import beliefs, family_requests, report_looks
from campaign.web.family import languages, week
from campaign.web.family.blueprint import blueprint, cookie_name, take_session
from campaign.web.family.reading import Reading, reading, student_name, wave
from campaign.web.family.talk import talk
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts
from reports.family import render
from reports.family.changes import corrected
from reports.family.report import from_json


@blueprint.get("/family")
@allow(Role.FAMILY)
def page() -> ResponseReturnValue:
    found = reading()
    if found is None:
        return render_template(
            "family/not_ready.html",
            student=student_name(),
            languages=languages.offered(),
            week=week.waiting(),
        )
    if found.unasked:
        return render_template(
            "family/belief.html",
            report=found.report,
            subjects=found.unasked,
            answers=beliefs.ANSWERS,
            languages=found.languages,
        )
    with as_principal() as connection:
        threads = family_requests.threads(connection, g.principal)
        newer = _corrected_since_the_last_look(connection, found)
    return render_template(
        "family/report.html",
        report=found.report,
        body=Markup(render.page(found.report)),  # noqa: S704  made by our own template, with its values escaped
        style=Markup(render.page_style(found.report)),  # noqa: S704  a packaged file and places of our own pictures
        languages=found.languages,
        newer=newer,
        week=week.waiting(),
        threads=[thread for thread in threads if thread.answers],
        talk=[entry for entry in talk() if entry.direction == "out"],
    )


@blueprint.post("/family/belief")
@allow(Role.FAMILY)
def believe() -> ResponseReturnValue:
    """Keep what was chosen; a question left open, and each one when all are skipped, is kept as skipped."""
    found = reading() or abort(404)
    skip = "skip" in request.form
    given = {subject: request.form.get(f"answer-{subject}", "") for subject in found.unasked}
    answers = {
        subject: answer if answer in beliefs.ANSWERS and not skip else beliefs.SKIPPED
        for subject, answer in given.items()
    }
    if answers:
        with as_principal() as connection:
            beliefs.keep(connection, g.principal, wave(parts().clock()), answers, parts().clock())
    return redirect(url_for("family.page", language=found.report.language), code=303)


@blueprint.post("/family/close")
@allow(Role.FAMILY)
def close() -> ResponseReturnValue:
    languages.speak_own()
    with database.transaction(parts().engine, ENGINE) as connection:
        links.end_session(connection, request.cookies.get(cookie_name(), ""))
    page = render_template("family/note.html", name="signed_out", lead="signed_out.done", help_key=None)
    return take_session(make_response(page))


def _corrected_since_the_last_look(connection: Connection, found: Reading) -> bool:
    """Whether to say that a grade or test was corrected; said once, for the version is seen from now on."""
    report = found.report
    seen = report_looks.version_seen(connection, g.principal)
    if seen == report.version:
        return False
    report_looks.keep(connection, g.principal, report.version, report.language, parts().clock())
    if seen is None:
        return False
    before = report_looks.contract(connection, g.principal.student_id, report.language, seen)
    return before is not None and corrected(from_json(before), report)

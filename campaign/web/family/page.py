"""What a family sees after the second step: what it believes first, then the report, and what else it may want."""

from __future__ import annotations

from datetime import datetime

from flask import Response, abort, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy import text

from campaign import database, family_reports, links
from campaign.access import ENGINE, Role
from campaign.store import beliefs
from campaign.web.family import languages
from campaign.web.family.blueprint import blueprint, cookie_name, take_session
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts
from reports.family import render
from reports.family.report import FamilyReport

WISHES = ("wrong", "interpreter")


@blueprint.get("/family")
@allow(Role.FAMILY)
def page() -> ResponseReturnValue:
    report = _report()
    if report is None:
        return render_template(
            "family/not_ready.html", student=_student_name(), languages=languages.offered()
        )
    unasked = _unasked(report)
    if unasked:
        return render_template(
            "family/belief.html",
            report=report,
            subjects=unasked,
            answers=beliefs.ANSWERS,
            languages=_written(),
        )
    return render_template(
        "family/report.html",
        report=report,
        body=Markup(render.page(report)),  # noqa: S704  made by our own template, with its values escaped
        style=Markup(render.page_style(report)),  # noqa: S704  a packaged file and the places of our own pictures
        languages=_written(),
    )


@blueprint.post("/family/belief")
@allow(Role.FAMILY)
def believe() -> ResponseReturnValue:
    """Keep what was chosen; a question left open, and each one when all are skipped, is kept as skipped."""
    report = _report() or abort(404)
    skip = "skip" in request.form
    given = {subject: request.form.get(f"answer-{subject}", "") for subject in _unasked(report)}
    answers = {
        subject: answer if answer in beliefs.ANSWERS and not skip else beliefs.SKIPPED
        for subject, answer in given.items()
    }
    if answers:
        with as_principal() as connection:
            beliefs.keep(connection, g.principal, wave(parts().clock()), answers, parts().clock())
    return redirect(url_for("family.page", language=report.language), code=303)


@blueprint.get("/family/report.pdf")
@allow(Role.FAMILY)
def download() -> ResponseReturnValue:
    """The same report on paper: this language first, English last. The file's name says nothing about the child."""
    report = _report() or abort(404)
    if _unasked(report):
        return redirect(url_for("family.page", language=report.language), code=303)
    pages = [report]
    if report.language != "en":
        with as_principal() as connection:
            english = family_reports.current_report(connection, g.principal.student_id, "en")
        pages += [english] if english else []
    response = Response(render.pdf(pages), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{report.number}.pdf"'
    return response


@blueprint.get("/family/<wish>")
@allow(Role.FAMILY)
def ask(wish: str) -> ResponseReturnValue:
    if wish not in WISHES:
        abort(404)
    languages.speak_own()
    return render_template("family/wish.html", name=wish, target=url_for("family.act", wish=wish))


@blueprint.post("/family/<wish>")
@allow(Role.FAMILY)
def act(wish: str) -> ResponseReturnValue:
    if wish not in WISHES:
        abort(404)
    languages.speak_own()
    with database.transaction(parts().engine, ENGINE) as connection:
        if wish == "interpreter":
            links.ask_interpreter(connection, g.link, parts().clock())
            return render_template("family/done.html", name=wish, back=True)
        links.wrong_person(connection, g.link, parts().clock())
    return take_session(make_response(render_template("family/done.html", name=wish, back=False)))


@blueprint.post("/family/close")
@allow(Role.FAMILY)
def close() -> ResponseReturnValue:
    languages.speak_own()
    with database.transaction(parts().engine, ENGINE) as connection:
        links.end_session(connection, request.cookies.get(cookie_name(), ""))
    page = render_template("family/note.html", name="signed_out", lead="signed_out.done", help_key=None)
    return take_session(make_response(page))


def wave(now: datetime) -> str:
    """The school year in which the question is asked before the report is seen; years turn on the first of July."""
    begins = now.year if now.month >= 7 else now.year - 1
    return f"{begins}-{(begins + 1) % 100:02d} before"


def _report() -> FamilyReport | None:
    """The current report in the language asked for, else the family's own, else English."""
    for language in languages.preferred():
        with as_principal() as connection:
            report = family_reports.current_report(connection, g.principal.student_id, language)
        if report:
            g.languages = (language,)
            return report
    languages.speak_own()
    return None


def _written() -> list[str]:
    """Languages in which this child's report can be read here."""
    with as_principal() as connection:
        return [
            language
            for language in languages.offered()
            if family_reports.current_report(connection, g.principal.student_id, language)
        ]


def _unasked(report: FamilyReport) -> list[str]:
    """Subjects of the report about which the family has not been asked yet."""
    with as_principal() as connection:
        answered = beliefs.answered(connection, g.principal, wave(parts().clock()))
    return [block.subject for block in report.subjects if block.subject not in answered]


def _student_name() -> str:
    with as_principal() as connection:
        return str(
            connection.scalar(
                text("SELECT coalesce(preferred_name, given_name) FROM student WHERE id = :id"),
                {"id": g.principal.student_id},
            )
        )

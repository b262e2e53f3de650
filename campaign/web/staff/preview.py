"""Before families read: the reports as they will get them, the teacher's sheet, and what a teacher says about one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from flask import Response, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy import Connection

from campaign import classroom, database
from campaign.access import ENGINE, Role
from campaign.classroom import Speaker, WordError
from campaign.store import classroom as store
from campaign.store.classroom import EnglishReport, Waiting
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts
from campaign.web.staff.asking import note, number
from campaign.web.staff.blueprint import STAFF, WHOLE_SCHOOLS, blueprint
from campaign.web.staff.home import held_reports
from reports.classroom import render as papers
from reports.classroom.sheet import TeacherSheet, sheet
from reports.family import render
from reports.family.report import FamilyReport, from_json

SHOWN = 60


@blueprint.get("/preview")
@allow(*STAFF)
def preview() -> ResponseReturnValue:
    page = max(request.args.get("page", 1, type=int), 1)
    teacher = g.principal.staff_member_id if g.principal.role == Role.TEACHER else None
    with as_principal() as connection:
        # One more than is shown says whether there is another page.
        found = store.students(
            connection, zone=_zone(), staff_member_id=teacher, limit=SHOWN + 1, offset=(page - 1) * SHOWN
        )
        listed = [(one, _standing(connection, one)) for one in found[:SHOWN]]
        sections = store.sections(connection, teacher)
        held = held_reports(connection)
    return render_template(
        "staff/preview.html",
        listed=listed,
        sections=sections,
        held=held,
        days=_days(),
        page=page,
        more=len(found) > SHOWN,
    )


@blueprint.get("/preview/<int:student_id>")
@allow(*STAFF)
def preview_student(student_id: int, problem: str | None = None) -> ResponseReturnValue:
    with as_principal() as connection:
        about = _about(connection, student_id)
        report = store.english_report(connection, about.student_id)
        said = store.words(connection, about.student_id)
        languages = store.families_languages(connection, about.student_id)
        standing = _standing(connection, about)
    _trace(about, "looked_at_preview")
    made = _sheet(report) if report else None
    return render_template(
        "staff/preview_student.html",
        about=about,
        standing=standing,
        sheet=Markup(papers.page(made)) if made else None,  # noqa: S704  our own template, values escaped
        words_said=said,
        languages=languages,
        may_review=g.principal.role in WHOLE_SCHOOLS,
        actor=g.principal.actor,
        problem=problem,
        typed=request.form,
        days_for_answer=classroom.DAYS_FOR_ANSWER,
        most_days=classroom.MOST_HOLD_DAYS,
        longest_note=classroom.LONGEST_NOTE,
    )


@blueprint.get("/preview/<int:student_id>/report")
@allow(*STAFF)
def preview_report(student_id: int) -> ResponseReturnValue:
    """The family's page in English, as the family will read it."""
    with as_principal() as connection:
        about = _about(connection, student_id)
        found = store.english_report(connection, about.student_id)
    if found is None:
        return redirect(url_for("staff.preview_student", student_id=student_id), code=303)
    report = _report(found)
    _trace(about, "looked_at_preview")
    return render_template(
        "staff/preview_report.html",
        report=report,
        body=Markup(render.page(report)),  # noqa: S704  made by our own template, with its values escaped
        style=Markup(render.page_style(report)),  # noqa: S704  a packaged file and places of our own pictures
    )


@blueprint.get("/preview/<int:student_id>/sheet.pdf")
@allow(*STAFF)
def preview_sheet(student_id: int) -> ResponseReturnValue:
    with as_principal() as connection:
        about = _about(connection, student_id)
        found = store.english_report(connection, about.student_id)
    if found is None:
        return redirect(url_for("staff.preview_student", student_id=student_id), code=303)
    _trace(about, "printed_teacher_sheet")
    return _pdf([found], "teacher-sheet.pdf")


@blueprint.get("/preview/sections/<int:section_id>/sheets.pdf")
@allow(*STAFF)
def preview_sheets(section_id: int) -> ResponseReturnValue:
    with as_principal() as connection:
        found = store.section_reports(connection, number(section_id))
    if not found:
        return redirect(url_for("staff.preview"), code=303)
    with database.transaction(parts().engine, ENGINE) as connection:
        note(connection, "printed_teacher_sheets", f"section:{section_id}", g.principal.district_id)
    return _pdf(found, "teacher-sheets.pdf")


@blueprint.post("/preview/<int:student_id>/<any(note, wrong_data, hold, release):kind>")
@allow(*STAFF)
def say(student_id: int, kind: str) -> ResponseReturnValue:
    def keep(connection: Connection, about: Waiting, by: Speaker) -> None:
        typed, year = request.form.get("said", ""), classroom.year_of(connection, about.district_id)
        if kind == classroom.Kind.NOTE:
            classroom.note(connection, about, typed, by)
        elif kind == classroom.Kind.WRONG_DATA:
            classroom.wrong_data(connection, about, typed, year, by)
        elif kind == classroom.Kind.HOLD:
            classroom.hold(connection, about, typed, _day(), year, by=by)
        else:
            classroom.release(connection, about, by)

    return _change(student_id, keep)


@blueprint.post("/preview/words/<int:word_id>/<any(withdraw, end):undo>")
@allow(*STAFF)
def take_back(word_id: int, undo: str) -> ResponseReturnValue:
    return _step(word_id, undo)


@blueprint.post("/preview/words/<int:word_id>/<any(release, settle):step>")
@allow(*WHOLE_SCHOOLS)
def review_word(word_id: int, step: str) -> ResponseReturnValue:
    return _step(word_id, step)


@blueprint.post("/preview/words/<int:word_id>/translate")
@allow(*WHOLE_SCHOOLS)
def translate_word(word_id: int) -> ResponseReturnValue:
    with as_principal() as connection:
        word = store.word(connection, number(word_id)) or abort(404)
    language, text = request.form.get("language", ""), request.form.get("said", "")
    return _change(
        word.student_id, lambda connection, _, by: classroom.translate(connection, word, language, text, by)
    )


@blueprint.get("/preview/words")
@allow(*WHOLE_SCHOOLS)
def teacher_words() -> ResponseReturnValue:
    with as_principal() as connection:
        return render_template("staff/teacher_words.html", said=store.open_words(connection))


def _step(word_id: int, step: str) -> ResponseReturnValue:
    with as_principal() as connection:
        word = store.word(connection, number(word_id)) or abort(404)
    answer = request.form.get("said", "")
    return _change(
        word.student_id, lambda connection, _, by: classroom.take(connection, word, step, answer, by)
    )


def _change(student_id: int, what: Callable[[Connection, Waiting, Speaker], object]) -> ResponseReturnValue:
    """Do it in one transaction with its trace, seen first under the reader's own scope; the table is the engine's."""
    by = Speaker(g.account.name, g.principal.actor, parts().clock())
    try:
        with as_principal() as connection:
            about = _about(connection, student_id)
            database.assume(connection, ENGINE)
            what(connection, about, by)
    except WordError as error:
        return preview_student(student_id, str(error)), 422  # type: ignore[return-value]
    return redirect(url_for("staff.preview_student", student_id=student_id), code=303)


def _about(connection: Connection, student_id: int) -> Waiting:
    return store.student(connection, number(student_id), _zone()) or abort(404)


def _standing(connection: Connection, about: Waiting) -> classroom.Standing:
    years = g.setdefault("school_years", {})
    if about.district_id not in years:
        years[about.district_id] = classroom.year_of(connection, about.district_id)
    return classroom.standing(about, years[about.district_id], _days(), parts().clock())


def _day() -> date | None:
    try:
        return date.fromisoformat(request.form.get("until", ""))
    except ValueError:
        return None


def _report(found: EnglishReport) -> FamilyReport:
    return from_json(found.contract)


def _sheet(found: EnglishReport) -> TeacherSheet:
    return sheet(_report(found), found.comparison_ids)


def _pdf(found: list[EnglishReport], name: str) -> Response:
    content = papers.pdf([_sheet(one) for one in found])
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return Response(content, content_type="application/pdf", headers=headers)


def _trace(about: Waiting, action: str) -> None:
    with database.transaction(parts().engine, ENGINE) as connection:
        note(connection, action, f"student:{about.student_id}", about.district_id)


def _zone() -> str:
    return parts().settings.installation.time_zone


def _days() -> int:
    return parts().settings.campaign.teacher_preview_days

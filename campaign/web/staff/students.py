"""The list of students, and one student's page. Looking at a student leaves an entry in the audit."""

from __future__ import annotations

from math import ceil

from flask import abort, g, render_template, request
from flask.typing import ResponseReturnValue

from campaign import database
from campaign.access import ENGINE
from campaign.comparing.weighed import together
from campaign.store import audit
from campaign.store import students as store
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts
from campaign.web.staff import delivery_words
from campaign.web.staff.blueprint import STAFF, blueprint
from campaign.web.staff.explanation import explain, language_note
from reports.records import Category

PER_PAGE = 50


# A search holds a name, which must not stand in an address: the form is sent by POST, though it changes nothing.
@blueprint.get("/students")
@blueprint.post("/students")
@allow(*STAFF)
def students() -> ResponseReturnValue:
    wanted = _filter()
    number = max(_number("page") or 1, 1)
    with as_principal() as connection:
        page = store.find(connection, wanted, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
        choices = store.choices(connection)
    return render_template(
        "staff/students.html",
        page=page,
        choices=choices,
        wanted=wanted,
        number=number,
        pages=max(ceil(page.total / PER_PAGE), 1),
        categories=list(Category),
    )


def _filter() -> store.Filter:
    category = request.values.get("category", "")
    return store.Filter(
        search=request.form.get("search", "").strip() or None,
        category=category if category in set(Category) else None,
        subject=request.values.get("subject") or None,
        school_id=_number("school"),
        grade_level=_number("grade"),
    )


def _number(name: str) -> int | None:
    """A whole number that the database can hold, or None."""
    value = request.values.get(name, "")
    fits = value.lstrip("-").isascii() and value.lstrip("-").isdigit() and len(value) <= 9
    return int(value) if fits else None


@blueprint.get("/students/<int:student_id>")
@allow(*STAFF)
def student(student_id: int) -> ResponseReturnValue:
    if student_id >= 2**63:
        abort(404)
    with as_principal() as connection:
        found = store.one(connection, student_id)
        if found is None:
            abort(404)
        comparisons = store.comparisons(connection, student_id)
        weighed = [together(connection, student_id, one.subject, one.explanation) for one in comparisons]
        sources = store.sources(connection, student_id)
        contacts = store.contacts(connection, student_id)
        messages = store.messages(connection, student_id)
        reports = store.reports(connection, student_id)
    _record_look(found)
    texts = parts().texts_of(found.district_id)
    return render_template(
        "staff/student.html",
        student=found,
        subjects=[
            explain(found, comparison, sources, texts.catalog, one)
            for comparison, one in zip(comparisons, weighed, strict=True)
        ],
        language_note=language_note(found, texts, parts().settings.languages),
        contacts=contacts,
        messages=messages,
        told=delivery_words,
        reports=reports,
    )


def _record_look(found: store.Student) -> None:
    with database.transaction(parts().engine, ENGINE) as connection:
        audit.write(
            connection,
            audit.Entry(
                at=parts().clock(),
                actor=g.principal.actor,
                action="looked_at_student",
                target=f"student:{found.student_id}",
                district_id=found.district_id,
            ),
        )

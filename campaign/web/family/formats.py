"""The report in other forms: on paper, in large letters, as plain text. Names of files say nothing about the child."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, abort, redirect, url_for
from flask.typing import ResponseReturnValue

from campaign.access import Role
from campaign.web.family.blueprint import blueprint
from campaign.web.family.reading import Reading, reading
from campaign.web.guard import allow
from reports.family import plain, render

_PDF = "application/pdf"


@blueprint.get("/family/report.pdf")
@allow(Role.FAMILY)
def download() -> ResponseReturnValue:
    """The same report on paper: this language first, English last."""
    return _file(".pdf", _PDF, lambda found: render.pdf(found.pages))


@blueprint.get("/family/report-large.pdf")
@allow(Role.FAMILY)
def large_print() -> ResponseReturnValue:
    return _file("-large.pdf", _PDF, lambda found: render.large_print(found.pages))


@blueprint.get("/family/report.txt")
@allow(Role.FAMILY)
def plain_text() -> ResponseReturnValue:
    """In this language alone, for a screen reader or a Braille display."""
    return _file(".txt", "text/plain; charset=utf-8", lambda found: plain.plain_text(found.report).encode())


def _file(ending: str, content_type: str, write: Callable[[Reading], bytes]) -> ResponseReturnValue:
    """The question comes before the report in every form."""
    found = reading() or abort(404)
    if found.unasked:
        return redirect(url_for("family.page", language=found.report.language), code=303)
    headers = {"Content-Disposition": f'attachment; filename="{found.report.number}{ending}"'}
    return Response(write(found), content_type=content_type, headers=headers)

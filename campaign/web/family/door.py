"""The door of a family link: a page that says nothing about the child, and the one question that opens it.

Mail scanners open links, look at them again, press buttons: a GET changes nothing and sets nothing, and a form
without a whole date is not a try.
"""

from __future__ import annotations

from datetime import date

from flask import g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from campaign import database, links
from campaign.access import ENGINE
from campaign.links import FamilyLink
from campaign.web.family import languages, limits
from campaign.web.family.blueprint import blueprint, give_session, note
from campaign.web.guard import posted_by_machines, public
from campaign.web.parts import parts


@blueprint.get("/r/<token>")
@public
def door(token: str) -> ResponseReturnValue:
    try:
        with database.transaction(parts().engine, ENGINE) as connection:
            if limits.exceeded(connection):
                return note("busy"), 429
            link = links.open_link(connection, token, parts().clock())
            if link is None:
                limits.count_failure(connection)
    except SQLAlchemyError:
        return note("closed"), 503
    return _page(link)


# The link's own token proves where the form comes from, so that the door needs no cookie.
@blueprint.post("/r/<token>")
@public
@posted_by_machines
def answer(token: str) -> ResponseReturnValue:
    born = _birth_date()
    try:
        with database.transaction(parts().engine, ENGINE) as connection:
            if limits.exceeded(connection):
                return note("busy"), 429
            now = parts().clock()
            link = links.open_link(connection, token, now)
            session = links.second_step(connection, link, born, now) if link and born else None
            if session is None:
                limits.count_failure(connection)
                link = links.open_link(connection, token, now)
    except SQLAlchemyError:
        return note("closed"), 503
    if session and link:
        languages.remember_from_door(session, link.district_id)
        return give_session(make_response(redirect(url_for("family.page"), code=303)), session)
    return _page(link, problem="wrong" if born else "incomplete")


def _page(link: FamilyLink | None, problem: str | None = None) -> ResponseReturnValue:
    """Unknown, expired and revoked links get the same answer."""
    if link is None:
        return note("ended", help_key="ended.help"), 404
    g.link_district_id = link.district_id
    g.languages = languages.at_door()
    if not link.checkable:
        return note("no_check", help_key="door.help")
    page = render_template(
        "family/door.html",
        problem=problem,
        tries_left=link.tries_left,
        given=request.form,
        months=range(1, 13),
    )
    return page, 422 if problem else 200


def _birth_date() -> date | None:
    """The date of the three fields; None when it is not whole or there is no such day."""
    try:
        return date(*(int(request.form.get(part, "")) for part in ("year", "month", "day")))
    except (ValueError, OverflowError):
        return None

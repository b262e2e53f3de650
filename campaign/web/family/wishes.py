"""What a family asks for with one button: an interpreter, or to be left alone because the child is not theirs."""

from __future__ import annotations

from flask import abort, g, make_response, render_template, url_for
from flask.typing import ResponseReturnValue

from campaign import database, links
from campaign.access import ENGINE, Role
from campaign.store import family_requests
from campaign.store.family_requests import Kind, NewRequest
from campaign.web.family import languages
from campaign.web.family.blueprint import blueprint, take_session
from campaign.web.guard import allow
from campaign.web.parts import parts

# The last part of the address, and the name of its texts.
WISHES = {"wrong": Kind.WRONG_PERSON, "interpreter": Kind.INTERPRETER}


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
    """Staff see both on the page From families; who asked for an interpreter twice waits once."""
    if wish not in WISHES:
        abort(404)
    languages.speak_own()
    now = parts().clock()
    with database.transaction(parts().engine, ENGINE) as connection:
        family_requests.add(connection, g.principal, NewRequest(WISHES[wish], g.languages[0], {}), now)
        if wish == "interpreter":
            links.ask_interpreter(connection, g.link, now)
            return render_template("family/done.html", name=wish, back=True)
        links.wrong_person(connection, g.link, now)
    return take_session(make_response(render_template("family/done.html", name=wish, back=False)))

"""Stopping messages: from the link under every message, by one click of a mail program (RFC 8058), or from the page.

Opening the page stops nothing; a choice can be taken back on the page that confirms it.
"""

from __future__ import annotations

from flask import g, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from campaign import database, links
from campaign.access import ENGINE, Role
from campaign.links import FamilyLink, Purpose
from campaign.store import consent
from campaign.store.consent import Voice
from campaign.web.family import languages, limits
from campaign.web.family.blueprint import blueprint, note
from campaign.web.guard import allow, posted_by_machines, public
from campaign.web.parts import parts


@blueprint.route("/stop/<token>", methods=["GET", "POST"])
@public
@posted_by_machines
def stop(token: str) -> ResponseReturnValue:
    """For whoever holds the link of a message; shows nothing about a child and sets no cookie."""
    try:
        with database.transaction(parts().engine, ENGINE) as connection:
            if limits.exceeded(connection):
                return note("busy"), 429
            link = links.open_link(connection, token, parts().clock(), Purpose.PREFERENCES)
            if link is None:
                limits.count_failure(connection)
                return note("ended", help_key="ended.help"), 404
            return _answer(connection, link, "family.stop", {"token": token})
    except SQLAlchemyError:
        return note("closed"), 503


@blueprint.route("/family/stop", methods=["GET", "POST"])
@allow(Role.FAMILY)
def stop_here() -> ResponseReturnValue:
    languages.speak_own()
    with database.transaction(parts().engine, ENGINE) as connection:
        return _answer(connection, g.link, "family.stop_here", {})


def _answer(
    connection: Connection, link: FamilyLink, endpoint: str, values: dict[str, str]
) -> ResponseReturnValue:
    context = {"endpoint": endpoint, "values": values, "channels": consent.CHANNELS}
    if request.method != "POST":
        return render_template("family/stop.html", problem=False, **context)
    one_click = request.form.get("List-Unsubscribe") == "One-Click"
    chosen = ["email"] if one_click else [c for c in consent.CHANNELS if c in request.form.getlist("channel")]
    if not chosen:
        return render_template("family/stop.html", problem=True, **context), 422
    again = "again" in request.form
    words = parts().catalog.text(f"page.stop.{'again' if again else 'confirm'}", g.languages[0])
    voice = Voice("one_click" if one_click else "family_page", words, parts().clock())
    for channel in chosen:
        (consent.grant if again else consent.revoke)(connection, link.contact_id, channel, voice)
    return render_template("family/stopped.html", again=again, chosen=chosen, **context)

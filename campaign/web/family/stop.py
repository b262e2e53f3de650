"""Stopping messages: from the link under every message, by one click of a mail program (RFC 8058), or from the page.

Opening the page stops nothing; a choice can be taken back on the page that confirms it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask import g, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from campaign import database
from campaign.access import ENGINE, Role
from campaign.consents import consent, way_out
from campaign.store import consent as store
from campaign.store.consent import CHANNELS, EVERYTHING, FREQUENCY, Choice, Voice
from campaign.web.family import languages, limits
from campaign.web.family.blueprint import blueprint, note
from campaign.web.guard import allow, posted_by_machines, public
from campaign.web.parts import parts

# How often: the choice on the page → most messages in seven days.
OFTEN = {"planned": None, "one": 1}


class Person(NamedTuple):
    """Who chooses; `actor`: the message or link through which, as the audit has it."""

    district_id: int
    contact_id: int
    actor: str


@blueprint.route("/stop/<token>", methods=["GET", "POST"])
@public
@posted_by_machines
def stop(token: str) -> ResponseReturnValue:
    """For whoever holds the link of a message; shows nothing about a child and sets no cookie."""
    try:
        with database.transaction(parts().engine, ENGINE) as connection:
            if limits.exceeded(connection):
                return note("busy"), 429
            written = way_out.addressee(connection, token, parts().settings.secrets.secret_key)
            if written is None:
                limits.count_failure(connection)
                return note("ended", help_key="ended.help"), 404
            person = Person(written.district_id, written.contact_id, f"message:{written.message_id}")
            return _answer(connection, person, "family.stop", {"token": token})
    except SQLAlchemyError:
        return note("closed"), 503


@blueprint.route("/family/stop", methods=["GET", "POST"])
@allow(Role.FAMILY)
def stop_here() -> ResponseReturnValue:
    languages.speak_own()
    with database.transaction(parts().engine, ENGINE) as connection:
        link = g.link
        person = Person(link.district_id, link.contact_id, link.principal.actor)
        return _answer(connection, person, "family.stop_here", {})


def _answer(
    connection: Connection, person: Person, endpoint: str, values: dict[str, str]
) -> ResponseReturnValue:
    context = {"endpoint": endpoint, "values": values, "channels": CHANNELS}
    if request.method != "POST":
        return _page(connection, person, problem=False, **context)
    if request.form.get("often") in OFTEN:
        return _take_how_often(connection, person, OFTEN[request.form["often"]], context)
    one_click = request.form.get("List-Unsubscribe") == "One-Click"
    chosen = ["email"] if one_click else [c for c in CHANNELS if c in request.form.getlist("channel")]
    if not chosen:
        return _page(connection, person, problem=True, **context), 422
    again, scope = "again" in request.form, _scope(connection, person)
    key = f"page.stop.{'again' if again else 'confirm'}"
    choices = [Choice(channel, scope) for channel in chosen]
    _take(
        connection,
        person,
        choices,
        _voice(person, "one_click" if one_click else "family_page", key),
        again=again,
    )
    return render_template("family/stopped.html", again=again, chosen=chosen, scope=scope, **context)


def _take(
    connection: Connection, person: Person, choices: Sequence[Choice], voice: Voice, *, again: bool
) -> None:
    if again:
        consent.again(connection, person.contact_id, choices, voice)
        return
    settings = parts().settings.consent
    consent.stop(connection, person.contact_id, choices, voice, revoke_all=settings.stops_all(_today()))


def _take_how_often(
    connection: Connection, person: Person, most: int | None, context: dict[str, Any]
) -> ResponseReturnValue:
    key = "page.stop.often_one" if most else "page.stop.often_planned"
    store.limit(connection, person.contact_id, most, _voice(person, "family_page", key))
    return render_template("family/stop_often.html", done="often_done" if most else "often_undone", **context)


def _voice(person: Person, source: str, key: str) -> Voice:
    """The choice with the words that stood on its button."""
    words = parts().catalog.text(key, g.languages[0])
    return Voice(source, words, parts().clock(), actor=person.actor)


def _page(connection: Connection, person: Person, *, problem: bool, **context: Any) -> str:
    held = store.newest(connection, person.contact_id)
    stopped = {e.channel for e in held if e.scope == EVERYTHING and e.action == "revoked"}
    limits_set = [e.weekly_limit for e in held if e.scope == FREQUENCY]
    campaigns = store.campaign_titles(connection, person.district_id)
    return render_template(
        "family/stop.html",
        problem=problem,
        stopped=stopped,
        campaigns=campaigns if len(campaigns) > 1 else {},
        often="one" if any(limits_set) else "planned",
        often_choices=OFTEN,
        **context,
    )


def _scope(connection: Connection, person: Person) -> str:
    """What the choice is about: a campaign of the family's district, else all."""
    wanted = request.form.get("scope", EVERYTHING)
    return wanted if wanted in store.campaign_titles(connection, person.district_id) else EVERYTHING


def _today() -> date:
    return parts().clock().astimezone(ZoneInfo(parts().settings.installation.time_zone)).date()

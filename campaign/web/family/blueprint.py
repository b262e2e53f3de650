"""The family's blueprint: who asks (by its own cookie), in which language it is answered, its plain pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, repeat

from flask import Blueprint, Response, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from campaign import database, links
from campaign.access import ENGINE
from campaign.links import SESSION_LENGTH
from campaign.store import family_sessions
from campaign.web.family import languages
from campaign.web.parts import parts

blueprint = Blueprint("family", __name__, template_folder="templates")


def cookie_name() -> str:
    return "__Host-gbg_family" if current_app.config["SESSION_COOKIE_SECURE"] else "gbg_family"


def give_session(response: Response, token: str) -> Response:
    response.set_cookie(
        cookie_name(),
        token,
        max_age=int(SESSION_LENGTH.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        path="/",
    )
    return response


def take_session(response: Response) -> Response:
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.delete_cookie(cookie_name(), path="/", httponly=True, samesite="Lax", secure=secure)
    return response


@blueprint.before_request
def recognize() -> None:
    """A family page is opened by a family session only, whoever else is signed in in this browser."""
    g.principal = None
    g.account = None
    g.link = None
    g.session_token = request.cookies.get(cookie_name())
    if g.session_token:
        with database.transaction(parts().engine, ENGINE) as connection:
            g.link = links.open_session(connection, g.session_token, parts().clock())
            g.session_language = family_sessions.language(connection, links.fingerprint(g.session_token))
            if g.link:
                g.texts = {g.link.district_id: parts().shelf.of(connection, g.link.district_id)}
        g.principal = g.link.principal if g.link else None
    if g.principal:
        languages.remember()
    g.languages = languages.at_door()


@blueprint.errorhandler(401)
def signed_out(error: HTTPException) -> ResponseReturnValue:
    return take_session(Response(note("signed_out"), 401))


def note(name: str, *, help_key: str | None = None) -> str:
    """A page that says one thing: title and lead of `name`, and where help is."""
    return render_template("family/note.html", name=name, lead=f"{name}.lead", help_key=help_key)


@blueprint.context_processor
def words() -> dict[str, object]:
    return {
        "say": say,
        "plain": plain,
        "say_channels": say_channels,
        "door_languages": languages.offered,
        "text": languages.texts().catalog.text,
        "tag": languages.tag,
        "direction": languages.direction,
        "day_in": languages.day,
    }


def say(key: str, **fields: str) -> Markup:
    """The text in each language of the page, marked with its language."""
    text = languages.texts().catalog.text
    return _marked({language: text(f"page.{key}", language, fields) for language in g.languages})


def _marked(texts: Mapping[str, str]) -> Markup:
    spans = [
        Markup('<span lang="{}" dir="{}" class="{}">{}</span>').format(
            languages.tag(language), languages.direction(language), kind, words
        )
        for (language, words), kind in zip(texts.items(), chain(["said"], repeat("said also")), strict=False)
    ]
    return Markup(" ").join(spans)


def say_channels(key: str, channels: Sequence[str]) -> Markup:
    """The text with the names of the channels, each in the language of its text."""
    text = languages.texts().catalog.text
    names = {
        language: ", ".join(text(f"page.stop.{channel}", language) for channel in channels)
        for language in g.languages
    }
    return _marked(
        {language: text(f"page.{key}", language, {"channels": names[language]}) for language in names}
    )


def plain(key: str) -> str:
    """The text in each language of the page, for places where no markup can stand."""
    text = languages.texts().catalog.text
    return " · ".join(dict.fromkeys(text(f"page.{key}", language) for language in g.languages))

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
from campaign.texts import PAGE_UNIT
from campaign.web.parts import parts

blueprint = Blueprint("family", __name__, template_folder="templates")

# Nobody is known at the door, so it speaks these at once, as far as they may go out.
_DOOR_LANGUAGES = ("en", "es")


def door_languages() -> tuple[str, ...]:
    return tuple(code for code in _DOOR_LANGUAGES if parts().texts.may_go_out(PAGE_UNIT, code))


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
    token = request.cookies.get(cookie_name())
    if token:
        with database.transaction(parts().engine, ENGINE) as connection:
            g.link = links.open_session(connection, token, parts().clock())
        g.principal = g.link.principal if g.link else None
    wanted, spoken = request.args.get("language", ""), door_languages()
    g.languages = (wanted,) if wanted in spoken else spoken


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
        "door_languages": door_languages(),
        "text": parts().catalog.text,
    }


def say(key: str, **fields: str) -> Markup:
    """The text in each language of the page, marked with its language."""
    text = parts().catalog.text
    return _marked({language: text(f"page.{key}", language, fields) for language in g.languages})


def _marked(texts: Mapping[str, str]) -> Markup:
    spans = [
        Markup('<span lang="{}" class="{}">{}</span>').format(language, kind, words)
        for (language, words), kind in zip(texts.items(), chain(["said"], repeat("said also")), strict=False)
    ]
    return Markup(" ").join(spans)


def say_channels(key: str, channels: Sequence[str]) -> Markup:
    """The text with the names of the channels, each in the language of its text."""
    text = parts().catalog.text
    names = {
        language: ", ".join(text(f"page.stop.{channel}", language) for channel in channels)
        for language in g.languages
    }
    return _marked(
        {language: text(f"page.{key}", language, {"channels": names[language]}) for language in names}
    )


def plain(key: str) -> str:
    """The text in each language of the page, for places where no markup can stand."""
    texts = [parts().catalog.text(f"page.{key}", language) for language in g.languages]
    return " · ".join(dict.fromkeys(texts))

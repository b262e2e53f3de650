"""The door for staff and partners: by e-mail and password, or by a link that works once."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaign import sign_in
from campaign.access import Role
from campaign.sign_in import Door, SignedIn, TooManyTries
from campaign.web import sessions
from campaign.web.guard import public
from campaign.web.parts import parts

blueprint = Blueprint("sign_in", __name__, template_folder="templates")

REFUSED = "This e-mail address and password do not belong together. Check both, then try again."
TOO_MANY = "There were too many tries. Wait 15 minutes, then try again."
LINK_REFUSED = "This link was used already or is too old. Ask for a new one, or sign in with your password."


@blueprint.get("/")
@public
def start() -> ResponseReturnValue:
    return redirect(home() if g.principal else url_for("sign_in.form"))


@blueprint.get("/sign-in")
@public
def form() -> ResponseReturnValue:
    return _form()


@blueprint.post("/sign-in")
@public
def with_password() -> ResponseReturnValue:
    email = request.form.get("email", "")
    password = request.form.get("password", "")
    try:
        signed_in = sign_in.with_password(_door(), email, password, parts().clock())
    except TooManyTries:
        return _form(TOO_MANY, 429)
    return _enter(signed_in) if signed_in else _form(REFUSED, 401)


@blueprint.get("/sign-in/link/<token>")
@public
def link(token: str) -> ResponseReturnValue:
    """Mail scanners open links, so opening uses nothing up: the button does."""
    return render_template("sign_in/link.html")


@blueprint.post("/sign-in/link/<token>")
@public
def with_link(token: str) -> ResponseReturnValue:
    try:
        signed_in = sign_in.with_link(_door(), token, parts().clock())
    except TooManyTries:
        return _form(TOO_MANY, 429)
    return _enter(signed_in) if signed_in else _form(LINK_REFUSED, 401)


@blueprint.post("/sign-out")
@public
def leave() -> ResponseReturnValue:
    token = request.cookies.get(sessions.cookie_name())
    if g.account and token:
        sign_in.sign_out(parts().engine, g.account, token, parts().clock())
    return sessions.end(make_response(redirect(url_for("sign_in.form"), code=303)))


def home(role: Role | None = None) -> str:
    """Address of the first page of a role (by default, of whoever is signed in)."""
    return "/partner/" if (role or g.principal.role) == Role.PARTNER else url_for("staff.home")


def _door() -> Door:
    return Door(parts().engine, parts().settings.secrets.secret_key, request.remote_addr or "unknown")


def _form(problem: str | None = None, status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "sign_in/form.html", problem=problem, next=_wanted(), email=request.form.get("email", "")
    )
    return page, status


def _enter(signed_in: SignedIn) -> Response:
    target = _wanted() or home(signed_in.account.role)
    return sessions.begin(make_response(redirect(target, code=303)), signed_in)


def _wanted() -> str | None:
    """The page asked for before signing in, if it is one of ours."""
    wanted = request.values.get("next", "")
    parsed = urlsplit(wanted)
    ours = (
        wanted.startswith("/")
        and not wanted.startswith(("//", "/\\"))
        and not parsed.scheme
        and not parsed.netloc
    )
    return wanted if ours and "\\" not in wanted else None

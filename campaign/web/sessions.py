"""Who asks: the session cookie, looked up in the database for every request."""

from __future__ import annotations

from flask import Flask, Response, current_app, g, request, session

from campaign import database
from campaign.access import ENGINE
from campaign.sign_in import SignedIn, session_rules
from campaign.store import accounts
from campaign.web.parts import parts


def cookie_name() -> str:
    """`__Host-` binds the cookie to this host and to https; plain http (one's own machine) cannot have it."""
    return "__Host-gbg_session" if current_app.config["SESSION_COOKIE_SECURE"] else "gbg_session"


def recognize(app: Flask) -> None:
    """Before every view: `g.account` and `g.principal` of whoever is signed in, else None."""

    @app.before_request
    def load() -> None:
        g.principal = None
        g.account = None
        token = request.cookies.get(cookie_name())
        if token is None or request.endpoint == "static":
            return
        web = parts().settings.web
        rules = session_rules(web.idle_minutes, web.session_hours)
        with database.transaction(parts().engine, ENGINE) as connection:
            g.account = accounts.of_session(connection, token, rules, parts().clock())
        g.principal = g.account.principal if g.account else None


def begin(response: Response, signed_in: SignedIn) -> Response:
    """Give the browser its new session; form tokens of the time before are void."""
    session.clear()
    response.set_cookie(
        cookie_name(),
        signed_in.session_token,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        max_age=parts().settings.web.session_hours * 3600,
        path="/",
    )
    return response


def end(response: Response) -> Response:
    session.clear()
    response.delete_cookie(
        cookie_name(),
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        path="/",
    )
    return response

"""Every view states who may see it; an app with a view that does not say so does not start."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, url_for

from campaign.access import Role

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = frozenset({"public"})
"""The rule of a view that anyone may open."""


class ViewWithoutRule(Exception):
    """A view does not say who may see it; the message names it."""


def allow(*roles: Role) -> Callable[[View], View]:
    """Let only these roles in. Nobody signed in: to the sign-in page (family pages: 401); another role: 403."""
    if not roles:
        raise ValueError("allow() needs at least one role; use @public for a page that anyone may open")
    rule = frozenset(roles)

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            principal = g.get("principal")
            if principal is None:
                return _ask_to_sign_in(rule)
            if principal.role not in rule:
                current_app.logger.warning("refused request=%s actor=%s", g.request_id, principal.actor)
                abort(403)
            return view(*args, **kwargs)

        guarded.rule = rule  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def public(view: View) -> View:
    """Mark a view that anyone may open: it shows nothing about a person."""
    view.rule = PUBLIC  # type: ignore[attr-defined]
    return view


def posted_by_machines(view: View) -> View:
    """Mark a view whose POSTs come from mail programs or providers, which have no form token.

    Such a view must prove the sender by itself: a signature, or a token of its own.
    """
    view.posted_by_machines = True  # type: ignore[attr-defined]
    return view


def rule_of(app: Flask, endpoint: str) -> frozenset[str] | None:
    """Who may see the view: roles, PUBLIC, or None where it does not say."""
    return getattr(app.view_functions[endpoint], "rule", None)


def require_rules(app: Flask) -> None:
    """Raises ViewWithoutRule naming every view that does not say who may see it."""
    silent = sorted(endpoint for endpoint in app.view_functions if rule_of(app, endpoint) is None)
    if silent:
        raise ViewWithoutRule(f"these views need @allow(…) or @public: {', '.join(silent)}")


def _ask_to_sign_in(rule: frozenset[str]) -> Any:
    if rule == {Role.FAMILY}:
        abort(401)
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("sign_in.form", next=wanted), code=303)

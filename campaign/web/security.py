"""What holds for every request and answer: headers, form tokens, where a form may come from, the access log."""

from __future__ import annotations

import logging
import secrets
import time
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, request
from flask_wtf import CSRFProtect

from campaign.settings import Settings

access_log = logging.getLogger("gbg.access")

MAXIMUM_FORM_BYTES = 2 * 1024 * 1024


def configure(app: Flask, settings: Settings) -> None:
    """Set limits, cookies and trusted hosts from the settings."""
    address = urlsplit(settings.installation.base_url)
    https = address.scheme == "https"
    app.config.update(
        SECRET_KEY=settings.secrets.secret_key,
        TRUSTED_HOSTS=sorted({address.hostname or "127.0.0.1", "127.0.0.1", "localhost"}),
        MAX_CONTENT_LENGTH=MAXIMUM_FORM_BYTES,
        MAX_FORM_PARTS=200,
        # Flask's own cookie carries the form token and nothing else; who is signed in stands in the database.
        SESSION_COOKIE_NAME="__Host-gbg_form" if https else "gbg_form",
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        # We send no referrer, so forms cannot be checked by it; `refuse_foreign_forms` looks at the origin.
        WTF_CSRF_SSL_STRICT=False,
    )


def protect(app: Flask, settings: Settings) -> None:
    """Put the checks and headers around every view of the app."""
    https = settings.installation.base_url.startswith("https://")
    app.before_request(_begin)
    app.before_request(refuse_foreign_forms)
    csrf = CSRFProtect(app)
    for view in app.view_functions.values():
        if getattr(view, "posted_by_machines", False) or getattr(view, "takes_files", False):
            csrf.exempt(f"{view.__module__}.{view.__name__}")

    @app.after_request
    def finish(response: Response) -> Response:
        for name, value in headers(g.nonce, https=https).items():
            response.headers.setdefault(name, value)
        if request.endpoint == "static":
            response.headers["Cache-Control"] = "public, max-age=3600"
        _log(response)
        return response


def headers(nonce: str, *, https: bool) -> dict[str, str]:
    """The headers of every answer. Pages hold data about people, so nothing is stored on the way or by the browser."""
    policy = {
        "default-src": "'none'",
        "script-src": f"'self' 'nonce-{nonce}'",
        "style-src": f"'self' 'nonce-{nonce}'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "media-src": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "object-src": "'none'",
    }
    result = {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "X-Robots-Tag": "noindex, nofollow",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Cache-Control": "no-store",
    }
    if https:
        result["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return result


def refuse_foreign_forms() -> None:
    """A form sent from another site is refused, whatever token it carries."""
    if request.method in {"GET", "HEAD", "OPTIONS"} or _takes_machine_posts():
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        abort(400)
    origin = request.headers.get("Origin", "null")
    if origin != "null" and urlsplit(origin).netloc != request.host:
        abort(400)


def _takes_machine_posts() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "posted_by_machines", False)


def _begin() -> None:
    g.nonce = secrets.token_urlsafe(16)
    g.request_id = secrets.token_hex(8)
    g.began = time.perf_counter()


def _log(response: Response) -> None:
    """One line a request: the route's pattern instead of its address, an actor's id instead of a name."""
    principal = g.get("principal")
    access_log.info(
        "request=%s method=%s route=%s status=%d milliseconds=%d actor=%s",
        g.request_id,
        request.method,
        request.url_rule.rule if request.url_rule else "none",
        response.status_code,
        (time.perf_counter() - g.began) * 1000,
        principal.actor if principal else "nobody",
    )

"""What goes wrong, in plain words, with what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType

from flask import Flask, g, render_template, request
from werkzeug.exceptions import HTTPException, SecurityError

from campaign import error_log
from campaign.settings import Settings


class Pages(Flask):
    """An application that logs a page which fails under the number that it shows; its address may open a child's page,
    and the error may quote one."""

    def log_exception(
        self, exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None]
    ) -> None:
        rule = request.url_rule.rule if request.url_rule else "none"
        said = error_log.told(exc_info[1]) if exc_info[1] else ""
        self.logger.error(
            "request=%s method=%s route=%s failed\n%s", g.get("request_id"), request.method, rule, said
        )


@dataclass(frozen=True)
class Trouble:
    title: str
    what: str
    remedy: str


TROUBLES = {
    400: Trouble(
        "This page could not be sent",
        "The form was open for too long, or it came from another page.",
        "Go back, load the page again and send it once more. Nothing was changed.",
    ),
    401: Trouble(
        "Please open your link again",
        "This page is closed now, to keep it private.",
        "Open the link in the message from the school again.",
    ),
    403: Trouble(
        "This page is not part of your access",
        "You are signed in, but your role does not include this page.",
        "If you need it for your work, ask the person in your district who looks after accounts.",
    ),
    404: Trouble(
        "There is nothing at this address",
        "The page was moved, or it belongs to a school or student outside your access.",
        "Check the address, or start again from the first page.",
    ),
    405: Trouble(
        "This address does not work that way",
        "The page was opened in a way it is not made for.",
        "Start again from the first page.",
    ),
    413: Trouble(
        "That is too much at once",
        "What was sent is larger than this page takes.",
        "Send less at a time. On the server, the command gbg import takes files of any size that the settings allow.",
    ),
    429: Trouble(
        "There were too many tries",
        "To keep accounts safe, we stop after several tries.",
        "Wait 15 minutes, then try again.",
    ),
    500: Trouble(
        "Something went wrong on our side",
        "The page could not be made. What you entered before is safe.",
        "Try again in a minute. If it happens again, tell the person who runs this program the number below.",
    ),
}


def explain(app: Flask, settings: Settings) -> None:
    """Answer every error with a plain page."""

    @app.errorhandler(SecurityError)
    def refuse_host(error: SecurityError) -> tuple[str, int, dict[str, str]]:
        # No page can be made for a host that is not ours: its links would lead there.
        address = settings.installation.base_url
        return f"This site is not known under that name. Use {address}\n", 400, {"Content-Type": "text/plain"}

    @app.errorhandler(HTTPException)
    def show(error: HTTPException) -> tuple[str, int] | HTTPException:
        code = error.code or 500
        if code < 400:
            return error
        trouble = TROUBLES.get(code, TROUBLES[500 if code >= 500 else 404])
        return render_template("error.html", trouble=trouble, number=g.get("request_id")), code

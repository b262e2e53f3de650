"""What tests of the pages of conversations share: families that write, and staff that act on what a page shows."""

from __future__ import annotations

from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import Engine

from campaign.access import ENGINE
from campaign.correspondence.replies import Reply, receive
from campaign.database import transaction
from tests.campaign.web.family_visits import form_token
from tests.web_pages import MORNING, page_settings

ROSA, LINH = "+12025550101", "+12025550103"


def wrote(engine: Engine, home: Path, words: str, sender: str = ROSA, **more: object) -> int:
    """The thread into which a text message went; 0 where a person has to place it."""
    reply = Reply("sms", sender, "+12025550999", words, MORNING, provider_id=f"{words}{sender}", **more)  # type: ignore[arg-type]
    with transaction(engine, ENGINE) as connection:
        return receive(connection, reply, MORNING, page_settings(home)).conversation_id or 0


def act(client: FlaskClient, thread: int, do: str, **fields: object) -> str:
    """What the page says after a step that was taken from what the page shows."""
    address = f"/staff/conversations/{thread}"
    page = client.get(address)
    seen = page.text.partition('name="seen" value="')[2].partition('"')[0]
    form = {"csrf_token": form_token(page), "seen": seen, "do": do, **fields}
    return client.post(address, data=form, follow_redirects=True).text


def send_follow(client: FlaskClient, form_on: str, action: str, form: dict[str, str]) -> str:
    token = form_token(client.get(form_on))
    return client.post(action, data={"csrf_token": token, **form}, follow_redirects=True).text

"""What tests of conversations share: replies of the small district's families, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.correspondence.replies import Received, Reply, receive
from campaign.database import transaction
from campaign.dispatch.delivery import Delivery
from campaign.senders.contract import MailIdentity
from campaign.senders.mailbox import MailboxSender
from campaign.settings import Settings
from content.catalog import load
from tests.web_pages import MORNING, page_settings

ROSA, LINH = "+12025550101", "+12025550103"
SCHOOL = "+12025550999"


def sms(words: str, sender: str = ROSA, at: datetime = MORNING, **more: Any) -> Reply:
    return Reply("sms", sender, SCHOOL, words, at, **{"provider_id": f"SM{words}{sender}{at}", **more})


def mail(words: str, sender: str = "Rosa <rosa@example.org>", at: datetime = MORNING, **more: Any) -> Reply:
    to = more.pop("to", "families@example.org")
    return Reply("email", sender, to, words, at, **{"provider_id": f"<{hash(words)}@m>", **more})


def settings_in(home: Path) -> Settings:
    return page_settings(home)


def take_in(engine: Engine, reply: Reply, home: Path, now: datetime = MORNING) -> Received:
    with transaction(engine, ENGINE) as connection:
        return receive(connection, reply, now, settings_in(home))


def row(engine: Engine, query: str, **values: Any) -> Mapping[str, Any]:
    with transaction(engine, ENGINE) as connection:
        return dict(connection.execute(text(query), values).mappings().one())


def rows(engine: Engine, query: str, **values: Any) -> list[Any]:
    with transaction(engine, ENGINE) as connection:
        return [tuple(found) for found in connection.execute(text(query), values)]


def run(engine: Engine, statement: str) -> None:
    with transaction(engine, ENGINE) as connection:
        connection.execute(text(statement))


def delivery(engine: Engine, home: Path) -> Delivery:
    settings = settings_in(home)
    # Approval is for campaigns; an answer needs none, whatever the district asks for.
    settings = replace(settings, campaign=replace(settings.campaign, approvals=2))
    box = MailboxSender(home / "mailbox", MailIdentity("families@example.org", "Go Beyond Grades"))
    return Delivery(engine, settings, load(), box, (), "one")

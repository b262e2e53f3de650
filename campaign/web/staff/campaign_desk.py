"""What the pages of campaigns share: the campaign a page is about, the parts it runs with, and who changes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import cast

from flask import abort, current_app, g
from sqlalchemy import Connection, text

from campaign import database
from campaign.access import ENGINE
from campaign.approval import worst_cases
from campaign.approval.approvals import Person
from campaign.approval.worst_cases import Bench
from campaign.definitions import building, definition
from campaign.definitions.building import Draft
from campaign.definitions.definition import CampaignDefinition
from campaign.dispatch.deliver import Delivery
from campaign.senders.choice import sender_for
from campaign.senders.contract import MailIdentity, SenderError
from campaign.senders.mailbox import MailboxSender
from campaign.web.parts import as_principal, parts
from campaign.web.staff.asking import number
from campaign.wordings.translations import Author

_EXTENSION = "campaign-delivery"


def delivery() -> Delivery:
    """What campaigns run with, for looking ahead; pages send nothing through it but tests."""
    kept = current_app.extensions.get(_EXTENSION)
    if kept is None:
        settings, engine = parts().settings, parts().engine
        try:
            sender = sender_for(settings, engine)
        except SenderError:
            # Without its keys nothing can be sent, but everything can be looked at.
            identity = MailIdentity(settings.mail.from_address, settings.mail.from_name)
            sender = MailboxSender(settings.home / "mailbox", identity)
        kept = Delivery(
            engine, settings, parts().shelf.shipped, sender, tuple(definition.load_all()), "pages"
        )
        current_app.extensions[_EXTENSION] = kept
    return cast(Delivery, kept)


def shipped() -> Mapping[str, CampaignDefinition]:
    return {one.slug: one for one in delivery().definitions}


def bench(connection: Connection, draft: Draft) -> Bench:
    """What the worst cases of a campaign are made from. The connection acts as the engine."""
    texts = delivery().texts(connection, draft.district_id)
    return Bench(texts, worst_cases.extremes(connection, draft.district_id), parts().settings)


def author() -> Author:
    return Author(g.principal.actor, parts().clock())


def person() -> Person:
    """Who is signed in, as somebody who approves."""
    return Person(g.principal.account_id, g.principal.role, g.principal.actor)


@contextmanager
def at_campaign(campaign_id: int) -> Iterator[tuple[Connection, Draft]]:
    """A campaign seen under the reader's own scope, in a transaction that goes on as the engine; 404 without it."""
    with as_principal() as connection:
        query = text("SELECT district_id FROM campaign WHERE id = :id")
        district_id = connection.scalar(query, {"id": number(campaign_id)}) or abort(404)
        database.assume(connection, ENGINE)
        drafts = building.every(connection, district_id, shipped())
        draft = next((one for one in drafts if one.campaign_id == campaign_id), None) or abort(404)
        yield connection, draft

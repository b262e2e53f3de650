"""A message as families would get it, sent through the real sender to the staff member who asked for it.

It says that it is a test, is about nobody, and its links lead nowhere. It is noted apart from the message ledger, so it
is counted nowhere, and it can reach no family: it goes to the address of the account that is signed in.
"""

from __future__ import annotations

import html
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from campaign.access import ENGINE
from campaign.approval import worst_cases
from campaign.approval.worst_cases import Bench
from campaign.database import transaction
from campaign.senders.choice import sender_for
from campaign.senders.contract import (
    Accepted,
    Ambiguous,
    Outcome,
    OutgoingMessage,
    Permanent,
    SenderError,
)
from campaign.store import audit
from campaign.store import message_tests as store
from content.catalog import ContentError
from content.messages import RenderedMessage

MOST_AN_HOUR = 20
_MARK = "[Test]"


class NotTested(Exception):
    """The test cannot be sent; the message says why and what to do."""


@dataclass(frozen=True)
class Wanted:
    campaign_id: int
    district_id: int
    message: str
    channel: str
    language: str


@dataclass(frozen=True)
class Oneself:
    """Who gets the test: the account that is signed in; `actor` is its name in the audit."""

    account_id: int
    email: str
    actor: str


def send(engine: Engine, bench: Bench, wanted: Wanted, to: Oneself, now: datetime) -> Outcome:
    """Write and send it; what the sender said. A text message comes as an e-mail: accounts have no phone number.

    Raises NotTested.
    """
    rendered = _rendered(bench, wanted)
    with transaction(engine, ENGINE) as connection:
        if store.since(connection, to.account_id, now - timedelta(hours=1)) >= MOST_AN_HOUR:
            raise NotTested(f"You have sent {MOST_AN_HOUR} tests in an hour. Wait a while before the next.")
    try:
        sender = sender_for(bench.settings, engine)
    except SenderError as error:
        raise NotTested(f"Nothing can be sent here: {error}.") from error
    message = _marked(rendered, wanted, to, now, bench.settings.installation.base_url)
    outcome = sender.send(message=message)
    sender.close()
    _note(engine, message.public_id, wanted, to, outcome=outcome, now=now)
    if isinstance(outcome, Permanent):
        raise NotTested("The provider refused your address. Ask the person who looks after accounts.")
    if not isinstance(outcome, Accepted | Ambiguous):
        raise NotTested("The provider takes nothing at the moment. Try again in a few minutes.")
    return outcome


def _rendered(bench: Bench, wanted: Wanted) -> RenderedMessage:
    catalog = bench.texts.catalog
    try:
        template = catalog.message(wanted.message, wanted.channel, wanted.language)
    except ContentError as error:
        raise NotTested("This message is not written for that channel and language.") from error
    return worst_cases.render(template, bench.worst, bench.settings)


def _marked(
    rendered: RenderedMessage, wanted: Wanted, to: Oneself, now: datetime, base_url: str
) -> OutgoingMessage:
    kind = "text message" if wanted.channel == "sms" else "e-mail"
    notice = f"This is a test {kind} of a campaign, about nobody. It went to you alone, and its links lead nowhere."
    text = f"{notice}\n\n{rendered.text}"
    markup = rendered.html
    if markup:
        at = markup.find(">", markup.find("<body")) + 1
        markup = f"{markup[:at]}\n<p><strong>{html.escape(notice)}</strong></p>{markup[at:]}"
    return OutgoingMessage(
        public_id=f"test-{secrets.token_hex(12)}",
        channel="email",
        to=to.email,
        subject=f"{_MARK} {rendered.subject or 'Text message of a campaign'}",
        text=text,
        html=markup or f"<p>{html.escape(text)}</p>",
        language=wanted.language,
        stop_url=f"{base_url}/stop/test",
        at=now,
    )


def _note(
    engine: Engine, public_id: str, wanted: Wanted, to: Oneself, *, outcome: Outcome, now: datetime
) -> None:
    said = {"Accepted": "accepted", "Permanent": "rejected", "Retryable": "retry_at"}
    result = said.get(type(outcome).__name__, "ambiguous")
    with transaction(engine, ENGINE) as connection:
        store.add(
            connection,
            {
                "public_id": public_id,
                "campaign_id": wanted.campaign_id,
                "district_id": wanted.district_id,
                "account_id": to.account_id,
                "template": wanted.message,
                "channel": wanted.channel,
                "language": wanted.language,
                "outcome": result,
                "at": now,
            },
        )
        target, detail = (
            f"campaign:{wanted.campaign_id}",
            {"channel": wanted.channel, "language": wanted.language},
        )
        entry = audit.Entry(now, to.actor, "sent_test_message", target, wanted.district_id, detail)
        audit.write(connection, entry)

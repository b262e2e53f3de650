"""The body of SendGrid's mail send: the `sendgrid` package builds it once, with marks; messages are filled into that.

The package takes a tenth of a millisecond and a dozen objects to build what differs in six strings. So it builds the
document with a mark in place of each of them, and a message costs no more than writing its own strings as JSON.
"""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime
from functools import lru_cache
from json.encoder import encode_basestring_ascii
from typing import Any

from sendgrid.helpers.mail import (
    ClickTracking,
    Content,
    CustomArg,
    From,
    Header,
    Mail,
    OpenTracking,
    ReplyTo,
    SubscriptionTracking,
    To,
    TrackingSettings,
)

from campaign.senders.contract import MailIdentity, OpenText, OutgoingMessage
from campaign.senders.email_message import automatic_header, unsubscribe_headers
from content.fields import pieces

_PARTS = ("public_id", "to", "subject", "text", "html", "stop_url")
_SHARED = ("text", "html")


def payload(message: OutgoingMessage, identity: MailIdentity) -> dict[str, Any]:
    """One recipient, our id as the only metadata, every kind of tracking off."""
    mail = Mail(
        from_email=From(identity.address, identity.name),
        to_emails=To(message.to),
        subject=message.subject,
        is_multiple=True,
    )
    if message.reply_to:
        mail.reply_to = ReplyTo(message.reply_to)
    mail.content = [Content("text/plain", message.text), Content("text/html", message.html)]
    for name, value in (unsubscribe_headers(message.stop_url) | automatic_header(message)).items():
        mail.header = Header(name, value)
    mail.custom_arg = CustomArg("public_id", message.public_id)
    mail.tracking_settings = TrackingSettings(
        click_tracking=ClickTracking(enable=False, enable_text=False),
        open_tracking=OpenTracking(enable=False),
        subscription_tracking=SubscriptionTracking(enable=False),
    )
    document: dict[str, Any] = mail.get()
    return document


def body(message: OutgoingMessage, identity: MailIdentity) -> bytes:
    """`payload` as JSON, without building it anew. Raises ValueError for an address of which the package makes none."""
    if not message.stop_url or message.is_reply:
        try:
            return json.dumps(payload(message, identity)).encode()
        except LookupError as error:
            raise ValueError("not an e-mail address") from error
    constant, slots = _slots(identity, bool(message.reply_to), message.open_text if message.markup else None)
    said = {"": vars(message), "text": message.values, "html": message.markup}
    filled = [*constant]
    filled[1::2] = [encode_basestring_ascii(said[within][name])[1:-1] for within, name in slots]
    return "".join(filled).encode()


@lru_cache(maxsize=256)
def _slots(
    identity: MailIdentity, has_reply_to: bool, shared: OpenText | None
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """What stands in every message, with room at the odd places for what differs: a part as a whole, or, of the text
    and the HTML that messages share, their fields (where, name)."""
    constant, order = _frame(identity, has_reply_to)
    made, slots = [constant[0]], []
    for part, following in zip(order, constant[1:], strict=True):
        if shared is None or part not in _SHARED:
            made += ["", following]
            slots.append(("", part))
            continue
        written, *cut = pieces(getattr(shared, part))
        made[-1] += _escaped(written)
        for name, after in zip(cut[::2], cut[1::2], strict=True):
            made += ["", _escaped(after)]
            slots.append((part, name))
        made[-1] += following
    return tuple(made), tuple(slots)


def _escaped(text: str) -> str:
    return encode_basestring_ascii(text)[1:-1]


@lru_cache(maxsize=16)
def _frame(identity: MailIdentity, has_reply_to: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What stands around the parts of every message, and in which order they come."""
    parts = (*_PARTS, "reply_to") if has_reply_to else _PARTS
    marks: dict[str, Any] = {part: f"{part}-{secrets.token_hex(8)}@mark.invalid" for part in parts}
    marked = OutgoingMessage(channel="email", language="en", at=datetime(2000, 1, 1, tzinfo=UTC), **marks)
    left = json.dumps(payload(marked, identity))
    order = sorted(parts, key=lambda part: left.index(marks[part]))
    constant = []
    for part in order:
        before, _, left = left.partition(marks[part])
        constant.append(before)
    return (*constant, left), tuple(order)

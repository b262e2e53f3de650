"""What SendGrid's Event Webhook tells: who signed it, and what it says about our messages.

A post is signed with ECDSA on P-256 over SHA-256 of the time stamp and the raw body, down to its last line end. The
receiver's own words (`reason`) are left aside: they often repeat the address.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from campaign.dispatch.receipts import Cause, Kind, Reported, is_id

SIGNATURE_HEADER = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP_HEADER = "X-Twilio-Email-Event-Webhook-Timestamp"

_PLAIN = {
    "processed": Kind.TAKEN,
    "deferred": Kind.DEFERRED,
    "delivered": Kind.DELIVERED,
}
# Whoever answers in such a way has got it.
_ANSWERED = {
    "spamreport": (Kind.COMPLAINED, Cause.COMPLAINT),
    "unsubscribe": (Kind.DELIVERED, Cause.STOPPED),
    "group_unsubscribe": (Kind.DELIVERED, Cause.STOPPED),
}
_DROPPED = {
    "bounced address": Cause.INVALID_ADDRESS,
    "invalid": Cause.INVALID_ADDRESS,
    "spam reporting address": Cause.COMPLAINT,
    "unsubscribed address": Cause.STOPPED,
    "spam content": Cause.FILTERED,
    "spam content (if spam checker app enabled)": Cause.FILTERED,
    "recipient list over package quota": Cause.OUR_SETUP,
    "invalid smtpapi header": Cause.OUR_SETUP,
}
_CLASSIFIED = {
    "invalid address": Cause.INVALID_ADDRESS,
    "mailbox unavailable": Cause.MAILBOX_FULL,
    "technical failure": Cause.TECHNICAL,
    "technical": Cause.TECHNICAL,
    "content": Cause.FILTERED,
    "reputation": Cause.FILTERED,
    "frequency or volume too high": Cause.TOO_FAST,
}
_MAILBOX_FULL = "5.2.2"


@dataclass(frozen=True)
class Post:
    """What one post holds: events about our messages with the address each went to, and how many it had besides.

    `others`: about mail of somebody else on the same account, or of kinds that say nothing of a message's fate.
    `unreadable`: without an id, a time or the shape of an event.
    """

    events: list[tuple[Reported, str]]
    others: int
    unreadable: int


def is_signed(key: str, signature: str | None, timestamp: str | None, body: bytes) -> bool:
    """Whether the holder of the private key signed exactly this. Raises ValueError for a `key` that is none."""
    public = public_key(key)
    if not signature or not timestamp:
        return False
    try:
        raw = base64.b64decode(signature, validate=True)
        public.verify(raw, timestamp.encode() + body, ec.ECDSA(SHA256()))
    except (binascii.Error, ValueError, InvalidSignature):
        return False
    return True


def signed_at(timestamp: str) -> datetime | None:
    """The moment in the header, in seconds since 1970; None where it is no such number."""
    return _moment(timestamp) if timestamp.isascii() and timestamp.isdigit() else None


@lru_cache(maxsize=4)
def public_key(key: str) -> ec.EllipticCurvePublicKey:
    """The verification key as SendGrid shows it: SPKI in base64. Raises ValueError where it is not one on P-256."""
    try:
        found = load_der_public_key(base64.b64decode(key, validate=True))
    except (binascii.Error, ValueError, TypeError) as error:
        raise ValueError("not a public key in base64") from error
    if not isinstance(found, ec.EllipticCurvePublicKey) or found.curve.name != "secp256r1":
        raise ValueError("not a key on the curve P-256")
    return found


def read(body: bytes) -> Post:
    """The events of a post. Raises ValueError where it is no JSON list."""
    try:
        found = json.loads(body)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ValueError("not JSON") from error
    if not isinstance(found, list):
        raise ValueError("not a list of events")
    events, others, unreadable = [], 0, 0
    for item in found:
        if not isinstance(item, dict):
            unreadable += 1
            continue
        kind = _kind(item)
        if kind is None or not is_id(item.get("public_id")):
            others += 1
            continue
        event = _reported(item, *kind)
        if event is None:
            unreadable += 1
        else:
            events.append((event, str(item.get("email") or "")))
    return Post(events, others, unreadable)


def _reported(item: Mapping[str, Any], kind: Kind, cause: Cause | None) -> Reported | None:
    event_id, at = item.get("sg_event_id"), _moment(item.get("timestamp"))
    if not is_id(event_id) or at is None:
        return None
    # What follows the first dot says which machine had it and changes from one event to the next.
    named = item.get("sg_message_id")
    sending = str(named).partition(".")[0] if is_id(named) else ""
    status = item.get("status")
    code = status if isinstance(status, str) and _is_status(status) else None
    return Reported(str(event_id), item["public_id"], kind, sending, cause, at, code)


def _kind(item: Mapping[str, Any]) -> tuple[Kind, Cause | None] | None:
    name = item.get("event")
    if not isinstance(name, str):
        return None
    if name in _PLAIN:
        return _PLAIN[name], None
    if name in _ANSWERED:
        return _ANSWERED[name]
    if name == "dropped":
        return Kind.DROPPED, _DROPPED.get(str(item.get("reason", "")).strip().lower(), Cause.TECHNICAL)
    return _bounce(item) if name in {"bounce", "blocked"} else None


def _bounce(item: Mapping[str, Any]) -> tuple[Kind, Cause]:
    """A hard bounce says never; a block, a full mailbox or a 4.x.x says not this time."""
    status, kind = str(item.get("status", "")), str(item.get("type") or item.get("event"))
    cause = _CLASSIFIED.get(str(item.get("bounce_classification", "")).strip().lower())
    if status == _MAILBOX_FULL:
        return Kind.BLOCKED, Cause.MAILBOX_FULL
    if kind == "blocked" or status.startswith("4"):
        return Kind.BLOCKED, cause or Cause.REFUSED_BY_RECEIVER
    return Kind.BOUNCED, Cause.INVALID_ADDRESS


def _is_status(text: str) -> bool:
    return len(text) <= 12 and text.isascii() and all(part.isdigit() for part in text.split("."))


def _moment(value: object) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(value), UTC)  # type: ignore[call-overload]
    except (TypeError, ValueError, OverflowError, OSError):
        return None

"""SendGrid's Event Webhook: what happens to an accepted e-mail, told in signed posts.

Source: Twilio SendGrid, Event Webhook Reference, and Getting Started with the Event Webhook Security Features.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from campaign.demo.providers.mail_send import Mail
from campaign.demo.providers.options import Fate
from campaign.demo.providers.posting import Post
from campaign.demo.providers.record import Entry

SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"
_MOST_A_POST = 1000
_DELIVERED = ("delivered", {"response": "250 OK"})
_DEFERRED = ("deferred", {"response": "451 4.3.2 try again later", "attempt": "1"})
_BOUNCED = {
    "reason": "550 5.1.1 no such user here",
    "status": "5.1.1",
    "type": "bounce",
    "bounce_classification": "Invalid Address",
}
_BLOCKED = {
    "reason": "554 5.7.1 not now",
    "status": "5.7.1",
    "type": "blocked",
    "bounce_classification": "Reputation",
}
_COURSES: dict[str, list[tuple[str, dict[str, str]]]] = {
    Fate.NEVER_TOLD: [],
    Fate.DROPPED: [("dropped", {"reason": "Invalid", "status": "5.0.0"})],
    Fate.DEFERRED: [("processed", {}), _DEFERRED, _DELIVERED],
    Fate.BOUNCED: [("processed", {}), ("bounce", _BOUNCED)],
    Fate.BLOCKED: [("processed", {}), ("bounce", _BLOCKED)],
    Fate.COMPLAINED: [("processed", {}), _DELIVERED, ("spamreport", {})],
    Fate.UNSUBSCRIBED: [("processed", {}), _DELIVERED, ("unsubscribe", {})],
}
_USUAL: list[tuple[str, dict[str, str]]] = [("processed", {}), _DELIVERED]
# After such an end SendGrid tries no more to send to the address, and says why.
_NO_MORE = {
    Fate.BOUNCED: "Bounced Address",
    Fate.COMPLAINED: "Spam Reporting Address",
    Fate.UNSUBSCRIBED: "Unsubscribed Address",
}


class MailEvents:
    """Makes the events of messages, and signs posts of them. `new_id` gives names nobody had before."""

    tries = 10

    def __init__(self, seed: int, now: Callable[[], float], new_id: Callable[[], str]) -> None:
        self._key = _key(seed)
        self._now = now
        self._new_id = new_id
        self._no_more: dict[str, str] = {}

    def course(self, entry: Entry, fate: str) -> list[dict[str, Any]]:
        """What happens to the message, oldest first; what once bounced or complained is dropped."""
        reason = self._no_more.get(entry.to)
        if reason is not None:
            return [self.event(entry, "dropped", {"reason": reason})]
        if fate in _NO_MORE:
            self._no_more[entry.to] = _NO_MORE[Fate(fate)]
        return [self.event(entry, kind, more) for kind, more in _COURSES.get(fate, _USUAL)]

    def event(self, entry: Entry, kind: str, more: Mapping[str, Any]) -> dict[str, Any]:
        """One event about the message, with its custom arguments, in the shape of SendGrid's."""
        arguments = entry.said.arguments() if isinstance(entry.said, Mail) else {}
        return {
            **arguments,
            "email": entry.to,
            "timestamp": int(self._now()),
            "event": kind,
            "sg_event_id": self._new_id(),
            "sg_message_id": f"{entry.message_id}.filter-{len(kind):02}.1.2.0",
            "smtp-id": f"<{entry.message_id}@simulated>",
            **more,
        }

    def pack(self, url: str, told: Sequence[dict[str, Any]]) -> list[Post]:
        return [self._post(url, told[at : at + _MOST_A_POST]) for at in range(0, len(told), _MOST_A_POST)]

    def altered(self, told: dict[str, Any]) -> dict[str, Any]:
        return {**told, "event": "dropped", "reason": "Invalid", "sg_event_id": self._new_id()}

    def _post(self, url: str, events: Sequence[dict[str, Any]]) -> Post:
        # SendGrid ends the array with a line end, which is signed as well.
        body = json.dumps(events, separators=(",", ":")).encode() + b"\r\n"
        timestamp = str(int(self._now()))
        signature = self._key.sign(timestamp.encode() + body, ec.ECDSA(SHA256()))
        headers = (
            ("Content-Type", "application/json"),
            (SIGNATURE, base64.b64encode(signature).decode()),
            (TIMESTAMP, timestamp),
        )
        return Post(url, headers, body)


def public_key(seed: int) -> str:
    """The key that checks the posts of a simulator of this seed, as SendGrid shows it: SPKI in base64."""
    raw = _key(seed).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(raw).decode()


def _key(seed: int) -> ec.EllipticCurvePrivateKey:
    """The same for the same seed, so that a program need not be told a new one at each start. It guards nothing."""
    number = int.from_bytes(sha256(f"simulated events {seed}".encode()).digest(), "big")
    return ec.derive_private_key(number >> 1 | 1, ec.SECP256R1())

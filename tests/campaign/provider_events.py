"""Events as providers sign and send them, for tests that knock at our doors."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"


@dataclass
class SignedEvents:
    """A SendGrid of its own: a key pair, and posts signed with it. They end in CR LF, as SendGrid's do."""

    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    @property
    def key(self) -> str:
        spki = self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(spki).decode()

    def sign(self, timestamp: str, body: bytes) -> str:
        return base64.b64encode(self.private.sign(timestamp.encode() + body, ec.ECDSA(SHA256()))).decode()

    def post(self, client: FlaskClient, events: Sequence[object], at: datetime) -> TestResponse:
        body = json.dumps(events).encode() + b"\r\n"
        timestamp = str(int(at.timestamp()))
        headers = {SIGNATURE: self.sign(timestamp, body), TIMESTAMP: timestamp}
        return client.post("/hooks/sendgrid/events", data=body, headers=headers)


def mail_event(kind: str, public_id: str, at: datetime, **more: Any) -> Mapping[str, Any]:
    """One of SendGrid's events about a message of ours; its id is made of what it says."""
    sending = more.pop("sending", f"sent-{public_id[:8]}")
    event = {
        "email": "m1@example.org",
        "timestamp": int(at.timestamp()),
        "event": kind,
        "sg_event_id": f"{sending}-{kind}-{int(at.timestamp())}",
        "sg_message_id": f"{sending}.recvd-5f54b5d587-pczjm-1-67BADEEA-6.0",
        "public_id": public_id,
    }
    return event | more

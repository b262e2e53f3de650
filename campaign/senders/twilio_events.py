"""What Twilio tells about text messages: who signed it, and what its statuses and error codes mean for us."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime

from campaign.dispatch.receipts import HOPELESS, Cause, Kind, Reported, is_id

SIGNATURE_HEADER = "X-Twilio-Signature"

# Of Twilio's errors and warnings those that tell about the receiver or the way there; any other is technical.
CAUSES = {
    21211: Cause.INVALID_NUMBER,
    21217: Cause.INVALID_NUMBER,
    21610: Cause.STOPPED,
    21612: Cause.OUR_SETUP,
    21614: Cause.LANDLINE,
    21635: Cause.LANDLINE,
    30001: Cause.TOO_FAST,
    30002: Cause.OUR_SETUP,
    30003: Cause.PHONE_OFF,
    30004: Cause.REFUSED_BY_RECEIVER,
    30005: Cause.INVALID_NUMBER,
    30006: Cause.LANDLINE,
    30007: Cause.FILTERED,
    30010: Cause.OUR_SETUP,
    30022: Cause.TOO_FAST,
    30023: Cause.TOO_FAST,
    30024: Cause.OUR_SETUP,
    30027: Cause.TOO_FAST,
    30032: Cause.OUR_SETUP,
    30034: Cause.OUR_SETUP,
    30036: Cause.TOO_LATE,
}
_KINDS = {
    "accepted": Kind.TAKEN,
    "scheduled": Kind.TAKEN,
    "queued": Kind.TAKEN,
    "sending": Kind.TAKEN,
    "sent": Kind.SENT,
    "delivered": Kind.DELIVERED,
    "partially_delivered": Kind.DELIVERED,
    "read": Kind.DELIVERED,
    "failed": Kind.DROPPED,
    "canceled": Kind.DROPPED,
}


def is_signed(token: str, url: str, form: Iterable[tuple[str, str]], signature: str | None) -> bool:
    """Whether Twilio signed this post to `url`, the public one with its query, with all fields of its form."""
    if not signature:
        return False
    return hmac.compare_digest(sign(token, url, form).encode(), signature.encode())


def sign(token: str, url: str, form: Iterable[tuple[str, str]]) -> str:
    """HMAC-SHA1 in base64 over the URL and the fields in order of their names, each name followed by its value."""
    said = url + "".join(name + value for name, value in sorted(set(form)))
    return base64.b64encode(hmac.digest(token.encode(), said.encode(), hashlib.sha1)).decode()


def read(form: Mapping[str, str], public_id: str, now: datetime) -> Reported | None:
    """A status callback about our message `public_id`; None where it tells nothing of a message's fate."""
    sid, status = form.get("MessageSid", ""), form.get("MessageStatus", "")
    code = _code(form.get("ErrorCode"))
    told = meaning(status, code)
    if not (is_id(sid) and is_id(public_id)) or told is None:
        return None
    kind, cause = told
    # Twilio numbers no callbacks; one status comes once a message, so the two are its number.
    return Reported(
        f"{sid[:64]}:{status}", public_id, kind, sid[:64], cause, now, str(code) if code else None
    )


def meaning(status: str, code: int | None) -> tuple[Kind, Cause | None] | None:
    """What a status with its error code says; None for a status nobody knows."""
    cause = CAUSES.get(code, Cause.TECHNICAL) if code else None
    if status == "undelivered":
        cause = cause or Cause.TECHNICAL
        return (Kind.BOUNCED if cause in HOPELESS else Kind.BLOCKED), cause
    kind = _KINDS.get(status)
    if kind is None:
        return None
    return kind, (cause or Cause.TECHNICAL) if kind is Kind.DROPPED else None


def _code(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 8 else None

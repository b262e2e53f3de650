"""What Twilio asks of a request to send a text message, and its error codes.

Source: Twilio, Message resource (parameters of create), Error and Warning Dictionary, Test Credentials (numbers that
answer with a certain error).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

from campaign.demo.providers.options import SimulatorOptions

_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
LONGEST_TEXT = 1600
LONGEST_VALIDITY_SECONDS = 36_000
_OF_NUMBERS = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}
MESSAGES = {
    20003: "The account or its token is wrong.",
    20404: "There is nothing here.",
    20429: "Too many requests.",
    20500: "Something went wrong here.",
    21211: "To is not a telephone number.",
    21266: "To and From must not be the same.",
    21408: "There is no permission to send to this country.",
    21602: "A body is needed.",
    21603: "A sender is needed: From or MessagingServiceSid.",
    21604: "A receiver is needed: To.",
    21606: "From is not a number of this account.",
    21609: "StatusCallback is not a URL.",
    21610: "The receiver has said STOP.",
    21612: "There is no way from this sender to this receiver.",
    21614: "To is not a mobile number.",
    21617: "The body is longer than 1,600 characters.",
    21624: "ValidityPeriod must be a whole number from 1 to 36,000.",
    21705: "There is no such messaging service.",
    30001: "The queue was full.",
    30003: "The phone is off or out of reach.",
    30004: "The message was blocked.",
    30005: "There is no such number any more.",
    30006: "The number is a landline or cannot be reached.",
    30007: "The carrier took it for spam.",
    30036: "The validity period was over.",
}


def error(status: HTTPStatus, code: int) -> bytes:
    """The body of an answer that refuses."""
    more = f"https://www.twilio.com/docs/errors/{code}"
    told = {"code": code, "message": MESSAGES[code], "more_info": more, "status": int(status)}
    return json.dumps(told).encode()


def fault_of(form: Mapping[str, str], options: SimulatorOptions) -> int | None:
    """The code of the first thing that is wrong with a request; the receiver's own STOP is not looked at here."""
    return (
        _receiver(form.get("To", ""))
        or _sender(form, options)
        or _text(form.get("Body", ""))
        or _particulars(form)
    )


def _receiver(to: str) -> int | None:
    if not to:
        return 21604
    return _OF_NUMBERS.get(to) or (None if _NUMBER.fullmatch(to) else 21211)


def _sender(form: Mapping[str, str], options: SimulatorOptions) -> int | None:
    service, number = form.get("MessagingServiceSid"), form.get("From")
    if service:
        return None if service == options.twilio_service else 21705
    if not number:
        return 21603
    if number != options.twilio_number:
        return 21606
    return 21266 if number == form["To"] else None


def _text(body: str) -> int | None:
    if not body:
        return 21602
    return 21617 if len(body) > LONGEST_TEXT else None


def _particulars(form: Mapping[str, str]) -> int | None:
    validity, callback = form.get("ValidityPeriod"), form.get("StatusCallback")
    if validity is not None:
        whole = validity.isascii() and validity.isdigit()
        if not whole or not 1 <= int(validity) <= LONGEST_VALIDITY_SECONDS:
            return 21624
    if callback and (urlsplit(callback).scheme not in {"http", "https"} or not urlsplit(callback).netloc):
        return 21609
    return None

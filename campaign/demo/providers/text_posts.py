"""What Twilio posts to the program: how far a text has come, and texts from families, both signed.

Source: Twilio, Track Outbound Message Status; Webhooks Security; Advanced Opt-Out.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from campaign.demo.providers.options import SimulatorOptions
from campaign.demo.providers.posting import Post
from campaign.demo.providers.text_list import Text

SIGNATURE = "X-Twilio-Signature"
_KEYWORDS = {
    **dict.fromkeys(("STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "REVOKE", "OPTOUT", "CANCEL"), "STOP"),
    **dict.fromkeys(("START", "YES", "UNSTOP"), "START"),
    **dict.fromkeys(("HELP", "INFO"), "HELP"),
}

Form = Mapping[str, str]


class TextPosts:
    """Packs forms, one a post. What is not answered with 2xx is lost, as with Twilio; its list tells it later."""

    tries = 1

    def __init__(self, token: str) -> None:
        self._token = token

    def pack(self, url: str, told: Sequence[Form]) -> list[Post]:
        return [self._post(url, form) for form in told]

    def altered(self, told: Form) -> Form:
        if "MessageStatus" in told:
            return {**told, "MessageStatus": "failed", "SmsStatus": "failed", "ErrorCode": "30005"}
        return {**told, "Body": "STOP"}

    def _post(self, url: str, form: Form) -> Post:
        said = url + "".join(name + value for name, value in sorted(form.items()))
        signature = base64.b64encode(hmac.digest(self._token.encode(), said.encode(), hashlib.sha1)).decode()
        headers = (("Content-Type", "application/x-www-form-urlencoded"), (SIGNATURE, signature))
        return Post(url, headers, urlencode(form).encode())


def keyword(body: str) -> str | None:
    """STOP, START or HELP, if that is all a text says."""
    return _KEYWORDS.get(body.strip().upper())


def statuses(text: Text, options: SimulatorOptions) -> list[Form]:
    """The forms of all status callbacks of a text, oldest first."""
    return [status(text, name, code, options) for name, code in text.course]


def status(text: Text, name: str, code: int | None, options: SimulatorOptions) -> Form:
    form = {
        "AccountSid": options.twilio_account,
        "ApiVersion": "2010-04-01",
        "From": text.sender or options.twilio_number,
        "MessageSid": text.sid,
        "MessageStatus": name,
        "SmsSid": text.sid,
        "SmsStatus": name,
        "To": text.to,
    }
    if text.service:
        form["MessagingServiceSid"] = text.service
    return {**form, "ErrorCode": str(code)} if code else form


def incoming(text: Text, options: SimulatorOptions) -> Form:
    """The form of a text from a family."""
    form = {
        "AccountSid": options.twilio_account,
        "ApiVersion": "2010-04-01",
        "Body": text.body,
        "From": text.sender,
        "FromCountry": "US",
        "MessageSid": text.sid,
        "MessagingServiceSid": options.twilio_service,
        "NumMedia": str(len(text.media)),
        **{f"MediaUrl{number}": f"{text.media_url}{number}" for number in range(len(text.media))},
        "NumSegments": "1",
        "SmsMessageSid": text.sid,
        "SmsSid": text.sid,
        "SmsStatus": "received",
        "To": text.to,
        "ToCountry": "US",
    }
    word = keyword(text.body)
    return {**form, "OptOutType": word} if word else form

"""Twilio's Messages API: sending a text, reading one, listing those to a number.

Source: Twilio, Message resource.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from hmac import compare_digest
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from campaign.demo.providers import text_list, text_rules
from campaign.demo.providers.desk import Decision, Headers, Office
from campaign.demo.providers.faults import Mischief
from campaign.demo.providers.record import Entry
from campaign.demo.providers.text_list import Text, TextBook, outcome
from campaign.demo.providers.text_posts import keyword
from campaign.demo.providers.wire import Request, response

PROVIDER = "twilio"
VERSION = "2010-04-01"
_PATH = re.compile(
    rf"/{VERSION}/Accounts/(?P<account>AC[0-9a-f]{{32}})/Messages(/(?P<sid>[A-Z]{{2}}\w+))?\.json"
)
_MEDIA = re.compile(
    rf"/{VERSION}/Accounts/AC[0-9a-f]{{32}}/Messages/(?P<sid>SM\w+)/Media/ME(?P<number>[0-9])"
)
# Names under which our own id may stand in the address of a status callback.
_OUR_ID = ("message", "public_id")


@dataclass
class Texts:
    """Takes text messages. `stopped`: numbers that have said STOP."""

    office: Office
    mischief: Mischief
    stopped: set[str] = field(default_factory=set)
    book: TextBook = field(default_factory=TextBook)

    def __post_init__(self) -> None:
        options = self.office.options
        pair = f"{options.twilio_account}:{options.twilio_token}".encode()
        self._key = b"Basic " + base64.b64encode(pair)

    def consider(self, request: Request, headers: Headers) -> Decision:
        found, file = _PATH.fullmatch(request.path), _MEDIA.fullmatch(request.path)
        if not compare_digest(request.headers.get(b"authorization", b""), self._key):
            return _refused(HTTPStatus.UNAUTHORIZED, 20003, headers)
        if file is not None and request.method == "GET":
            return self._file(file["sid"], int(file["number"]), headers)
        if found is None or found["account"] != self.office.options.twilio_account:
            return _refused(HTTPStatus.NOT_FOUND, 20404, headers)
        if request.method == "GET":
            return self._read(request, found["sid"], headers)
        if request.method != "POST" or found["sid"]:
            return _refused(HTTPStatus.NOT_FOUND, 20404, headers)
        return self._create(dict(parse_qsl(request.body.decode(errors="replace"))), headers)

    def too_many(self, headers: Headers) -> bytes:
        return _refused(HTTPStatus.TOO_MANY_REQUESTS, 20429, (*headers, ("Retry-After", "1"))).content

    def broken(self, status: int) -> bytes:
        return response(status, text_rules.error(HTTPStatus(status), 20500))

    def arrived(self, sender: str, body: str, media: tuple[bytes, ...] = (), host: str = "") -> Text:
        """A text from somebody's phone, kept beside those sent; after STOP the number gets nothing until START.

        `media` can be fetched at `host`.
        """
        word = keyword(body)
        if word == "STOP":
            self.stopped.add(sender)
        elif word == "START":
            self.stopped.discard(sender)
        options = self.office.options
        text = Text(f"SM{self._number()}", sender, options.twilio_number, body, self.office.now(), "inbound")
        text.media = media
        text.media_url = f"{host}/{VERSION}/Accounts/{options.twilio_account}/Messages/{text.sid}/Media/ME"
        self.book.add(text)
        return text

    def told(self, text: Text) -> dict[str, Any]:
        """All that is known of a text, also what Twilio does not list."""
        told = text.told(self.office.options.twilio_account, self.office.now())
        return {**told, "status_callback": text.callback, "validity_period": text.validity}

    def forget(self) -> None:
        """Forget all texts; who has said STOP has said it."""
        self.book = TextBook()

    def _create(self, form: Mapping[str, str], headers: Headers) -> Decision:
        code = text_rules.fault_of(form, self.office.options)
        if code is None and form["To"] in self.stopped:
            code = 21610
        if code is not None:
            status = HTTPStatus.FORBIDDEN if code == 21408 else HTTPStatus.BAD_REQUEST
            return _refused(status, code, headers)
        text = Text(
            sid=f"SM{self._number()}",
            sender=form.get("From", ""),
            to=form["To"],
            body=form["Body"],
            at=self.office.now(),
            direction="outbound-api",
            service=form.get("MessagingServiceSid"),
            callback=form.get("StatusCallback", ""),
            validity=int(form.get("ValidityPeriod", text_rules.LONGEST_VALIDITY_SECONDS)),
        )
        told = text.told(self.office.options.twilio_account, self.office.now())
        return Decision(response(201, json.dumps(told).encode(), headers), partial(self._take, text))

    def _take(self, text: Text) -> None:
        faults = self.mischief.faults
        text.course = outcome(self.mischief.fate(text.to))
        text.step_seconds = faults.event_ms / 1000
        self.book.add(text)
        self.office.take([Entry(text.at, PROVIDER, _identity(text), text.to, text.sid, text)])

    def _read(self, request: Request, sid: str | None, headers: Headers) -> Decision:
        account, now = self.office.options.twilio_account, self.office.now()
        if sid is None:
            told = text_list.page(self.book, request, account, now)
        elif sid in self.book.by_sid:
            told = self.book.by_sid[sid].told(account, now)
        else:
            return _refused(HTTPStatus.NOT_FOUND, 20404, headers)
        return Decision(response(200, json.dumps(told).encode(), headers))

    def _file(self, sid: str, number: int, headers: Headers) -> Decision:
        text = self.book.by_sid.get(sid)
        if text is None or number >= len(text.media):
            return _refused(HTTPStatus.NOT_FOUND, 20404, headers)
        return Decision(response(200, text.media[number], headers, "application/octet-stream"))

    def _number(self) -> str:
        return base64.urlsafe_b64decode(self.office.new_id() + "==").hex()


def _identity(text: Text) -> str:
    given = dict(parse_qsl(urlsplit(text.callback).query))
    return next((given[name] for name in _OUR_ID if name in given), text.to)


def _refused(status: HTTPStatus, code: int, headers: Headers) -> Decision:
    return Decision(response(status, text_rules.error(status, code), headers))

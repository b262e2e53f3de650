"""SendGrid's `POST /v3/mail/send`, as its API reference describes it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from hmac import compare_digest
from typing import Any, NamedTuple, cast

from campaign.demo.providers import mail_rules
from campaign.demo.providers.desk import Decision, Headers, Office
from campaign.demo.providers.mail_rules import Fault
from campaign.demo.providers.record import Entry
from campaign.demo.providers.wire import Request, response

PATH = "/v3/mail/send"
PROVIDER = "sendgrid"
PUBLIC_ID = "public_id"


class Mail(NamedTuple):
    """One personalization of an accepted request."""

    document: Mapping[str, Any]
    place: int

    def arguments(self) -> dict[str, str]:
        mine = self.document["personalizations"][self.place]
        return {**self.document.get("custom_args", {}), **mine.get("custom_args", {})}

    def told(self) -> dict[str, Any]:
        """What the recipient gets, with everything in its place."""
        mine = self.document["personalizations"][self.place]
        swaps = mine.get("substitutions", {})
        content = {part["type"]: _swapped(part["value"], swaps) for part in self.document.get("content", ())}
        return {
            "from": mine.get("from", self.document.get("from")),
            "to": [person["email"] for person in mine["to"]],
            "subject": _swapped(mine.get("subject") or self.document.get("subject", ""), swaps),
            "text": content.get("text/plain", ""),
            "html": content.get("text/html", ""),
            "headers": {**self.document.get("headers", {}), **mine.get("headers", {})},
            "custom_args": self.arguments(),
            "attachments": [part.get("filename") for part in self.document.get("attachments", ())],
        }


def _swapped(text: str, swaps: Mapping[str, str]) -> str:
    for mark, words in swaps.items():
        text = text.replace(mark, words)
    return text


_PERSONS, _ARGUMENTS = '"personalizations": ', '"custom_args": '
_parsed = json.JSONDecoder().raw_decode


def _addressed(body: bytes) -> Mapping[str, Any]:
    """To whom a request goes and under which ids, without what it says to them. Raises ValueError for no JSON.

    Inside a text a quotation mark has a backslash before it, so that only a name of the document is found.
    """
    text = body.decode()
    at = text.find(_PERSONS)
    if at < 0 or '"sandbox_mode"' in text:
        return cast(Mapping[str, Any], json.loads(text))
    persons, end = _parsed(text, at + len(_PERSONS))
    before, after = text.find(_ARGUMENTS, 0, at), text.find(_ARGUMENTS, end)
    shared = max(before, after)
    arguments = _parsed(text, shared + len(_ARGUMENTS))[0] if shared >= 0 else {}
    return {"personalizations": persons, "custom_args": arguments}


class MailSend:
    """Takes e-mail."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._key = f"Bearer {office.options.sendgrid_key}".encode()
        self._checks = office.options.checks == "full"
        self._keeps = office.options.keep_texts or bool(office.options.events_url)
        self._reads_all = self._checks or self._keeps

    def consider(self, request: Request, headers: Headers) -> Decision:
        refused = self._refused(request)
        if refused is not None:
            status, fault = refused
            return Decision(response(status, mail_rules.errors([fault]), headers))
        try:
            document = json.loads(request.body) if self._reads_all else _addressed(request.body)
        except ValueError:
            return Decision(response(400, mail_rules.errors([Fault(None, "This is not JSON.")]), headers))
        if self._checks:
            found = mail_rules.faults_of(document, self._office.now())
            if found:
                return Decision(response(400, mail_rules.errors(found), headers))
        settings = document.get("mail_settings") or {}
        if settings.get("sandbox_mode", {}).get("enable"):
            return Decision(response(200, b"", headers))
        message_id = self._office.new_id()
        content = response(202, b"", (("X-Message-Id", message_id), *headers))
        return Decision(content, partial(self._take, document, message_id))

    def too_many(self, headers: Headers) -> bytes:
        return response(429, mail_rules.errors([Fault(None, "too many requests")]), headers)

    def broken(self, status: int) -> bytes:
        return response(status, mail_rules.errors([Fault(None, "Something went wrong here.")]))

    def _refused(self, request: Request) -> tuple[int, Fault] | None:
        if request.path != PATH:
            return 404, Fault(None, "There is nothing here.")
        if request.method != "POST":
            return 405, Fault(None, "Only POST.")
        if not compare_digest(request.headers.get(b"authorization", b""), self._key):
            return 401, Fault(None, "The key is missing, wrong or withdrawn.")
        if not request.headers.get(b"content-type", b"").lower().startswith(b"application/json"):
            return 415, Fault(None, "The body must be application/json.")
        if len(request.body) > mail_rules.LARGEST_BYTES:
            return 413, Fault(None, "The request is larger than 30 MB.")
        return None

    def _take(self, document: Mapping[str, Any], message_id: str) -> None:
        """One entry a personalization, under the first address of its `to`."""
        at, keeps = self._office.now(), self._keeps
        shared = (document.get("custom_args") or {}).get(PUBLIC_ID)
        entries = []
        for place, mine in enumerate(document["personalizations"]):
            to = mine["to"][0]["email"]
            identity = (mine.get("custom_args") or {}).get(PUBLIC_ID) or shared or to
            said = Mail(document, place) if keeps else None
            entries.append(Entry(at, PROVIDER, identity, to, message_id, said))
        self._office.take(entries)

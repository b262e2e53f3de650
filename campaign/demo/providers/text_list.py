"""Text messages as Twilio tells of them: one by one, and in pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from campaign.demo.providers.options import Fate
from campaign.demo.providers.text_rules import MESSAGES
from campaign.demo.providers.wire import Request
from campaign.senders.segments import segments

_USUAL_PAGE, _LARGEST_PAGE = 50, 1000

# Status and error code, one after the other.
Course = list[tuple[str, int | None]]
_COURSES: dict[str, Course] = {
    Fate.NEVER_TOLD: [],
    Fate.DROPPED: [("failed", 30001)],
    Fate.EXPIRED: [("failed", 30036)],
    Fate.UNREACHABLE: [("sent", None), ("undelivered", 30003)],
    Fate.BLOCKED: [("sent", None), ("undelivered", 30004)],
    Fate.BOUNCED: [("sent", None), ("undelivered", 30005)],
    Fate.LANDLINE: [("sent", None), ("undelivered", 30006)],
    Fate.FILTERED: [("sent", None), ("undelivered", 30007)],
}


def outcome(fate: str) -> Course:
    return _COURSES.get(fate, [("sent", None), ("delivered", None)])


@dataclass
class Text:
    """One message. `course`: what happens to it, a step of `step_seconds` after the other; `at`: since 1970.
    `media` of a text from a family lie under `media_url`, by their number."""

    sid: str
    sender: str
    to: str
    body: str
    at: float
    direction: str
    service: str | None = None
    callback: str = ""
    validity: int = 0
    course: Course = field(default_factory=list)
    step_seconds: float = 0.0
    media: tuple[bytes, ...] = ()
    media_url: str = ""

    def standing(self, now: float) -> tuple[str, int | None]:
        """How far it has come."""
        if self.direction == "inbound":
            return "received", None
        done = int((now - self.at) / self.step_seconds) if self.step_seconds else len(self.course)
        first = "accepted" if self.service else "queued"
        return [(first, None), *self.course][min(done, len(self.course))]

    def told(self, account: str, now: float) -> dict[str, Any]:
        """The resource, as Twilio gives it."""
        status, code = self.standing(now)
        uri = f"/2010-04-01/Accounts/{account}/Messages/{self.sid}"
        left = status not in {"accepted", "queued"}
        # With a messaging service the number of parts is not known before a sender is chosen.
        parts = 0 if self.service and not left else segments(self.body)
        return {
            "account_sid": account,
            "api_version": "2010-04-01",
            "body": self.body,
            "date_created": _date(self.at),
            "date_sent": _date(self.at + self.step_seconds) if left else None,
            "date_updated": _date(now),
            "direction": self.direction,
            "error_code": code,
            "error_message": MESSAGES[code] if code else None,
            "from": self.sender or None,
            "messaging_service_sid": self.service,
            "num_media": str(len(self.media)),
            "num_segments": str(parts),
            "price": None,
            "price_unit": "USD",
            "sid": self.sid,
            "status": status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": self.to,
            "uri": f"{uri}.json",
        }


@dataclass
class TextBook:
    """All texts, ours and theirs, oldest first; also by sid and by either number."""

    every: list[Text] = field(default_factory=list)
    by_sid: dict[str, Text] = field(default_factory=dict)
    by_number: dict[str, list[Text]] = field(default_factory=dict)

    def add(self, text: Text) -> None:
        self.every.append(text)
        self.by_sid[text.sid] = text
        for number in {text.sender, text.to} - {""}:
            self.by_number.setdefault(number, []).append(text)

    def about(self, asked: Mapping[str, str]) -> list[Text]:
        """Those that a list is asked for, newest first."""
        number = asked.get("To") or asked.get("From")
        found = self.every if number is None else self.by_number.get(number, [])
        return sorted((text for text in found if _fits(text, asked)), key=lambda text: -text.at)


def page(book: TextBook, request: Request, account: str, now: float) -> dict[str, Any]:
    """A page of the list, newest first, with the addresses of the pages around it."""
    asked = dict(parse_qsl(request.query))
    size = min(max(int(asked.get("PageSize", _USUAL_PAGE)), 1), _LARGEST_PAGE)
    number = int(asked.get("Page", 0))
    found = book.about(asked)
    start, there = number * size, found[number * size : (number + 1) * size]
    return {
        "messages": [text.told(account, now) for text in there],
        "page": number,
        "page_size": size,
        "start": start,
        "end": start + max(len(there) - 1, 0),
        "uri": _uri(request, asked, number, size),
        "first_page_uri": _uri(request, asked, 0, size),
        "previous_page_uri": _uri(request, asked, number - 1, size) if number else None,
        "next_page_uri": _uri(request, asked, number + 1, size) if start + size < len(found) else None,
    }


def _fits(text: Text, asked: Mapping[str, str]) -> bool:
    if asked.get("To", text.to) != text.to or asked.get("From", text.sender) != text.sender:
        return False
    sent = text.at + text.step_seconds
    within = asked.get("DateSent>") is None or sent >= _moment(asked["DateSent>"])
    within = within and (asked.get("DateSent<") is None or sent <= _moment(asked["DateSent<"]))
    day = asked.get("DateSent")
    return within and (day is None or _moment(day[:10]) <= sent < _moment(day[:10]) + 86_400)


def _moment(text: str) -> float:
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _date(at: float) -> str:
    return format_datetime(datetime.fromtimestamp(int(at), UTC))


def _uri(request: Request, asked: Mapping[str, str], number: int, size: int) -> str:
    return f"{request.path}?{urlencode({**asked, 'PageSize': size, 'Page': number})}"

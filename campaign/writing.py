"""From a claimed message to what is sent: names, links and texts put together for one contact."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from babel.lists import format_list
from sqlalchemy import Connection

from campaign import links
from campaign.senders.contract import OutgoingMessage
from campaign.senders.segments import MOST_SEGMENTS, segments
from campaign.settings import Settings
from campaign.store.dispatch import Claimed, Words
from content.catalog import MessageTemplate

# So long may a school's name be in a text message, where every letter counts.
_SHORT_NAME = 24
_STOP_LINK_DAYS = 730


class TextTooLong(Exception):
    """The text message would travel in more parts than we allow."""


@dataclass(frozen=True)
class Draft:
    """One message about to be written, with the students it is about and when."""

    claimed: Claimed
    student_ids: tuple[int, ...]
    template: MessageTemplate
    now: datetime


def write(connection: Connection, draft: Draft, words: Words, settings: Settings) -> OutgoingMessage:
    """Issue the links and fill in the text. Raises ContentError for a field without a value, and TextTooLong."""
    claimed, template = draft.claimed, draft.template
    students = [words.students[student] for student in draft.student_ids]
    issue = _issuer(connection, draft, settings)
    reports: list[tuple[str, str]] = []
    if "reports" in template.fields:
        tokens = [
            issue(student, "report", settings.privacy.family_link_days) for student in draft.student_ids
        ]
        base = settings.installation.base_url
        reports = [(name, f"{base}/r/{token}") for (name, _), token in zip(students, tokens, strict=True)]
    stop_url = ""
    if claimed.channel == "email":
        token = issue(draft.student_ids[0], "preferences", _STOP_LINK_DAYS)
        stop_url = f"{settings.installation.base_url}/stop/{token}"
    fields = _fields(claimed, students, reports, settings) | {"stop_link": stop_url}
    rendered = template.render({name: value for name, value in fields.items() if name in template.fields})
    if claimed.channel == "sms" and segments(rendered.text.strip()) > MOST_SEGMENTS:
        raise TextTooLong(f"{template.id}: {segments(rendered.text.strip())} parts")
    return OutgoingMessage(
        public_id=claimed.public_id,
        channel=claimed.channel,
        to=words.addresses[claimed.contact_id][claimed.channel],
        subject=rendered.subject,
        text=rendered.text,
        html=linked(rendered.html, reports),
        language=claimed.language,
        stop_url=stop_url,
        at=draft.now,
    )


def _issuer(connection: Connection, draft: Draft, settings: Settings) -> Callable[[int, str, int], str]:
    def issue(student_id: int, purpose: str, days: int) -> str:
        return links.issue(
            connection,
            district_id=draft.claimed.district_id,
            student_id=student_id,
            contact_id=draft.claimed.contact_id,
            purpose=purpose,
            now=draft.now,
            days=days,
        )

    return issue


def _fields(
    claimed: Claimed,
    students: Sequence[tuple[str, str]],
    reports: Sequence[tuple[str, str]],
    settings: Settings,
) -> dict[str, str]:
    names = [name for name, _ in students]
    schools = sorted({school for _, school in students})
    short = claimed.channel == "sms"
    return {
        "child": format_list(names, locale=claimed.language.replace("-", "_")),
        "school": shortened(schools[0])
        if short
        else format_list(schools, locale=claimed.language.replace("-", "_")),
        "reports": " ".join(url for _, url in reports) if short else "\n".join(map(": ".join, reports)),
        "postal_address": settings.mail.postal_address,
    }


def linked(markup: str, reports: Sequence[tuple[str, str]]) -> str:
    """`markup` with each line "name: address" turned into a link that is called by the name."""
    for name, url in reports:
        line = html.escape(f"{name}: {url}")
        markup = markup.replace(line, f'<a href="{html.escape(url)}">{html.escape(name)}</a>')
    return markup


def shortened(name: str) -> str:
    """As many whole words of a name as fit in a text message."""
    if len(name) <= _SHORT_NAME:
        return name
    cut = name[: _SHORT_NAME + 1].rpartition(" ")[0]
    return cut or name[:_SHORT_NAME]

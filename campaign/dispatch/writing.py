"""From a claimed message to what is sent: names, links and texts put together for one contact."""

from __future__ import annotations

import html
import re
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from itertools import chain, count
from typing import NamedTuple

from sqlalchemy import Connection

from campaign import links
from campaign.consents import way_out
from campaign.senders.contract import OpenText, OutgoingMessage
from campaign.senders.segments import MOST_SEGMENTS, is_gsm, segments
from campaign.settings import Settings
from campaign.store.dispatch import Claimed
from campaign.store.recipients import Words
from campaign.wordings.wording import Wording, base
from content.catalog import MessageTemplate
from content.formats import listed
from content.messages import RenderedMessage

# The one message that answers a family by itself: the office is closed, somebody reads it on the next school day.
READ_LATER = "read_later"
# So long may a school's name be in a text message, where every letter counts.
_SHORT_NAME = 24


class TextTooLong(Exception):
    """The text message would travel in more parts than we allow."""


class Draft(NamedTuple):
    """One message about to be written, with the students it is about and when.

    `interpreter_line`: "Do you need a free interpreter?" in the language in whose place English goes out. Of a weekly
    message `items` are its lines, and `also` the students of the messages that travel in it; what is `gathered` goes
    together with others of its contact, in the order of their `priority`.
    """

    claimed: Claimed
    student_ids: tuple[int, ...]
    template: MessageTemplate
    wording: Wording
    interpreter_line: str | None
    now: datetime
    expires_at: datetime | None = None
    priority: int = 0
    gathered: bool = False
    items: tuple[str, ...] = ()
    also: tuple[int, ...] = ()

    @property
    def named(self) -> tuple[int, ...]:
        """The students whom the text names."""
        return tuple(sorted({*self.student_ids, *self.also})) if self.also else self.student_ids

    @property
    def linked(self) -> tuple[int, ...]:
        """The students to whose pages it links; a weekly text message has room for one link."""
        return self.named[:1] if self.items and self.claimed.channel == "sms" else self.named


def issue_links(
    connection: Connection, drafts: Sequence[Draft], settings: Settings, now: datetime
) -> list[list[str]]:
    """Make the links to reports that the texts of all drafts need, in one go; the addresses of each draft, in the order
    of its students."""
    wanted = [
        [
            links.NewLink(draft.claimed.district_id, student, draft.claimed.contact_id)
            for student in draft.linked
        ]
        if "reports" in draft.template.fields
        else []
        for draft in drafts
    ]
    tokens = iter(
        links.issue_many(connection, [*chain(*wanted)], now, days=settings.privacy.family_link_days)
    )
    base_url = settings.installation.base_url
    return [[report_url(base_url, next(tokens)) for _ in some] for some in wanted]


def write(draft: Draft, reports: Sequence[str], words: Words, settings: Settings) -> OutgoingMessage:
    """Fill in the text. Raises ContentError for a field without a value, and TextTooLong."""
    claimed, template = draft.claimed, draft.template
    stop_url = _stop_url(claimed, settings) if claimed.channel == "email" else ""
    fields = _fields(draft, reports, words, settings)
    fields["stop_link"] = stop_url
    values = {name: value for name, value in fields.items() if name in template.fields}
    rendered = template.render(values)
    open_text: OpenText | None = None if draft.items else _open_text(template)
    if draft.interpreter_line and draft.wording.fallback_from:
        open_text = None
        language, short = base(draft.wording.fallback_from), claimed.channel == "sms"
        rendered = with_interpreter(rendered, draft.interpreter_line, language, short=short)
    if claimed.channel == "sms" and segments(rendered.text.strip()) > MOST_SEGMENTS:
        raise TextTooLong(template.id)
    return OutgoingMessage(
        public_id=claimed.public_id,
        channel=claimed.channel,
        to=words.addresses[claimed.contact_id][claimed.channel],
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        language=template.language,
        stop_url=stop_url,
        at=draft.now,
        expires_at=draft.expires_at,
        reply_to=settings.conversations.reply_to(claimed.public_id) if claimed.channel == "email" else "",
        open_text=open_text,
        values=values,
        is_reply=template.id == READ_LATER,
        markup=rendered.markup,
    )


def _stop_url(claimed: Claimed, settings: Settings) -> str:
    token = way_out.token(claimed.public_id, settings.secrets.secret_key)
    return f"{settings.installation.base_url}/stop/{token}"


@lru_cache(maxsize=256)
def _open_text(template: MessageTemplate) -> OpenText:
    """One object for all messages of a text."""
    return OpenText(template.subject, template.text, template.html)


def _fields(draft: Draft, reports: Sequence[str], words: Words, settings: Settings) -> dict[str, str]:
    students = [words.students[student] for student in draft.named]
    names = [name for name, _ in students]
    schools = sorted({school for _, school in students})
    short, language = draft.template.channel == "sms", draft.template.language
    fields = {
        "child": listed(names, language),
        "school": shortened(schools[0]) if short else listed(schools, language),
        "reports": " ".join(reports) if short else "",
        "postal_address": settings.mail.postal_address,
        "items": "\n".join(f"{number}. {line}" for number, line in enumerate(draft.items, start=1)),
    }
    if reports and not short:
        linked = [words.students[student][0] for student in draft.linked]
        fields["reports"] = "\n".join(map(": ".join, zip(linked, reports, strict=True)))
    return fields


def with_interpreter(english: RenderedMessage, line: str, language: str, *, short: bool) -> RenderedMessage:
    """The English message with `line`, which is in `language`: above the text, in a text message (`short`) below it.

    There the school must come first, or nobody knows who writes; and where the line can be written in the letters of
    text messages it is, for one ’ or ê takes more than half of the room, and the whole text would be too long to go.
    """
    if short:
        return replace(english, text=f"{english.text.strip()}\n{_in_plain_letters(line)}\n")
    paragraph = (
        f'\n<p lang="{html.escape(language)}" dir="{direction(line)}" style="font-weight: bold">'
        f"{html.escape(line)}</p>"
    )
    body = re.search(r"<body[^>]*>", english.html)
    above = body.end() if body else 0
    markup = english.html[:above] + paragraph + english.html[above:]
    return replace(english, text=f"{line}\n\n{english.text}", html=markup)


def direction(line: str) -> str:
    """ "rtl" or "ltr", as its first letter that has a direction."""
    kinds = (unicodedata.bidirectional(letter) for letter in line)
    return "rtl" if next((kind for kind in kinds if kind in {"L", "R", "AL"}), "L") != "L" else "ltr"


def room(english: MessageTemplate, line: str, base_url: str) -> int:
    """Of how many students this text message can speak beside `line`, whatever their school is called."""

    def fits(students: int) -> bool:
        reports = " ".join([report_url(base_url, "x" * links.TOKEN_LENGTH)] * students)
        values = {"school": "x" * _SHORT_NAME, "reports": reports}
        rendered = english.render({name: value for name, value in values.items() if name in english.fields})
        text = with_interpreter(rendered, line, "", short=True).text
        return segments(text.strip()) <= MOST_SEGMENTS

    if "reports" not in english.fields:
        return sys.maxsize if fits(1) else 0
    return next(students for students in count() if not fits(students + 1))


def report_url(base_url: str, token: str) -> str:
    return f"{base_url}/r/{token}"


def shortened(name: str) -> str:
    """As many whole words of a name as fit in a text message, without accents that would halve its room."""
    name = _in_plain_letters(name)
    if len(name) <= _SHORT_NAME:
        return name
    cut = name[: _SHORT_NAME + 1].rpartition(" ")[0]
    return cut or name[:_SHORT_NAME]


def _in_plain_letters(said: str) -> str:
    return "".join(_plain(letter) for letter in said.replace("’", "'"))


def _plain(letter: str) -> str:
    """The letter as text messages have it: í has no place in their alphabet, i has."""
    if is_gsm(letter):
        return letter
    bare = "".join(part for part in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(part))
    return bare if bare and is_gsm(bare) else letter

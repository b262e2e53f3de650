"""The weekly message: what is due to one contact and can wait goes out as one, each of its messages accounted for.

One of them leads: it alone is handed to a sender, with the words of the weekly message in the place of its own. The
others are lines of it, and whatever becomes of the lead becomes of them (see `campaign.schema.digests`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from campaign.dispatch.in_force import District
from campaign.dispatch.writing import Draft
from campaign.rules import DIGEST
from campaign.store import digests
from campaign.store.dispatch import Change
from campaign.verdicts import Reason
from campaign.wordings.wording import ENGLISH, base
from content.catalog import ContentError

# A text message to whom an e-mail is due as well waits so long for the e-mail to take it along.
_WAITS_FOR_LEAD = timedelta(minutes=15)


@dataclass(frozen=True)
class Gathered:
    """`drafts` are to be written; `lines` travel in one of them, by the id of the lead; `left` goes another way, not
    before the moment beside it (None: at once)."""

    drafts: Sequence[Draft]
    lines: Mapping[int, Sequence[Draft]] = field(default_factory=dict)
    left: Sequence[tuple[Draft, datetime | None]] = ()


def with_company(
    connection: Connection, ids: Sequence[int], owner: str, until: datetime, now: datetime
) -> list[int]:
    """The messages claimed, and with them what else is due to those of their contacts who get one message a week."""
    return [*ids, *digests.company(connection, ids, owner, until, now)]


def gather(
    drafts: Sequence[Draft], channels: frozenset[str], weekly: Callable[[Draft, Sequence[Draft]], Draft]
) -> Gathered:
    """Put together what is due to one contact. `channels` are those that go this way; `weekly` gives the lead its text.

    What comes alone goes as it is, and so does what need not wait.
    """
    going = [one for one in drafts if not one.gathered and one.claimed.channel in channels]
    left: list[tuple[Draft, datetime | None]] = [
        (one, None) for one in drafts if not one.gathered and one.claimed.channel not in channels
    ]
    lines: dict[int, Sequence[Draft]] = {}
    for lead, *others in _by_contact(draft for draft in drafts if draft.gathered):
        if lead.claimed.channel not in channels:
            # Whoever sends e-mails claims the lead, and takes along what waits here for it.
            later = lead.now + _WAITS_FOR_LEAD
            group = (lead, *others)
            left += [(one, later if one.claimed.channel in channels else None) for one in group]
        elif others:
            going.append(weekly(lead, others))
            lines[lead.claimed.id] = others
        else:
            going.append(lead)
    return Gathered(going, lines, left)


def _by_contact(drafts: Iterable[Draft]) -> list[list[Draft]]:
    """Of each contact the lead first: an e-mail where there is one, for it has room for the list; then by weight."""
    groups: dict[int, list[Draft]] = {}
    for draft in drafts:
        groups.setdefault(draft.claimed.contact_id, []).append(draft)
    for group in groups.values():
        group.sort(key=lambda one: (one.claimed.channel != "email", -one.priority, one.claimed.id))
    return list(groups.values())


def weekly(lead: Draft, others: Sequence[Draft], district: District, language: str) -> Draft:
    """The lead with the text of the weekly message; `language` is the one its contact reads (BCP 47).

    Raises ContentError for a text that there is not.
    """
    wording = district.rules.sendable.wording(DIGEST, lead.claimed.channel, language)
    template = district.template(DIGEST, lead.claimed.channel, wording.language)
    weighty = sorted((lead, *others), key=lambda one: (-one.priority, one.claimed.id))
    return lead._replace(
        template=template,
        wording=wording,
        interpreter_line=district.catalog.interpreter_line(wording.fallback_from)
        if wording.fallback_from
        else None,
        items=tuple(
            dict.fromkeys(title(district, one.claimed.template, wording.language) for one in weighty)
        ),
        also=tuple(student for one in others for student in one.student_ids),
    )


def title(district: District, message: str, language: str) -> str:
    """What a message is about, in a few words that name nobody: the subject of its e-mail."""
    spoken = language if (message, "email", language) in district.rules.sendable.texts else ENGLISH
    try:
        subject = district.template(message, "email", spoken).subject
    except ContentError:
        subject = ""
    if not subject or "{" in subject:
        return district.catalog.text("page.week.message", base(language))
    return subject


def dispatching(lines: Mapping[int, Sequence[Draft]], provider: str) -> list[Change]:
    """What becomes of messages that travel in another one. No lease: their lead is asked after, and they follow it."""
    return [
        Change(
            draft.claimed.id,
            draft.claimed.fencing,
            "dispatching",
            student_ids=draft.student_ids,
            language=draft.wording.language,
            fallback_from=draft.wording.fallback_from,
            template_version=draft.template.version,
            template_hash=draft.template.hash,
            detail=f"in the weekly message {lead}",
            provider=provider,
        )
        for lead, drafts in lines.items()
        for draft in drafts
    ]


def put_back(left: Iterable[tuple[Draft, datetime | None]]) -> list[Change]:
    return [
        Change(
            draft.claimed.id,
            draft.claimed.fencing,
            "retry_at" if draft.claimed.attempts else "planned",
            Reason.DIGEST,
            not_before=not_before,
        )
        for draft, not_before in left
    ]

"""The last look at claimed messages, and writing those that may go; what comes of it is in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from campaign.definitions.definition import Step
from campaign.dispatch import gathering, writing
from campaign.dispatch.delivery import Delivery
from campaign.dispatch.in_force import InForce
from campaign.gate import AudienceRow, Defer, Drop, LastLook, Reason, Send, Verdict, Withhold, last_look
from campaign.school_year.calendar import moment
from campaign.senders.contract import OutgoingMessage, text_digest
from campaign.settings import Settings
from campaign.store import audience, cascades, digests, dispatch, receipts, recipients
from campaign.store.dispatch import Change, Claimed
from content.catalog import ContentError

LEASE = timedelta(minutes=10)


def look_and_write(
    delivery: Delivery,
    in_force: InForce,
    connection: Connection,
    ids: Sequence[int],
    *,
    provider: str,
    now: datetime,
) -> list[tuple[Claimed, OutgoingMessage]]:
    """Take the last look at each message and write those that may go; everything is recorded in this transaction."""
    together = gathering.with_company(connection, ids, delivery.owner, now + LEASE, now)
    alone = len(together) == len(ids)
    held = dispatch.held(connection, together, delivery.owner, households_locked=alone)
    look = Looker(delivery.settings, in_force, connection, held, now)
    put_off: list[Change] = []
    drafts: list[writing.Draft] = []
    for claimed in look.held:
        verdict = look.verdict(claimed)
        if not isinstance(verdict, Send):
            put_off.append(put_off_to(claimed, verdict))
            continue
        try:
            drafts.append(look.draft(claimed, verdict))
        except ContentError as error:
            put_off.append(_no_text(claimed, error))
    carried = next(sender.channels for sender in delivery.senders if sender.name == provider)
    gathered = gathering.gather(drafts, carried, look.weekly)
    put_off += gathering.put_back(gathered.left)
    going, given_up = _write(delivery.settings, connection, gathered, look)
    going_ids = {claimed.id for claimed, _ in going}
    lines = {lead: some for lead, some in gathered.lines.items() if lead in going_ids}
    dispatching = [
        _dispatching(one, provider, now + LEASE) for one in gathered.drafts if one.claimed.id in going_ids
    ]
    dispatching += gathering.dispatching(lines, provider)
    dispatch.change(connection, put_off + given_up, from_states=["claimed"], now=now, trace=False)
    dispatch.change(connection, dispatching, from_states=["claimed"], now=now, trace=True)
    digests.join(connection, {one.claimed.id: lead for lead, some in lines.items() for one in some}, now)
    receipts.remember_texts(
        connection,
        {
            c.id: (c.fencing, receipts.Digests(text_digest(sent.text), text_digest(sent.to)))
            for c, sent in going
            if sent.channel == "sms"
        },
    )
    return going


def _write(
    settings: Settings, connection: Connection, together: gathering.Gathered, look: Looker
) -> tuple[list[tuple[Claimed, OutgoingMessage]], list[Change]]:
    """The messages as they are sent, and what becomes of those that cannot be written, with all that is in them."""
    going: list[tuple[Claimed, OutgoingMessage]] = []
    given_up: list[Change] = []
    issued = writing.issue_links(connection, together.drafts, settings, look.now)
    for draft, made in zip(together.drafts, issued, strict=True):
        whole = [one.claimed for one in (draft, *together.lines.get(draft.claimed.id, ()))]
        try:
            going.append((draft.claimed, writing.write(draft, made, look.words, settings)))
        except writing.TextTooLong:
            given_up += [Change(one.id, one.fencing, "withheld", Reason.TEXT_TOO_LONG) for one in whole]
        except ContentError as error:
            given_up += [_no_text(one, error) for one in whole]
    return going, given_up


class Looker:
    """What the last looks of one group share: the rows of all contacts and what their households were sent."""

    def __init__(
        self,
        settings: Settings,
        in_force: InForce,
        connection: Connection,
        held: Sequence[Claimed],
        now: datetime,
    ) -> None:
        self.held = held
        self.now = now
        in_force.refresh()
        self._districts = {
            district: in_force.district(connection, district) for district in {c.district_id for c in held}
        }
        self._definitions = {
            revision: in_force.definition(connection, revision) for revision in {c.document_id for c in held}
        }
        contacts = sorted({claimed.contact_id for claimed in held})
        students = sorted({student for claimed in held for student in claimed.student_ids})
        self.words = recipients.words(connection, contacts, students)
        self._rows: dict[tuple[str, int], list[AudienceRow]] = {}
        for slug in {claimed.slug for claimed in held}:
            zone = settings.installation.time_zone
            for row in audience.last(connection, contacts, slug=slug, zone=zone):
                self._rows.setdefault((slug, row.contact_id), []).append(row)
        # Contacts of whose weekly message one part may go already.
        self._weekly: set[int] = set()
        days = timedelta(days=settings.campaign.household_cap_days)
        self._household = dispatch.household_sent(
            connection, [claimed.household for claimed in held], since=now - days, now=now
        )
        heard = cascades.heard(connection, {(c.occurrence_id, c.household) for c in held if c.rung})
        self._answered = {which: said.answered or said.stopped for which, said in heard.items()}

    def known(self, claimed: Claimed) -> list[AudienceRow]:
        return self._rows.get((claimed.slug, claimed.contact_id), [])

    def step(self, claimed: Claimed) -> Step:
        return self._definitions[claimed.document_id].steps[claimed.step]

    def verdict(self, claimed: Claimed) -> Verdict:
        district = self._districts[claimed.district_id]
        step = self.step(claimed)
        sent = self._household[claimed.household]
        look = LastLook(
            step=step,
            channel=claimed.channel,
            expires_at=claimed.expires_at,
            paused=claimed.paused,
            rows=[row for row in self.known(claimed) if row.student_id in claimed.student_ids],
            household_sent=[
                at for which, at in sent.items() if which != (claimed.occurrence_id, claimed.rung)
            ],
            approved=district.approved.covers(claimed.slug, step),
            cancelled=claimed.cancelled,
            due_at=claimed.due_at,
            gathered=claimed.reason == Reason.DIGEST,
            digest_goes=claimed.contact_id in self._weekly,
            answered=claimed.rung > 0
            and self._answered.get((claimed.occurrence_id, claimed.household), False),
        )
        return last_look(look, district.rules, self.now)

    def draft(self, claimed: Claimed, verdict: Send) -> writing.Draft:
        """Take the message's text in hand; from here on it counts against the household's cap."""
        district, wording = self._districts[claimed.district_id], verdict.wording
        template = district.template(claimed.template, claimed.channel, wording.language)
        line = district.catalog.interpreter_line(wording.fallback_from) if wording.fallback_from else None
        if not verdict.gathered or claimed.contact_id not in self._weekly:
            self._household[claimed.household][claimed.occurrence_id, claimed.rung] = self.now
        if verdict.gathered:
            self._weekly.add(claimed.contact_id)
        return writing.Draft(
            claimed,
            verdict.student_ids,
            template,
            wording,
            line,
            self.now,
            self._ends(claimed),
            priority=self._definitions[claimed.document_id].steps[claimed.step].priority,
            gathered=verdict.gathered,
        )

    def weekly(self, lead: writing.Draft, others: Sequence[writing.Draft]) -> writing.Draft:
        """The lead with the text of the weekly message."""
        language = self.known(lead.claimed)[0].language
        return gathering.weekly(lead, others, self._districts[lead.claimed.district_id], language)

    def _ends(self, claimed: Claimed) -> datetime:
        """Until when the message may arrive: its own end, or that of today's hours where it is read."""
        if claimed.channel != "sms":
            return claimed.expires_at
        window = self._districts[claimed.district_id].rules.window
        closings = [
            moment(self.now.astimezone(ZoneInfo(zone)).date(), window.closes, zone)
            for zone in {row.zone for row in self.known(claimed)}
        ]
        return min([claimed.expires_at, *(closing for closing in closings if closing > self.now)])


def _dispatching(draft: writing.Draft, provider: str, until: datetime) -> Change:
    told = list(draft.student_ids) == draft.claimed.student_ids
    left_out = [] if told else sorted(set(draft.claimed.student_ids) - set(draft.student_ids))
    return Change(
        draft.claimed.id,
        draft.claimed.fencing,
        "dispatching",
        student_ids=None if told else draft.student_ids,
        language=draft.wording.language,
        fallback_from=draft.wording.fallback_from,
        template_version=draft.template.version,
        template_hash=draft.template.hash,
        detail=f"without students {left_out}" if left_out else None,
        provider=provider,
        look_again=until,
    )


def _no_text(claimed: Claimed, error: ContentError) -> Change:
    return Change(claimed.id, claimed.fencing, "failed", "text", detail=str(error))


def put_off_to(claimed: Claimed, verdict: Defer | Withhold | Drop) -> Change:
    """What becomes of a message that may not go now."""
    if isinstance(verdict, Defer):
        state = "retry_at" if claimed.attempts else "planned"
        return Change(claimed.id, claimed.fencing, state, verdict.reason, not_before=verdict.until)
    state = "withheld" if isinstance(verdict, Withhold) else "dropped"
    return Change(claimed.id, claimed.fencing, state, verdict.reason)

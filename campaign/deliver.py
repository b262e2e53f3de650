"""Claim, look, write, send, record. What happens between two commits can happen twice; what was handed to a sender
never is, unless there is proof that it did not go (see `campaign.settling`)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, select

from campaign import required_languages, rules, writing
from campaign.access import ENGINE
from campaign.approvals import Approvals, Approved
from campaign.calendar import SchoolYear
from campaign.campaigns import Campaigns, messages_of
from campaign.database import transaction
from campaign.definition import CampaignDefinition, parse
from campaign.gate import Defer, Drop, LastLook, Reason, Rules, Send, Verdict, Withhold, last_look
from campaign.required_languages import MissingLanguage
from campaign.schema.messages import campaign_revision
from campaign.senders.contract import (
    Accepted,
    Ambiguous,
    Outcome,
    OutgoingMessage,
    Permanent,
    Retryable,
    Sender,
)
from campaign.settings import Settings
from campaign.store import audience, consent, dispatch, recipients
from campaign.store.dispatch import Change, Claimed
from campaign.texts import Shelf, Texts
from campaign.wording import Sendable
from content.catalog import Catalog, ContentError

LEASE = timedelta(minutes=10)
CLAIM_AT_ONCE = 200
MOST_ATTEMPTS = 10
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=4)
_MOST_THREADS = 16


@dataclass(frozen=True)
class Delivery:
    """The parts a campaign runs with. `catalog` and `definitions` are what ships; `owner` names this worker in leases,
    each its own."""

    engine: Engine
    settings: Settings
    catalog: Catalog
    sender: Sender
    definitions: tuple[CampaignDefinition, ...]
    owner: str
    shelf: Shelf = field(init=False)
    own: Campaigns = field(init=False)
    approvals: Approvals = field(init=False)
    _sendable: dict[int, tuple[object, Sendable]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "shelf", Shelf(self.catalog))
        object.__setattr__(self, "own", Campaigns(self.definitions))
        object.__setattr__(self, "approvals", Approvals(self.settings))

    def campaigns(self, connection: Connection, district_id: int) -> tuple[CampaignDefinition, ...]:
        """The campaigns of a district as they hold now: what ships, and what it made or changed itself."""
        return self.own.of(connection, district_id)

    def approved(self, connection: Connection, district_id: int, year: SchoolYear) -> Approved:
        """What the district's persons have approved as it is now."""
        campaigns, texts = self.campaigns(connection, district_id), self.texts(connection, district_id)
        return self.approvals.of(connection, district_id, campaigns, texts, year)

    def texts(self, connection: Connection, district_id: int) -> Texts:
        """The texts of a district as they hold now."""
        return self.shelf.of(connection, district_id)

    def rules(self, connection: Connection, district_id: int) -> Rules:
        texts, campaigns = self.texts(connection, district_id), self.campaigns(connection, district_id)
        kept = self._sendable.get(district_id)
        if kept is None or kept[0] != (texts, campaigns):
            kept = (texts, campaigns), rules.sendable(campaigns, texts, self.settings)
            self._sendable[district_id] = kept
        chosen = self.settings.languages
        wanted = required_languages.required(connection, district_id, chosen)
        return rules.read(
            connection,
            district_id,
            self.settings,
            channels=self.sender.channels,
            sendable=kept[1],
            held=required_languages.held(wanted, texts, messages_of(campaigns, texts), chosen)
            if wanted
            else {},
        )

    def awaited(self, connection: Connection, district_id: int) -> Sequence[MissingLanguage]:
        """What the schools of a district wait for before the messages may leave for them."""
        texts, chosen = self.texts(connection, district_id), self.settings.languages
        messages = messages_of(self.campaigns(connection, district_id), texts)
        return required_languages.awaited(connection, district_id, texts, messages, chosen)

    def public_id(self, dedupe_key: str) -> str:
        """Always the same for one message of this installation, and says nothing about it to anybody else.

        After a restored backup a message planned anew is therefore known to its sender as the one it already has.
        """
        key = self.settings.secrets.secret_key.encode()
        return hmac.new(key, dedupe_key.encode(), hashlib.sha256).hexdigest()[:32]


def deliver_due(delivery: Delivery, now: datetime, *, district_id: int | None = None) -> int:
    """Send what is due, in the order it is due, until nothing is left or the sender cannot; the number handed over."""
    handed_over = 0
    size = delivery.sender.in_flight
    with closing(delivery.sender), ThreadPoolExecutor(max_workers=min(size, _MOST_THREADS)) as pool:
        while ids := _claim(delivery, now, district_id):
            for start in range(0, len(ids), size):
                outcomes = _deliver_group(delivery, ids[start : start + size], now, pool)
                handed_over += len(outcomes)
                if outcomes and all(isinstance(outcome, Retryable) for outcome in outcomes):
                    _give_back(delivery, ids[start + size :], now)
                    return handed_over
    return handed_over


def _claim(delivery: Delivery, now: datetime, district_id: int | None) -> list[int]:
    with transaction(delivery.engine, ENGINE) as connection:
        dispatch.drop_expired(connection, now)
        return dispatch.claim(
            connection,
            delivery.owner,
            now=now,
            until=now + LEASE,
            limit=CLAIM_AT_ONCE,
            district_id=district_id,
        )


def _give_back(delivery: Delivery, ids: Sequence[int], now: datetime) -> None:
    """The sender takes nothing at the moment: what was claimed with it waits a little, too."""
    if not ids:
        return
    with transaction(delivery.engine, ENGINE) as connection:
        waiting = [
            Change(m.id, m.fencing, "retry_at", reason="sender_busy", not_before=now + _FIRST_WAIT)
            for m in dispatch.held(connection, ids, delivery.owner)
        ]
        dispatch.change(connection, waiting, from_states=["claimed"], now=now, trace=False)


def _deliver_group(
    delivery: Delivery, ids: Sequence[int], now: datetime, pool: ThreadPoolExecutor
) -> list[Outcome]:
    with transaction(delivery.engine, ENGINE) as connection:
        ready = list(_look_and_write(delivery, connection, ids, now))
    # `dispatching` is committed: from here on a crash leaves these messages in doubt, and only these. No
    # connection is held while the sender works.
    outcomes = list(pool.map(lambda pair: delivery.sender.send(message=pair[1]), ready))
    changes = [_outcome_change(c, outcome, now) for (c, _), outcome in zip(ready, outcomes, strict=True)]
    if changes:
        with transaction(delivery.engine, ENGINE) as connection:
            dispatch.change(
                connection, changes, from_states=["dispatching", "ambiguous"], now=now, trace=True
            )
            consent.enrol(connection, [change.id for change in changes], now)
    return outcomes


def _look_and_write(
    delivery: Delivery, connection: Connection, ids: Sequence[int], now: datetime
) -> Iterator[tuple[Claimed, OutgoingMessage]]:
    """Take the last look at each message and write those that may go; everything is recorded in this transaction."""
    look = _Looker(delivery, connection, dispatch.held(connection, ids, delivery.owner), now)
    put_off: list[Change] = []
    drafts: list[writing.Draft] = []
    for claimed in look.held:
        verdict = look.verdict(claimed)
        if not isinstance(verdict, Send):
            put_off.append(_put_off(claimed, verdict))
            continue
        try:
            drafts.append(look.draft(claimed, verdict))
        except ContentError as error:
            put_off.append(_no_text(claimed, error))
    going: list[tuple[Claimed, OutgoingMessage]] = []
    dispatching: list[Change] = []
    issued = writing.issue_links(connection, drafts, delivery.settings, now)
    for draft, made in zip(drafts, issued, strict=True):
        try:
            message = writing.write(draft, made, look.words, delivery.settings)
        except writing.TextTooLong:
            put_off.append(Change(draft.claimed.id, draft.claimed.fencing, "withheld", Reason.TEXT_TOO_LONG))
        except ContentError as error:
            put_off.append(_no_text(draft.claimed, error))
        else:
            dispatching.append(_dispatching(draft, delivery.sender.name))
            going.append((draft.claimed, message))
    dispatch.change(connection, put_off, from_states=["claimed"], now=now, trace=False)
    dispatch.change(connection, dispatching, from_states=["claimed"], now=now, trace=True)
    return iter(going)


class _Looker:
    """What the last looks of one group share: the rows of all contacts and what their households were sent."""

    def __init__(
        self, delivery: Delivery, connection: Connection, held: Sequence[Claimed], now: datetime
    ) -> None:
        self.held = held
        self._now = now
        contacts = sorted({claimed.contact_id for claimed in held})
        students = sorted({student for claimed in held for student in claimed.student_ids})
        self.words = recipients.words(connection, contacts, students)
        districts = {claimed.district_id for claimed in held}
        self._texts = {district: delivery.texts(connection, district) for district in districts}
        self._rules = {district: delivery.rules(connection, district) for district in districts}
        self._approved = {d: delivery.approved(connection, d, self._rules[d].year) for d in districts}
        self._definitions = _definitions(connection, {claimed.document_id for claimed in held})
        zone = delivery.settings.installation.time_zone
        self._rows = {
            slug: audience.rows(connection, contacts, slug=slug, zone=zone) for slug in {c.slug for c in held}
        }
        days = timedelta(days=delivery.settings.campaign.household_cap_days)
        self._household = dispatch.household_sent(
            connection, [claimed.household for claimed in held], since=now - days, now=now
        )

    def verdict(self, claimed: Claimed) -> Verdict:
        step = self._definitions[claimed.document_id].steps[claimed.step]
        sent = self._household[claimed.household]
        look = LastLook(
            step=step,
            channel=claimed.channel,
            expires_at=claimed.expires_at,
            paused=claimed.paused,
            rows=[
                row
                for row in self._rows[claimed.slug]
                if row.contact_id == claimed.contact_id and row.student_id in claimed.student_ids
            ],
            household_sent=[at for occurrence, at in sent.items() if occurrence != claimed.occurrence_id],
            approved=self._approved[claimed.district_id].covers(claimed.slug, step),
            cancelled=claimed.cancelled,
        )
        return last_look(look, self._rules[claimed.district_id], self._now)

    def draft(self, claimed: Claimed, verdict: Send) -> writing.Draft:
        """Take the message's text in hand; from here on it counts against the household's cap."""
        catalog, wording = self._texts[claimed.district_id].catalog, verdict.wording
        template = catalog.message(claimed.template, claimed.channel, wording.language)
        line = catalog.interpreter_line(wording.fallback_from) if wording.fallback_from else None
        self._household[claimed.household][claimed.occurrence_id] = self._now
        return writing.Draft(claimed, verdict.student_ids, template, wording, line, self._now)


def _dispatching(draft: writing.Draft, provider: str) -> Change:
    left_out = sorted(set(draft.claimed.student_ids) - set(draft.student_ids))
    return Change(
        draft.claimed.id,
        draft.claimed.fencing,
        "dispatching",
        student_ids=draft.student_ids,
        language=draft.wording.language,
        fallback_from=draft.wording.fallback_from,
        template_version=draft.template.version,
        template_hash=draft.template.hash,
        detail=f"without students {left_out}" if left_out else None,
        provider=provider,
    )


def _no_text(claimed: Claimed, error: ContentError) -> Change:
    return Change(claimed.id, claimed.fencing, "failed", "text", detail=str(error))


def _definitions(connection: Connection, ids: set[int]) -> dict[int, CampaignDefinition]:
    table = campaign_revision
    query = select(table.c.id, table.c.definition).where(table.c.id.in_(ids))
    found: list[tuple[int, Any]] = [(row.id, row.definition) for row in connection.execute(query)]
    return {revision: parse(document, f"revision {revision}") for revision, document in found}


def _put_off(claimed: Claimed, verdict: Defer | Withhold | Drop) -> Change:
    if isinstance(verdict, Defer):
        state = "retry_at" if claimed.attempts else "planned"
        return Change(claimed.id, claimed.fencing, state, verdict.reason, not_before=verdict.until)
    state = "withheld" if isinstance(verdict, Withhold) else "dropped"
    return Change(claimed.id, claimed.fencing, state, verdict.reason)


def _outcome_change(claimed: Claimed, outcome: Outcome, now: datetime) -> Change:
    if isinstance(outcome, Accepted):
        return Change(
            claimed.id, claimed.fencing, "accepted", provider_message_id=outcome.provider_message_id
        )
    if isinstance(outcome, Permanent):
        return Change(claimed.id, claimed.fencing, "rejected", "refused_by_provider", detail=outcome.detail)
    if isinstance(outcome, Ambiguous):
        return Change(
            claimed.id, claimed.fencing, "ambiguous", "no_answer", detail=outcome.detail, look_again=now
        )
    if claimed.attempts + 1 >= MOST_ATTEMPTS:
        return Change(claimed.id, claimed.fencing, "failed", "tried_too_often", detail=outcome.detail)
    wait = max(outcome.after, min(_FIRST_WAIT * 2**claimed.attempts, _LONGEST_WAIT))
    return Change(
        claimed.id, claimed.fencing, "retry_at", "sender_busy", not_before=now + wait, detail=outcome.detail
    )

"""The one door for what people say about messages: a stop holds at once, whatever way it came by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from campaign.consents import opt_out
from campaign.consents.opt_out import Confidence, Kind, Meaning
from campaign.consents.revocation import choices_of_stop
from campaign.store import attempts, audit, suppressions
from campaign.store import consent as store
from campaign.store.attempts import Limit
from campaign.store.consent import CHANNELS, EVERYTHING, Choice, Voice
from campaign.store.suppressions import About, Why
from campaign.wordings.texts import Texts
from campaign.wordings.wording import ENGLISH, base

# The texts of the confirmations, in content/stopping/.
_UNIT = "stopping"
STOPPED, STARTED, HELP, WRONG_NUMBER = (
    f"{_UNIT}.{name}" for name in ("stopped", "started", "help", "wrong_number")
)
SUBJECT = f"{_UNIT}.subject"
# Two machines that answer each other must come to an end.
_ANSWERS = Limit(3, timedelta(days=1))
_ELECTRONIC = ("email", "sms")
_LONGEST_WORDS = 500


@dataclass(frozen=True)
class Heard:
    """What an answer meant. `confirmation`: the key of the one text to send back by the same channel within five
    minutes, and nothing else; None = send nothing. `contacts`: whom it holds for."""

    kind: Kind
    confidence: Confidence
    confirmation: str | None
    contacts: tuple[int, ...] = ()

    @property
    def needs_a_person(self) -> bool:
        return self.kind is Kind.WRONG or self.confidence is Confidence.UNSURE


def heard(
    connection: Connection,
    who: int | str,
    channel: str,
    text: str,
    now: datetime,
    *,
    revoke_all: bool = True,
) -> Heard:
    """Take down what an answer means for messages; as the engine, in the transaction that keeps the answer.

    `who`: the contact's id, or the address the answer came from; `channel`: email, sms, or another way to write to us.
    All contacts with that address are heard. Said twice, it is taken down once and confirmed once. `revoke_all`:
    whether the rule holds today (`settings.consent.stops_all`).
    """
    meaning = opt_out.interpret(text)
    if meaning.kind is Kind.NONE:
        return _nothing()
    sender = _sender(connection, who, channel, text)
    store.lock(connection, sender.contacts)
    voice = Voice("reply", opt_out.own_words(text)[:_LONGEST_WORDS], now)
    if meaning.kind is Kind.HELP:
        return _help(connection, sender, now)
    if meaning.kind is Kind.START:
        return _start(connection, sender, meaning, voice)
    if meaning.confidence is Confidence.UNSURE:
        return _unclear(connection, sender, meaning, voice)
    if meaning.kind is Kind.WRONG:
        return _wrong(connection, sender, voice)
    return _stop(connection, sender, voice, revoke_all=revoke_all)


def stop(
    connection: Connection, contact_id: int, choices: Sequence[Choice], voice: Voice, *, revoke_all: bool
) -> bool:
    """Record a stop, as the engine; False if all of it was stopped before. What is about every message of a channel
    holds for the address, too, so that the same person under another number of the register gets nothing either."""
    wanted = choices_of_stop(_each(choices), all_of_them=revoke_all)
    held = {
        (event.channel, event.scope)
        for event in store.newest(connection, contact_id)
        if event.action == "revoked"
    }
    new = [choice for choice in wanted if (choice.channel, choice.scope) not in held]
    if new:
        store.record(connection, contact_id, new, "revoked", voice)
    for choice in wanted:
        if choice.channel in _ELECTRONIC and choice.scope == EVERYTHING:
            own = store.address(connection, contact_id, choice.channel)
            if own:
                suppressions.suppress(connection, choice.channel, own, Why.ASKED, voice.at)
    return bool(new)


def again(connection: Connection, contact_id: int, choices: Sequence[Choice], voice: Voice) -> None:
    """Record that the contact wants messages again, as the engine; what a provider refuses stays closed."""
    wanted = _each(choices)
    store.record(connection, contact_id, wanted, "granted", voice)
    for choice in wanted:
        if choice.channel in _ELECTRONIC and choice.scope == EVERYTHING:
            own = store.address(connection, contact_id, choice.channel)
            if own:
                suppressions.end_asked(connection, choice.channel, own, voice.at)


def undo(connection: Connection, contact_id: int, event_id: int, voice: Voice) -> bool:
    """Make what was said last about one channel and scope not have been, as the engine; False if it was not the last.

    A stop that is taken back opens the address again that it closed.
    """
    if not store.undo(connection, contact_id, event_id, voice):
        return False
    now = next(event for event in reversed(store.history(connection, contact_id)) if event.undoes == event_id)
    if now.action != "revoked" and now.scope == EVERYTHING and now.channel in _ELECTRONIC:
        own = store.address(connection, contact_id, now.channel)
        if own:
            suppressions.end_asked(connection, now.channel, own, voice.at)
    return True


def confirmation_text(texts: Texts, key: str, language: str, school: str) -> str:
    """The text of a confirmation (a key of `Heard`), for any channel: in the language (BCP 47) if the district lets it
    out, else in English."""
    return texts.catalog.text(key, confirmation_language(texts, language), {"school": school})


def confirmation_language(texts: Texts, language: str) -> str:
    """The language in which confirmations go to whoever reads this one."""
    spoken = base(language)
    return spoken if texts.may_go_out(_UNIT, spoken) else ENGLISH


@dataclass(frozen=True)
class _Sender:
    """Who answered: contacts with the address, the address in its normal form, and the channels that are meant."""

    contacts: tuple[int, ...]
    address: str | None
    channel: str
    meant: tuple[str, ...]

    @property
    def choices(self) -> list[Choice]:
        return [Choice(channel) for channel in self.meant]


def _sender(connection: Connection, who: int | str, channel: str, text: str) -> _Sender:
    written = store.address(connection, who, channel) if isinstance(who, int) else who
    address = suppressions.normal(channel, written) if written else None
    alike = store.with_address(connection, channel, address) if address and channel in _ELECTRONIC else []
    contacts = {who, *alike} if isinstance(who, int) else set(alike)
    came_by = {channel} if channel in CHANNELS else set(_ELECTRONIC)
    meant = came_by | opt_out.channels_named(text)
    return _Sender(tuple(sorted(contacts)), address, channel, tuple(c for c in CHANNELS if c in meant))


def _nothing() -> Heard:
    return Heard(Kind.NONE, Confidence.SURE, None)


def _stop(connection: Connection, sender: _Sender, voice: Voice, *, revoke_all: bool) -> Heard:
    done = [
        stop(connection, contact, sender.choices, voice, revoke_all=revoke_all) for contact in sender.contacts
    ]
    if not sender.contacts and sender.address and sender.channel in _ELECTRONIC:
        done = [suppressions.suppress(connection, sender.channel, sender.address, Why.ASKED, voice.at)]
    return Heard(Kind.STOP, Confidence.SURE, STOPPED if any(done) else None, sender.contacts)


def _start(connection: Connection, sender: _Sender, meaning: Meaning, voice: Voice) -> Heard:
    stopped = [
        contact
        for contact in sender.contacts
        if any(
            event.action in ("revoked", "unclear")
            and event.channel in sender.meant
            and event.scope == EVERYTHING
            for event in store.newest(connection, contact)
        )
    ]
    asked = bool(
        sender.address
        and sender.channel in _ELECTRONIC
        and suppressions.end_asked(connection, sender.channel, sender.address, voice.at)
    )
    if meaning.only_if_stopped and not stopped and not asked:
        return _nothing()
    for contact in stopped:
        again(connection, contact, sender.choices, voice)
    return Heard(Kind.START, Confidence.SURE, STARTED if stopped or asked else None, sender.contacts)


def _help(connection: Connection, sender: _Sender, now: datetime) -> Heard:
    key = (
        f"help:{sender.channel}:{sender.contacts[0] if sender.contacts else suppressions.key(sender.address)}"
    )
    answered = attempts.within(connection, key, _ANSWERS, now)
    return Heard(Kind.HELP, Confidence.SURE, HELP if answered else None, sender.contacts)


def _unclear(connection: Connection, sender: _Sender, meaning: Meaning, voice: Voice) -> Heard:
    """Hold the channels until a person has read it, unless they are closed already."""
    for contact in sender.contacts:
        closed = {
            event.channel
            for event in store.newest(connection, contact)
            if event.scope == EVERYTHING and event.action in ("revoked", "unclear")
        }
        open_ones = [choice for choice in sender.choices if choice.channel not in closed]
        if open_ones:
            store.record(connection, contact, open_ones, "unclear", voice)
    return Heard(meaning.kind, Confidence.UNSURE, None, sender.contacts)


def _wrong(connection: Connection, sender: _Sender, voice: Voice) -> Heard:
    """The address is not the contact's: nothing goes there for the contact any more, and the school must ask."""
    known = {
        one.contact_id
        for one in suppressions.in_force(connection, sender.channel, sender.address or "")
        if one.reason == Why.WRONG_NUMBER
    }
    new = [contact for contact in sender.contacts if contact not in known] if sender.address else []
    for contact in new:
        about = About(detail=voice.words, contact_id=contact)
        suppressions.suppress(
            connection, sender.channel, sender.address or "", Why.WRONG_NUMBER, voice.at, about
        )
        entry = audit.Entry(voice.at, "engine", "wrong_number_heard", f"contact:{contact}")
        audit.write(connection, entry)
    return Heard(Kind.WRONG, Confidence.SURE, WRONG_NUMBER if new else None, sender.contacts)


def _each(choices: Sequence[Choice]) -> list[Choice]:
    """The same choices, those about every channel one by one."""
    return [
        Choice(channel, choice.scope)
        for choice in choices
        for channel in (CHANNELS if choice.channel == EVERYTHING else (choice.channel,))
    ]

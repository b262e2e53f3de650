"""What each contact said about messages, as a timeline; staff write down what they are told, and take mistakes back."""

from __future__ import annotations

from flask import abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from campaign import database
from campaign.access import ENGINE
from campaign.consents import consent
from campaign.store import audit, consent_lists, suppressions
from campaign.store import consent as store
from campaign.store.consent import CHANNELS, EVERYTHING, FREQUENCY, STUDENT, TOPIC, Choice, Voice
from campaign.store.consent_lists import Person
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts
from campaign.web.staff import contact_words
from campaign.web.staff.blueprint import SCHOOLS_OWN, blueprint
from campaign.web.staff.norms import today

LONGEST_WORDS = 500
# How often a family wants messages: what the form says → most messages in seven days.
OFTEN = {"weekly": 1, "as_planned": None}


@blueprint.route("/consent", methods=["GET", "POST"])
@allow(*SCHOOLS_OWN)
def stopping() -> ResponseReturnValue:
    """What waits and what was said last; sent by POST, whom a name finds: no name stands in an address."""
    wanted = " ".join(request.form.get("name", "").split())[:80]
    with as_principal() as connection:
        return render_template(
            "staff/stopping.html",
            texts=contact_words,
            wanted=wanted,
            people=consent_lists.named(connection, wanted) if wanted else [],
            waiting=consent_lists.waiting(connection),
            wrong=consent_lists.wrong_numbers(connection),
            latest=consent_lists.latest(connection),
        )


@blueprint.get("/consent/<int:contact_id>")
@allow(*SCHOOLS_OWN)
def consent_of(contact_id: int) -> ResponseReturnValue:
    with as_principal() as connection:
        person = _person(connection, contact_id)
        newest = store.newest(connection, contact_id)
        return render_template(
            "staff/consent.html",
            texts=contact_words,
            person=person,
            history=store.history(connection, contact_id),
            newest={event.event_id for event in newest},
            state={event.channel: event.action for event in newest if event.scope == EVERYTHING},
            weekly=any(event.scope == FREQUENCY and event.weekly_limit == 1 for event in newest),
            closed=suppressions.of_contact(connection, contact_id),
            channels=CHANNELS,
            campaigns=store.campaign_titles(connection, person.district_id),
            topics=sorted(parts().catalog.messages),
            longest=LONGEST_WORDS,
            weekday=parts().settings.campaign.digest_day.capitalize(),
            week_hour=parts().settings.campaign.digest_at,
            told=contact_words.TOLD.get(request.args.get("told", "")),
        )


@blueprint.post("/consent/<int:contact_id>")
@allow(*SCHOOLS_OWN)
def enter_consent(contact_id: int) -> ResponseReturnValue:
    """The form says `do`: stop or again, with the channels, the scope and the words; weekly or as_planned, with the
    words; or undo, with the event."""
    with as_principal() as connection:
        person = _person(connection, contact_id)
        choices = _choices(connection, person)
        # In the same transaction, so that the scope still holds; the ledger is the engine's to write.
        database.assume(connection, ENGINE)
        told = _enter(connection, contact_id, choices)
        if told in ("kept", "undone"):
            action = f"consent_{request.form.get('do')}"
            target = f"contact:{contact_id}"
            entry = audit.Entry(parts().clock(), g.principal.actor, action, target, person.district_id)
            audit.write(connection, entry)
    return redirect(url_for("staff.consent_of", contact_id=contact_id, told=told), code=303)


def _enter(connection: Connection, contact_id: int, choices: list[Choice]) -> str:
    form = request.form
    words = " ".join(form.get("words", "").split())[:LONGEST_WORDS]
    voice = Voice("staff", words or None, parts().clock(), g.account.name, g.principal.actor)
    if form.get("do") == "undo":
        number = form.get("event", 0, type=int)
        done = 0 < number < 2**63 and consent.undo(connection, contact_id, number, voice)
        return "undone" if done else "changed"
    if form.get("do") in OFTEN and words:
        store.limit(connection, contact_id, OFTEN[form["do"]], voice)
        return "kept"
    if not choices or not words:
        return "incomplete"
    if form.get("do") == "again":
        consent.again(connection, contact_id, choices, voice)
        return "kept"
    everything = parts().settings.consent.stops_all(today())
    new = consent.stop(connection, contact_id, choices, voice, revoke_all=everything)
    return "kept" if new else "nothing_new"


def _choices(connection: Connection, person: Person) -> list[Choice]:
    """What the form is about; nothing where it names a campaign, a kind of message or a child that is not there."""
    scope = request.form.get("scope", EVERYTHING)
    known = {
        EVERYTHING,
        *store.campaign_titles(connection, person.district_id),
        *(f"{TOPIC}{message}" for message in parts().catalog.messages),
        *(f"{STUDENT}{number}" for number in person.students),
    }
    chosen = [channel for channel in CHANNELS if channel in request.form.getlist("channel")]
    return [Choice(channel, scope) for channel in chosen] if scope in known else []


def _person(connection: Connection, contact_id: int) -> Person:
    found = consent_lists.person(connection, contact_id) if contact_id < 2**63 else None
    return found or abort(404)

"""Messages that a district writes itself: the words, how they read, how long they are, and their translations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from campaign import database
from campaign.access import ENGINE
from campaign.approval import worst_cases
from campaign.approval.worst_cases import Extremes
from campaign.definitions import own_messages
from campaign.definitions.own_messages import OwnMessage, Written
from campaign.senders.segments import MOST_SEGMENTS, is_gsm
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts
from campaign.web.staff import campaign_words
from campaign.web.staff.blueprint import OFFICE, blueprint
from campaign.web.staff.campaign_desk import author, delivery
from campaign.web.staff.norms import choose
from campaign.wordings import plain_language
from campaign.wordings.plain_language import Look
from campaign.wordings.wording import ENGLISH
from content import own_messages as rules
from content.catalog import ContentError
from content.languages import languages

_PARTS = ("sms.text", "email.subject", "email.text")
# What a new message begins with: who writes, how to stop, where from.
NEW = {
    "email.subject": "News from {school}",
    "email.text": "Hello,\n\nThis is {school}. \n\n--\nYou get this because a child of your family goes to {school}.\n"
    "Stop these e-mails: {stop_link}\n{postal_address}",
    "sms.text": "{school}: . Reply STOP to end.",
}


@dataclass(frozen=True)
class PartLook:
    """One part as it reads: `problem` keeps it from being kept; `pieces` are the parts a text message travels in."""

    key: str
    problem: str
    look: Look | None
    pieces: int
    letters: int
    plain_letters: bool


@blueprint.get("/campaigns/messages/new")
@blueprint.get("/campaigns/messages/<own_id>")
@allow(*OFFICE)
def own_message(own_id: str | None = None) -> ResponseReturnValue:
    with as_principal() as connection:
        district_id, own = _own(connection, own_id)
        worst = worst_cases.extremes(connection, district_id)
    language = _language()
    texts = own.texts.get(language, {}) if own else NEW
    return _page(own, own_id, texts, own.about if own else "", worst)


@blueprint.post("/campaigns/messages/new")
@blueprint.post("/campaigns/messages/<own_id>")
@allow(*OFFICE)
def keep_own_message(own_id: str | None = None) -> ResponseReturnValue:
    """The form says `do`: keep, review (a translation somebody has read), or show, which keeps nothing."""
    language, typed = _language(), _typed()
    about = " ".join(request.form.get("about", "").split())
    with as_principal() as connection:
        district_id, own = _own(connection, own_id)
        worst = worst_cases.extremes(connection, district_id)
        if request.form.get("do") == "show":
            return _page(own, own_id, typed, about, worst)
        catalog = delivery().texts(connection, district_id).catalog
        id = own_id or own_messages.new_id(about, catalog.messages)
        reviewed = request.form.get("do") == "review"
        try:
            new = Written(id, language, typed, about, reviewed)
            own_messages.save(connection, district_id, new, author())
            if long := own_messages.too_long(typed.get("sms.text", ""), *_longest(worst)):
                raise ContentError(long)
        except ContentError as error:
            connection.rollback()
            return _page(own, own_id, typed, about, worst, problem=f"{str(error).rstrip('.')}."), 422
    address = url_for(
        "staff.own_message", own_id=id, language=language, told="kept", district=request.args.get("district")
    )
    return redirect(address, code=303)


@blueprint.post("/campaigns/messages/look")
@allow(*OFFICE)
def look_at_message() -> ResponseReturnValue:
    """How the words read, for a form that is being filled in."""
    with as_principal() as connection:
        district_id, own = _own(connection, request.args.get("message"))
        worst = worst_cases.extremes(connection, district_id)
    looks = list(_looks(_typed(), _language(), own, worst))
    return render_template("staff/own_message_look.html", looks=looks, most=MOST_SEGMENTS)


@blueprint.post("/campaigns/messages/<own_id>/remove")
@allow(*OFFICE)
def remove_own_message(own_id: str) -> ResponseReturnValue:
    with as_principal() as connection:
        district_id, own = _own(connection, own_id)
        worst = worst_cases.extremes(connection, district_id)
        used = [
            one.title
            for one in delivery().campaigns(connection, district_id)
            if any(step.message == own_id for step in one.steps.values())
        ]
        if used and own:
            problem = f"It is used in {', '.join(used)}. Take it out of its steps first."
            return _page(own, own_id, own.texts.get(ENGLISH, {}), own.about, worst, problem=problem), 422
        own_messages.remove(connection, district_id, own_id, author())
    return redirect(url_for("staff.campaigns", district=request.args.get("district")), code=303)


def _own(connection: Connection, message: str | None) -> tuple[int, OwnMessage | None]:
    """The district chosen within the reader's reach, and its message; the connection goes on as the engine."""
    _, chosen = choose(connection)
    district_id = int((chosen or abort(404))["id"])
    database.assume(connection, ENGINE)
    if message is None:
        return district_id, None
    return district_id, own_messages.every(connection, district_id).get(message) or abort(404)


def _language() -> str:
    wanted = request.args.get("language", ENGLISH)
    return wanted if wanted in languages() else abort(404)


def _typed() -> dict[str, str]:
    """The parts that were written; line ends as people's browsers send them made plain."""
    said = {key: request.form.get(key, "").replace("\r\n", "\n").strip() for key in _PARTS}
    return {key: text for key, text in said.items() if text}


def _longest(worst: Extremes) -> tuple[str, str]:
    return own_messages.longest(worst.school, parts().settings.installation.base_url)


def _looks(
    typed: Mapping[str, str], language: str, own: OwnMessage | None, worst: Extremes
) -> Iterator[PartLook]:
    english = own.texts.get(ENGLISH, {}) if own else {}
    for key, text in typed.items():
        source = None if language == ENGLISH else english.get(key)
        problem, pieces = "", 0
        try:
            rules.check(key, text, language, source)
            pieces = own_messages.segments_of(text, *_longest(worst)) if key == "sms.text" else 0
        except ContentError as error:
            problem = str(error)
        look = plain_language.look(text, language) if key != "email.subject" else None
        yield PartLook(key, problem, look, pieces, len(text), is_gsm(text))


def _page(
    own: OwnMessage | None,
    message: str | None,
    typed: Mapping[str, str],
    about: str,
    worst: Extremes,
    *,
    problem: str = "",
) -> str:
    language = _language()
    english = own.texts.get(ENGLISH, {}) if own else {}
    return render_template(
        "staff/own_message.html",
        own=own,
        message=message,
        typed=typed,
        about=about,
        language=languages()[language],
        languages=languages(),
        english=english,
        keys=[key for key in _PARTS if language == ENGLISH or key in english],
        allowed=rules.ALLOWED,
        longest=rules.LONGEST,
        looks=list(_looks(typed, language, own, worst)),
        most=MOST_SEGMENTS,
        problem=problem,
        told=campaign_words.TOLD.get(request.args.get("told", "")),
    )

"""The inbox: threads with families, danger first, then who waits longest, with the school hours that are left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from flask import g, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from campaign import database
from campaign.access import ENGINE
from campaign.correspondence.conversation_routing import StaffRole
from campaign.correspondence.conversation_steps import State
from campaign.school_year.calendar import SchoolYear
from campaign.school_year.school_hours import OfficeHours
from campaign.store import conversation_threads as store
from campaign.store import conversations, replies, students
from campaign.store.conversation_threads import Listed, Wanted
from campaign.store.conversations import Thread
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts
from campaign.web.staff import conversation_words, family_words
from campaign.web.staff.blueprint import SCHOOLS_OWN, blueprint
from content.languages import languages

PER_PAGE = 50


@blueprint.get("/conversations")
@allow(*SCHOOLS_OWN)
def inbox() -> ResponseReturnValue:
    wanted, account_id = _wanted(), g.account.account_id
    number = min(max(request.args.get("page", 1, type=int), 1), 10**6)
    zone = parts().settings.installation.time_zone
    with as_principal() as connection:
        counts = store.counts(connection, wanted, account_id)
        found = store.find(
            connection, wanted, account_id, zone, limit=PER_PAGE, offset=(number - 1) * PER_PAGE
        )
        spoken, roles = store.choices(connection)
        listed = [(one, turn, left(connection, one)) for one, turn in found]
        unplaced = replies.count_unplaced(connection)
        schools = students.choices(connection).schools
    return render_template(
        "staff/conversations.html",
        texts=conversation_words,
        wanted=wanted,
        counts=counts,
        listed=listed,
        names=people(turn for _, turn, _ in listed if turn),
        unplaced=unplaced,
        schools=schools,
        spoken=spoken,
        roles=roles,
        number=number,
        pages=max(ceil(counts["total"] / PER_PAGE), 1),
        family_words=family_words,
    )


@dataclass(frozen=True)
class TimeLeft:
    """School hours until a clock runs out, below zero once it has, and how many of them make a day."""

    hours: float
    day: float

    @property
    def words(self) -> str:
        return conversation_words.amount(abs(self.hours), self.day)


def left(connection: Connection, one: Listed | Thread, zone: str | None = None) -> TimeLeft | None:
    """None where no clock runs."""
    if one.due_at is None:
        return None
    zone = one.zone if isinstance(one, Listed) else zone or parts().settings.installation.time_zone
    if "conversation_years" not in g:
        g.conversation_years = {}
    if one.district_id not in g.conversation_years:
        g.conversation_years[one.district_id] = SchoolYear.of(
            conversations.calendar(connection, one.district_id)
        )
    chosen = parts().settings.conversations
    office = OfficeHours(g.conversation_years[one.district_id], chosen.opens, chosen.closes, zone)
    hour = timedelta(hours=1)
    return TimeLeft(office.between(parts().clock(), one.due_at) / hour, office.day / hour)


def people(account_ids: Iterable[int]) -> dict[int, str]:
    """The names of accounts, which staff may know of each other but not read out of their table."""
    with database.transaction(parts().engine, ENGINE) as connection:
        return store.names_of(connection, sorted(set(account_ids)))


def _wanted() -> Wanted:
    state, school = request.args.get("state", "waiting"), request.args.get("school", type=int)
    language, topic = request.args.get("language", ""), request.args.get("topic", "")
    return Wanted(
        state=state if state in {*map(str, State), "all"} else "waiting",
        school_id=school if school is not None and 0 < school < 2**63 else None,
        language=language if language in languages() else None,
        topic=topic if topic in set(StaffRole) else None,
        mine=g.account.account_id if request.args.get("mine") else None,
    )

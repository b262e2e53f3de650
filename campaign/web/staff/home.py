"""The first page: the state of the campaign in five seconds."""

from __future__ import annotations

from collections.abc import Mapping

from flask import g, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from campaign import classroom
from campaign.access import Role
from campaign.store import conversation_threads, family_replies, messages, overview, problems
from campaign.store.family_replies import Wanted
from campaign.store.students import Filter, find
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts
from campaign.web.staff import by_people, family_words, gap
from campaign.web.staff.blueprint import SCHOOLS_OWN, STAFF, blueprint

SHOWN_SENDS = 4
SHOWN_STUDENTS = 60


@blueprint.get("/")
@allow(*STAFF)
def home() -> ResponseReturnValue:
    now = parts().clock()
    if g.principal.role == Role.TEACHER:
        return _teacher_home()
    with as_principal() as connection:
        totals = overview.totals(connection)
        subjects = gap.bars(overview.gap_by_subject(connection))
        sends = messages.upcoming(connection, now, SHOWN_SENDS)
        ledger = messages.reconcile(connection)
        reach = overview.reach_by_language(connection)
        refused = problems.kinds(connection, problems.Wanted())
        files = problems.open_files(connection)
        waiting = _from_families(connection)
        talk = _talk(connection)
        held = held_reports(connection)
        by_hand = by_people.work(connection)
    return render_template(
        "staff/home.html",
        held=held,
        by_hand=by_hand,
        now=now,
        totals=totals,
        subjects=subjects,
        widest=gap.widest(subjects),
        sends=sends,
        ledger=ledger,
        reach=reach,
        refused=refused,
        failed_files=[file for file in files if file.status == "failed"],
        from_families=waiting,
        talk=talk,
        family_words=family_words,
    )


def held_reports(connection: Connection) -> classroom.Held:
    """How many reports wait for their teachers."""
    settings = parts().settings
    zone, days = settings.installation.time_zone, settings.campaign.teacher_preview_days
    return classroom.held(connection, days, zone, parts().clock())


def _from_families(connection: Connection) -> dict[str, int] | None:
    """How many things of each kind wait; None for who does not read them."""
    return family_replies.counts(connection, Wanted()) if g.principal.role in SCHOOLS_OWN else None


def _talk(connection: Connection) -> Mapping[str, int] | None:
    """How many threads with families wait, and how many hold words of danger; None for who does not read them."""
    if g.principal.role not in SCHOOLS_OWN:
        return None
    return conversation_threads.counts(connection, conversation_threads.Wanted(), g.account.account_id)


def _teacher_home() -> ResponseReturnValue:
    """A teacher sees the own students one by one; shares of a single teacher are not shown anywhere."""
    with as_principal() as connection:
        page = find(connection, Filter(), limit=SHOWN_STUDENTS, offset=0)
        sends = messages.upcoming(connection, parts().clock(), SHOWN_SENDS)
        waiting = _from_families(connection)
        talk = _talk(connection)
        by_hand = by_people.work(connection)
    return render_template(
        "staff/teacher_home.html",
        page=page,
        by_hand=by_hand,
        sends=sends,
        now=parts().clock(),
        from_families=waiting,
        talk=talk,
        family_words=family_words,
    )

"""Charts for the meeting of a grade team, without names; a teacher's own copy has the own students behind them."""

from __future__ import annotations

from flask import Response, abort, render_template
from flask.typing import ResponseReturnValue

from campaign import database
from campaign.access import ENGINE, Role
from campaign.store import teams as store
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts
from campaign.web.staff import words
from campaign.web.staff.asking import note, number
from campaign.web.staff.blueprint import STAFF, blueprint, day
from reports.classroom import pack as papers
from reports.classroom.pack import Pack
from reports.classroom.team import charts


@blueprint.get("/teams")
@allow(*STAFF)
def teams() -> ResponseReturnValue:
    with as_principal() as connection:
        return render_template("staff/teams.html", teams=store.teams(connection))


@blueprint.get("/teams/<int:school_id>/<int(signed=True):grade_level>/charts.pdf")
@allow(*STAFF)
def team_charts(school_id: int, grade_level: int) -> ResponseReturnValue:
    return _charts(school_id, grade_level, own=False)


@blueprint.get("/teams/<int:school_id>/<int(signed=True):grade_level>/own-copy.pdf")
@allow(Role.TEACHER)
def team_own_copy(school_id: int, grade_level: int) -> ResponseReturnValue:
    return _charts(school_id, grade_level, own=True)


def _charts(school_id: int, grade_level: int, *, own: bool) -> Response:
    minimum = parts().settings.privacy.minimum_group
    with as_principal() as connection:
        team = store.team(connection, number(school_id), grade_level) if abs(grade_level) < 100 else None
        if team is None:
            abort(404)
        rows = store.own_rows(connection, team) if own else []
        # The charts count the whole team, of which a teacher sees a part; what they show is protected.
        database.assume(connection, ENGINE)
        name = words.grade(team.grade_level)
        found = charts(store.seats(connection, team), name, minimum)
        note(connection, "printed_team_charts", f"school:{team.school_id}", team.district_id)
    today = day(parts().clock(), "MMMM d, y")
    content = papers.pdf(Pack(team.school, today, name, minimum, found, rows))
    headers = {"Content-Disposition": 'inline; filename="team-charts.pdf"'}
    return Response(content, content_type="application/pdf", headers=headers)

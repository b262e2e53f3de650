"""Pages of staff."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from campaign.access import Role
from campaign.web.guard import allow

blueprint = Blueprint("staff", __name__, url_prefix="/staff", template_folder="templates")

STAFF = (Role.STATE, Role.DISTRICT, Role.SCHOOL, Role.TEACHER)


@blueprint.get("/")
@allow(*STAFF)
def home() -> ResponseReturnValue:
    return render_template("staff/home.html")

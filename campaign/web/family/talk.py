"""What a family and its school have said to each other by text message, e-mail and answers, on the family's page."""

from __future__ import annotations

from datetime import datetime

from flask import Response, abort, g
from flask.typing import ResponseReturnValue

from campaign import database
from campaign.access import ENGINE, Role
from campaign.store import conversation_answers, conversation_threads
from campaign.store.conversation_answers import FamilyEntry
from campaign.web.family.blueprint import blueprint
from campaign.web.files import sent
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts


def talk() -> list[FamilyEntry]:
    """Of the family that asks: this contact's own words about this student, and what the school answered."""
    with database.transaction(parts().engine, ENGINE) as connection:
        return conversation_answers.for_family(connection, g.principal)


def forgotten() -> datetime | None:
    """When older words of this family were deleted, their time being over."""
    with database.transaction(parts().engine, ENGINE) as connection:
        return conversation_answers.forgotten(connection, g.principal)


@blueprint.get("/family/files/<int:file_id>")
@allow(Role.FAMILY)
def family_file(file_id: int) -> ResponseReturnValue:
    """A file that the school sent to this family, or that came from it."""
    with as_principal() as connection:
        found = conversation_threads.file(connection, file_id) if file_id < 2**63 else None
    if found is None or not found["stored"] or not found["is_sent"]:
        abort(404)
    return sent(file_id, found["media_type"], found["stored"], download=False)


@blueprint.get("/family/files/<int:file_id>/captions/<language>")
@allow(Role.FAMILY)
def family_captions(file_id: int, language: str) -> ResponseReturnValue:
    with as_principal() as connection:
        found = conversation_answers.captions(connection, file_id, language) if file_id < 2**63 else None
    return Response(found or abort(404), content_type="text/vtt; charset=utf-8")

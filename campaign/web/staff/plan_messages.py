"""The messages of one step on one day, one by one: who gets it how, who does not and why. In numbers, without names."""

from __future__ import annotations

import io
from collections.abc import Iterator

from flask import Response, abort, g, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from campaign.gate import Reason
from campaign.spreadsheets import row_writer
from campaign.store import planned
from campaign.store.messages import HEADINGS
from campaign.store.planned import PlannedMessage, Wanted
from campaign.web.guard import allow
from campaign.web.parts import as_principal
from campaign.web.staff import words
from campaign.web.staff.blueprint import OFFICE, STAFF, blueprint
from content.languages import languages

PER_PAGE = 50
_ROWS_AT_ONCE = 5000
_LARGEST = 2**63
CHANNELS = ("email", "sms", "letter", "call")
_COLUMNS = (
    "message", "contact", "students", "channel", "language", "instead_of", "state", "reason", "due_at_utc",
    "finished_at_utc",
)  # fmt: skip


@blueprint.get("/plan/<int:occurrence_id>")
@allow(*STAFF)
def plan_messages(occurrence_id: int) -> ResponseReturnValue:
    wanted = _wanted(occurrence_id)
    with as_principal() as connection:
        occasion = planned.occasion(connection, occurrence_id) or abort(404)
        found = planned.find(connection, wanted, _after(), PER_PAGE + 1)
    more = found[PER_PAGE - 1] if len(found) > PER_PAGE else None
    return render_template(
        "staff/plan_messages.html",
        occasion=occasion,
        messages=found[:PER_PAGE],
        more=f"{more.contact_id}-{more.message_id}" if more else None,
        begun=_after() != (0, 0),
        chosen={name: request.args.get(name, "") for name in ("part", "reason", "channel", "language")},
        reasons=[(reason.value, words.reason(reason)) for reason in Reason],
        channels=[(channel, words.CHANNELS[channel]) for channel in CHANNELS],
        languages=[(code, words.language(code)) for code in languages()],
    )


@blueprint.get("/plan/<int:occurrence_id>.csv")
@allow(*STAFF)
def plan_messages_csv(occurrence_id: int) -> ResponseReturnValue:
    """The same as rows of numbers and codes, as they are read: a million are never held at once."""
    wanted = _wanted(occurrence_id)
    with as_principal() as connection:
        if planned.occasion(connection, occurrence_id) is None:
            abort(404)
    headers = {"Content-Disposition": f'attachment; filename="plan-{occurrence_id}.csv"'}
    return Response(
        stream_with_context(_csv(wanted)), content_type="text/csv; charset=utf-8", headers=headers
    )


def _csv(wanted: Wanted) -> Iterator[str]:
    # The mark at the start tells spreadsheet programs that the text is UTF-8.
    yield "\ufeff" + ",".join(_COLUMNS) + "\r\n"
    after = (0, 0)
    while True:
        with as_principal() as connection:
            found = planned.find(connection, wanted, after, _ROWS_AT_ONCE)
        if not found:
            return
        out = io.StringIO(newline="")
        write = row_writer(out)
        for one in found:
            write(_row(one))
        yield out.getvalue()
        after = (found[-1].contact_id, found[-1].message_id)


def _row(one: PlannedMessage) -> tuple[object, ...]:
    return (
        one.message_id,
        one.contact_id,
        " ".join(map(str, one.student_ids)),
        one.channel,
        one.language,
        one.fallback_from,
        one.state,
        one.reason,
        one.due_at.isoformat(timespec="minutes"),
        one.finished_at.isoformat(timespec="minutes") if one.finished_at else None,
    )


def _wanted(occurrence_id: int) -> Wanted:
    """What the address asks for; what it cannot mean is left out."""
    if occurrence_id >= _LARGEST:
        abort(404)
    part, reason = request.args.get("part", ""), request.args.get("reason", "")
    channel, language = request.args.get("channel", ""), request.args.get("language", "")
    return Wanted(
        occurrence_id=occurrence_id,
        whole=g.principal.role in OFFICE,
        states=[state for state, heading in HEADINGS.items() if heading == part] or None,
        reason=reason if reason in set(Reason) else None,
        channel=channel if channel in CHANNELS else None,
        language=language if language in languages() else None,
    )


def _after() -> tuple[int, int]:
    """Where the page before ended: contact and message."""
    contact, _, message = request.args.get("after", "").partition("-")
    if not (contact.isdecimal() and message.isdecimal()):
        return 0, 0
    return min(int(contact), _LARGEST - 1), min(int(message), _LARGEST - 1)

"""The reconciliation sheet: everything that was planned, and what became of it, for any stretch of days."""

from __future__ import annotations

import io
from datetime import date

from flask import Response, g, render_template, request
from flask.typing import ResponseReturnValue

from campaign import database
from campaign.access import ENGINE
from campaign.dispatch import reconciliation
from campaign.dispatch.reconciliation import COLUMNS, CSV_COLUMNS, Sheet, csv_rows
from campaign.spreadsheets import write_csv
from campaign.store import cascade_endings
from campaign.store import reconciliation as store
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts
from campaign.web.staff.blueprint import OFFICE, blueprint

MEANINGS = {
    "sent": "a provider took it, a letter was posted, or a call was made.",
    "withheld": "held back on purpose, each for a reason that stands below.",
    "failed": "the provider refused it; a person decides what to do.",
    "to_look_at": "nobody knows whether it went, so it is not sent again before a person looked.",
    "waiting": "written down, and its time has not come.",
}
# Where homes stand that are followed until somebody answers.
HOMES = {
    "reached": "opened the report, wrote or booked a talk",
    "call_list": "stand on the call list",
    "stopped": "get nothing more: a stop, a right, a hold, or no way to them",
    "silent": "did not answer, by none of the ways",
    "no_phone": "did not answer, and have no number to call (see To be looked at)",
    "followed": "are still being followed",
}


@blueprint.get("/reconciliation")
@allow(*OFFICE)
def reconcile() -> ResponseReturnValue:
    first, last = _day("from"), _day("until")
    with as_principal() as connection:
        homes = cascade_endings.standing(connection, first or date.min, last or date.max)
    return render_template(
        "staff/reconciliation.html",
        sheet=_sheet(first, last),
        columns=COLUMNS,
        MEANINGS=MEANINGS,
        meanings={name: message.audience for name, message in parts().catalog.messages.items()},
        homes=[(homes[name], said) for name, said in HOMES.items() if name in homes],
        first=first,
        last=last,
        now=parts().clock(),
    )


@blueprint.get("/reconciliation.csv")
@allow(*OFFICE)
def reconcile_csv() -> ResponseReturnValue:
    out = io.StringIO(newline="")
    write_csv(out, CSV_COLUMNS, csv_rows(_sheet(_day("from"), _day("until"))))
    headers = {"Content-Disposition": 'attachment; filename="reconciliation.csv"'}
    # The mark at the start tells spreadsheet programs that the text is UTF-8.
    return Response("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def _sheet(first: date | None, last: date | None) -> Sheet:
    days = (first or date.min, last or date.max)
    with as_principal() as connection:
        counted = store.parts(connection, *days)
        # The same messages once more, also those about students who have left; the district is still the reader's.
        database.assume(connection, ENGINE)
        return reconciliation.sheet(counted, store.written(connection, *days, g.principal.district_id))


def _day(name: str) -> date | None:
    """A day of the address; None for what is no day."""
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None

"""Before a campaign is approved: what is printed and said on the phone for who does not answer, as it will be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from flask import Response, abort

from campaign.approval import by_people_cases
from campaign.approval.by_people_cases import CallCase, LetterCase
from campaign.approval.worst_cases import Bench
from campaign.definitions.definition import CampaignDefinition
from campaign.web.guard import allow
from campaign.web.parts import parts
from campaign.web.staff.blueprint import OFFICE, blueprint
from campaign.web.staff.campaign_desk import at_campaign, bench
from reports.mailing import render
from reports.mailing.address import WINDOWS


@dataclass(frozen=True)
class ByPeople:
    """What people carry of one message: its letters and its scripts, none where no step says it so."""

    letters: Sequence[LetterCase] = ()
    calls: Sequence[CallCase] = ()


def by_people(definition: CampaignDefinition | None, message: str, at: Bench) -> ByPeople:
    if definition is None:
        return ByPeople()
    ways = by_people_cases.ways(definition, message)
    return ByPeople(
        letters=by_people_cases.letters(ways["letter"], at, _today()) if "letter" in ways else (),
        calls=tuple(by_people_cases.calls(ways["call"], at)) if "call" in ways else (),
    )


@blueprint.get("/campaigns/<int:campaign_id>/words/<message>/letter/<language>.pdf")
@allow(*OFFICE)
def specimen_letter(campaign_id: int, message: str, language: str) -> Response:
    """The letter as it comes out of the printer, without its address sheet and without what lies behind it."""
    with at_campaign(campaign_id) as (connection, draft):
        found = by_people(draft.definition, message, bench(connection, draft)).letters
    case = next((one for one in found if (one.fallback_from or one.language) == language), None) or abort(404)
    content = render.letter("specimen", case.pages, WINDOWS["number-10"])
    headers = {"Content-Disposition": 'inline; filename="specimen.pdf"', "Cache-Control": "no-store"}
    return Response(content, content_type="application/pdf", headers=headers)


def _today() -> date:
    return parts().clock().astimezone(ZoneInfo(parts().settings.installation.time_zone)).date()

"""What came together in the weekly message, each message in its own words; behind the second step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import g, render_template
from flask.typing import ResponseReturnValue

from campaign import database
from campaign.access import ENGINE, Role
from campaign.store import digests, recipients
from campaign.web.family import languages
from campaign.web.family.blueprint import blueprint
from campaign.web.guard import allow
from campaign.web.parts import parts
from campaign.wordings.wording import ENGLISH
from content.catalog import MessageTemplate
from content.fields import fill

_SHOWN = timedelta(days=14)
_REPORTS = "{reports}"
_SMALL_PRINT = "\n--\n"


@dataclass(frozen=True)
class Letter:
    """One message: what it is about, and its paragraphs; None stands for the link to the report."""

    title: str
    paragraphs: Sequence[str | None]


@blueprint.get("/family/week")
@allow(Role.FAMILY)
def week() -> ResponseReturnValue:
    languages.speak_own()
    principal = g.principal
    with database.transaction(parts().engine, ENGINE) as connection:
        words = recipients.words(connection, [], [principal.student_id])
    child, school = words.students[principal.student_id]
    letters = [_letter(message, {"child": child, "school": school}) for message in waiting()]
    return render_template("family/week.html", letters=letters)


def waiting() -> list[str]:
    """The messages of the weekly one that the contact got lately about this child."""
    principal, since = g.principal, parts().clock() - _SHOWN
    with database.transaction(parts().engine, ENGINE) as connection:
        return digests.of_week(connection, principal.contact_id, principal.student_id, since)


def _letter(message: str, fields: dict[str, str]) -> Letter:
    catalog, spoken = parts().catalog, g.languages[0]
    language = spoken if parts().texts.may_go_out(f"messages/{message}", spoken) else ENGLISH
    if message not in catalog.messages:
        return Letter(catalog.text("page.week.message", spoken), ())
    channel = "email" if "email" in catalog.messages[message].bodies else "sms"
    template: MessageTemplate = catalog.message(message, channel, language)
    body = template.text.partition(_SMALL_PRINT)[0]
    values = fields | dict.fromkeys(template.fields - fields.keys(), "")
    return Letter(
        fill(template.subject, values, message) or catalog.text("page.week.message", spoken),
        [
            None if block.strip() == _REPORTS else fill(block.strip(), values, message)
            for block in body.split("\n\n")
        ],
    )

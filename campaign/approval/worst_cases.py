"""What families may read at its worst: the longest names, the most children, every language, the longest text message.

Made from the extremes of a district's own rosters, so that whoever approves sees the widest, not the nicest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from campaign import links
from campaign.consents import way_out
from campaign.dispatch import writing
from campaign.senders.segments import MOST_SEGMENTS, segments
from campaign.settings import Settings
from campaign.wordings.texts import Texts
from campaign.wordings.wording import ENGLISH
from content.catalog import MessageTemplate
from content.formats import listed
from content.languages import languages
from content.messages import RenderedMessage


@dataclass(frozen=True)
class Extremes:
    """The longest first name of a child and name of a school, and the most children one contact hears about."""

    child: str
    school: str
    children: int


@dataclass(frozen=True)
class Case:
    """One message in one channel and language as the unluckiest family would get it.

    `fallback_from`: the language in whose place English goes out with a line about the interpreter. `parts` of a text
    message; `problem` says why it would not be sent, or "".
    """

    channel: str
    language: str
    fallback_from: str | None
    direction: str
    subject: str
    text: str
    children: int
    parts: int
    problem: str
    state: str


_EXTREMES = text(
    """
    SELECT coalesce((SELECT given_name FROM student WHERE district_id = :district_id AND NOT withdrawn
                     ORDER BY char_length(given_name) DESC, given_name LIMIT 1), '') AS child,
           coalesce((SELECT name FROM school WHERE district_id = :district_id
                     ORDER BY char_length(name) DESC, name LIMIT 1), '') AS school,
           coalesce((SELECT count(*) FROM student_contact r JOIN student s ON s.id = r.student_id
                     WHERE s.district_id = :district_id AND r.may_receive AND NOT s.withdrawn
                     GROUP BY r.contact_id ORDER BY count(*) DESC LIMIT 1), 1) AS children
    """
)
# Nobody's rosters are so kind that a longer name could not come tomorrow.
_LEAST = Extremes("Maximiliano-Alejandro", "Martin Luther King Junior Elementary School of the Arts", 3)


def extremes(connection: Connection, district_id: int) -> Extremes:
    """Those of the district, or longer ones where its own are short. The connection acts as the engine."""
    own = Extremes(*connection.execute(_EXTREMES, {"district_id": district_id}).one())
    return Extremes(
        max(own.child, _LEAST.child, key=len),
        max(own.school, _LEAST.school, key=len),
        max(own.children, _LEAST.children),
    )


@dataclass(frozen=True)
class Bench:
    """What cases are made from: the texts of a district, its extremes, and the settings."""

    texts: Texts
    worst: Extremes
    settings: Settings


def cases(message: str, at: Bench) -> list[Case]:
    """Every text of a message that may go out, and English in the place of each language that is not written."""
    return sorted(_cases(message, at), key=_order)


def hardest(found: Sequence[Case]) -> Case | None:
    """The text message that travels in most parts."""
    return max((one for one in found if one.channel == "sms"), key=lambda one: one.parts, default=None)


def _cases(message: str, at: Bench) -> Iterator[Case]:
    unit = at.texts.catalog.messages[message]
    for channel, bodies in unit.bodies.items():
        free = {code for code in bodies if at.texts.may_go_out(f"messages/{message}", code)}
        going = sorted(free & set(at.settings.languages.offered))
        for language in going:
            yield _case(message, channel, language, None, at)
        lines = at.texts.catalog.interpreter_lines
        for language in sorted(lines.keys() - set(going)) if ENGLISH in going else ():
            yield _case(message, channel, ENGLISH, language, at)


def _case(message: str, channel: str, language: str, fallback_from: str | None, at: Bench) -> Case:
    template = at.texts.catalog.message(message, channel, language)
    rendered = render(template, at.worst, at.settings)
    if fallback_from is not None:
        line = at.texts.catalog.interpreter_lines[fallback_from]
        rendered = writing.with_interpreter(rendered, line, fallback_from, short=channel == "sms")
    parts = segments(rendered.text.strip()) if channel == "sms" else 0
    too_long = (
        f"Travels in {parts} parts; more than {MOST_SEGMENTS} are not sent." if parts > MOST_SEGMENTS else ""
    )
    known = languages().get(language)
    return Case(
        channel=channel,
        language=language,
        fallback_from=fallback_from,
        direction=known.direction if known else "ltr",
        subject=rendered.subject,
        text=rendered.text.strip(),
        children=at.worst.children,
        parts=parts,
        problem=too_long,
        state=template.state,
    )


def render(template: MessageTemplate, worst: Extremes, settings: Settings) -> RenderedMessage:
    """The message about the most children with the longest names; its links lead nowhere."""
    base_url, short = settings.installation.base_url, template.channel == "sms"
    names = [worst.child] * worst.children
    reports = [writing.report_url(base_url, "x" * links.TOKEN_LENGTH) for _ in names]
    shown = " ".join(reports) if short else "\n".join(map(": ".join, zip(names, reports, strict=True)))
    values = {
        "child": listed(names, template.language),
        "school": writing.shortened(worst.school) if short else worst.school,
        "reports": shown,
        "stop_link": f"{base_url}/stop/{'x' * way_out.TOKEN_LENGTH}",
        "postal_address": settings.mail.postal_address,
    }
    return template.render({name: value for name, value in values.items() if name in template.fields})


def _order(one: Case) -> tuple[object, ...]:
    """Right-to-left and long text messages first: what most needs a look."""
    return (
        one.fallback_from is not None,
        not one.problem,
        one.direction != "rtl",
        -one.parts,
        one.language,
        one.channel,
    )

"""`gbg languages`: which languages the schools must send in, and what is missing for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from campaign.access import ENGINE
from campaign.commands.districts import District, districts
from campaign.commands.errors import told
from campaign.commands.installation import pass_installation
from campaign.database import transaction
from campaign.installation import Installation
from campaign.plain_error import NotFound
from campaign.store import pupil_languages
from campaign.wordings import drafts, required_languages
from campaign.wordings.required_languages import MissingLanguage, RequiredLanguage


@click.command("languages")
@click.option("--district", "code", help="Code of one district; without it, all.")
@pass_installation
def languages_command(installation: Installation, code: str | None) -> None:
    """Show for each school the languages that its state asks for, and which texts nobody has reviewed in them."""
    with told(NotFound):
        for district in districts(installation.engine, code):
            for line in _lines(installation, district):
                click.echo(line)


def _lines(installation: Installation, district: District) -> Iterator[str]:
    chosen = installation.settings.languages
    with transaction(installation.engine, ENGINE) as connection:
        texts = installation.shelf.of(connection, district.id)
        state = pupil_languages.state_code(connection, district.id)
        found = required_languages.required(connection, district.id, chosen)
        missing = required_languages.awaited(connection, district.id, texts, texts.catalog.messages, chosen)
    yield f"{district.name} ({state or 'state not known'})"
    if state not in chosen.required_share:
        yield "  No rule on languages is set for this state ([languages] required_share in config.toml)."
    elif not found:
        yield "  No language is spoken at home by enough pupils of a school."
    else:
        yield from table(found, missing)
    yield from (f"  {line}" for line in drafts.banner(drafts.going_out(texts, chosen.offered)))


def table(found: Sequence[RequiredLanguage], missing: Sequence[MissingLanguage]) -> Iterator[str]:
    """One line a school and language, and below it what is missing."""
    lacking = {(one.required.school_id, one.required.language): one for one in missing}
    yield f"  {'school':<32}{'language':<22}{'pupils':>8}{'of':>8}{'share':>8}  sending"
    for one in found:
        lack = lacking.get((one.school_id, one.language))
        numbers = f"{one.pupils:>8,}{one.enrolled:>8,}{one.percent:>8}"
        yield f"  {one.school:<32}{drafts.name(one.language):<22}{numbers}  {_sending(lack)}"
    if missing:
        yield "  Nothing leaves for a school that is held back. A permission for drafts does not help."


def _sending(lack: MissingLanguage | None) -> str:
    if lack is None:
        return "free"
    why = [f"not reviewed: {', '.join(lack.units)}"] if lack.units else []
    return "held back, " + "; ".join([*why, *([] if lack.offered else ["not offered in the settings"])])

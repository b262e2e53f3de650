"""`gbg contacts`: can families be reached, what is wrong with contacts, and lists of those who stopped elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from campaign.access import ENGINE
from campaign.commands.districts import districts, only_district
from campaign.commands.errors import CommandError, told
from campaign.commands.installation import pass_installation
from campaign.consents import stops_file
from campaign.consents.stops_file import StopsFileError, Taken
from campaign.contacts import contact_audit
from campaign.contacts.contact_audit import GOOD_SHARE, ContactAudit
from campaign.database import transaction
from campaign.installation import Installation, utc_now
from campaign.plain_error import NotFound
from campaign.spreadsheets import write_csv
from campaign.store import audit as trace
from campaign.web.staff import contact_words, words

ACTOR = "command line"


@click.group("contacts")
def contacts_group() -> None:
    """Family contacts: can they be reached, and which addresses are closed."""


@contacts_group.command("audit")
@click.option("--district", "code", help="Code of one district; without it, all.")
@click.option(
    "--csv", "file", type=click.Path(path_type=Path), help="Write every fault, with names and addresses."
)
@click.option("--keep", is_flag=True, help="Keep the counts, for the next audit to be held against.")
@pass_installation
def audit_command(installation: Installation, code: str | None, file: Path | None, keep: bool) -> None:
    """Look at all contacts before a campaign begins: what is wrong, and how many households are in reach."""
    with told(NotFound):
        chosen = districts(installation.engine, code)
    if file is not None and len(chosen) > 1:
        raise CommandError("say which district with --district CODE: a school office's list is of one")
    for one in chosen:
        found = _audited(installation, one.id, keep)
        click.echo("\n".join([one.name, *lines(found)]))
        _say_who(found, one.code, file)


def _audited(installation: Installation, district_id: int, keep: bool) -> ContactAudit:
    with transaction(installation.engine, ENGINE) as connection:
        offered = installation.settings.languages.offered
        found = contact_audit.audit(connection, district_id, utc_now(), offered=offered)
        if keep:
            contact_audit.keep(connection, district_id, found, ACTOR)
    return found


@contacts_group.command("close")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--district", "code", help="In whose audit it stands; needed where there are several districts."
)
@pass_installation
def close_command(installation: Installation, file: Path, code: str | None) -> None:
    """Take over FILE, a list (CSV) of another system's addresses that must not be written to."""
    with told(StopsFileError):
        taken = _taken(installation, file, code)
    click.echo(
        f"{words.count(taken.rows_in, 'row')}: {taken.accepted} accepted "
        f"({words.count(taken.new, 'address', 'addresses')} new), {len(taken.refused)} refused"
    )
    for row in taken.refused:
        click.echo(f"  line {row.line}, {row.column or 'whole row'}: {row.problem}")


def _taken(installation: Installation, file: Path, code: str | None) -> Taken:
    with transaction(installation.engine, ENGINE) as connection:
        district, now = only_district(connection, code), utc_now()
        taken = stops_file.take(connection, file.name, file.read_bytes(), actor=ACTOR, now=now)
        detail = {"rows_in": taken.rows_in, "accepted": taken.accepted, "refused": len(taken.refused)}
        trace.write(connection, trace.Entry(now, ACTOR, "stops_imported", None, district.id, detail))
    return taken


def lines(found: ContactAudit) -> Iterator[str]:
    """The answers of the page, for a terminal; no name and no address."""
    share = 100 * found.reachable // found.households if found.households else 0
    mark = "✓" if found.is_good else "✗"
    households = words.count(found.households, "household")
    yield f"  {mark} {share}% in reach: {found.reachable:,} of {households}; {GOOD_SHARE:.0%} are needed"
    if found.override and found.is_overridden and not found.is_good:
        yield f"    may begin all the same until {found.override.until:%Y-%m-%d}: a named person said why"
    elif found.blocks:
        yield f"    no campaign begins: {words.count(found.missing, 'household')} more must come into reach"
    for kind, count in found.counts.items():
        before = found.before.findings.get(kind, 0) if found.before else 0
        if count or before:
            since = f" ({count - before:+,} since {found.before.at:%Y-%m-%d})" if found.before else ""
            yield f"  {count:>7,}  {contact_words.FAULTS[kind][0]}{since}"


def _say_who(found: ContactAudit, code: str, file: Path | None) -> None:
    """Into the file, or how to get one: what stands on a screen names nobody."""
    if file is None:
        if found.findings:
            click.echo(f"  who they are and what to do:  gbg contacts audit --district {code} --csv FILE")
        return
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        count = write_csv(out, contact_words.COLUMNS, contact_words.csv_rows(found))
    file.chmod(0o600)
    click.echo(
        f"{count} faults written to {file}. It holds names and addresses: give it to the school office alone."
    )

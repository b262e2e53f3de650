"""`gbg campaign`: the campaigns of a district, and who has approved what they say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
from sqlalchemy import Connection

from campaign.access import ENGINE
from campaign.approval import approving
from campaign.approval.approvals import ApprovalError, Standing
from campaign.commands.districts import only_district
from campaign.commands.errors import CommandError, told
from campaign.commands.installation import FILE, pass_installation
from campaign.commands.reconcile import reconcile_command
from campaign.database import transaction
from campaign.definitions import campaign_exchange, own_messages
from campaign.definitions.campaign_file import read, write
from campaign.dispatch.deliver import Delivery
from campaign.installation import Installation, utc_now
from campaign.wordings.translations import Author
from content.catalog import ContentError

DISTRICT = click.option("--district", "code", help="Code of the district, where there are several.")


@click.group("campaign")
def campaign_group() -> None:
    """Look after campaigns: what they say, and who has approved it."""


campaign_group.add_command(reconcile_command)


@campaign_group.command("list")
@DISTRICT
@pass_installation
def campaign_list_command(installation: Installation, code: str | None) -> None:
    """List the campaigns of a district and how far each is approved."""
    with transaction(installation.engine, ENGINE) as connection:
        district = only_district(connection, code)
        for line in _listed(installation.delivery, connection, district.id):
            click.echo(line)


@campaign_group.command("approve")
@click.argument("campaign")
@click.option("--as", "email", required=True, help="E-mail address of the account that approves.")
@DISTRICT
@pass_installation
def campaign_approve_command(installation: Installation, campaign: str, email: str, code: str | None) -> None:
    """Approve all that CAMPAIGN (its slug, such as go-beyond-grades) says now, in the name of one account."""
    delivery = installation.delivery
    with transaction(installation.engine, ENGINE) as connection:
        district = only_district(connection, code)
        one = approving.take(delivery, connection, district.id, campaign)
        person = approving.person(connection, email, district.id)
        if problem := approving.obstacle(delivery, connection, district.id, utc_now()):
            raise ApprovalError(problem)
        standing = approving.approve(delivery, connection, one, person, utc_now())
    click.echo(f"{campaign}: {said(standing)}")


@campaign_group.command("export")
@click.argument("campaign")
@click.option("--out", type=FILE, required=True, help="The file to write.")
@DISTRICT
@pass_installation
def campaign_export_command(installation: Installation, campaign: str, out: Path, code: str | None) -> None:
    """Write CAMPAIGN with its own messages as TOML."""
    with transaction(installation.engine, ENGINE) as connection:
        district = only_district(connection, code)
        found = campaign_exchange.drafts(installation.delivery, connection, district.id)
        own = own_messages.every(connection, district.id)
    if campaign not in found:
        raise CommandError(f"there is no campaign {campaign!r} here; known: {', '.join(sorted(found))}")
    out.write_text(write(campaign_exchange.file_of(found[campaign], own)), encoding="utf-8", newline="")
    click.echo(f"{campaign} stands in {out}.")


@campaign_group.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@DISTRICT
@pass_installation
def campaign_import_command(installation: Installation, file: Path, code: str | None) -> None:
    """Take a campaign in from a TOML FILE: a new one, or the next version of the one of its slug."""
    author = Author(ENGINE.actor, utc_now())
    with told(ContentError, UnicodeDecodeError):
        read_file = read(file.read_text(encoding="utf-8"), str(file))
        with transaction(installation.engine, ENGINE) as connection:
            district = only_district(connection, code)
            campaign_exchange.take_in(installation.delivery, connection, district.id, read_file, author)
    click.echo(f"{read_file.document['slug']} is taken in; have it approved before it sends.")


def said(standing: Standing) -> str:
    """How far a campaign is approved, in a line."""
    if not standing.needed:
        return "no approval is needed ([campaign] approvals = 0)."
    names = ", ".join(one.name for one in standing.given) or "nobody yet"
    state = "approved" if standing.approved else "not approved, so nothing of it is sent"
    void = " It was approved before; something has changed since." if standing.voided else ""
    return f"{state} ({len(standing.given)} of {standing.needed}: {names}).{void}"


def _listed(delivery: Delivery, connection: Connection, district_id: int) -> Iterator[str]:
    for definition in delivery.campaigns(connection, district_id):
        one = approving.take(delivery, connection, district_id, definition.slug)
        yield f"{definition.slug}: {said(approving.standing(delivery, connection, one))}"

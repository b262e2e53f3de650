"""`gbg link`: the links of families."""

from __future__ import annotations

import click

from campaign import links
from campaign.access import ENGINE
from campaign.commands.districts import districts
from campaign.commands.errors import told
from campaign.commands.installation import pass_installation
from campaign.database import transaction
from campaign.installation import Installation, utc_now
from campaign.plain_error import NotFound


@click.group("link")
def link_group() -> None:
    """Family links."""


@link_group.command("revoke")
@click.option("--district", "code", required=True, help="Code of the district.")
@click.option("--student", "student_id", type=int, help="Our id of one student.")
@click.option("--contact", "contact_id", type=int, help="Our id of one contact.")
@click.option("--school", "school_id", type=int, help="Our id of one school.")
@click.option("--all", "everything", is_flag=True, help="All links of the district.")
@click.option("--reason", required=True, help="Kept with each link: custody change, transfer …")
@pass_installation
def link_revoke_command(
    installation: Installation, code: str, everything: bool, reason: str, **whose: int | None
) -> None:
    """End report links at once, and the pages open through them. New messages bring new links."""
    if not (everything or any(whose.values())):
        raise click.UsageError("Say whose links: --student, --contact, --school or --all.")
    with told(NotFound):
        district_id = districts(installation.engine, code)[0].id
    reach = links.Reach(district_id, **whose)
    with transaction(installation.engine, ENGINE) as connection:
        ended = links.revoke(connection, reach, reason=reason, now=utc_now())
    click.echo(f"{ended:,} links ended.")

"""`gbg publish`: totals for partners."""

from __future__ import annotations

from pathlib import Path

import click

from campaign import publish
from campaign.commands.districts import districts
from campaign.commands.errors import told
from campaign.commands.installation import FILE, pass_installation
from campaign.installation import Installation, utc_now
from campaign.plain_error import NotFound


@click.command("publish")
@click.option("--district", "code", help="Code of one district; without it, all.")
@click.option("--export", "file", type=FILE, help="Also write what is published as CSV.")
@pass_installation
def publish_command(installation: Installation, code: str | None, file: Path | None) -> None:
    """Publish totals for partners: small groups hidden, shares as ranges."""
    with told(NotFound, OSError):
        chosen = districts(installation.engine, code)
        for one in chosen:
            summary = publish.publish(installation.engine, one.id, installation.settings, utc_now())
            click.echo(f"{one.name}\n{summary}")
        if file:
            publish.export(installation.engine, [one.id for one in chosen], installation.settings, file)
            click.echo(f"Written to {file}.")

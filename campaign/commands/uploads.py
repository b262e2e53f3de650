"""`gbg clean-uploads`: the files sent through the import page whose time is over."""

from __future__ import annotations

import click

from campaign import uploads
from campaign.commands.installation import pass_installation
from campaign.installation import Installation, utc_now


@click.command("clean-uploads")
@pass_installation
def clean_uploads_command(installation: Installation) -> None:
    """Delete files sent through the import page whose time is over. The worker does it each night."""
    settings = installation.settings
    gone = uploads.clean(installation.engine, settings.home, utc_now(), settings.intake.keep_uploads_days)
    click.echo(f"{gone:,} folders of sent files deleted.")

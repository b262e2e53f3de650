"""The command `gbg`: each command a few lines that call one function of a room."""

from __future__ import annotations

import click

from campaign.app import Installation, open_installation
from campaign.database import DatabaseError
from campaign.settings import SettingsError

pass_installation = click.make_pass_decorator(Installation)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="go-beyond-grades")
@click.pass_context
def gbg(context: click.Context) -> None:
    """Go Beyond Grades: compare report-card grades with assessments and tell each family the whole story."""
    context.obj = open_installation()


def main() -> None:
    try:
        gbg(standalone_mode=True)
    except (SettingsError, DatabaseError) as error:
        click.echo(f"gbg: {error}", err=True)
        raise SystemExit(1) from None

"""The command `gbg`: each command a few lines that call one function of a room."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from campaign import doctor
from campaign.app import open_installation
from campaign.database import DatabaseError
from campaign.doctor import NotReady
from campaign.settings import SettingsError


def pass_installation(command: Callable[..., None]) -> Callable[..., None]:
    """Hand the installation to a command when it runs, so that help works where the settings do not."""

    @wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        command(open_installation(), *arguments, **options)

    return run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="go-beyond-grades")
def gbg() -> None:
    """Go Beyond Grades: compare report-card grades with assessments and tell each family the whole story."""


@gbg.command("doctor")
def doctor_command() -> None:
    """Check settings, keys, database, fonts, libraries and disk; say what to do about each that fails."""
    findings = doctor.examine_installation()
    for finding in findings:
        click.echo(finding)
    if not all(finding.is_well for finding in findings):
        raise SystemExit(1)


def main() -> None:
    try:
        gbg(standalone_mode=True)
    except (SettingsError, DatabaseError, NotReady) as error:
        click.echo(f"gbg: {error}", err=True)
        raise SystemExit(1) from None

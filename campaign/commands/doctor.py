"""`gbg doctor`: is this machine ready?"""

from __future__ import annotations

import click

from campaign import doctor


@click.command("doctor")
def doctor_command() -> None:
    """Check settings, keys, database, fonts, libraries and disk; say what to do about each that fails."""
    findings = doctor.examine_installation()
    for finding in findings:
        click.echo(finding)
    if not all(finding.is_well for finding in findings):
        raise SystemExit(1)

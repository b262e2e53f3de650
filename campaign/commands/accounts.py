"""`gbg account` and `gbg sign-in-link`: who of staff and partners may sign in."""

from __future__ import annotations

from typing import Any

import click

from campaign import accounts
from campaign.access import Role
from campaign.commands.installation import pass_installation
from campaign.installation import Installation, utc_now


@click.group("account")
def account_group() -> None:
    """Look after the accounts of staff and partners."""


@account_group.command("add")
@click.argument("email")
@click.option("--name", required=True)
@click.option("--role", type=click.Choice([str(role) for role in accounts.ROLES]), required=True)
@click.option("--district", help="Code of the district; every role but state needs it.")
@click.option("--school", "schools", multiple=True, help="Id or name of a school; repeat it for several.")
@click.option("--staff", "staff_id", help="Id or e-mail of the teacher in the imported roster.")
@click.option("--password/--no-password", "ask", default=True, help="Ask for a password, or use links only.")
@pass_installation
def account_add_command(installation: Installation, ask: bool, role: str, **fields: Any) -> None:
    """Open an account for EMAIL."""
    password = click.prompt("Password", hide_input=True, confirmation_prompt=True) if ask else None
    new = accounts.NewAccount(**fields, role=Role(role), password=password)
    accounts.add(installation.engine, new, utc_now())
    click.echo(f"{new.email} may sign in ({role}).")


@account_group.command("list")
@pass_installation
def account_list_command(installation: Installation) -> None:
    """List all accounts with their role and what they reach."""
    for account in accounts.everyone(installation.engine):
        click.echo(f"{account.email}\t{account.role}\t{account.place}\t{'' if account.active else 'closed'}")


@account_group.command("disable")
@click.argument("email")
@pass_installation
def account_disable_command(installation: Installation, email: str) -> None:
    """Close the account of EMAIL; its open sessions end at once."""
    accounts.disable(installation.engine, email, utc_now())
    click.echo(f"The account of {email} is closed.")


@click.command("sign-in-link")
@click.argument("email")
@pass_installation
def sign_in_link_command(installation: Installation, email: str) -> None:
    """Print a link that signs EMAIL in once, within ten minutes."""
    base_url = installation.settings.installation.base_url
    click.echo(accounts.sign_in_link(installation.engine, email, base_url, utc_now()))

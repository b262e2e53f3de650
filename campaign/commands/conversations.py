"""`gbg clean-conversations`: words and files of conversations whose time is over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import click

from campaign.commands.installation import pass_installation
from campaign.correspondence import conversation_rounds, forgetting
from campaign.installation import Installation, utc_now

# What stands in a line of the answer; what goes with a conversation is not named apart.
_SAID = {
    "conversations": "conversations",
    "requests": "wishes and notes outside of conversations",
    "replies": "answers that needed no person",
    "calls": "notes of calls",
}


@click.command("clean-conversations")
@click.option("--dry-run", is_flag=True, help="Say what goes now and in the next 30 days; delete nothing.")
@pass_installation
def clean_conversations_command(installation: Installation, *, dry_run: bool) -> None:
    """Delete words and files of conversations whose time is over. The worker does it each night."""
    days, now = installation.settings.conversations.keep_texts_days, utc_now()
    if not days:
        click.echo("Nothing is deleted: keep_texts_days is 0.")
    elif dry_run:
        ahead = forgetting.ahead(installation.engine, installation.settings, now)
        click.echo(f"{_line(ahead.now)} lose their words now (kept {days} days).")
        click.echo(f"{_line(ahead.soon)} more in the next 30 days, if nobody touches them.")
    else:
        click.echo(_clean(installation, now))


def _clean(installation: Installation, now: datetime) -> str:
    done = forgetting.forget(installation.engine, installation.settings, now)
    files = conversation_rounds.clean_files(installation.engine, installation.settings, now)
    return f"{_line(done)} lost their words; {files:,} files deleted."


def _line(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{counts.get(kind, 0):,} {words}" for kind, words in _SAID.items())

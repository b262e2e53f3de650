"""`gbg tick` and `gbg worker`: sending what is due, once or until stopped."""

from __future__ import annotations

import click

from campaign import background, jobs
from campaign.app import Installation, utc_now
from campaign.commands.installation import pass_installation
from campaign.correspondence import conversation_rounds
from campaign.dispatch import ledger


@click.command("tick")
@pass_installation
def tick_command(installation: Installation) -> None:
    """Plan and send what is due now, once; for cron. Calling it twice sends nothing twice."""
    conversation_rounds.run(installation.delivery, utc_now())
    handed_over = ledger.tick(installation.delivery, utc_now())
    click.echo(f"{handed_over:,} messages handed to the sender.")


@click.command("worker")
@click.option(
    "--every", type=click.IntRange(5, 3600), default=60, show_default=True, help="Seconds of the clock."
)
@click.option("--at-once", type=click.IntRange(1, 32), default=2, show_default=True, help="Jobs at a time.")
@pass_installation
def worker_command(installation: Installation, every: int, at_once: int) -> None:
    """Work until stopped: a clock that wakes what is due, and hands for the jobs. Start as many as you like."""
    work = jobs.Work(installation.delivery, utc_now)
    background.work_until_stopped(work, utc_now(), every=every, at_once=at_once)

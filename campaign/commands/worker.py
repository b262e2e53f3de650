"""`gbg tick` and `gbg worker`: sending what is due, once or until stopped."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import click

from campaign import background, jobs
from campaign.commands.installation import pass_installation
from campaign.correspondence import conversation_rounds
from campaign.dispatch import ledger
from campaign.installation import Installation, utc_now
from campaign.store.waiting_messages import Left


@click.command("tick")
@click.option(
    "--wait",
    type=click.IntRange(0, 3600),
    default=45,
    show_default=True,
    help="Seconds in which it comes back to what a sender's limit does not take at once.",
)
@pass_installation
def tick_command(installation: Installation, wait: int) -> None:
    """Plan and send what is due now, once; for cron. Calling it twice sends nothing twice."""
    delivery, now = installation.delivery, utc_now()
    conversation_rounds.run(delivery, now)
    until = now + timedelta(seconds=wait)
    handed_over = ledger.tick(delivery, now, clock=utc_now if wait else None, until=until if wait else None)
    click.echo(f"{handed_over:,} messages handed to the sender.")
    click.echo(_left(ledger.left(delivery, utc_now()), delivery.settings.installation.time_zone), nl=False)


def _left(left: Left, zone: str) -> str:
    """What is due and waits, why, and until when; "" where nothing does."""
    if not left.messages:
        return ""
    why = ", ".join(
        f"{count:,} {reason.replace('_', ' ') or 'their turn'}" for reason, count in left.reasons.items()
    )
    first = (
        left.at.astimezone(ZoneInfo(zone)).strftime("from %Y-%m-%d %H:%M") if left.at else "at the next tick"
    )
    return f"{left.messages:,} more are due and wait ({why}); the first may go {first}.\n"


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

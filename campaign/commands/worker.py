"""`gbg tick` and `gbg worker`: sending what is due, once or until stopped."""

from __future__ import annotations

import click

from campaign import clock, jobs, ledger
from campaign.app import Installation, utc_now
from campaign.commands.installation import pass_installation


@click.command("tick")
@pass_installation
def tick_command(installation: Installation) -> None:
    """Plan and send what is due now, once; for cron. Calling it twice sends nothing twice."""
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
    _work(jobs.Work(installation.delivery, utc_now), every=every, at_once=at_once)


def _work(work: jobs.Work, *, every: int, at_once: int) -> None:
    """Be clock and worker until stopped."""
    jobs.prepare(work.engine)
    app = jobs.make_app(work)
    with jobs.door(work.engine) as door:
        ticking = clock.start(lambda: jobs.poke(door, work.engine), seconds=every, first=work.clock())
        try:
            app.run_worker(concurrency=at_once)
        finally:
            ticking.shutdown()

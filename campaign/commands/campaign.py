"""`gbg plan`, `run`, `pause` and `resume`: a campaign before it goes out, on a simulated clock, and held back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from sqlalchemy import Engine

from campaign import simulation
from campaign.access import ENGINE
from campaign.commands.districts import only_district
from campaign.commands.errors import CommandError
from campaign.commands.installation import DAY, FILE, pass_installation
from campaign.commands.plan_sheet import (
    PLAN_COLUMNS,
    Prospects,
    plan_file,
    plan_lines,
    plan_row,
    reconciliation_lines,
)
from campaign.database import transaction
from campaign.dispatch import ledger
from campaign.dispatch.deliver import Delivery
from campaign.dispatch.ledger import Span
from campaign.installation import Installation, utc_now
from campaign.plans import forecast, prospect
from campaign.plans.plan import Decision, Occurrence
from campaign.settings import Settings
from campaign.store import messages, occurrences
from campaign.store.messages import Reconciliation


@click.command("plan")
@click.option("--from", "first", type=DAY, help="First day; today if left out.")
@click.option("--until", "last", type=DAY, help="Last day, included; 30 days on if left out.")
@click.option("--list", "listed", is_flag=True, help="Also print every decision, by ids.")
@click.option("--export", "file", type=FILE, help="Also write them to a CSV file.")
@pass_installation
def plan_command(
    installation: Installation, first: datetime | None, last: datetime | None, listed: bool, file: Path | None
) -> None:
    """Show who gets which message when, in which language and channel, and who gets nothing and why; send nothing."""
    now = utc_now()
    span = _span(installation.settings, first or now, last, default_days=30)
    for line in _plan(installation.delivery, span, now, file=file, listed=listed):
        click.echo(line)


@click.command("run")
@click.option("--from", "first", type=DAY, required=True, help="First simulated day.")
@click.option("--until", "last", type=DAY, required=True, help="Last simulated day, included.")
@pass_installation
def run_command(installation: Installation, first: datetime, last: datetime) -> None:
    """Live through a stretch of campaign on a simulated clock, into the mailbox folder; start again to go on."""
    span = _span(installation.settings, first, last)
    with click.progressbar(length=simulation.days(span), label="Simulated days") as bar:
        sheet = simulation.run(installation.delivery, span, simulation.by_day(span, bar.update))
        bar.update(simulation.days(span) - bar.pos)
    for line in _outcome(installation.engine, sheet):
        click.echo(line)


@click.command("pause")
@click.argument("campaign")
@click.option("--district", "code", help="Code of one district; all of them if left out.")
@pass_installation
def pause_command(installation: Installation, campaign: str, code: str | None) -> None:
    """Hold back every message of CAMPAIGN (its slug, such as go-beyond-grades) until it is resumed."""
    click.echo(_pause(installation.engine, campaign, code, paused=True))


@click.command("resume")
@click.argument("campaign")
@click.option("--district", "code", help="Code of one district; all of them if left out.")
@pass_installation
def resume_command(installation: Installation, campaign: str, code: str | None) -> None:
    """Let CAMPAIGN go on; what has become too late in the meantime is dropped and counted."""
    click.echo(_pause(installation.engine, campaign, code, paused=False))


def _span(settings: Settings, first: datetime, last: datetime | None, default_days: int = 0) -> Span:
    """From the start of the first day to the end of the last, in the installation's zone."""
    zone = ZoneInfo(settings.installation.time_zone)
    begin = (first.astimezone(zone) if first.tzinfo else first).date()
    end = last.date() if last else begin + timedelta(days=default_days)
    if end < begin:
        raise CommandError(f"--until {end} lies before --from {begin}; swap them")
    midnight = time(0, tzinfo=zone)
    return Span(datetime.combine(begin, midnight), datetime.combine(end + timedelta(days=1), midnight))


def _plan(
    delivery: Delivery, stretch: Span, now: datetime, *, file: Path | None, listed: bool
) -> Iterator[str]:
    """The lines of a dry run; every decision also goes into `file`."""
    lines: list[str] = [" ".join(PLAN_COLUMNS)] if listed else []
    with plan_file(file) as write:

        def each(occurrence: Occurrence, decision: Decision) -> None:
            write(occurrence, decision)
            if listed:
                lines.append(" ".join(str(value) or "-" for value in plan_row(occurrence, decision)))

        summary = ledger.plan(delivery, now, dry_run=stretch, each=each if listed or file else None)
    yield from lines
    price = delivery.settings.sms.cost_per_segment
    prospects = Prospects(
        pace=prospect.pace(delivery.settings),
        cost=forecast.cost(summary.texts, prospect.parts_of(delivery, summary), price),
        without_contact=ledger.students_without_contact(delivery.engine),
        awaited=ledger.awaited(delivery),
    )
    yield from plan_lines(summary, prospects)
    if file is not None:
        yield f"Every decision stands in {file}, by ids."


def _outcome(engine: Engine, sheet: Reconciliation) -> Iterator[str]:
    with transaction(engine, ENGINE) as connection:
        yield from reconciliation_lines(sheet, messages.withheld_reasons(connection))


def _pause(engine: Engine, slug: str, code: str | None, *, paused: bool) -> str:
    with transaction(engine, ENGINE) as connection:
        district = only_district(connection, code) if code else None
        count = occurrences.pause(
            connection, slug, paused=paused, district_id=district.id if district else None
        )
        known = occurrences.slugs(connection)
    if not count:
        raise CommandError(f"there is no campaign {slug!r} here; known: {', '.join(known) or 'none yet'}")
    return f"{slug} is {'paused' if paused else 'going on'} in {count} district{'s' if count > 1 else ''}."

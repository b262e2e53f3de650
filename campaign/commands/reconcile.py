"""`gbg campaign reconcile`: planned = sent + withheld + failed + to be looked at + still to go, for any stretch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import click
from sqlalchemy import Engine

from campaign.access import ENGINE
from campaign.commands.districts import only_district
from campaign.commands.installation import DAY, FILE, pass_installation
from campaign.database import transaction
from campaign.dispatch import reconciliation
from campaign.dispatch.reconciliation import CSV_COLUMNS, Sheet, csv_rows
from campaign.installation import Installation
from campaign.spreadsheets import write_csv
from campaign.store import reconciliation as store


@click.command("reconcile")
@click.option("--from", "first", type=DAY, help="First day of steps; the very first if left out.")
@click.option("--until", "last", type=DAY, help="Last day, included; the very last if left out.")
@click.option("--district", "code", help="Code of one district; all of them if left out.")
@click.option("--export", "file", type=FILE, help="Also write the sheet to a CSV file.")
@pass_installation
def reconcile_command(
    installation: Installation,
    first: datetime | None,
    last: datetime | None,
    code: str | None,
    file: Path | None,
) -> None:
    """Set what was planned against what became of it, by campaign, step and channel; status 1 if it is not equal."""
    days = (first.date() if first else date.min, last.date() if last else date.max)
    sheet = read(installation.engine, *days, code=code)
    if file is not None:
        with file.open("w", encoding="utf-8", newline="") as out:
            write_csv(out, CSV_COLUMNS, csv_rows(sheet))
    for line in lines(sheet):
        click.echo(line)
    if not sheet.is_equal:
        raise click.exceptions.Exit(1)


def read(engine: Engine, first: date, last: date, *, code: str | None = None) -> Sheet:
    """The sheet of the steps of these days, of one district or of all."""
    with transaction(engine, ENGINE) as connection:
        district_id = only_district(connection, code).id if code else None
        return reconciliation.sheet(
            store.parts(connection, first, last, district_id),
            store.written(connection, first, last, district_id),
        )


def lines(sheet: Sheet) -> Iterator[str]:
    """The sheet for a terminal; where it does not add up, in red."""
    if not sheet.lines and sheet.is_equal:
        yield "Nothing was planned in these days."
        return
    yield f"{'':34}{'':7}{'planned':>10}  ={'sent':>9} +{'withheld':>9} +{'failed':>8} +{'look at':>8} +{'to go':>9}"
    heading = ""
    for line in sheet.lines:
        if f"{line.district}, {line.campaign}" != heading:
            heading = f"{line.district}, {line.campaign}"
            yield heading
        rung = f", rung {line.rung}" if line.rung else ""
        yield _row(f"  {line.step}{rung}"[:34], line.channel, line.planned, line.counts)
    yield _row("All", "", sheet.planned, sheet.totals)
    for reason, count in sheet.reasons.most_common():
        yield f"    withheld: {reason.replace('_', ' '):<30}{count:>10,}"
    if sheet.is_equal:
        yield click.style(
            "Equal: every message that was written down is in one place, and in one only.", fg="green"
        )
    for one in sheet.differences:
        where = f"{one.district}, {one.campaign}, {one.step}"
        unknown = f"; {one.unknown:,} are in a state that nobody knows" if one.unknown else ""
        yield click.style(
            f"NOT equal: {where}: {one.counted:,} are counted, {one.written:,} are written down{unknown}",
            fg="red",
        )


def _row(name: str, channel: str, planned: int, counts: reconciliation.Counts) -> str:
    parts = [counts[column] for column in reconciliation.COLUMNS]
    equals = "=" if sum(parts) == planned else "≠"
    shown = " +".join(f"{part:>{width},}" for part, width in zip(parts, (9, 9, 8, 8, 9), strict=True))
    return f"{name:<34}{channel:<7}{planned:>10,}  {equals}{shown}"

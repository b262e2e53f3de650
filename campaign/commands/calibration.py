"""`gbg calibrate`: how often forecasts came true."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from campaign.commands.calibration_lines import lines
from campaign.commands.districts import District, districts
from campaign.commands.errors import CommandError, told
from campaign.commands.installation import DAY, FILE, pass_installation
from campaign.comparing.calibration import CalibrationReport, forecasts, report
from campaign.installation import Installation, utc_now
from campaign.plain_error import NotFound
from reports.compare.reliability import svg


@click.command("calibrate")
@click.option("--district", "code", help="Code of one district; without it, all.")
@click.option("--as-of", type=DAY, help="Only outcomes known on this day; today if left out.")
@click.option("--plot", "file", type=FILE, help="Also draw the reliability diagram, as SVG.")
@pass_installation
def calibrate_command(
    installation: Installation, code: str | None, as_of: datetime | None, file: Path | None
) -> None:
    """Show how often “at grade level” came true on the state test that came after, by subject and grade."""
    zone = ZoneInfo(installation.settings.installation.time_zone)
    day = (as_of or utc_now().astimezone(zone)).date()
    with told(NotFound, CommandError, OSError):
        for district in _chosen(installation, code, one=file is not None):
            found = _report(installation, district, day)
            click.echo("\n".join(lines(district.name, found)))
            if file:
                _draw(found, file)


def _chosen(installation: Installation, code: str | None, *, one: bool) -> list[District]:
    chosen = districts(installation.engine, code)
    if one and len(chosen) > 1:
        codes = ", ".join(district.code for district in chosen)
        raise CommandError(f"a picture shows one district; say which with --district CODE: {codes}")
    return chosen


def _report(installation: Installation, district: District, day: date) -> CalibrationReport:
    parts = []
    with click.progressbar(length=district.students, label=district.name) as bar:
        for students, part in forecasts(installation.engine, district.id, day):
            parts.append(part)
            bar.update(students)
    return report(parts, installation.settings.comparison.certainty)


def _draw(found: CalibrationReport, file: Path) -> None:
    if not found.panels:
        raise CommandError("there is nothing to draw: no group of forecasts is large enough to be shown")
    file.write_text(svg(found.panels), encoding="utf-8")
    click.echo(f"Reliability diagram written to {file}.")

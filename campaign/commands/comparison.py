"""`gbg compare` and `gbg explain`: what the comparison says, and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from sqlalchemy import Engine

from campaign.access import ENGINE
from campaign.commands.comparison_lines import lines
from campaign.commands.districts import District, districts
from campaign.commands.errors import told
from campaign.commands.installation import DAY, FILE, pass_installation
from campaign.comparing import comparisons
from campaign.comparing.comparisons import ComparisonSummary, Terms
from campaign.database import transaction
from campaign.installation import Installation, utc_now
from campaign.plain_error import NotFound
from campaign.settings import Settings
from campaign.store.comparisons import Written
from content.catalog import ContentError
from reports.compare.scales import ScaleError


@click.command("compare")
@click.option("--district", "code", help="Code of one district; without it, all.")
@click.option("--as-of", type=DAY, help="Day the comparison is made for; today if left out.")
@click.option("--export", "file", type=FILE, help="Also write a CSV of the outcomes.")
@pass_installation
def compare_command(
    installation: Installation, code: str | None, as_of: datetime | None, file: Path | None
) -> None:
    """Compare marks with test results for every student, and count the outcomes."""
    now = utc_now()
    day = (as_of or now.astimezone(ZoneInfo(installation.settings.installation.time_zone))).date()
    with told(NotFound, ScaleError, OSError):
        chosen = districts(installation.engine, code)
        for one in chosen:
            _compare(installation, one, day, now)
        if file:
            _export(installation.engine, chosen, file)


@click.command("explain")
@click.argument("student")
@click.argument("subject")
@click.option("--language", default="en", show_default=True, help="Language of the family's sentence.")
@pass_installation
def explain_command(installation: Installation, student: str, subject: str, language: str) -> None:
    """Show why STUDENT (our id, state id or local id) has this outcome in SUBJECT (math, reading …)."""
    with told(NotFound, ContentError), transaction(installation.engine, ENGINE) as connection:
        texts = installation.shelf.of(connection, None)
        found = comparisons.explain(connection, student, subject, texts.catalog, language)
    click.echo(str(found))


def _compare(installation: Installation, district: District, day: date, now: datetime) -> None:
    with click.progressbar(length=district.students, label=district.name) as bar:
        summary = compare_one(
            installation.engine, installation.settings, district, day, now, progress=bar.update
        )
    click.echo("\n".join(lines(district.name, summary)))


def compare_one(
    engine: Engine,
    settings: Settings,
    district: District,
    as_of: date,
    now: datetime,
    progress: Callable[[int], None],
) -> ComparisonSummary:
    """Compare one district with its own grade scales; `progress` is told the students of each chunk as it is done."""
    terms = Terms(
        comparisons.policy_of(settings.comparison), as_of, comparisons.scales_of(settings.home, district.code)
    )
    written = Written()
    for students, part in comparisons.compare_chunks(engine, district.id, terms, now):
        written += part
        progress(students)
    return comparisons.summary(engine, district.id, district.students, written)


def _export(engine: Engine, chosen: Sequence[District], file: Path) -> None:
    """Write the outcomes of these districts into one CSV."""
    with transaction(engine, ENGINE) as connection:
        rows = comparisons.export(connection, [district.id for district in chosen], file)
    click.echo(f"{rows:,} comparisons written to {file}, readable by you alone.")

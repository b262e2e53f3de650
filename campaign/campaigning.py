"""What the campaign's commands do between the command line and the rooms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from campaign import calendar, calendar_file, clock, jobs, ledger
from campaign.access import ENGINE
from campaign.calendar import SchoolYear
from campaign.database import transaction
from campaign.deliver import Delivery
from campaign.ledger import Span
from campaign.plan import Decision, Occurrence
from campaign.settings import Settings
from campaign.sheets import PLAN_COLUMNS, PlanSheet, plan_file, plan_lines, plan_row, reconciliation_lines
from campaign.store import messages, occurrences
from campaign.store.messages import Reconciliation
from campaign.store.occurrences import District


class CommandError(Exception):
    """A command was given something that is not there; the message says what is."""


def span(settings: Settings, first: datetime, last: datetime | None, default_days: int = 0) -> Span:
    """From the start of the first day to the end of the last, in the installation's zone."""
    zone = ZoneInfo(settings.installation.time_zone)
    begin = (first.astimezone(zone) if first.tzinfo else first).date()
    end = last.date() if last else begin + timedelta(days=default_days)
    if end < begin:
        raise CommandError(f"--until {end} lies before --from {begin}; swap them")
    midnight = time(0, tzinfo=zone)
    return Span(datetime.combine(begin, midnight), datetime.combine(end + timedelta(days=1), midnight))


def days(stretch: Span) -> int:
    return (stretch.until - stretch.since).days


def by_day(stretch: Span, advance: Callable[[int], None]) -> Callable[[datetime, int], None]:
    """A listener to a simulated run that moves a bar on by the days that have passed."""
    passed = 0

    def heard(now: datetime, sent: int) -> None:
        nonlocal passed
        day = (now - stretch.since).days
        advance(day - passed)
        passed = day

    return heard


def plan(
    delivery: Delivery, stretch: Span, now: datetime, *, file: Path | None, listed: bool
) -> Iterator[str]:
    """The lines of a dry run; every decision also goes into `file`."""
    sheet = PlanSheet()
    lines: list[str] = [" ".join(PLAN_COLUMNS)] if listed else []
    with plan_file(file) as write:

        def each(occurrence: Occurrence, decision: Decision) -> None:
            sheet.add(occurrence, decision)
            write(occurrence, decision)
            if listed:
                lines.append(" ".join(str(value) or "-" for value in plan_row(occurrence, decision)))

        summary = ledger.plan(delivery, now, dry_run=stretch, each=each)
    yield from lines
    yield from plan_lines(sheet, summary, ledger.students_without_contact(delivery.engine))
    if file is not None:
        yield f"Every decision stands in {file}, by ids."


def outcome(engine: Engine, sheet: Reconciliation) -> Iterator[str]:
    with transaction(engine, ENGINE) as connection:
        yield from reconciliation_lines(sheet, messages.withheld_reasons(connection))


def work(work: jobs.Work, *, every: int, at_once: int) -> None:
    """Be clock and worker until stopped."""
    jobs.prepare(work.engine)
    app = jobs.make_app(work)
    with jobs.door(work.engine) as door:
        ticking = clock.start(lambda: jobs.poke(door, work.engine), seconds=every, first=work.clock())
        try:
            app.run_worker(concurrency=at_once)
        finally:
            ticking.shutdown()


def pause(engine: Engine, slug: str, code: str | None, *, paused: bool) -> str:
    with transaction(engine, ENGINE) as connection:
        district = _district(connection, code) if code else None
        count = occurrences.pause(
            connection, slug, paused=paused, district_id=district.id if district else None
        )
        known = occurrences.slugs(connection)
    if not count:
        raise CommandError(f"there is no campaign {slug!r} here; known: {', '.join(known) or 'none yet'}")
    return f"{slug} is {'paused' if paused else 'going on'} in {count} district{'s' if count > 1 else ''}."


def import_calendar(engine: Engine, file: Path, code: str | None) -> Iterator[str]:
    """Replace a district's calendar; the lines say what came in and what a person should look at."""
    found = calendar_file.read(file)
    with transaction(engine, ENGINE) as connection:
        district = _district(connection, code)
        count = occurrences.replace_calendar(connection, district.id, found)
    yield f"{count} days are now the calendar of {district.code}."
    for gap in calendar.gaps(SchoolYear.of((day, kind) for day, kind, _ in found)):
        yield f"  look at this: {gap}"


def _district(connection: Connection, code: str | None) -> District:
    known = occurrences.districts(connection)
    chosen = [district for district in known if code in (None, district.code)]
    if len(chosen) == 1:
        return chosen[0]
    codes = ", ".join(district.code for district in known) or "none yet; import a roster first"
    raise CommandError(f"say which district with --district CODE; known: {codes}")

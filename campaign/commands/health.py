"""`gbg health`: is the data fresh, complete, matched and mapped, and can families be reached?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

import click

from campaign.access import Principal, Role
from campaign.commands.districts import districts
from campaign.commands.errors import told
from campaign.commands.installation import pass_installation
from campaign.database import transaction
from campaign.health import Health, SchoolRow, examine
from campaign.installation import Installation, utc_now
from campaign.plain_error import NotFound
from campaign.web.staff import words
from reports.compare.rules import REFUSAL_MEANING
from reports.records import Refusal


@click.command("health")
@click.option("--district", "code", help="Code of one district; without it, all.")
@pass_installation
def health_command(installation: Installation, code: str | None) -> None:
    """Show how fresh and complete the data are, what does not match, and whom messages can reach."""
    settings = installation.settings
    today = utc_now().astimezone(ZoneInfo(settings.installation.time_zone)).date()
    with told(NotFound):
        chosen = districts(installation.engine, code)
    for one in chosen:
        with transaction(installation.engine, Principal(Role.DISTRICT, district_id=one.id)) as connection:
            found = examine(connection, today, settings.comparison.expiry_days)
        click.echo("\n".join([one.name, "", *lines(found), ""]))


def lines(found: Health) -> Iterator[str]:
    """The answers of the page, for a terminal."""
    yield "Fresh?"
    for age in found.ages:
        yield f"  {'✓' if age.state == 'fresh' else '✗'} {words.kind_of_data(age.newest)}: {words.age(age)}"
    yield ""
    yield f"Complete? Students with a current mark (m), score (s), both (b), since {found.since}"
    yield from _matrix(found.subjects, [*found.rows, found.whole])
    yield ""
    yield "Matched?"
    for match in found.badly_matched:
        rows = f"{match.unmatched:,} of {match.rows:,} rows without a student"
        yield f"  ✗ {match.name}: {rows}. Bring the roster up to date, then import the file again."
    if not found.badly_matched:
        yield "  ✓ Nearly every row of results found its student."
    yield from _unmapped(found)
    yield ""
    yield "Within reach?"
    yield from _reach(found)


def _matrix(subjects: Sequence[str], rows: Sequence[SchoolRow]) -> Iterator[str]:
    names = [row.school.name or "together" for row in rows[:-1]] + ["together"]
    width = max(len(name) for name in names)
    yield f"  {'':{width}}  {'students':>8}" + "".join(f"  {words.subject(one):>24}" for one in subjects)
    for name, row in zip(names, rows, strict=True):
        cells = (f"{cell.marked:,}m {cell.tested:,}s {cell.both:,}b" for cell in row.cells)
        yield f"  {name:{width}}  {row.school.students:>8,}" + "".join(f"  {cell:>24}" for cell in cells)


def _unmapped(found: Health) -> Iterator[str]:
    for kind, (_, several) in words.UNMAPPED.items():
        of_kind = [one for one in found.unmapped if one.kind == kind]
        if of_kind:
            shown = ", ".join(f"{one.name} ({one.students:,})" for one in of_kind[:5])
            more = f" and {len(of_kind) - 5} more" if len(of_kind) > 5 else ""
            yield f"  ✗ {several}, with their students: {shown}{more}. {words.UNMAPPED_REMEDIES[kind]}"
    for one in found.unmapped:
        if one.kind == "refusal":
            why, remedy = REFUSAL_MEANING[Refusal(one.name)]
            yield f"  ✗ {words.count(one.students, 'student')} not compared: {why} {remedy}"


def _reach(found: Health) -> Iterator[str]:
    students = found.students
    mark = "✓" if found.is_within_reach else "✗"
    yield (
        f"  {mark} {students.unreached:,} of {words.count(students.students, 'student')} have nobody in reach "
        f"({students.without_contact:,} without any contact); {students.paper_only:,} on paper alone"
    )
    yield (
        f"    {students.confidential:,} with a confidential address, {students.court:,} with a contact barred by a "
        f"court, {students.language_unknown:,} whose home language is not known: ask"
    )
    for one in found.languages:
        stops = f", {one.stopped:,} asked us to stop" if one.stopped else ""
        yield (
            f"    {words.language(one.language)}: {words.count(one.contacts, 'contact')}, {one.email:,} by e-mail, "
            f"{one.text:,} by text, {one.paper:,} on paper, {one.nothing:,} without an address{stops}"
        )

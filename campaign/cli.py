"""The command `gbg`: each command a few lines that call one function of a room."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
import waitress

from campaign import (
    accounts,
    campaigning,
    comparing,
    comparisons,
    database,
    doctor,
    family_reports,
    importing,
    jobs,
    ledger,
    links,
    publish,
    simulation,
)
from campaign.access import ENGINE, Role
from campaign.accounts import AccountError
from campaign.app import Installation, create_app, open_installation, utc_now
from campaign.calendar_file import CalendarError
from campaign.campaigning import CommandError
from campaign.database import DatabaseError
from campaign.definition import CampaignError
from campaign.demo import district
from campaign.demo import show as demo_show
from campaign.demo.home import DemoError, Recipe
from campaign.demo.run import DOORS_OPEN
from campaign.doctor import NotReady
from campaign.senders.contract import SenderError
from campaign.settings import SettingsError
from campaign.simulation import SimulationError
from content import catalog
from reports.compare.scales import ScaleError

STUDENTS = click.IntRange(district.MINIMUM_STUDENTS, district.MAXIMUM_STUDENTS)


def pass_installation(command: Callable[..., None]) -> Callable[..., None]:
    """Hand the installation to a command when it runs, so that help works where the settings do not.

    What every command needs is looked at before its work begins.
    """

    @wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        installation = open_installation()
        doctor.require(installation.settings, "secrets", "folder", "space")
        command(installation, *arguments, **options)

    return run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="go-beyond-grades")
def gbg() -> None:
    """Go Beyond Grades: compare report-card grades with assessments and tell each family the whole story."""


@gbg.command("doctor")
def doctor_command() -> None:
    """Check settings, keys, database, fonts, libraries and disk; say what to do about each that fails."""
    findings = doctor.examine_installation()
    for finding in findings:
        click.echo(finding)
    if not all(finding.is_well for finding in findings):
        raise SystemExit(1)


@gbg.command("made-up-district")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="A new folder.")
@click.option("--students", type=STUDENTS, default=district.DEFAULT_STUDENTS, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=district.DEFAULT_SEED, show_default=True)
def made_up_district_command(out: Path, students: int, seed: int) -> None:
    """Write the files of a made-up district: rosters of two vendors, marks, two tests, a calendar."""
    try:
        with click.progressbar(length=students, label="Students") as bar:
            made = district.build(out, students=students, seed=seed, progress=bar.update)
    except FileExistsError as error:
        raise click.ClickException(str(error)) from None
    click.echo(
        f"{made.students:,} made-up students in {made.folder}, with {len(made.faults)} planted faults:"
    )
    for fault in made.faults:
        click.echo(f"  {fault.file}, line {fault.line or '-'}: {fault.kind}; {fault.outcome}")


@gbg.command("import")
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--district", "code", help="Code of the district, for files that name none.")
@click.option(
    "--problems", "file", type=click.Path(path_type=Path, dir_okay=False), help="Write problems as CSV."
)
@pass_installation
def import_command(
    installation: Installation, paths: tuple[Path, ...], code: str | None, file: Path | None
) -> None:
    """Bring in files, folders and zip archives: OneRoster, Ed-Fi, MAP Growth, STAAR, tables with a mapping."""
    summary = importing.bring_in(installation.engine, installation.settings, paths, code, utc_now())
    if file is not None:
        importing.write_problems(installation.engine, file)
    if summary.failed:
        raise SystemExit(1)


@gbg.command("problems")
@click.option("--export", "file", type=click.Path(path_type=Path, dir_okay=False), help="Write them as CSV.")
@pass_installation
def problems_command(installation: Installation, file: Path | None) -> None:
    """List what the newest import of each file refused or wants a person to look at, with what to do."""
    if file is None:
        importing.show_problems(installation.engine)
    else:
        importing.write_problems(installation.engine, file)


@gbg.command("reports")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder for the PDF files."
)
@click.option("--district", "code", help="Code of one district; otherwise all.")
@click.option("--student", help="Identifier of one student.")
@click.option("--force", is_flag=True, help="Draw files again that are there.")
@pass_installation
def reports_command(
    installation: Installation, out: Path, code: str | None, student: str | None, force: bool
) -> None:
    """Write family reports that are new or changed and draw them as PDF, the home language in front.

    A run that was stopped goes on where it stood: start it again.
    """
    doctor.require(installation.settings, *doctor.PRINTING)
    try:
        chosen = family_reports.select(installation.engine, code, student)
    except family_reports.NotFound as error:
        raise click.ClickException(str(error)) from None
    with click.progressbar(length=chosen.students, label="Reports") as bar:
        summaries = [
            family_reports.write_reports(
                installation.engine,
                district_id=district_id,
                catalog=catalog.load(),
                settings=installation.settings,
                out=out,
                now=utc_now(),
                progress=bar.update,
                student_id=chosen.student_id,
                force=force,
            )
            for district_id in chosen.district_ids
        ]
    for summary in summaries:
        click.echo(summary)
    if any(summary.failed for summary in summaries):
        raise SystemExit(1)


@gbg.command("compare")
@click.option("--district", "code", help="Code of one district; without it, all.")
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Day the comparison is made for; today if left out."
)
@click.option(
    "--export",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write a CSV of the outcomes.",
)
@pass_installation
def compare_command(
    installation: Installation, code: str | None, as_of: datetime | None, file: Path | None
) -> None:
    """Compare marks with test results for every student, and count the outcomes."""
    now = utc_now()
    day = (as_of or now.astimezone(ZoneInfo(installation.settings.installation.time_zone))).date()
    try:
        chosen = comparing.districts(installation.engine, code)
        for one in chosen:
            with click.progressbar(length=one.students, label=one.name) as bar:
                summary = comparing.compare_one(
                    installation.engine, installation.settings, one, day, now, bar.update
                )
            click.echo("\n".join(comparing.lines(one.name, summary)))
        if file:
            rows = comparing.export(installation.engine, chosen, file)
            click.echo(f"{rows:,} comparisons written to {file}, readable by you alone.")
    except (comparisons.NotFound, ScaleError, OSError) as error:
        raise click.ClickException(str(error)) from None


@gbg.command("explain")
@click.argument("student")
@click.argument("subject")
@click.option("--language", default="en", show_default=True, help="Language of the family's sentence.")
@pass_installation
def explain_command(installation: Installation, student: str, subject: str, language: str) -> None:
    """Show why STUDENT (our id, state id or local id) has this outcome in SUBJECT (math, reading …)."""
    try:
        with database.transaction(installation.engine, ENGINE) as connection:
            found = comparisons.explain(connection, student, subject, catalog.load(), language)
    except (comparisons.NotFound, catalog.ContentError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(str(found))


@gbg.command("demo")
@click.option("--students", type=STUDENTS, default=district.DEFAULT_STUDENTS, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=district.DEFAULT_SEED, show_default=True)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("var/demo"),
    show_default=True,
    help="Folder of the demonstration: its database, reports, messages.",
)
@click.option("--serve/--no-serve", default=True, show_default=True, help="Serve the pages at the end.")
@click.option(
    "--language", "languages", multiple=True, help="Language families may get; repeat it for several."
)
def demo_command(out: Path, students: int, seed: int, serve: bool, languages: tuple[str, ...]) -> None:
    """Take a made-up district down the whole road, from files to messages, and serve its pages."""
    needs = ["space", *doctor.PRINTING, *(["assets"] if serve else [])]
    with demo_show.perform(out, Recipe(students, seed), languages, needs) as shown:
        if serve:
            demo_show.invite(shown)
            opened = utc_now()
            app = create_app(shown.settings, shown.engine, lambda: DOORS_OPEN + (utc_now() - opened))
            waitress.serve(app, host=shown.settings.web.host, port=shown.settings.web.port, _quiet=True)


DAY = click.DateTime(["%Y-%m-%d"])
CAMPAIGN_ERRORS = (CommandError, CalendarError, CampaignError, SimulationError, SenderError)


@gbg.command("plan")
@click.option("--from", "first", type=DAY, help="First day; today if left out.")
@click.option("--until", "last", type=DAY, help="Last day, included; 30 days on if left out.")
@click.option("--list", "listed", is_flag=True, help="Also print every decision, by ids.")
@click.option(
    "--export", "file", type=click.Path(path_type=Path, dir_okay=False), help="Also write them to a CSV file."
)
@pass_installation
def plan_command(
    installation: Installation, first: datetime | None, last: datetime | None, listed: bool, file: Path | None
) -> None:
    """Show who gets which message when, in which language and channel, and who gets nothing and why; send nothing."""
    now = utc_now()
    span = campaigning.span(installation.settings, first or now, last, default_days=30)
    for line in campaigning.plan(installation.delivery, span, now, file=file, listed=listed):
        click.echo(line)


@gbg.command("run")
@click.option("--from", "first", type=DAY, required=True, help="First simulated day.")
@click.option("--until", "last", type=DAY, required=True, help="Last simulated day, included.")
@pass_installation
def run_command(installation: Installation, first: datetime, last: datetime) -> None:
    """Live through a stretch of campaign on a simulated clock, into the mailbox folder; start again to go on."""
    span = campaigning.span(installation.settings, first, last)
    with click.progressbar(length=campaigning.days(span), label="Simulated days") as bar:
        sheet = simulation.run(installation.delivery, span, campaigning.by_day(span, bar.update))
        bar.update(campaigning.days(span) - bar.pos)
    for line in campaigning.outcome(installation.engine, sheet):
        click.echo(line)


@gbg.command("tick")
@pass_installation
def tick_command(installation: Installation) -> None:
    """Plan and send what is due now, once; for cron. Calling it twice sends nothing twice."""
    handed_over = ledger.tick(installation.delivery, utc_now())
    click.echo(f"{handed_over:,} messages handed to the sender.")


@gbg.command("worker")
@click.option(
    "--every", type=click.IntRange(5, 3600), default=60, show_default=True, help="Seconds of the clock."
)
@click.option("--at-once", type=click.IntRange(1, 32), default=2, show_default=True, help="Jobs at a time.")
@pass_installation
def worker_command(installation: Installation, every: int, at_once: int) -> None:
    """Work until stopped: a clock that wakes what is due, and hands for the jobs. Start as many as you like."""
    campaigning.work(jobs.Work(installation.delivery, utc_now), every=every, at_once=at_once)


@gbg.command("pause")
@click.argument("campaign")
@click.option("--district", "code", help="Code of one district; all of them if left out.")
@pass_installation
def pause_command(installation: Installation, campaign: str, code: str | None) -> None:
    """Hold back every message of CAMPAIGN (its slug, such as go-beyond-grades) until it is resumed."""
    click.echo(campaigning.pause(installation.engine, campaign, code, paused=True))


@gbg.command("resume")
@click.argument("campaign")
@click.option("--district", "code", help="Code of one district; all of them if left out.")
@pass_installation
def resume_command(installation: Installation, campaign: str, code: str | None) -> None:
    """Let CAMPAIGN go on; what has become too late in the meantime is dropped and counted."""
    click.echo(campaigning.pause(installation.engine, campaign, code, paused=False))


@gbg.group("calendar")
def calendar_group() -> None:
    """The district's year: school days, holidays, report cards, results, conferences."""


@calendar_group.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--district", "code", help="Code of the district; not needed where there is one only.")
@pass_installation
def calendar_import_command(installation: Installation, file: Path, code: str | None) -> None:
    """Put the days of FILE (CSV with day,kind,title, or TOML) in place of a district's calendar."""
    for line in campaigning.import_calendar(installation.engine, file, code):
        click.echo(line)


@gbg.command("serve")
@pass_installation
def serve_command(installation: Installation) -> None:
    """Serve the pages of staff, families and partners until it is stopped with Ctrl+C."""
    doctor.require(installation.settings, *doctor.CHECKS)
    web = installation.settings.web
    app = create_app(installation.settings, installation.engine)
    click.echo(f"Open {installation.settings.installation.base_url} (stop with Ctrl+C)")
    # The access log names routes and ids, never a person.
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    waitress.serve(app, host=web.host, port=web.port, ident=None, _quiet=True)


@gbg.group("account")
def account_group() -> None:
    """Look after the accounts of staff and partners."""


@account_group.command("add")
@click.argument("email")
@click.option("--name", required=True)
@click.option("--role", type=click.Choice([str(role) for role in accounts.ROLES]), required=True)
@click.option("--district", help="Code of the district; every role but state needs it.")
@click.option("--school", "schools", multiple=True, help="Id or name of a school; repeat it for several.")
@click.option("--staff", "staff_id", help="Id or e-mail of the teacher in the imported roster.")
@click.option("--password/--no-password", "ask", default=True, help="Ask for a password, or use links only.")
@pass_installation
def account_add_command(installation: Installation, ask: bool, role: str, **fields: Any) -> None:
    """Open an account for EMAIL."""
    password = click.prompt("Password", hide_input=True, confirmation_prompt=True) if ask else None
    new = accounts.NewAccount(**fields, role=Role(role), password=password)
    accounts.add(installation.engine, new, utc_now())
    click.echo(f"{new.email} may sign in ({role}).")


@account_group.command("list")
@pass_installation
def account_list_command(installation: Installation) -> None:
    """List all accounts with their role and what they reach."""
    for account in accounts.everyone(installation.engine):
        click.echo(f"{account.email}\t{account.role}\t{account.place}\t{'' if account.active else 'closed'}")


@account_group.command("disable")
@click.argument("email")
@pass_installation
def account_disable_command(installation: Installation, email: str) -> None:
    """Close the account of EMAIL; its open sessions end at once."""
    accounts.disable(installation.engine, email, utc_now())
    click.echo(f"The account of {email} is closed.")


@gbg.command("sign-in-link")
@click.argument("email")
@pass_installation
def sign_in_link_command(installation: Installation, email: str) -> None:
    """Print a link that signs EMAIL in once, within ten minutes."""
    base_url = installation.settings.installation.base_url
    click.echo(accounts.sign_in_link(installation.engine, email, base_url, utc_now()))


@gbg.command("publish")
@click.option("--district", "code", help="Code of one district; without it, all.")
@click.option(
    "--export",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write what is published as CSV.",
)
@pass_installation
def publish_command(installation: Installation, code: str | None, file: Path | None) -> None:
    """Publish totals for partners: small groups hidden, shares as ranges."""
    try:
        chosen = comparing.districts(installation.engine, code)
        for one in chosen:
            summary = publish.publish(installation.engine, one.id, installation.settings, utc_now())
            click.echo(f"{one.name}\n{summary}")
        if file:
            publish.export(installation.engine, [one.id for one in chosen], installation.settings, file)
            click.echo(f"Written to {file}.")
    except (comparisons.NotFound, OSError) as error:
        raise click.ClickException(str(error)) from None


@gbg.group("link")
def link_group() -> None:
    """Family links."""


@link_group.command("revoke")
@click.option("--district", "code", required=True, help="Code of the district.")
@click.option("--student", "student_id", type=int, help="Our id of one student.")
@click.option("--contact", "contact_id", type=int, help="Our id of one contact.")
@click.option("--school", "school_id", type=int, help="Our id of one school.")
@click.option("--all", "everything", is_flag=True, help="All links of the district.")
@click.option("--reason", required=True, help="Kept with each link: custody change, transfer …")
@pass_installation
def link_revoke_command(
    installation: Installation,
    code: str,
    student_id: int | None,
    contact_id: int | None,
    school_id: int | None,
    everything: bool,
    reason: str,
) -> None:
    """End report links at once, and the pages open through them. New messages bring new links."""
    if not (everything or student_id or contact_id or school_id):
        raise click.UsageError("Say whose links: --student, --contact, --school or --all.")
    try:
        district_id = comparing.districts(installation.engine, code)[0].id
    except comparisons.NotFound as error:
        raise click.ClickException(str(error)) from None
    reach = links.Reach(district_id, student_id, contact_id, school_id)
    with database.transaction(installation.engine, ENGINE) as connection:
        ended = links.revoke(connection, reach, reason=reason, now=utc_now())
    click.echo(f"{ended:,} links ended.")


def main() -> None:
    try:
        gbg(standalone_mode=True)
    except (SettingsError, DatabaseError, NotReady, DemoError, AccountError, *CAMPAIGN_ERRORS) as error:
        click.echo(f"gbg: {error}", err=True)
        raise SystemExit(1) from None

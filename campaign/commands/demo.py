"""`gbg demo` and `gbg made-up-district`: everything on data of nobody."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from campaign import doctor
from campaign.app import create_app
from campaign.commands import demo_show, web
from campaign.commands.errors import told
from campaign.commands.installation import FOLDER
from campaign.demo import district
from campaign.demo.home import Recipe
from campaign.installation import delivery_of, utc_now
from campaign.jobs import Work

STUDENTS = click.IntRange(district.MINIMUM_STUDENTS, district.MAXIMUM_STUDENTS)


@click.command("made-up-district")
@click.option("--out", type=FOLDER, required=True, help="A new folder.")
@click.option("--students", type=STUDENTS, default=district.DEFAULT_STUDENTS, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=district.DEFAULT_SEED, show_default=True)
def made_up_district_command(out: Path, students: int, seed: int) -> None:
    """Write the files of a made-up district: rosters of two vendors, marks, two tests, a calendar."""
    with told(FileExistsError), click.progressbar(length=students, label="Students") as bar:
        made = district.build(out, students=students, seed=seed, progress=bar.update)
    click.echo(
        f"{made.students:,} made-up students in {made.folder}, with {len(made.faults)} planted faults:"
    )
    for fault in made.faults:
        click.echo(f"  {fault.file}, line {fault.line or '-'}: {fault.kind}; {fault.outcome}")


@click.command("demo")
@click.option("--students", type=STUDENTS, default=district.DEFAULT_STUDENTS, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=district.DEFAULT_SEED, show_default=True)
@click.option(
    "--out",
    type=FOLDER,
    default=Path("var/demo"),
    show_default=True,
    help="Folder of the demonstration: its database, reports, messages.",
)
@click.option(
    "--year", is_flag=True, help="Live through the whole school year, not its first campaign month."
)
@click.option("--serve/--no-serve", default=True, show_default=True, help="Serve the pages at the end.")
@click.option(
    "--language", "languages", multiple=True, help="Language families may get; repeat it for several."
)
def demo_command(
    out: Path, students: int, seed: int, year: bool, serve: bool, languages: tuple[str, ...]
) -> None:
    """Take a made-up district down the whole road, from files to messages, and serve its pages."""
    needs = ["space", *doctor.PRINTING, *(["assets", "port"] if serve else [])]
    with demo_show.perform(out, Recipe(students, seed, year), languages, needs) as shown:
        if serve:
            demo_show.invite(shown)
            _serve(shown)


def _serve(shown: demo_show.Shown) -> None:
    """Serve the pages as if the made-up campaign had just ended, until somebody stops it."""
    opened, over = utc_now(), shown.demonstration.over

    def now() -> datetime:
        return over + (utc_now() - opened)

    app = create_app(shown.settings, shown.engine, now)
    web.serve(app, shown.settings, Work(delivery_of(shown.settings, shown.engine), now))

"""What somebody who watches a demonstration sees: the stations as they come, a bar where it takes long, the doors."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click
from sqlalchemy import Engine

from campaign import doctor, settings
from campaign.commands import reconcile
from campaign.demo import summary
from campaign.demo.home import DemoHome, Recipe, open_database
from campaign.demo.run import Demonstration, run
from campaign.settings import Settings


class Terminal:
    """Tells it on the terminal. A bar is drawn for people only, never into a file."""

    def station(self, name: str) -> None:
        click.echo(f"• {name}")

    @contextmanager
    def bar(self, length: int) -> Iterator[Callable[[int], None]]:
        with click.progressbar(length=length, label=" ") as bar:
            yield bar.update


@dataclass(frozen=True)
class Shown:
    """A demonstration that is over but for its visitors: its settings and its open database."""

    settings: Settings
    engine: Engine
    demonstration: Demonstration


@contextmanager
def perform(folder: Path, recipe: Recipe, languages: Sequence[str], needs: Sequence[str]) -> Iterator[Shown]:
    """Run a demonstration in `folder`, telling it on the terminal; its database is open until the end.

    `needs` names the checks of `gbg doctor` that must pass first. Raises DemoError, NotReady, SettingsError.
    """
    home = DemoHome(folder.resolve())
    beginning = home.prepare(recipe)
    click.echo(beginning)
    installed = settings.load(environment={**os.environ, "GBG_HOME": str(home.folder)})
    own = home.settings(installed, languages)
    doctor.require(own, *needs)
    with open_database(own) as engine:
        shown = Shown(own, engine, run(engine, own, home, recipe, beginning=beginning, show=Terminal()))
        _tell(shown)
        yield shown


def _tell(shown: Shown) -> None:
    """The summary, and the sheet that accounts for every message of the year."""
    click.echo()
    for line in summary.lines(shown.demonstration.summary):
        click.echo(line)
    click.echo("Everything planned, and what became of it")
    for line in reconcile.lines(reconcile.read(shown.engine, date.min, date.max)):
        click.echo(line)


def invite(shown: Shown) -> None:
    """The doors, each with its link."""
    base_url, demonstration = shown.settings.installation.base_url, shown.demonstration
    click.echo("\nSign in as (each link works once):")
    for door in demonstration.staff_doors:
        click.echo(f"  {door.role.value:9s} {base_url}{door.path}")
    if family := demonstration.family_door:
        click.echo(
            f"  {'family':9s} {base_url}{family.path}\n  {'':9s} the birth date to type is {family.birth_date}"
        )

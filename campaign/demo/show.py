"""What somebody who watches a demonstration sees: the stations as they come, a bar where it takes long, the doors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from campaign.demo import summary
from campaign.demo.run import Demonstration


class Terminal:
    """Tells it on the terminal. A bar is drawn for people only, never into a file."""

    def station(self, name: str) -> None:
        click.echo(f"• {name}")

    @contextmanager
    def bar(self, length: int) -> Iterator[Callable[[int], None]]:
        with click.progressbar(length=length, label=" ") as bar:
            yield bar.update


def tell(demonstration: Demonstration) -> None:
    """The summary."""
    click.echo()
    for line in summary.lines(demonstration.summary):
        click.echo(line)


def invite(demonstration: Demonstration, base_url: str) -> None:
    """The doors, each with its link."""
    click.echo("\nSign in as (each link works once):")
    for door in demonstration.staff_doors:
        click.echo(f"  {door.role.value:9s} {base_url}{door.path}")
    if family := demonstration.family_door:
        click.echo(
            f"  {'family':9s} {base_url}{family.path}\n  {'':9s} the birth date to type is {family.birth_date}"
        )

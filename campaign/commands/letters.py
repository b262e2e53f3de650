"""`gbg letters`: print what campaigns write by letter, and say what became of it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import click
from sqlalchemy import Connection

from campaign.access import ENGINE
from campaign.commands.errors import CommandError, told
from campaign.commands.installation import DAY, FOLDER, pass_installation
from campaign.database import transaction
from campaign.installation import Installation, utc_now
from campaign.paper import letter_answers
from campaign.paper.letter_answers import NotSo, Word
from campaign.store import letters as store
from campaign.store.letters import LetterRun
from reports.mailing.address import WINDOWS

RUN = click.argument("run")
ENVELOPES = click.argument("envelopes", type=int, nargs=-1, required=True)
BY = click.option("--by", "name", required=True, help="Name of the person who says so.")
ACTOR = "engine"


@click.group("letters")
def letters_group() -> None:
    """Print the letters of campaigns, and say what became of them: nothing else makes a letter sent."""


@letters_group.command("print")
@click.option("--out", type=FOLDER, required=True, help="Folder for the files, closed to other accounts.")
@click.option("--district", "code", help="Code of the district; needed where there are several.")
@click.option("--campaign", "slug", help="Letters of one campaign (its slug) alone.")
@click.option(
    "--envelope", type=click.Choice(list(WINDOWS)), default="number-10", help="Kind of window envelope."
)
@click.option("--run", "number", help="Draw the files of this run, which is not closed yet.")
@pass_installation
def letters_print_command(
    installation: Installation,
    out: Path,
    code: str | None,
    slug: str | None,
    envelope: str,
    number: str | None,
) -> None:
    """Take the letters that are due into a run and draw its files; one that was stopped goes on where it stood."""
    # Late: what draws reports, which the other words about letters do without.
    from campaign.commands import letters_printing

    letters_printing.printed(installation, out, letters_printing.Wish(code, slug, envelope, number))


@letters_group.command("list")
@pass_installation
def letters_list_command(installation: Installation) -> None:
    """List the newest runs and what became of them, and how many letters wait."""
    with transaction(installation.engine, ENGINE) as connection:
        runs, due = store.runs(connection, 20), store.due(connection, utc_now())
    click.echo(f"{due:,} letters are due")
    for run in runs:
        click.echo(f"{run.number}  {run.taken_at:%Y-%m-%d}  {run.letters:>6,} letters  {_outcome(run)}")


@letters_group.command("posted")
@RUN
@click.option("--on", "day", type=DAY, required=True, help="Day on which it was posted or handed out.")
@BY
@pass_installation
def letters_posted_command(installation: Installation, run: str, day: datetime, name: str) -> None:
    """Say that RUN (its number) was posted: its letters count as sent."""
    count = _say(installation, name, lambda c, word: letter_answers.posted(c, run, day.date(), word))
    _clear(installation, run)
    click.echo(f"{count:,} letters of {run} count as sent")


@letters_group.command("thrown-away")
@RUN
@BY
@pass_installation
def letters_thrown_away_command(installation: Installation, run: str, name: str) -> None:
    """Say that RUN (its number) was not printed, or thrown away: its letters wait for the next run."""
    count = _say(installation, name, lambda c, word: letter_answers.thrown_away(c, run, word))
    _clear(installation, run)
    click.echo(f"{count:,} letters of {run} wait for the next run")


class OnEnvelopes(NamedTuple):
    """What can be said of single envelopes: what it does, its help, and what has become of so many letters then."""

    act: Callable[[Connection, str, Collection[int], Word], int]
    help: str
    told: str


_ON_ENVELOPES = {
    "spoiled": OnEnvelopes(
        letter_answers.spoiled,
        "Take ENVELOPES (their numbers) that were spoiled out of RUN: the next run prints them.",
        "wait for the next run",
    ),
    "came-back": OnEnvelopes(
        letter_answers.came_back,
        "Say that ENVELOPES (their numbers) of RUN came back: nobody lives there under that name.",
        "count as not arrived",
    ),
    "put-back": OnEnvelopes(
        letter_answers.put_back,
        "Put ENVELOPES (their numbers) back into RUN that were called spoiled, or come back, by mistake today.",
        "are again as the others of their run",
    ),
}


def _add(name: str, said: OnEnvelopes) -> None:
    @letters_group.command(name, help=said.help)
    @RUN
    @ENVELOPES
    @BY
    @pass_installation
    def command(installation: Installation, run: str, envelopes: tuple[int, ...], name: str) -> None:
        count = _say(installation, name, lambda c, word: said.act(c, run, envelopes, word))
        if not count:
            raise CommandError(
                f"None of these envelopes of {run} can be that; the list of the run has their numbers."
            )
        click.echo(f"{count:,} letters of {run} {said.told}")


for _name, _said in _ON_ENVELOPES.items():
    _add(_name, _said)


def run_of(installation: Installation, number: str) -> LetterRun:
    with transaction(installation.engine, ENGINE) as connection:
        run = store.run(connection, number)
    if run is None:
        raise CommandError(f"There is no run {number}; gbg letters list  shows them.")
    return run


def _say(installation: Installation, name: str, act: Callable[[Connection, Word], int]) -> int:
    word = Word(name, ACTOR, utc_now(), installation.settings.installation.time_zone)
    with told(NotSo), transaction(installation.engine, ENGINE) as connection:
        return act(connection, word)


def _clear(installation: Installation, number: str) -> None:
    letter_answers.clear(installation.settings.home, run_of(installation, number))


def _outcome(run: LetterRun) -> str:
    if run.outcome == store.POSTED:
        return f"posted on {run.posted_on}, says {run.said_by}"
    if run.outcome:
        return f"not printed or thrown away, says {run.said_by}"
    return "waits for a word" if run.finished_at else f"being printed, {run.printed:,} done"

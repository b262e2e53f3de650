"""`gbg letters print`: the letters that are due, or those of a run that is not closed, as files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from campaign import doctor
from campaign.access import ENGINE
from campaign.commands.districts import only_district
from campaign.commands.errors import told
from campaign.commands.letters import ACTOR, run_of
from campaign.database import transaction
from campaign.installation import Installation, utc_now
from campaign.paper import letter_files, letter_list, letters
from campaign.paper.letters import Wanted
from campaign.paper.print_runs import PrintError
from campaign.store import letters as store
from campaign.store.letters import LetterRun


@dataclass(frozen=True)
class Wish:
    """Which letters: the run `number`, or what is due in a district and, with a `slug`, of one campaign."""

    code: str | None
    slug: str | None
    envelope: str
    number: str | None


def printed(installation: Installation, out: Path, wish: Wish) -> None:
    doctor.require(installation.settings, *doctor.PRINTING)
    with told(PrintError):
        run = run_of(installation, wish.number) if wish.number else _taken(installation, wish)
        with click.progressbar(length=run.letters, label=f"Run {run.number}") as bar:
            done = letter_files.produce(installation.delivery, run, out, utc_now(), bar.update)
    _tell(done, out)


def _taken(installation: Installation, wish: Wish) -> LetterRun:
    with transaction(installation.engine, ENGINE) as connection:
        district_id = only_district(connection, wish.code).id
    wanted = Wanted(district_id, wish.slug, wish.envelope)
    return letters.take(installation.delivery, wanted, actor=ACTOR, now=utc_now())


def _tell(run: LetterRun, out: Path) -> None:
    click.echo(f"Printed    {run.printed:>9,} of {run.letters:,} letters")
    for state in (store.REPLACED, store.NOT_DRAWN):
        if run.states.get(state):
            click.echo(f"Left out   {run.states[state]:>9,} {letter_list.STATES[state]}")
    for file in letter_list.files(out, run):
        click.echo(str(file))
    click.echo(f"When it is posted:  gbg letters posted {run.number} --on DAY --by NAME")

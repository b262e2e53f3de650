"""`gbg identities`: rows whose student is not certain, listed and decided."""

from __future__ import annotations

from collections.abc import Iterator

import click
from sqlalchemy import Connection

from campaign.access import ENGINE
from campaign.commands.errors import CommandError
from campaign.commands.installation import pass_installation
from campaign.database import transaction
from campaign.identity import identities as rules
from campaign.identity.identities import Answer, Decision, Told
from campaign.installation import Installation, utc_now
from campaign.store import identities as store

ACTOR = "command line"


@click.group("identities")
def identities_group() -> None:
    """Rows of files whose student is not certain."""


@identities_group.command("list")
@click.option(
    "--state", type=click.Choice(store.STATES), default="open", show_default=True, help="Which cases."
)
@pass_installation
def list_command(installation: Installation, state: str) -> None:
    """List cases by ids: what is not certain, which students it could be, and where it stands."""
    with transaction(installation.engine, ENGINE) as connection:
        for line in _lines(connection, state):
            click.echo(line)


@identities_group.command("decide")
@click.argument("case", type=int)
@click.argument("answer", type=click.Choice([*(str(word) for word in Decision), "take-back"]))
@click.argument("student", type=int, required=False)
@pass_installation
def decide_command(installation: Installation, case: int, answer: str, student: int | None) -> None:
    """Decide CASE, or take a decision back; then import the files that are named again."""
    if (student is not None) is not (answer in {Decision.SAME, Decision.REPLACE}):
        raise CommandError(
            "say which STUDENT (our id) after same or replace, and none after the other answers"
        )
    with transaction(installation.engine, ENGINE) as connection:
        click.echo(_decide(connection, case, answer, student))


@identities_group.command("accept-sure")
@pass_installation
def accept_sure_command(installation: Installation) -> None:
    """Say of every case that leaves no doubt that it is the same student."""
    with transaction(installation.engine, ENGINE) as connection:
        sure = store.sure_ones(connection)
        done = rules.accept_sure_ones(connection, sure, actor=ACTOR, now=utc_now())
    click.echo(f"{done} cases decided. Import the files concerned again.")


def _lines(connection: Connection, state: str) -> Iterator[str]:
    counts = store.counts(connection)
    yield ", ".join(f"{counts[name]} {name}" for name in store.STATES)
    for case in store.cases(connection, state, limit=None):
        students = ", ".join(str(student) for student in case.candidates) or "nobody"
        sure = f" ({case.confidence})" if case.confidence else ""
        place = f"{case.file}, line {case.line}" if case.file else "file not known"
        yield f"case {case.case_id}: {case.kind}{sure}, {case.rows} rows, could be {students}; {place}"


def _decide(connection: Connection, case: int, answer: str, student: int | None) -> str:
    if answer == "take-back":
        told = rules.take_back(connection, case, actor=ACTOR, now=utc_now())
    else:
        word = Answer(case, Decision(answer), student)
        told = rules.decide(connection, word, actor=ACTOR, now=utc_now())
    if told is Told.CHANGED:
        raise CommandError(f"case {case} is not open to that: look at it with gbg identities list")
    files = ", ".join(store.files_to_import_again(connection, case))
    again = f" Import again: {files}." if files and told is not Told.WAITING else ""
    return f"Case {case}: {told.replace('_', ' ')}.{again}"

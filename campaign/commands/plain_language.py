"""`gbg readability`: how hard a text is to read, and what would make it easier."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

import click

from campaign.wordings.plain_language import Look, look
from content import languages


@click.command("readability")
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option(
    "--language",
    type=click.Choice(list(languages.languages())),
    default="en",
    show_default=True,
    help="The language of the text.",
)
def readability_command(file: TextIO, language: str) -> None:
    """Say how hard the text of FILE (or - for what is piped in) is to read, and what would make it easier.

    Offline; nothing is stored. Ends with 1 where the text is too hard or says what we do not say.
    """
    found = look(_text(file), language)
    if not found.reading.sentences:
        raise click.ClickException("There is no text in it.")
    for line in _lines(found):
        click.echo(line)
    if found.is_easy is False or any(finding.kind == "not said" for finding in found.findings):
        raise SystemExit(1)


def _text(file: TextIO) -> str:
    try:
        return file.read()
    except UnicodeDecodeError:
        raise click.ClickException(
            f"{file.name} is not UTF-8 text. Save it as UTF-8 and try again."
        ) from None


def _lines(found: Look) -> Iterator[str]:
    yield from found.verdicts
    for finding in found.findings:
        yield f"line {finding.line}: {finding.words}\n    {finding.advice}"
    if not found.findings:
        yield "No word and no sentence stands out."

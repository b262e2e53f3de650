"""How commands fail: in one line that says what is wrong and what to do, with status 1."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from campaign.plain_error import PlainError


class CommandError(PlainError):
    """A command was given something that is not there; the message says what is."""


@contextmanager
def told(*kinds: type[Exception]) -> Iterator[None]:
    """Tell errors of these kinds, which this command alone may meet."""
    try:
        yield
    except kinds as error:
        raise click.ClickException(str(error)) from None

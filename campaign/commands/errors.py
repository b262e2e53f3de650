"""How commands fail: in one line that says what is wrong and what to do, with status 1."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from campaign.accounts import AccountError
from campaign.approval.approvals import ApprovalError
from campaign.database import DatabaseError
from campaign.definitions.definition import CampaignError
from campaign.demo.home import DemoError
from campaign.doctor import NotReady
from campaign.intake.edfi.api import EdFiError
from campaign.school_year.calendar_file import CalendarError
from campaign.senders.contract import SenderError
from campaign.settings import SettingsError
from campaign.simulation import SimulationError


class CommandError(Exception):
    """A command was given something that is not there; the message says what is."""


# What any command may meet; `campaign.cli` tells it.
TOLD = (
    AccountError,
    ApprovalError,
    CalendarError,
    CampaignError,
    CommandError,
    DatabaseError,
    DemoError,
    EdFiError,
    NotReady,
    SenderError,
    SettingsError,
    SimulationError,
)


@contextmanager
def told(*kinds: type[Exception]) -> Iterator[None]:
    """Tell errors of these kinds, which this command alone may meet."""
    try:
        yield
    except kinds as error:
        raise click.ClickException(str(error)) from None

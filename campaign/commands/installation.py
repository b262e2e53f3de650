"""What a command works on, and the kinds of values that several commands take."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from campaign import doctor
from campaign.installation import open_installation

DAY = click.DateTime(["%Y-%m-%d"])
FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)


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

"""`gbg serve`: the pages, and a worker behind them."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from contextlib import nullcontext
from types import FrameType
from typing import Any

import click
import waitress

from campaign import background, doctor
from campaign.app import create_app
from campaign.commands.installation import pass_installation
from campaign.installation import Installation, utc_now
from campaign.jobs import Work
from campaign.settings import Settings


@click.command("serve")
@click.option("--worker/--no-worker", default=True, show_default=True, help="Also do what gbg worker does.")
@pass_installation
def serve_command(installation: Installation, worker: bool) -> None:
    """Serve the pages of staff, families and partners, and work behind them, until stopped with Ctrl+C."""
    doctor.require(installation.settings, *doctor.SERVING)
    app = create_app(installation.settings, installation.engine)
    click.echo(f"Open {installation.settings.installation.base_url} (stop with Ctrl+C)")
    # The access log names routes and ids, never a person.
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    serve(app, installation.settings, Work(installation.delivery, utc_now) if worker else None)


def serve(app: Callable[..., Any], settings: Settings, work: Work | None) -> None:
    """Serve until Ctrl+C or SIGTERM, with `work` in the same process; the end waits for what is under way."""
    signal.signal(signal.SIGTERM, _stop)
    web, largest = settings.web, (settings.intake.maximum_file_megabytes + 1) * 1024 * 1024
    with background.working(work, utc_now()) if work else nullcontext():
        waitress.serve(
            app, host=web.host, port=web.port, ident=None, max_request_body_size=largest, _quiet=True
        )


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit

"""`gbg serve`: the pages."""

from __future__ import annotations

import logging

import click
import waitress

from campaign import doctor
from campaign.app import Installation, create_app
from campaign.commands.installation import pass_installation


@click.command("serve")
@pass_installation
def serve_command(installation: Installation) -> None:
    """Serve the pages of staff, families and partners until it is stopped with Ctrl+C."""
    doctor.require(installation.settings, *doctor.CHECKS)
    web = installation.settings.web
    app = create_app(installation.settings, installation.engine)
    click.echo(f"Open {installation.settings.installation.base_url} (stop with Ctrl+C)")
    # The access log names routes and ids, never a person.
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    largest = (installation.settings.intake.maximum_file_megabytes + 1) * 1024 * 1024
    waitress.serve(app, host=web.host, port=web.port, ident=None, max_request_body_size=largest, _quiet=True)

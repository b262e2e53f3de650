"""`gbg edfi`: fetch from the district's Ed-Fi API, and bring in what it gives."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import click

from campaign.commands.installation import FOLDER, pass_installation
from campaign.commands.intake import bring_in, tell
from campaign.installation import Installation, utc_now
from campaign.intake.edfi.api import EdFiApi, EdFiError
from campaign.intake.edfi.fetch import Fetched, fetch
from campaign.settings import Settings


@click.group("edfi")
def edfi_group() -> None:
    """Read from the Ed-Fi API named in config.toml, with EDFI_KEY and EDFI_SECRET."""


@edfi_group.command("fetch")
@click.argument("folder", type=FOLDER)
@pass_installation
def fetch_command(installation: Installation, folder: Path) -> None:
    """Write everything the program reads into FOLDER, one file a resource, for `gbg import FOLDER`."""
    _show(_fetch(installation.settings, folder))


@edfi_group.command("import")
@click.option("--district", "code", help="Code of the district, if the server has several.")
@pass_installation
def import_command(installation: Installation, code: str | None) -> None:
    """Fetch, import, and delete the fetched files again."""
    settings = installation.settings
    folder = Path(tempfile.mkdtemp(prefix="edfi-", dir=settings.home))
    try:
        _show(_fetch(settings, folder))
        failed = bring_in(installation.engine, settings, [folder], code, utc_now()).failed
    finally:
        shutil.rmtree(folder)
    if failed:
        raise SystemExit(1)


def _fetch(settings: Settings, folder: Path) -> Sequence[Fetched]:
    key, secret = settings.secrets.edfi_key, settings.secrets.edfi_secret
    if not settings.edfi.base_url:
        raise EdFiError("No Ed-Fi server is set. Write its address as [edfi] base_url in config.toml.")
    if not key or not secret:
        raise EdFiError("EDFI_KEY and EDFI_SECRET are not both set; set them in the environment.")
    with closing(EdFiApi(settings.edfi.base_url, key, secret)) as api:
        return fetch(api, folder, utc_now(), tell)


def _show(found: Sequence[Fetched]) -> None:
    click.echo(err=True)
    for resource in found:
        click.echo(f"{resource.resource:<42}{resource.problem or f'{resource.records:>10,}'}")

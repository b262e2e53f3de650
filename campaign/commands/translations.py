"""`gbg translations`: how far each language is, as files for translators and back, and whether drafts may go out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from campaign.access import ENGINE
from campaign.commands.districts import only_district
from campaign.commands.errors import told
from campaign.commands.installation import FILE, pass_installation
from campaign.database import transaction
from campaign.installation import Installation, utc_now
from campaign.store import draft_permissions
from campaign.wordings import drafts, translation_files, translations
from campaign.wordings.drafts import DraftError, Word
from campaign.wordings.texts import DRAFT, REVIEWED, STALE, overlaid
from campaign.wordings.translations import Author, Desk, TranslationError
from campaign.wordings.wording import ENGLISH
from content.catalog import Catalog
from content.fields import ContentError
from content.languages import languages
from content.wordings import Wording

ACTOR = "command line"
_DISTRICT = click.option(
    "--district", "code", help="Code of one district; without it, the texts that hold in all of them."
)
_OWN_DISTRICT = click.option(
    "--district", "code", help="Code of the district; needed where there are several."
)
_NAME = click.option("--name", required=True, help="Name of the person who answers for it.")
_REASON = click.option("--reason", required=True, help="Why.")


@click.group("translations")
def translations_group() -> None:
    """Texts in families' languages: reviewed or not, as files, and whether drafts may go out."""


@translations_group.command("status")
@_DISTRICT
@pass_installation
def status_command(installation: Installation, code: str | None) -> None:
    """Show for each language how many texts are reviewed, drafts, or older than their English."""
    with transaction(installation.engine, ENGINE) as connection:
        district_id = only_district(connection, code).id if code else None
        catalog = overlaid(connection, installation.shelf.shipped, district_id)
        said = draft_permissions.in_force(connection, district_id) if district_id else {}
    for line in (*_table(catalog), *drafts.banner(said)):
        click.echo(line)


def _table(catalog: Catalog) -> Iterator[str]:
    yield f"{'language':<22}{'texts':>7}{'reviewed':>10}{'drafts':>8}{'stale':>7}"
    for language in languages().values():
        if language.id != ENGLISH:
            counts = translations.states(translations.written(catalog, language.id))
            numbers = f"{counts.total():>7,}{counts[REVIEWED]:>10,}{counts[DRAFT]:>8,}{counts[STALE]:>7,}"
            yield f"{language.id:<4}{language.english:<18}{numbers}"


@translations_group.command("export")
@click.argument("language")
@click.argument("file", type=FILE)
@_DISTRICT
@pass_installation
def export_command(installation: Installation, language: str, file: Path, code: str | None) -> None:
    """Write all texts of LANGUAGE (such as so) to FILE: .po, or .xlf for XLIFF."""
    suffix = file.suffix.casefold()
    if suffix not in translation_files.FORMATS:
        raise click.ClickException(f"FILE must end in {' or '.join(translation_files.FORMATS)}")
    with told(TranslationError, OSError), _desk(installation, language, code) as desk:
        file.write_bytes(translation_files.write(desk, suffix, utc_now()))
        click.echo(f"{len(translations.entries(desk)):,} texts written to {file}")


@translations_group.command("import")
@click.argument("language")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@_DISTRICT
@click.option("--reviewed", is_flag=True, help="What FILE marks as reviewed has been read by a person.")
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@pass_installation
def import_command(
    installation: Installation, language: str, file: Path, code: str | None, reviewed: bool, dry_run: bool
) -> None:
    """Take the translations of FILE (PO or XLIFF, as exported) in, all or none."""
    with told(TranslationError, ContentError, OSError), _desk(installation, language, code) as desk:
        found = translation_files.read(desk, file.name, file.read_bytes(), as_reviewed=reviewed)
        _show(found.changed)
        counts = f"{found.unchanged:,} stay, {found.untranslated:,} have no translation in the file"
        if dry_run:
            click.echo(f"{len(found.changed):,} texts would change, {counts}. Nothing was kept.")
            return
        edits = translation_files.edits(desk, found, file.name)
        changed = translations.save(desk, edits, Author(ACTOR, utc_now()))
        click.echo(f"{changed:,} texts changed, {counts}.")


def _show(changed: Iterable[Wording]) -> None:
    for one in changed:
        click.echo(f"  {one.unit} {one.key}: {one.text!r} ({one.state.replace('_', ' ')})")


@translations_group.command("allow-drafts")
@click.argument("language")
@_OWN_DISTRICT
@_NAME
@_REASON
@click.option("--stale", is_flag=True, help="Also texts whose English has changed since.")
@pass_installation
def allow_drafts_command(
    installation: Installation, language: str, code: str | None, name: str, reason: str, stale: bool
) -> None:
    """Let texts of LANGUAGE out that nobody has reviewed; name and reason are kept and shown to staff."""
    with told(DraftError), transaction(installation.engine, ENGINE) as connection:
        word = Word(name, reason, ACTOR, utc_now())
        district = only_district(connection, code)
        said = drafts.allow(connection, district.id, language, word, stale=stale)
    click.echo("\n".join(drafts.banner({language: said})))


@translations_group.command("withdraw-drafts")
@click.argument("language")
@_OWN_DISTRICT
@_NAME
@_REASON
@pass_installation
def withdraw_drafts_command(
    installation: Installation, language: str, code: str | None, name: str, reason: str
) -> None:
    """Let only reviewed texts of LANGUAGE out from now on."""
    with told(DraftError), transaction(installation.engine, ENGINE) as connection:
        word = Word(name, reason, ACTOR, utc_now())
        drafts.withdraw(connection, only_district(connection, code).id, language, word)
    click.echo(f"Only reviewed texts in {drafts.name(language)} go out from now on.")


@contextmanager
def _desk(installation: Installation, language: str, code: str | None) -> Iterator[Desk]:
    """The texts of a language in one district or in all, in one transaction. Raises TranslationError."""
    with transaction(installation.engine, ENGINE) as connection:
        district_id = only_district(connection, code).id if code else None
        yield translations.desk(connection, installation.shelf.shipped, district_id, language)

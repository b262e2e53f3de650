"""One language as a file for translators; a file that comes back is looked at before it changes anything."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaign.web.guard import allow
from campaign.web.parts import parts
from campaign.web.staff import translation_words
from campaign.web.staff.blueprint import OFFICE, blueprint
from campaign.web.staff.translation_places import at_place, author, desk_at
from campaign.wordings import translation_files as files
from campaign.wordings import translations
from campaign.wordings.translations import Desk, Edit, TranslationError
from content import languages
from content.fields import ContentError


@dataclass(frozen=True)
class Preview:
    """What a file would change: each text as it is and as it would be. `sent` carries it to the answer."""

    name: str
    changes: Sequence[tuple[str, str, Edit]]
    unchanged: int
    untranslated: int

    @property
    def sent(self) -> str:
        return json.dumps([asdict(edit) for _, _, edit in self.changes], ensure_ascii=False)


@blueprint.get("/translations/<language>/files")
@allow(*OFFICE)
def translation_files(
    language: str, *, preview: Preview | None = None, trouble: Sequence[str] = ()
) -> ResponseReturnValue:
    with at_place() as (connection, place, places):
        desk = desk_at(connection, place, language)
        total = len(translations.entries(desk))
    return render_template(
        "staff/translation_files.html",
        place=place,
        places=places,
        language=languages.language(language),
        total=total,
        preview=preview,
        trouble=trouble,
        told=translation_words.TOLD.get(request.args.get("told", "")),
        texts=translation_words,
    )


@blueprint.get("/translations/<language>/texts<any('.po', '.xlf'):suffix>")
@allow(*OFFICE)
def export_translation(language: str, suffix: str) -> ResponseReturnValue:
    with at_place() as (connection, place, _):
        try:
            content = files.write(desk_at(connection, place, language), suffix, parts().clock())
        except TranslationError:
            abort(404)
    named = "-".join(filter(None, (place.code, languages.language(language).tag)))
    headers = {"Content-Disposition": f'attachment; filename="texts-{named}{suffix}"'}
    return Response(content, content_type=f"{files.FORMATS[suffix]}; charset=utf-8", headers=headers)


@blueprint.post("/translations/<language>/files")
@allow(*OFFICE)
def look_at_translation_file(language: str) -> ResponseReturnValue:
    """Show what a file would change."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _refused(language, ["Choose a file that was exported here and translated."])
    try:
        with at_place() as (connection, place, _):
            desk = desk_at(connection, place, language)
            found = files.read(desk, sent.filename, sent.read(), as_reviewed="reviewed" in request.form)
            changes = _changes(desk, files.edits(desk, found, sent.filename))
    except TranslationError as error:
        return _refused(language, str(error).split("\n"))
    preview = Preview(sent.filename, changes, found.unchanged, found.untranslated)
    return translation_files(language, preview=preview)


@blueprint.post("/translations/<language>/files/take")
@allow(*OFFICE)
def take_translation_file(language: str) -> ResponseReturnValue:
    """Keep all that was shown, or nothing."""
    try:
        with at_place() as (connection, place, _):
            translations.save(desk_at(connection, place, language), _sent_edits(), author())
    except (TranslationError, ContentError) as error:
        return _refused(language, [str(error)])
    address = url_for("staff.translation", language=language, told="taken", **place.address)
    return redirect(address, code=303)


def _refused(language: str, trouble: Sequence[str]) -> ResponseReturnValue:
    return translation_files(language, trouble=trouble), 422  # type: ignore[return-value]


def _changes(desk: Desk, edits: Sequence[Edit]) -> list[tuple[str, str, Edit]]:
    strings = {(one.string.unit, one.string.key): one.string for one in translations.entries(desk)}
    return [(strings[e.unit, e.key].source, strings[e.unit, e.key].text, e) for e in edits]


def _sent_edits() -> list[Edit]:
    """The edits of the form; whoever changes them can send nothing that the review page does not take."""
    try:
        document: list[dict[str, Any]] = json.loads(request.form.get("changes", ""))
        return [
            Edit(
                unit=str(one["unit"]),
                key=str(one["key"]),
                text=str(one["text"]),
                source_hash=str(one["source_hash"]),
                reviewed=bool(one["reviewed"]),
                seen=int(one["seen"]),
                note=str(one["note"])[:200],
            )
            for one in document
        ]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise TranslationError("The changes did not arrive whole. Upload the file again.") from None

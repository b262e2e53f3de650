"""One language side by side with English: read, correct, review, undo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from campaign.store import wordings
from campaign.web.guard import allow
from campaign.web.staff import translation_words
from campaign.web.staff.blueprint import OFFICE, blueprint
from campaign.web.staff.translation_places import Place, at_place, author, desk_at, texts_at
from campaign.web.staff.translation_view import (
    ON_ONE_PAGE,
    Filter,
    Typed,
    anchor_of,
    asked,
    page_address,
    shown,
)
from campaign.web.staff.translations import missing_at, needed_at, units_by_kind
from campaign.wordings import drafts, translations
from campaign.wordings.translations import Desk, Edit, Entry, TranslationError
from content import languages
from content.catalog import ContentError


@blueprint.get("/translations/<language>")
@allow(*OFFICE)
def translation(language: str, typed: Typed | None = None) -> ResponseReturnValue:
    """`typed`: what was sent and not kept; the page then says why, beside the field."""
    with at_place() as (connection, place, places):
        desk = desk_at(connection, place, language)
        texts = texts_at(connection, place)
        needed = [one for one in needed_at(connection, place) if one.language == language]
        entries = translations.entries(desk)
    wanted = asked()
    found = [one for one in entries if wanted.fits(one)]
    wanted, chosen = _page(found, wanted, typed)
    return render_template(
        "staff/translation.html",
        place=place,
        places=places,
        language=languages.language(language),
        counts=translations.states(one.string for one in entries),
        total=len(found),
        pages=max(1, -(-len(found) // ON_ONE_PAGE)),
        wanted=wanted,
        shown=shown(desk, entries, chosen, typed),
        kinds=units_by_kind(texts),
        banner=drafts.banner({k: v for k, v in texts.allowed.items() if k == language}),
        needed=needed,
        missing=missing_at(needed, texts),
        told=translation_words.TOLD.get(request.args.get("told", "")),
        changed=_changed(entries),
        texts=translation_words,
        page_address=page_address,
    )


@blueprint.post("/translations/<language>")
@allow(*OFFICE)
def change_translation(language: str) -> ResponseReturnValue:
    """Save, review or undo one text, or put a proposal into its field."""
    form, does = request.form, request.form.get("do", "save")
    unit, key = form.get("unit", ""), form.get("key", "")
    if does.startswith("take:"):
        return translation(language, Typed(unit, key, _typed_text(does.removeprefix("take:")), None))
    edit = Edit(
        unit,
        key,
        _typed_text(form.get("text", "")),
        form.get("source_hash", ""),
        reviewed=does == "review",
        seen=form.get("seen", 0, type=int),
    )
    if does == "undo":
        return _change(language, edit, lambda desk: _undo(desk, edit))
    return _change(language, edit, lambda desk: _save(desk, [edit], "reviewed" if edit.reviewed else "saved"))


@blueprint.post("/translations/<language>/reviewed")
@allow(*OFFICE)
def review_ticked(language: str) -> ResponseReturnValue:
    """Mark the ticked texts as reviewed, as they stand."""
    ticked = {tuple(value.split("|", 3)) for value in request.form.getlist("ticked")}
    with at_place() as (connection, place, _):
        desk = desk_at(connection, place, language)
        edits = [
            Edit(one.string.unit, one.string.key, one.string.text, one.string.source_hash, reviewed=True)
            for one in translations.entries(desk)
            if _ticket(one) in ticked
        ]
        told = _save(desk, edits, "ticked") if edits else "none_ticked"
    return redirect(page_address(language, place.address, asked(), told=told), code=303)


@blueprint.get("/translations/<language>/history")
@allow(*OFFICE)
def translation_history(language: str) -> ResponseReturnValue:
    unit, key = request.args.get("unit", ""), request.args.get("key", "")
    with at_place() as (connection, place, _):
        desk = desk_at(connection, place, language)
        rows = wordings.history(connection, desk.of(unit, key))
        entry = next(
            (e for e in translations.entries(desk) if (e.string.unit, e.string.key) == (unit, key)), None
        )
    return render_template(
        "staff/translation_history.html",
        place=place,
        language=languages.language(language),
        unit=unit,
        key=key,
        entry=entry,
        rows=rows,
        texts=translation_words,
    )


def _ticket(entry: Entry) -> tuple[str, ...]:
    """What a ticked box says: a text that has changed since it was shown is not reviewed by it."""
    string = entry.string
    return (string.unit, string.key, string.source_hash, str(entry.own.id if entry.own else 0))


def _page(found: Sequence[Entry], wanted: Filter, typed: Typed | None) -> tuple[Filter, Sequence[Entry]]:
    """The texts of the page asked for, or of the last; one that could not be kept is shown wherever it stands."""
    if typed:
        own = [one for one in found if (one.string.unit, one.string.key) == (typed.unit, typed.key)]
        if own:
            wanted = replace(wanted, page=1 + found.index(own[0]) // ON_ONE_PAGE)
    last = max(1, -(-len(found) // ON_ONE_PAGE))
    wanted = replace(wanted, page=min(wanted.page, last))
    start = (wanted.page - 1) * ON_ONE_PAGE
    return wanted, found[start : start + ON_ONE_PAGE]


def _changed(entries: Sequence[Entry]) -> Entry | None:
    """The text that the address says was just changed."""
    anchor = request.args.get("changed", "")
    return next((one for one in entries if anchor_of(one.string.unit, one.string.key) == anchor), None)


def _save(desk: Desk, edits: Sequence[Edit], told: str) -> str:
    return told if translations.save(desk, edits, author()) else "nothing"


def _undo(desk: Desk, edit: Edit) -> str:
    translations.undo(desk, edit.unit, edit.key, author())
    return "undone"


def _change(language: str, edit: Edit, work: Callable[[Desk], str]) -> ResponseReturnValue:
    try:
        with at_place() as (connection, place, _):
            told = work(desk_at(connection, place, language))
    except (TranslationError, ContentError) as error:
        page = translation(language, Typed(edit.unit, edit.key, edit.text, _plain(error)))
        return page, 422  # type: ignore[return-value]
    return _back(language, place, edit, told)


def _back(language: str, place: Place, edit: Edit, told: str) -> ResponseReturnValue:
    """To where the text stands, or, where the filter leaves it out now, to the note on it."""
    anchor = anchor_of(edit.unit, edit.key)
    return redirect(page_address(language, place.address, asked(), told=told, changed=anchor), code=303)


def _typed_text(sent: str) -> str:
    """As browsers send it, with the line breaks of texts and without blanks around it."""
    return sent.replace("\r\n", "\n").strip()


def _plain(error: Exception) -> str:
    """Why a text cannot stand, without the place, which stands beside it."""
    said = str(error).rpartition("): ")[2] if isinstance(error, ContentError) else str(error)
    return said[:1].upper() + said[1:].rstrip(".") + "."

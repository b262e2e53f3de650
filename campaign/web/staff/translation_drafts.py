"""The switch for drafts of one language: who answers for it, and why."""

from __future__ import annotations

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaign.store import draft_permissions
from campaign.web.guard import allow
from campaign.web.parts import parts
from campaign.web.staff import translation_words
from campaign.web.staff.blueprint import OFFICE, blueprint
from campaign.web.staff.translation_places import at_place, desk_at, texts_at
from campaign.wordings import drafts
from campaign.wordings.drafts import DraftError, Word
from content import languages


@blueprint.get("/translations/<language>/drafts")
@allow(*OFFICE)
def translation_drafts(language: str, problem: str | None = None) -> ResponseReturnValue:
    with at_place() as (connection, place, places):
        desk_at(connection, place, language)
        texts = texts_at(connection, place)
        said = draft_permissions.history(connection, place.district_id) if place.district_id else []
    return render_template(
        "staff/translation_drafts.html",
        place=place,
        places=places,
        language=languages.language(language),
        word=texts.allowed.get(language),
        banner=drafts.banner({code: word for code, word in texts.allowed.items() if code == language}),
        history=[one for one in said if one.language == language],
        told=translation_words.TOLD.get(request.args.get("told", "")),
        problem=problem,
        typed=request.form,
        account_name=g.account.name,
        texts=translation_words,
    )


@blueprint.post("/translations/<language>/drafts")
@allow(*OFFICE)
def switch_drafts(language: str) -> ResponseReturnValue:
    form = request.form
    allows = form.get("do") == "allow"
    try:
        with at_place() as (connection, place, _):
            desk_at(connection, place, language)
            if place.district_id is None:
                raise DraftError("Choose a district: each one says for itself whether drafts may go out.")
            word = Word(form.get("said_by", ""), form.get("reason", ""), g.principal.actor, parts().clock())
            if allows:
                drafts.allow(connection, place.district_id, language, word, stale="stale" in form)
            else:
                drafts.withdraw(connection, place.district_id, language, word)
    except DraftError as error:
        return translation_drafts(language, str(error)), 422  # type: ignore[return-value]
    told = "allowed" if allows else "withdrawn"
    address = url_for("staff.translation_drafts", language=language, told=told, **place.address)
    return redirect(address, code=303)

"""The mappings that a district has saved: their versions, as files, retired and brought back."""

from __future__ import annotations

import re
import tomllib
from io import BytesIO

from flask import Response, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaign import database
from campaign.access import ENGINE
from campaign.intake.problems import IntakeError
from campaign.intake.spreadsheet import saved as documents
from campaign.store import table_mappings
from campaign.store.table_mappings import NewVersion, SavedMapping
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts
from campaign.web.staff import asking, table_words
from campaign.web.staff.blueprint import OFFICE, blueprint
from campaign.web.staff.table_forms import name_of


@blueprint.get("/mappings")
@allow(*OFFICE)
def mappings(trouble: str | None = None) -> ResponseReturnValue:
    with as_principal() as connection:
        versions = table_mappings.all_of(connection)
        districts = asking.writable_districts(connection)
    newest = list({(one.district_id, one.name): one for one in reversed(versions)}.values())
    return render_template(
        "staff/mappings.html",
        texts=table_words,
        mappings=sorted(newest, key=lambda one: (one.superseded_at is not None, one.name.casefold())),
        versions=versions,
        districts=districts,
        over=[one.mapping_id for one in newest if documents.is_over(one, parts().clock())],
        told=table_words.TOLD.get(request.args.get("told", "")),
        trouble=trouble,
    )


@blueprint.get("/mappings/<int:mapping_id>.toml")
@allow(*OFFICE)
def mapping_file(mapping_id: int) -> ResponseReturnValue:
    saved = _find(mapping_id)
    name = re.sub(r"[^A-Za-z0-9]+", "-", saved.name).strip("-").casefold() or "mapping"
    headers = {"Content-Disposition": f'attachment; filename="{name}-{saved.version}.toml"'}
    return Response(documents.as_toml(saved.content), content_type="application/toml", headers=headers)


@blueprint.post("/mappings")
@allow(*OFFICE)
def take_mapping() -> ResponseReturnValue:
    """Save a mapping file under a name."""
    sent, name = request.files.get("file"), name_of(request.form)
    wanted = asking.bound_district() or request.form.get("district", type=int)
    with as_principal() as connection:
        district_id = next((id for id, _ in asking.writable_districts(connection) if id == wanted), None)
    if not name or district_id is None or sent is None or not sent.filename:
        return mappings("Choose a file, and the district it is for, and give it a name.")
    try:
        content = documents.checked(sent.filename, tomllib.load(BytesIO(sent.read())))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        return mappings(f"The file cannot be read as TOML: {error}.")
    except IntakeError as error:
        return mappings(str(error))
    _keep(NewVersion(district_id, name, content, None, g.principal.actor), "saved_mapping")
    return redirect(url_for("staff.mappings", told="taken"), code=303)


@blueprint.post("/mappings/<int:mapping_id>/retire")
@allow(*OFFICE)
def retire_mapping(mapping_id: int) -> ResponseReturnValue:
    saved = _find(mapping_id)
    with as_principal() as connection:
        database.assume(connection, ENGINE)
        table_mappings.retire(connection, mapping_id, parts().clock())
        asking.note(connection, "retired_mapping", f"table_mapping:{mapping_id}", saved.district_id)
    return redirect(url_for("staff.mappings", told="retired"), code=303)


@blueprint.post("/mappings/<int:mapping_id>/restore")
@allow(*OFFICE)
def restore_mapping(mapping_id: int) -> ResponseReturnValue:
    """An earlier version, or a retired one, comes back as a new version."""
    old = _find(mapping_id)
    _keep(
        NewVersion(old.district_id, old.name, old.content, old.header, g.principal.actor), "restored_mapping"
    )
    return redirect(url_for("staff.mappings", told="restored"), code=303)


def _keep(new: NewVersion, action: str) -> None:
    with as_principal() as connection:
        database.assume(connection, ENGINE)
        saved = table_mappings.save(connection, new, parts().clock())
        asking.note(connection, action, f"table_mapping:{saved.mapping_id}", new.district_id)


def _find(mapping_id: int) -> SavedMapping:
    with as_principal() as connection:
        saved = table_mappings.one(connection, asking.number(mapping_id))
    if saved is None:
        abort(404)
    return saved

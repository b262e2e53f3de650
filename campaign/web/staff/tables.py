"""A table that the program does not know: what it seems to be, what a person says, twenty rows of it, and saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaign import database
from campaign.access import ENGINE
from campaign.intake.delimited import Header
from campaign.intake.plans import Examined
from campaign.intake.problems import IntakeError
from campaign.intake.sources import find_files, fingerprint
from campaign.intake.spreadsheet import draft as drafts
from campaign.intake.spreadsheet import mark_scales
from campaign.intake.spreadsheet.columns import ID_SYSTEMS, Known, fields
from campaign.intake.spreadsheet.draft import Draft, DraftError
from campaign.intake.spreadsheet.mapping import FIELDS, NAMED, NEEDED, fingerprint_of, read
from campaign.intake.spreadsheet.preview import Preview, preview
from campaign.intake.spreadsheet.proposal import Proposal, levels_of, propose
from campaign.intake.spreadsheet.sample import Sample, header_of, sample_of
from campaign.intake.spreadsheet.saved import OF_ONE_FILE
from campaign.intake.spreadsheet.shapes import share
from campaign.store import problems, retries, student_ids, table_mappings
from campaign.store.problems import ImportedFile
from campaign.store.retries import Retry
from campaign.store.table_mappings import NewVersion, SavedMapping
from campaign.uploads import path_of
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts
from campaign.web.staff import asking, table_words
from campaign.web.staff.blueprint import OFFICE, blueprint
from campaign.web.staff.table_forms import draft_of, name_of

_GONE = "The file is not stored any more, or was imported on the server. Send it again on the page Imports."
_NO_DISTRICT = "Nothing says which district the file belongs to. Send it again and choose the district."


@dataclass(frozen=True)
class _Table:
    """A stored file of an import, opened: its columns, its first rows, and the ids in them that we know."""

    file: ImportedFile
    retry: Retry
    district_id: int
    examined: Examined
    header: Header
    sample: Sample
    known: Known

    def preview(self, document: dict[str, object]) -> Preview:
        return preview(self.examined, self.header, read(self.file.name, document))


@blueprint.get("/tables/<int:source_file_id>")
@allow(*OFFICE)
def describe_table(source_file_id: int) -> ResponseReturnValue:
    table = _open(source_file_id)
    if isinstance(table, str):
        return _closed(source_file_id, table)
    kind = request.args.get("kind", "")
    proposal = propose(table.sample, table.known, kind if kind in FIELDS else None)
    draft, name = drafts.of_proposal(proposal), ""
    if (saved := _to_change(table)) is not None:
        draft, name = drafts.of_document(saved.content), saved.name
        proposal = propose(table.sample, table.known, draft.kind)
    shown = None
    if draft.kind and not proposal.questions:
        shown, _ = _try(table, draft)
    return _page(table, proposal, draft, shown, [], name)


@blueprint.post("/tables/<int:source_file_id>")
@allow(*OFFICE)
def correct_table(source_file_id: int) -> ResponseReturnValue:
    """The form says `action`: preview, save, or import (save, and import the stored file with it)."""
    table = _open(source_file_id)
    if isinstance(table, str):
        return _closed(source_file_id, table)
    draft, name = draft_of(request.form, table.sample), name_of(request.form)
    if draft.kind not in FIELDS:
        return redirect(url_for("staff.describe_table", source_file_id=source_file_id), code=303)
    proposal = propose(table.sample, table.known, draft.kind)
    draft = _with_levels(table, draft)
    shown, wrong = _try(table, draft)
    action = request.form.get("action")
    if action in ("save", "import"):
        if not name:
            wrong.append("Give the mapping a name, such as the name of the system and what the table holds.")
        if not wrong:
            return _save(table, draft, name, now_import=action == "import")
    return _page(table, proposal, draft, shown, wrong, name)


def _save(table: _Table, draft: Draft, name: str, *, now_import: bool) -> ResponseReturnValue:
    content = draft.document(table.sample)
    new = NewVersion(table.district_id, name, content, fingerprint_of(table.header), g.principal.actor)
    with as_principal() as connection:
        database.assume(connection, ENGINE)
        saved = table_mappings.save(connection, new, parts().clock())
        asking.note(connection, "saved_mapping", f"table_mapping:{saved.mapping_id}", table.district_id)
    if not now_import or not table.retry.is_possible:
        return redirect(url_for("staff.mappings", told="saved"), code=303)
    run_id = asking.ask(table.district_id, again=table.retry)
    return redirect(url_for("staff.import_run", run_id=run_id), code=303)


def _open(file_id: int) -> _Table | str:
    """The table, or why it cannot be described."""
    with as_principal() as connection:
        file = problems.one_file(connection, asking.number(file_id))
        if file is None:
            abort(404)
        retry = retries.of_file(connection, file)
    district_id = file.district_id or asking.bound_district()
    if retry.own is None or retry.own.deleted_at is not None:
        return _GONE
    if district_id is None:
        return _NO_DISTRICT
    limits = parts().settings.intake
    found = find_files(path_of(parts().settings.home, retry.own), limits)
    try:
        one = next((one for one in found if isinstance(one, IntakeError) or one.name == file.name), None)
        if one is None:
            return _GONE
        if isinstance(one, IntakeError):
            raise one
        examined = Examined(one, fingerprint(one))
        header = header_of(examined)
        sample = sample_of(examined, header)
    except IntakeError as error:
        return str(error)
    return _Table(file, retry, district_id, examined, header, sample, _known(district_id, sample))


def _known(district_id: int, sample: Sample) -> Known:
    looks = fields()["student_local_id"]["shape"]
    values = {cell for cells in sample.values.values() if share(looks, cells) >= 0.5 for cell in cells}
    with as_principal() as connection:
        return student_ids.known(connection, district_id, values)


def _to_change(table: _Table) -> SavedMapping | None:
    """The saved mapping that the address names, if it is one of this district."""
    wanted = request.args.get("mapping", type=int)
    if wanted is None:
        return None
    with as_principal() as connection:
        saved = table_mappings.one(connection, asking.number(wanted))
    if saved is None or saved.district_id != table.district_id:
        abort(404)
    return saved


def _with_levels(table: _Table, draft: Draft) -> Draft:
    """The levels of the column that is chosen now: those in the form if they are its own, else as they are known."""
    if "level" not in draft.columns:
        return replace(draft, levels=(), floor="")
    met = table.sample.values[draft.columns["level"]]
    if draft.levels and set(draft.levels) >= set(met):
        return draft
    guess = levels_of(table.sample, draft.columns)
    if guess is None:
        return replace(draft, levels=(), floor="")
    return replace(draft, levels=guess.order, floor=guess.floor or "", ordered=guess.known)


def _try(table: _Table, draft: Draft) -> tuple[Preview | None, list[str]]:
    """The rows as they would be read, and what stands against saving."""
    wrong = [
        f"{table_words.field_name(name)}: “{draft.values[name]}” cannot be read."
        for name in drafts.problems_of(draft)
    ]
    if draft.levels and not draft.ordered:
        wrong.append("Number the levels from the lowest, 1, to the highest, each with a number of its own.")
    if draft.levels and not draft.floor:
        wrong.append("Choose the lowest level that means “at grade level”.")
    if draft.kind in ("grades", "scores") and not (
        {"subject", "course_title"} & {*draft.columns} or "subject" in draft.values
    ):
        wrong.append("Say which subject the table is about, or which column names it.")
    if missing := _missing(draft):
        return None, [*wrong, *missing]
    try:
        return table.preview(draft.document(table.sample)), wrong
    except (DraftError, IntakeError) as error:
        return None, [*wrong, str(error)]


def _missing(draft: Draft) -> list[str]:
    """What no table of the kind can do without."""
    columns, said = {*draft.columns}, {*draft.columns, *draft.values}
    found = []
    if not (columns & set(ID_SYSTEMS) or columns >= NAMED):
        found.append(
            "Say which column tells who the student is: an id, or first name, last name and birth date."
        )
    if not any(needed <= said for needed in NEEDED[draft.kind]):
        choices = (" and ".join(map(table_words.field_name, sorted(needed))) for needed in NEEDED[draft.kind])
        found.append(f"Still needed: {'; or '.join(choices)}.")
    return found


def _page(
    table: _Table,
    proposal: Proposal,
    draft: Draft,
    shown: Preview | None,
    wrong: Sequence[str],
    name: str,
) -> str:
    found = None
    if shown is not None:
        with as_principal() as connection:
            found = student_ids.count_known(connection, table.district_id, shown.students)
    marks = list(table.sample.values.get(draft.columns.get("mark", ""), ()))
    scale = draft.values.get("scale", "")
    return render_template(
        "staff/table.html",
        texts=table_words,
        table=table,
        proposal=proposal,
        draft=draft,
        fields=[field for field in fields() if field in FIELDS.get(draft.kind, ())],
        fixed=drafts.FIXED.get(draft.kind, ()),
        needed=set().union(*NEEDED.get(draft.kind, ())),
        of_one_file=OF_ONE_FILE,
        scales=mark_scales.scales().scales,
        bands=mark_scales.bands_of(marks, scale) if scale in mark_scales.scales().scales else {},
        preview=shown,
        found=found,
        wrong=wrong,
        name=name,
    )


def _closed(file_id: int, why: str) -> str:
    return render_template("staff/table_closed.html", file_id=file_id, why=why)

"""A OneRoster package: its manifest, its files in the order in which they build on each other, how each is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from campaign.intake.batches import Batch
from campaign.intake.delimited import Header, read_rows
from campaign.intake.oneroster import people, places, results
from campaign.intake.oneroster.layout import file_of, is_used, version_of
from campaign.intake.oneroster.rows import Context
from campaign.intake.plans import Completeness, Examined, FilePlan, SourcePlan
from campaign.intake.problems import IntakeError, RowRefused
from campaign.intake.staging import FileTally
from campaign.intake.tables import Table, read_tables

READERS: dict[str, Callable[..., Any]] = {
    "orgs": places.orgs,
    "academicSessions": places.academic_sessions,
    "courses": places.courses,
    "classes": places.classes,
    "users": people.users,
    "roles": people.roles,
    "demographics": people.demographics,
    "enrollments": places.enrollments,
    "categories": results.categories,
    "lineItems": results.line_items,
}
# The largest files are read as columns.
COLUMNS: dict[str, Callable[[Header, Context], Callable[[Table], Batch]]] = {"results": results.results}


@dataclass(frozen=True)
class Manifest:
    version: str | None
    system_code: str
    modes: dict[str, str]


def recognises(header: Header) -> bool:
    """True for the header of any OneRoster file, used or not."""
    return file_of(header) is not None


def plan(name: str, files: list[tuple[Examined, Header]]) -> SourcePlan:
    """The source that the OneRoster files of one folder or archive make. Raises IntakeError for a broken manifest."""
    named = _by_name(files)
    manifest = _manifest(*named["manifest"]) if "manifest" in named else Manifest(None, "", {})
    _check(name, manifest, set(named))
    version = manifest.version or version_of([header for _, header in files])
    context = Context(system=_system(manifest))
    plans = [_plan_one(kind, *named[kind], version, context) for kind in _order(named)]
    bulk = _names(manifest, "bulk")
    return SourcePlan(
        name=name,
        files=plans,
        roster=True,
        system=context.system,
        prefix=f"{manifest.system_code}:" if manifest.system_code else "",
        complete=Completeness("users" in bulk, "enrollments" in bulk, "results" in bulk),
    )


def _by_name(files: list[tuple[Examined, Header]]) -> dict[str, tuple[Examined, Header]]:
    named: dict[str, tuple[Examined, Header]] = {}
    for examined, header in files:
        kind = file_of(header) or ""
        if kind in named:
            raise IntakeError(
                f"{examined.file.name} and {named[kind][0].file.name} both hold OneRoster {kind}. "
                "Import one package at a time.",
                examined.file.name,
            )
        named[kind] = (examined, header)
    return named


def _order(named: dict[str, Any]) -> list[str]:
    used = [kind for kind in ("manifest", *READERS, *COLUMNS) if kind in named]
    return used + sorted(kind for kind in named if not is_used(kind))


def _manifest(examined: Examined, header: Header) -> Manifest:
    properties = {}
    for line, row in read_rows(examined.file, examined.fingerprint.encoding, header):
        if isinstance(row, RowRefused):
            raise IntakeError(
                f"{examined.file.name}, line {line}: a manifest line needs a propertyName and a value.",
                examined.file.name,
            )
        properties[row["propertyname"].strip()] = row["value"].strip()
    modes = {key.removeprefix("file."): v for key, v in properties.items() if key.startswith("file.")}
    for kind, mode in modes.items():
        if mode not in {"absent", "bulk", "delta"}:
            raise IntakeError(
                f"{examined.file.name}: file.{kind} must be absent, bulk or delta.", examined.file.name
            )
    version = properties.get("oneroster.version")
    if version not in {"1.1", "1.2"}:
        raise IntakeError(
            f"{examined.file.name}: oneroster.version must be 1.1 or 1.2. Ask the vendor for one of these.",
            examined.file.name,
        )
    return Manifest(version, properties.get("source.systemCode", ""), modes)


def _names(manifest: Manifest, mode: str) -> set[str]:
    return {kind for kind, given in manifest.modes.items() if given == mode}


def _check(name: str, manifest: Manifest, present: set[str]) -> None:
    missing = sorted(
        kind for kind, mode in manifest.modes.items() if mode != "absent" and kind not in present
    )
    if missing:
        raise IntakeError(
            f"{name}: the manifest lists {', '.join(missing)}, but no file with such columns is in the package. "
            "Export the package again."
        )


def _system(manifest: Manifest) -> str:
    code = re.sub(r"\s+", " ", manifest.system_code)
    return f"oneroster:{code}" if code else "oneroster"


def _plan_one(kind: str, examined: Examined, header: Header, version: str, context: Context) -> FilePlan:
    shown = f"oneroster {version} {kind}"
    if kind == "manifest":
        return FilePlan(
            examined, shown, message="read for version and completeness; it holds no rows of its own"
        )
    if not is_used(kind):
        return FilePlan(examined, shown, message="known, but nothing in it is used")
    dropped = header.private
    message = f"dropped unread: {', '.join(dropped)}" if dropped else ""
    if kind in COLUMNS:
        read = COLUMNS[kind](header, context)
        return FilePlan(
            examined,
            shown,
            message=message,
            batches=partial(_batches, examined, header, read),
            only_results=True,
        )
    records: Callable[[], Iterator[Any]] = partial(
        read_rows, examined.file, examined.fingerprint.encoding, header
    )
    return FilePlan(examined, shown, records, READERS[kind](header, context), message)


def _batches(
    examined: Examined, header: Header, read: Callable[[Table], Batch], tally: FileTally
) -> Iterator[Batch]:
    for table in read_tables(examined.file, examined.fingerprint.encoding, header):
        yield read(table)

"""Every format the program reads, in one place: what recognises it and what plans its import.

A file is known by what it says, never by its name: the root element of XML, the header of separated values, the length
of fixed-width lines, the keys of a TOML file. Tests are not listed here: their folders are (assessments/README.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath

from campaign.intake import attendance, edfi, layouts, oneroster, sds, spreadsheet
from campaign.intake.assessments import settings_file
from campaign.intake.delimited import Header, read_header, refuse_shifted
from campaign.intake.layouts import Assessments
from campaign.intake.plans import Examined, FilePlan, SourcePlan
from campaign.intake.problems import IntakeError
from campaign.intake.sources import InputFile, find_files, fingerprint
from campaign.settings import Intake

# Formats of which the files of one folder are one source; a file belongs to the first that recognises it.
PACKAGES: dict[
    str, tuple[Callable[[Header], bool], Callable[[str, list[tuple[Examined, Header]]], SourcePlan]]
] = {
    "sds": (sds.recognises, sds.plan),
    "oneroster": (oneroster.recognises, oneroster.plan),
}


@dataclass
class Planned:
    """What the paths hold: sources to import, files that failed, files that are not needed."""

    assessments: Assessments
    sources: list[SourcePlan] = field(default_factory=list)
    failed: list[tuple[InputFile | None, str, str]] = field(default_factory=list)
    not_needed: list[tuple[Examined, str]] = field(default_factory=list)


@dataclass
class _Folder:
    """Files that lie side by side, by what they are."""

    packages: dict[str, list[tuple[Examined, Header]]] = field(default_factory=dict)
    edfi: list[tuple[Examined, str | edfi.Resource]] = field(default_factory=list)
    tables: list[tuple[Examined, Header]] = field(default_factory=list)
    toml: list[Examined] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def plan_sources(
    paths: Sequence[Path],
    limits: Intake,
    own_tests: Path | None = None,
    saved: Sequence[spreadsheet.Mapping] = (),
) -> Planned:
    """Look at every file once and say how it will be read. Nothing is imported yet.

    `own_tests` is the folder of a district's own layouts of tests, one folder each; `saved` are the mappings that the
    district has saved, for tables without one beside them.
    """
    planned = Planned(Assessments.load(own_tests))
    planned.failed += [(None, str(file), message) for file, message in planned.assessments.broken]
    folders: dict[str, _Folder] = defaultdict(_Folder)
    for path in paths:
        for file in find_files(path, limits):
            if isinstance(file, IntakeError):
                planned.failed.append((None, file.file or str(path), str(file)))
            else:
                _sort(file, folders[_folder_of(file)], planned)
    mappings = spreadsheet.Mappings(saved)
    for folder in folders.values():
        _plan_toml(folder, planned, mappings)
    for name, folder in folders.items():
        _plan_folder(name, folder, planned, mappings)
    for path in paths:
        _fail_if_useless(str(path), planned)
    # Rosters first, then what is known about tests, then results.
    planned.sources.sort(key=lambda source: (not source.roster, source.name != settings_file.SOURCE))
    return planned


def _fail_if_useless(path: str, planned: Planned) -> None:
    """An archive or workbook that was named by itself and holds nothing the program knows has failed."""
    used = any(plan.examined.file.package == path for source in planned.sources for plan in source.files)
    known = used or any(file and file.package == path for file, _, _ in planned.failed)
    if known or Path(path).is_dir():
        return
    useless = [entry for entry in planned.not_needed if entry[0].file.package == path]
    planned.not_needed = [entry for entry in planned.not_needed if entry not in useless]
    planned.failed += [(examined.file, examined.file.name, message) for examined, message in useless]


def _folder_of(file: InputFile) -> str:
    return f"{file.package or ''}/{PurePosixPath(file.name).parent}"


def _sort(file: InputFile, folder: _Folder, planned: Planned) -> None:
    try:
        examined = Examined(file, fingerprint(file))
        begins = file.head().removeprefix(b"\xef\xbb\xbf").lstrip()
        if begins.startswith(b"<"):
            folder.edfi.append((examined, edfi.root_of(file)))
        elif edfi.looks_like_json(begins):
            _sort_json(examined, folder, planned)
        elif settings_file.looks_like_toml(begins):
            folder.toml.append(examined)
        else:
            _sort_table(examined, folder, planned)
    except IntakeError as error:
        folder.broken.append(file.name)
        planned.failed.append((file, file.name, str(error)))


def _sort_json(examined: Examined, folder: _Folder, planned: Planned) -> None:
    resource = edfi.resource_of(examined.file, examined.fingerprint.encoding)
    if resource is None:
        _unknown(examined, planned, "holds no Ed-Fi resource")
    else:
        folder.edfi.append((examined, resource))


def _sort_table(examined: Examined, folder: _Folder, planned: Planned) -> None:
    first_line = examined.file.head().decode(examined.fingerprint.encoding, errors="replace").split("\n")[0]
    if fixed_width := planned.assessments.of_line(first_line):
        planned.sources.append(_single(layouts.plan(examined, *fixed_width, None)))
        return
    header = read_header(first_line)
    if header is None:
        _unknown(examined, planned, "is not a table with a header")
        return
    for name, (recognises, _) in PACKAGES.items():
        if recognises(header):
            refuse_shifted(examined.file, examined.fingerprint.encoding, header)
            folder.packages.setdefault(name, []).append((examined, header))
            return
    folder.tables.append((examined, header))


def _unknown(examined: Examined, planned: Planned, why: str) -> None:
    """A file named by itself must be one the program reads; one that merely lies in a folder need not be."""
    message = (
        f"{examined.file.name} {why} that the program knows. It reads OneRoster, School Data Sync, Ed-Fi XML and JSON, "
        "the exports of the tests in campaign/intake/assessments, and other tables with a mapping beside them "
        "(campaign/intake/spreadsheet/README.md)."
    )
    if examined.file.package is None:
        planned.failed.append((examined.file, examined.file.name, message))
    else:
        planned.not_needed.append((examined, message))


def _plan_toml(folder: _Folder, planned: Planned, mappings: spreadsheet.Mappings) -> None:
    for examined in folder.toml:
        try:
            if settings_file.recognises(examined):
                planned.sources.append(settings_file.plan(examined))
            elif mappings.take(examined):
                planned.not_needed.append((examined, "a mapping, used to read the file it names"))
            else:
                _unknown(examined, planned, "holds no settings")
        except IntakeError as error:
            planned.failed.append((examined.file, examined.file.name, str(error)))


def _plan_folder(name: str, folder: _Folder, planned: Planned, mappings: spreadsheet.Mappings) -> None:
    for format_name, files in folder.packages.items():
        plan = PACKAGES[format_name][1]
        _plan_package(folder, planned, files, partial(plan, name, files))
    if folder.edfi:
        _plan_package(folder, planned, folder.edfi, partial(edfi.plan, name, folder.edfi))
    for examined, header in folder.tables:
        _plan_table(examined, header, planned, mappings)


def _plan_package(
    folder: _Folder,
    planned: Planned,
    files: Sequence[tuple[Examined, object]],
    plan: Callable[[], SourcePlan],
) -> None:
    """A package is imported whole or not at all: one broken file among its own stops it."""
    try:
        if folder.broken:
            raise IntakeError(
                f"Nothing of this folder was imported, because {', '.join(folder.broken)} could not be read."
            )
        if len(folder.packages) > 1:
            raise IntakeError(
                "Nothing of this folder was imported, because it holds files of OneRoster and of School Data Sync. "
                "Import one package at a time; files of OneRoster have the columns status and dateLastModified."
            )
        planned.sources.append(plan())
    except IntakeError as error:
        for examined, _ in files:
            planned.failed.append((examined.file, examined.file.name, str(error)))


def _plan_table(examined: Examined, header: Header, planned: Planned, mappings: spreadsheet.Mappings) -> None:
    try:
        found = planned.assessments.of_header(header)
        mapping = None if found else mappings.find(examined, header) or attendance.mapping_of(header)
        if found is None and mapping is None:
            _unknown(examined, planned, "has a header, but not one")
            return
        refuse_shifted(examined.file, examined.fingerprint.encoding, header)
        if found is not None:
            planned.sources.append(_single(layouts.plan(examined, *found, header)))
        elif mapping is not None and mapping.kind == "attendance":
            planned.sources.append(_single(attendance.plan(examined, header, mapping)))
        elif mapping is not None:
            planned.sources.append(_single(spreadsheet.plan(examined, header, mapping)))
    except IntakeError as error:
        planned.failed.append((examined.file, examined.file.name, str(error)))


def _single(plan: FilePlan) -> SourcePlan:
    return SourcePlan(name=plan.examined.file.name, files=[plan], roster=False)

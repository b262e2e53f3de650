"""The School Data Sync files of one folder: of one version, in the order in which they build on each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from campaign.intake.delimited import Header, Row, read_rows
from campaign.intake.plans import Examined, Facts, FilePlan, Read, SourcePlan
from campaign.intake.problems import IntakeError
from campaign.intake.sds import version_1, version_2_1
from campaign.intake.sds.rows import PREFIX, SYSTEM, file_of, words
from campaign.intake.staging import FileTally

_NEWER: dict[str, Callable[[Row, FileTally], Facts]] = {
    "orgs": version_2_1.orgs,
    "academicSessions": version_2_1.academic_sessions,
    "courses": version_2_1.courses,
    "classes": version_2_1.classes,
    "users": version_2_1.users,
    "roles": version_2_1.roles,
    "demographics": version_2_1.demographics,
    "relationships": version_2_1.relationships,
    "enrollments": version_2_1.enrollments,
}
_OLDER = {
    "schools": version_1.schools,
    "sections": version_1.sections,
    "teachers": version_1.teachers,
    "students": version_1.students,
    "contacts": version_1.contacts,
    "guardians": version_1.guardians,
    "teacher seats": version_1.seats(of_teachers=True),
    "student seats": version_1.seats(of_teachers=False),
}


def recognises(header: Header) -> bool:
    """True for the header of any School Data Sync file, used or not."""
    return file_of(header) is not None


def plan(name: str, files: list[tuple[Examined, Header]]) -> SourcePlan:
    """The source that the files of one folder make. Raises IntakeError if they cannot be one package."""
    named: dict[str, tuple[Examined, Header]] = {}
    versions = set()
    for examined, header in files:
        version, kind = _kind(examined, header)
        versions.add(version)
        if kind in named:
            raise IntakeError(
                f"{examined.file.name} and {named[kind][0].file.name} both hold School Data Sync {kind}. "
                "Import one package at a time.",
                examined.file.name,
            )
        named[kind] = (examined, header)
    if len(versions) > 1:
        raise IntakeError(
            f"{name} holds School Data Sync files of V1 and of V2.1. Import one package at a time."
        )
    version = versions.pop()
    readers = _readers(version)
    order = [kind for kind in readers if kind in named] + sorted(set(named) - set(readers))
    plans = [_plan_one(version, kind, *named[kind], readers.get(kind)) for kind in order]
    return SourcePlan(name=name, files=plans, roster=True, system=SYSTEM, prefix=PREFIX)


def _readers(version: str) -> dict[str, Read]:
    if version == "V2.1":
        return {kind: _reader(read) for kind, read in _NEWER.items()}
    context = version_1.Context()
    return {kind: _reader(partial(read, context)) for kind, read in _OLDER.items()}


def _reader(read: Callable[[Row, FileTally], Facts]) -> Read:
    return lambda record, tally: read(record, tally)


def _kind(examined: Examined, header: Header) -> tuple[str, str]:
    version, kind = file_of(header) or ("", "")
    if kind == "people":
        return version, _people(examined, header)
    if kind == "seats":
        return version, "teacher seats" if _called(examined) == "teacher" else "student seats"
    return version, kind


def _called(examined: Examined) -> str:
    """Which kind of people the file's own name speaks of, as the format prescribes it; "" if of none or of both."""
    name = examined.file.name.rsplit("/", 1)[-1].rsplit("› ", 1)[-1].casefold()
    found = [word for word in ("student", "teacher") if word in name]
    return found[0] if len(found) == 1 else ""


def _people(examined: Examined, header: Header) -> str:
    told = [kind for kind in ("students", "teachers") if words("people", kind) & header.names]
    if len(told) == 1:
        return told[0]
    if called := _called(examined):
        return f"{called}s"
    raise IntakeError(
        f"{examined.file.name} may hold students or teachers: its columns are the same for both. Name the files "
        "Student.csv and Teacher.csv, as School Data Sync V1 prescribes.",
        examined.file.name,
    )


def _plan_one(version: str, kind: str, examined: Examined, header: Header, read: Read | None) -> FilePlan:
    shown = f"school data sync {version} {kind}"
    if read is None:
        return FilePlan(examined, shown, message="known, but nothing in it is used")
    parts = [f"dropped unread: {', '.join(header.private)}"] if header.private else []
    if kind in {"students", "teachers", "users"} and not {"last name", "familyname"} & header.names:
        parts.append("holds no names, so only people who are known already are taken from it")
    records: Callable[[], Iterator[Any]] = partial(
        read_rows, examined.file, examined.fingerprint.encoding, header
    )
    return FilePlan(examined, shown, records, read, "; ".join(parts))

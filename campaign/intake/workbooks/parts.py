"""What the library that reads workbooks does not tell of .xlsx: how far a sheet reaches, and which cells hold errors.

A sheet with one value in its last corner would need room for seventeen thousand million cells, so its reach is looked
at before it is read.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from lxml import etree

from campaign.intake.problems import IntakeError
from campaign.intake.workbooks.cells import column_number

LARGEST_SHEET = 60_000_000
_CHUNK = 1 << 20
_OVERLAP = 256
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?\br=[\"'](\d+)")
_FAR_CELL = re.compile(rb"\br=[\"']([A-Z]{2,3})\d+[\"']")
# An error as the value, or a formula whose value was never worked out.
_SUSPICIOUS = re.compile(rb"t=[\"']e[\"']|</(?:\w+:)?f>\s*</(?:\w+:)?c>|<(?:\w+:)?f\b[^>]*/>\s*</(?:\w+:)?c>")
_WORKBOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"


@dataclass
class Part:
    """`errors`: row number → (column number, the error), for the first error of each row."""

    errors: dict[int, tuple[int, str]] = field(default_factory=dict)


def parts(name: str, archive: zipfile.ZipFile) -> dict[str, Part]:
    """Sheet name → what its part says. Raises IntakeError for a sheet that reaches too far."""
    members = _members(archive)
    return {sheet: _part(name, sheet, archive, member) for sheet, member in members.items()}


def _members(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name → member of the archive; empty for workbooks that are not XML."""
    if not {_WORKBOOK, _RELATIONS} <= set(archive.namelist()):
        return {}
    targets = {}
    for element in _elements(archive.open(_RELATIONS), "Relationship"):
        targets[element.get("Id")] = posixpath.normpath(
            posixpath.join("/xl", element.get("Target") or "")
        ).lstrip("/")
    found = {}
    for element in _elements(archive.open(_WORKBOOK), "sheet"):
        key = next((element.get(name) for name in map(str, element.attrib) if name.endswith("}id")), None)
        member = targets.get(key, "")
        if member in archive.namelist():
            found[str(element.get("name"))] = member
    return found


def _elements(stream: IO[bytes], tag: str) -> Iterator[etree._Element]:
    with stream:
        for _, element in etree.iterparse(
            stream, tag=f"{{*}}{tag}", load_dtd=False, no_network=True, resolve_entities=False
        ):
            yield element
            element.clear()


def _part(name: str, sheet: str, archive: zipfile.ZipFile, member: str) -> Part:
    rows, columns, suspicious = _reach(archive.open(member))
    if rows * columns > LARGEST_SHEET:
        raise IntakeError(
            f"{name}: sheet “{sheet}” reaches over {rows} rows and {columns} columns. Delete what stands far outside "
            "its table, or save the sheet as CSV.",
            name,
        )
    return Part(_errors(archive.open(member))) if suspicious else Part()


def _reach(stream: IO[bytes]) -> tuple[int, int, bool]:
    rows, columns, suspicious, rest = 0, 26, False, b""
    with stream:
        while chunk := stream.read(_CHUNK):
            text = rest + chunk
            rows = max(rows, *(int(found) for found in _ROW.findall(text)), 0)
            far = {found.decode() for found in _FAR_CELL.findall(text)}
            columns = max(columns, *(column_number(letters) + 1 for letters in far), 0)
            suspicious = suspicious or bool(_SUSPICIOUS.search(text))
            rest = text[-_OVERLAP:]
    return rows, columns, suspicious


def _errors(stream: IO[bytes]) -> dict[int, tuple[int, str]]:
    errors: dict[int, tuple[int, str]] = {}
    for cell in _elements(stream, "c"):
        place = re.fullmatch(r"([A-Z]{1,3})(\d+)", cell.get("r") or "")
        value = next(iter(cell.iterfind("{*}v")), None)
        shown = "" if value is None else str(value.text or "")
        uncounted = not shown and cell.find("{*}f") is not None and cell.find("{*}is") is None
        if place and (cell.get("t") == "e" or uncounted):
            errors.setdefault(int(place[2]), (column_number(place[1]), shown or "a formula without a value"))
    return errors

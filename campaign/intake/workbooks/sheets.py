"""From a workbook to tables of separated values, one a sheet, on whose lines stand the sheet's rows.

The header comes first. What stands above it, and every empty row, leaves an empty line behind, so that the number of
a line is the number of the row in the sheet.
"""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from lxml import etree
from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from campaign.intake.problems import IntakeError, RowRefused
from campaign.intake.workbooks.cells import as_text, column_name, header_place
from campaign.intake.workbooks.parts import Part, parts

OLE_BEGINS = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_LOOKED_AT = 40
_QUOTE = '"'


@dataclass(frozen=True)
class Sheet:
    """One sheet as UTF-8 text, tab-separated and compressed; rows that cannot be trusted are in `refused` alone."""

    name: str
    size: int
    packed: bytes
    remark: str
    refused: Sequence[tuple[int, RowRefused]]


def is_office_document(members: Iterable[str]) -> bool:
    """True if the members of a zip archive are those of a workbook or another office document."""
    names = set(members)
    return "[Content_Types].xml" in names or {"mimetype", "content.xml"} <= names


def sheets(name: str, content: bytes) -> list[Sheet]:
    """The sheets that hold anything. Raises IntakeError for a workbook that cannot be read."""
    if content.startswith(OLE_BEGINS) and _ENCRYPTED in content:
        raise _protected(name)
    try:
        told = _told(name, content)
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        found = [sheet for meta in workbook.sheets_metadata if (sheet := _sheet(workbook, meta, told))]
    except PasswordError:
        raise _protected(name) from None
    except IntakeError:
        raise
    except BaseException as error:
        # The library ends in a panic, which is no Exception, on some damaged files.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise IntakeError(
            f"{name} cannot be read as a workbook: it is damaged or no workbook at all. Open it in a spreadsheet "
            "program, save it as .xlsx or CSV, and import that.",
            name,
        ) from None
    if not found:
        raise IntakeError(f"{name} has no sheet with anything in it. Export it again.", name)
    return found


def _protected(name: str) -> IntakeError:
    return IntakeError(f"{name} is protected with a password. Save it without one and import again.", name)


def _told(name: str, content: bytes) -> dict[str, Part]:
    if content.startswith(OLE_BEGINS):
        return {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return parts(name, archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, etree.XMLSyntaxError) as error:
        raise IntakeError(f"{name} is damaged ({error}). Save or export it again.", name) from None


def _sheet(workbook: CalamineWorkbook, meta: object, told: dict[str, Part]) -> Sheet | None:
    if meta.typ != SheetTypeEnum.WorkSheet:  # type: ignore[attr-defined]
        return None
    name: str = meta.name  # type: ignore[attr-defined]
    sheet = workbook.get_sheet_by_name(name)
    if sheet.start is None:
        return None
    rows = iter(sheet.iter_rows())
    first = list(islice(rows, _LOOKED_AT))
    try:
        place = header_place(first)
    except ValueError:
        return None
    remarks = [f"rows 1 to {place} above the header were skipped"] if any(map(any, first[:place])) else []
    if meta.visible != SheetVisibleEnum.Visible:  # type: ignore[attr-defined]
        remarks.append("the sheet is hidden in the workbook")
    writer = _Writer(sheet.start[1], told.get(name, Part()).errors)
    writer.header(first[place], place)
    for number, row in enumerate(first[place + 1 :], place + 2):
        writer.row(number, row)
    for number, row in enumerate(rows, _LOOKED_AT + 1):
        writer.row(number, row)
    text = writer.text()
    return Sheet(name, len(text), gzip.compress(text, 1), "; ".join(remarks), writer.refused)


class _Writer:
    """`first_column`: where the sheet's own columns begin; `errors`: row → (column, error)."""

    def __init__(self, first_column: int, errors: dict[int, tuple[int, str]]) -> None:
        self._first = first_column
        self._errors = errors
        self._columns: list[str] = []
        self._stream = io.StringIO()
        self.refused: list[tuple[int, RowRefused]] = []

    def header(self, cells: Sequence[object], above: int) -> None:
        self._columns = [str(cell).strip() if isinstance(cell, str) else _or_blank(cell) for cell in cells]
        while self._columns and not self._columns[-1]:
            self._columns.pop()
        self._columns = [as_text(column) for column in self._columns]
        self._write(self._columns)
        self._stream.write("\n" * above)

    def row(self, number: int, cells: Sequence[object]) -> None:
        if not any(cell not in ("", None) for cell in cells) and number not in self._errors:
            self._stream.write("\n")
            return
        try:
            self._write(self._texts(number, cells))
        except RowRefused as refusal:
            self.refused.append((number, refusal))
            self._stream.write("\n")

    def _write(self, texts: Sequence[str]) -> None:
        """A line for the readers; texts hold neither tabs nor line ends."""
        quoted = (f'"{text.replace(_QUOTE, _QUOTE * 2)}"' if _QUOTE in text else text for text in texts)
        self._stream.write("\t".join(quoted) + "\n")

    def _texts(self, number: int, cells: Sequence[object]) -> list[str]:
        if number in self._errors:
            column, error = self._errors[number]
            raise RowRefused("error_cell", self._name(column - self._first), error)
        texts = []
        for place, cell in enumerate(cells):
            try:
                texts.append(as_text(cell))
            except RowRefused as refusal:
                raise RowRefused(refusal.code, self._name(place)) from None
        while len(texts) > len(self._columns) and not texts[-1]:
            texts.pop()
        return texts

    def _name(self, place: int) -> str:
        named = self._columns[place] if 0 <= place < len(self._columns) else ""
        return named or column_name(place + self._first)

    def text(self) -> bytes:
        return self._stream.getvalue().encode("utf-8")


def _or_blank(cell: object) -> str:
    try:
        return as_text(cell)
    except RowRefused:
        return ""

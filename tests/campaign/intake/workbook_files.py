"""Workbooks made for tests, part by part: .xlsx and .ods with text, numbers, dates, errors, hidden sheets."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = f"""<Types xmlns="{_PACKAGE}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"""
# Style 1 is a date, style 2 a date with a time.
_STYLES = f"""<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills>
<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>
<cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/>
<xf numFmtId="22" applyNumberFormat="1"/></cellXfs></styleSheet>"""


@dataclass(frozen=True)
class Day:
    """A date as a workbook keeps it: days since the end of 1899."""

    serial: float


@dataclass(frozen=True)
class Formula:
    """A formula with the value that was worked out, None if none was."""

    value: object


@dataclass(frozen=True)
class Error:
    text: str


Row = Sequence[object]


def xlsx(file: Path, sheets: Mapping[str, Sequence[Row]], hidden: Sequence[str] = ()) -> Path:
    shown = ("visible", "hidden")
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="r{n}" state="{shown[name in hidden]}"/>'
        for n, name in enumerate(sheets, 1)
    )
    links = "".join(
        f'<Relationship Id="r{n}" Type="{_DOCUMENT}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    styles = f'<Relationship Id="s" Type="{_DOCUMENT}/styles" Target="styles.xml"/>'
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr(
            "_rels/.rels",
            _relations(f'<Relationship Id="w" Type="{_DOCUMENT}/officeDocument" Target="xl/workbook.xml"/>'),
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}"><sheets>{listed}</sheets></workbook>',
        )
        archive.writestr("xl/_rels/workbook.xml.rels", _relations(links + styles))
        archive.writestr("xl/styles.xml", _STYLES)
        for n, rows in enumerate(sheets.values(), 1):
            archive.writestr(f"xl/worksheets/sheet{n}.xml", sheet_xml(rows))
    return file


def _relations(content: str) -> str:
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{content}</Relationships>'


def sheet_xml(rows: Sequence[Row]) -> str:
    lines = (
        f'<row r="{n}">{"".join(_cell(f"{chr(64 + k)}{n}", cell) for k, cell in enumerate(row, 1))}</row>'
        for n, row in enumerate(rows, 1)
    )
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'


def _cell(place: str, cell: object, formula: str = "") -> str:
    if isinstance(cell, Formula):
        return (
            f'<c r="{place}"><f>A1</f></c>' if cell.value is None else _cell(place, cell.value, "<f>A1</f>")
        )
    if cell is None or cell == "":
        return ""
    if isinstance(cell, Error):
        return f'<c r="{place}" t="e">{formula}<v>{cell.text}</v></c>'
    if isinstance(cell, Day):
        return f'<c r="{place}" s="{1 if cell.serial % 1 == 0 else 2}">{formula}<v>{cell.serial}</v></c>'
    if isinstance(cell, bool):
        return f'<c r="{place}" t="b">{formula}<v>{int(cell)}</v></c>'
    if isinstance(cell, int | float):
        return f'<c r="{place}">{formula}<v>{cell!r}</v></c>'
    if formula:
        return f'<c r="{place}" t="str">{formula}<v>{escape(str(cell))}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(str(cell))}</t></is></c>'


_ODS = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "manifest": "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0",
}
_ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"


def ods(file: Path, sheets: Mapping[str, Sequence[Row]]) -> Path:
    spaces = " ".join(f'xmlns:{name}="{space}"' for name, space in _ODS.items())
    tables = "".join(
        f"<table:table table:name={quoteattr(name)}>"
        + "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
        + "</table:table>"
        for name, rows in sheets.items()
    )
    content = f"<office:document-content {spaces}><office:body><office:spreadsheet>{tables}"
    entry = f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_ODS_TYPE}"/>'
    manifest = f"<manifest:manifest {spaces}>{entry}"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", _ODS_TYPE)
        archive.writestr("META-INF/manifest.xml", manifest + "</manifest:manifest>")
        archive.writestr(
            "content.xml", content + "</office:spreadsheet></office:body></office:document-content>"
        )
    return file


def _ods_cell(cell: object) -> str:
    if cell is None or cell == "":
        return "<table:table-cell/>"
    if isinstance(cell, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{cell!r}"/>'
    return f'<table:table-cell office:value-type="string"><text:p>{escape(str(cell))}</text:p></table:table-cell>'

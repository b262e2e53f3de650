"""CSV files that grow while the district is made, so that a million students need no more memory than a thousand."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

# A date stamped on every member of a zip, so that the same seed gives the same bytes.
_ZIP_DATE = (2026, 10, 30, 6, 0, 0)


class Table:
    """One CSV file being written; `lines` counts them, the header included."""

    def __init__(self, path: Path, columns: Sequence[str], line_end: str = "\r\n") -> None:
        self.path = path
        self.columns = tuple(columns)
        self.lines = 0
        self._positions = {column: i for i, column in enumerate(self.columns)}
        self._file: TextIO = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator=line_end)
        self.write_cells(self.columns)

    def write(self, values: Mapping[str, Any]) -> int:
        """Write the row with these values, other columns empty; its line number. KeyError for an unknown column."""
        cells: list[Any] = [""] * len(self.columns)
        for column, value in values.items():
            cells[self._positions[column]] = value
        return self.write_cells(cells)

    def write_cells(self, cells: Sequence[Any]) -> int:
        """Write a row as it is, of whatever width; its line number."""
        self._writer.writerow(cells)
        self.lines += 1
        return self.lines

    def close(self) -> None:
        self._file.close()


def zip_folder(folder: Path, target: Path) -> None:
    """Pack the files of a folder at the root of a zip, always the same bytes, and remove the folder."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in sorted(folder.iterdir()):
            member = zipfile.ZipInfo(path.name, _ZIP_DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            large = path.stat().st_size > 2**31 - 2**20
            with path.open("rb") as source, archive.open(member, "w", force_zip64=large) as out:
                while block := source.read(1 << 20):
                    out.write(block)
            path.unlink()
    folder.rmdir()

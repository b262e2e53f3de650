"""Which student each row of a mapped table is about."""

from __future__ import annotations

from collections.abc import Sequence

from campaign.intake.batches import Columns
from campaign.intake.dates import read_date
from campaign.intake.problems import RowRefused
from campaign.intake.spreadsheet.fields import NAMED, SYSTEMS
from campaign.intake.spreadsheet.mapping import Mapping
from campaign.intake.tables import Memory, Table


class Students:
    """The references of a table's rows: by columns of ids, or by name and birth date, which count only together."""

    def __init__(self, mapping: Mapping) -> None:
        self._ids = [field for field in SYSTEMS if field in mapping.columns]
        self._named = NAMED if set(NAMED) <= set(mapping.columns) else ()
        self._columns = mapping.columns
        birth = mapping.columns.get("student_birth_date", "student_birth_date")
        self._birth_dates = Memory(lambda cell: read_date(cell, birth, mapping.date_order))

    def read(self, table: Table) -> tuple[list[Columns], list[str]]:
        """The references, by places in the table, and for each row the text that tells its student from others."""
        facts = []
        cells = {field: table.cells(self._columns[field]) for field in (*self._ids, *self._named)}
        ids = [cells[field] for field in self._ids]
        for field in self._ids:
            facts += _references(cells[field], SYSTEMS[field])
        keys = (
            list(map("|".join, zip(*ids, strict=True)))
            if len(ids) > 1
            else list(ids[0] if ids else [""] * len(table.lines))
        )
        if self._named:
            facts += self._names(table, cells)
        blank = "|" * (len(ids) - 1)
        if blank in keys:
            self._fill(table, keys, blank, [cells[field] for field in self._named])
        return facts, keys

    def _names(self, table: Table, cells: dict[str, list[str]]) -> list[Columns]:
        given, family, birth = (cells[field] for field in self._named)
        whole = [place for place, said in enumerate(zip(given, family, birth, strict=True)) if all(said)]
        born = table.worked(self._birth_dates, birth)
        values = {"given_name": given, "family_name": family, "birth_date": born}
        picked = {name: [given[place] for place in whole] for name, given in values.items()}
        return [Columns("student_named", picked, whole)] if whole else []

    def _fill(self, table: Table, keys: list[str], blank: str, named: Sequence[list[str]]) -> None:
        """Rows without an id are told apart by name; rows with neither are refused."""
        stated = [field for field in (*SYSTEMS, *NAMED) if field in self._columns]
        for place, key in enumerate(keys):
            if key != blank:
                continue
            said = [cells[place].casefold() for cells in named]
            if said and all(said):
                keys[place] = f"{blank}|{'|'.join(said)}"
            else:
                table.refused.setdefault(place, RowRefused("missing_value", self._columns[stated[0]]))


def _references(cells: list[str], systems: Sequence[str]) -> list[Columns]:
    """An id as one of each system that may have issued it."""
    places = None if "" not in cells else [place for place, cell in enumerate(cells) if cell]
    values = cells if places is None else [cells[place] for place in places]
    return [
        Columns(
            "student_ref",
            {
                "system": [system] * len(values),
                "value": values,
                "exclusive": [number == 0] * len(values),
            },
            places,
        )
        for number, system in enumerate(systems)
        if values
    ]

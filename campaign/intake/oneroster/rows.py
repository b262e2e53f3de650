"""What the readers of all OneRoster files share: the package they belong to, and access to the cells of a row."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from campaign.intake.delimited import Header, Row
from campaign.intake.oneroster.layout import metadata_columns
from campaign.intake.problems import RowRefused


@dataclass(frozen=True)
class Context:
    """`system` names the issuer of the package's sourcedIds; `categories` (id → title) fills up while read."""

    system: str
    categories: dict[str, str] = field(default_factory=dict)


class Cells:
    """The cells of a row by the standard's column names, and vendors' metadata by fields of ours."""

    def __init__(self, row: Row, metadata: dict[str, str]) -> None:
        self._row = row
        self._metadata = metadata

    def get(self, column: str) -> str:
        return self._row.get(column.casefold(), "").strip()

    def need(self, column: str) -> str:
        value = self.get(column)
        if not value:
            raise RowRefused("missing_value", column)
        return value

    def ids(self, column: str) -> list[str]:
        """The ids of a list in one cell."""
        return [part.strip() for part in self.get(column).split(",") if part.strip()]

    def extra(self, field: str) -> str:
        return self._row.get(self._metadata.get(field, ""), "").strip()

    def extra_column(self, field: str) -> str:
        """How to name the column of an extra field to a person."""
        return self._metadata.get(field, field)

    @property
    def gone(self) -> bool:
        """True for a record that a delta file removes."""
        status = self.get("status").casefold()
        if status not in {"", "active", "inactive", "tobedeleted"}:
            raise RowRefused("unknown_vocabulary", "status", "active, tobedeleted")
        return status in {"tobedeleted", "inactive"}


class CellReader:
    """Turns rows of one file into Cells; made once per file, so that the header is looked at once."""

    def __init__(self, header: Header) -> None:
        self._metadata = metadata_columns(header)

    def __call__(self, row: Row) -> Cells:
        return Cells(row, self._metadata)


def tagged_ids(text: str) -> list[tuple[str, str]]:
    """{type:id} pairs of the column userIds."""
    return [(kind.strip(), value.strip()) for kind, value in re.findall(r"\{([^:{}]+):([^{}]+)\}", text)]

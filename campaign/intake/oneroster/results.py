"""Report-card marks. OneRoster has no object for them: they are results of line items whose titles say so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from campaign.intake.batches import Batch, Columns
from campaign.intake.delimited import Header, Row
from campaign.intake.marks import looks_like_letter, scale_of
from campaign.intake.oneroster.layout import is_report_card, metadata_columns, says_part, says_whole
from campaign.intake.oneroster.rows import CellReader, Cells, Context
from campaign.intake.plans import Facts, Read
from campaign.intake.problems import RowRefused
from campaign.intake.quantities import read_number, read_truth
from campaign.intake.staging import Fact, FileTally
from campaign.intake.tables import Memory, Table

SCORE_STATUSES = frozenset(
    {"exempt", "fully graded", "not submitted", "partially graded", "submitted", "late", "missing"}
)


def categories(header: Header, context: Context) -> Read:
    cells_of = CellReader(header)

    def read(record: Row, tally: FileTally) -> Facts:
        cells = cells_of(record)
        context.categories[cells.need("sourcedId")] = cells.need("title")
        return []

    return read


def line_items(header: Header, context: Context) -> Read:
    cells_of = CellReader(header)

    def read(record: Row, tally: FileTally) -> Facts:
        cells = cells_of(record)
        titles = [cells.need("title"), context.categories.get(cells.get("categorySourcedId"), "")]
        period = cells.get("academicSessionSourcedId") or cells.get("gradingPeriodSourcedId")
        return [
            Fact(
                "line_item",
                {
                    "source_id": cells.need("sourcedId"),
                    "section": cells.need("classSourcedId"),
                    "period": period or None,
                    "report_card": any(is_report_card(title) for title in titles),
                    "says_whole": any(says_whole(title) for title in titles),
                    "says_part": any(says_part(title) for title in titles),
                    "maximum": read_number(cells.get("resultValueMax"), "resultValueMax"),
                    "scale": cells.extra("scale") or None,
                },
            )
        ]

    return read


def results(header: Header, context: Context) -> Callable[[Table], Batch]:
    """Reads the results of one file; what a mark means is worked out once for each that occurs."""
    used = [c for c in _GRADED if c.casefold() in header.names] + list(metadata_columns(header).values())
    cells_of = CellReader(header)

    def work(texts: tuple[str, ...]) -> tuple[Any, ...]:
        row = {column.casefold(): text for column, text in zip(used, texts, strict=True)}
        return _graded(cells_of(row))

    memory = Memory(work)

    def read(table: Table) -> Batch:
        graded = table.worked(memory, zip(*(table.raw(column) for column in used), strict=True))
        ids, items, students = (
            table.needed(column) for column in ("sourcedId", "lineItemSourcedId", "studentSourcedId")
        )
        refused = table.turned_away(ids)
        lines = table.kept(table.lines)
        if not lines:
            return Batch(lines, refused=refused)
        worked = zip(*table.kept(graded), strict=True)
        mark = {
            "source_key": [f"{context.system}|{key}" for key in table.kept(ids)],
            "line_item": table.kept(items),
            **dict(zip(_WORKED, worked, strict=True)),
        }
        student = {
            "system": [context.system] * len(lines),
            "value": table.kept(students),
            "exclusive": [True] * len(lines),
        }
        return Batch(lines, [Columns("mark", mark), Columns("student_ref", student)], refused)

    return read


_GRADED = ("status", "scoreStatus", "score", "comment", "textScore")
_WORKED = ("mark", "percent", "scale", "modified_curriculum", "credit_recovery", "gone")


def _graded(cells: Cells) -> tuple[Any, ...]:
    """The values of _WORKED. Raises RowRefused."""
    status = cells.need("scoreStatus").casefold()
    if status not in SCORE_STATUSES and not status.startswith("ext:"):
        raise RowRefused("unknown_vocabulary", "scoreStatus", "exempt, fully graded, not submitted …")
    mark, percent = _mark(cells)
    scale = cells.extra("scale") or (scale_of(mark) if mark else None)
    truths = (_truth(cells, "modified_curriculum"), _truth(cells, "credit_recovery"))
    return (mark, percent, scale, *truths, cells.gone)


def _truth(cells: Cells, field: str) -> bool:
    return bool(read_truth(cells.extra(field), cells.extra_column(field)))


def _mark(cells: Cells) -> tuple[str | None, float | None]:
    """The mark as printed, and the percent beside it. 1.2 has a column for the letter; 1.1 hides it in a comment."""
    score = read_number(cells.get("score"), "score")
    comment = cells.get("comment")
    letter = (
        cells.get("textScore") or cells.extra("letter") or (comment if looks_like_letter(comment) else "")
    )
    return (letter or cells.get("score") or None), score

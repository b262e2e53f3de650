"""What the readers of both versions share: cells of a row, words of the layout, courses that state two subjects."""

from __future__ import annotations

from functools import cache
from typing import Any

from campaign.intake.delimited import Header, Row
from campaign.intake.problems import RowRefused
from campaign.intake.staging import FileTally
from campaign.intake.vocabulary import read_grade_level, subject_of, subject_of_title, table

SYSTEM = "sds"
PREFIX = "sds:"


def layout() -> dict[str, Any]:
    return table("layout.toml", __package__)


def get(row: Row, column: str) -> str:
    return row.get(column.casefold(), "").strip()


def need(row: Row, column: str) -> str:
    value = get(row, column)
    if not value:
        raise RowRefused("missing_value", column)
    return value


@cache
def words(*path: str) -> frozenset[str]:
    """A list of the layout, folded, at the path of its keys."""
    found: Any = layout()
    for key in path:
        found = found[key]
    return frozenset(str(word).casefold() for word in found)


def file_of(header: Header) -> tuple[str, str] | None:
    """(version, kind of file) of the first rule in the layout that the header fits."""
    for version in ("V2.1", "V1"):
        for kind, rule in layout()[version].items():
            needed, barred = (
                frozenset(name.casefold() for name in rule.get(k, ())) for k in ("needs", "not")
            )
            any_of = frozenset(name.casefold() for name in rule.get("one_of", ()))
            if needed <= header.names and not barred & header.names and (not any_of or any_of & header.names):
                return version, str(kind)
    return None


def names_of(row: Row, given: str, family: str) -> dict[str, str] | None:
    """The person's names; None if the row has neither. Raises RowRefused for half a name."""
    if not get(row, given) and not get(row, family):
        return None
    return {"given_name": need(row, given), "family_name": need(row, family)}


def grade_level(row: Row, column: str) -> int | None:
    value = get(row, column)
    return None if value.casefold() in {"ug", "other"} else read_grade_level(value, column)


def subject(stated: str, title: str, column: str, tally: FileTally) -> str | None:
    """The subject that the code or word and the title agree on; one alone will do, two different ones will not.

    A code of a field that is none of our subjects disagrees with a title that speaks of one of them.
    """
    named = layout()["subjects"].get(stated.zfill(2)) or subject_of(stated)
    spoken = subject_of_title(title)
    if spoken and spoken != named and (named or stated.isdigit()):
        tally.note("subject_in_doubt", title, column)
        return None
    return named or spoken

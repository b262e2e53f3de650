"""The table of who answers what, as a file: one line a school and role, read back whole or not at all."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TextIO

from campaign.correspondence.conversation_routing import StaffRole
from campaign.spreadsheets import write_csv
from campaign.store.conversation_routes import Colleague, School, SchoolRoute

HEADER = ("school", "school_name", "role", "answers", "then", "words")
MOST_BYTES = 1_000_000
_LONGEST_WORD, _MOST_WORDS = 40, 200


class TableError(Exception):
    """The file cannot be taken; the message names the line, the field and the remedy."""


def write(
    out: TextIO, schools: Sequence[School], routes: Sequence[SchoolRoute], people: Sequence[Colleague]
) -> None:
    """`answers`: the e-mail address of the person; `then`: the role that has it next; `words`: with semicolons."""
    emails = {one.account_id: one.email for one in people}
    known = {(route.school_id, route.role): route for route in routes}
    rows = []
    for school in schools:
        for role in StaffRole:
            route = known.get((school.school_id, role))
            answers = emails.get(route.account_id or 0, "") if route else ""
            words = "; ".join(route.words) if route else ""
            rows.append(
                (school.source_id, school.name, str(role), answers, (route and route.next_role) or "", words)
            )
    write_csv(out, HEADER, rows)


def read(content: bytes, schools: Sequence[School], people: Sequence[Colleague]) -> list[SchoolRoute]:
    """Raises TableError at the first line that cannot be taken."""
    if len(content) > MOST_BYTES:
        raise TableError(f"the file is larger than {MOST_BYTES:,} bytes; send only the table")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise TableError("the file is not UTF-8; save it as CSV UTF-8") from None
    rows = csv.DictReader(io.StringIO(text, newline=""), restkey="more")
    missing = [name for name in HEADER if name != "school_name" and name not in (rows.fieldnames or ())]
    if missing:
        raise TableError(
            f"line 1: the column {missing[0]} is missing; download the table and change that file"
        )
    by_source = {school.source_id: school.school_id for school in schools}
    by_email = {one.email.casefold(): one.account_id for one in people}
    return list(_routes(rows, by_source, by_email))


def _routes(
    rows: csv.DictReader[str], schools: Mapping[str, int], people: Mapping[str, int]
) -> Iterator[SchoolRoute]:
    seen: set[tuple[int, str]] = set()
    for row in rows:
        where = f"line {rows.line_num}"
        cell = {name: str(row.get(name) or "").strip().lstrip("'") for name in HEADER}
        _demand(
            cell["school"] in schools, f"{where}: school: there is no school {cell['school']!r} that you see"
        )
        _demand(cell["role"] in set(StaffRole), f"{where}: role: write one of {', '.join(StaffRole)}")
        key = (schools[cell["school"]], cell["role"])
        _demand(key not in seen, f"{where}: the school has this role twice; leave one of the lines out")
        seen.add(key)
        yield SchoolRoute(
            *key,
            words=words(cell["words"], where),
            account_id=person(cell["answers"], people, where),
            next_role=next_role(cell["role"], cell["then"], where),
        )


def words(said: str, where: str) -> tuple[str, ...]:
    """Words set apart by semicolons, commas or lines."""
    found = tuple(
        dict.fromkeys(
            one.strip() for one in said.replace("\n", ";").replace(",", ";").split(";") if one.strip()
        )
    )
    _demand(len(found) <= _MOST_WORDS, f"{where}: words: write at most {_MOST_WORDS}")
    long = next((one for one in found if len(one) > _LONGEST_WORD), "")
    _demand(not long, f"{where}: words: {long[:20]!r} … is too long; set words apart with semicolons")
    bare = next((one for one in found if not any(sign.isalnum() for sign in one)), "")
    _demand(not bare, f"{where}: words: {bare!r} has no letter; leave it out")
    return found


def person(said: str, people: Mapping[str, Any], where: str) -> int | None:
    _demand(
        not said or said.casefold() in people,
        f"{where}: answers: {said!r} is no account of the district; make one with gbg accounts add, or leave it empty",
    )
    return people.get(said.casefold()) if said else None


def next_role(role: str, said: str, where: str) -> str | None:
    _demand(
        not said or said in set(StaffRole), f"{where}: then: write one of {', '.join(StaffRole)}, or nothing"
    )
    _demand(said != role, f"{where}: then: a role cannot come after itself; write another, or nothing")
    return said or None


def _demand(holds: bool, problem: str) -> None:
    if not holds:
        raise TableError(problem)

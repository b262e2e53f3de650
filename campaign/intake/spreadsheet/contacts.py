"""Rows of a mapped table of family contacts: one adult of one student a row, with what the adult may receive."""

from __future__ import annotations

import hashlib
import re
from functools import partial
from typing import Any

from campaign.intake.dates import read_date
from campaign.intake.delimited import Header, Row, read_rows
from campaign.intake.plans import Examined, Facts, FilePlan, Read
from campaign.intake.problems import RowRefused
from campaign.intake.quantities import read_truth
from campaign.intake.spreadsheet.mapping import Mapping
from campaign.intake.staging import Fact, FileTally
from campaign.intake.vocabulary import Language, folded, read_language, table

# Field of the student → systems of ids it may be; the first is the one in which a student has one id only.
_SYSTEMS = {
    "student_local_id": ("local", "oneroster", "edfi"),
    "student_state_id": ("state", "edfi"),
    "student_source_id": ("oneroster", "edfi"),
}
_NAMED = ("student_given_name", "student_family_name", "student_birth_date")
_TEXTS = ("address_line", "city", "state_code", "postal_code")
_RIGHTS = ("may_receive", "court_restriction", "lives_with", "primary_contact", "adult_consent")
_PHONE_TYPES = {
    "mobile": "mobile",
    "cell": "mobile",
    "landline": "landline",
    "home": "landline",
    "work": "landline",
}


def plan(examined: Examined, header: Header, mapping: Mapping) -> FilePlan:
    records = partial(read_rows, examined.file, examined.fingerprint.encoding, header)
    message = f"read with the mapping {mapping.name}"
    return FilePlan(examined, "table of contacts", records, _contacts(mapping), message)


class _Cells:
    """The cells of one row, wherever the mapping takes them from."""

    def __init__(self, mapping: Mapping, row: Row) -> None:
        self._mapping = mapping
        self._row = row

    def get(self, field: str) -> str:
        column = self._mapping.columns.get(field)
        value = self._row.get(column.casefold(), "").strip() if column else ""
        return value or str(self._mapping.values.get(field, ""))

    def column(self, field: str) -> str:
        return self._mapping.columns.get(field, field)

    def need(self, field: str) -> str:
        if not (value := self.get(field)):
            raise RowRefused("missing_value", self.column(field))
        return value

    def truth(self, field: str) -> bool | None:
        return read_truth(self.get(field), self.column(field))


def _contacts(mapping: Mapping) -> Read:
    def read(record: Row, tally: FileTally) -> Facts:
        cells = _Cells(mapping, record)
        key = _key(cells)
        rights = {field: cells.truth(field) for field in _RIGHTS}
        return [
            Fact("person", {"key": key, "defines": True, **_person(cells, mapping, tally)}),
            Fact("role", {"key": key, "kind": "contact"}),
            Fact("relation", {"contact_key": key, "relation": _relation(cells.get("relation")), **rights}),
            *_student(cells, mapping),
        ]

    return read


def _person(cells: _Cells, mapping: Mapping, tally: FileTally) -> dict[str, Any]:
    written = _language(cells, "written_language", mapping, tally)
    spoken = _language(cells, "spoken_language", mapping, tally)
    email, phone = cells.get("email"), cells.get("phone")
    if email and not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
        raise RowRefused("unreadable_email", cells.column("email"))
    kind = _PHONE_TYPES.get(cells.get("phone_type").casefold(), "unknown")
    return {
        "given_name": cells.need("given_name"),
        "family_name": cells.need("family_name"),
        "email": email or None,
        "phone": phone or None,
        "phone_type": kind if phone else None,
        "written_language": written and written.tag,
        "language_raw": written and written.raw,
        "spoken_language": spoken and spoken.tag,
        "interpreter_needed": cells.truth("interpreter_needed"),
        "confidential": cells.truth("confidential"),
        **{field: cells.get(field) or None for field in _TEXTS},
    }


def _language(cells: _Cells, field: str, mapping: Mapping, tally: FileTally) -> Language | None:
    language = read_language(cells.get(field), mapping.state)
    if language is not None and language.tag is None:
        tally.note("language_unknown", language.raw, cells.column(field))
    return language


def _relation(stated: str) -> str | None:
    """The relation in our words where it has rights of its own, else as it stands."""
    for ours, words in table("relations.toml")["names"].items():
        if folded(stated) in words:
            return str(ours)
    return stated.casefold() or None


def _student(cells: _Cells, mapping: Mapping) -> list[Fact]:
    facts = [
        Fact("student_ref", {"system": system, "value": cells.get(field), "exclusive": number == 0})
        for field, systems in _SYSTEMS.items()
        if cells.get(field)
        for number, system in enumerate(systems)
    ]
    given, family, birth = (cells.get(field) for field in _NAMED)
    if given and family and birth:
        born = read_date(birth, cells.column("student_birth_date"), mapping.date_order)
        facts.append(Fact("student_named", {"given_name": given, "family_name": family, "birth_date": born}))
    if not facts:
        stated = [field for field in (*_SYSTEMS, *_NAMED) if field in mapping.columns]
        raise RowRefused("missing_value", cells.column(stated[0]))
    return facts


def _key(cells: _Cells) -> str:
    """The same adult has the same key in every row, without showing a name: the own id, or name and where to reach."""
    own = cells.get("contact_id")
    phone = re.sub(r"\D", "", cells.get("phone"))
    reached = cells.get("email").casefold() or phone or folded(cells.get("address_line"))
    said = own or "|".join((folded(cells.get("given_name")), folded(cells.get("family_name")), reached))
    return f"table contacts|{hashlib.sha256(said.encode()).hexdigest()[:32]}"

"""Users, their roles and demographics. Who is a student, a family contact or staff, the roles say."""

from __future__ import annotations

from typing import Any

from campaign.intake.dates import read_date
from campaign.intake.delimited import Header, Row
from campaign.intake.oneroster.layout import role_kind, user_id_system
from campaign.intake.oneroster.rows import CellReader, Cells, Context, tagged_ids
from campaign.intake.plans import Facts, Read
from campaign.intake.problems import RowRefused
from campaign.intake.quantities import read_truth
from campaign.intake.staging import Fact, FileTally
from campaign.intake.vocabulary import Language, read_grade_level, read_language


def users(header: Header, context: Context) -> Read:
    cells_of = CellReader(header)
    has_role = "role" in header.names

    def read(record: Row, tally: FileTally) -> Facts:
        cells = cells_of(record)
        key = cells.need("sourcedId")
        facts = [Fact("person", {"key": key, "defines": True, **_person(cells, tally)})]
        facts += [
            Fact("identifier", {"key": key, "system": system, "value": value})
            for system, value in _identifiers(cells, context)
        ]
        facts += [Fact("agent", {"key": key, "agent_key": agent}) for agent in cells.ids("agentSourcedIds")]
        if has_role:
            orgs = cells.ids("orgSourcedIds")
            facts.append(_role(key, cells.need("role"), orgs[0] if orgs else None))
        return facts

    return read


def _person(cells: Cells, tally: FileTally) -> dict[str, Any]:
    grades = [grade for grade in cells.ids("grades") if grade not in {"UG", "Other"}]
    return {
        "given_name": cells.need("givenName"),
        "family_name": cells.need("familyName"),
        "preferred_name": cells.get("preferredGivenName") or None,
        "email": cells.get("email") or None,
        "phone": cells.get("sms") or cells.get("phone") or None,
        "phone_type": _phone_type(cells),
        "grade_level": read_grade_level(grades[0], "grades") if grades else None,
        "school": cells.get("primaryOrgSourcedId") or None,
        "withdrawn": cells.gone,
        **_metadata(cells, tally),
    }


def _phone_type(cells: Cells) -> str | None:
    stated = cells.extra("phone_type").casefold()
    if cells.get("sms") or stated in {"mobile", "cell"}:
        return "mobile"
    if stated in {"landline", "home", "work"}:
        return "landline"
    return "unknown" if cells.get("phone") else None


def _metadata(cells: Cells, tally: FileTally) -> dict[str, Any]:
    home = _language(cells, "home_language", tally)
    written = _language(cells, "written_language", tally)
    spoken = _language(cells, "spoken_language", tally)
    truths = (
        "interpreter_needed", "english_learner", "may_receive", "court_restriction", "confidential", "adult_consent",
    )  # fmt: skip
    texts = ("relation", "address_line", "city", "state_code", "postal_code")
    return {
        "home_language": home and home.tag,
        "home_language_raw": home and home.raw,
        "home_language_code_system": home and home.code_system,
        "written_language": written and written.tag,
        "language_raw": written and written.raw,
        "spoken_language": spoken and spoken.tag,
        "us_entry_date": read_date(cells.extra("us_entry_date"), cells.extra_column("us_entry_date")),
        **{field: read_truth(cells.extra(field), cells.extra_column(field)) for field in truths},
        **{field: cells.extra(field) or None for field in texts},
    }


def _language(cells: Cells, field: str, tally: FileTally) -> Language | None:
    language = read_language(cells.extra(field))
    if language is not None and language.tag is None:
        tally.note("language_unknown", language.raw, cells.extra_column(field))
    return language


def _identifiers(cells: Cells, context: Context) -> list[tuple[str, str]]:
    found = [(context.system, cells.need("sourcedId"))]
    found += [(user_id_system(kind), value) for kind, value in tagged_ids(cells.get("userIds"))]
    for system, value in (
        ("local", cells.extra("local_id") or cells.get("identifier")),
        ("state", cells.extra("state_id")),
        ("master", cells.get("userMasterIdentifier")),
    ):
        if value and system not in dict(found):
            found.append((system, value))
    return found


def _role(key: str, role: str, org: str | None) -> Fact:
    kind = role_kind(role)
    if kind is None:
        raise RowRefused("unknown_vocabulary", "role", "student, teacher, parent, guardian …")
    return Fact("role", {"key": key, "kind": kind, "school": org, "relation": role.casefold()})


def roles(header: Header, context: Context) -> Read:
    """Roles of version 1.2; the relation of a family contact is the name of the role."""
    cells_of = CellReader(header)

    def read(record: Row, tally: FileTally) -> Facts:
        cells = cells_of(record)
        cells.need("sourcedId")
        fact = _role(cells.need("userSourcedId"), cells.need("role"), cells.get("orgSourcedId") or None)
        return [] if cells.gone else [fact]

    return read


def demographics(header: Header, context: Context) -> Read:
    """Of the demographics only the birth date is kept: it is the second step in front of a family page."""
    cells_of = CellReader(header)

    def read(record: Row, tally: FileTally) -> Facts:
        cells = cells_of(record)
        birth = read_date(cells.get("birthDate"), "birthDate")
        extra = _metadata(cells, tally)
        return [
            Fact(
                "person",
                {"key": cells.need("sourcedId"), "defines": False, "birth_date": birth, **extra},
            )
        ]

    return read

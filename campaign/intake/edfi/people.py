"""Students, family contacts and staff. Keys of contacts and staff carry their kind, since numbers may repeat."""

from __future__ import annotations

from typing import Any

from campaign.intake.dates import read_date
from campaign.intake.edfi.records import SYSTEM, Context, need, school_of, student_of
from campaign.intake.elements import Element, nodes, text, texts
from campaign.intake.plans import Facts
from campaign.intake.problems import RowRefused
from campaign.intake.quantities import read_truth
from campaign.intake.staging import Fact, FileTally
from campaign.intake.vocabulary import read_grade_level, read_language, table

_HOME_USES = ("Home", "Home language", "Native", "Dominant")
_WRITTEN_USES = ("Correspondence", "Correspondence language", "Written", "Written language")
_SPOKEN_USES = ("Spoken", "Spoken language")


def _name(element: Element) -> dict[str, Any]:
    return {
        "given_name": need(element, "Name/FirstName"),
        "family_name": need(element, "Name/LastSurname"),
        "preferred_name": text(element, "Name/PreferredFirstName") or None,
        "email": _email(element),
    }


def _email(element: Element) -> str | None:
    """Of several addresses the one called primary, else the first that is not of a place of work, else the first."""
    found = [
        (
            not _is(node, "PrimaryEmailAddressIndicator"),
            "work" in _kind(node, "EmailAddressType", "ElectronicMailType"),
            address,
        )
        for node in nodes(element, "ElectronicMail")
        if (address := text(node, "EmailAddress") or text(node, "ElectronicMailAddress"))
    ]
    return min(found, key=lambda one: one[:2])[2] if found else None


def _kind(node: Element, *names: str) -> str:
    """The type of a number or address, folded; 0100 has it as an attribute."""
    return next((said for name in names if (said := node.get(name) or text(node, name))), "").casefold()


def _is(node: Element, name: str) -> bool:
    return (node.get(name) or text(node, name)).casefold() in ("true", "1")


def _language(
    element: Element, uses: tuple[str, ...], tally: FileTally
) -> tuple[str | None, str | None, str | None]:
    """(tag, raw, code system) of the language for the first of the uses that any language has."""
    told = [(node, set(texts(node, "LanguageUse"))) for node in nodes(element, "Language")]
    node = next((node for use in uses for node, stated in told if use in stated), None)
    language = (
        None if node is None else read_language(text(node, "Language") or text(node, "LanguageDescriptor"))
    )
    if language is None:
        return None, None, None
    if language.tag is None:
        tally.note("language_unknown", language.raw, "Language")
    return language.tag, language.raw, language.code_system


def student(element: Element, context: Context, tally: FileTally) -> Facts:
    key = need(element, "StudentUniqueStateId", "StudentUniqueId")
    return [
        Fact(
            "person",
            {
                "key": key,
                "defines": True,
                **_name(element),
                "birth_date": read_date(text(element, "BirthData/BirthDate"), "BirthDate"),
                **_about(element, tally),
            },
        ),
        Fact("role", {"key": key, "kind": "student"}),
        Fact("identifier", {"key": key, "system": SYSTEM, "value": key}),
        *_codes(element, key),
    ]


def _codes(element: Element, key: str) -> list[Fact]:
    """State and local ids of a student."""
    systems = table("layout.toml", __package__)["identification_systems"]
    facts = []
    for node in nodes(element, "StudentIdentificationCode"):
        system = systems.get(node.get("IdentificationSystem") or text(node, "StudentIdentificationSystem"))
        value = text(node, "ID") or text(node, "IdentificationCode")
        if system and value:
            facts.append(Fact("identifier", {"key": key, "system": system, "value": value}))
    return facts


def _about(element: Element, tally: FileTally) -> dict[str, Any]:
    """Home language and whether the student is learning English; 0100 says both on the student itself."""
    tag, raw, system = _language(element, _HOME_USES, tally)
    if raw is None and (stated := text(element, "HomeLanguages/Language")):
        language = read_language(stated)
        tag, raw, system = (
            (language.tag, language.raw, language.code_system) if language else (None, None, None)
        )
    proficiency = text(element, "LimitedEnglishProficiency")
    return {
        "home_language": tag,
        "home_language_raw": raw,
        "home_language_code_system": system,
        "english_learner": proficiency.startswith("Limited") if proficiency else None,
    }


def student_education_organization_association(element: Element, context: Context, tally: FileTally) -> Facts:
    """From Data Standard 3 on, languages and identification codes stand here and not on the student."""
    key = student_of(element)
    about = {"key": key, "defines": False, **_about(element, tally)}
    return [Fact("person", about), *_codes(element, key)]


def student_school_association(element: Element, context: Context, tally: FileTally) -> Facts:
    """Grade level and school of enrolment; of several, the one entered last counts."""
    return [
        Fact(
            "person",
            {
                "key": student_of(element),
                "defines": False,
                "school": school_of(element) or None,
                "grade_level": read_grade_level(text(element, "EntryGradeLevel"), "EntryGradeLevel"),
                "as_of": read_date(need(element, "EntryDate"), "EntryDate"),
            },
        )
    ]


def contact(element: Element, context: Context, tally: FileTally) -> Facts:
    key = f"contact:{need(element, 'ParentUniqueStateId', 'ParentUniqueId', 'ContactUniqueId')}"
    written, raw, _ = _language(element, _WRITTEN_USES, tally)
    spoken, _, _ = _language(element, _SPOKEN_USES, tally)
    facts = [
        Fact(
            "person",
            {
                "key": key,
                "defines": True,
                **_name(element),
                **_phone(element),
                **_address(element),
                "written_language": written,
                "language_raw": raw,
                "spoken_language": spoken,
            },
        ),
        Fact("role", {"key": key, "kind": "contact"}),
    ]
    if element.get("id"):
        facts.append(Fact("alias", {"key": key, "name": element.get("id")}))
    return facts


def _phone(element: Element) -> dict[str, str | None]:
    """Of several numbers a mobile one, which texts reach, else the one called primary, else the first; never a fax."""
    found = []
    for node in nodes(element, "Telephone"):
        kind = _kind(node, "TelephoneNumberType")
        if (number := text(node, "TelephoneNumber")) and "fax" not in kind:
            mobile, landline = "mobile" in kind or "cell" in kind, "home" in kind or "work" in kind
            order = (not mobile, not _is(node, "PrimaryTelephoneNumberIndicator"))
            found.append((order, number, "mobile" if mobile else "landline" if landline else "unknown"))
    if not found:
        return {}
    _, number, kind = min(found, key=lambda one: one[0])
    return {"phone": number, "phone_type": kind}


def _address(element: Element) -> dict[str, str | None]:
    node = next(iter(nodes(element, "Address")), None)
    if node is None:
        return {}
    apartment = text(node, "ApartmentRoomSuiteNumber")
    return {
        "address_line": " ".join(part for part in (text(node, "StreetNumberName"), apartment) if part)
        or None,
        "city": text(node, "City") or None,
        "state_code": text(node, "StateAbbreviation") or None,
        "postal_code": text(node, "PostalCode") or None,
    }


def student_contact_association(element: Element, context: Context, tally: FileTally) -> Facts:
    return [
        Fact(
            "relation",
            {
                "student_key": student_of(element),
                **_contact_of(element),
                "relation": text(element, "Relation") or None,
                "lives_with": read_truth(text(element, "LivesWith"), "LivesWith"),
                "primary_contact": read_truth(text(element, "PrimaryContactStatus"), "PrimaryContactStatus"),
            },
        )
    ]


def _contact_of(element: Element) -> dict[str, str | None]:
    for name, identity in (("ParentReference", "ParentIdentity"), ("ContactReference", "ContactIdentity")):
        for key in ("ParentUniqueStateId", "ParentUniqueId", "ContactUniqueId"):
            if found := text(element, f"{name}/{identity}/{key}"):
                return {"contact_key": f"contact:{found}"}
        for node in nodes(element, name):
            if node.get("ref"):
                return {"contact_alias": node.get("ref")}
    raise RowRefused("missing_value", "ContactReference")


def staff(element: Element, context: Context, tally: FileTally) -> Facts:
    key = f"staff:{need(element, 'StaffUniqueStateId', 'StaffUniqueId')}"
    return [
        Fact("person", {"key": key, "defines": True, **_name(element)}),
        Fact("role", {"key": key, "kind": "staff"}),
    ]

"""The contact audit: each fault named, the share of households in reach, what blocks a start and who may lift it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, text, update

from campaign.contacts import contact_audit, email_addresses, phones
from campaign.contacts.contact_audit import Kind, OverrideRefused, audit
from campaign.schema.rosters import contact as contact_table
from campaign.store import consent, suppressions
from campaign.store.consent import Voice
from campaign.store.suppressions import About, Why
from tests.campaign.families import add_contact, add_student, relate

NOW = datetime(2026, 9, 21, 15, tzinfo=UTC)
EMAILS = [
    ("rosa@example.org", None, None),
    ("Rosa.Abrego+school@Mail.Example.org", None, None),
    ("rosa@gmail.com", None, None),
    ("josé@example.org", None, None),
    ("rosa@exämple.org", None, None),
    ("rosa", email_addresses.Fault.SYNTAX, None),
    ("rosa@@gmail.com", email_addresses.Fault.SYNTAX, None),
    ("rosa abrego@gmail.com", email_addresses.Fault.SYNTAX, None),
    (".rosa@gmail.com", email_addresses.Fault.SYNTAX, None),
    ("rosa.@gmail.com", email_addresses.Fault.SYNTAX, None),
    ("r" * 65 + "@gmail.com", email_addresses.Fault.SYNTAX, None),
    ("rosa@gmail", email_addresses.Fault.DOMAIN, None),
    ("rosa@", email_addresses.Fault.DOMAIN, None),
    ("rosa@gmail..com", email_addresses.Fault.DOMAIN, None),
    ("rosa@-gmail.com", email_addresses.Fault.DOMAIN, None),
    ("rosa@school.local", email_addresses.Fault.DOMAIN, None),
    ("rosa@1.2.3.4", email_addresses.Fault.DOMAIN, None),
    ("rosa@gmail.con", email_addresses.Fault.DOMAIN, "rosa@gmail.com"),
    ("rosa@gmial.com", None, "rosa@gmail.com"),
    ("Rosa@YAHOO.CO", None, "Rosa@yahoo.com"),
    ("none@none.com", email_addresses.Fault.PLACEHOLDER, None),
    ("noemail@school.org", email_addresses.Fault.PLACEHOLDER, None),
]
PHONES = [
    ("(312) 867-5309", None),
    ("+1 414 867 5309", None),
    ("+44 20 7946 0000", None),
    ("(312) 555-0142", phones.Fault.MADE_UP),
    ("555-01", phones.Fault.LENGTH),
    ("call the office", phones.Fault.LENGTH),
    ("312 555 01999 77", phones.Fault.LENGTH),
    ("000-000-0000", phones.Fault.MADE_UP),
    ("(111) 867-5309", phones.Fault.AREA_CODE),
    ("(911) 867-5309", phones.Fault.AREA_CODE),
    ("(800) 867-5309", phones.Fault.TOLL_FREE),
    ("(900) 867-5309", phones.Fault.AREA_CODE),
    ("(395) 867-5309", phones.Fault.AREA_CODE),
    ("(312) 167-5309", phones.Fault.EXCHANGE),
    ("(312) 911-5309", phones.Fault.SERVICE),
    ("+1 312 867 530", phones.Fault.LENGTH),
]


@pytest.mark.parametrize(("written", "fault", "proposal"), EMAILS)
def test_addresses_that_cannot_be(written: str, fault: object, proposal: str | None) -> None:
    assert (email_addresses.fault(written), email_addresses.proposal(written)) == (fault, proposal)


@pytest.mark.parametrize(("written", "fault"), PHONES)
def test_numbers_that_cannot_be(written: str, fault: object) -> None:
    assert phones.fault(written) == fault


@given(st.text(max_size=80))
def test_anything_at_all_can_stand_in_a_register(written: str) -> None:
    email_addresses.fault(written)
    email_addresses.proposal(written)
    phones.fault(written)


@pytest.fixture
def school(connection: Connection) -> int:
    connection.execute(
        text("INSERT INTO district (code, name) VALUES ('d1', 'Lakeside'), ('d2', 'Elsewhere')")
    )
    connection.execute(text("INSERT INTO school (district_id, source_id, name) VALUES (1, 'a', 'Alder')"))
    return 1


def family(connection: Connection, name: str, **contact: Any) -> int:
    """A student with one contact; the contact's id. Other columns of the contact than those of the helper, too."""
    more = {key: contact.pop(key) for key in ("phone_type", "given_name") if key in contact}
    language = contact.pop("language", "en")
    found = add_contact(connection, name, language=language, **contact)
    if more:
        connection.execute(update(contact_table).where(contact_table.c.id == found).values(more))
    relate(connection, add_student(connection, name), found)
    return found


def kinds(connection: Connection, **options: Any) -> list[str]:
    return sorted(finding.kind for finding in audit(connection, 1, NOW, **options).findings)


CASES = [
    ({"email": "a@gmail.com", "phone": "312 867 5309"}, [], 1),
    ({"email": "a@gmail"}, [Kind.IMPOSSIBLE_EMAIL, Kind.NO_PHONE], 0),
    ({"email": "a@gmial.com"}, [Kind.EMAIL_SLIP, Kind.NO_PHONE], 1),
    ({"phone": "555-01"}, [Kind.INVALID_PHONE], 0),
    ({"phone": "312 867 5309", "phone_type": "landline"}, [Kind.LANDLINE], 0),
    ({"email": "a@gmail.com", "phone": "(800) 867-5309"}, [Kind.INVALID_PHONE], 1),
    ({"home": "1 Oak St"}, [Kind.NO_ADDRESS], 0),
    ({"email": "a@gmail.com", "language": ""}, [Kind.MISSING_LANGUAGE, Kind.NO_PHONE], 1),
    ({"email": "a@gmail.com", "language": "fr"}, [Kind.LANGUAGE_WITHOUT_TEXT, Kind.NO_PHONE], 1),
    ({"email": "a@gmail.com", "language": "es-MX"}, [Kind.NO_PHONE], 1),
    ({"email": "a@gmail.com", "language": "fil"}, [Kind.NO_PHONE], 1),
    ({"email": "a@gmail.com", "language": "zh-Hant"}, [Kind.OTHER_SCRIPT, Kind.NO_PHONE], 1),
    ({"email": "a@gmail.com", "language": "zh-TW"}, [Kind.OTHER_SCRIPT, Kind.NO_PHONE], 1),
    ({"email": "a@gmail.com", "language": "zh-Hans"}, [Kind.NO_PHONE], 1),
    ({"email": "a@gmail.com", "language": "zh"}, [Kind.NO_PHONE], 1),
]


@pytest.mark.parametrize(("facts", "found", "reachable"), CASES)
def test_each_fault_is_named(
    connection: Connection, school: int, facts: dict[str, Any], found: list[Kind], reachable: int
) -> None:
    family(connection, "one", **facts)
    looked = audit(connection, 1, NOW)
    assert [finding.kind for finding in looked.findings] == found
    assert (looked.households, looked.reachable, looked.contacts) == (1, reachable, 1)


@pytest.mark.parametrize(
    ("why", "found", "reachable"),
    [
        (Why.HARD_BOUNCE, [Kind.BOUNCED, Kind.NO_PHONE], 0),
        (Why.COMPLAINT, [Kind.BOUNCED, Kind.NO_PHONE], 0),
        (Why.WRONG_PERSON, [Kind.WRONG_NUMBER, Kind.NO_PHONE], 0),
        (Why.ASKED, [Kind.NO_PHONE], 1),
    ],
)
def test_what_providers_and_people_said_counts(
    connection: Connection, school: int, why: Why, found: list[Kind], reachable: int
) -> None:
    family(connection, "one", email="Rosa@gmail.com")
    suppressions.suppress(connection, "email", "rosa@gmail.com", why, NOW)
    looked = audit(connection, 1, NOW)
    assert ([finding.kind for finding in looked.findings], looked.reachable) == (found, reachable)


def test_a_wrong_number_is_wrong_for_its_contact_alone(connection: Connection, school: int) -> None:
    one = family(connection, "one", phone="312 867 5309")
    family(connection, "two", phone="312 867 5309", given_name="Ola")
    about = About(contact_id=one)
    suppressions.suppress(connection, "sms", "312 867 5309", Why.WRONG_NUMBER, NOW, about)
    (finding,) = audit(connection, 1, NOW).findings
    assert (finding.kind, finding.contact_id, finding.value) == (Kind.WRONG_NUMBER, one, "312 867 5309")


def test_who_stopped_is_still_in_reach(connection: Connection, school: int) -> None:
    one = family(connection, "one", email="a@gmail.com")
    consent.revoke(connection, one, "all", Voice("staff", "No.", NOW))
    assert audit(connection, 1, NOW).reachable == 1


def test_an_adult_listed_twice_is_named_once(connection: Connection, school: int) -> None:
    family(connection, "one", email="a@gmail.com", phone="312 867 5309")
    family(connection, "two", email="A@Gmail.com")
    family(connection, "three", phone="+1 (312) 867-5309")
    # Somebody else who shares the mailbox.
    family(connection, "four", email="a@gmail.com", given_name="Ola")
    assert kinds(connection) == [Kind.DUPLICATE, Kind.DUPLICATE, Kind.NO_PHONE, Kind.NO_PHONE]


def test_students_without_anybody_count_as_households(connection: Connection, school: int) -> None:
    add_student(connection, "Lone")
    barred = add_student(connection, "Barred")
    relate(connection, barred, add_contact(connection, "b", email="b@gmail.com"), court=True)
    # A confidential family is talked to in person.
    hidden = add_student(connection, "Hidden")
    connection.execute(text("UPDATE student SET confidential = true WHERE id = :id"), {"id": hidden})
    looked = audit(connection, 1, NOW)
    assert [finding.kind for finding in looked.findings] == [Kind.NO_CONTACT, Kind.NO_CONTACT]
    assert (looked.households, looked.reachable, looked.blocks) == (2, 0, True)


def test_two_adults_at_one_address_are_one_household(connection: Connection, school: int) -> None:
    child = add_student(connection, "Ana")
    for name, email in (("m", "m@gmail.com"), ("f", None)):
        relate(connection, child, add_contact(connection, name, email=email, home="1 Oak St"))
    looked = audit(connection, 1, NOW)
    assert (looked.contacts, looked.households, looked.reachable_share) == (2, 1, 1.0)


def test_languages_are_those_that_families_may_get(connection: Connection, school: int) -> None:
    family(connection, "one", email="a@gmail.com", phone="312 867 5309", language="vi")
    assert kinds(connection) == []
    assert kinds(connection, offered=["en", "es"]) == [Kind.LANGUAGE_WITHOUT_TEXT]


def test_a_district_sees_its_own(connection: Connection, school: int) -> None:
    family(connection, "one", email="a@gmail.com")
    elsewhere = audit(connection, 2, NOW)
    assert (elsewhere.households, elsewhere.findings, elsewhere.reachable_share) == (0, [], 0.0)
    assert elsewhere.blocks


@pytest.mark.parametrize(
    ("reached", "blocks", "missing"), [(16, True, 1), (17, False, 0), (20, False, 0), (0, True, 17)]
)
def test_a_start_needs_85_in_100_households(
    connection: Connection, school: int, reached: int, blocks: bool, missing: int
) -> None:
    for number in range(20):
        family(connection, f"f{number}", email=f"f{number}@gmail.com" if number < reached else None)
    looked = audit(connection, 1, NOW)
    assert (looked.blocks, looked.missing) == (blocks, missing)


def test_a_named_person_may_lift_it_for_a_while(connection: Connection, school: int) -> None:
    family(connection, "one")
    family(connection, "two", email="a@gmail.com")
    looked = audit(connection, 1, NOW)
    for said_by, reason in (("", "why"), ("Ms. Lee", " ")):
        with pytest.raises(OverrideRefused, match="Write the name"):
            contact_audit.override(connection, 1, looked, said_by=said_by, reason=reason, actor="account:1")
    contact_audit.override(
        connection, 1, looked, said_by="Ms. Lee", reason="Letters follow.", actor="account:1"
    )
    after = audit(connection, 1, NOW + timedelta(days=29))
    assert (after.is_good, after.blocks) == (False, False)
    assert after.override is not None
    assert (after.override.said_by, after.override.reason) == ("Ms. Lee", "Letters follow.")
    assert audit(connection, 1, NOW + timedelta(days=30)).blocks
    # It was said of half of them.
    family(connection, "three")
    assert audit(connection, 1, NOW).blocks
    number = after.override.override_id
    for done in (True, False):
        assert contact_audit.withdraw_override(connection, 1, number, actor="account:1", now=NOW) is done
    actions = connection.scalars(text("SELECT action FROM audit_entry ORDER BY id")).all()
    assert actions == ["launch_overridden", "launch_override_withdrawn"]


def test_an_audit_is_held_against_the_one_before(connection: Connection, school: int) -> None:
    family(connection, "one", email="a@gmail", phone="312 867 5309")
    first = audit(connection, 1, NOW)
    assert first.before is None
    contact_audit.keep(connection, 1, first, "account:1")
    later = audit(connection, 1, NOW + timedelta(days=7))
    assert later.before is not None
    assert (later.before.at, later.before.households, later.before.reachable) == (NOW, 1, 1)
    assert later.before.findings == {"impossible_email": 1}


def test_a_home_that_cannot_be_called_is_named_once(connection: Connection, school: int) -> None:
    for name, phone in (("a", None), ("b", "312 867 5309")):
        child = add_student(connection, name)
        for adult in ("m", "f"):
            number = phone if adult == "f" else None
            email = f"{name}{adult}@gmail.com"
            found = add_contact(connection, f"{name}{adult}", email=email, phone=number, home=f"1 {name} St")
            relate(connection, child, found)
    (finding,) = audit(connection, 1, NOW).findings
    assert (finding.kind, finding.student, finding.value) == (Kind.NO_PHONE, "a Secretname", "")

"""What districts put into Ed-Fi XML, one sample each, named by what is odd: families, languages, addresses."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import Engine

from tests.campaign.intake.edfi_samples import about, contact, descriptor, district, language, student, tie
from tests.campaign.intake.importing import bring, rows

PUPIL = student("101")
SPEAKS = "SELECT written_language, spoken_language, language_raw FROM contact"


def _family(folder: Path, *said: str) -> Path:
    return district(folder, PUPIL, contact("1", *said), tie("101", "1"))


def test_contacts_without_language_are_left_open_and_not_english(engine: Engine, tmp_path: Path) -> None:
    bring(engine, _family(tmp_path))
    assert rows(engine, SPEAKS) == [(None, None, None)]


def test_the_students_home_language_is_kept_apart_from_what_the_contact_reads(
    engine: Engine, tmp_path: Path
) -> None:
    folder = district(
        tmp_path,
        PUPIL,
        about("101", language("hmn", "Home")),
        contact("1", language("spa", "Written"), language("vie", "Spoken")),
        tie("101", "1"),
    )
    bring(engine, folder)
    assert rows(
        engine, "SELECT home_language, home_language_raw, home_language_code_system FROM student"
    ) == [("hmn", "hmn", "639-2/T")]
    assert rows(engine, SPEAKS) == [("es", "vi", "spa")]
    assert rows(engine, "SELECT interpreter_needed FROM contact") == [(False,)]


USES = {
    # languages of a contact, in the order of the file → what is written to them
    "home first, correspondence later": ((("eng", "Home"), ("spa", "Correspondence")), "es"),
    "written before correspondence": ((("eng", "Written"), ("spa", "Correspondence")), "es"),
    "written after spoken": ((("eng", "Spoken"), ("spa", "Written")), "es"),
    "one language for several uses": ((("spa", "Home", "Spoken", "Correspondence"),), "es"),
    "only what is spoken at home": ((("spa", "Home"),), None),
    "only another language": ((("spa", "Other"),), None),
    "no use told": ((("spa",),), None),
    "bibliographic code": ((("chi", "Correspondence"),), "zh"),
    "code that nobody knows": ((("qqq", "Correspondence"),), None),
}


def _families(folder: Path, said: Mapping[str, Sequence[str]]) -> Path:
    """A contact for each entry, with the name of the entry for a family name."""
    people = []
    for number, (name, records) in enumerate(said.items(), 1):
        people += [contact(str(number), *records, family=name), tie("101", str(number))]
    return district(folder, PUPIL, *people)


def _kept(engine: Engine, columns: str) -> dict[str, tuple[object, ...]]:
    return {name: tuple(more) for name, *more in rows(engine, f"SELECT family_name, {columns} FROM contact")}


def test_the_language_that_is_written_in(engine: Engine, tmp_path: Path) -> None:
    said = {name: [language(*one) for one in languages] for name, (languages, _) in USES.items()}
    bring(engine, _families(tmp_path, said))
    assert _kept(engine, "written_language") == {name: (written,) for name, (_, written) in USES.items()}


def test_an_unknown_language_is_kept_as_it_stands_and_listed(engine: Engine, tmp_path: Path) -> None:
    bring(engine, _family(tmp_path, language("qqq", "Correspondence")))
    assert rows(engine, SPEAKS) == [(None, None, "qqq")]
    assert rows(engine, "SELECT code, accepted FROM refused_row") == [("language_unknown", True)]


HOME = {
    "home before native": ((("spa", "Home"), ("eng", "Native")), "es"),
    "native before home": ((("eng", "Native"), ("spa", "Home")), "es"),
    "dominant alone": ((("vie", "Dominant"),), "vi"),
    "language of correspondence alone": ((("eng", "Correspondence"),), None),
}


def test_the_language_of_the_home(engine: Engine, tmp_path: Path) -> None:
    people = []
    for number, (name, (languages, _)) in enumerate(HOME.items(), 1):
        people += [
            student(str(number), given=name),
            about(str(number), *(language(*one) for one in languages)),
        ]
    bring(engine, district(tmp_path, *people))
    assert dict(rows(engine, "SELECT given_name, home_language FROM student")) == {
        name: home for name, (_, home) in HOME.items()
    }


def test_a_mother_receives_whether_or_not_legal_guardian_is_set(engine: Engine, tmp_path: Path) -> None:
    stated = "<LegalGuardian>true</LegalGuardian>"
    bring(
        engine,
        district(tmp_path, PUPIL, contact("1"), contact("2"), tie("101", "1"), tie("101", "2", stated)),
    )
    assert rows(engine, "SELECT relation, may_receive FROM student_contact") == [("mother", True)] * 2


def _mail(address: str, kind: str = "", primary: str = "") -> str:
    told = (
        f"<ElectronicMailType>{descriptor('ElectronicMailType', kind)}</ElectronicMailType>" if kind else ""
    )
    first = f"<PrimaryEmailAddressIndicator>{primary}</PrimaryEmailAddressIndicator>" if primary else ""
    return f"<ElectronicMail><ElectronicMailAddress>{address}</ElectronicMailAddress>{told}{first}</ElectronicMail>"


MAILS = {
    "three, none primary": (
        (("work@a.org", "Work"), ("home@a.org", "Home/Personal"), ("more@a.org",)),
        "home@a.org",
    ),
    "three, the last one primary": (
        (("work@a.org", "Work"), ("home@a.org", "Home/Personal"), ("more@a.org", "", "true")),
        "more@a.org",
    ),
    "only one of work": ((("work@a.org", "Work"),), "work@a.org"),
    "the first one empty": ((("",), ("home@a.org",)), "home@a.org"),
    "none": ((), None),
}


def test_which_of_several_addresses_is_written_to(engine: Engine, tmp_path: Path) -> None:
    said = {name: [_mail(*one) for one in mails] for name, (mails, _) in MAILS.items()}
    bring(engine, _families(tmp_path, said))
    assert _kept(engine, "email") == {name: (used,) for name, (_, used) in MAILS.items()}


def _call(number: str, kind: str = "") -> str:
    told = (
        f"<TelephoneNumberType>{descriptor('TelephoneNumberType', kind)}</TelephoneNumberType>"
        if kind
        else ""
    )
    return f"<Telephone><TelephoneNumber>{number}</TelephoneNumber>{told}</Telephone>"


CALLS = {
    "mobile behind home and work": (
        (("3095550001", "Home"), ("3095550002", "Other"), ("3095550003", "Mobile"), ("3095550004", "Work")),
        ("3095550003", "mobile"),
    ),
    "fax before home": ((("3095550001", "Fax"), ("3095550002", "Home")), ("3095550002", "landline")),
    "type left out": ((("+33 (1) 45.23.35.48.12",),), ("+33 (1) 45.23.35.48.12", "unknown")),
    "brackets and blanks": ((("(950) 342 7522", "Other"),), ("(950) 342 7522", "unknown")),
    "only a fax": ((("3095550001", "Fax"),), (None, None)),
}


def test_which_of_several_numbers_is_used(engine: Engine, tmp_path: Path) -> None:
    said = {name: [_call(*one) for one in calls] for name, (calls, _) in CALLS.items()}
    bring(engine, _families(tmp_path, said))
    assert _kept(engine, "phone, phone_type") == {name: used for name, (_, used) in CALLS.items()}


def test_numbers_and_addresses_are_chosen_the_same_from_json(engine: Engine, tmp_path: Path) -> None:
    folder = district(tmp_path, PUPIL, tie("101", "1"))
    said = {
        "contactUniqueId": "1",
        "firstName": "Cy",
        "lastSurname": "Reed",
        "electronicMails": [
            {
                "electronicMailAddress": "work@a.org",
                "electronicMailTypeDescriptor": descriptor("ElectronicMailType", "Work"),
            },
            {"electronicMailAddress": "home@a.org", "primaryEmailAddressIndicator": True},
        ],
        "telephones": [
            {
                "telephoneNumber": "1",
                "telephoneNumberTypeDescriptor": descriptor("TelephoneNumberType", "Home"),
            },
            {
                "telephoneNumber": "2",
                "telephoneNumberTypeDescriptor": descriptor("TelephoneNumberType", "Mobile"),
            },
        ],
    }
    (folder / "contacts.json").write_text(json.dumps([said]), encoding="utf-8")
    assert bring(engine, folder).refused == 0
    assert rows(engine, "SELECT email, phone, phone_type FROM contact") == [("home@a.org", "2", "mobile")]


def test_a_french_address_with_a_state_of_illinois_is_kept_as_it_stands(
    engine: Engine, tmp_path: Path
) -> None:
    address = (
        "<Address><StreetNumberName>5 Rue Haute</StreetNumberName><ApartmentRoomSuiteNumber>2e étage"
        "</ApartmentRoomSuiteNumber><City>Lyon</City><StateAbbreviation>IL</StateAbbreviation>"
        "<PostalCode>75229</PostalCode><NameOfCounty>France</NameOfCounty></Address>"
    )
    bring(engine, _family(tmp_path, address))
    assert rows(engine, "SELECT address_line, city, state_code, postal_code FROM contact") == [
        ("5 Rue Haute 2e étage", "Lyon", "IL", "75229")
    ]


def test_a_name_with_a_circumflex_stays_whole(engine: Engine, tmp_path: Path) -> None:
    bring(engine, district(tmp_path, student("101", given="Lê")))
    assert rows(engine, "SELECT given_name FROM student") == [("Lê",)]


def test_a_student_without_a_name_is_refused_and_the_others_come(engine: Engine, tmp_path: Path) -> None:
    nameless = (
        "<Student><StudentUniqueId>102</StudentUniqueId><Name><FirstName>Bo</FirstName></Name></Student>"
    )
    summary = bring(engine, district(tmp_path, PUPIL, nameless))
    assert summary.refused == 1
    assert rows(engine, "SELECT given_name FROM student") == [("Ada",)]
    assert rows(engine, "SELECT code, column_name, line FROM refused_row") == [
        ("missing_value", "Name/LastSurname", 2)
    ]

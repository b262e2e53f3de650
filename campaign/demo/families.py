"""Households of the made-up district: the adults, their children, and what a school office knows about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from campaign.demo.chance import Chance
from campaign.demo.names import Community, Names, plain_letters

TODAY = date(2026, 11, 2)
OTHER_LANGUAGE_SHARE = 0.30
UNKNOWN_CODES = ("OTH", "QQX", "99-UNK")
# Weights of the grades kindergarten to 12: a district of elementary and middle schools with a small high school.
_GRADE_WEIGHTS = (10, 10, 10, 10, 10, 10, 10, 10, 10, 4, 2, 2, 2)
_GRADES: tuple[float, ...] = tuple(
    sum(_GRADE_WEIGHTS[: i + 1]) / sum(_GRADE_WEIGHTS) for i in range(len(_GRADE_WEIGHTS))
)
_CHILDREN = (0.62, 0.90, 1.0)
_STREETS = ("Alder", "Beacon", "Clover", "Dogwood", "Ember", "Foxglove", "Gull", "Harvest", "Ivy", "Jetty")
_MAIL_HOSTS = ("example.org", "example.com", "example.net")
_WRONG_PHONES = ("555-01", "000-000-0000", "call the office", "312 555 01999 77")


@dataclass(frozen=True)
class Contact:
    """One adult. `language_raw` and `phone` stand here as the office typed them, right or wrong."""

    number: int
    given: str
    family: str
    email: str
    phone: str
    language_raw: str
    role: str
    address: str
    has_mobile: bool
    may_receive: bool = True
    court_restriction: bool = False
    confidential: bool = False
    relation: str = "Parent"


@dataclass(frozen=True)
class Student:
    """One student; `grade` is this year's, kindergarten 0 to 12."""

    number: int
    household: int
    given: str
    family: str
    preferred: str
    birth_date: date
    grade: int
    home_language: str
    home_language_raw: str
    english_learner: bool
    us_entry_date: date | None
    contacts: tuple[Contact, ...]
    confidential: bool = False


def students(chance: Chance, names: Names, count: int, first_number: int) -> list[Student]:
    """`count` students of whole households, numbered from `first_number`, with one of each special case."""
    made: list[Student] = []
    for household in _households(chance, names, first_number):
        made.extend(household)
        if len(made) >= count:
            break
    return _special_cases(chance, made[:count])


def _households(chance: Chance, names: Names, first_number: int) -> Iterator[list[Student]]:
    number = first_number
    while True:
        children = chance.weighted(_CHILDREN) + 1
        yield _household(chance, names, number, children)
        number += children


def _household(chance: Chance, names: Names, number: int, children: int) -> list[Student]:
    speaks_other = chance.happens(OTHER_LANGUAGE_SHARE)
    other = names.others[chance.weighted(names.cumulative_shares)]
    # People of every community also speak English at home.
    community = other if speaks_other or chance.happens(0.2) else names.english
    language = community if speaks_other else names.english
    family = chance.pick(community.family)
    contacts = tuple(_contacts(chance, community, language, family, number))
    grades = sorted({chance.weighted(_GRADES) for _ in range(children)})
    # Children of one grade are twins or triplets; every number of the household is given to one child.
    grades = (grades * children)[:children]
    return [
        _student(chance, community, language, family, (number + i, number, grade), contacts)
        for i, grade in enumerate(grades)
    ]


def _student(
    chance: Chance,
    community: Community,
    language: Community,
    family: str,
    place: tuple[int, int, int],
    contacts: tuple[Contact, ...],
) -> Student:
    number, household, grade = place
    given = chance.pick(community.given)
    learner = language.language != "en" and chance.happens(0.35)
    return Student(
        number=number,
        household=household,
        given=given,
        family=family,
        preferred=given[:3] if len(given) > 6 and chance.happens(0.05) else "",
        birth_date=date(2020 - grade, 9, 1) + timedelta(days=chance.between(0, 364)),
        grade=grade,
        home_language=language.language,
        home_language_raw=_raw_language(chance, language),
        english_learner=learner,
        us_entry_date=date(2026, 2, 2) if learner and chance.happens(0.1) else None,
        contacts=contacts,
    )


def _raw_language(chance: Chance, language: Community) -> str:
    if chance.happens(0.01):
        return chance.pick(UNKNOWN_CODES)
    return chance.pick(language.codes)


def _contacts(
    chance: Chance, community: Community, language: Community, family: str, number: int
) -> Iterator[Contact]:
    address = _address(chance)
    adults = 1 if chance.happens(0.28) else 2
    two_homes = adults == 2 and chance.happens(0.16)
    for i in range(adults):
        own_family = chance.pick(community.family) if i and chance.happens(0.3) else family
        given = chance.pick(community.given)
        yield Contact(
            number=number * 4 + i,
            given=given,
            family=own_family,
            email=_email(chance, given, own_family, number * 4 + i),
            phone=_phone(chance),
            language_raw="" if chance.happens(0.1) else _raw_language(chance, language),
            role="parent" if chance.happens(0.8) else "guardian",
            address=_address(chance) if i and two_homes else address,
            has_mobile=chance.happens(0.85),
        )


def _email(chance: Chance, given: str, family: str, number: int) -> str:
    if chance.happens(0.09):
        return ""
    return f"{plain_letters(given)}.{plain_letters(family)}{number}@{chance.pick(_MAIL_HOSTS)}"


def _phone(chance: Chance) -> str:
    if chance.happens(0.03):
        return chance.pick(_WRONG_PHONES)
    return f"({chance.pick((312, 414, 617))}) 555-01{chance.between(0, 99):02d}"


def _address(chance: Chance) -> str:
    return f"{chance.between(1, 980)} {chance.pick(_STREETS)} Street"


def _special_cases(chance: Chance, made: list[Student]) -> list[Student]:
    """One confidential address, one restricted adult, one child in foster care, one student of 18."""
    children = Counter(student.household for student in made)
    alone = [i for i, student in enumerate(made) if children[student.household] == 1]
    confidential, restricted, foster, adult = chance.generator.choice(alone, size=4, replace=False)
    student = made[confidential]
    hidden = tuple(replace(contact, confidential=True) for contact in student.contacts)
    made[confidential] = replace(student, confidential=True, contacts=hidden)
    made[restricted] = _with_restricted_adult(made[restricted])
    made[foster] = _in_foster_care(made[foster])
    made[adult] = replace(made[adult], grade=12, birth_date=date(2008, 9, 14))
    return made


def _with_restricted_adult(student: Student) -> Student:
    first = student.contacts[0]
    restricted = replace(
        first,
        number=first.number + 2,
        given=student.contacts[-1].given,
        email=f"restricted{first.number}@example.org",
        address="2 Lighthouse Walk",
        may_receive=False,
        court_restriction=True,
    )
    return replace(student, contacts=(first, restricted))


def _in_foster_care(student: Student) -> Student:
    first = student.contacts[0]
    foster_parent = replace(first, role="guardian", relation="Foster parent")
    caseworker = replace(
        first,
        number=first.number + 3,
        given="Rosalind",
        family="Okafor",
        email=f"caseworker{first.number}@example.org",
        language_raw="English",
        role="guardian",
        address="1 County Building",
        relation="Caseworker",
    )
    return replace(student, contacts=(foster_parent, caseworker))

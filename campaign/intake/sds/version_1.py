"""Readers of V1: schools, sections with their courses and terms, students, teachers, contacts, and who sits where.

V1 numbers students and teachers apart, and its two files of seats look alike: whose seat a row is, the ids of the
teachers say.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from campaign.intake.dates import read_date, school_year_of
from campaign.intake.delimited import Row
from campaign.intake.plans import Facts
from campaign.intake.problems import RowRefused
from campaign.intake.sds.rows import SYSTEM, get, grade_level, names_of, need, subject, words
from campaign.intake.staging import Fact, FileTally, Passed

_YEARS = re.compile(r"(?:20)?(\d\d)\s*[-/–]?\s*(?:20)?(\d\d)")
_STATE = re.compile(r"[A-Z]{2}")


@dataclass
class Context:
    """Ids met so far in the package; filled while the files of teachers and students are read, before the seats."""

    teachers: set[str] = field(default_factory=set)
    both: set[str] = field(default_factory=set)
    courses: set[str] = field(default_factory=set)
    terms: set[str] = field(default_factory=set)


def schools(context: Context, row: Row, tally: FileTally) -> Facts:
    school = {"source_id": need(row, "SIS ID"), "name": need(row, "Name"), "phone": get(row, "Phone") or None}
    return [Fact("school", school)]


def sections(context: Context, row: Row, tally: FileTally) -> Facts:
    """A section carries its course and its term; the first row that states one of them counts."""
    title = need(row, "Section Name")
    course, term = get(row, "Course SIS ID"), get(row, "Term SIS ID")
    section = {
        "source_id": need(row, "SIS ID"), "title": title, "school": need(row, "School SIS ID"),
        "course": course or None,
    }  # fmt: skip
    facts = [Fact("section", section)]
    if course and course not in context.courses:
        name = get(row, "Course Name") or title
        told = f"{name} {title} {get(row, 'Course Description')}"
        spoken = subject(get(row, "Course Subject"), told, "Course Subject", tally)
        facts.append(Fact("course", {"source_id": course, "title": name, "subject": spoken}, shared=True))
    if term and term not in context.terms:
        facts.append(Fact("period", _term(row, term, tally), shared=True))
    context.courses.add(course)
    context.terms.add(term)
    return facts


def _term(row: Row, term: str, tally: FileTally) -> dict[str, object]:
    name = get(row, "Term Name") or term
    begins = read_date(get(row, "Term StartDate"), "Term StartDate", "mdy")
    ends = read_date(get(row, "Term EndDate"), "Term EndDate", "mdy")
    year = school_year_of(ends) if ends else None
    said = _YEARS.search(name)
    if said and year and int(said[2]) == (int(said[1]) + 1) % 100 and int(said[2]) != year % 100:
        tally.note("term_name_disagrees", name, "Term Name")
    return {
        "source_id": term, "title": name, "kind": "term", "school_year": year, "begins_on": begins, "ends_on": ends,
    }  # fmt: skip


def students(context: Context, row: Row, tally: FileTally) -> Facts:
    key = need(row, "SIS ID")
    if key in context.teachers:
        context.both.add(key)
    names = names_of(row, "First Name", "Last Name")
    person = {
        "key": key,
        "defines": names is not None,
        **(names or {}),
        "birth_date": read_date(get(row, "Birthdate"), "Birthdate", "mdy"),
        "grade_level": grade_level(row, "Grade"),
        "withdrawn": _gone(row),
    }
    role = {"key": key, "kind": "student", "school": need(row, "School SIS ID")}
    facts = [Fact("person", person), Fact("role", role)]
    for system, value in (
        (SYSTEM, key),
        ("local", get(row, "Student Number")),
        ("state", _state_id(row, tally)),
    ):
        if value:
            facts.append(Fact("identifier", {"key": key, "system": system, "value": value}))
    return facts


def _gone(row: Row) -> bool | None:
    """True for a student marked as gone; None where nothing is said, which leaves things as they are."""
    status = get(row, "Status").casefold()
    if status in words("words", "gone"):
        return True
    if status and status not in words("words", "active"):
        raise RowRefused("unknown_vocabulary", "Status", "Active, Inactive, Deleted …")
    return None


def _state_id(row: Row, tally: FileTally) -> str:
    """The id the state has given; some exports put the state itself there, for everybody."""
    value = get(row, "State ID")
    if _STATE.fullmatch(value):
        tally.note("state_instead_of_id", value, "State ID")
        return ""
    return value


def teachers(context: Context, row: Row, tally: FileTally) -> Facts:
    number = need(row, "SIS ID")
    context.teachers.add(number)
    key = f"teacher:{number}"
    names = names_of(row, "First Name", "Last Name")
    role = Fact("role", {"key": key, "kind": "staff", "school": need(row, "School SIS ID")})
    # Of staff nothing but name and school is kept: without a name there is only the school to say.
    return [role] if names is None else [role, Fact("person", {"key": key, "defines": True, **names})]


def contacts(context: Context, row: Row, tally: FileTally) -> Facts:
    email = need(row, "Email")
    names = names_of(row, "First Name", "Last Name")
    if names is None:
        raise RowRefused("missing_value", "Last Name")
    phone = get(row, "Phone")
    person = {"email": email, "phone": phone or None, "phone_type": "unknown" if phone else None, **names}
    key = f"contact:{email.casefold()}"
    return [
        Fact("person", {"key": key, "defines": True, **person}),
        Fact("role", {"key": key, "kind": "contact"}),
    ]


def guardians(context: Context, row: Row, tally: FileTally) -> Facts:
    """SIS ID is the student's; a contact is known by the address."""
    relation = get(row, "Role").casefold() or "other"
    if relation in words("relationships", "passed_over"):
        return Passed("relations of people who are no family contacts")
    if relation not in words("relationships", "contact"):
        raise RowRefused("unknown_vocabulary", "Role", "Parent, Guardian, Relative, Other …")
    pair = {"student_key": need(row, "SIS ID"), "contact_key": f"contact:{need(row, 'Email').casefold()}"}
    return [Fact("relation", {**pair, "relation": relation})]


def seats(of_teachers: bool) -> Callable[[Context, Row, FileTally], Facts]:
    """`of_teachers`: what the file's name says, for ids that the files of people do not tell apart."""

    def read(context: Context, row: Row, tally: FileTally) -> Facts:
        section, person = need(row, "Section SIS ID"), need(row, "SIS ID")
        clear = person in context.teachers and person not in context.both
        in_doubt = person in context.both or not context.teachers
        if clear or (in_doubt and of_teachers):
            return [Fact("teaching", {"section": section, "staff_key": f"teacher:{person}"})]
        return [
            Fact("enrollment", {"section": section}),
            Fact("student_ref", {"system": SYSTEM, "value": person, "exclusive": True}),
        ]

    return read

"""Readers of V2.1: OneRoster's file names with other columns. The year of a session is the one in which it begins."""

from __future__ import annotations

from campaign.intake.dates import read_date, school_year_of
from campaign.intake.delimited import Row
from campaign.intake.plans import Facts
from campaign.intake.problems import RowRefused
from campaign.intake.quantities import read_truth
from campaign.intake.sds.rows import SYSTEM, get, grade_level, names_of, need, subject, words
from campaign.intake.staging import Fact, FileTally, Passed


def orgs(row: Row, tally: FileTally) -> Facts:
    """Organisations above schools become the district, those with classes schools; the others are passed over."""
    kind, key, name = need(row, "type").casefold(), need(row, "sourcedId"), need(row, "name")
    if kind in words("organisations", "district"):
        return [Fact("district", {"source_id": key, "code": key, "name": name})]
    if kind in words("organisations", "school"):
        return [Fact("school", {"source_id": key, "name": name, "parent": get(row, "parentSourcedId")})]
    return Passed("organisations other than districts and schools")


def academic_sessions(row: Row, tally: FileTally) -> Facts:
    kind = need(row, "type")
    if kind.casefold() not in words("sessions", "types"):
        raise RowRefused("unknown_vocabulary", "type", "schoolYear, semester, term, gradingPeriod …")
    begins = read_date(need(row, "startDate"), "startDate")
    ends = read_date(need(row, "endDate"), "endDate")
    if begins is None or ends is None or ends < begins:
        raise RowRefused("dates_out_of_order", "endDate")
    title, year = need(row, "title"), school_year_of(ends)
    stated = get(row, "schoolYear")
    if stated and stated != str(year - 1):
        tally.note("school_year_disagrees", title, "schoolYear")
    period = {"title": title, "kind": kind, "school_year": year, "begins_on": begins, "ends_on": ends}
    return [Fact("period", {"source_id": need(row, "sourcedId"), **period})]


def courses(row: Row, tally: FileTally) -> Facts:
    title = need(row, "title")
    course = {
        "source_id": need(row, "sourcedId"), "title": title, "grade_level": grade_level(row, "grade"),
        "subject": subject(get(row, "subject"), title, "subject", tally),
    }  # fmt: skip
    return [Fact("course", course)]


def classes(row: Row, tally: FileTally) -> Facts:
    section = {
        "source_id": need(row, "sourcedId"), "title": need(row, "title"), "school": need(row, "orgSourcedId"),
        "course": get(row, "courseSourcedId") or None,
    }  # fmt: skip
    return [Fact("section", section)]


def users(row: Row, tally: FileTally) -> Facts:
    """Names may be missing, because the format asks for them only where an account is to be made."""
    key = need(row, "sourcedId")
    names = names_of(row, "givenName", "familyName")
    mobile, phone = get(row, "sms"), get(row, "phone")
    person = {
        "key": key,
        "defines": names is not None,
        **(names or {}),
        "email": get(row, "email") or None,
        "phone": mobile or phone or None,
        "phone_type": "mobile" if mobile else "unknown" if phone else None,
    }
    return [Fact("person", person), Fact("identifier", {"key": key, "system": SYSTEM, "value": key})]


def roles(row: Row, tally: FileTally) -> Facts:
    """Of a student's roles the primary one gives school and grade level; of several, the one that began last."""
    key, role, org = need(row, "userSourcedId"), need(row, "role").casefold(), need(row, "orgSourcedId")
    if role in words("roles", "passed_over"):
        return Passed("roles of people who are neither students nor staff")
    if role in words("roles", "staff"):
        return [Fact("role", {"key": key, "kind": "staff", "school": org})]
    if role not in words("roles", "student"):
        raise RowRefused("unknown_vocabulary", "role", "student, teacher, professor, principal …")
    facts = [Fact("role", {"key": key, "kind": "student", "school": org})]
    if read_truth(get(row, "isPrimary"), "isPrimary") is not False:
        began = read_date(get(row, "roleStartDate"), "roleStartDate")
        enrolled = {"school": org, "grade_level": grade_level(row, "grade"), "as_of": began}
        facts.append(Fact("person", {"key": key, "defines": False, **enrolled}))
    return facts


def demographics(row: Row, tally: FileTally) -> Facts:
    """Of the demographics only the birth date is kept: it is the second step in front of a family page."""
    birth = read_date(get(row, "birthDate"), "birthDate")
    return [Fact("person", {"key": need(row, "userSourcedId"), "defines": False, "birth_date": birth})]


def relationships(row: Row, tally: FileTally) -> Facts:
    """The related user is a contact, whether or not the file of roles says so."""
    relation = need(row, "relationshipRole").casefold()
    student, contact = need(row, "userSourcedId"), need(row, "relationshipUserSourcedId")
    if relation in words("relationships", "passed_over"):
        return Passed("relations of people who are no family contacts")
    if relation not in words("relationships", "contact"):
        raise RowRefused("unknown_vocabulary", "relationshipRole", "parent, guardian, relative, other …")
    return [
        Fact("role", {"key": contact, "kind": "contact", "relation": relation}),
        Fact("relation", {"student_key": student, "contact_key": contact, "relation": relation}),
    ]


def enrollments(row: Row, tally: FileTally) -> Facts:
    section, user, role = (
        need(row, "classSourcedId"),
        need(row, "userSourcedId"),
        need(row, "role").casefold(),
    )
    if role in words("roles", "student"):
        return [
            Fact("enrollment", {"section": section}),
            Fact("student_ref", {"system": SYSTEM, "value": user, "exclusive": True}),
        ]
    if role in words("roles", "teaching"):
        return [Fact("teaching", {"section": section, "staff_key": user})]
    if role in words("roles", "staff") | words("roles", "passed_over"):
        return Passed("enrolments of people who neither learn nor teach there")
    raise RowRefused("unknown_vocabulary", "role", "student, teacher, professor …")

"""Students, the adults around them and teachers, as each vendor writes them into its OneRoster export."""

from __future__ import annotations

from typing import Any

from campaign.demo.families import Contact, Student
from campaign.demo.neighbourhood import Neighbourhood
from campaign.demo.packages import Package, grade_code, local_id, state_id, yes
from campaign.demo.schools import School, Teacher, Vendor


def add_students(package: Package, neighbourhood: Neighbourhood) -> None:
    contacts: dict[int, tuple[Contact, list[str]]] = {}
    schools: dict[int, School] = {}
    for position, student in enumerate(neighbourhood.students):
        school = neighbourhood.school(position)
        if school.vendor is not package.vendor:
            continue
        _add_student(package, student, school)
        for contact in student.contacts:
            contacts.setdefault(contact.number, (contact, []))[1].append(package.student_key(student))
            schools.setdefault(contact.number, school)
    for number, (contact, children) in contacts.items():
        _add_contact(package, contact, children, schools[number])


def _add_student(package: Package, student: Student, school: School) -> None:
    agents = ",".join(package.contact_key(contact) for contact in student.contacts)
    key = package.student_key(student)
    values = {
        "userIds": f"{{State:{state_id(student)}}}",
        "givenName": student.given,
        "familyName": student.family,
        "identifier": local_id(student),
        "grades": grade_code(student.grade),
        "metadata.homeLanguage": student.home_language_raw,
        "metadata.englishLearner": yes(student.english_learner),
        "metadata.usEntryDate": student.us_entry_date or "",
        "metadata.confidential": yes(student.confidential),
    }
    if package.vendor is Vendor.A:
        # Numbers that begin with 9 are never issued.
        values |= {"agentSourcedIds": agents, "metadata.SSN": f"900-00-{student.number % 10_000:04d}"}
    else:
        values["preferredGivenName"] = student.preferred
    _add_user(package, key, "student", school, values)
    package.write("demographics", key, birthDate=student.birth_date.isoformat())


def _add_contact(package: Package, contact: Contact, children: list[str], school: School) -> None:
    values = {
        "givenName": contact.given,
        "familyName": contact.family,
        "email": contact.email,
        "phone": contact.phone,
        "sms": contact.phone if contact.has_mobile else "",
        "metadata.language": contact.language_raw,
        "metadata.mayReceive": yes(contact.may_receive),
        "metadata.courtRestriction": yes(contact.court_restriction),
        "metadata.confidential": yes(contact.confidential),
        "metadata.relation": contact.relation,
        "metadata.address": contact.address,
        "metadata.city": "Harbor",
        "metadata.state": "HS",
        "metadata.postalCode": "00100",
    }
    if package.vendor is Vendor.B:
        values["agentSourcedIds"] = ",".join(children)
    _add_user(package, package.contact_key(contact), contact.role, school, values)


def add_teacher(package: Package, teacher: Teacher) -> None:
    names = {"givenName": teacher.given, "familyName": teacher.family}
    email = {"email": f"teacher{teacher.number}@example.org"}
    _add_user(package, package.teacher_key(teacher), "teacher", teacher.school, names | email)


def _add_user(package: Package, key: str, role: str, school: School, values: dict[str, Any]) -> None:
    school_key = package.school_key(school)
    values = {"enabledUser": "true", "username": key.lower(), **values}
    if package.vendor is Vendor.A:
        package.write("users", key, orgSourcedIds=school_key, role=role, **values)
        return
    package.write("users", key, primaryOrgSourcedId=school_key, **values)
    package.write(
        "roles", f"{key}-role", userSourcedId=key, roleType="primary", role=role, orgSourcedId=school_key
    )

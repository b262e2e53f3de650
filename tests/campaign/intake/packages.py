"""Small OneRoster packages made for tests: two schools, students with parents, marks on a report card."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

Rows = list[dict[str, str]]

STANDARD = {
    "orgs": ["sourcedId", "status", "dateLastModified", "name", "type", "identifier", "parentSourcedId"],
    "academicSessions": [
        "sourcedId", "status", "dateLastModified", "title", "type", "startDate", "endDate", "parentSourcedId",
        "schoolYear",
    ],
    "courses": [
        "sourcedId", "status", "dateLastModified", "schoolYearSourcedId", "title", "courseCode", "grades",
        "orgSourcedId", "subjects", "subjectCodes",
    ],
    "classes": [
        "sourcedId", "status", "dateLastModified", "title", "grades", "courseSourcedId", "classCode", "classType",
        "location", "schoolSourcedId", "termSourcedIds", "subjects", "subjectCodes", "periods",
    ],
    "users": [
        "sourcedId", "status", "dateLastModified", "enabledUser", "orgSourcedIds", "role", "username", "userIds",
        "givenName", "familyName", "middleName", "identifier", "email", "sms", "phone", "agentSourcedIds", "grades",
        "password", "metadata.homeLanguage", "metadata.contactLanguage", "metadata.mayReceive",
        "metadata.courtRestriction",
        "metadata.confidential", "metadata.stateId",
    ],
    "demographics": ["sourcedId", "status", "dateLastModified", "birthDate", "sex", "cityOfBirth"],
    "enrollments": [
        "sourcedId", "status", "dateLastModified", "classSourcedId", "schoolSourcedId", "userSourcedId", "role",
        "primary", "beginDate", "endDate",
    ],
    "categories": ["sourcedId", "status", "dateLastModified", "title"],
    "lineItems": [
        "sourcedId", "status", "dateLastModified", "title", "description", "assignDate", "dueDate", "classSourcedId",
        "categorySourcedId", "gradingPeriodSourcedId", "resultValueMin", "resultValueMax",
    ],
    "results": [
        "sourcedId", "status", "dateLastModified", "lineItemSourcedId", "studentSourcedId", "scoreStatus", "score",
        "scoreDate", "comment",
    ],
}  # fmt: skip


def write_table(file: Path, columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> None:
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)


def write_package(
    folder: Path, tables: Mapping[str, Rows], *, mode: str = "bulk", system: str = "", version: str = "1.1"
) -> Path:
    """Write a package of the tables given; columns beyond the standard's are added at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    manifest = [("manifest.version", "1.0"), ("oneroster.version", version)]
    manifest += [("source.systemCode", system)] if system else []
    manifest += [(f"file.{name}", mode if name in tables else "absent") for name in STANDARD]
    write_table(
        folder / "manifest.csv",
        ["propertyName", "value"],
        [{"propertyName": name, "value": value} for name, value in manifest],
    )
    for name, rows in tables.items():
        extra = {column for row in rows for column in row} - set(STANDARD[name])
        write_table(folder / f"{name}.csv", [*STANDARD[name], *sorted(extra)], rows)
    return folder


def small_district(students: int = 6) -> dict[str, Rows]:
    """Students s1 … with a parent each, in one math and one reading class, first quarter and last year's final."""
    ids = range(1, students + 1)
    return {
        "orgs": [
            {"sourcedId": "d", "name": "Blue Lake", "type": "district", "identifier": "BLUE"},
            {"sourcedId": "o1", "name": "North School", "type": "school", "parentSourcedId": "d"},
        ],
        "academicSessions": [
            _session("y26", "2025-26", "schoolYear", "2025-08-15", "2026-06-05", "2026"),
            _session("y27", "2026-27", "schoolYear", "2026-08-15", "2027-06-05", "2027"),
            _session("q1", "Quarter 1", "gradingPeriod", "2026-08-15", "2026-10-15", "2027"),
        ],
        "courses": [
            {"sourcedId": "c1", "title": "Math 4", "grades": "04", "orgSourcedId": "o1", "subjects": "Mathematics"},
            {"sourcedId": "c2", "title": "ELA 4", "grades": "04", "orgSourcedId": "o1", "subjects": "ELA"},
        ],
        "classes": [
            {"sourcedId": f"k{n}", "title": f"Class {n}", "courseSourcedId": f"c{n}", "classType": "scheduled",
             "schoolSourcedId": "o1", "termSourcedIds": "y27"}
            for n in (1, 2)
        ],
        "users": [
            _user("t1", "teacher", "Tess", "Teacher"),
            *(_user(f"s{n}", "student", f"Given{n}", f"Family{n}", grades="04", identifier=f"L{n}",
                    agentSourcedIds=f"p{n}", **{"metadata.stateId": f"ST{n}", "metadata.homeLanguage": "spa"})
              for n in ids),
            *(_user(f"p{n}", "parent", f"Parent{n}", f"Family{n}", email=f"p{n}@example.org",
                    **{"metadata.contactLanguage": "Spanish"}) for n in ids),
        ],
        "demographics": [
            {"sourcedId": f"s{n}", "birthDate": f"2016-03-0{1 + n % 9}", "sex": "female"} for n in ids
        ],
        "enrollments": [
            *(_seat(f"e{n}-{k}", f"k{k}", f"s{n}", "student") for n in ids for k in (1, 2)),
            *(_seat(f"et{k}", f"k{k}", "t1", "teacher") for k in (1, 2)),
        ],
        "categories": [{"sourcedId": "rc", "title": "Report Card"}, {"sourcedId": "hw", "title": "Homework"}],
        "lineItems": [
            _item("i1", "Q1 grade", "k1", "rc", "q1"),
            _item("i2", "Final grade", "k1", "rc", "y26"),
            _item("i3", "Fractions worksheet", "k1", "hw", "q1"),
        ],
        "results": [
            *(_result(f"r{n}", "i1", f"s{n}", "88", "B+") for n in ids),
            *(_result(f"f{n}", "i2", f"s{n}", "92", "A-") for n in ids),
            *(_result(f"h{n}", "i3", f"s{n}", "55", "well done") for n in ids),
        ],
    }  # fmt: skip


def _session(key: str, title: str, kind: str, begins: str, ends: str, year: str) -> dict[str, str]:
    return {
        "sourcedId": key, "title": title, "type": kind, "startDate": begins, "endDate": ends, "schoolYear": year,
    }  # fmt: skip


def _user(key: str, role: str, given: str, family: str, **more: str) -> dict[str, str]:
    return {
        "sourcedId": key, "enabledUser": "true", "orgSourcedIds": "o1", "role": role, "username": key,
        "givenName": given, "familyName": family, "password": "hunter2", **more,
    }  # fmt: skip


def _seat(key: str, section: str, user: str, role: str) -> dict[str, str]:
    return {
        "sourcedId": key, "classSourcedId": section, "schoolSourcedId": "o1", "userSourcedId": user, "role": role,
    }  # fmt: skip


def _item(key: str, title: str, section: str, category: str, period: str) -> dict[str, str]:
    return {
        "sourcedId": key, "title": title, "assignDate": "2026-09-01", "dueDate": "2026-10-15",
        "classSourcedId": section, "categorySourcedId": category, "gradingPeriodSourcedId": period,
        "resultValueMin": "0", "resultValueMax": "100",
    }  # fmt: skip


def _result(key: str, item: str, student: str, score: str, comment: str) -> dict[str, str]:
    return {
        "sourcedId": key, "lineItemSourcedId": item, "studentSourcedId": student, "scoreStatus": "fully graded",
        "score": score, "scoreDate": "2026-10-16", "comment": comment,
    }  # fmt: skip

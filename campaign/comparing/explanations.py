"""One comparison explained: the family's sentence, the records, the rules and the numbers it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from campaign.comparing.weighed import together
from campaign.plain_error import NotFound
from campaign.store import comparisons as store
from content.catalog import Catalog
from reports.compare.rules import MEANING, REFUSAL_MEANING, Rule
from reports.records import Refusal


@dataclass(frozen=True)
class Explanation:
    """One outcome with all it rests on: the family's sentence, the records, the rules, the numbers.

    `warnings` are for staff to look at before they talk with the family.
    """

    sentence: str
    records: list[str]
    rule: list[str]
    numbers: list[tuple[str, str]]
    warnings: list[str]

    def __str__(self) -> str:
        parts = [
            self.sentence,
            "",
            "Records",
            *(f"  {line}" for line in self.records),
            "",
            "Rules",
            *(f"  {line}" for line in self.rule),
            "",
            "Numbers",
            *(f"  {name}: {value}" for name, value in self.numbers),
        ]
        if self.warnings:
            parts += ["", "Look at this", *(f"  {line}" for line in self.warnings)]
        return "\n".join(parts)


def explain(
    connection: Connection, student: str, subject: str, catalog: Catalog, language: str = "en"
) -> Explanation:
    """Why the current comparison of a student and subject says what it says.

    `student` is our id, or an id of any system; "state:123" names the system. The connection's role decides who is
    visible. Raises NotFound; ContentError where the catalog has no words for the subject or language.
    """
    found = _student(connection, student)
    rows = {row["subject"]: row for row in store.current(connection, found["id"])}
    if subject not in rows:
        there = f"there is {', '.join(rows)}" if rows else 'run "gbg compare" first'
        raise NotFound(f"Nothing is compared in {subject} for student {student}; {there}.")
    row = rows[subject]
    weighed = together(connection, found["id"], subject, row["explanation"])
    return Explanation(
        sentence=family_sentence(catalog, language, found["name"], row),
        records=list(_records(row["explanation"])),
        rule=_rules(row),
        numbers=[*_numbers(row), *weighed.numbers, *_versions(row)],
        warnings=list(weighed.warnings),
    )


def _student(connection: Connection, given: str) -> Mapping[Any, Any]:
    found = store.students_called(connection, given)
    if not found:
        raise NotFound(f"There is no student {given} among those you may see.")
    if len(found) > 1:
        raise NotFound(
            f"{given} is the id of {len(found)} students; write id:{given} for ours, or state:{given} or local:{given}."
        )
    return found[0]


def family_sentence(catalog: Catalog, language: str, name: str, comparison: Mapping[Any, Any]) -> str:
    """The sentence a family reads about one comparison (a row of the table, with its explanation)."""
    explanation, subject = comparison["explanation"], comparison["subject"]
    fields = {
        "student": name,
        "subject": catalog.text(f"report.subjects.{subject}", language),
        "time": "last_year" if Rule.FROM_LAST_YEAR in comparison["rules"] else "this_year",
    }
    lead = next((test for test in explanation["tests"] if test["leads"]), None)
    if lead:
        fields["mark"] = explanation["mark"]["mark"]
        fields["test"] = catalog.test_phrase(language, lead["kind"], lead["family"], lead["season"])
    return catalog.sentence(comparison["category"], language, fields)


def _records(explanation: Mapping[str, Any]) -> Iterator[str]:
    mark = explanation["mark"]
    if mark:
        use = (
            "compared" if mark["compared"] else f"not compared; {mark['no_band_because'] or 'see the rules'}"
        )
        yield (
            f"mark {mark['id']}: {mark['mark']} ({mark['scale']}, {mark['band'] or 'no band'}) in "
            f"{mark['course'] or 'a course without a title'}, {mark['term'] or 'term not known'}, "
            f"year {mark['school_year'] or '?'}: {use}"
        )
    for test in explanation["tests"]:
        why = "" if test["used"] else f"; {_meaning(test['not_used_because'])}"
        yield (
            f"score {test['id']}: {test['title']}, {test['date'] or 'no date'}, "
            f"score {_shown(test['score'])}, level {test['level'] or '-'}: "
            f"{'used' if test['used'] else 'not used'}{why}"
        )


def _rules(row: Mapping[Any, Any]) -> list[str]:
    lines = [f"{rule}: {_meaning(rule)}" for rule in row["rules"]]
    if row["refusal"]:
        meaning, remedy = REFUSAL_MEANING[Refusal(row["refusal"])]
        lines.insert(0, f"{row['category']}, {row['refusal']}: {meaning} {remedy}")
    else:
        lines.insert(
            0, f"{row['category']}: mark {row['grade_band']}, test {row['evidence'] or 'at both ends'}"
        )
    return lines


def _meaning(rule: str | None) -> str:
    return MEANING[Rule(rule)] if rule in set(Rule) else str(rule)


def _numbers(row: Mapping[Any, Any]) -> Iterator[tuple[str, str]]:
    explanation = row["explanation"]
    for test in explanation["tests"]:
        if test["used"]:
            assumed = ", assumed" if test["error_assumed"] else ""
            yield (
                f"score {test['id']}",
                (
                    f"score {_shown(test['score'])}, cut {_shown(test['cut'])}, error {_shown(test['error'])} "
                    f"(from {test['error_source']}{assumed}), floor {test['floor_level'] or '-'}, "
                    f"verdict {test['verdict']}"
                ),
            )
            yield (
                f"score {test['id']}, chance to be at or above the cut (staff only)",
                _shown(test["probability"]),
            )


def _versions(row: Mapping[Any, Any]) -> Iterator[tuple[str, str]]:
    explanation = row["explanation"]
    yield from ((name.replace("_", " "), _shown(value)) for name, value in explanation["policy"].items())
    yield from (
        (f"version of {name.replace('_', ' ')}", str(v)) for name, v in explanation["versions"].items()
    )
    yield "version of this comparison", f"{row['version']}, computed {row['computed_at']:%Y-%m-%d %H:%M} UTC"
    yield "inputs", str(row["inputs_hash"])


def _shown(value: Any) -> str:
    return "-" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)

"""Comparisons as the store keeps them: one line of PostgreSQL's COPY text each, and the facts many of them share.

A line keeps every value of its own mark and tests, so that it can be explained after its sources have changed. What is
the same for many (a test and its levels, a course and its term, the policy) is a fact, named by a hash of its content.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reports.compare.codes import BANDS, CATEGORIES, EVIDENCE, REFUSALS, IntArray, rule_names
from reports.compare.explanation import Facet, Grounds, Records, canonical_json, grounds
from reports.compare.gap import columns
from reports.compare.portions import Material, Portion

# The field that names the fact behind a mark, a test or a whole explanation.
FACT = "of"
_NULL = "\\N"


@dataclass(frozen=True)
class Lines:
    """Lines for COPY with the columns of `campaign.store.comparisons.COLUMNS`, and the facts they name, as JSON.

    Each line ends with its hash, without a line end; `keys` has its student and subject.
    """

    keys: Sequence[tuple[int, str]]
    hashes: Sequence[str]
    lines: Sequence[str]
    facts: Mapping[int, str]


def lines(material: Material, portion: Portion, settings: Mapping[str, Any]) -> Lines:
    """The comparisons of a portion; the hash of each covers all that is said and all that it rests on."""
    given = columns(material, portion)
    facts: dict[int, str] = {}
    found = grounds(material, portion)
    explanations = _explanations(found, len(portion.student), settings, facts)
    said = [
        _named(given[name], words)
        for name, words in (
            ("category", CATEGORIES),
            ("refusal", REFUSALS),
            ("grade_band", BANDS),
            ("evidence", EVIDENCE),
        )
    ]
    rules = _rules(given["rules"])
    years = given["school_year"]
    students = material.students[given["student"]].tolist()
    hashes = _hashes(said, rules, explanations)
    fields = zip(
        students,
        _named(given["subject"], [_escaped(name) for name in material.subjects]),
        *said,
        _floats(given["probability"]),
        rules,
        _ids(given["mark_id"], given["compared"]),
        _used(found, len(portion.student)),
        _ids(np.where(np.isnan(years), 0, years).astype(np.int64), ~np.isnan(years)),
        [_escaped(explanation) for explanation in explanations],
        hashes,
        strict=True,
    )
    keys = list(zip(students, _named(given["subject"], list(material.subjects)), strict=True))
    return Lines(keys, hashes, ["\t".join(map(str, row)) for row in fields], facts)


def unfolded(explanation: Mapping[str, Any], facts: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    """An explanation as `reports.compare.explanation` describes it, from its stored form and the facts it names."""

    def whole(record: Mapping[str, Any]) -> dict[str, Any]:
        own = {name: value for name, value in record.items() if name != FACT}
        return own | dict(facts[record[FACT]]) if FACT in record else own

    found = whole(explanation)
    if found.get("mark"):
        found["mark"] = whole(found["mark"])
    if "tests" in found:
        found["tests"] = [whole(test) for test in found["tests"]]
    return found


def facts_named(explanations: Iterable[Mapping[str, Any]]) -> set[int]:
    """The facts that some stored explanations name."""
    records = (
        record
        for found in explanations
        for record in (found, found.get("mark") or {}, *(found.get("tests") or ()))
    )
    return {record[FACT] for record in records if FACT in record}


def _explanations(
    found: Grounds, count: int, settings: Mapping[str, Any], facts: dict[int, str]
) -> list[str]:
    name = _remember(settings, facts)
    marks = ["null"] * count
    for key, text in zip(found.key_of_mark.tolist(), _records(found.marks, facts), strict=True):
        marks[key] = text
    tests = _records(found.tests, facts)
    ends = np.searchsorted(found.key_of_test, np.arange(count), side="right").tolist()
    return [
        f'{{"{FACT}":{name},"mark":{mark},"tests":[{",".join(tests[begin:end])}]}}'
        for mark, begin, end in zip(marks, [0, *ends], ends, strict=False)
    ]


def _records(records: Records, facts: dict[int, str]) -> list[str]:
    """The JSON text of each mark or test."""
    names = [f'{{"{FACT}":{_remember(fact, facts)}' for fact in records.facts]
    parts = [[names[fact] for fact in records.fact.tolist()]]
    parts += [_texts(f',"{name}":', facet) for name, facet in records.own.items()]
    return ["".join(row) + "}" for row in zip(*parts, strict=True)]


def _texts(before: str, facet: Facet) -> list[str]:
    """The JSON text of each record's value, one look per different value."""
    values = [before + _json(value) for value in facet.values]
    return Facet(facet.codes, values).listed(before + "null")


def _json(value: Any) -> str:
    # Most values are numbers, whose JSON is their repr; the encoder would take ten times as long.
    return repr(value) if type(value) in (int, float) else json.dumps(value, ensure_ascii=False)


def _remember(fact: Mapping[str, Any], facts: dict[int, str]) -> int:
    text = canonical_json(fact)
    name = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], signed=True)
    facts[name] = text
    return name


def _used(found: Grounds, count: int) -> list[str]:
    """The ids of the scores each outcome rests on, as an array of PostgreSQL."""
    rows = np.flatnonzero(found.used)
    ids = _texts("", Facet(found.tests.own["id"].codes[rows], found.tests.own["id"].values))
    ends = np.searchsorted(found.key_of_test[rows], np.arange(count), side="right").tolist()
    return ["{" + ",".join(ids[begin:end]) + "}" for begin, end in zip([0, *ends], ends, strict=False)]


def _rules(masks: IntArray) -> list[str]:
    different, place = np.unique(masks, return_inverse=True)
    return _named(place, ["{" + ",".join(rule_names(int(mask))) + "}" for mask in different])


def _named(codes: IntArray, words: Sequence[str]) -> list[str]:
    return Facet(codes, [str(word) for word in words]).listed(_NULL)


def _floats(values: Any) -> list[str]:
    return [_NULL if value != value else repr(value) for value in values.tolist()]


def _ids(values: IntArray, there: Any) -> list[Any]:
    listed = values.astype(object)
    listed[~there] = _NULL
    return list(listed)


def _escaped(text: str) -> str:
    return str(text).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _hashes(said: Sequence[Sequence[str]], rules: Sequence[str], explanations: Sequence[str]) -> list[str]:
    return [
        hashlib.sha256("\t".join(row).encode()).hexdigest()
        for row in zip(*said, rules, explanations, strict=True)
    ]

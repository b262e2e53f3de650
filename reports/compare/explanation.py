"""What a comparison rests on, ready for JSON: the mark, every test with its numbers, policy and versions.

Most of it is the same for many children (a test, its levels, a course and its term), so it comes in two pieces: facts,
each once, and the few values of one record's own. `explanations` puts them together; a store may keep them apart.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from reports.compare import scales as grade_scales
from reports.compare.codes import BANDS, EVIDENCE, RULES, SOURCES, IntArray, ObjectArray
from reports.compare.frames import Table, codes
from reports.compare.gap import in_portions
from reports.compare.portions import Material, Portion, work
from reports.compare.rules import RULES_VERSION
from reports.compare.scales import GradeScales
from reports.compare.scores import season_codes_and_words
from reports.compare.seasons import NO_DAY
from reports.records import ComparisonPolicy, ScoreStatus

# Why a child was not tested is nobody's business but the school's: both say the same here.
_NEUTRAL: Final = {ScoreStatus.ABSENT: "not_tested", ScoreStatus.OPT_OUT: "not_tested"}
_DECIMALS: Final = 6


@dataclass(frozen=True)
class Facet:
    """One field of many records: a code for each record, and the JSON-ready value of each code; -1 = None."""

    codes: IntArray
    values: Sequence[Any] | ObjectArray

    def listed(self, missing: Any = None) -> list[Any]:
        """The value of each record."""
        values = np.empty(len(self.values) + 1, object)
        values[:-1], values[-1] = list(self.values), missing
        return list(values[self.codes])


Facets = Mapping[str, Facet]


@dataclass(frozen=True)
class Records:
    """Marks or tests: `own` fields of each, and for the rest the place of its fact in `facts`."""

    own: Facets
    fact: IntArray
    facts: list[dict[str, Any]]

    def dicts(self) -> list[dict[str, Any]]:
        """One dict a record with all its fields."""
        own = [facet.listed() for facet in self.own.values()]
        rows = zip(*own, strict=True) if own else iter(())
        return [
            {**dict(zip(self.own, values, strict=True)), **self.facts[fact]}
            for values, fact in zip(rows, self.fact, strict=True)
        ]


@dataclass(frozen=True)
class Grounds:
    """What the outcomes of a portion rest on: the mark of each key that has one, and all tests, sorted by key and id.

    `key_of_mark` and `key_of_test` say whose they are; `used` are the tests the outcome rests on.
    """

    marks: Records
    key_of_mark: IntArray
    tests: Records
    key_of_test: IntArray
    used: npt.NDArray[np.bool_]


def explanations(
    marks: pd.DataFrame,
    scores: pd.DataFrame,
    students: pd.DataFrame,
    policy: ComparisonPolicy,
    as_of: date,
    scales: GradeScales | None = None,
) -> list[dict[str, Any]]:
    """What each row of `gap.compare` of the same arguments rests on, in the order of its rows.

    Dicts: `mark` (None, or the mark with its band or why it has none, and whether it was compared), `tests` (every
    test of the student and subject in the order of ids: score, cut and error in points of its scale, where the error
    came from, floor, level, date, chance, verdict, and the rule that keeps it out where it was not used), `policy` and
    `versions`. Give the rows of the students asked about; all of a state at once would fill the memory.
    Raises ValueError for a missing column or a column that cannot be read.
    """
    scales = scales or grade_scales.load()
    material = Material.of(marks, scores, students, scales)
    settings = settings_record(policy, scales)

    def explained(portion: Portion) -> list[dict[str, Any]]:
        found = grounds(material, portion)
        listed: list[dict[str, Any]] = [{"mark": None, "tests": [], **settings} for _ in portion.student]
        for key, mark in zip(found.key_of_mark, found.marks.dicts(), strict=True):
            listed[key]["mark"] = mark
        for key, test in zip(found.key_of_test, found.tests.dicts(), strict=True):
            listed[key]["tests"].append(test)
        return listed

    parts = in_portions(material, lambda cut: explained(work(material, cut, policy, as_of)))
    return [row for part in parts for row in part]


def settings_record(policy: ComparisonPolicy, scales: GradeScales) -> dict[str, Any]:
    """The policy and the versions of rules and scales under which a comparison was made."""
    return {
        "policy": asdict(policy),
        "versions": {"rules": RULES_VERSION, "grade_scales": scales.version},
    }


def grounds(material: Material, portion: Portion) -> Grounds:
    """The records behind the outcomes of a portion."""
    with_mark = np.flatnonzero(portion.decision.mark >= 0)
    key = portion.facts.of_scores.key
    order = np.lexsort((portion.facts.found.table["score_id"], key))
    return Grounds(
        _marks(material, portion, with_mark),
        with_mark,
        _tests(material, portion, order),
        key[order],
        portion.decision.used(portion.facts)[order],
    )


def _marks(material: Material, portion: Portion, keys: npt.NDArray[np.intp]) -> Records:
    read = portion.facts.read
    rows = portion.decision.mark[keys]
    table = read.table.take(rows)
    given = material.given_marks.iloc[portion.mark_rows[rows]]
    own = {
        "id": _ids(table, "mark_id"),
        "mark": _words(table, "mark"),
        "percent": _floats(given["percent"]),
    }
    shared = {
        "scale": _words(table, "scale"),
        "band": Facet(read.band[rows], [str(band) for band in BANDS]),
        "no_band_because": _labels(material.reading.reason[table["scale"], table["mark"]]),
        "standards": _flags(read.standards[rows]),
        "course": _words(table, "course_title"),
        "grade_level": _wholes(table["grade_level"]),
        "school_year": _wholes(table["school_year"]),
        "term": _labels(given["period_title"]),
        "term_begins_on": _days(table["period_begins_on"]),
        "term_ends_on": _days(table["period_ends_on"]),
        "final": _flags(read.final[rows]),
        "modified_curriculum": _flags(table["modified_curriculum"]),
        "credit_recovery": _flags(table["credit_recovery"]),
        "teacher": _labels(given["teacher_name"]),
        "compared": _flags(portion.decision.compared[keys]),
    }
    return Records(own, *_facts(shared, len(rows)))


def _tests(material: Material, portion: Portion, rows: npt.NDArray[np.intp]) -> Records:
    found, decision = portion.facts.found, portion.decision
    table = found.table.take(rows)
    given = material.given_scores.iloc[portion.score_rows[rows]]
    rung, used = table["rung"], decision.used(portion.facts)[rows]
    leads = np.zeros(len(found.day), bool)
    leads[decision.lead[decision.lead >= 0]] = True
    steps, words = material.steps, material.scores.words
    test = steps.test[rung] if len(steps.test) else rung
    source = found.judged.source[rows]
    own = {
        "id": _ids(table, "score_id"),
        "date": _days(table["administered_on"]),
        "score": _floats(table["scale_score"]),
        "error": _floats(found.judged.error[rows]),
        "level": Facet(steps.level_code[rung] if len(rung) else rung, words["level"]),
        "probability": _floats(found.judged.probability[rows].round(_DECIMALS)),
    }
    statuses = [_NEUTRAL.get(status, status) for status in words["status"]]
    shared = {
        "assessment_id": Facet(test, assessment_ids(material)),
        "family": _words(table, "family"),
        "title": _words(table, "title"),
        "version": _labels(given["version"]),
        "kind": _words(table, "kind"),
        "season": Facet(*season_codes_and_words(found, rows)),
        "grade_level": _wholes(table["grade_level"]),
        "school_year": _wholes(found.school_year[rows]),
        "language": _words(table, "test_language"),
        "status": Facet(table["status"], statuses),
        "cut": _floats(found.judged.cut[rows]),
        "error_source": Facet(source, SOURCES),
        "error_assumed": _flags(source == SOURCES.index("test_sem")),
        "floor_level": Facet(steps.floor_code[rung] if len(rung) else rung, words["floor_level"]),
        "verdict": Facet(found.evidence[rows], [str(e) for e in EVIDENCE]),
        "attempts": _wholes(found.attempts.number[rows]),
        "weighable": _flags(found.weighable[rows]),
        "used": _flags(used),
        "leads": _flags(leads[rows]),
        "not_used_because": Facet(decision.why_not(portion.facts)[rows], [str(rule) for rule in RULES]),
        # Levels stand with the scores used.
        "levels": Facet(np.where(used, test, -1), steps.listed),
    }
    return Records(own, *_facts(shared, len(rows)))


def _facts(facets: Facets, count: int) -> tuple[IntArray, list[dict[str, Any]]]:
    """The place of each record's fact, and the facts: the different combinations of all facets."""
    code, size = np.zeros(count, np.int64), 1
    for facet in facets.values():
        width = len(facet.values) + 1
        if size * width > 1 << 60:
            code, different = pd.factorize(code)
            size = len(different)
        code, size = code * width + (facet.codes + 1), size * width
    place, different = pd.factorize(code)
    first = np.zeros(len(different), np.intp)
    first[place[::-1]] = np.arange(count)[::-1]
    columns = [Facet(facet.codes[first], facet.values).listed() for facet in facets.values()]
    return place, [dict(zip(facets, values, strict=True)) for values in zip(*columns, strict=True)]


def _ids(table: Table, name: str) -> Facet:
    if name in table.words:
        return Facet(table[name], table.words[name])
    return Facet(np.arange(table.rows), table[name].tolist())


def assessment_ids(material: Material) -> list[Any]:
    """The ids of all assessments, in the order in which `Screened.test` counts them."""
    ids, words = material.steps.ids, material.scores.words
    return list(words["assessment_id"][ids] if "assessment_id" in words else ids.tolist())


def _words(table: Table, name: str) -> Facet:
    return Facet(table[name], table.words[name])


def _labels(column: Any) -> Facet:
    return Facet(*codes(pd.Series(column)))


def _flags(values: npt.NDArray[np.bool_]) -> Facet:
    return Facet(values.astype(np.int8), (False, True))


def _floats(column: Any) -> Facet:
    values = pd.to_numeric(pd.Series(column)).to_numpy(float, na_value=np.nan)
    place, different = pd.factorize(np.where(np.isfinite(values), values, np.nan))
    return Facet(place, different.tolist())


def _wholes(values: npt.NDArray[Any]) -> Facet:
    place, different = pd.factorize(values)
    return Facet(place, different.astype(int).tolist())


def _days(days: IntArray) -> Facet:
    place, different = pd.factorize(days)
    known = np.asarray(different, "datetime64[D]")
    return Facet(
        np.where(days <= NO_DAY, -1, place), np.datetime_as_string(known).tolist() if len(known) else []
    )


def canonical_json(value: Any) -> str:
    """The one JSON text of a value: keys sorted, no blanks. Raises ValueError for NaN and infinity."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)

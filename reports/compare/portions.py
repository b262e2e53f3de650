"""The work cut into portions of students that fit the processor's cache, so that memory stays flat and cores share it.

What comes out does not depend on where the cuts fall, nor on the order of the rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from reports.compare.codes import NONE, BoolArray, IntArray, ObjectArray
from reports.compare.decision import Decision, Facts, decide
from reports.compare.frames import Packed, Table, distinct, place_of, tidy_marks, tidy_scores, tidy_students
from reports.compare.groups import Groups, order_of
from reports.compare.levels import Ladders, ladders
from reports.compare.marks import read_marks
from reports.compare.scales import GradeScales, Reading
from reports.compare.scores import Learners, screen
from reports.compare.seasons import NO_DAY
from reports.records import ComparisonPolicy

# Rows of marks and scores in a portion, about.
ROWS: Final = 400_000


@dataclass(frozen=True)
class Material:
    """All marks, scores and students as arrays; students and subjects are numbered in the order of their names.

    `learners` is over the students; `asked` has student and subject of every pair asked about; `student_of`
    the student of every mark and every score; `given_…` are the frames as they came, for what the rules never ask.
    """

    marks: Packed
    scores: Packed
    steps: Ladders
    reading: Reading
    learners: Learners
    asked: tuple[IntArray, IntArray]
    students: IntArray | ObjectArray
    subjects: ObjectArray
    student_of: list[IntArray]
    given_marks: pd.DataFrame
    given_scores: pd.DataFrame

    @classmethod
    def of(
        cls, marks: pd.DataFrame, scores: pd.DataFrame, students: pd.DataFrame, scales: GradeScales
    ) -> Material:
        """Raises ValueError for a missing column or a column that cannot be read."""
        with ThreadPoolExecutor(1) as beside:
            of_scores = beside.submit(lambda: ladders(scores, tidy_scores(scores)))
            the_marks = tidy_marks(marks)
            the_scores, steps = of_scores.result()
        tables = [the_marks, the_scores, tidy_students(students)]
        known, places = _students(tables)
        subjects, codes = _subjects(tables)
        learners, asked = _learners(tables[2], places[2], codes[2], len(known))
        reading = scales.reading(the_marks.words["mark"], the_marks.words["scale"])
        with ThreadPoolExecutor(2) as pool:
            packed = pool.map(_packed, tables[:2], places[:2], codes[:2])
        the_packed_marks, the_packed_scores = packed
        return cls(
            the_packed_marks,
            the_packed_scores,
            steps,
            reading,
            learners,
            asked,
            known,
            subjects,
            places[:2],
            marks,
            scores,
        )


def _packed(table: Table, student: IntArray, subject: IntArray) -> Packed:
    columns = {name: values for name, values in table.columns.items() if name != "student_id"}
    return Packed.of(Table(columns | {"student": student, "subject": subject}, table.words, table.rows))


@dataclass(frozen=True)
class Portion:
    """The outcome of some students. `student` and `subject` are codes over the keys.

    `mark_rows` and `score_rows` say where the marks and scores, sorted by key, stand in the frames that came in.
    """

    facts: Facts
    decision: Decision
    student: IntArray
    subject: IntArray
    mark_rows: npt.NDArray[np.intp]
    score_rows: npt.NDArray[np.intp]


@dataclass(frozen=True)
class Cut:
    """The students from `first` up to `end`, and the rows that are theirs."""

    first: int
    end: int
    marks: npt.NDArray[np.intp]
    scores: npt.NDArray[np.intp]
    asked: npt.NDArray[np.intp]


def cuts(material: Material, rows: int = ROWS) -> Iterator[Cut]:
    """The portions of the work, by students in their order, of about so many rows each."""
    students = len(material.students)
    total = len(material.marks) + len(material.scores)
    # A power of two, so that a student's portion is found by shifting bits.
    bits = max(1, (max(1, students) * rows // max(1, total)).bit_length() - 1)
    bits = min(bits, 22 - len(material.subjects).bit_length())
    number = (max(0, students - 1) >> bits) + 1
    parts = [_split(student >> bits, number) for student in (*material.student_of, material.asked[0])]
    for place, (marks, scores, asked) in enumerate(zip(*parts, strict=True)):
        yield Cut(place << bits, min(students, (place + 1) << bits), marks, scores, asked)


def _split(portion: IntArray, number: int) -> list[npt.NDArray[np.intp]]:
    """Positions of the rows of each portion; rows of no student (-1) are in none."""
    if number == 1:
        return [np.flatnonzero(portion >= 0)]
    order = order_of(portion + 1)
    ends = np.cumsum(np.bincount(portion + 1, minlength=number + 1))
    return np.split(order, ends[:-1])[1:]


def work(material: Material, cut: Cut, policy: ComparisonPolicy, as_of: date) -> Portion:
    """Put one portion in order, read it, and decide."""
    students, subjects = cut.end - cut.first, len(material.subjects)
    marks, mark_key, unmapped_mark = _keyed(material.marks.take(cut.marks), cut.first, students, subjects)
    scores, score_key, unmapped_score = _keyed(
        material.scores.take(cut.scores), cut.first, students, subjects
    )
    asked = (material.asked[0][cut.asked] - cut.first) * subjects + material.asked[1][cut.asked]
    there = np.zeros(students * subjects + 1, bool)
    there[mark_key] = there[score_key] = there[asked] = True
    there[-1] = False
    keys = np.flatnonzero(there)
    # A row without a subject belongs to no key; it is sorted to the end and left off.
    number = np.where(there, np.cumsum(there) - 1, len(keys)).astype(np.int32)
    mark_key, score_key = number[mark_key], number[score_key]
    family = scores.column("family").astype(np.int32) + 1
    in_order = order_of(mark_key)[: np.count_nonzero(mark_key < len(keys))]
    by_family = order_of(score_key * np.int64(family.max(initial=0) + 1) + family)
    by_family = by_family[: np.count_nonzero(score_key < len(keys))]
    the_marks, the_scores = marks.take(in_order).table(), scores.take(by_family).table()
    student = (keys // max(1, subjects)).astype(np.int32)
    score_key = score_key[by_family]
    facts = Facts(
        read=read_marks(the_marks, material.reading, policy, as_of),
        found=screen(the_scores, material.steps, _of_scores(material.learners, the_scores), policy, as_of),
        of_marks=Groups.of(mark_key[in_order], len(keys)),
        of_scores=Groups.of(score_key, len(keys)),
        families=_groups_of_families(score_key, family[by_family]),
        unmapped_mark=unmapped_mark[student],
        unmapped_score=unmapped_score[student],
    )
    return Portion(
        facts,
        decide(facts, policy, as_of),
        student + cut.first,
        keys % max(1, subjects),
        cut.marks[in_order],
        cut.scores[by_family],
    )


def _keyed(rows: Packed, first: int, students: int, subjects: int) -> tuple[Packed, IntArray, BoolArray]:
    """The rows, the key of each (the number of keys for one without a subject), and which students have such rows."""
    student, subject = rows.column("student") - first, rows.column("subject")
    key = student * np.int32(subjects) + subject
    unmapped = np.zeros(students, bool)
    without = subject < 0
    if without.any():
        unmapped[student[without]] = True
        key[without] = students * subjects
    return rows, key, unmapped


def _groups_of_families(key: IntArray, family: IntArray) -> Groups:
    new = np.ones(len(key), bool)
    new[1:] = (key[1:] != key[:-1]) | (family[1:] != family[:-1])
    number = np.cumsum(new) - 1
    return Groups.of(number, int(number[-1]) + 1 if len(number) else 0)


def _of_scores(learners: Learners, scores: Table) -> Learners:
    student = scores["student"]
    return Learners(
        learners.grade_level[student],
        learners.english_learner[student],
        learners.entered[student],
        learners.proficiency[student],
    )


def _students(tables: list[Table]) -> tuple[Any, list[IntArray]]:
    """The ids of all students, sorted, and the place of each row's student among them; -1 = no id."""
    if not any("student_id" in table.words and table.rows for table in tables):
        ids = [table["student_id"] for table in tables]
        known = distinct(*ids)
        return known, [place_of(column, known) for column in ids]
    named = [
        t.words["student_id"] if "student_id" in t.words else distinct(t["student_id"]).astype(object)
        for t in tables
    ]
    all_names = pd.Index(sorted({name for names in named for name in names}), dtype=object)
    places = []
    for table, names in zip(tables, named, strict=True):
        place = np.append(all_names.get_indexer(pd.Index(names, dtype=object)), NONE).astype(np.int32)
        codes = table["student_id"]
        places.append(place[codes if "student_id" in table.words else place_of(codes, distinct(codes))])
    return all_names.to_numpy(object), places


def _subjects(tables: list[Table]) -> tuple[ObjectArray, list[IntArray]]:
    """The names of all subjects, sorted, and the code of each row's; -1 = none."""
    names = sorted({str(word) for table in tables for word in table.words["subject"]})
    code = {name: place for place, name in enumerate(names)}
    kind = np.min_scalar_type(-len(names) - 1)
    coded = [
        table.coded("subject", np.array([*(code[str(w)] for w in table.words["subject"]), NONE], kind))
        for table in tables
    ]
    return np.array(names, object), coded


def _learners(
    students: Table, place: IntArray, subject: IntArray, count: int
) -> tuple[Learners, tuple[IntArray, IntArray]]:
    """What is known of each student (of several rows the first by subject counts), and who is asked about in what."""
    last = int(subject.max(initial=NONE)) + 2
    order = order_of(place.astype(np.int64) * last + np.where(subject < 0, last - 1, subject))[::-1]
    grade, learner = np.full(count, np.nan, np.float32), np.zeros(count, bool)
    entered = np.full(count, NO_DAY, np.int32)
    proficiency = np.full(count, np.nan, np.float32)
    grade[place[order]] = students["grade_level"][order]
    learner[place[order]] = students["english_learner"][order]
    entered[place[order]] = students["us_entry_date"][order]
    proficiency[place[order]] = students["english_proficiency"][order]
    named = subject >= 0
    return Learners(grade, learner, entered, proficiency), (place[named], subject[named])

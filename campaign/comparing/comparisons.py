"""Comparing a district's marks and tests chunk by chunk, and exporting the outcome. The rules: `reports.compare`."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from campaign import settings
from campaign.access import ENGINE
from campaign.comparing import combined_rows
from campaign.comparing.comparison_rows import lines
from campaign.comparing.explanations import Explanation, explain, family_sentence
from campaign.database import transaction
from campaign.plain_error import NotFound
from campaign.spreadsheets import row_writer
from campaign.store import comparisons as store
from campaign.store import populations, rosters
from campaign.store.comparison_inputs import inputs
from campaign.store.comparisons import Written
from reports.compare.explanation import settings_record
from reports.compare.portions import Material, Portion, cuts, work
from reports.compare.rules import REFUSAL_MEANING
from reports.compare.scales import GradeScales, load
from reports.compare.weighing import Cells
from reports.records import ComparisonPolicy, Refusal

__all__ = [
    "ComparisonSummary",
    "Explanation",
    "NotFound",
    "Terms",
    "clear_facts",
    "compare_chunks",
    "compare_district",
    "explain",
    "export",
    "family_sentence",
    "policy_of",
    "scales_of",
    "summary",
]

# Students whose comparisons are computed and kept in one transaction.
CHUNK = 20_000
# Chunks at work at a time.
_AT_A_TIME = 2


@dataclass(frozen=True)
class ComparisonSummary:
    """Current comparisons of a district by category and by refusal, and what the last run changed.

    `untested` counts those refused for want of a score where nobody of the grade is tested in the subject: the school
    gives marks in it and no test, and nothing is missing.
    """

    students: int = 0
    by_category: Mapping[str, int] = field(default_factory=dict)
    by_refusal: Mapping[str, int] = field(default_factory=dict)
    untested: int = 0
    written: Written = field(default_factory=Written)

    @property
    def total(self) -> int:
        return sum(self.by_category.values())


@dataclass(frozen=True)
class Terms:
    """What a comparison is made under: the policy, the day, and a district's own grade scales if it has them."""

    policy: ComparisonPolicy
    as_of: date
    scales: GradeScales | None = None


def policy_of(chosen: settings.Comparison) -> ComparisonPolicy:
    """The installation's settings as the rules want them."""
    return ComparisonPolicy(
        certainty=chosen.certainty,
        expiry_days=chosen.expiry_days,
        minimum_term_weeks=chosen.minimum_term_weeks,
        english_proficiency=chosen.english_proficiency,
    )


def scales_of(home: Path, district_code: str) -> GradeScales | None:
    """A district's own grade scales (`grade_scales/CODE.toml` in the data folder) over the shipped ones.

    None where there is no such file. Raises ScaleError for a file that cannot be used.
    """
    own = home / "grade_scales" / f"{Path(district_code).name}.toml"
    return load(own) if own.is_file() else None


def compare_district(
    engine: Engine,
    district_id: int,
    policy: ComparisonPolicy,
    as_of: date,
    now: datetime,
    scales: GradeScales | None = None,
) -> ComparisonSummary:
    """Bring all comparisons of a district up to date as of a day; the summary counts what is current afterwards.

    Running it again, or after it was cut off, changes nothing that is already right.
    """
    written = Written()
    students = 0
    for count, part in compare_chunks(engine, district_id, Terms(policy, as_of, scales), now):
        students += count
        written += part
    return summary(engine, district_id, students, written)


def compare_chunks(
    engine: Engine, district_id: int, terms: Terms, now: datetime, size: int = CHUNK
) -> Iterator[tuple[int, Written]]:
    """Compare `size` students at a time, each chunk kept in a transaction of its own; yields students and changes.

    Where there are many, two chunks are at work at a time: while the database reads or keeps one, another is compared.
    The district is locked for the whole run, so that a second run waits for the first.
    """
    with transaction(engine, ENGINE) as connection:
        store.lock(connection, district_id)
        run = _Run(engine, district_id, terms, now)
        chunks = store.student_chunks(connection, district_id, size)
        if len(chunks) <= _AT_A_TIME:
            yield from map(run.chunk, chunks)
            return
        pool = ThreadPoolExecutor(_AT_A_TIME)
        try:
            yield from pool.map(run.chunk, chunks)
        finally:
            pool.shutdown(cancel_futures=True)


class _Run:
    """One run over a district; remembers which facts it has kept."""

    def __init__(self, engine: Engine, district_id: int, terms: Terms, now: datetime) -> None:
        self.engine, self.district_id, self.terms, self.now = engine, district_id, terms, now
        self.scales = terms.scales or load()
        self.settings = settings_record(terms.policy, self.scales)
        self.population_id, population = combined_rows.population_of(engine, district_id, now)
        self.cells = Cells.of(population)
        self.kept: set[int] = set()

    def chunk(self, chunk: tuple[int, int, int]) -> tuple[int, Written]:
        """Read, compare and keep one chunk: first id, last id and number of its students."""
        first, last, count = chunk
        with transaction(self.engine, ENGINE) as connection:
            given = inputs(connection, self.district_id, first, last)
        material = Material.of(given.marks, given.scores, given.students, self.scales)
        parts, together = [], []
        for portion in self._portions(material):
            parts.append(lines(material, portion, self.settings))
            together.append(combined_rows.lines(material, portion, self.cells))
        facts = {name: fact for part in parts for name, fact in part.facts.items() if name not in self.kept}
        # Facts many chunks share are kept first and at once, so that no chunk waits for another's end.
        with transaction(self.engine, ENGINE) as connection:
            store.keep_facts(connection, self.district_id, facts)
        self.kept.update(facts)
        with transaction(self.engine, ENGINE) as connection:
            written = store.write(connection, self.district_id, (first, last), parts, self.now)
            populations.replace(connection, self.district_id, self.population_id, (first, last), together)
        return count, written

    def _portions(self, material: Material) -> Iterator[Portion]:
        return (work(material, cut, self.terms.policy, self.terms.as_of) for cut in cuts(material))


def summary(engine: Engine, district_id: int, students: int, written: Written) -> ComparisonSummary:
    """The current comparisons of the district, counted."""
    by_category: Counter[str] = Counter()
    by_refusal: Counter[str] = Counter()
    with transaction(engine, ENGINE) as connection:
        for category, refusal, count in store.counts(connection, district_id):
            by_category[category] += count
            if refusal:
                by_refusal[refusal] += count
        untested = store.untested(connection, district_id)
    return ComparisonSummary(students, dict(by_category), dict(by_refusal), untested, written)


def clear_facts(engine: Engine) -> int:
    """Forget the facts that no comparison names any more, as after children have left the files; their number."""
    with transaction(engine, ENGINE) as connection:
        found = rosters.districts(connection, None)
    cleared = 0
    for district in found:
        with transaction(engine, ENGINE) as connection:
            cleared += store.clear_facts(connection, district["id"])
    return cleared


def export(connection: Connection, district_ids: Sequence[int], file: Path) -> int:
    """Write the districts' current comparisons as CSV, readable by its owner alone; returns the number of rows.

    The file appears complete or not at all.
    """
    partial = file.with_name(file.name + ".part")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    rows = 0
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
        write = row_writer(out)
        for row in store.export(connection, district_ids):
            if not rows:
                write([*row.keys(), "refusal_means"])
            meaning = REFUSAL_MEANING[Refusal(row["refusal"])][0] if row["refusal"] else None
            write([*row.values(), meaning])
            rows += 1
    partial.replace(file)
    return rows

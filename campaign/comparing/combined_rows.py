"""What each child's tests say together, as lines of COPY's text, and the population they are weighed against."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.store import populations
from reports.compare.combined import combined_columns, weigh_portion
from reports.compare.links import Population
from reports.compare.portions import Material, Portion
from reports.compare.weighing import Cells


def lines(material: Material, portion: Portion, cells: Cells) -> str:
    """Lines with the columns of `campaign.store.populations.COLUMNS`, for those whose tests could be weighed."""
    student, subject, probability, tests, conflict = combined_columns(
        portion, weigh_portion(material, portion, cells)
    )
    named = [
        str(name).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
        for name in material.subjects
    ]
    rows = zip(
        material.students[student].tolist(),
        [named[code] for code in subject.tolist()],
        probability.tolist(),
        tests.tolist(),
        conflict.tolist(),
        strict=True,
    )
    return "".join(
        [f"{who}\t{what}\t{chance!r}\t{count}\t{apart}\n" for who, what, chance, count, apart in rows]
    )


def population_of(engine: Engine, district_id: int, now: datetime) -> tuple[int, Population]:
    """The district's population and the id it is kept under: the newest one while it holds, else a new estimate."""
    with transaction(engine, ENGINE) as connection:
        found = Population.estimate(*populations.totals(connection, district_id))
        newest = populations.newest(connection, district_id)
        if newest:
            kept = Population.from_record(newest["record"])
            if kept.still_holds(found):
                return newest["id"], kept
        return populations.keep(connection, district_id, found, now), found

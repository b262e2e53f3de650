"""From staging to register: which district, then people and places, then results, then the counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from campaign.intake.plans import SourcePlan
from campaign.intake.problems import IntakeError
from campaign.intake.vocabulary import table
from campaign.store import result_scores, results, rosters
from campaign.store.staged import Origin, Outcome, outcomes


@dataclass(frozen=True)
class Merged:
    """By number of the file: its id, what was passed over and noted in SQL, and what became of its rows."""

    district: int
    file_ids: Mapping[int, int]
    passed: Mapping[int, Mapping[str, int]]
    notes: Mapping[int, list[tuple[str, str]]]
    outcomes: Mapping[int, Outcome]


def merge_source(
    connection: Connection,
    source: SourcePlan,
    district: str | None,
    ignored_reasons: Sequence[str],
    add_files: Callable[[Connection, int], dict[int, int]],
) -> Merged:
    """Merge everything staged for one source. Raises IntakeError if its district is not clear."""
    district_id = _district(connection, source, district)
    file_ids = add_files(connection, district_id)
    connection.execute(
        text("CREATE TEMP TABLE staged_file (number int PRIMARY KEY, id bigint) ON COMMIT DROP")
    )
    connection.execute(
        text("INSERT INTO staged_file VALUES (:number, :id)"),
        [{"number": number, "id": file_id} for number, file_id in file_ids.items()],
    )
    origin = Origin(
        system=source.system,
        prefix=source.prefix,
        people_complete=source.complete.people,
        seats_complete=source.complete.enrollments,
        marks_complete=source.complete.marks,
        receiving=[name.casefold() for name in table("relations.toml")["receives"]],
    )
    assignments = results.pass_over_assignments(connection)
    notes = rosters.merge(connection, district_id, origin)
    results.merge_marks(connection, district_id, origin)
    of_scores = result_scores.merge_scores(
        connection, district_id, list(ignored_reasons), table("levels.toml")["aliases"]
    )
    for file, said in of_scores.items():
        notes.setdefault(file, []).extend(said)
    return Merged(
        district=district_id,
        file_ids=file_ids,
        passed={file: {"results of assignments": count} for file, count in assignments.items()},
        notes=notes,
        outcomes=outcomes(connection),
    )


def _district(connection: Connection, source: SourcePlan, given: str | None) -> int:
    """The district the source belongs to: the one given, the one it describes, or the only one there is.

    A roster that lists schools and names no district makes the one given, called by its code until a roster names it.
    """
    described = rosters.staged_districts(connection) if source.roster else []
    if given is not None and described:
        return rosters.save_district(connection, given, dict(described).get(given, described[0][1]))
    if given is not None and source.roster and rosters.describes_schools(connection):
        return rosters.district_id(connection, given) or rosters.save_district(connection, given, given)
    if given is not None:
        return _known(connection, given)
    if len(described) == 1:
        return rosters.save_district(connection, *described[0])
    codes = rosters.district_codes(connection)
    if described:
        names = ", ".join(code for code, _ in described)
        raise IntakeError(
            f"{source.name} describes several districts ({names}). Say which with --district CODE."
        )
    if len(codes) == 1:
        return _known(connection, codes[0])
    if not codes and source.roster and rosters.describes_schools(connection):
        raise IntakeError(
            f"{source.name} names no district and none is known yet. Say with --district CODE what to call its own."
        )
    if not codes:
        raise IntakeError(f"{source.name} names no district and none is known yet. Import a roster first.")
    raise IntakeError(
        f"{source.name} names no district. Say which with --district CODE; known: {', '.join(codes)}."
    )


def _known(connection: Connection, code: str) -> int:
    found = rosters.district_id(connection, code)
    if found is None:
        codes = ", ".join(rosters.district_codes(connection)) or "none yet"
        raise IntakeError(f"There is no district with the code {code}. Known: {codes}.")
    return found

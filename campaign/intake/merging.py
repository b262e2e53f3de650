"""From staging to register: which district, then people and places, then results, then the counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from campaign.intake.plans import SourcePlan
from campaign.intake.problems import IntakeError
from campaign.intake.vocabulary import table
from campaign.store import attendance, brief, result_scores, results, rosters, waiting
from campaign.store.roster_references import (
    Notes,
    find_referenced_students,
    find_waiting_students,
    notes_on_strangers,
    settle_waiting,
)
from campaign.store.roster_students import MassWithdrawal
from campaign.store.staged import Origin, Outcome, begin, outcomes, remember_refused


@dataclass(frozen=True)
class Given:
    """The district that was given; `confirmed` by a person who may say that a roster's own code means the same."""

    code: str
    confirmed: bool


class SourceMerge:
    """Merges what is staged of one source, at once or in parts; the first part brings everything but later results.

    By number of the file: `file_ids`, `passed` over in SQL by kind, `notes` (code, detail) and `outcomes` of its rows.
    """

    def __init__(
        self,
        connection: Connection,
        source: SourcePlan,
        given: Given | None,
        ignored_reasons: Sequence[str],
        add_files: Callable[[Connection, int], dict[int, int]],
    ) -> None:
        self.connection = connection
        self.source = source
        self.district = 0
        self.file_ids: Mapping[int, int] = {}
        self.passed: dict[int, dict[str, int]] = {}
        self.notes: dict[int, list[tuple[str, str]]] = {}
        self.outcomes: dict[int, Outcome] = {}
        self._since: dict[int, int] = {}
        self._settled = False
        self._given = given
        self._ignored = list(ignored_reasons)
        self._add_files = add_files
        self._origin = Origin(
            system=source.system,
            prefix=source.prefix,
            people_complete=source.complete.people,
            seats_complete=source.complete.enrollments,
            marks_complete=source.complete.marks,
            receiving=[name.casefold() for name in table("relations.toml")["receives"]],
            largest_withdrawal=source.largest_withdrawal,
        )

    def merge_part(self, since: Mapping[int, int]) -> None:
        """Merge everything that is staged. Raises IntakeError if the district of the source is not clear.

        `since`: number of a file → its first row to which this part and later ones can point.
        """
        begins = not self.file_ids
        if begins:
            self._begin()
        for file, row in since.items():
            if row > self._since.get(file, 0):
                brief.forget(self.connection, file, row)
        self._since.update(since)
        for file, count in results.pass_over_assignments(self.connection).items():
            kinds = self.passed.setdefault(file, {})
            kinds["results of assignments"] = kinds.get("results of assignments", 0) + count
        if begins:
            self._note(self._merge_roster())
        else:
            self.connection.execute(text("DROP TABLE found_reference"))
            self._note(find_referenced_students(self.connection, self.district))
        self._merge_results()
        attendance.merge_attendance(self.connection)
        self._end_part()

    def merge_waiting(self, rows: int) -> bool:
        """After the last part: merge so many of the rows that wait for their students; False if none do any more."""
        if not self._settled:
            self._settled = True
            self._note(settle_waiting(self.connection, self.district))
        self.connection.execute(text("DROP TABLE found_reference"))
        if not find_waiting_students(self.connection, rows):
            return False
        self._merge_results()
        self._end_part()
        return True

    def _end_part(self) -> None:
        remember_refused(self.connection, self._origin.system)
        for file, outcome in outcomes(self.connection).items():
            self._count(file, outcome)

    def _merge_results(self) -> None:
        """What is new and waits in brief is added at once, all else row by row."""
        scores, notes = result_scores.add_scores(self.connection, self.district, self._ignored)
        self._note(notes)
        for added in (results.add_marks(self.connection, self.district), scores):
            for file, count in added.items():
                self._count(file, Outcome(accepted=count, unchanged=0, refused=0))
        results.merge_marks(self.connection, self.district, self._origin)
        self._note(result_scores.merge_scores(self.connection, self.district, self._ignored))

    def _count(self, file: int, outcome: Outcome) -> None:
        self.outcomes[file] = self.outcomes.get(file, Outcome(0, 0, 0)) + outcome

    def _merge_roster(self) -> Notes:
        try:
            return rosters.merge(self.connection, self.district, self._origin)
        except MassWithdrawal as error:
            raise IntakeError(
                f"{self.source.name} leaves out {error.leaving:,} of {error.students:,} students, who would count as "
                "gone, so nothing of it was imported. Export it again with all schools and students. If they have "
                "left, use gbg import --allow-withdrawals, or raise [intake] largest_withdrawal_percent."
            ) from None

    def end(self) -> None:
        """To be called after the last part: what a complete list no longer has, leaves."""
        self._note(notes_on_strangers(self.connection))
        if self._origin.marks_complete:
            results.end_missing_marks(self.connection, self.district, self._origin)

    def _begin(self) -> None:
        self.district = _district(self.connection, self.source, self._given)
        self.file_ids = self._add_files(self.connection, self.district)
        begin(self.connection, self.file_ids)
        brief.begin(self.connection)
        waiting.begin(self.connection)
        results.begin(self.connection)
        result_scores.begin(self.connection, table("levels.toml")["aliases"])

    def _note(self, notes: Mapping[int, Sequence[tuple[str, str]]]) -> None:
        for file, said in notes.items():
            known = self.notes.setdefault(file, [])
            known += [note for note in said if note not in known]


def _district(connection: Connection, source: SourcePlan, given: Given | None) -> int:
    """The district the source belongs to: the one given, the one it describes, or the only one there is.

    A roster that lists schools and names no district makes the one given, called by its code until a roster names it.
    """
    described = rosters.staged_districts(connection) if source.roster else []
    if given is not None and described:
        return _given(connection, source, given, dict(described))
    if given is not None and source.roster and rosters.describes_schools(connection):
        return rosters.district_id(connection, given.code) or rosters.save_district(
            connection, given.code, given.code
        )
    if given is not None:
        return _known(connection, given.code)
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


def _given(connection: Connection, source: SourcePlan, given: Given, described: Mapping[str, str]) -> int:
    """The district given, if the source is its own or a person says so. What another source says renames nothing."""
    code = given.code
    if code in described:
        return rosters.save_district(connection, code, described[code])
    other, name = next(iter(described.items()))
    if any(rosters.district_id(connection, one) for one in described):
        raise IntakeError(
            f"{source.name} names the district {other} ({name}), not {code}, and {other} is a district of its own "
            f"here. Nothing was imported. Send it for {other}, or export the roster of {code}."
        )
    if not given.confirmed:
        raise IntakeError(
            f"{source.name} names the district {other} ({name}), not {code}. Nothing was imported. If {other} is "
            f"another name of {code}, ask the state to send it for {code}, or use gbg import --district {code} on the "
            f"server. If not, send the roster of {code}."
        )
    return rosters.district_id(connection, code) or rosters.save_district(connection, code, name)


def _known(connection: Connection, code: str) -> int:
    found = rosters.district_id(connection, code)
    if found is None:
        codes = ", ".join(rosters.district_codes(connection)) or "none yet"
        raise IntakeError(f"There is no district with the code {code}. Known: {codes}.")
    return found

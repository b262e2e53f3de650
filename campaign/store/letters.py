"""SQL of the letters of campaigns: which are due, what a run took, and what people said became of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert, text, update

from campaign.schema.letters import letter_envelope, letter_run

IN_RUN, POSTED, THROWN_AWAY = "in_run", "posted", "thrown_away"
SPOILED, CAME_BACK, REPLACED, NOT_DRAWN = "spoiled", "came_back", "replaced", "not_drawn"

_DUE = """
    FROM open_message o JOIN message m ON m.id = o.message_id JOIN campaign c ON c.id = m.campaign_id
    WHERE o.channel = 'letter' AND o.due_at <= :now AND m.state IN ('planned', 'retry_at')
      AND (m.not_before IS NULL OR m.not_before <= :now)
"""
_CLAIM = text(
    f"""
    UPDATE message SET state = 'claimed', lease_owner = :owner, fencing = fencing + 1
    WHERE id IN (
        SELECT m.id {_DUE} AND o.district_id = :district_id
          AND (CAST(:slug AS text) IS NULL OR c.slug = :slug)
        ORDER BY m.due_at, m.household, m.id LIMIT :limit FOR UPDATE OF m SKIP LOCKED
    )
    RETURNING id
    """  # noqa: S608  our own text
)


def claim(
    connection: Connection, district_id: int, slug: str | None, *, owner: str, limit: int, now: datetime
) -> list[int]:
    """Letters that are due, in hand of `owner` until the transaction ends."""
    values = {"district_id": district_id, "slug": slug, "owner": owner, "limit": limit, "now": now}
    return sorted(connection.scalars(_CLAIM, values))


def due(connection: Connection, now: datetime) -> int:
    """How many letters wait for a print run, in the reader's scope; some of them may be refused when it looks."""
    return int(connection.scalar(text(f"SELECT count(*) {_DUE}"), {"now": now}) or 0)


@dataclass(frozen=True)
class Pupil:
    """Where a letter about a student belongs; `homeroom` is the first of the sections by title."""

    student_id: int
    name: str
    given_name: str
    school_id: int | None
    school: str
    homeroom: str


_PUPILS = text(
    """
    SELECT s.id AS student_id, concat_ws(' ', s.given_name, s.family_name) AS name,
           coalesce(nullif(s.preferred_name, ''), s.given_name) AS given_name, s.school_id,
           coalesce(c.name, d.name) AS school,
           coalesce((SELECT min(coalesce(n.title, n.source_id)) FROM enrollment e JOIN section n ON n.id = e.section_id
                     WHERE e.student_id = s.id), '') AS homeroom
    FROM student s JOIN district d ON d.id = s.district_id LEFT JOIN school c ON c.id = s.school_id
    WHERE s.id = ANY (:students)
    """
)


def pupils(connection: Connection, students: Collection[int]) -> dict[int, Pupil]:
    found = connection.execute(_PUPILS, {"students": list(students)})
    return {row.student_id: Pupil(**row._mapping) for row in found}


_AT_HOME = text(
    """
    SELECT m.occurrence_id, m.household, m.language, m.student_ids FROM message m
    WHERE m.channel = 'letter' AND m.household = ANY (:households) AND m.occurrence_id = ANY (:occurrences)
      AND m.state IN ('dispatching', 'ambiguous', 'accepted')
    """
)


def at_home(
    connection: Connection, households: Collection[str], occurrences: Collection[int]
) -> list[tuple[int, str, str, list[int]]]:
    """Occurrence, household, language and students of letters that went, or are in a run."""
    values = {"households": list(households), "occurrences": list(occurrences)}
    found = connection.execute(_AT_HOME, values)
    return [(row.occurrence_id, row.household, row.language, row.student_ids) for row in found]


_FOLLOWING = text("SELECT id FROM message WHERE id = ANY (:ids) AND follows_id IS NOT NULL")


def following(connection: Connection, messages: Collection[int]) -> set[int]:
    """Those of the messages before which another one went."""
    return set(connection.scalars(_FOLLOWING, {"ids": list(messages)}))


def add_run(connection: Connection, values: Mapping[str, Any]) -> int:
    return int(connection.execute(insert(letter_run).values(values).returning(letter_run.c.id)).scalar_one())


def add_envelopes(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put letters into a run; what an earlier one still had of them, which somebody settled by hand, is out of it."""
    ids = [row["message_id"] for row in rows]
    table = letter_envelope
    connection.execute(
        update(table).where(table.c.message_id.in_(ids), table.c.state == IN_RUN).values(state=SPOILED)
    )
    connection.execute(insert(table), list(rows))


@dataclass(frozen=True)
class LetterRun:
    """One run; `outcome` None: nobody has said yet what became of it. Counts are of envelopes by their state."""

    id: int
    district_id: int
    number: str
    envelope: str
    taken_at: datetime
    finished_at: datetime | None
    outcome: str | None
    posted_on: date | None
    said_by: str | None
    said_at: datetime | None
    letters: int
    printed: int
    states: Mapping[str, int]

    @property
    def in_run(self) -> int:
        return self.states.get(IN_RUN, 0)


_RUNS = """
    SELECT r.id, r.district_id, r.number, r.envelope, r.taken_at, r.finished_at, r.outcome, r.posted_on, r.said_by,
           r.said_at, e.letters, e.printed, e.states
    FROM letter_run r CROSS JOIN LATERAL (
        SELECT coalesce(CAST(sum(n) AS bigint), 0) AS letters, coalesce(CAST(sum(p) AS bigint), 0) AS printed,
               coalesce(jsonb_object_agg(state, n) FILTER (WHERE state IS NOT NULL), '{}') AS states
        FROM (SELECT state, count(*) AS n, count(printed_at) AS p FROM letter_envelope
              WHERE letter_run_id = r.id GROUP BY state) by_state
    ) e
"""


def run(connection: Connection, number: str) -> LetterRun | None:
    row = connection.execute(text(f"{_RUNS} WHERE r.number = :number"), {"number": number}).first()
    return LetterRun(**row._mapping) if row else None


def run_of(connection: Connection, run_id: int) -> LetterRun | None:
    row = connection.execute(text(f"{_RUNS} WHERE r.id = :id"), {"id": run_id}).first()
    return LetterRun(**row._mapping) if row else None


def runs(connection: Connection, limit: int) -> list[LetterRun]:
    """The newest runs in the reader's scope."""
    found = connection.execute(text(f"{_RUNS} ORDER BY r.id DESC LIMIT :limit"), {"limit": limit})
    return [LetterRun(**row._mapping) for row in found]


def unfinished(connection: Connection, district_id: int | None = None) -> list[LetterRun]:
    """Runs whose files are not all there yet and that nobody has given up, the oldest first."""
    query = text(
        f"""{_RUNS} WHERE r.finished_at IS NULL AND r.outcome IS NULL
        AND (CAST(:district_id AS bigint) IS NULL OR r.district_id = :district_id) ORDER BY r.id"""
    )
    return [LetterRun(**row._mapping) for row in connection.execute(query, {"district_id": district_id})]


def without_a_word(connection: Connection, before: datetime) -> list[LetterRun]:
    """Runs taken before that moment of which nobody has said what became of them, in the reader's scope."""
    query = text(f"{_RUNS} WHERE r.outcome IS NULL AND r.taken_at <= :before ORDER BY r.id")
    return [LetterRun(**row._mapping) for row in connection.execute(query, {"before": before})]


def lock(connection: Connection, number: str) -> LetterRun | None:
    """The run, held until the transaction ends."""
    held = text("SELECT id FROM letter_run WHERE number = :number FOR UPDATE")
    found = connection.scalar(held, {"number": number})
    return run_of(connection, found) if found else None


@dataclass(frozen=True)
class Envelope:
    """One letter in a run, with what was taken down of its message. `reports`: student → "number-version"."""

    id: int
    message_id: int
    fencing: int
    contact_id: int
    student_ids: list[int]
    language: str
    fallback_from: str | None
    reports: Mapping[str, str]
    stopped: bool
    follows: bool
    route: str
    position: int
    part: int
    first_page: int | None
    pages: int | None
    printed_at: datetime | None
    state: str
    said_by: str | None
    said_at: datetime | None
    step: str
    document_id: int
    template_hash: str
    message_state: str


_ENVELOPES = """
    SELECT e.id, e.message_id, e.fencing, e.contact_id, e.student_ids, e.language, e.fallback_from, e.reports,
           e.stopped, e.follows, e.route, e.position, e.part, e.first_page, e.pages, e.printed_at, e.state,
           e.said_by, e.said_at, m.step, o.campaign_revision_id AS document_id, m.template_hash,
           m.state AS message_state
    FROM letter_envelope e JOIN message m ON m.id = e.message_id JOIN occurrence o ON o.id = m.occurrence_id
"""


def envelopes(connection: Connection, run_id: int) -> list[Envelope]:
    """The letters of a run in their order."""
    query = text(f"{_ENVELOPES} WHERE e.letter_run_id = :run ORDER BY e.position")
    return [Envelope(**row._mapping) for row in connection.execute(query, {"run": run_id})]


def set_apart(connection: Connection, run_id: int) -> list[Envelope]:
    """Those that people took out of a run one by one, the newest word first."""
    query = text(
        f"{_ENVELOPES} WHERE e.letter_run_id = :run AND e.state IN (:spoiled, :came_back) AND e.said_by IS NOT NULL"
        " ORDER BY e.said_at DESC, e.position"
    )
    values = {"run": run_id, "spoiled": SPOILED, "came_back": CAME_BACK}
    return [Envelope(**row._mapping) for row in connection.execute(query, values)]


def mark_printed(connection: Connection, placed: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """`placed`: id, first_page and pages of letters that stand in a finished file."""
    query = text(
        """
        UPDATE letter_envelope SET first_page = :first_page, pages = :pages, printed_at = coalesce(printed_at, :now)
        WHERE id = :id
        """
    )
    if placed:
        connection.execute(query, [{**row, "now": now} for row in placed])


def say(connection: Connection, ids: Collection[int], state: str, said_by: str | None, now: datetime) -> None:
    """Write down what became of envelopes, and whose word it is; None: the program's own."""
    table = letter_envelope
    values = {"state": state, "said_by": said_by, "said_at": now}
    connection.execute(update(table).where(table.c.id.in_(list(ids))).values(values))


def finish(connection: Connection, run_id: int, now: datetime) -> None:
    query = text("UPDATE letter_run SET finished_at = coalesce(finished_at, :now) WHERE id = :id")
    connection.execute(query, {"id": run_id, "now": now})


def close(connection: Connection, run_id: int, values: Mapping[str, Any]) -> None:
    """Write down the outcome of a run, or (None) that nobody has said it."""
    connection.execute(update(letter_run).where(letter_run.c.id == run_id).values(dict(values)))


_DOUBTED = text(
    """
    SELECT m.id, m.fencing FROM letter_run r JOIN letter_envelope e ON e.letter_run_id = r.id
    JOIN message m ON m.id = e.message_id AND m.fencing = e.fencing
    WHERE r.outcome IS NULL AND r.taken_at <= :before AND e.state = 'in_run' AND m.state = 'dispatching'
    ORDER BY m.id
    """
)


def doubted(connection: Connection, before: datetime) -> list[tuple[int, int]]:
    """Id and fencing number of messages in runs of which nobody has said anything since before that moment."""
    return [(row.id, row.fencing) for row in connection.execute(_DOUBTED, {"before": before})]

"""Languages that a state asks of a school: who is counted, where the line lies, and what waits for a review."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.dispatch import ledger
from campaign.dispatch.ledger import Span
from campaign.store.pupil_languages import PupilCount
from campaign.wordings.required_languages import of_counts
from tests.campaign import families

SPAN = Span(datetime(2026, 11, 9, 6, tzinfo=UTC), datetime(2026, 11, 12, 6, tzinfo=UTC))
REPORTS_GO_OUT = datetime(2026, 11, 10, 23, 45, tzinfo=UTC)
NORTH, EAST = 1, 2


def found(pupils: dict[str | None, int], threshold: str = "0.15") -> list[str]:
    counts = [PupilCount(1, "North", language, number) for language, number in pupils.items()]
    return [one.language for one in of_counts(counts, Decimal(threshold))]


@pytest.mark.parametrize(
    ("pupils", "languages"),
    [
        # The line itself counts; the pupil below it does not. 0.15 has no exact binary fraction.
        ({"en": 17, "es": 3}, ["es"]),
        ({"en": 34, "es": 6}, ["es"]),
        ({"en": 119, "vi": 21}, ["vi"]),
        ({"en": 851, "es": 149}, []),
        ({"en": 850, "es": 150}, ["es"]),
        # Regions and other names of one language count together.
        ({"en": 17, "es": 1, "es-MX": 2}, ["es"]),
        ({"en": 17, "tl": 1, "fil": 2}, ["tl"]),
        # Who was not asked is a pupil, too.
        ({"en": 10, None: 8, "es": 3}, []),
        ({"en": 10, None: 7, "es": 3}, ["es"]),
        ({None: 20}, []),
        ({"en": 20}, []),
        ({"und": 10, "en": 10}, []),
        # Most pupils first; a language that we have no text in is required all the same.
        ({"en": 10, "so": 4, "hmn": 6}, ["hmn", "so"]),
    ],
)
def test_who_makes_a_language_required(pupils: dict[str | None, int], languages: list[str]) -> None:
    assert found(pupils) == languages


def test_the_share_is_the_states() -> None:
    assert found({"en": 90, "es": 10}, "0.10") == ["es"]
    assert found({"en": 90, "es": 10}, "0.101") == []


@pytest.fixture
def district(engine: Engine) -> Engine:
    """Twenty pupils a school. At North Lakeside three speak Spanish at home, 15.0 percent; at East two do."""
    families.build(engine, 6)
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("UPDATE district SET state_code = 'CA'"))
        for school, wanted in ((NORTH, 3), (EAST, 2)):
            there = connection.scalar(
                text("SELECT count(*) FROM student WHERE school_id = :school"), {"school": school}
            )
            for number in range(20 - int(there or 0)):
                families.add_student(connection, f"More{school}-{number}", school=school)
            connection.execute(
                text(
                    """
                    UPDATE student SET home_language = CASE WHEN id IN (
                        SELECT id FROM student WHERE school_id = :school ORDER BY id DESC LIMIT :wanted
                    ) THEN 'es-MX' ELSE 'en' END WHERE school_id = :school
                    """
                ),
                {"school": school, "wanted": wanted},
            )
    return engine


def schools_of(engine: Engine, where: str) -> set[int]:
    """Schools of the students of these messages."""
    query = text(
        f"SELECT DISTINCT s.school_id FROM message m JOIN student s ON s.id = ANY (m.student_ids) WHERE {where}"
    )
    with transaction(engine, ENGINE) as connection:
        return set(connection.scalars(query))


def waiting(engine: Engine, home: Path) -> int:
    return ledger.plan(families.delivery(engine, home), SPAN.since, dry_run=SPAN).waiting.total()


def test_the_plan_says_what_waits_and_for_no_other_school(district: Engine, tmp_path: Path) -> None:
    seen: dict[bool, set[int]] = {True: set(), False: set()}
    with transaction(district, ENGINE) as connection:
        school_of = {
            id: school for id, school in connection.execute(text("SELECT id, school_id FROM student"))
        }
    ledger.plan(
        families.delivery(district, tmp_path),
        SPAN.since,
        dry_run=SPAN,
        each=lambda _, decision: (
            None
            if decision.withheld
            else seen[decision.waits].update(map(school_of.get, decision.student_ids))
        ),
    )
    assert seen == {True: {NORTH}, False: {EAST}}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE district SET state_code = 'TX'",
        "UPDATE district SET state_code = NULL",
        "UPDATE student SET home_language = 'en' WHERE id = (SELECT max(id) FROM student WHERE home_language = 'es-MX')"
        " OR school_id = 1",
        "INSERT INTO student (district_id, school_id, given_name, family_name) VALUES (1, 1, 'One', 'More')",
    ],
)
def test_below_the_line_or_in_another_state_nothing_waits(
    district: Engine, tmp_path: Path, change: str
) -> None:
    assert waiting(district, tmp_path) > 0
    with transaction(district, ENGINE) as connection:
        connection.execute(text(change))
    assert waiting(district, tmp_path) == 0


def test_nothing_leaves_for_the_school_and_the_reason_is_told_in_the_end(
    district: Engine, tmp_path: Path
) -> None:
    """Spanish drafts may go out here, but the rule asks for a text that a person has read."""
    delivery = families.delivery(district, tmp_path)
    ledger.tick(delivery, REPORTS_GO_OUT)
    ready = "m.step = 'report_ready'"
    assert schools_of(district, f"{ready} AND m.state = 'accepted'") == {EAST}
    assert schools_of(district, f"{ready} AND m.reason = 'language_required'") == {NORTH}
    with transaction(district, ENGINE) as connection:
        last = connection.scalar(text("SELECT max(expires_at) FROM message WHERE step = 'report_ready'"))
    assert last is not None
    ledger.tick(delivery, last - timedelta(minutes=5))
    assert schools_of(district, f"{ready} AND m.state = 'withheld' AND m.reason = 'language_required'") == {
        NORTH
    }
    assert schools_of(district, f"{ready} AND m.state = 'accepted'") == {EAST}


def test_a_sibling_at_another_school_does_not_wait(district: Engine, tmp_path: Path) -> None:
    with transaction(district, ENGINE) as connection:
        connection.execute(text("UPDATE student SET school_id = 2 WHERE given_name = 'Sib0'"))
        connection.execute(text("UPDATE student SET home_language = 'es' WHERE given_name = 'Child0'"))
    ledger.tick(families.delivery(district, tmp_path), REPORTS_GO_OUT)
    with transaction(district, ENGINE) as connection:
        told = connection.execute(
            text(
                """
                SELECT s.given_name, m.state, m.reason FROM message m JOIN contact c ON c.id = m.contact_id
                JOIN student s ON s.id = ANY (m.student_ids)
                WHERE m.step = 'report_ready' AND c.source_id = 'm0' ORDER BY 1
                """
            )
        ).all()
    assert [tuple(row) for row in told] == [
        ("Child0", "planned", "language_required"),
        ("Sib0", "accepted", None),
    ]

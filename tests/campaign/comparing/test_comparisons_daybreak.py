"""The Ed-Fi sample district Daybreak, imported and compared: each of the 53 students with both ends by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from campaign import settings
from campaign.access import ENGINE
from campaign.comparing.comparisons import compare_district
from campaign.database import transaction
from campaign.intake.run import import_paths
from reports.records import ComparisonPolicy

NOW = datetime(2012, 6, 15, 18, 0, tzinfo=UTC)
# The last test of the sample is of March 2012.
AS_OF = date(2012, 6, 15)

_OUTCOMES = """
    SELECT student_id, subject, category, refusal FROM comparison
    WHERE superseded_at IS NULL AND student_id IN (SELECT student_id FROM mark INTERSECT SELECT student_id FROM score)
"""


def outcomes(
    engine: Engine, folder: Path, ignored_reasons: Sequence[str] = ()
) -> list[tuple[int, str, str, str]]:
    """Student, subject, category and refusal of every comparison of students who have both marks and scores."""
    limits = settings.Intake(
        maximum_file_megabytes=64, maximum_zip_ratio=100, maximum_zip_members=500, keep_uploads_days=30
    )
    import_paths(engine, [folder], district=None, limits=limits, now=NOW, ignored_reasons=ignored_reasons)
    with transaction(engine, ENGINE) as connection:
        district = int(connection.scalar(text("SELECT id FROM district")) or 0)
    compare_district(engine, district, ComparisonPolicy(), AS_OF, NOW)
    with transaction(engine, ENGINE) as connection:
        return [(s, subject, c, r) for s, subject, c, r in connection.execute(text(_OUTCOMES))]


@pytest.fixture
def daybreak(shared_data: Path) -> Path:
    return shared_data / "edfi" / "inbloom_daybreak"


def test_every_student_with_both_ends_in_a_named_refusal(engine: Engine, daybreak: Path) -> None:
    """The state scores stand beside "Medical waiver", and marks and tests are of different grades and years."""
    found = outcomes(engine, daybreak)
    assert len({student for student, *_ in found}) == 53
    assert Counter((subject, category, refusal) for _, subject, category, refusal in found) == {
        ("reading", "NOT_ENOUGH", "score_not_valid"): 28,
        ("reading", "NOT_ENOUGH", "subject_not_mapped"): 25,
        ("writing", "NOT_ENOUGH", "score_not_valid"): 28,
        ("math", "NOT_ENOUGH", "score_not_valid"): 1,
        ("math", "NOT_ENOUGH", "subject_not_mapped"): 1,
        ("math", "NOT_ENOUGH", "no_score"): 1,
        ("science", "NOT_ENOUGH", "subject_not_mapped"): 1,
        ("science", "NOT_ENOUGH", "no_score"): 2,
        ("social_studies", "NOT_ENOUGH", "subject_not_mapped"): 1,
        ("social_studies", "NOT_ENOUGH", "no_score"): 2,
    }


def test_a_waiver_confirmed_as_clerical_still_loosens_no_other_rule(engine: Engine, daybreak: Path) -> None:
    found = outcomes(engine, daybreak, ["Medical waiver"])
    assert len({student for student, *_ in found}) == 53
    assert {category for _, _, category, _ in found} == {"NOT_ENOUGH"}
    assert Counter((subject, refusal) for _, subject, _, refusal in found) == {
        ("reading", "other_year"): 19,
        ("reading", "score_not_valid"): 7,
        ("reading", "english_learner"): 2,
        ("reading", "subject_not_mapped"): 25,
        ("writing", "score_not_valid"): 14,
        ("writing", "no_mark"): 13,
        ("writing", "other_year"): 1,
        ("math", "score_not_valid"): 1,
        ("math", "subject_not_mapped"): 1,
        ("math", "no_score"): 1,
        ("science", "subject_not_mapped"): 1,
        ("science", "no_score"): 2,
        ("social_studies", "subject_not_mapped"): 1,
        ("social_studies", "no_score"): 2,
    }

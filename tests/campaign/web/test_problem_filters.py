"""Problems by school and subject: counted, narrowed, and of one's own district alone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction

SignIn = Callable[[str], FlaskClient]
# Two rows of the first school in math, one of it without a subject; two rows that the district has besides.
ROWS = """
    INSERT INTO refused_row (source_file_id, district_id, line, code, reason, remedy, school_id, subject)
    VALUES (1, 1, 21, 'no_mark', 'There is no mark.', 'Add it.', 1, 'math'),
           (1, 1, 22, 'no_mark', 'There is no mark.', 'Add it.', 1, 'math'),
           (1, 1, 23, 'unknown_line_item', 'The line item is not known.', 'Send it.', 1, NULL)
"""


@pytest.fixture
def client(signed_in: SignIn, engine: Engine) -> FlaskClient:
    with transaction(engine, ENGINE) as connection:
        connection.execute(text(ROWS))
    return signed_in("district@example.org")


def choices(page: str, name: str) -> list[str]:
    """What can be chosen, with its count."""
    (found,) = re.findall(rf'<select[^>]*name="{name}">(.*?)</select>', page, re.DOTALL)
    return [re.sub(r"\s+", " ", one).strip() for one in re.findall(r"<option[^>]*>(.*?)</option>", found)]


def lines(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'data-label="Line">(\d+)', page)]


def test_schools_and_subjects_can_be_chosen_with_their_counts(client: FlaskClient) -> None:
    page = client.get("/staff/problems").text
    assert choices(page, "school") == ["All schools", "Alder Elementary (3)", "Not known (3)"]
    assert choices(page, "subject") == ["All subjects", "Math (2)", "Not known (4)"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("school=1", [21, 22, 23]),
        ("school=1&subject=math", [21, 22]),
        ("school=1&subject=unknown", [23]),
        ("school=0&subject=math", []),
        ("school=1&code=no_mark", [21, 22]),
    ],
)
def test_the_list_is_narrowed_and_so_is_the_table_to_take_along(
    client: FlaskClient, query: str, found: list[int]
) -> None:
    assert lines(client.get(f"/staff/problems?{query}").text) == found
    taken = client.get(f"/staff/problems.csv?{query}").text.splitlines()
    assert taken[0].lstrip("\ufeff").endswith(",remedy,school,subject")
    assert len(taken) == len(found) + 1


def test_a_choice_keeps_the_others_and_counts_within_them(client: FlaskClient) -> None:
    page = client.get("/staff/problems?school=1").text
    assert choices(page, "subject") == ["All subjects", "Math (2)", "Not known (1)"]
    assert choices(page, "school") == ["All schools", "Alder Elementary (3)", "Not known (3)"]
    assert "/staff/problems?code=no_mark&amp;school=1" in page
    assert "Nothing fits" in client.get("/staff/problems?school=99").text
    assert client.get("/staff/problems?school=" + "9" * 30).status_code == 200


def test_nobody_sees_the_problems_of_schools_that_are_not_theirs(
    client: FlaskClient, signed_in: SignIn
) -> None:
    elsewhere = signed_in("elsewhere@example.org").get("/staff/problems?school=1").text
    assert "Alder" not in elsewhere
    assert lines(elsewhere) == []
    for other in ("school@example.org", "teacher@example.org"):
        assert signed_in(other).get("/staff/problems?school=1").status_code == 403

"""A sheet's link: the same for the same sheet, another for another home, dead when ended, not known to the store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, text

from campaign import links
from campaign.links import Purpose, Reach
from campaign.paper import print_links
from campaign.paper.print_links import Copy
from tests.campaign.test_links import BORN, NOW, families

KEY = "k" * 48
ROSA = Copy(district_id=1, student_id=1, contact_id=1, report="K7F3-92QX-TB4M-1", ended=0)


@pytest.fixture
def family(connection: Connection) -> Connection:
    families(connection)
    return connection


def issue(connection: Connection, *copies: Copy, days_on: int = 0) -> list[str]:
    return print_links.issue(connection, copies, KEY, NOW + timedelta(days=days_on), 90)


def test_the_same_sheet_has_the_same_link_and_every_other_another() -> None:
    others = [
        replace(ROSA, contact_id=2),
        replace(ROSA, report="K7F3-92QX-TB4M-2"),
        replace(ROSA, ended=1),
    ]
    tokens = {print_links.token(copy, KEY) for copy in [ROSA, *others]} | {print_links.token(ROSA, "x" * 48)}
    assert len(tokens) == 5
    assert print_links.token(ROSA, KEY) == print_links.token(ROSA, KEY)


def test_a_link_on_paper_opens_the_report_however_it_is_typed(family: Connection) -> None:
    (token,) = issue(family, ROSA)
    typed = [token, token.upper(), token.replace("-", ""), token.replace("0", "O").replace("1", "l")]
    for letters in typed:
        link = links.open_link(family, letters, NOW)
        assert link is not None
        assert (link.student_id, link.contact_id, link.purpose) == (1, 1, Purpose.PRINT)
        assert links.second_step(family, link, BORN, NOW) is not None


def test_the_store_cannot_tell_the_token(family: Connection) -> None:
    (token,) = issue(family, ROSA)
    stored = str(family.execute(text("SELECT * FROM family_link")).all())
    assert token not in stored
    assert token.replace("-", "") not in stored
    assert len(token.replace("-", "")) * 5 == 140, "more than the 128 bits asked for"


def test_printing_again_prolongs_the_link_and_makes_none_new(family: Connection) -> None:
    (token,) = issue(family, ROSA)
    assert issue(family, ROSA, days_on=60) == [token]
    assert family.scalar(text("SELECT count(*) FROM family_link")) == 1
    assert links.open_link(family, token, NOW + timedelta(days=149)) is not None
    assert links.open_link(family, token, NOW + timedelta(days=150)) is None


def test_an_ended_link_stays_ended_when_its_sheet_is_printed_again(family: Connection) -> None:
    (token,) = issue(family, ROSA)
    assert links.revoke(family, Reach(1, student_id=1), reason="lost sheet", now=NOW) == 1
    assert issue(family, ROSA, days_on=1) == [token]
    assert links.open_link(family, token, NOW + timedelta(days=1)) is None
    (another,) = issue(family, replace(ROSA, ended=1), days_on=1)
    assert links.open_link(family, another, NOW + timedelta(days=1)) is not None


def test_two_homes_have_links_of_their_own(family: Connection) -> None:
    rosa, luis = issue(family, ROSA, replace(ROSA, contact_id=2))
    links.revoke(family, Reach(1, contact_id=1), reason="custody change", now=NOW)
    assert links.open_link(family, rosa, NOW) is None
    assert links.open_link(family, luis, NOW) is not None


def test_the_sheet_before_a_correction_still_opens_and_older_ones_do_not(family: Connection) -> None:
    tokens = [issue(family, replace(ROSA, report=f"K7F3-92QX-TB4M-{version}"))[0] for version in (1, 2, 3)]
    assert [links.open_link(family, token, NOW) is not None for token in tokens] == [False, True, True]


@pytest.mark.parametrize("given", ["", "abc", "-" * 28, "u" * 28, "x" * 43, "O" * 27 + "é"])
def test_what_is_no_link_opens_nothing(family: Connection, given: str) -> None:
    issue(family, ROSA)
    assert links.open_link(family, given, NOW) is None

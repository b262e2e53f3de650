"""A family link opens for the right person, for its time, five wrong tries long, and for nobody else."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError, OperationalError

from campaign import links
from campaign.access import ENGINE, Role
from campaign.database import transaction
from campaign.links import Reach

NOW = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
BORN = date(2016, 5, 4)
WRONG = date(2016, 4, 5)
SECOND = timedelta(seconds=1)


def families(connection: Connection) -> None:
    """Student 1, born on BORN, of contacts 1 and 2; student 2, without birth date, of contact 1."""
    connection.execute(
        text(
            """
            INSERT INTO district (code, name, time_zone) VALUES ('one', 'One', 'America/Chicago');
            INSERT INTO school (district_id, source_id, name) VALUES (1, 'a', 'A'), (1, 'b', 'B');
            INSERT INTO student (district_id, school_id, given_name, family_name, birth_date)
            VALUES (1, 1, 'Ana', 'A', '2016-05-04'), (1, 2, 'Bo', 'A', NULL);
            INSERT INTO contact (district_id, source_id, given_name, family_name)
            VALUES (1, 'c1', 'Rosa', 'A'), (1, 'c2', 'Luis', 'A');
            INSERT INTO student_contact (student_id, contact_id, relation, may_receive)
            VALUES (1, 1, 'mother', true), (2, 1, 'mother', true), (1, 2, 'father', true)
            """
        )
    )


@pytest.fixture
def family(connection: Connection) -> Connection:
    families(connection)
    return connection


def issue(connection: Connection, student: int = 1, contact: int = 1, days: int = 90) -> str:
    return links.issue(connection, district_id=1, student_id=student, contact_id=contact, now=NOW, days=days)


def test_the_store_holds_no_usable_token(family: Connection) -> None:
    token = issue(family)
    link = links.open_link(family, token, NOW)
    assert link is not None
    session = links.second_step(family, link, BORN, NOW)
    stored = str(
        [family.execute(text(f"SELECT * FROM {t}")).all() for t in ("family_link", "family_session")]
    )
    assert session is not None
    assert token not in stored
    assert session not in stored
    assert links.fingerprint(token) in stored
    assert len(token) == 43, "32 random bytes, more than the 128 bits asked for"
    assert len({issue(family) for _ in range(20)}) == 20


def test_the_right_birth_date_opens_a_session_of_half_an_hour(family: Connection) -> None:
    link = links.open_link(family, issue(family), NOW)
    assert link is not None
    session = links.second_step(family, link, BORN, NOW)
    assert session is not None
    opened = links.open_session(family, session, NOW + links.SESSION_LENGTH - SECOND)
    assert opened == link
    assert opened.principal.role is Role.FAMILY
    assert (opened.principal.student_id, opened.principal.contact_id) == (1, 1)
    assert links.open_session(family, session, NOW + links.SESSION_LENGTH) is None


@pytest.mark.parametrize(
    ("change", "moment", "opens"),
    [
        ("", NOW, True),
        ("", NOW + timedelta(days=90) - SECOND, True),
        ("", NOW + timedelta(days=90), False),
        ("", NOW + timedelta(days=90) + SECOND, False),
        ("UPDATE family_link SET revoked_at = now()", NOW, False),
        ("UPDATE student_contact SET may_receive = false", NOW, False),
        ("UPDATE student_contact SET court_restriction = true", NOW, False),
        ("DELETE FROM student_contact", NOW, False),
        # Eighteen on 2026-11-03 in Chicago, which begins at 06:00 UTC.
        ("UPDATE student SET birth_date = '2008-11-03'", datetime(2026, 11, 3, 5, 59, tzinfo=UTC), True),
        ("UPDATE student SET birth_date = '2008-11-03'", datetime(2026, 11, 3, 6, 0, tzinfo=UTC), False),
        (
            "UPDATE student SET birth_date = '2008-01-01'; UPDATE student_contact SET relation = 'self'",
            NOW,
            True,
        ),
    ],
)
def test_a_link_lives_while_it_may(family: Connection, change: str, moment: datetime, *, opens: bool) -> None:
    token = issue(family)
    link = links.open_link(family, token, NOW)
    assert link is not None
    session = links.second_step(family, link, BORN, NOW)
    assert session is not None
    family.execute(text("UPDATE family_session SET expires_at = '2030-01-01'"))
    if change:
        family.execute(text(change))
    assert (links.open_link(family, token, moment) is not None) is opens
    assert (links.open_session(family, session, moment) is not None) is opens, (
        "an open session ends with its link"
    )


def test_five_wrong_tries_end_the_link_for_good(family: Connection) -> None:
    token = issue(family)
    link = links.open_link(family, token, NOW)
    assert link is not None
    for day in range(1, 5):
        assert links.second_step(family, link, date(2016, 6, day), NOW + timedelta(days=day)) is None
    assert links.open_link(family, token, NOW) is not None, "four are allowed"
    assert links.second_step(family, link, WRONG, NOW) is None
    assert links.second_step(family, link, BORN, NOW) is None, "the sixth is refused even with the right date"
    assert links.open_link(family, token, NOW) is None


def test_a_right_try_between_wrong_ones_does_not_reset_the_count(family: Connection) -> None:
    link = links.open_link(family, issue(family), NOW)
    assert link is not None
    for born in [WRONG, WRONG, WRONG, WRONG, BORN, WRONG]:
        links.second_step(family, link, born, NOW)
    assert links.second_step(family, link, BORN, NOW) is None


def test_wrong_tries_at_once_are_all_counted(engine: Engine) -> None:
    with transaction(engine, ENGINE) as connection:
        families(connection)
        link = links.open_link(connection, issue(connection), NOW)
    assert link is not None

    def attempt(day: int) -> str | None:
        with transaction(engine, ENGINE) as connection:
            return links.second_step(connection, link, date(2016, 6, day), NOW)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(attempt, range(1, 25))) == {None}
    with transaction(engine, ENGINE) as connection:
        row = connection.execute(text("SELECT wrong_tries, revoked_reason FROM family_link")).one()
        assert tuple(row) == (5, "wrong_tries")
        assert links.second_step(connection, link, BORN, NOW) is None


def test_without_a_birth_date_no_second_step_succeeds_or_counts(family: Connection) -> None:
    link = links.open_link(family, issue(family, student=2), NOW)
    assert link is not None
    assert not link.checkable
    for _ in range(6):
        assert links.second_step(family, link, BORN, NOW) is None
        assert links.second_step(family, link, WRONG, NOW) is None
    assert family.scalar(text("SELECT wrong_tries FROM family_link")) == 0


def test_a_new_link_keeps_one_before_it_and_ends_the_rest(family: Connection) -> None:
    tokens = [issue(family) for _ in range(4)]
    other = issue(family, contact=2)
    assert [links.open_link(family, token, NOW) is not None for token in tokens] == [False, False, True, True]
    assert links.open_link(family, other, NOW) is not None


@pytest.mark.parametrize(
    ("reach", "ended"),
    [
        (Reach(1), {"ana-rosa", "ana-luis", "bo-rosa"}),
        (Reach(1, student_id=1), {"ana-rosa", "ana-luis"}),
        (Reach(1, contact_id=1), {"ana-rosa", "bo-rosa"}),
        (Reach(1, student_id=1, contact_id=2), {"ana-luis"}),
        (Reach(1, school_id=2), {"bo-rosa"}),
        (Reach(2), set()),
    ],
)
def test_links_are_ended_by_child_contact_school_or_all(
    family: Connection, reach: Reach, ended: set[str]
) -> None:
    tokens = {
        "ana-rosa": issue(family),
        "ana-luis": issue(family, contact=2),
        "bo-rosa": issue(family, student=2),
    }
    assert links.revoke(family, reach, reason="custody change", now=NOW) == len(ended)
    assert {name for name, token in tokens.items() if links.open_link(family, token, NOW) is None} == ended


@pytest.mark.parametrize("named", [{"student": 99}, {"contact": 99}], ids=["student", "contact"])
def test_no_link_is_made_for_somebody_whom_there_is_not(family: Connection, named: dict[str, int]) -> None:
    with pytest.raises(IntegrityError, match="whom there is not"):
        issue(family, **named)


def test_a_link_stays_with_its_family(family: Connection) -> None:
    issue(family)
    with pytest.raises(IntegrityError, match="stays with its student"):
        family.execute(text("UPDATE family_link SET student_id = 2"))


@pytest.mark.parametrize("owner", ["student", "contact"])
def test_links_and_their_sessions_go_with_their_family(family: Connection, owner: str) -> None:
    link = links.open_link(family, issue(family), NOW)
    assert link is not None
    assert links.second_step(family, link, BORN, NOW)
    kept = issue(family, student=2, contact=2)
    family.execute(
        text(f"DELETE FROM student_contact WHERE {owner}_id = 1; DELETE FROM {owner} WHERE id = 1")
    )
    assert family.scalars(text("SELECT token_sha256 FROM family_link")).all() == [links.fingerprint(kept)]
    assert family.scalar(text("SELECT count(*) FROM family_session")) == 0


@pytest.mark.parametrize("owner", ["student", "contact"])
def test_nobody_takes_the_family_of_a_new_link_away(engine: Engine, owner: str) -> None:
    with engine.begin() as connection:
        families(connection)
        connection.execute(text("DELETE FROM student_contact"))
    with transaction(engine, ENGINE) as issuing, engine.connect() as other:
        issue(issuing)
        with other.begin():
            other.execute(text("SET LOCAL lock_timeout = '100ms'"))
            with pytest.raises(OperationalError):
                other.execute(text(f"DELETE FROM {owner} WHERE id = 1"))

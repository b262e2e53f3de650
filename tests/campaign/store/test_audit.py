"""The chain of audit entries shows every change."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from campaign.access import Principal, Role
from campaign.database import assume
from campaign.store.audit import Break, Entry, verify, write
from tests.web_pages import MORNING

CHANGED = "the entry itself was changed"
MISSING = "the entry before it is missing or was changed"


@pytest.fixture
def chain(connection: Connection) -> Connection:
    connection.execute(text("INSERT INTO district (code, name) VALUES ('one', 'One')"))
    for target in ("student:1", "student:2", "student:3", "student:4"):
        write(connection, Entry(MORNING, "account:7", "looked_at_student", target, 1, {"why": ["a", 1]}))
    return connection


def test_an_untouched_chain_holds(chain: Connection) -> None:
    assert verify(chain) is None


@pytest.mark.parametrize(
    ("tampering", "found"),
    [
        ("UPDATE audit_entry SET target = 'student:9' WHERE target = 'student:2'", Break(2, CHANGED)),
        ("UPDATE audit_entry SET detail = '{}' WHERE id = 3", Break(3, CHANGED)),
        ("UPDATE audit_entry SET at = at + interval '1 microsecond' WHERE id = 1", Break(1, CHANGED)),
        ("DELETE FROM audit_entry WHERE id = 2", Break(3, MISSING)),
        ("DELETE FROM audit_entry WHERE id = 1", Break(2, MISSING)),
        (
            "UPDATE audit_entry SET hash = repeat('0', 64) WHERE id = 4",
            Break(4, CHANGED),
        ),
    ],
)  # fmt: skip
def test_any_change_is_found(chain: Connection, tampering: str, found: Break) -> None:
    chain.execute(text(tampering))
    assert verify(chain) == found


def test_looking_through_the_chain_changes_nothing_for_later_statements(chain: Connection) -> None:
    before = dict(chain.get_execution_options())
    verify(chain)
    assert dict(chain.get_execution_options()) == before


@pytest.mark.parametrize("statement", ["DELETE FROM audit_entry", "UPDATE audit_entry SET actor = 'x'",
                                       "INSERT INTO audit_entry (at) VALUES (now())"])  # fmt: skip
def test_staff_can_write_no_entry(chain: Connection, statement: str) -> None:
    assume(chain, Principal(Role.STATE))
    with pytest.raises(ProgrammingError, match="permission denied"):
        chain.execute(text(statement))

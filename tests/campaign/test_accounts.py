"""Opening and closing accounts: what is refused, and that what is opened reaches no more than was asked."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from campaign import accounts
from campaign.access import ENGINE, Principal, Role
from campaign.accounts import AccountError, NewAccount
from campaign.database import transaction
from campaign.store import accounts as store
from campaign.store import audit
from tests.web_pages import MORNING, small_district


@pytest.fixture
def district(engine: Engine) -> Engine:
    small_district(engine)
    return engine


@pytest.mark.parametrize(
    ("new", "reaches"),
    [
        (NewAccount("a@b.org", "A", Role.STATE), Principal(Role.STATE, account_id=7)),
        (
            NewAccount("A@B.org", "A", Role.DISTRICT, "maple"),
            Principal(Role.DISTRICT, district_id=1, account_id=7),
        ),
        (
            NewAccount("a@b.org", "A", Role.SCHOOL, "maple", ["Birch Middle", "a"]),
            Principal(Role.SCHOOL, district_id=1, school_ids=(2, 1), account_id=7),
        ),
        (
            NewAccount("a@b.org", "A", Role.TEACHER, "maple", staff_id="t1"),
            Principal(Role.TEACHER, district_id=1, school_ids=(1, 2), account_id=7, staff_member_id=1),
        ),
        (
            NewAccount("a@b.org", "A", Role.PARTNER, "cedar"),
            Principal(Role.PARTNER, district_id=2, account_id=7),
        ),
    ],
)
def test_an_account_reaches_what_was_asked(district: Engine, new: NewAccount, reaches: Principal) -> None:
    assert accounts.add(district, new, MORNING) == 7
    with transaction(district, ENGINE) as connection:
        account = store.by_email(connection, "a@b.org")
        assert account is not None
        assert account.principal == reaches
        assert audit.verify(connection) is None


@pytest.mark.parametrize(
    ("new", "message"),
    [
        (NewAccount("nobody", "A", Role.STATE), "not an e-mail address"),
        (NewAccount("State@example.org", "A", Role.STATE), "already an account"),
        (NewAccount("a@b.org", "A", Role.DISTRICT), r"no district \(none given\); known: cedar, maple"),
        (NewAccount("a@b.org", "A", Role.SCHOOL, "maple"), "at least one school"),
        (NewAccount("a@b.org", "A", Role.SCHOOL, "maple", ["c"]), "no school c in this district"),
        (NewAccount("a@b.org", "A", Role.TEACHER, "maple"), "--staff"),
        (NewAccount("a@b.org", "A", Role.TEACHER, "cedar", staff_id="t1"), "--staff"),
        (NewAccount("a@b.org", "A", Role.STATE, password="short"), "at least 12 characters"),
    ],
)
def test_what_does_not_fit_is_refused_and_leaves_nothing(
    district: Engine, new: NewAccount, message: str
) -> None:
    before = len(accounts.everyone(district))
    with pytest.raises(AccountError, match=message):
        accounts.add(district, new, MORNING)
    assert len(accounts.everyone(district)) == before


def test_a_closed_account_gets_no_link(district: Engine) -> None:
    link = accounts.sign_in_link(district, "state@example.org", "http://host", MORNING)
    assert link.startswith("http://host/sign-in/link/")
    accounts.disable(district, "state@example.org", MORNING)
    with pytest.raises(AccountError, match="is closed"):
        accounts.sign_in_link(district, "state@example.org", "http://host", MORNING)
    with pytest.raises(AccountError, match="no account"):
        accounts.disable(district, "nobody@example.org", MORNING)

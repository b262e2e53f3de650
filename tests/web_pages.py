"""What tests of the pages share: settings, a clock that stands where the test puts it, a small school district."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from campaign import settings as settings_module
from campaign.access import ENGINE, Role
from campaign.comparing.comparisons import compare_district
from campaign.database import transaction
from campaign.settings import Settings
from campaign.store import accounts
from reports.records import ComparisonPolicy
from tests.campaign.families import allow_drafts

MORNING = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: datetime = MORNING

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **amount: float) -> None:
        self.now += timedelta(**amount)


def page_settings(home: Path, base_url: str = "http://127.0.0.1") -> Settings:
    """The shipped settings, with two languages, a data folder and an address of the test's own."""
    settings = settings_module.load(environment={"GBG_HOME": str(home), "GBG_SECRET_KEY": "k" * 48})
    return replace(
        settings,
        installation=replace(settings.installation, base_url=base_url),
        languages=replace(settings.languages, offered=["en", "es"]),
    )


def session_for(engine: Engine, email: str, now: datetime = MORNING) -> str:
    """A session token of the account, as if its owner had signed in."""
    with transaction(engine, ENGINE) as connection:
        account = accounts.by_email(connection, email)
        assert account is not None
        return accounts.open_session(connection, account.account_id, now)


PEOPLE = {
    "state@example.org": (Role.STATE, None, [], None),
    "district@example.org": (Role.DISTRICT, 1, [], None),
    "school@example.org": (Role.SCHOOL, 1, [1], None),
    "teacher@example.org": (Role.TEACHER, 1, [], 1),
    "partner@example.org": (Role.PARTNER, 1, [], None),
    "elsewhere@example.org": (Role.DISTRICT, 2, [], None),
}
"""One account of each role in the small district, and one in the district beside it."""


def small_district(engine: Engine) -> None:
    """District 1 (schools 1, 2; students 1-4 in school 1, 5-6 in school 2) and district 2 (student 7).

    Teacher 1 teaches students 1 and 2. Ids are those numbers because the tables are empty before. Marks and scores
    of district 1 are compared as of `MORNING`. Spanish drafts may go out in both.
    """
    with transaction(engine, ENGINE) as connection:
        connection.exec_driver_sql((Path(__file__).parent / "small_district.sql").read_text(encoding="utf-8"))
        for email, (role, district_id, school_ids, staff_member_id) in PEOPLE.items():
            accounts.add(
                connection,
                {
                    "email": email,
                    "name": f"{role.title()} Person",
                    "role": str(role),
                    "district_id": district_id,
                    "school_ids": school_ids,
                    "staff_member_id": staff_member_id,
                    "password_hash": None,
                },
            )
        for district_id in (1, 2):
            allow_drafts(connection, district_id, "es")
    compare_district(engine, 1, ComparisonPolicy(), MORNING.date(), MORNING)

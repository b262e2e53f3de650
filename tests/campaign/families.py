"""A small made-up district in the database, for the tests of the campaign: families of every kind that matters."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, insert, text

from campaign import settings
from campaign.access import ENGINE
from campaign.database import transaction
from campaign.definitions.definition import CampaignDefinition, load_all, parse
from campaign.dispatch.deliver import Delivery
from campaign.schema import comparisons, messages, rosters
from campaign.senders.contract import MailIdentity, Sender
from campaign.senders.mailbox import MailboxSender
from campaign.settings import Settings
from campaign.store import draft_permissions
from campaign.store.draft_permissions import Permission
from content import catalog

SECRET_KEY = "a key of at least thirty-two letters"
IDENTITY = MailIdentity("families@example.org", "Go Beyond Grades")
BEGIN = datetime(2026, 11, 2, 6, tzinfo=UTC)
END = datetime(2026, 12, 2, 6, tzinfo=UTC)
REPORT_DAY = date(2026, 11, 10)


def settings_in(home: Path) -> Settings:
    """The shipped settings with a data folder of the test's own; campaigns need no approval."""
    shipped = settings.load(environment={"GBG_HOME": str(home), "GBG_SECRET_KEY": SECRET_KEY})
    return replace(
        shipped,
        languages=replace(shipped.languages, offered=["en", "es"]),
        campaign=replace(shipped.campaign, approvals=0),
    )


def config_without_approvals(folder: Path) -> Path:
    """The shipped settings as a file, in which campaigns need no approval."""
    shipped = settings.SHIPPED_CONFIG.read_text(encoding="utf-8")
    config = folder / "config.toml"
    config.write_text(shipped.replace("approvals = 2", "approvals = 0"), encoding="utf-8")
    return config


def allow_drafts(connection: Connection, district_id: int, language: str, *, stale: bool = False) -> None:
    """As if the district had said so long ago; the audit is left to what a test looks at."""
    at = datetime(2026, 10, 1, tzinfo=UTC)
    word = Permission(district_id, language, True, stale, "Ms. Lee", "a pilot", "engine", at)
    draft_permissions.add(connection, word)


def delivery(engine: Engine, home: Path, sender: Sender | None = None, owner: str = "one") -> Delivery:
    """The ready-made year without its cascades: a family that does not answer gets nothing more."""
    chosen = sender or MailboxSender(home / "mailbox", IDENTITY)
    definitions = tuple(_without_cascades(one) for one in load_all())
    return Delivery(engine, settings_in(home), catalog.load(), chosen, definitions, owner)


def _without_cascades(campaign: CampaignDefinition) -> CampaignDefinition:
    steps = [
        {key: value for key, value in step.items() if key != "follow_up"}
        for step in campaign.document["step"]
    ]
    return parse({**campaign.document, "step": steps}, campaign.slug)


def build(engine: Engine, students: int = 12) -> None:
    """One district in Chicago with two schools (one in New York's zone), a calendar and `students` families.

    Every family has a mother with e-mail; by turns also a father at another address with a phone, a younger sibling,
    Spanish, no address at all, a court order, and results that teachers see first. Spanish drafts may go out.
    """
    with transaction(engine, ENGINE) as connection:
        _places(connection)
        _calendar(connection)
        _families(connection, students)
        allow_drafts(connection, 1, "es")


def _places(connection: Connection) -> None:
    connection.execute(
        insert(rosters.district).values(code="d1", name="Lakeside", time_zone="America/Chicago")
    )
    schools = [("North Lakeside Elementary School", None), ("East School", "America/New_York")]
    connection.execute(
        insert(rosters.school),
        [{"district_id": 1, "source_id": n, "name": n, "time_zone": z} for n, z in schools],
    )


def _calendar(connection: Connection) -> None:
    days = [(REPORT_DAY, "report_card"), (date(2026, 11, 19), "conference"), (date(2026, 8, 20), "first_day")]
    days += [(date(2026, 11, 26), "holiday"), (date(2026, 11, 27), "holiday")]
    connection.execute(
        insert(messages.calendar_day), [{"district_id": 1, "day": d, "kind": k} for d, k in days]
    )


def _families(connection: Connection, students: int) -> None:
    for number in range(students):
        child = add_student(connection, f"Child{number}", school=1 + number % 2)
        language = "es" if number % 3 == 0 else "en"
        mother = add_contact(
            connection,
            f"m{number}",
            email=f"m{number}@example.org",
            language=language,
            home=f"{number} Oak St",
        )
        relate(connection, child, mother)
        add_comparison(connection, child, "HIGH_NOTYET" if number % 4 == 1 else "MATCH_AT")
        if number % 4 == 0:
            father = add_contact(
                connection, f"f{number}", phone=f"+1555010{number:04}", home=f"{number} Elm St"
            )
            relate(connection, child, father, court=number % 8 == 4)
        if number % 5 == 0:
            sibling = add_student(connection, f"Sib{number}", school=1 + number % 2)
            relate(connection, sibling, mother)
            add_comparison(connection, sibling, "BOTH_NEED")
        if number % 6 == 5:
            nobody = add_contact(connection, f"n{number}", home=f"{number} Oak St")
            relate(connection, child, nobody)


def add_student(connection: Connection, name: str, school: int = 1) -> int:
    values = {"district_id": 1, "school_id": school, "given_name": name, "family_name": "Secretname"}
    values |= {"birth_date": date(2016, 5, 4), "grade_level": 5}
    table = rosters.student
    return int(connection.execute(insert(table).values(values).returning(table.c.id)).scalar_one())


def add_contact(
    connection: Connection,
    source: str,
    *,
    email: str | None = None,
    phone: str | None = None,
    language: str = "en",
    home: str | None = None,
) -> int:
    table = rosters.contact
    values = {"district_id": 1, "source_id": source, "given_name": "Pat", "family_name": "Secretname"}
    values |= {"email": email, "phone": phone, "written_language": language, "address_line": home}
    return int(connection.execute(insert(table).values(values).returning(table.c.id)).scalar_one())


def relate(connection: Connection, student: int, contact: int, *, court: bool = False) -> None:
    values = {"student_id": student, "contact_id": contact, "relation": "parent", "may_receive": True}
    connection.execute(insert(rosters.student_contact).values(values | {"court_restriction": court}))


def add_comparison(connection: Connection, student: int, category: str) -> None:
    """A current comparison in math and the report made from it, both of 30 October."""
    made = datetime(2026, 10, 30, 18, tzinfo=UTC)
    values = {"district_id": 1, "student_id": student, "subject": "math", "version": 1, "category": category}
    values |= {"rules": [], "explanation": {}, "inputs_hash": "x", "computed_at": made}
    table = comparisons.comparison
    found = connection.execute(insert(table).values(values).returning(table.c.id)).scalar_one()
    report = {
        "district_id": 1,
        "student_id": student,
        "number": f"R{student}",
        "version": 1,
        "language": "en",
    }
    report |= {"comparison_ids": [found], "content_hash": "x", "contract": {}, "created_at": made}
    connection.execute(insert(comparisons.report).values(report))


def states(engine: Engine) -> dict[str, tuple[str, str | None]]:
    """What became of every message, by its key: (state, reason)."""
    with transaction(engine, ENGINE) as connection:
        found = connection.execute(text("SELECT dedupe_key, state, reason FROM message"))
        return {key: (state, reason) for key, state, reason in found}


def as_json(engine: Engine) -> str:
    return json.dumps(states(engine), sort_keys=True)

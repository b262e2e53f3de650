"""Nothing of a campaign leaves before different persons have approved all that it says; one changed word voids it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, insert, text

from campaign.access import ENGINE, Role
from campaign.approval import approvals, approving
from campaign.approval.approvals import ApprovalError, Person, Standing
from campaign.database import transaction
from campaign.definitions.definition import load_all, parse
from campaign.dispatch import ledger
from campaign.dispatch.deliver import Delivery
from campaign.schema.messages import calendar_day
from campaign.settings import Settings
from campaign.store import accounts, versions, wordings
from campaign.store.wordings import NewWording, TextId
from content import catalog
from tests.campaign import families
from tests.campaign.providers import Provider

SLUG = "go-beyond-grades"
DAY = families.REPORT_DAY
EARLY = datetime(2026, 11, 9, 20, tzinfo=UTC)
DUE = datetime(2026, 11, 11, 0, tzinfo=UTC)


class Office:
    """A district with two persons who may approve, and a provider that counts."""

    def __init__(self, engine: Engine, home: Path, needed: int = 2) -> None:
        families.build(engine, 8)
        self.engine, self.provider = engine, Provider()
        settings = families.settings_in(home)
        self.settings: Settings = replace(settings, campaign=replace(settings.campaign, approvals=needed))
        self.delivery = self.deliver_with(self.settings)
        with transaction(engine, ENGINE) as connection:
            self.ana, self.ben, self.cy = (self.person(connection, name) for name in ("ana", "ben", "cy"))

    def deliver_with(self, settings: Settings) -> Delivery:
        return Delivery(self.engine, settings, catalog.load(), self.provider, tuple(load_all()), "one")

    def person(self, connection: Connection, name: str, role: Role = Role.DISTRICT) -> Person:
        values = {"district_id": 1, "email": f"{name}@example.org", "name": name.title(), "role": str(role)}
        accounts.add(connection, values | {"school_ids": [], "staff_member_id": None, "password_hash": None})
        return approving.person(connection, f"{name}@example.org", 1)

    def approve(self, *people: Person, at: datetime = EARLY) -> Standing:
        standing = self.standing()
        for person in people:
            with transaction(self.engine, ENGINE) as connection:
                one = approving.take(self.delivery, connection, 1, SLUG)
                standing = approving.approve(self.delivery, connection, one, person, at)
        return standing

    def standing(self) -> Standing:
        with transaction(self.engine, ENGINE) as connection:
            one = approving.take(self.delivery, connection, 1, SLUG)
            return approving.standing(self.delivery, connection, one)

    def tick(self, now: datetime = DUE) -> int:
        return ledger.tick(self.delivery, now)

    def messages(self) -> Counter[tuple[str, str | None]]:
        return Counter(families.states(self.engine).values())


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return Office(engine, tmp_path)


def planned_and_due(office: Office) -> int:
    ledger.plan(office.delivery, datetime(2026, 11, 10, 15, tzinfo=UTC))
    return office.tick()


def test_what_nobody_approved_is_planned_and_not_sent(office: Office) -> None:
    assert planned_and_due(office) == 0
    assert office.provider.taken.total() == 0
    waiting = office.messages()
    assert waiting["planned", "not_approved"] > 0
    assert office.tick(DUE + timedelta(days=30)) == 0
    assert office.messages()["dropped", "not_approved"] == waiting["planned", "not_approved"]


def test_one_person_is_not_enough_and_two_let_it_go_at_once(office: Office) -> None:
    office.approve(office.ana)
    assert planned_and_due(office) == 0
    assert office.approve(office.ben, at=DUE).approved
    assert office.tick(DUE + timedelta(minutes=1)) > 0
    assert not office.messages()["planned", "not_approved"]


def test_nobody_counts_twice(office: Office) -> None:
    office.approve(office.ana)
    with pytest.raises(ApprovalError, match="Somebody else"):
        office.approve(office.ana)
    assert len(office.standing().given) == 1


def change_a_word(connection: Connection) -> None:
    reword(connection, "messages/report_ready", "email.text")


def change_the_report(connection: Connection) -> None:
    reword(connection, "report")


def change_the_definition(connection: Connection) -> None:
    definition = next(one for one in load_all() if one.slug == SLUG)
    steps = [
        {**step, "priority": 99} if step["id"] == "tip" else step for step in definition.document["step"]
    ]
    campaign_id = connection.scalar(text("SELECT id FROM campaign"))
    versions.add(
        connection,
        campaign_id,
        1,
        definition={**definition.document, "step": steps},
        note="the tip comes first",
        actor="engine",
        at=EARLY,
    )


def change_the_calendar(connection: Connection) -> None:
    day = {"district_id": 1, "day": date(2027, 2, 2), "kind": "report_card"}
    connection.execute(insert(calendar_day).values(day))


def let_a_language_out(connection: Connection) -> None:
    families.allow_drafts(connection, 1, "ar")


def reword(connection: Connection, unit: str, key: str | None = None) -> None:
    """Add an exclamation mark to one text of the unit in English."""
    said = next(one for one in catalog.load().strings("en") if one.unit == unit and key in (None, one.key))
    place = TextId(1, "en", unit, said.key)
    new = NewWording(
        place, f"{said.text}!", "human_reviewed", said.source, said.source_hash, None, "account:1", EARLY
    )
    wordings.add(connection, [new])


@pytest.mark.parametrize(
    "change",
    [
        change_a_word,
        change_the_report,
        pytest.param(lambda connection: reword(connection, "letter", "act"), id="a letter that follows"),
        pytest.param(lambda connection: reword(connection, "call_script", "act"), id="a call that follows"),
        change_the_definition,
        change_the_calendar,
    ],
)
def test_one_change_voids_the_approval(office: Office, change: Callable[[Connection], None]) -> None:
    before = office.approve(office.ana, office.ben)
    assert before.approved
    with transaction(office.engine, ENGINE) as connection:
        change(connection)
    voided = office.standing()
    assert voided.voided
    assert not voided.given
    assert voided.before == before.content.document
    assert planned_and_due(office) == 0
    assert office.approve(office.ben, office.cy).approved


def test_another_language_that_goes_out_voids_the_approval(engine: Engine, tmp_path: Path) -> None:
    office = Office(engine, tmp_path)
    offered = replace(office.settings.languages, offered=["en", "es", "ar"])
    office.delivery = office.deliver_with(replace(office.settings, languages=offered))
    office.approve(office.ana, office.ben)
    with transaction(engine, ENGINE) as connection:
        let_a_language_out(connection)
    assert office.standing().voided


def test_a_snow_day_or_a_correction_does_not_void_it(office: Office) -> None:
    office.approve(office.ana, office.ben)
    with transaction(office.engine, ENGINE) as connection:
        day = {"district_id": 1, "day": date(2026, 12, 11), "kind": "holiday"}
        connection.execute(insert(calendar_day).values(day))
        connection.execute(text("UPDATE report SET corrects = true WHERE id = 1"))
    assert office.standing().approved


def test_words_that_come_back_bring_the_approval_back(office: Office) -> None:
    office.approve(office.ana, office.ben)
    with transaction(office.engine, ENGINE) as connection:
        change_a_word(connection)
    assert not office.standing().approved
    with transaction(office.engine, ENGINE) as connection:
        connection.execute(text("DELETE FROM wording"))
    assert office.standing().approved


def test_the_last_word_is_never_the_authors(office: Office) -> None:
    office.standing()
    with transaction(office.engine, ENGINE) as connection:
        connection.execute(text("UPDATE campaign SET paused = false"))
        change_the_definition(connection)
        connection.execute(text("UPDATE campaign_version SET actor = :actor"), {"actor": office.ben.actor})
    office.approve(office.ana)
    with pytest.raises(ApprovalError, match="The last approval has to come from somebody else"):
        office.approve(office.ben)
    assert office.approve(office.cy).approved


def test_the_author_may_give_the_first_word(office: Office) -> None:
    office.standing()
    with transaction(office.engine, ENGINE) as connection:
        change_the_definition(connection)
        connection.execute(text("UPDATE campaign_version SET actor = :actor"), {"actor": office.ben.actor})
    assert office.approve(office.ben, office.ana).approved


def test_a_word_can_be_taken_back(office: Office) -> None:
    office.approve(office.ana, office.ben)
    with transaction(office.engine, ENGINE) as connection:
        one = approving.take(office.delivery, connection, 1, SLUG)
        approvals.withdraw(connection, one.campaign_id, 1, office.ana, EARLY)
    assert not office.standing().approved
    assert planned_and_due(office) == 0
    assert office.approve(office.ana, at=DUE).approved


def test_a_school_may_not_approve(office: Office) -> None:
    with transaction(office.engine, ENGINE) as connection:
        principal = office.person(connection, "principal", Role.SCHOOL)
    with pytest.raises(ApprovalError, match="district's office"):
        office.approve(principal)


def test_somebody_of_another_district_may_not_approve(office: Office) -> None:
    with transaction(office.engine, ENGINE) as connection:
        connection.execute(text("INSERT INTO district (code, name) VALUES ('d2', 'Beside')"))
        with pytest.raises(ApprovalError, match="another district"):
            approving.person(connection, "ana@example.org", 2)


def test_every_word_leaves_a_trace(office: Office) -> None:
    standing = office.approve(office.ana)
    with transaction(office.engine, ENGINE) as connection:
        query = text("SELECT actor, detail->>'content' FROM audit_entry WHERE action = 'approved_campaign'")
        assert [tuple(row) for row in connection.execute(query)] == [
            (office.ana.actor, standing.content.hash)
        ]


def test_a_step_that_was_changed_after_it_was_written_down_does_not_leave(office: Office) -> None:
    ledger.plan(office.delivery, datetime(2026, 11, 10, 15, tzinfo=UTC))
    with transaction(office.engine, ENGINE) as connection:
        definition = next(one for one in load_all() if one.slug == SLUG)
        steps = [{**step, "channels": ["sms"]} for step in definition.document["step"]]
        document = {**definition.document, "step": steps}
        parse(document, "the test")
        campaign_id = connection.scalar(text("SELECT id FROM campaign"))
        versions.add(
            connection, campaign_id, 1, definition=document, note="by text", actor="engine", at=EARLY
        )
    office.approve(office.ana, office.ben)
    assert office.tick() == 0


def test_no_approval_is_asked_for_where_none_is_needed(engine: Engine, tmp_path: Path) -> None:
    office = Office(engine, tmp_path, needed=0)
    assert planned_and_due(office) > 0


def test_a_campaign_called_off_is_withheld_and_says_so(office: Office) -> None:
    office.approve(office.ana, office.ben)
    ledger.plan(office.delivery, datetime(2026, 11, 10, 15, tzinfo=UTC))
    with transaction(office.engine, ENGINE) as connection:
        connection.execute(
            text(
                """
                INSERT INTO cancellation (campaign_id, district_id, step, day, actor, at)
                VALUES (1, 1, 'report_ready', :day, 'account:1', :at)
                """
            ),
            {"day": DAY, "at": EARLY},
        )
    assert office.tick() == 0
    assert office.messages()["withheld", "cancelled"] > 0

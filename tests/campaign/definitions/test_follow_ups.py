"""The rungs of a step as a file and as a form: what cannot be is refused in plain words; a change changes the step."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from werkzeug.datastructures import MultiDict

from campaign.access import ENGINE
from campaign.approval.approvals import content_of
from campaign.database import transaction
from campaign.definitions import building, steps
from campaign.definitions.definition import CampaignError, load_all, parse
from campaign.definitions.follow_ups import FollowUp, Way
from campaign.dispatch import ledger
from campaign.web.staff import step_forms
from campaign.wordings.translations import Author
from tests.campaign import families
from tests.campaign.plans import cascade_world as world
from tests.campaign.plans.cascade_world import DUE, SENT, STEP

OTHER, LETTER, CALL = STEP["follow_up"]


def refused(**changed: Any) -> str:
    with pytest.raises(CampaignError) as error:
        parse({"slug": "s", "title": "S", "step": [{**STEP, **changed}]}, "the file")
    return str(error.value)


def test_the_ready_made_year_follows_each_report_moment() -> None:
    year = load_all()[0].steps
    rungs = (
        FollowUp(Way.OTHER, timedelta(hours=72), timedelta(hours=96)),
        FollowUp(Way.LETTER, timedelta(days=7), timedelta(days=14)),
        FollowUp(Way.CALL, timedelta(days=7), timedelta(days=14)),
    )
    assert {id: step.follow_ups for id, step in year.items() if step.follow_ups} == {
        "report_ready": rungs,
        "results_ready": rungs,
    }


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"needs_report": False}, "follow_up: needs needs_report = true"),
        ({"follow_up": [LETTER, OTHER]}, "other cannot come after letter; the order is other, letter, call"),
        ({"follow_up": [CALL, CALL]}, "call cannot come after call"),
        ({"follow_up": [{**OTHER, "by": "fax"}]}, "follow_up 1: by: 'fax' is not known"),
        ({"follow_up": [OTHER, {**LETTER, "after_hours": 0}]}, "follow_up 2: after_hours: must lie between"),
        ({"follow_up": [{"by": "call", "after_hours": 5}]}, "expires_after_hours: is missing"),
        ({"follow_up": [{**OTHER, "colour": 1}]}, "follow_up 1: colour: is not known here"),
        ({"follow_up": ["letter"]}, "write [[step.follow_up]] with keys below it"),
    ],
)
def test_rungs_that_cannot_be_are_refused(changed: dict[str, Any], words: str) -> None:
    said = refused(**changed)
    assert said.startswith("the file: step report_ready")
    assert words in said


def test_a_form_gives_the_rungs_that_have_hours() -> None:
    filled = {
        "hangs_on": "anchor:report_card", "offset": "0", "unit": "days", "send_on": "school_day", "at": "17:30",
        "expires_after_hours": "240", "priority": "100", "message": "report_ready", "channels": "email,sms",
        "needs_report": "on", "waits_for_preview": "on",
    }  # fmt: skip
    for by, rung in (("other", OTHER), ("letter", LETTER), ("call", CALL)):
        filled |= {f"{by}_after": str(rung["after_hours"]), f"{by}_expires": str(rung["expires_after_hours"])}
    assert step_forms.entry_of(MultiDict(filled), "report_ready") == STEP
    none = {**filled, "letter_after": "", "other_after": " "}
    assert step_forms.entry_of(MultiDict(none), "report_ready")["follow_up"] == [CALL]
    with pytest.raises(CampaignError, match="A letter: after hours: write a whole number"):
        step_forms.entry_of(MultiDict({**filled, "letter_after": "soon"}), "report_ready")


def test_a_message_without_the_link_cannot_be_followed(engine: Engine, tmp_path: Path) -> None:
    families.build(engine, 1)
    delivery = families.delivery(engine, tmp_path)
    ledger.plan(delivery, families.BEGIN)
    shipped = {one.slug: one for one in delivery.definitions}
    with transaction(engine, ENGINE) as connection:
        draft = next(iter(building.every(connection, 1, shipped)))
        catalog = delivery.texts(connection, 1).catalog
        tip = {**steps.find(draft.document, "tip"), "needs_report": True, "follow_up": [CALL]}
        document = steps.put(draft.document, tip, "tip")
        author = Author("account:1", families.BEGIN)
        with pytest.raises(CampaignError, match="step tip: follow_up: the message has no link to the report"):
            building.save(connection, draft, document, "x", author, catalog)


def test_a_changed_rung_is_another_content(engine: Engine, tmp_path: Path) -> None:
    world.place(engine)
    found = []
    for after in (72, 73):
        delivery = world.delivery(engine, tmp_path, follow_up=[{**OTHER, "after_hours": after}])
        with transaction(engine, ENGINE) as connection:
            year, texts = delivery.rules(connection, 1).year, delivery.texts(connection, 1)
        found.append(content_of(delivery.definitions[0], texts, year, delivery.settings).hash)
    assert found[0] != found[1]


def test_a_rung_that_was_written_down_does_not_leave_when_its_step_changes(
    engine: Engine, tmp_path: Path
) -> None:
    world.place(engine)
    world.add_home(engine, "a", {})
    delivery = world.delivery(engine, tmp_path)
    world.live(delivery, DUE - timedelta(hours=10), SENT, every=timedelta(hours=5))
    assert world.rungs(engine)[1:] == [(2, "letter", "planned", None)]
    with transaction(engine, ENGINE) as connection:
        draft = next(iter(building.every(connection, 1, {world.SLUG: delivery.definitions[0]})))
        only = {**STEP, "follow_up": [CALL]}
        document = steps.put(draft.document, only, "report_ready")
        building.save(connection, draft, document, "x", Author("account:1", SENT))
    world.live(delivery, SENT, SENT + timedelta(days=20), every=timedelta(days=2))
    found = world.rungs(engine)
    assert (2, "letter", "withheld", "replaced") in found
    assert [row for row in found if row[0] and row[2] != "withheld"] == []
    with transaction(engine, ENGINE) as connection:
        follows = connection.execute(text("SELECT follows_id FROM message WHERE rung = 2")).scalar_one()
    assert follows is None

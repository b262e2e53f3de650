"""Campaigns as a district makes them: versions, steps, undo, own messages, and what was written down meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.definitions import building, own_messages, steps
from campaign.definitions.building import Draft
from campaign.definitions.definition import CampaignError, load_all
from campaign.definitions.own_messages import Written
from campaign.dispatch import ledger
from campaign.dispatch.deliver import Delivery
from campaign.wordings.translations import Author
from content.catalog import ContentError
from tests.campaign import families
from tests.campaign.providers import Provider

NOW = datetime(2026, 11, 2, 15, tzinfo=UTC)
AUTHOR = Author("account:1", NOW)
SHIPPED = {one.slug: one for one in load_all()}
SLUG = "go-beyond-grades"
SMS = "{school}: come to the reading night. Reply STOP to end."
STEP = {
    "id": "invite",
    "anchor": "report_card",
    "offset": 0,
    "unit": "days",
    "send_on": "school_day",
    "at": "17:30",
    "expires_after_hours": 48,
    "priority": 50,
    "message": "own-night",
    "channels": ["sms"],
    "needs_report": False,
    "waits_for_preview": False,
}


@pytest.fixture
def delivery(engine: Engine, tmp_path: Path) -> Delivery:
    families.build(engine, 4)
    return families.delivery(engine, tmp_path, Provider())


def drafts(engine: Engine) -> dict[str, Draft]:
    with transaction(engine, ENGINE) as connection:
        return {one.slug: one for one in building.every(connection, 1, SHIPPED)}


def change(engine: Engine, slug: str, document: Mapping[str, Any], note: str = "changed") -> None:
    draft = drafts(engine)[slug]
    with transaction(engine, ENGINE) as connection:
        building.save(connection, draft, document, note, AUTHOR)


def test_an_own_campaign_with_an_own_message_is_planned_and_sent(delivery: Delivery, engine: Engine) -> None:
    with transaction(engine, ENGINE) as connection:
        own_messages.save(connection, 1, Written("own-night", "en", {"sms.text": SMS}, "A night"), AUTHOR)
        building.create(connection, 1, "Reading nights", {}, AUTHOR)
    assert drafts(engine)["reading-nights"].definition is None
    change(engine, "reading-nights", steps.put(drafts(engine)["reading-nights"].document, STEP))
    ledger.tick(delivery, datetime(2026, 11, 11, 0, tzinfo=UTC))
    with transaction(engine, ENGINE) as connection:
        sent = connection.execute(
            text(
                "SELECT m.template, m.state, count(*) FROM message m JOIN campaign c ON c.id = m.campaign_id"
                " WHERE c.slug = 'reading-nights' AND m.state = 'accepted' GROUP BY 1, 2"
            )
        ).all()
    assert [tuple(row) for row in sent] == [("own-night", "accepted", 1)]
    assert any("come to the reading night" in one.text for one in delivery.sender.texts.values())  # type: ignore[attr-defined]


def test_steps_are_put_copied_moved_and_taken_out(engine: Engine, delivery: Delivery) -> None:
    document = drafts(engine)[SLUG].document
    order = [entry["id"] for entry in steps.entries(document)]
    copied = steps.copy(document, "tip")
    assert [entry["id"] for entry in steps.entries(copied)][order.index("tip") + 1] == "tip_2"
    assert steps.new_id(copied, "tip_2") == "tip_3"
    moved = steps.move(document, order[0], 1)
    assert [entry["id"] for entry in steps.entries(moved)][:2] == [order[1], order[0]]
    assert steps.move(document, order[0], -1) == document
    assert "tip" not in [entry["id"] for entry in steps.entries(steps.remove(document, "tip"))]
    with pytest.raises(CampaignError, match="no step 'nothing'"):
        steps.remove(document, "nothing")


def test_undo_brings_back_what_stood_before(engine: Engine, delivery: Delivery) -> None:
    first = drafts(engine)[SLUG]
    change(engine, SLUG, first.document, "as it ships")
    change(engine, SLUG, steps.remove(first.document, "tip"), "tip removed")
    with transaction(engine, ENGINE) as connection:
        assert building.undo(connection, drafts_of(connection), AUTHOR) == "tip removed"
    assert drafts(engine)[SLUG].document == first.document


def drafts_of(connection: Any) -> Draft:
    return next(one for one in building.every(connection, 1, SHIPPED) if one.slug == SLUG)


def test_two_who_change_at_the_same_time_do_not_overwrite_each_other(
    engine: Engine, delivery: Delivery
) -> None:
    seen = drafts(engine)[SLUG]
    change(engine, SLUG, steps.remove(seen.document, "tip"))
    with transaction(engine, ENGINE) as connection, pytest.raises(CampaignError, match="Somebody else"):
        building.save(connection, seen, seen.document, "late", AUTHOR)


def test_what_was_written_down_and_not_sent_is_written_anew(engine: Engine, delivery: Delivery) -> None:
    ledger.plan(delivery, datetime(2026, 11, 10, 15, tzinfo=UTC))
    before = families.states(engine)
    document = drafts(engine)[SLUG].document
    only = {**steps.find(document, "report_ready"), "audience": {"grade_levels": [0, 0]}}
    change(engine, SLUG, steps.put(document, only, "report_ready"))
    left = {key for key in families.states(engine) if "report_ready" in key}
    assert any("report_ready" in key for key in before)
    assert left == set()
    ledger.plan(delivery, datetime(2026, 11, 10, 16, tzinfo=UTC))
    assert not [key for key in families.states(engine) if "report_ready" in key]
    change(engine, SLUG, document)
    ledger.plan(delivery, datetime(2026, 11, 10, 17, tzinfo=UTC))
    assert families.states(engine) == before


def test_what_was_sent_stays_and_nobody_gets_it_twice(engine: Engine, delivery: Delivery) -> None:
    due = datetime(2026, 11, 11, 0, tzinfo=UTC)
    ledger.tick(delivery, due)
    sent = dict(delivery.sender.taken)  # type: ignore[attr-defined]
    assert sent
    document = drafts(engine)[SLUG].document
    change(
        engine,
        SLUG,
        steps.put(document, {**steps.find(document, "report_ready"), "priority": 1}, "report_ready"),
    )
    ledger.tick(delivery, due)
    assert dict(delivery.sender.taken) == sent  # type: ignore[attr-defined]


def test_a_removed_campaign_is_not_planned_and_comes_back_with_undo(
    engine: Engine, delivery: Delivery
) -> None:
    with transaction(engine, ENGINE) as connection:
        building.remove(connection, drafts_of(connection), AUTHOR)
    ledger.plan(delivery, datetime(2026, 11, 10, 15, tzinfo=UTC))
    assert families.states(engine) == {}
    with transaction(engine, ENGINE) as connection:
        building.undo(connection, drafts_of(connection), AUTHOR)
    ledger.plan(delivery, datetime(2026, 11, 10, 15, tzinfo=UTC))
    assert families.states(engine)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"message": "nothing"}, "there is no message 'nothing'"),
        ({"message": "tip", "channels": ["fax"]}, "'fax' is not known"),
        ({"message": "tip", "id": "Tip 1"}, "write a short name such as tip_2"),
        ({"message": "tip", "at": "25:00"}, "at: must be a time of day"),
        ({"message": "tip", "offset": 400}, "must lie between -90 and 365"),
    ],
)
def test_a_step_that_cannot_be_is_refused_and_all_stays(
    engine: Engine, delivery: Delivery, entry: dict[str, Any], words: str
) -> None:
    draft = drafts(engine)[SLUG]
    document = steps.put(draft.document, {**STEP, **entry})
    with transaction(engine, ENGINE) as connection:
        catalog = delivery.texts(connection, 1).catalog
        with pytest.raises(CampaignError) as refused:
            building.save(connection, draft, document, "x", AUTHOR, catalog)
    assert words in str(refused.value)
    assert drafts(engine)[SLUG] == draft


def test_a_translation_of_an_own_message_is_a_draft_until_somebody_has_read_it(
    engine: Engine, delivery: Delivery
) -> None:
    english = Written("own-night", "en", {"sms.text": SMS}, "A night")
    spanish = Written("own-night", "es", {"sms.text": "{school}: venga. Responda STOP."})
    with transaction(engine, ENGINE) as connection:
        with pytest.raises(ContentError, match="is not written in English yet"):
            own_messages.save(connection, 1, spanish, AUTHOR)
        assert own_messages.save(connection, 1, english, AUTHOR) == 2
        assert own_messages.save(connection, 1, spanish, AUTHOR) == 1
        assert own_messages.save(connection, 1, english, AUTHOR) == 0
        catalog = delivery.texts(connection, 1).catalog
        assert catalog.state("messages/own-night", "en") == "human_reviewed"
        assert catalog.state("messages/own-night", "es") == "draft"
        own_messages.save(
            connection, 1, Written(**{**vars(english), "parts": {"sms.text": f"{SMS} Bye."}}), AUTHOR
        )
        assert delivery.texts(connection, 1).catalog.state("messages/own-night", "es") == "stale"
        assert own_messages.every(connection, 1)["own-night"].unreviewed == {"es"}
        own_messages.remove(connection, 1, "own-night", AUTHOR)
        assert "own-night" not in delivery.texts(connection, 1).catalog.messages
        assert own_messages.every(connection, 1) == {}

"""What happens to conversations by itself: clocks that run out, translations, and files that nobody names any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.correspondence import (
    answer_messages,
    attachments,
    confirmations,
    conversations,
    crisis_notices,
)
from campaign.correspondence.conversation_translation import translate_waiting
from campaign.database import transaction
from campaign.dispatch.delivery import Delivery
from campaign.settings import Settings
from campaign.translators.choice import translator_for
from campaign.translators.contract import Translator
from content.catalog import Catalog


@dataclass(frozen=True)
class Round:
    """How many threads were passed on and messages translated; `trouble`: what the translator said, "" = nothing."""

    passed_on: int
    translated: int
    trouble: str


def run(delivery: Delivery, now: datetime) -> Round:
    """All of it: those told of danger, choices confirmed, answers into the ledger, clocks and translations."""
    crisis_notices.tell(delivery, now)
    confirmations.send(delivery, now)
    answer_messages.hand_over(delivery, now)
    translator = translator_for(delivery.settings)
    return look_after(delivery.engine, delivery.settings, translator, delivery.catalog, now)


def look_after(
    engine: Engine, settings: Settings, translator: Translator | None, catalog: Catalog, now: datetime
) -> Round:
    """Safe at any time and any number of times; people are told nothing by a machine."""
    with transaction(engine, ENGINE) as connection:
        passed_on = conversations.escalate(connection, settings, now)
    if translator is None:
        return Round(passed_on, 0, "")
    done = translate_waiting(engine, translator, catalog, now)
    return Round(passed_on, done.translated, done.trouble)


def clean_files(engine: Engine, settings: Settings, now: datetime) -> int:
    """Delete files whose rows are gone, with their family's or because their transaction broke off; how many."""
    with transaction(engine, ENGINE) as connection:
        query = text("SELECT stored FROM conversation_attachment WHERE stored IS NOT NULL")
        known = frozenset(connection.scalars(query))
    gone = list(attachments.forgotten(settings.home, known, now))
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)

"""What the office of the made-up district answers to families, in its own time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from campaign.correspondence import conversation_answers
from campaign.correspondence.conversation_answers import Answer
from campaign.correspondence.conversation_steps import Doer
from campaign.demo.replies import Words
from campaign.store import conversations
from campaign.wordings.wording import ENGLISH

_WAITING = text(
    "SELECT id, family_wrote_at FROM conversation WHERE state = 'waiting' AND family_wrote_at = ANY (:times)"
)


def answer(connection: Connection, all_words: Sequence[Words], doer: Doer, now: datetime) -> int:
    """Give the answers whose time has come and that were not given yet; how many."""
    due = {words.at: words for words in all_words if words.answered_at and words.answered_at <= now}
    waiting = connection.execute(_WAITING, {"times": list(due)}).all() if due else []
    for row in waiting:
        thread = conversations.one(connection, row.id, lock=True)
        words = due[row.family_wrote_at]
        if thread is not None and words.answered_at is not None:
            conversation_answers.answer(connection, thread, doer, _said(words), words.answered_at)
    return len(waiting)


def _said(words: Words) -> Answer:
    there = words.language if words.answer_there else ""
    return Answer(words.answer, ENGLISH, words.answer_there, there, confirmed=True)

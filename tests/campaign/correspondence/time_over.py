"""What tests of forgetting share: threads that hold the same word everywhere, answered, and forgotten a time later."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from campaign.access import ENGINE
from campaign.correspondence import conversation_steps as steps
from campaign.correspondence import forgetting
from campaign.correspondence.attachments import Attachment
from campaign.correspondence.conversation_answers import Answer, answer
from campaign.correspondence.conversation_steps import Doer
from campaign.database import transaction
from campaign.store import conversation_translations
from campaign.store import conversations as threads
from tests.campaign.correspondence.written import mail, row, run, settings_in, sms, take_in
from tests.web_pages import MORNING

KEPT = 400
OVER = MORNING + timedelta(days=KEPT)
DAY = timedelta(days=1)
TEACHER = Doer(4, "Tess Turner", "account:4")
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
SECRET = "geheim"


def answered(engine: Engine, words: str = f"Yes, {SECRET}", at: datetime = MORNING) -> None:
    """Every thread is answered, with a translation by a person."""
    with transaction(engine, ENGINE) as connection:
        for (number,) in connection.exec_driver_sql("SELECT id FROM conversation ORDER BY id").all():
            thread = threads.one(connection, number, lock=True)
            assert thread
            given_answer = Answer(words, "en", f"Sí, {SECRET}", "es", confirmed=True)
            answer(connection, thread, TEACHER, given_answer, at)


def close(engine: Engine, at: datetime, do: str = "close") -> None:
    with transaction(engine, ENGINE) as connection:
        thread = threads.one(connection, 1, lock=True)
        assert thread
        if do == "close":
            steps.close(connection, thread, TEACHER, f"said on the phone, {SECRET}", at)
        else:
            steps.reopen(connection, thread, TEACHER, at, now=at)


def forget(engine: Engine, home: Path, now: datetime = OVER, days: int = KEPT) -> Counter[str]:
    shipped = settings_in(home)
    chosen = replace(shipped, conversations=replace(shipped.conversations, keep_texts_days=days))
    return forgetting.forget(engine, chosen, now)


def words_left(engine: Engine) -> list[str]:
    """The tables that still hold the word which everybody uses here."""
    tables = [
        "conversation_message",
        "conversation_translation",
        "conversation_step",
        "conversation_flag",
        "conversation_attachment",
        "caption",
        "reply",
        "family_request",
        "family_request_step",
        "call_try",
        "audit_entry",
    ]
    return [
        table
        for table in tables
        if row(engine, f"SELECT count(*) AS n FROM {table} t WHERE t::text LIKE '%{SECRET}%'")["n"]
    ]


def said_everything(engine: Engine, home: Path) -> None:
    """A thread with all that a thread can hold: an e-mail with files, translations, a note, an answer, a flag."""
    file = Attachment(f"{SECRET}.png", PNG)
    take_in(engine, mail(f"Una pregunta {SECRET}", attachments=[file], subject=SECRET), home)
    take_in(engine, sms(f"quiero morir {SECRET}", at=MORNING + timedelta(minutes=1)), home)
    with transaction(engine, ENGINE) as connection:
        values = {"source_language": "es", "language": "en", "source": SECRET, "text": SECRET, "at": MORNING}
        conversation_translations.add(connection, 1, values | {"translator": "deepl"})
        conversation_translations.add(connection, 1, values | {"account_id": 4, "said_by": "Tess Turner"})
        thread = threads.one(connection, 1, lock=True)
        assert thread
        steps.clear_flag(connection, thread, TEACHER, 1, f"called home, {SECRET}", now=MORNING)
        steps.hand_over(connection, thread, TEACHER, ("nurse", None), SECRET, now=MORNING)
    run(
        engine,
        f"""
        UPDATE conversation_flag SET words = 'morir {SECRET}';
        INSERT INTO conversation_attachment (district_id, student_id, contact_id, name, media_type, bytes, sha256,
            stored, state, at)
        VALUES (1, 1, 1, '{SECRET}.mp4', 'video/mp4', 9, '{SECRET}', 'film', 'clean', '{MORNING}');
        INSERT INTO caption VALUES (2, 'es', 'WEBVTT {SECRET}')
        """,
    )
    answered(engine)

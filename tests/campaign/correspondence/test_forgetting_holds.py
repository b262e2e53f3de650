"""Sums are the same before and after words are deleted; kills and two workers lose and double nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from campaign.access import ENGINE
from campaign.correspondence import forgetting
from campaign.correspondence.attachments import Attachment
from campaign.correspondence.conversation_answers import Answer, answer
from campaign.correspondence.conversation_rounds import clean_files
from campaign.database import transaction
from campaign.store import conversations as threads
from campaign.store import forgetting as store
from campaign.store.forgetting import Portion
from tests.campaign.correspondence.time_over import (
    DAY,
    KEPT,
    OVER,
    PNG,
    SECRET,
    TEACHER,
    answered,
    forget,
    said_everything,
    words_left,
)
from tests.campaign.correspondence.written import LINH, ROSA, row, rows, run, settings_in, sms, take_in
from tests.web_pages import MORNING

# What measures and sums are made of; nothing of it is a word.
SUMS = """
    SELECT date_trunc('week', m.at), m.direction, m.channel, m.language, m.state, m.automatic, v.role, v.topic, v.state,
        count(*)
    FROM conversation_message m JOIN conversation v ON v.id = m.conversation_id GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
    ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9
"""
IN_TIME = """
    SELECT t.kind, t.said_by, (t.before ->> 'due_at')::timestamptz >= t.at, count(*) FROM conversation_step t
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
OTHERS = [
    "SELECT channel, state, why, crisis, at, received_at, due_at, settled_at FROM reply ORDER BY id",
    "SELECT kind, state, language, at FROM family_request ORDER BY id",
    "SELECT kind, raised_at, cleared_at, cleared_by FROM conversation_flag ORDER BY id",
    "SELECT media_type, bytes, at FROM conversation_attachment ORDER BY id",
    "SELECT action, channel, words FROM consent_event ORDER BY id",
    "SELECT state, channel, count(*) FROM message GROUP BY 1, 2 ORDER BY 1, 2",
]
SAID = st.tuples(
    st.sampled_from([ROSA, LINH, "+13035550000"]),
    st.sampled_from(["Hola", "El bus no vino", "quiero morir", "STOP", "¿Cómo va Ana?"]),
    st.integers(0, 60),
    st.booleans(),
)


def sums(engine: Engine) -> list[Any]:
    return [rows(engine, query) for query in (SUMS, IN_TIME, *OTHERS)]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(SAID, min_size=1, max_size=6), days=st.integers(380, 480))
def test_totals_by_week_and_answers_in_time_are_the_same_before_and_after(
    district: Engine, tmp_path: Path, said: Sequence[tuple[str, str, int, bool]], days: int
) -> None:
    with district.begin() as anew:
        anew.exec_driver_sql(
            "TRUNCATE conversation, reply, family_request, consent_event, suppression CASCADE"
        )
    for number, (sender, words, day, is_answered) in enumerate(said):
        at = MORNING + timedelta(days=day)
        take_in(district, sms(words, sender, at, provider_id=f"SM{number}-{days}"), tmp_path, at)
        if is_answered:
            answered(district, at=at + timedelta(days=number))
    before, now = sums(district), MORNING + timedelta(days=days)
    due = forgetting.ahead(district, settings_in(tmp_path), now).now
    done = forget(district, tmp_path, now)
    assert sums(district) == before
    assert done["conversations"] == due["conversations"]
    assert forget(district, tmp_path, now) == Counter()
    words_of_open = rows(
        district,
        """
        SELECT count(*) FROM conversation_message m JOIN conversation v ON v.id = m.conversation_id
        WHERE m.forgotten_at IS NOT NULL AND v.state = 'waiting'
        """,
    )
    assert words_of_open == [(0,)]


def stored(home: Path) -> list[Path]:
    return [path for path in (home / "attachments").rglob("*") if path.is_file()]


def test_a_kill_between_rows_and_files_leaves_files_that_the_next_night_takes(
    district: Engine, tmp_path: Path
) -> None:
    file = Attachment("a.png", PNG)
    take_in(district, sms("Mire", attachments=[file]), tmp_path)
    take_in(district, sms("Mire", LINH, attachments=[file]), tmp_path)
    with transaction(district, ENGINE) as connection:
        thread = threads.one(connection, 1, lock=True)
        assert thread
        answer(connection, thread, TEACHER, Answer("Yes", "en", confirmed=True), MORNING)
    forget(district, tmp_path)
    assert len(stored(tmp_path)) == 2
    later = datetime.now(tz=OVER.tzinfo) + 2 * DAY
    assert clean_files(district, settings_in(tmp_path), later) == 1
    (left,) = stored(tmp_path)
    assert rows(district, "SELECT stored FROM conversation_attachment WHERE stored IS NOT NULL") == [
        (left.name,)
    ]


def test_a_kill_before_the_end_of_a_portion_changes_nothing(district: Engine, tmp_path: Path) -> None:
    said_everything(district, tmp_path)
    before = words_left(district)
    later = OVER + DAY

    def die() -> None:
        with transaction(district, ENGINE) as connection:
            ids = store.over(connection, "conversations", 1, MORNING + DAY, 10)
            store.forget(connection, Portion("conversations", ids, KEPT, MORNING + DAY, later))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        die()
    assert words_left(district) == before
    assert forget(district, tmp_path, later)["conversations"] == 1


def many(engine: Engine, number: int) -> None:
    """So many answered threads of as many contacts of one child, with a word each."""
    run(
        engine,
        f"""
        INSERT INTO contact (district_id, source_id, given_name, family_name)
        SELECT 1, 'many-' || n, 'M', 'M' FROM generate_series(1, {number}) n;
        INSERT INTO conversation (district_id, student_id, contact_id, state, role, topic, routed_by, channel,
            family_wrote_at)
        SELECT 1, 1, id, 'answered', 'teacher', 'teacher', 'default', 'sms', '{MORNING}' FROM contact
        WHERE source_id LIKE 'many-%';
        INSERT INTO conversation_message (conversation_id, district_id, student_id, contact_id, direction, channel,
            text, state, at)
        SELECT id, 1, 1, contact_id, 'in', 'sms', '{SECRET}', 'received', '{MORNING}' FROM conversation
        """,
    )


def test_two_workers_share_the_work_and_forget_each_thread_once(district: Engine, tmp_path: Path) -> None:
    threads_in_all = 2 * forgetting.PORTION + 50
    many(district, threads_in_all)
    done: list[Counter[str]] = []
    workers = [threading.Thread(target=lambda: done.append(forget(district, tmp_path))) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    # One that found all that was left locked has gone home; nothing is left or counted twice.
    done.append(forget(district, tmp_path))
    assert sum((some for some in done), Counter())["conversations"] == threads_in_all
    assert words_left(district) == []
    traced = row(
        district,
        "SELECT sum((detail ->> 'conversations')::int) AS n FROM audit_entry WHERE action = 'words_forgotten'",
    )
    assert traced["n"] == threads_in_all


def test_what_is_just_being_written_keeps_its_words(district: Engine, tmp_path: Path) -> None:
    """A family writes while its thread is about to be forgotten: the thread is left alone, before and after."""
    take_in(district, sms("Hola"), tmp_path)
    answered(district)
    with transaction(district, ENGINE) as writing:
        assert threads.of_pair(writing, 1, 1)
        assert forget(district, tmp_path) == Counter()
        threads.change(writing, 1, state="waiting", family_wrote_at=OVER)
    assert forget(district, tmp_path) == Counter()
    assert row(district, "SELECT text FROM reply")["text"] == "Hola"


def test_a_dry_look_says_what_goes_now_and_within_a_month(district: Engine, tmp_path: Path) -> None:
    take_in(district, sms("Hola"), tmp_path)
    answered(district)
    chosen = settings_in(tmp_path)
    assert forgetting.ahead(district, chosen, OVER - timedelta(days=31)).soon == Counter()
    soon = forgetting.ahead(district, chosen, OVER - timedelta(days=30))
    assert (soon.now, soon.soon) == (Counter(), Counter(conversations=1))
    due = forgetting.ahead(district, chosen, OVER)
    assert (due.now["conversations"], due.soon["conversations"]) == (1, 0)


def test_the_command_looks_first_and_then_deletes(
    district: Engine, database_url: str, tmp_path: Path
) -> None:
    """The clock of a command is the real one: what is said today is kept, what was said long ago is not."""
    take_in(district, sms("Hola", at=datetime(2020, 11, 2, 15, tzinfo=MORNING.tzinfo)), tmp_path)
    answered(district, at=datetime(2020, 11, 3, 15, tzinfo=MORNING.tzinfo))
    place = os.environ | {"DATABASE_URL": database_url, "GBG_HOME": str(tmp_path)}
    looked, done = (
        subprocess.run(
            [sys.executable, "-m", "campaign", "clean-conversations", *more],
            env=place,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for more in (["--dry-run"], [])
    )
    assert "1 conversations, 0 wishes" in looked.splitlines()[0]
    assert "(kept 400 days)" in looked
    assert done.startswith("1 conversations, 0 wishes")
    assert "0 files deleted" in done
    assert row(district, "SELECT text FROM reply")["text"] == ""

"""Claim, look, write, send, record, reconcile: every outcome, every crash, two workers, and what families read."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.dispatch import ledger
from campaign.dispatch.deliver import LEASE, deliver_due
from campaign.dispatch.settling import settle
from campaign.senders.segments import MOST_SEGMENTS, segments
from campaign.store import messages
from content import catalog
from tests.campaign import families
from tests.campaign.providers import Killed, Provider

# Written down at noon UTC; at 23:30 (17:30 in Chicago) all are due.
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
DUE = datetime(2026, 11, 10, 23, 30, tzinfo=UTC)


@pytest.fixture
def planned(engine: Engine, tmp_path: Path) -> Engine:
    families.build(engine)
    ledger.plan(families.delivery(engine, tmp_path, Provider()), NOON)
    return engine


def counts(engine: Engine) -> dict[str, int]:
    with transaction(engine, ENGINE) as connection:
        found = messages.totals_by_state(connection)
    found.pop("withheld", None)
    return found


def attempts(engine: Engine) -> set[str]:
    with transaction(engine, ENGINE) as connection:
        return set(connection.scalars(text("SELECT outcome FROM attempt")))


@pytest.mark.parametrize(
    ("behaviour", "state", "outcomes"),
    [
        ("well", "accepted", {"dispatching", "accepted"}),
        ("refused", "rejected", {"dispatching", "rejected"}),
        ("taken_unclear", "ambiguous", {"dispatching", "ambiguous"}),
        ("lost_unclear", "ambiguous", {"dispatching", "ambiguous"}),
    ],
)
def test_each_outcome_is_a_state_with_its_attempts(
    planned: Engine, tmp_path: Path, behaviour: str, state: str, outcomes: set[str]
) -> None:
    total = counts(planned)["planned"]
    provider = Provider(behaviour)
    deliver_due(families.delivery(planned, tmp_path, provider), DUE)
    assert counts(planned) == {state: total}
    assert attempts(planned) == outcomes
    assert provider.closed == 1


def test_a_busy_sender_is_left_alone_and_tried_again_later(planned: Engine, tmp_path: Path) -> None:
    total = counts(planned)["planned"]
    provider = Provider("busy")
    delivery = families.delivery(planned, tmp_path, provider)
    assert deliver_due(delivery, DUE) == provider.in_flight
    assert counts(planned) == {"retry_at": total}
    provider.behaviour = "well"
    assert deliver_due(delivery, DUE) == 0
    deliver_due(delivery, DUE + timedelta(minutes=5))
    assert counts(planned) == {"accepted": total}


def test_who_is_tried_too_often_fails_in_the_end(planned: Engine, tmp_path: Path) -> None:
    delivery = families.delivery(planned, tmp_path, Provider("busy", in_flight=200))
    with transaction(planned, ENGINE) as connection:
        connection.execute(text("UPDATE message SET expires_at = expires_at + interval '90 days'"))
    for days in range(21):
        deliver_due(delivery, DUE + timedelta(days=days))
    assert counts(planned).keys() == {"failed"}


@pytest.mark.parametrize(
    ("behaviour", "tells", "state", "taken"),
    [
        ("killed_before", True, "accepted", 1),
        ("killed_after", True, "accepted", 1),
        ("killed_before", False, "ambiguous", 0),
        ("killed_after", False, "ambiguous", 1),
    ],
)
def test_after_a_crash_in_mid_sending_the_sender_is_asked_first(
    planned: Engine, tmp_path: Path, behaviour: str, tells: bool, state: str, taken: int
) -> None:
    provider = Provider(behaviour, tells=tells)
    with pytest.raises(Killed):
        deliver_due(families.delivery(planned, tmp_path, provider), DUE)
    assert counts(planned)["dispatching"] == provider.in_flight
    with transaction(planned, ENGINE) as connection:
        doubted = list(connection.scalars(text("SELECT public_id FROM message WHERE state = 'dispatching'")))
    provider.behaviour = "well"
    other = families.delivery(planned, tmp_path, provider, owner="two")
    later = DUE + LEASE
    ledger.tick(other, DUE + LEASE / 2)
    assert counts(planned)["dispatching"] == provider.in_flight
    ledger.tick(other, later)
    with transaction(planned, ENGINE) as connection:
        found = connection.scalars(
            text("SELECT state FROM message WHERE public_id = ANY (:ids)"), {"ids": doubted}
        )
        assert set(found) == {state}
    assert {provider.taken[public_id] for public_id in doubted} == {taken}
    assert max(provider.taken.values()) == 1


def test_an_answer_that_comes_after_the_lease_is_still_recorded(planned: Engine, tmp_path: Path) -> None:
    provider = Provider(tells=False)
    second = families.delivery(planned, tmp_path, provider, owner="two")
    once = threading.Lock()

    def overtaken(_: object) -> None:
        if once.acquire(blocking=False):
            settle(second, DUE + LEASE)

    provider.during = overtaken
    deliver_due(families.delivery(planned, tmp_path, provider), DUE)
    assert counts(planned).keys() == {"accepted"}
    assert max(provider.taken.values()) == 1


def test_two_workers_at_once_send_everything_once(planned: Engine, tmp_path: Path) -> None:
    total = counts(planned)["planned"]
    provider = Provider()
    start = threading.Barrier(4)

    def work(name: str) -> int:
        delivery = families.delivery(planned, tmp_path, provider, owner=name)
        start.wait()
        return ledger.tick(delivery, DUE)

    with ThreadPoolExecutor(4) as pool:
        handed_over = sum(pool.map(work, ["a", "b", "c", "d"]))
    assert handed_over == total
    assert set(provider.taken.values()) == {1}
    assert counts(planned) == {"accepted": total}


def sent(planned: Engine, tmp_path: Path, source: str) -> Any:
    provider = Provider()
    deliver_due(families.delivery(planned, tmp_path, provider), DUE)
    with transaction(planned, ENGINE) as connection:
        query = text(
            "SELECT m.public_id FROM message m JOIN contact c ON c.id = m.contact_id WHERE source_id = :s"
        )
        public_id = connection.scalars(query, {"s": source}).one()
    return provider.texts[public_id]


def test_a_mother_of_two_gets_one_mail_with_a_link_to_each_child(planned: Engine, tmp_path: Path) -> None:
    mail = sent(planned, tmp_path, "m0")
    assert (mail.to, mail.language) == ("m0@example.org", "es")
    assert "Child0 y Sib0" in mail.text
    assert (
        mail.text.count("http://127.0.0.1:8000/r/")
        == mail.html.count('<a href="http://127.0.0.1:8000/r/')
        == 2
    )
    assert '">Sib0</a>' in mail.html
    assert mail.stop_url in mail.text
    assert "1 Main Street, Anytown" in mail.text
    tokens = [line.rpartition("/")[2] for line in mail.text.splitlines() if "/r/" in line]
    with transaction(planned, ENGINE) as connection:
        stored = connection.execute(text("SELECT token_sha256, purpose FROM family_link")).all()
    assert not any(token in str(stored) for token in tokens)


def test_a_text_message_names_no_child_and_fits(planned: Engine, tmp_path: Path) -> None:
    message = sent(planned, tmp_path, "f0")
    assert message.channel == "sms"
    assert message.subject == message.stop_url == message.html == ""
    assert "Child0" not in message.text
    assert message.text.startswith("North Lakeside: ")
    assert len(message.text.strip()) <= 160


def test_a_text_message_too_long_for_two_parts_is_withheld(planned: Engine, tmp_path: Path) -> None:
    with transaction(planned, ENGINE) as connection:
        father = connection.execute(text("SELECT id FROM contact WHERE source_id = 'f0'")).scalar_one()
        for name in ("A", "B", "C", "D", "E"):
            student = families.add_student(connection, name)
            families.relate(connection, student, father)
            families.add_comparison(connection, student, "MATCH_AT")
        connection.execute(
            text("UPDATE message SET student_ids = ARRAY(SELECT student_id FROM student_contact WHERE contact_id = :id)"
                 " WHERE contact_id = :id"),
            {"id": father},
        )  # fmt: skip
    deliver_due(families.delivery(planned, tmp_path, Provider()), DUE)
    with transaction(planned, ENGINE) as connection:
        found = connection.execute(
            text("SELECT state, reason FROM message WHERE contact_id = :id"), {"id": father}
        )
        assert tuple(found.one()) == ("withheld", "text_too_long")


def test_no_name_address_or_result_where_others_could_read_it(
    planned: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    provider = Provider()
    caplog.set_level("DEBUG")
    deliver_due(families.delivery(planned, tmp_path, provider), DUE)
    with transaction(planned, ENGINE) as connection:
        rows = str(connection.execute(text("SELECT * FROM message")).all())
        rows += str(connection.execute(text("SELECT * FROM attempt")).all())
        names = list(connection.scalars(text("SELECT given_name FROM student")))
    open_to_others = rows + caplog.text + "".join(m.subject + m.public_id for m in provider.texts.values())
    for private in [*names, "Secretname", "@example.org", "+1555"]:
        assert private not in open_to_others
    for message in provider.texts.values():
        assert not any(word in message.text.upper() for word in ("NOTYET", "NOT_YET", "MATCH", "%", "SCORE"))


def test_english_goes_out_with_the_way_to_an_interpreter_in_the_family_language(
    planned: Engine, tmp_path: Path
) -> None:
    with transaction(planned, ENGINE) as connection:
        speak = text("UPDATE contact SET written_language = :language WHERE source_id = :source")
        connection.execute(speak, {"language": "ar", "source": "m1"})
    mail = sent(planned, tmp_path, "m1")
    line = catalog.load().interpreter_line("ar")
    assert line is not None
    assert mail.language == "en"
    assert mail.text.startswith(f"{line}\n\nHello,")
    assert f'<p lang="ar" dir="rtl" style="font-weight: bold">{line}</p>' in mail.html
    assert mail.html.index(line) < mail.html.index("Hello,")
    assert recorded(planned, "m1") == ("accepted", None, "en", "ar")


@pytest.mark.parametrize(
    ("language", "school", "outcome", "ending"),
    [
        (
            "so",
            None,
            ("accepted", None, "en", "so"),
            "\nMa u baahan tahay turjubaan bilaash ah? Wac dugsiga.",
        ),
        ("so", "José Martí’s", ("accepted", None, "en", "so"), "dugsiga."),
        ("hmn", None, ("accepted", None, "en", "hmn"), "STOP to end."),
        (None, None, ("accepted", None, "en", "und"), "STOP to end."),
        # Known only since it was planned: no room for it, and the last look sees that.
        ("ru", None, ("withheld", "language_not_sendable", "en", None), ""),
        # In the letters of text messages, for with its own signs there would be no room for it.
        ("vi", None, ("accepted", None, "en", "vi"), "mien phi? Xin goi cho truong."),
    ],
)
def test_a_text_message_in_the_place_of_another_language(
    planned: Engine,
    tmp_path: Path,
    language: str | None,
    school: str | None,
    outcome: tuple[str | None, ...],
    ending: str,
) -> None:
    with transaction(planned, ENGINE) as connection:
        speak = text("UPDATE contact SET written_language = :language WHERE source_id = 'f0'")
        connection.execute(speak, {"language": language})
        connection.execute(text("UPDATE school SET name = coalesce(:name, name)"), {"name": school})
    provider = Provider()
    deliver_due(families.delivery(planned, tmp_path, provider), DUE)
    assert recorded(planned, "f0") == outcome
    texts = [m.text.strip() for m in provider.texts.values() if m.to == "+15550100000"]
    assert [t.endswith(ending) for t in texts] == ([True] if ending else [])
    assert all(segments(t) <= MOST_SEGMENTS and "Child0" not in t for t in texts)
    if school:
        assert texts[0].startswith("José Marti's: ")


def recorded(engine: Engine, source: str) -> tuple[str | None, ...]:
    with transaction(engine, ENGINE) as connection:
        query = text(
            "SELECT m.state, m.reason, m.language, m.fallback_from FROM message m"
            " JOIN contact c ON c.id = m.contact_id WHERE c.source_id = :source"
        )
        return tuple(connection.execute(query, {"source": source}).one())

"""What each sender adds of its own: headers, files, metadata, silence in the log."""

from __future__ import annotations

import email.policy
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from email import message_from_bytes
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.senders.contract import Accepted
from campaign.senders.email_message import compose
from campaign.senders.mailbox import MailboxSender
from campaign.senders.segments import segments
from campaign.senders.sendgrid import SendGridSender
from campaign.senders.sendgrid_mail import body, payload
from tests.contracts.sinks import http_sink
from tests.contracts.test_senders import IDENTITY, KEY, MESSAGE


def test_an_email_offers_one_click_to_stop_and_has_one_recipient() -> None:
    mail = message_from_bytes(compose(MESSAGE, IDENTITY), policy=email.policy.default)
    assert mail["List-Unsubscribe"] == f"<{MESSAGE.stop_url}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["To"] == MESSAGE.to
    assert mail["Cc"] is mail["Bcc"] is None
    assert mail["From"] == "Schule am See <families@example.org>"
    assert mail["Message-ID"] == f"<{MESSAGE.public_id}@example.org>"
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


def test_addresses_for_mail_programs_stand_in_one_piece_however_long_they_are() -> None:
    """RFC 2369, section 2, and RFC 5322, section 3.6.4: neither is made of encoded words, and programs read neither
    so."""
    host = "families.the-unified-school-district-of-lakeside-and-the-hills.example.org"
    message = replace(MESSAGE, stop_url=f"https://{host}/stop/{'a' * 64}", public_id="b" * 32)
    head = compose(message, replace(IDENTITY, address=f"reports@{host}")).partition(b"\r\n\r\n")[0].decode()
    lines = head.replace("\r\n ", " ").split("\r\n")
    assert f"List-Unsubscribe: <{message.stop_url}>" in lines
    assert f"Message-ID: <{message.public_id}@{host}>" in lines


@pytest.mark.parametrize(
    ("is_reply", "stop_url", "said"),
    [
        (False, MESSAGE.stop_url, "auto-generated"),
        (False, "", "auto-generated"),
        (True, MESSAGE.stop_url, "auto-replied"),
        (True, "", "auto-replied"),
    ],
)
def test_every_sender_says_that_no_person_wrote_it(is_reply: bool, stop_url: str, said: str) -> None:
    """RFC 3834, section 5: so no absence is answered with ours, nor ours with an absence; and no older word for it."""
    message = replace(MESSAGE, is_reply=is_reply, stop_url=stop_url)
    mail = message_from_bytes(compose(message, IDENTITY), policy=email.policy.default)
    assert (mail["Auto-Submitted"], mail["Precedence"]) == (said, None)
    for document in (payload(message, IDENTITY), json.loads(body(message, IDENTITY))):
        assert document["headers"]["Auto-Submitted"] == said
        assert "Precedence" not in document["headers"]


def test_the_same_message_is_the_same_bytes() -> None:
    assert compose(MESSAGE, IDENTITY) == compose(MESSAGE, IDENTITY)


def test_a_file_is_written_once_however_often_and_from_wherever(tmp_path: Path) -> None:
    sender = MailboxSender(tmp_path, IDENTITY)
    sender.send(message=MESSAGE)
    (file,) = tmp_path.glob("email/*")
    before = file.read_bytes()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: sender.send(message=replace(MESSAGE, text=f"again {n}")), range(40)))
    assert [f.read_bytes() for f in tmp_path.glob("email/*")] == [before]
    assert not list(tmp_path.glob("unfinished/*"))


def test_a_text_message_is_a_text_file(tmp_path: Path) -> None:
    sms = replace(MESSAGE, channel="sms", to="+15550100", text="Hello\n")
    MailboxSender(tmp_path, IDENTITY).send(message=sms)
    (file,) = tmp_path.glob("sms/*.txt")
    assert file.read_text() == "To: +15550100\nDate: 2026-11-10T23:30:00+00:00\nLanguage: es\n\nHello\n"


def test_sendgrid_gets_our_id_and_no_other_metadata() -> None:
    document = payload(MESSAGE, IDENTITY)
    assert set(document) <= {
        "from",
        "personalizations",
        "subject",
        "content",
        "headers",
        "custom_args",
        "tracking_settings",
    }
    (person,) = document["personalizations"]
    assert person["to"] == [{"email": MESSAGE.to}]
    assert document.get("custom_args", person.get("custom_args")) == {"public_id": MESSAGE.public_id}
    assert document["tracking_settings"] == {
        "click_tracking": {"enable": False, "enable_text": False},
        "open_tracking": {"enable": False},
        "subscription_tracking": {"enable": False},
    }
    headers = document.get("headers", person.get("headers"))
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@given(words=st.tuples(*[st.text(min_size=1)] * 3))
def test_what_is_filled_in_is_what_the_package_would_build(words: tuple[str, str, str]) -> None:
    subject, text, html = words
    message = replace(MESSAGE, subject=subject, text=text, html=html)
    assert json.loads(body(message, IDENTITY)) == payload(message, IDENTITY)


def test_no_key_and_no_text_in_the_log_even_when_everything_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    with http_sink() as sink:
        sender = SendGridSender(KEY, IDENTITY, lambda _: [], f"http://127.0.0.1:{sink.port}", 0.5, 0.5)
        with closing(sender):
            sender.send(message=MESSAGE)
        ((path, headers, _),) = sink.requests
    assert path == "/v3/mail/send"
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert not any(word in caplog.text for word in (KEY, MESSAGE.to, "Ana", "token"))


def test_many_threads_share_no_headers() -> None:
    with http_sink() as sink:
        sender = SendGridSender(KEY, IDENTITY, lambda _: [], f"http://127.0.0.1:{sink.port}", 5, 5)
        several = [replace(MESSAGE, public_id=f"{n:032x}", to=f"p{n}@example.org") for n in range(60)]
        with closing(sender), ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda message: sender.send(message=message), several))
        assert len(sink.taken) == 60
        assert {len(headers["Authorization"]) for _, headers, _ in sink.requests} == {len(f"Bearer {KEY}")}


def test_a_connection_the_other_side_closed_is_not_used_again() -> None:
    with http_sink() as first:
        sender = SendGridSender(KEY, IDENTITY, lambda _: [], f"http://127.0.0.1:{first.port}", 0.5, 0.5)
        first.behaviour = "500"
        sender.send(message=MESSAGE)
        first.behaviour = "reset"
        sender.send(message=MESSAGE)
        first.behaviour = ""
        with closing(sender):
            assert isinstance(sender.send(message=MESSAGE), Accepted)
        assert len(first.taken) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("ñ¿¡éü" * 32, 1),
        ("{" * 80, 1),
        ("{" * 81, 2),
        ("á" * 70, 1),
        ("á" * 71, 2),
        ("á" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_segments(text: str, expected: int) -> None:
    assert segments(text) == expected

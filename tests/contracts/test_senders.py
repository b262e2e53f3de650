"""One contract over all senders: what they are given arrives whole, and each failure has its kind."""

from __future__ import annotations

import email.policy
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from campaign.senders.contract import (
    Accepted,
    Ambiguous,
    MailIdentity,
    NotSent,
    OutgoingMessage,
    Permanent,
    Retryable,
    Sender,
    Unknown,
)
from campaign.senders.mailbox import MailboxSender
from campaign.senders.sendgrid import SendGridSender
from campaign.senders.smtp import SmtpSender
from tests.contracts.sinks import Sink, free_port, http_sink, smtp_sink

IDENTITY = MailIdentity("families@example.org", "Schule am See")
KEY = "SG.a-key-that-must-stay-secret"
NOW = datetime(2026, 11, 10, 23, 30, tzinfo=UTC)
MESSAGE = OutgoingMessage(
    public_id="0123456789abcdef0123456789abcdef",
    channel="email",
    to="ana.mother@example.org",
    subject="Your child's school report is ready",
    text="Hola, Ñandú:\n.\nthe report about Ana\n",
    html="<p>Hola, Ñandú: the report about Ana</p>",
    language="es",
    stop_url="https://gbg.example.org/stop/token",
    at=NOW,
)


@dataclass
class Bench:
    """A sender with the place it sends to. `arrived` gives the e-mails that arrived, as (to, subject, text, html)."""

    sender: Sender
    sink: Sink
    arrived: Callable[[], list[tuple[str, str, str, str]]]


def read(raw: bytes) -> tuple[str, str, str, str]:
    mail = message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    text, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert page is not None
    return str(mail["To"]), str(mail["Subject"]), text.get_content(), page.get_content().strip()


def mailbox(stack: ExitStack, folder: Path) -> Bench:
    return Bench(
        MailboxSender(folder, IDENTITY),
        Sink(),
        lambda: [read(file.read_bytes()) for file in folder.glob("email/*.eml")],
    )


def smtp(stack: ExitStack, folder: Path) -> Bench:
    sink = stack.enter_context(smtp_sink())
    sender = SmtpSender("127.0.0.1", sink.port, IDENTITY, timeout=0.5)
    return Bench(sender, sink, lambda: [read(raw.replace(b"\r\n..", b"\r\n.")) for raw in sink.taken])


def sendgrid(stack: ExitStack, folder: Path) -> Bench:
    sink = stack.enter_context(http_sink())
    sender = SendGridSender(KEY, IDENTITY, lambda _: [], f"http://127.0.0.1:{sink.port}", 0.5, 0.5)
    stack.callback(sender.close)

    def arrived() -> list[tuple[str, str, str, str]]:
        return [
            (
                mail["personalizations"][0]["to"][0]["email"],
                mail["personalizations"][0].get("subject", mail.get("subject")),
                mail["content"][0]["value"],
                mail["content"][1]["value"],
            )
            for mail in sink.taken
        ]

    return Bench(sender, sink, arrived)


SENDERS = {"mailbox": mailbox, "smtp": smtp, "sendgrid": sendgrid}


@pytest.fixture(params=SENDERS)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    with ExitStack() as stack:
        yield SENDERS[request.param](stack, tmp_path)


def test_a_message_arrives_whole_at_one_person(bench: Bench) -> None:
    assert isinstance(bench.sender.send(message=MESSAGE), Accepted)
    ((to, subject, text, page),) = bench.arrived()
    assert (to, subject) == (MESSAGE.to, MESSAGE.subject)
    assert (text.replace("\r\n", "\n"), page) == (MESSAGE.text, MESSAGE.html)


def test_many_messages_from_one_sender(bench: Bench) -> None:
    several = [replace(MESSAGE, public_id=f"{n:032x}", to=f"p{n}@example.org") for n in range(5)]
    assert all(isinstance(bench.sender.send(message=message), Accepted) for message in several)
    assert {to for to, *_ in bench.arrived()} == {message.to for message in several}


def test_nothing_personal_shows_when_a_message_or_sender_is_printed(bench: Bench) -> None:
    assert not any(word in repr(MESSAGE) for word in (MESSAGE.to, "Ana", "token"))
    assert KEY not in repr(bench.sender)


# How each sender names what went wrong: behaviour of the other side → kind, and whether the message was taken.
FAULTS = [
    ("smtp", "450 rcpt", Retryable),
    ("smtp", "550 rcpt", Permanent),
    ("smtp", "451 data", Retryable),
    ("smtp", "554 data", Permanent),
    ("smtp", "535 rcpt", Retryable),
    ("smtp", "reset rcpt", Retryable),
    ("smtp", "reset after", Ambiguous),
    ("smtp", "silent", Ambiguous),
    ("sendgrid", "400", Permanent),
    ("sendgrid", "413", Permanent),
    ("sendgrid", "401", Retryable),
    ("sendgrid", "403", Retryable),
    ("sendgrid", "408", Retryable),
    ("sendgrid", "429", Retryable),
    ("sendgrid", "500", Ambiguous),
    ("sendgrid", "503", Ambiguous),
    ("sendgrid", "502 after", Ambiguous),
    ("sendgrid", "reset", Ambiguous),
    ("sendgrid", "reset after", Ambiguous),
    ("sendgrid", "silent", Ambiguous),
]


@pytest.mark.parametrize(("which", "behaviour", "kind"), FAULTS)
def test_each_failure_has_its_kind(which: str, behaviour: str, kind: type, tmp_path: Path) -> None:
    with ExitStack() as stack:
        bench = SENDERS[which](stack, tmp_path)
        bench.sink.behaviour = behaviour
        outcome = bench.sender.send(message=MESSAGE)
        assert type(outcome) is kind
        # What is called "did not go" must not have gone.
        assert not bench.sink.taken or kind is Ambiguous
        assert not any(word in str(outcome) for word in (MESSAGE.to, KEY, "Ana"))
        bench.sink.behaviour = ""
        assert isinstance(bench.sender.send(message=MESSAGE), Accepted)


def test_nobody_there_is_retryable(tmp_path: Path) -> None:
    port = free_port()
    nobody = [
        SmtpSender("127.0.0.1", port, IDENTITY, timeout=0.5),
        SendGridSender(KEY, IDENTITY, lambda _: [], f"http://127.0.0.1:{port}", 0.5, 0.5),
    ]
    for sender in nobody:
        outcome = sender.send(message=MESSAGE)
        assert isinstance(outcome, Retryable)
        assert outcome.everybody
    (tmp_path / "email").write_text("a file where the folder should be")
    assert isinstance(MailboxSender(tmp_path, IDENTITY).send(message=MESSAGE), Retryable)


@pytest.mark.parametrize(
    ("behaviour", "everybody"),
    # A server that wants no more connections at a time still takes what comes over the others.
    [("450 rcpt", False), ("535 rcpt", True), ("421 rcpt", True), ("421 full", False)],
)
def test_a_mail_server_that_takes_nothing_from_us_holds_back_everybody(
    behaviour: str, everybody: bool, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        bench = smtp(stack, tmp_path)
        bench.sink.behaviour = behaviour
        outcome = bench.sender.send(message=MESSAGE)
        assert isinstance(outcome, Retryable)
        assert outcome.everybody is everybody


def test_a_domain_with_letters_of_its_own_travels_in_the_letters_of_mail(tmp_path: Path) -> None:
    for which in ("mailbox", "smtp"):
        with ExitStack() as stack:
            bench = SENDERS[which](stack, tmp_path / which)
            sent = bench.sender.send(message=replace(MESSAGE, to="ana@münchen.example"))
            assert isinstance(sent, Accepted)
            ((to, *_),) = bench.arrived()
            assert to == "ana@xn--mnchen-3ya.example"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "rosé@b.org",
        "a@" + "ü" * 70 + ".org",
        "a@b.org, c@d.org",
        "a@b.org\r\nBcc: c@d.org",
        "Ana <a@b.org>",
    ],
)
def test_what_is_not_one_address_never_leaves(address: str, tmp_path: Path) -> None:
    for which in ("mailbox", "smtp"):
        with ExitStack() as stack:
            bench = SENDERS[which](stack, tmp_path / which)
            outcome = bench.sender.send(message=replace(MESSAGE, to=address))
            assert isinstance(outcome, Permanent)
            assert not bench.arrived()


@pytest.mark.parametrize("more", [{"is_reply": True}, {"stop_url": ""}])
@pytest.mark.parametrize("address", ["nobody", "@", "a,b@c.org"])
def test_an_address_that_cannot_be_written_keeps_nobody_waiting(
    address: str, more: dict[str, Any], tmp_path: Path
) -> None:
    with ExitStack() as stack:
        bench = sendgrid(stack, tmp_path)
        assert isinstance(bench.sender.send(message=replace(MESSAGE, to=address, **more)), Permanent)
        assert not bench.sink.taken
        assert isinstance(bench.sender.send(message=MESSAGE), Accepted)


def test_lookup_knows_what_can_be_known(tmp_path: Path) -> None:
    sender = MailboxSender(tmp_path, IDENTITY)
    assert sender.lookup(public_id=MESSAGE.public_id) == NotSent()
    sender.send(message=MESSAGE)
    assert sender.lookup(public_id=MESSAGE.public_id) == Accepted(f"{MESSAGE.public_id}.eml")
    assert SmtpSender("127.0.0.1", 1, IDENTITY).lookup(public_id="any") == Unknown()


@pytest.mark.parametrize(
    ("events", "found"),
    [
        ([], Unknown()),
        (["processed"], Accepted()),
        (["delivered"], Accepted()),
        (["dropped"], Permanent("dropped by SendGrid")),
        (["processed", "dropped"], Accepted()),
    ],
)
def test_lookup_at_sendgrid_rests_on_its_events(events: list[str], found: object) -> None:
    assert SendGridSender(KEY, IDENTITY, lambda _: events).lookup(public_id="any") == found


def test_retry_waits_as_long_as_sendgrid_asks(tmp_path: Path) -> None:
    with ExitStack() as stack:
        bench = sendgrid(stack, tmp_path)
        bench.sink.behaviour = "429"
        outcome = bench.sender.send(message=MESSAGE)
        assert isinstance(outcome, Retryable)
        assert outcome.after == timedelta(seconds=7)

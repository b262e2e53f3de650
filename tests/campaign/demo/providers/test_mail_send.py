"""SendGrid's own client, and plain requests, send to the simulated SendGrid."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest
import python_http_client
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import CustomArg, Mail, Personalization, To

from campaign.demo.providers import Faults, Simulator, SimulatorOptions, running

KEY = "SG.simulated.key"


@pytest.fixture(scope="module")
def started() -> Iterator[Simulator]:
    with running() as simulator:
        yield simulator


@pytest.fixture
def simulator(started: Simulator) -> Simulator:
    started.change(Faults())
    started.forget()
    return started


def mail(*recipients: str) -> dict[str, Any]:
    return {
        "personalizations": [
            {"to": [{"email": to}], "custom_args": {"public_id": f"id of {to}"}} for to in recipients
        ],
        "from": {"email": "families@example.org", "name": "Schools"},
        "subject": "A report is ready",
        "content": [{"type": "text/plain", "value": "Hello"}, {"type": "text/html", "value": "<p>Hello</p>"}],
    }


def post(
    simulator: Simulator, document: Any, **headers: str
) -> tuple[int, http.client.HTTPMessage, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", simulator.port, timeout=10)
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    given = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json", **headers}
    connection.request("POST", "/v3/mail/send", body, given)
    answer = connection.getresponse()
    told = answer.read()
    connection.close()
    return answer.status, answer.headers, json.loads(told) if told else {}


def test_the_provider_s_own_client_is_answered_as_by_the_provider(simulator: Simulator) -> None:
    message = Mail(
        from_email="families@example.org",
        to_emails=To("ana@example.org"),
        subject="A report is ready",
        plain_text_content="Hello",
        html_content="<p>Hello</p>",
    )
    message.custom_arg = CustomArg("public_id", "m-1")
    answer = SendGridAPIClient(KEY, host=simulator.url).send(message)
    assert (answer.status_code, answer.body) == (202, b"")
    (accepted,) = simulator.accepted("m-1")
    assert accepted.to == "ana@example.org"
    assert accepted.message_id == answer.headers["X-Message-Id"]
    assert accepted.said is not None
    assert (accepted.said["subject"], accepted.said["text"]) == ("A report is ready", "Hello")


def test_a_wrong_key_is_refused_to_the_provider_s_own_client(simulator: Simulator) -> None:
    with pytest.raises(python_http_client.UnauthorizedError) as refused:
        SendGridAPIClient("SG.another", host=simulator.url).send(mail("ana@example.org"))
    assert refused.value.to_dict["errors"][0]["field"] is None
    assert simulator.report().accepted == 0


def test_a_batch_is_as_many_messages_as_it_has_personalizations(simulator: Simulator) -> None:
    document = mail(*[f"p{number}@example.org" for number in range(1000)])
    document["content"] = [{"type": "text/plain", "value": "Hello -name-"}]
    for number, entry in enumerate(document["personalizations"]):
        entry["substitutions"] = {"-name-": f"family {number}"}
    status, headers, _ = post(simulator, document)
    report = simulator.report()
    assert (status, report.accepted, report.unique, report.doubled) == (202, 1000, 1000, 0)
    (one,) = simulator.accepted("id of p7@example.org")
    assert one.said is not None
    assert (one.message_id, one.said["text"]) == (headers["X-Message-Id"], "Hello family 7")


def without(name: str) -> dict[str, Any]:
    document = mail("ana@example.org")
    del document[name]
    return document


def with_(path: str, value: Any) -> dict[str, Any]:
    """A good request with one thing changed; the path has dots, and numbers for places in lists."""
    document = mail("ana@example.org")
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    place: Any = document
    for step in way:
        place = place[step]
    place[last] = value
    return document


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (without("personalizations"), "personalizations"),
        (without("from"), "from.email"),
        (without("content"), "content"),
        (without("subject"), "personalizations.0.subject"),
        (mail(*[f"p{n}@example.org" for n in range(1001)]), "personalizations"),
        (
            with_("personalizations.0.cc", [{"email": f"p{n}@example.org"} for n in range(1000)]),
            "personalizations",
        ),
        (with_("personalizations.0.cc", [{"email": "ANA@example.org"}]), "personalizations.0.cc"),
        (with_("personalizations.0.to", []), "personalizations.0.to"),
        (with_("personalizations.0.to.0.email", "nobody"), "personalizations.0.to.0.email"),
        (with_("personalizations.0.to.0.name", "Lee, Ana"), "personalizations.0.to.0.name"),
        (
            with_("personalizations.0.custom_args", {"public_id": 7}),
            "personalizations.0.custom_args.public_id",
        ),
        (with_("custom_args", {"a": "é" * 5001}), "personalizations.0.custom_args"),
        (
            with_("personalizations.0.substitutions", {"-a-": "x" * 10_000}),
            "personalizations.0.substitutions",
        ),
        (with_("personalizations.0.extra", 1), "personalizations.0"),
        (with_("headers", {"Reply-To": "x@example.org"}), "headers.Reply-To"),
        (with_("headers", {"X-One": "two\r\nlines"}), "headers.X-One"),
        (with_("from.email", "schüle@example.org"), "from.email"),
        (with_("content.0.value", ""), "content.0.value"),
        (with_("content.0.type", "text/plain; charset=utf-8"), "content.0.type"),
        (with_("content", mail("a@example.org")["content"][::-1]), "content"),
        (with_("categories", [str(n) for n in range(11)]), "categories"),
        (with_("send_at", 99_999_999_999), "send_at"),
        (with_("asm", {"group_id": "7"}), "asm.group_id"),
        (with_("attachments", [{"filename": "a.pdf"}]), "attachments.0.content"),
        (with_("surprise", True), "surprise"),
        ([], None),
        (b"{", None),
    ],
)
def test_what_the_provider_would_refuse_is_refused_and_named(
    simulator: Simulator, document: Any, field: str | None
) -> None:
    status, _, told = post(simulator, document)
    assert status == 400
    assert field in [error["field"] for error in told["errors"]]
    assert all(error["message"] for error in told["errors"])
    assert simulator.report().accepted == 0


def test_the_same_address_may_stand_in_two_personalizations(simulator: Simulator) -> None:
    document = mail("ana@example.org", "ana@example.org")
    document["personalizations"][1]["custom_args"]["public_id"] = "another message"
    status, _, _ = post(simulator, document)
    report = simulator.report()
    assert (status, report.doubled, report.recipients_doubled) == (202, 0, 1)


def test_other_content_and_other_paths_are_refused(simulator: Simulator) -> None:
    assert post(simulator, mail("ana@example.org"), **{"Content-Type": "text/plain"})[0] == 415
    assert post(simulator, b" " * (30 * 1024 * 1024 + 1))[0] == 413
    with pytest.raises(python_http_client.NotFoundError):
        SendGridAPIClient(KEY, host=simulator.url).client.mail.other.post(request_body={})


def test_a_trial_in_the_sandbox_reaches_nobody(simulator: Simulator) -> None:
    document = mail("ana@example.org")
    document["mail_settings"] = {"sandbox_mode": {"enable": True}}
    assert post(simulator, document)[0] == 200
    assert simulator.report().accepted == 0


def test_personalizations_of_the_provider_s_client_are_read(simulator: Simulator) -> None:
    message = Mail(from_email="families@example.org", subject="Hello", plain_text_content="Hello")
    for number in range(3):
        person = Personalization()
        person.add_to(To(f"p{number}@example.org"))
        person.add_custom_arg(CustomArg("public_id", f"m-{number}"))
        message.add_personalization(person)
    SendGridAPIClient(KEY, host=simulator.url).send(message)
    assert sorted(entry.identity for entry in simulator.accepted()) == ["m-0", "m-1", "m-2"]


def test_light_checks_count_what_full_checks_would_refuse() -> None:
    with running(SimulatorOptions(checks="light", keep_texts=False)) as simulator:
        assert post(simulator, without("from"))[0] == 202
        (entry,) = simulator.accepted()
    assert (entry.to, entry.said) == ("ana@example.org", None)


def test_light_checks_read_the_same_recipients_and_ids_as_full_ones(simulator: Simulator) -> None:
    trap = 'say "personalizations": [{}] and "custom_args": {"public_id": "wrong"}'
    plain = {"personalizations": [{"to": [{"email": "leo@example.org"}]}], "from": {"email": "f@example.org"}}
    first = {"content": [{"type": "text/plain", "value": trap}], "subject": trap}
    asked = [
        mail("ana@example.org", "ben@example.org"),
        {**first, **plain, "custom_args": {"public_id": "of all"}},
        {"custom_args": {"public_id": "before"}, **plain, **first},
        {**plain, **first},
        {**mail("mia@example.org"), "custom_args": {"public_id": "of all"}},
        {**mail("sam@example.org"), "mail_settings": {"sandbox_mode": {"enable": True}}},
        json.dumps(mail("kim@example.org"), separators=(",", ":")).encode(),
        b"no JSON",
    ]
    with running(SimulatorOptions(checks="light", keep_texts=False)) as light:
        answers = [[post(one, document)[0] for document in asked] for one in (simulator, light)]
        found = [sorted((one.to, one.identity) for one in told.accepted()) for told in (simulator, light)]
    assert answers[0] == answers[1]
    assert found[0] == found[1]
    assert len(found[0]) == 7

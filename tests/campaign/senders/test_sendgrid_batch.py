"""Many messages in one request: each gets what they would have got alone, and one bad address stops nobody else."""

from __future__ import annotations

import json
import queue
from contextlib import closing
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from campaign.demo.providers import SimulatorOptions, running
from campaign.senders.contract import Accepted, OpenText, Outcome, OutgoingMessage, Permanent
from campaign.senders.sendgrid import SendGridSender
from campaign.senders.sendgrid_batch import batches
from campaign.senders.sendgrid_mail import body, payload
from content import frame
from content.fields import fill
from tests.contracts.test_senders import IDENTITY, MESSAGE

SHARED = OpenText(
    "For {child}", "About {child}:\n{reports}\n{stop_link}", "<p>{child}</p>{reports}<br>{stop_link}"
)


def message(number: int, child: str, to: str | None = None) -> OutgoingMessage:
    stop = f"https://gbg.example.org/stop/{number}"
    values = {"child": child, "reports": f"{child}: https://gbg.example.org/r/{number}", "stop_link": stop}
    return replace(
        MESSAGE,
        public_id=f"{number:032x}",
        to=to or f"p{number}@example.org",
        subject=fill(SHARED.subject, values, ""),
        text=fill(SHARED.text, values, ""),
        html=fill(SHARED.html, frame.values(values), ""),
        stop_url=stop,
        open_text=SHARED,
        values=values,
        markup=frame.values(values),
    )


def read(document: dict[str, Any]) -> list[tuple[str, ...]]:
    """What each person gets, put together as SendGrid does: id, address, subject, text, HTML, the way out."""
    found = []
    for person in document["personalizations"]:
        (to,) = person["to"]
        parts = [
            document.get("subject") or person["subject"],
            *(part["value"] for part in document["content"]),
        ]
        for mark, value in person.get("substitutions", {}).items():
            parts = [part.replace(mark, value) for part in parts]
        args = {**document.get("custom_args", {}), **person.get("custom_args", {})}
        headers = {**document.get("headers", {}), **person.get("headers", {})}
        assert set(args) == {"public_id"}
        assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert headers["Auto-Submitted"] == "auto-generated"
        found.append((args["public_id"], to["email"], *parts, headers["List-Unsubscribe"]))
    return found


@given(
    children=st.lists(st.text(min_size=1).map(lambda name: f"x{name}x"), max_size=30),
    most=st.integers(1, 12),
    same=st.booleans(),
)
def test_each_gets_what_they_would_have_got_alone(children: list[str], most: int, same: bool) -> None:
    several = [message(n, child, "same@example.org" if same else None) for n, child in enumerate(children)]
    documents = [json.loads(batch.body(IDENTITY)) for batch in batches(several, most)]
    for document in documents:
        addresses = [person["to"][0]["email"] for person in document["personalizations"]]
        assert len(set(addresses)) == len(addresses) <= most
        assert document["tracking_settings"]["open_tracking"] == {"enable": False}
    got = sorted(one for document in documents for one in read(document))
    alone = [(m.public_id, m.to, m.subject, m.text, m.html, f"<{m.stop_url}>") for m in several]
    assert got == sorted(alone)


@given(child=st.text(st.characters(codec="utf-8")), reply_to=st.sampled_from(["", "r+1@example.org"]))
def test_alone_it_is_what_the_package_would_have_built(child: str, reply_to: str) -> None:
    alone = replace(message(1, child), reply_to=reply_to)
    assert json.loads(body(alone, IDENTITY)) == payload(alone, IDENTITY)


def test_what_does_not_fit_or_needs_an_address_for_answers_goes_alone() -> None:
    long, answered = message(1, "x" * 5000), replace(message(2, "Ana"), reply_to="r@example.org")
    other = replace(message(3, "Bo"), open_text=None)
    several = [long, answered, other, message(4, "Cy"), message(5, "Di")]
    assert sorted(len(batch.messages) for batch in batches(several, 100)) == [1, 1, 1, 2]


def test_one_address_that_is_refused_stops_nobody_else() -> None:
    landed: queue.SimpleQueue[tuple[str, Outcome]] = queue.SimpleQueue()
    bad = {3, 17}
    several = [message(n, f"Child{n}", "no address" if n in bad else None) for n in range(40)]
    with running(SimulatorOptions()) as simulator:
        sender = SendGridSender(
            simulator.options.sendgrid_key, IDENTITY, lambda _: [], simulator.url, recipients_per_request=40
        )
        with closing(sender):
            sender.start(several, lambda sent, outcome: landed.put((sent.public_id, outcome)))
            outcomes = dict(landed.get(timeout=20) for _ in several)
        report = simulator.report()
        told = {one.identity: one.said for one in simulator.accepted()}
    refused = {message(n, "").public_id for n in bad}
    assert {i for i, outcome in outcomes.items() if isinstance(outcome, Permanent)} == refused
    assert sum(isinstance(outcome, Accepted) for outcome in outcomes.values()) == report.unique == 38
    assert report.doubled == 0
    assert landed.empty()
    said = told[several[5].public_id]
    assert said is not None
    assert (said["subject"], said["text"], said["html"]) == (
        several[5].subject,
        several[5].text,
        several[5].html,
    )

"""Messages of one text that travel a thousand in a request: from written messages to an outcome for each of them."""

from __future__ import annotations

import queue
import time
from contextlib import closing
from datetime import timedelta

from benchmarks import _dispatch_district as district
from campaign.demo.providers import Faults, Simulator
from campaign.senders.contract import Accepted, OpenText, OutgoingMessage
from campaign.senders.sendgrid import SendGridSender
from campaign.senders.sendgrid_batch import MOST_RECIPIENTS
from content import catalog

_BASE = "https://gbg.example.org"


def messages(count: int) -> list[OutgoingMessage]:
    """As the dispatcher hands them over: each with its own child, school, report and way out."""
    template = catalog.load().message(district.STEP, "email", "en")
    shared = OpenText(template.subject, template.text, template.html)
    made = []
    for number in range(count):
        values = {
            "child": f"Child{number}",
            "school": f"School {number % 20}",
            "reports": f"Child{number}: {_BASE}/r/{number:043}",
            "stop_link": f"{_BASE}/stop/{number:043}",
            "postal_address": "1 Main Street, Anytown",
        }
        rendered = template.render(values)
        made.append(
            OutgoingMessage(
                public_id=f"{number:032x}",
                channel="email",
                to=f"adult{number}@example.org",
                subject=rendered.subject,
                text=rendered.text,
                html=rendered.html,
                language="en",
                stop_url=values["stop_link"],
                at=district.NOW,
                expires_at=district.NOW + timedelta(days=2),
                open_text=shared,
                values=values,
                markup=rendered.markup,
            )
        )
    return made


def measure(simulator: Simulator, count: int) -> float:
    """Messages a second, every one of them accepted once."""
    simulator.change(Faults())
    simulator.forget()
    ready, landed = messages(count), queue.SimpleQueue[object]()
    sender = SendGridSender(
        district.KEY,
        district.IDENTITY,
        lambda _: [],
        simulator.url,
        recipients_per_request=MOST_RECIPIENTS,
    )
    with closing(sender):
        began = time.perf_counter()
        for start in range(0, count, MOST_RECIPIENTS):
            sender.start(ready[start : start + MOST_RECIPIENTS], lambda _, outcome: landed.put(outcome))
        outcomes = [landed.get(timeout=60) for _ in range(count)]
        wall = time.perf_counter() - began
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    report = simulator.report()
    assert (report.accepted, report.unique) == (count, count)
    return round(count / wall, 1)

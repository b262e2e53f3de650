"""A worker that sends what is due until nothing is left, made to be killed; its minutes pass as seconds."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, text

from benchmarks import _dispatch_district as district
from campaign.access import ENGINE
from campaign.background import keep_what_is_loaded
from campaign.database import connect, transaction
from campaign.demo.providers import Simulator
from campaign.dispatch.deliver import Delivery, deliver_due
from campaign.dispatch.settling import settle
from campaign.senders.contract import Accepted, Doubt, Found, NotSent
from campaign.senders.sendgrid import SendGridSender

_OPEN = text("SELECT count(*) FROM open_message")
_NAP_SECONDS = 0.25


@dataclass(frozen=True)
class Place:
    """Where a worker finds everything, and its clock: `began` by the machine's, from there on `speed` times as fast."""

    database_url: str
    home: Path
    port: int
    control_port: int
    began: float
    speed: float = 90.0
    in_flight: int = 32
    recipients_per_request: int = 1

    @property
    def simulator(self) -> Simulator:
        return Simulator(self.port, self.control_port)

    def now(self) -> datetime:
        return district.NOW + timedelta(seconds=(time.time() - self.began) * self.speed)


@dataclass(frozen=True)
class _WithList(SendGridSender):
    """SendGrid with its list of what it took, which an account may have for money."""

    simulator: Simulator | None = None

    def search(self, *, doubt: Doubt) -> Found:
        assert self.simulator is not None
        return Accepted() if self.simulator.accepted(doubt.public_id) else NotSent()


def delivery_of(place: Place, engine: Engine) -> Delivery:
    """What a worker of `place` sends with, named after its process."""
    simulator = place.simulator
    sender = _WithList(
        district.KEY,
        district.IDENTITY,
        lambda _: [],
        simulator.url,
        in_flight=place.in_flight,
        recipients_per_request=place.recipients_per_request,
        simulator=simulator,
    )
    return replace(
        district.delivery(engine, place.home, simulator.url, f"worker {os.getpid()}"), sender=sender
    )


def work(place: Place, begin: Callable[[], None] = lambda: None) -> None:
    """Settle what is in doubt and send what is due, until nothing is open any more. `begin`: called when all is read
    that a worker reads but once."""
    engine = connect(place.database_url)
    delivery = delivery_of(place, engine)
    with transaction(engine, ENGINE) as connection:
        delivery.rules(connection, 1)
    keep_what_is_loaded()
    begin()
    while True:
        settle(delivery, place.now())
        deliver_due(delivery, place.now(), clock=place.now)
        if not open_messages(engine):
            break
        time.sleep(_NAP_SECONDS)
    engine.dispose()


def open_messages(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(_OPEN).scalar_one())

"""How far messages came: arrived, on the way, came back, called spam, or nobody knows; and what came to our doors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from campaign.dispatch.day_book import limits_of
from campaign.store import delivery_health, providers
from campaign.store.delivery_health import Channel
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts
from campaign.web.staff import delivery_words
from campaign.web.staff.blueprint import OFFICE, blueprint

PERIODS = {7: "7 days", 30: "30 days", 365: "a year"}
PER_PAGE = 50


@blueprint.get("/delivery")
@allow(*OFFICE)
def delivery() -> ResponseReturnValue:
    days = _days()
    since = parts().clock() - timedelta(days=days)
    with as_principal() as connection:
        channels = delivery_health.channels(connection, since)
        causes = delivery_health.why_not(connection, since)
        doors = delivery_health.doors(connection, since.date())
        trouble = providers.in_trouble(connection, parts().clock())
        today = _today(connection)
    return render_template(
        "staff/delivery.html",
        channels=channels,
        causes=causes,
        doors=doors,
        trouble=trouble,
        today=today,
        heard={door.provider: door.last_at for door in doors if door.outcome == "taken"},
        silent=_silent(channels, [door.provider for door in doors if door.outcome == "taken"]),
        days=days,
        periods=PERIODS,
        told=delivery_words,
    )


@blueprint.get("/delivery/came-back")
@allow(*OFFICE)
def came_back() -> ResponseReturnValue:
    days, number = _days(), min(max(request.args.get("page", 1, type=int), 1), 10**6)
    since = parts().clock() - timedelta(days=days)
    with as_principal() as connection:
        total = sum(one.messages for one in delivery_health.why_not(connection, since))
        found = delivery_health.came_back(connection, since, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
    return render_template(
        "staff/came_back.html",
        messages=found,
        total=total,
        days=days,
        periods=PERIODS,
        number=number,
        pages=max(-(-total // PER_PAGE), 1),
        told=delivery_words,
    )


@dataclass(frozen=True)
class Today:
    """Parts of text messages a provider may take between two midnights of a zone; `ends` is the next of them."""

    provider: str
    limit: int
    used: int
    ends: datetime

    @property
    def left(self) -> int:
        return max(self.limit - self.used, 0)


def _today(connection: Connection) -> list[Today]:
    now = parts().clock()
    return [
        Today(name, limit.parts, providers.used_of_day(connection, name, limit.day(now)), limit.ends(now))
        for name, limit in limits_of(parts().settings).items()
    ]


def _days() -> int:
    days = request.args.get("days", 30, type=int)
    return days if days in PERIODS else 30


def _silent(channels: Sequence[Channel], heard: Sequence[str]) -> list[str]:
    """Providers that we send with and that have told us nothing: their webhook is probably not set up."""
    settings, sent = parts().settings, {one.channel for one in channels if one.accepted}
    used = [
        ("sendgrid", "email", settings.mail.sender == "sendgrid"),
        ("twilio", "sms", settings.sms.sender == "twilio"),
    ]
    return [
        provider
        for provider, channel, is_used in used
        if is_used and channel in sent and provider not in heard
    ]

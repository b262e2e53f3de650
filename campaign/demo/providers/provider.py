"""The address that clients are pointed to: both APIs behind it, and the faults before them."""

from __future__ import annotations

from campaign.demo.providers.desk import Desk, Headers, Office
from campaign.demo.providers.faults import Mischief
from campaign.demo.providers.options import Reaction
from campaign.demo.providers.wire import Answer, Request, response

_TAKEN = {Reaction.ERROR_TAKEN, Reaction.HUNG_UP_TAKEN, Reaction.SILENT_TAKEN}
_SILENT = {Reaction.SILENT, Reaction.SILENT_TAKEN}
_HUNG_UP = {Reaction.HUNG_UP, Reaction.HUNG_UP_TAKEN}


class Provider:
    """Answers each request with latency, and as the faults will have it. Faults meet only what is asked to be sent."""

    def __init__(self, office: Office, mischief: Mischief, desks: dict[str, Desk]) -> None:
        self._office = office
        self._mischief = mischief
        self._desks = desks

    def answer(self, request: Request) -> Answer:
        desk = self._desks.get(request.path[1 : request.path.find("/", 1)])
        if desk is None:
            return Answer(response(404))
        latency = self._mischief.latency()
        if request.method != "POST":
            return Answer(desk.consider(request, ()).content, latency)
        record = self._office.record
        record.requests += 1
        room = self._mischief.room()
        headers = self._limits(room) if room else ()
        reaction = self._mischief.reaction() if room is None or room[1] >= 0 else Reaction.RATE_LIMITED
        if reaction == Reaction.WELL:
            decision = desk.consider(request, headers)
            if decision.take is None:
                record.statuses["refused"] += 1
                return Answer(decision.content, latency)
            return Answer(decision.content, latency, decision.take, latency * self._mischief.faults.taken_at)
        record.statuses[reaction] += 1
        return self._misdone(desk, request, reaction, latency)

    def _misdone(self, desk: Desk, request: Request, reaction: str, latency: float) -> Answer:
        if reaction == Reaction.RATE_LIMITED:
            most = self._mischief.faults.most_per_second or 1
            return Answer(desk.too_many(self._limits((most, 0))), latency)
        decision = desk.consider(request, ())
        if reaction == Reaction.DRIPPING:
            drip = self._mischief.faults.drip_ms / 1000
            return Answer(decision.content, latency, decision.take, drip=drip)
        take = decision.take if reaction in _TAKEN else None
        if reaction in _HUNG_UP:
            content: bytes | None = None
        elif reaction in _SILENT:
            content = b""
        else:
            content = desk.broken(502 if reaction in _TAKEN else 503)
        return Answer(content, latency, take)

    def _limits(self, room: tuple[int, int]) -> Headers:
        """Twilio names no limit in its headers, SendGrid does; nobody minds the ones of the other."""
        most, left = room
        reset = int(self._office.now()) + 1
        limits = [("X-RateLimit-Limit", str(most)), ("X-RateLimit-Remaining", str(max(left, 0)))]
        return (*limits, ("X-RateLimit-Reset", str(reset)))

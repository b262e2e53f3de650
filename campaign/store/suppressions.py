"""Addresses that must not be written to: by bounce, complaint, stop or mistake; for how long; and who lifted it.

Addresses stand in their normal form (see `normal`), so that one number written in two ways is one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, text

from campaign.contacts import phones

WHOEVER = 0


class Why(StrEnum):
    """Why nothing goes to an address. The graver ones stand first; a lighter one never replaces a graver one."""

    COMPLAINT = "complaint"
    WRONG_PERSON = "wrong_person"
    WRONG_NUMBER = "wrong_number"
    HARD_BOUNCE = "hard_bounce"
    INVALID = "invalid"
    LANDLINE = "landline"
    STAFF = "staff"
    ASKED = "asked"
    BLOCKED = "blocked"
    SOFT_BOUNCE = "soft_bounce"


# A full mailbox or a phone that is off may be well again; all others hold until a person lifts them.
PASSES_AFTER = {Why.SOFT_BOUNCE: timedelta(days=7), Why.BLOCKED: timedelta(days=3)}


@dataclass(frozen=True)
class Suppressed:
    """One suppression, as staff may see it. `address` is masked; `contacts` are ids of contacts in the reader's scope
    who have the address."""

    suppression_id: int
    channel: str
    address: str
    reason: str
    detail: str | None
    since: datetime
    until: datetime | None
    lifted_at: datetime | None
    lifted_by: str | None
    lifted_why: str | None
    contacts: tuple[int, ...] = field(repr=False)


def normal(channel: str, address: str) -> str | None:
    """The address as it is compared; None if nothing can be sent to it."""
    if channel == "email":
        plain = address.strip().lower()
        return plain if "@" in plain and plain.isprintable() else None
    return phones.e164(address)


_SUPPRESS = text(
    """
    INSERT INTO suppression (channel, address, contact_id, reason, detail, actor, since, until)
    VALUES (:channel, :address, :contact_id, :reason, :detail, :actor, :now, :until)
    ON CONFLICT (channel, address, contact_id) WHERE lifted_at IS NULL DO UPDATE
    SET reason = excluded.reason, detail = excluded.detail, actor = excluded.actor, until = excluded.until
    WHERE array_position(CAST(:gravest_first AS text[]), excluded.reason)
          < array_position(CAST(:gravest_first AS text[]), suppression.reason)
       OR excluded.reason = suppression.reason AND excluded.until > suppression.until
    """
)


@dataclass(frozen=True)
class About:
    """More about a suppression: what was said, by whom (as in the audit), and the only contact it is for (0 = all)."""

    detail: str | None = None
    actor: str | None = None
    contact_id: int = WHOEVER


def suppress(
    connection: Connection,
    channel: str,
    address: str,
    reason: str,
    now: datetime,
    about: About = About(),
) -> bool:
    """Write to the address no more, whoever has it, from the next look before sending on; as the engine.

    `reason`: one of `Why`; those of PASSES_AFTER end by themselves. Said again, the graver reason stays. False if
    nothing can be sent to the address anyway. Raises ValueError for a reason that is none.
    """
    why, plain = Why(reason), normal(channel, address)
    if plain is None:
        return False
    passes = PASSES_AFTER.get(why)
    values = {
        "channel": channel,
        "address": plain,
        "contact_id": about.contact_id,
        "reason": why,
        "detail": about.detail,
        "actor": about.actor,
        "now": now,
        "until": now + passes if passes else None,
        "gravest_first": [str(one) for one in Why],
    }
    connection.execute(_SUPPRESS, values)
    return True


def let_pass(connection: Connection, now: datetime) -> int:
    """End those whose time is over; how many. The clock calls it before messages are looked at."""
    query = text(
        """
        UPDATE suppression SET lifted_at = :now, lifted_why = 'its time was over'
        WHERE lifted_at IS NULL AND until <= :now
        """
    )
    return int(connection.execute(query, {"now": now}).rowcount)


def end_asked(connection: Connection, channel: str, address: str, now: datetime) -> bool:
    """End what was suppressed because somebody asked for no more: they ask for messages again. False if nothing was."""
    query = text(
        """
        UPDATE suppression SET lifted_at = :now, lifted_why = 'asked for messages again'
        WHERE channel = :channel AND address = :address AND reason = 'asked' AND lifted_at IS NULL
        """
    )
    values = {"channel": channel, "address": normal(channel, address), "now": now}
    return connection.execute(query, values).rowcount > 0


@dataclass(frozen=True)
class InForce:
    """A suppression of an address: why, and for which contact alone (0 = all)."""

    reason: str
    contact_id: int


def in_force(connection: Connection, channel: str, address: str) -> list[InForce]:
    query = text(
        """
        SELECT reason, contact_id FROM suppression
        WHERE channel = :channel AND address = :address AND lifted_at IS NULL ORDER BY contact_id
        """
    )
    values = {"channel": channel, "address": normal(channel, address)}
    return [InForce(**row) for row in connection.execute(query, values).mappings()]


def key(address: str | None) -> str:
    """Stands for an address where it must not be written."""
    return hashlib.sha256((address or "").encode()).hexdigest()[:24]


def lift(connection: Connection, suppression_id: int, *, by: str, why: str, now: datetime) -> bool:
    """Let messages go to the address again; False if it was lifted before. `by`: a person's name."""
    query = text(
        """
        UPDATE suppression SET lifted_at = :now, lifted_by = :by, lifted_why = :why
        WHERE id = :id AND lifted_at IS NULL
        """
    )
    values = {"id": suppression_id, "by": by, "why": why, "now": now}
    return connection.execute(query, values).rowcount == 1


def put_back(connection: Connection, suppression_id: int) -> bool:
    """Take the lifting back; False if the address was suppressed anew since, or never lifted."""
    query = text(
        """
        UPDATE suppression s SET lifted_at = NULL, lifted_by = NULL, lifted_why = NULL
        WHERE s.id = :id AND s.lifted_at IS NOT NULL AND s.lifted_by IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM suppression o WHERE o.channel = s.channel AND o.address = s.address
            AND o.contact_id = s.contact_id AND o.lifted_at IS NULL
        )
        """
    )
    return connection.execute(query, {"id": suppression_id}).rowcount == 1


_FIND = """
    SELECT s.id AS suppression_id, s.channel, s.address, s.reason, s.detail, s.since, s.until, s.lifted_at, s.lifted_by,
           s.lifted_why, ARRAY(
               SELECT c.id FROM contact c
               WHERE s.contact_id IN (0, c.id)
                 AND (s.channel = 'email' AND c.email_lower = s.address
                      OR s.channel <> 'email' AND c.phone_e164 = s.address)
               ORDER BY c.id LIMIT 5
           ) AS contacts
    FROM suppression s
"""


def found(connection: Connection, *, lifted: bool, limit: int, offset: int = 0) -> Sequence[Suppressed]:
    """Suppressions of addresses in the reader's scope, the newest first; those in force, or those that were lifted."""
    query = text(
        f"""{_FIND} WHERE (s.lifted_at IS NOT NULL) = :lifted
        ORDER BY coalesce(s.lifted_at, s.since) DESC, s.id DESC LIMIT :limit OFFSET :offset"""  # constant
    )
    rows = connection.execute(query, {"lifted": lifted, "limit": limit, "offset": offset}).mappings()
    return [
        Suppressed(
            **{**row, "address": masked(row["channel"], row["address"]), "contacts": tuple(row["contacts"])}
        )
        for row in rows
    ]


def counts(connection: Connection) -> dict[str, int]:
    """Suppressions in force in the reader's scope, by reason."""
    query = text(
        "SELECT reason, count(*) FROM suppression WHERE lifted_at IS NULL GROUP BY reason ORDER BY 2 DESC, 1"
    )
    return {reason: count for reason, count in connection.execute(query)}


def in_scope(connection: Connection, suppression_id: int) -> bool:
    query = text("SELECT 1 FROM suppression WHERE id = :id")
    return connection.scalar(query, {"id": suppression_id}) is not None


def of_contact(connection: Connection, contact_id: int) -> Sequence[Suppressed]:
    """Suppressions in force of the contact's own addresses."""
    query = text(
        f"""{_FIND} JOIN contact own ON own.id = :id AND s.contact_id IN (0, own.id)
            AND (s.channel = 'email' AND own.email_lower = s.address
                 OR s.channel <> 'email' AND own.phone_e164 = s.address)
        WHERE s.lifted_at IS NULL ORDER BY s.id"""
    )
    rows = connection.execute(query, {"id": contact_id}).mappings()
    return [
        Suppressed(
            **{**row, "address": masked(row["channel"], row["address"]), "contacts": tuple(row["contacts"])}
        )
        for row in rows
    ]


def masked(channel: str, address: str) -> str:
    """Enough to tell two addresses apart, too little to write to: r···@example.org, ··· 0101."""
    if channel != "email":
        return phones.masked(address)
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}···@{domain}"

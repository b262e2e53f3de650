"""SQL of the sheet on which planned = sent + withheld + failed + to be looked at + still to go, for any period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, text

from campaign.store.messages import HEADINGS
from campaign.store.tally import COUNTED


@dataclass(frozen=True)
class Part:
    """Messages of one step of a campaign on one channel in one state; `reason` where it was not sent. `rung`: 0 for the
    step's own messages, higher for those that followed without an answer."""

    district: str
    campaign: str
    step: str
    channel: str
    state: str
    reason: str | None
    messages: int
    rung: int = 0

    @property
    def heading(self) -> str:
        """Where it stands on the sheet; "unknown" for a state that nobody knows."""
        return HEADINGS.get(self.state, "unknown")


@dataclass(frozen=True)
class Written:
    """How many messages of a step were written down, counted one by one in the ledger."""

    district: str
    campaign: str
    step: str
    messages: int


_PARTS = text(
    f"""
    SELECT d.name AS district, c.title AS campaign, o.step, m.rung, m.channel, m.state, m.reason,
           CAST(sum(m.messages) AS bigint) AS messages
    FROM ({COUNTED}) m
    JOIN occurrence o ON o.id = m.occurrence_id JOIN campaign c ON c.id = o.campaign_id
    JOIN district d ON d.id = c.district_id
    WHERE o.day BETWEEN :first AND :last AND (CAST(:district_id AS bigint) IS NULL OR d.id = :district_id)
    GROUP BY d.name, c.slug, c.title, o.step, m.rung, m.channel, m.state, m.reason
    ORDER BY d.name, c.slug = 'answers', c.title, min(o.day), o.step, m.rung, m.channel, m.state, messages DESC
    """  # noqa: S608  our own text
)
_WRITTEN = text(
    """
    SELECT d.name AS district, c.title AS campaign, o.step, CAST(sum(n.messages) AS bigint) AS messages
    FROM occurrence o JOIN campaign c ON c.id = o.campaign_id JOIN district d ON d.id = c.district_id
    CROSS JOIN LATERAL (SELECT count(*) AS messages FROM message m WHERE m.occurrence_id = o.id) n
    WHERE o.day BETWEEN :first AND :last AND (CAST(:district_id AS bigint) IS NULL OR d.id = :district_id)
    GROUP BY d.name, c.title, o.step HAVING sum(n.messages) > 0
    """
)


def parts(connection: Connection, first: date, last: date, district_id: int | None = None) -> Sequence[Part]:
    """The messages of the steps of these days, both included, by all that the sheet tells apart."""
    values = {"first": first, "last": last, "district_id": district_id}
    return [Part(**row._mapping) for row in connection.execute(_PARTS, values)]


def written(
    connection: Connection, first: date, last: date, district_id: int | None = None
) -> Sequence[Written]:
    """The same messages counted again, another way; only the engine sees them all."""
    values = {"first": first, "last": last, "district_id": district_id}
    return [Written(**row._mapping) for row in connection.execute(_WRITTEN, values)]

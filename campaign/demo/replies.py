"""What families of the made-up district write back in its month, in their languages."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from importlib.resources import files

from sqlalchemy import Connection, text

_WRITERS = text(
    """
    SELECT DISTINCT ON (c.id) c.id, c.email, c.phone_e164 AS phone, m.public_id,
        EXISTS (SELECT 1 FROM contact o WHERE o.phone_e164 = c.phone_e164 AND o.id <> c.id)
        OR (SELECT count(*) FROM student_contact s WHERE s.contact_id = c.id) > 1 AS needs_placing
    FROM message m JOIN contact c ON c.id = m.contact_id
    WHERE m.state = 'accepted' AND m.channel = :channel AND m.language = :language AND m.finished_at < :at
      AND NOT EXISTS (SELECT 1 FROM reply r WHERE r.contact_id = c.id OR r.from_address IN (c.email, c.phone_e164))
    ORDER BY c.id, m.finished_at DESC
    """
)


@dataclass(frozen=True)
class Words:
    """What one family writes, when and by which channel. Whose it is, is found when the time has come.

    `answer`: what the office writes back at `answered_at`, and `answer_there` the same in the family's language; "" and
    None where nobody has answered, and nobody needs to translate. `waits`: it comes on the last day of a demonstration.
    """

    at: datetime
    channel: str
    language: str
    text: str = field(repr=False)
    answered_at: datetime | None = None
    answer: str = field(default="", repr=False)
    answer_there: str = field(default="", repr=False)
    waits: bool = False

    def by(self, until: datetime) -> Words:
        """The same, on the last day before `until` where it is to wait: nobody leaves a family waiting for months."""
        if not self.waits:
            return self
        last = (until - timedelta(hours=1)).astimezone(self.at.tzinfo).date()
        return replace(self, at=datetime.combine(last, self.at.timetz()))


@dataclass(frozen=True)
class Writer:
    """`token`: the public id of the message that is answered."""

    address: str = field(repr=False)
    token: str


def load() -> list[Words]:
    """All of them, in the order of their times."""
    document = tomllib.loads(files("campaign.demo").joinpath("replies.toml").read_text(encoding="utf-8"))
    return sorted((Words(**entry) for entry in document["reply"]), key=lambda words: words.at)


def unsaid(connection: Connection, all_words: Sequence[Words], until: datetime) -> list[Words]:
    """Those that did not come in before, in an earlier run, in the order in which they come in one `until` then."""
    said = set(connection.scalars(text("SELECT at FROM reply")))
    to_come = [words.by(until) for words in all_words if not {words.at, words.by(until).at} & said]
    return sorted(to_come, key=lambda words: words.at)


def writer(connection: Connection, words: Words) -> Writer | None:
    """A family that got a message in this language and has not written yet, with one child and a telephone of its own
    where there is one; None where nobody got such a message."""
    values = {"channel": words.channel, "language": words.language, "at": words.at}
    found = connection.execute(_WRITERS, values).all()
    if not found:
        return None
    known = [row for row in found if not row.needs_placing] or found
    row = known[words.at.toordinal() % len(known)]
    return Writer(row.email if words.channel == "email" else row.phone, row.public_id)

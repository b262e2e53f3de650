"""What people have to do by hand: letters to print and to say a word of, calls to make. For the first pages."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g
from sqlalchemy import Connection

from campaign.dispatch.settling import LETTERS_WAIT
from campaign.store import calls, letters
from campaign.web.parts import parts
from campaign.web.staff.blueprint import OFFICE, SCHOOLS_OWN


@dataclass(frozen=True)
class ByHand:
    """`late`: runs of letters of which nobody has said anything for two weeks."""

    letters: int
    unsaid: int
    late: int
    calls: int

    def __bool__(self) -> bool:
        return bool(self.letters or self.unsaid or self.calls)


def work(connection: Connection) -> ByHand:
    """In the reader's scope; 0 for what the reader has no page of."""
    now = parts().clock()
    prints, phones = g.principal.role in OFFICE, g.principal.role in SCHOOLS_OWN
    waiting = letters.without_a_word(connection, now) if prints else []
    return ByHand(
        letters=letters.due(connection, now) if prints else 0,
        unsaid=sum(run.finished_at is not None for run in waiting),
        late=sum(run.taken_at <= now - LETTERS_WAIT for run in waiting),
        calls=calls.count(connection, now) if phones else 0,
    )

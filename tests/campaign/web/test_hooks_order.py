"""Events of one message at the door, in any order, told again, in posts of any size: one end, whatever came first."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.dispatch import receiving
from campaign.dispatch.receipts import Cause, Kind, Reported
from tests.web_pages import MORNING

STATES = ["ambiguous", "accepted", "retry_at", "rejected", "planned"]

told = st.builds(
    lambda kind, sending, minute: Reported(
        f"{sending}-{kind}-{minute}",
        "p2",
        kind,
        sending,
        Cause.FILTERED if kind is Kind.DROPPED else None,
        MORNING + timedelta(minutes=minute),
    ),
    st.sampled_from(Kind),
    st.sampled_from(["one", "two"]),
    st.integers(0, 2),
)


def end(connection: Connection, posts: list[list[Reported]]) -> list[tuple[object, ...]]:
    """What the database says of the message after these posts, taken back afterwards."""
    with connection.begin_nested() as before:
        for number, post in enumerate(posts):
            at = MORNING + timedelta(hours=number)
            receiving.take(connection, "sendgrid", "email", [(event, "") for event in post], at)
        found = connection.execute(
            text(
                """
                SELECT m.state, m.reason, d.status, d.cause, d.at,
                       (SELECT count(*) FROM provider_event e WHERE e.message_id = m.id),
                       (SELECT count(*) FROM provider_event e WHERE e.waits)
                FROM message m LEFT JOIN delivery d ON d.message_id = m.id ORDER BY m.id
                """
            )
        )
        after = [tuple(row) for row in found]
        before.rollback()
    return after


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    events=st.lists(told, min_size=1, max_size=6),
    state=st.sampled_from(STATES),
    data=st.data(),
)
def test_any_order_and_repetition_ends_the_same(
    engine: Engine, tmp_path: Path, events: list[Reported], state: str, data: st.DataObject
) -> None:
    again = data.draw(st.lists(st.sampled_from(events), max_size=4))
    shuffled = data.draw(st.permutations([*events, *again]))
    cut = data.draw(st.integers(0, len(shuffled)))
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text("UPDATE message SET state = :state, reason = NULL WHERE public_id = 'p2'"), {"state": state}
        )
        one_by_one = end(connection, [[event] for event in events])
        in_two_posts = end(connection, [shuffled[:cut], shuffled[cut:]])
    assert one_by_one == in_two_posts

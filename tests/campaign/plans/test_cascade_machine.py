"""Whatever is killed, doubled or said in between: each home gets each rung once at most, none after a word of its own,
and in the end every home is reached, has stopped, or stands on the call list."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.dispatch import ledger
from campaign.dispatch.receipts import Kind, Reported
from campaign.store import consent, holding, messages, receipts
from campaign.store.consent import Choice, Voice
from tests.campaign.dispatch.faults import killed_at
from tests.campaign.plans import cascade_world as world
from tests.campaign.plans.cascade_world import DUE, SENT, Home
from tests.campaign.providers import Provider

OFF = {"campaign_id": 1, "district_id": 1, "step": None, "day": None, "actor": "engine"}
FORGET = text(
    "TRUNCATE message, attempt, occurrence, consent_event, report_look, provider_event, delivery, cancellation,"
    " family_link, message_tally CASCADE"
)


class Cascades(RuleBasedStateMachine):
    engine: Engine
    folder: Path
    homes: list[Home]

    @initialize()
    def begin(self) -> None:
        with self.engine.begin() as connection:
            connection.execute(FORGET)
        self.now = SENT - timedelta(hours=8)
        self.provider = Provider()
        self.workers = [
            world.delivery(self.engine, self.folder, self.provider, owner=name) for name in ("one", "two")
        ]
        self.answers: dict[int, datetime] = {}
        self.events = 0

    @rule(worker=st.integers(0, 1), hours=st.integers(0, 60))
    def time_passes(self, worker: int, hours: int) -> None:
        self.now += timedelta(hours=hours)
        ledger.tick(self.workers[worker], self.now)

    @rule(hours=st.integers(0, 60))
    def two_pulses_at_once(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        ledger.tick(self.workers[0], self.now)
        ledger.tick(self.workers[1], self.now)

    @rule(moment=st.sampled_from(["commit", "begin"]), count=st.integers(1, 20), hours=st.integers(0, 90))
    def killed_in_the_middle(self, moment: str, count: int, hours: int) -> None:
        self.now += timedelta(hours=hours)
        with killed_at(self.engine, moment, count):
            ledger.tick(self.workers[0], self.now)

    @rule(home=st.integers(0, 3))
    def a_family_opens(self, home: int) -> None:
        world.opens(self.engine, self.homes[home], self.now)
        self._answered(home)

    @rule(home=st.integers(0, 3))
    def a_family_says_stop(self, home: int) -> None:
        with transaction(self.engine, ENGINE) as connection:
            said = Voice("reply", "STOP", self.now)
            contact = self.homes[home].contacts[0]
            consent.record(connection, contact, [Choice("email"), Choice("sms")], "revoked", said)
        self._answered(home)

    def _answered(self, home: int) -> None:
        # Before the message could go it is no answer to it.
        if self.now >= DUE:
            self.answers.setdefault(home, self.now)

    @rule(place=st.integers(0, 3))
    def one_bounces(self, place: int) -> None:
        with transaction(self.engine, ENGINE) as connection:
            query = (
                "SELECT public_id FROM message WHERE state = 'accepted' AND channel <> 'letter' ORDER BY id"
            )
            sent = list(connection.scalars(text(query)))
            if place >= len(sent):
                return
            self.events += 1
            bounced = Reported(f"e{self.events}", sent[place], Kind.BOUNCED, f"s{place}", None, self.now)
            kept = receipts.keep(connection, "mailbox", [bounced], self.now)
            receipts.weigh(connection, list(kept.new.values()), self.now)

    @rule(behaviour=st.sampled_from(["well", "refused", "lost_unclear"]))
    def the_provider_behaves(self, behaviour: str) -> None:
        self.provider.behaviour = behaviour

    @rule()
    def letters_are_posted(self) -> None:
        world.posted(self.engine, self.now)

    @rule(back=st.booleans())
    def it_is_called_off(self, back: bool) -> None:
        with transaction(self.engine, ENGINE) as connection:
            if connection.scalar(text("SELECT count(*) FROM campaign")) == 0:
                return
            holding.undo(connection, 1, None, None, self.now)
            if not back:
                holding.cancel(connection, {**OFF, "at": self.now})

    @invariant()
    def nothing_doubled_and_all_adds_up(self) -> None:
        if not hasattr(self, "provider"):
            return
        with transaction(self.engine, ENGINE) as connection:
            messages.reconcile(connection)
            twice = connection.execute(
                text(
                    """
                    SELECT household, rung FROM message WHERE rung > 0
                    GROUP BY household, rung, CASE channel WHEN 'letter' THEN language END HAVING count(*) > 1
                    """
                )
            ).all()
        assert not twice
        assert max(self.provider.taken.values(), default=0) <= 1

    @invariant()
    def nothing_after_a_word_of_the_family(self) -> None:
        if not hasattr(self, "provider"):
            return
        for place, at in self.answers.items():
            with transaction(self.engine, ENGINE) as connection:
                later = connection.execute(
                    text(
                        """
                        SELECT rung, channel FROM message WHERE contact_id = ANY (:contacts) AND rung > 0
                          AND (planned_at > :at OR state = 'accepted' AND channel <> 'letter' AND finished_at > :at)
                        """
                    ),
                    {"contacts": self.homes[place].contacts, "at": at},
                ).all()
            assert not later

    def teardown(self) -> None:
        """Three more months, in which staff post what there is to post."""
        if not hasattr(self, "provider"):
            return
        self.provider.behaviour = "well"
        for _ in range(30):
            self.now += timedelta(days=3)
            ledger.tick(self.workers[0], self.now)
            world.posted(self.engine, self.now)
        with transaction(self.engine, ENGINE) as connection:
            begun = connection.scalar(text("SELECT count(DISTINCT household) FROM message"))
            called = set(connection.scalars(text("SELECT household FROM message WHERE channel = 'call'")))
            callable_homes = set(
                connection.scalars(
                    text(
                        "SELECT m.household FROM message m JOIN contact c ON c.id = m.contact_id"
                        " WHERE c.phone IS NOT NULL"
                    )
                )
            )
            found = connection.execute(text("SELECT household, ended, look_at FROM household_cascade")).all()
        assert len(found) == begun
        for household, ended, look_at in found:
            assert look_at is None
            assert ended in {"reached", "stopped", "call_list", "no_phone"}
            assert (ended == "call_list") <= (household in called)
            assert (ended == "no_phone") <= (household not in callable_homes)
            assert not called - callable_homes


def test_every_home_ends_in_one_place(engine: Engine, tmp_path: Path) -> None:
    world.place(engine)
    homes = [
        world.add_home(engine, "a", {"email": "a@example.org", "phone": "+15550100001"}),
        world.add_home(engine, "b", {"email": "b@example.org", "language": "es"}, {"email": "c@example.org"}),
        world.add_home(engine, "d", {}),
        world.add_home(
            engine, "e", {"phone": "+15550100005"}, {"phone": "+15550100006", "court": True}, children=2
        ),
    ]

    class Machine(Cascades):
        pass

    Machine.engine, Machine.folder, Machine.homes = engine, tmp_path, homes
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=10,
            stateful_step_count=14,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )

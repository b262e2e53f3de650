"""One pulse of the cascades of a district: look at the families whose time has come, and write down what follows.

Each chunk of families is one transaction, in which they belong to this worker alone: killed, it leaves all as it was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.definitions.definition import CampaignDefinition, Step, parse
from campaign.definitions.follow_ups import Way, longest
from campaign.dispatch.deliver import Delivery
from campaign.gate import AudienceRow, Rules
from campaign.plans.cascade import decide
from campaign.plans.cascade_values import End, Ending, Facts, Family, Go, Line, Move, Target, Wait
from campaign.store import audience, cascades
from campaign.store.cascades import Followed, Heard
from campaign.store.occurrences import District
from campaign.verdicts import Reason
from content.catalog import Catalog, ContentError

FAMILIES_AT_ONCE = 1000
# A city that is silent on the same day is worked off over several pulses, so that what is due to be sent need not wait.
CHUNKS_A_PULSE = 20


def advance(delivery: Delivery, district: District, rules: Rules, now: datetime) -> int:
    """Decide for every family that is due what comes next; how many rungs were written down."""
    with transaction(delivery.engine, ENGINE) as connection:
        found = cascades.followed(connection, district.id, now)
        if not found:
            return 0
        holding = {one.slug: one for one in delivery.campaigns(connection, district.id)}
        approved = delivery.approved(connection, district.id, rules.year)
    written = 0
    for followed in found:
        step = parse(followed.document, f"campaign {followed.slug}").steps[followed.step]
        held = followed.held or _changed(holding, followed, step)
        if held is None and not approved.covers(followed.slug, step):
            held = Reason.NOT_APPROVED
        written += _Pulse(delivery, district, rules, followed, step, held, now).run()
    return written


def _changed(holding: Mapping[str, CampaignDefinition], followed: Followed, step: Step) -> str | None:
    """A step that was taken away, or says something else now, is followed no further."""
    campaign = holding.get(followed.slug)
    same = campaign is not None and campaign.steps.get(step.id) == step
    return None if same else Reason.REPLACED


@dataclass(frozen=True)
class _Pulse:
    """One step on one day; `held`: why none of its rungs may leave now."""

    delivery: Delivery
    district: District
    rules: Rules
    followed: Followed
    step: Step
    held: str | None
    now: datetime

    def run(self) -> int:
        is_over = self.now >= longest(self.step.follow_ups, self.followed.expires_at)
        with transaction(self.delivery.engine, ENGINE) as connection:
            if self.held is None and not self.followed.is_watched:
                cascades.watch(connection, self.followed.id, self.step.follow_ups[0].after, self.now)
            if self.held is not None and is_over:
                cascades.close(connection, self.followed.id, self.held, self.now)
        written = 0
        for _ in range(CHUNKS_A_PULSE if self.held is None else 0):
            some = self._chunk(is_over)
            if some is None:
                break
            written += some
        return written

    def _chunk(self, is_over: bool) -> int | None:
        with transaction(self.delivery.engine, ENGINE) as connection:
            due = cascades.due(connection, self.followed.id, self.now, FAMILIES_AT_ONCE)
            if not due:
                return None
            families = self._families(connection, due)
            rows = self._rows(connection, families)
            catalog = self.delivery.texts(connection, self.district.id).catalog
            moves = [(family, self._move(family, rows, is_over)) for family in families]
            settled = [self._settled(family, move) for family, move in moves]
            new = [
                self._row(family, move, target, catalog)
                for family, move in moves
                if isinstance(move, Go)
                for target in move.targets
            ]
            written = cascades.write(connection, self.followed.id, self.step.message, new, self.now)
            cascades.settle(connection, self.followed.id, settled, self.now)
            return written

    def _families(self, connection: Connection, due: Mapping[str, int]) -> list[Family]:
        lines: dict[str, list[Line]] = {household: [] for household in due}
        for row in cascades.lines(connection, self.followed.id, due, self.now):
            lines[row.pop("household")].append(Line(**row))
        heard = cascades.heard(connection, [(self.followed.id, household) for household in due])
        nothing = Heard()
        return [
            Family(household, rung, lines[household], said.answered, said.stopped)
            for household, rung in due.items()
            for said in [heard.get((self.followed.id, household), nothing)]
        ]

    def _rows(self, connection: Connection, families: Sequence[Family]) -> Mapping[int, list[AudienceRow]]:
        """Those of everybody related to the students of these families, by student."""
        students = {id for family in families for line in family.lines for id in line.student_ids}
        contacts = cascades.contacts_of(connection, students)
        zone = self.district.time_zone or self.delivery.settings.installation.time_zone
        found: dict[int, list[AudienceRow]] = defaultdict(list)
        for row in audience.rows(connection, contacts, slug=self.followed.slug, zone=zone):
            found[row.student_id].append(row)
        return found

    def _move(self, family: Family, rows: Mapping[int, list[AudienceRow]], is_over: bool) -> Move:
        students = sorted({id for line in family.lines for id in line.student_ids})
        known = [row for student in students for row in rows.get(student, ())]
        move = decide(family, Facts(self.step, known, self.rules, self.now))
        return End(Ending.STOPPED, Reason.EXPIRED) if is_over and not isinstance(move, End) else move

    def _settled(self, family: Family, move: Move) -> dict[str, Any]:
        stands: dict[str, Any] = {"household": family.household, "rung": family.rung}
        if isinstance(move, Wait):
            return {**stands, "look_at": move.until.isoformat()}
        if isinstance(move, End):
            return {**stands, "ended": move.how, "reason": move.reason}
        if self.step.follow_ups[move.rung - 1].by is Way.CALL:
            return {**stands, "rung": move.rung, "ended": Ending.CALL_LIST}
        # The last rung's own silence counts, too.
        after = self.step.follow_ups[min(move.rung, len(self.step.follow_ups) - 1)].after
        return {**stands, "rung": move.rung, "look_at": (self.now + after).isoformat()}

    def _row(self, family: Family, move: Go, target: Target, catalog: Catalog) -> dict[str, Any]:
        rung = self.step.follow_ups[move.rung - 1]
        version, digest = _text(catalog, self.step.message, target)
        place = f"{self.followed.campaign_id}|{self.step.id}|{self.followed.day}|{family.household}"
        # Without the channel where the rung is one whatever the channel: two pulses may see different addresses.
        key = f"{place}|{move.rung}|{rung.by}|{target.part}"
        return {
            "public_id": self.delivery.public_id(key),
            "contact_id": target.contact_id,
            "student_ids": list(target.student_ids),
            "household": family.household,
            "channel": target.channel,
            "language": target.wording.language,
            "fallback_from": target.wording.fallback_from,
            "template_version": version,
            "template_hash": digest,
            "dedupe_key": key,
            "rung": move.rung,
            "follows_id": target.follows_id,
            "due_at": move.at.isoformat(),
            "expires_at": (move.at + rung.expires_after).isoformat(),
        }


def _text(catalog: Catalog, message: str, target: Target) -> tuple[int, str]:
    """Version and hash of the text; 0 and nothing where the message has none for this way."""
    try:
        template = catalog.message(message, target.channel, target.wording.language)
    except ContentError:
        return 0, ""
    return template.version, template.hash

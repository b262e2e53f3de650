"""SQL that writes messages down: those of many contacts in one statement, which may be said again and adds nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from campaign.gate import Reason
from campaign.plans.alike import Told
from campaign.plans.plan import Decision
from campaign.store.occurrences import DueOccurrence

# A contact who already has a message of this occurrence gets no second one on another channel, whatever changed
# since; a row that is there already stays as it is.
_WRITE = text(
    """
    WITH kind AS (
        SELECT * FROM unnest(
            CAST(:channel AS text[]), CAST(:language AS text[]), CAST(:fallback_from AS text[]),
            CAST(:template_version AS int[]), CAST(:template_hash AS text[]), CAST(:ending AS text[]),
            CAST(:reason AS text[]), CAST(:due_at AS timestamptz[]), CAST(:expires_at AS timestamptz[])
        ) WITH ORDINALITY AS k (
            channel, language, fallback_from, template_version, template_hash, ending, reason, due_at, expires_at,
            number
        )
    ), told AS (
        SELECT * FROM unnest(
            CAST(:kinds AS int[]), CAST(:contacts AS bigint[]), CAST(:students AS text[]),
            CAST(:households AS text[]), CAST(:public_ids AS text[])
        ) AS t (kind, contact_id, student_ids, household, public_id)
    )
    INSERT INTO message (
        public_id, district_id, campaign_id, occurrence_id, step, contact_id, student_ids, household, channel, language,
        fallback_from, template, template_version, template_hash, dedupe_key, state, reason, due_at, expires_at,
        planned_at, finished_at
    )
    SELECT t.public_id, :district_id, :campaign_id, :occurrence_id, :step, t.contact_id,
        CAST('{' || t.student_ids || '}' AS bigint[]), t.household, k.channel, k.language, k.fallback_from, :template,
        k.template_version, k.template_hash, concat(CAST(:key AS text), t.contact_id, k.ending),
        CASE WHEN k.reason IS NULL THEN 'planned' ELSE 'withheld' END, k.reason, k.due_at, k.expires_at, :now,
        CASE WHEN k.reason IS NOT NULL THEN CAST(:now AS timestamptz) END
    FROM told t JOIN kind k ON k.number = t.kind
    WHERE k.reason IS NOT NULL OR NOT EXISTS (
        SELECT 1 FROM message m WHERE m.occurrence_id = :occurrence_id
          AND m.contact_id = t.contact_id AND m.state <> 'withheld'
    )
    ORDER BY k.due_at, t.contact_id
    ON CONFLICT (dedupe_key) DO NOTHING
    """
)


@dataclass(frozen=True)
class Text:
    """The text a message was planned with; version 0 where it is withheld because there is none."""

    version: int
    hash: str


def write(connection: Connection, values: Mapping[str, Any]) -> int:
    """Write down what `values` says; the number of new rows."""
    return int(connection.execute(_WRITE, values).rowcount) if values else 0


def values(
    due: DueOccurrence,
    told: Sequence[tuple[Told, Text]],
    *,
    district_id: int,
    public_id: Callable[[str], str],
    now: datetime,
) -> dict[str, Any]:
    """What is told in one occurrence, for `write`. `public_id` makes it of a message's key."""
    if not told:
        return {}
    key = f"{due.campaign_id}|{due.step}|{due.day}|"
    kinds: dict[_Kind, int] = {}
    numbers = [kinds.setdefault(_kind(one.decision, text), len(kinds) + 1) for one, text in told]
    endings = [kind.ending for kind in kinds]
    return {
        "district_id": district_id,
        "campaign_id": due.campaign_id,
        "occurrence_id": due.id,
        "step": due.step,
        "template": told[0][0].decision.template,
        "key": key,
        "now": now,
        **{name: [getattr(kind, name) for kind in kinds] for name in _Kind.__slots__},
        "kinds": _array(
            str(number) for number, (one, _) in zip(numbers, told, strict=True) for _ in one.contacts
        ),
        "contacts": _array(str(contact) for one, _ in told for contact in one.contacts),
        "students": _array(",".join(map(str, ids)) for one, _ in told for ids in one.students),
        "households": _array(household for one, _ in told for household in one.households),
        "public_ids": _array(
            public_id(f"{key}{contact}{endings[number - 1]}")
            for number, (one, _) in zip(numbers, told, strict=True)
            for contact in one.contacts
        ),
    }


@dataclass(frozen=True, slots=True)
class _Kind:
    """What many messages of an occurrence have in common. `ending`: of their keys."""

    channel: str
    language: str
    fallback_from: str | None
    template_version: int
    template_hash: str
    ending: str
    reason: str | None
    due_at: datetime
    expires_at: datetime


def _kind(decision: Decision, text: Text) -> _Kind:
    # A message is one of a kind; of withheld ones there may be one a reason, beside the message about a sibling, and
    # so may be one that waits for a language of the other child's school.
    apart = Reason.LANGUAGE_REQUIRED if decision.apart else decision.reason
    return _Kind(
        channel=decision.channel,
        language=decision.wording.language,
        fallback_from=decision.wording.fallback_from,
        template_version=text.version,
        template_hash=text.hash,
        ending=f"|{decision.channel}|{apart}" if apart else f"|{decision.channel}",
        reason=str(decision.reason) if decision.reason else None,
        due_at=decision.due_at,
        expires_at=decision.expires_at,
    )


def _array(values: Iterable[str]) -> str:
    """As PostgreSQL writes an array. None of what is written here holds a quote or a backslash."""
    joined = '","'.join(values)
    return f'{{"{joined}"}}' if joined else "{}"

"""Deciding in groups says the same as deciding contact by contact, and being broken off loses and doubles nothing."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.definitions.definition import Audience
from campaign.dispatch import ledger
from campaign.gate import AudienceRow, Rules
from campaign.plans.alike import asked, decide_alike
from campaign.plans.plan import Decision, Occurrence, decide
from campaign.plans.plan import occurrences as occurrences_of
from campaign.plans.planning import Planner
from campaign.schema import comparisons, messages, rosters
from campaign.store import alike, audience, occurrences
from campaign.store.audience import Reading
from tests.campaign import families
from tests.campaign.test_gate import RULES, STEPS

FAMILIES = 60
DUE = datetime(2026, 11, 10, 23, 30, tzinfo=UTC)
SUBJECTS = ("math", "reading")
CATEGORIES = ("HIGH_NOTYET", "MATCH_AT", "BOTH_NEED")
LANGUAGES = ("en", "es", "es-MX", "so", "vi", "", None)
OF_THE_LAST_LOOK = {"preview_since", "held_until"}
BELIEFS = ("above", "at", "not_sure")


@pytest.fixture(params=[1, 2, 3])
def chance(request: pytest.FixtureRequest) -> random.Random:
    return random.Random(request.param)  # noqa: S311  made-up families


@pytest.fixture
def district(engine: Engine, chance: random.Random, tmp_path: Path) -> Engine:
    """Families of every kind by chance, some with what a message was about replaced since."""
    families.build(engine, students=0)
    ledger.plan(families.delivery(engine, tmp_path), families.BEGIN - timedelta(days=1))
    with transaction(engine, ENGINE) as connection:
        for number in range(FAMILIES):
            _family(connection, number, chance)
    return engine


def _family(connection: Connection, number: int, chance: random.Random) -> None:
    children = [_child(connection, f"C{number}-{n}", chance) for n in range(chance.choice((1, 1, 2, 3)))]
    for place in range(chance.choice((1, 2, 2))):
        contact = _adult(connection, number, place, chance)
        for child in children:
            if chance.random() < 0.9:
                _relate(connection, child, contact, chance)
        for child in chance.sample(children, chance.randint(0, len(children))):
            _said(connection, child, contact, chance)


def _child(connection: Connection, name: str, chance: random.Random) -> int:
    child = families.add_student(connection, name, school=chance.choice((1, 2)))
    birthday = date(2008, 11, 10) + timedelta(days=chance.randint(-3, 3))
    about = {
        "birth_date": chance.choice((None, birthday, date(2015, 5, 5), date(2001, 1, 1))),
        "grade_level": chance.choice((None, 0, 5, 12)),
        "home_language": chance.choice(LANGUAGES),
        "withdrawn": chance.random() < 0.1,
        "confidential": chance.random() < 0.1,
    }
    student = rosters.student
    connection.execute(student.update().where(student.c.id == child).values(about))
    if chance.random() < 0.8:
        families.add_comparison(connection, child, chance.choice(CATEGORIES))
        if chance.random() < 0.5:
            _replace(connection, child, chance)
    return child


def _replace(connection: Connection, child: int, chance: random.Random) -> None:
    """The comparison in math is replaced, and another in reading is there."""
    at = datetime(2026, 11, 8, tzinfo=UTC)
    table = comparisons.comparison
    connection.execute(table.update().where(table.c.student_id == child).values(superseded_at=at))
    same = {"district_id": 1, "student_id": child, "rules": [], "explanation": {}, "inputs_hash": "y"}
    for subject, version in (("math", 2), ("reading", 1)):
        category = chance.choice(CATEGORIES)
        values = same | {"subject": subject, "version": version, "category": category, "computed_at": at}
        connection.execute(insert(table).values(values))
    if chance.random() < 0.5:
        report = comparisons.report
        connection.execute(
            report.update().where(report.c.student_id == child).values(corrects=True, created_at=at)
        )


def _adult(connection: Connection, number: int, place: int, chance: random.Random) -> int:
    contact = families.add_contact(
        connection,
        f"a{number}-{place}",
        email=chance.choice((None, f"f{number}@example.org", f"a{number}-{place}@example.org")),
        phone=chance.choice((None, "", f"+1312555{number * 3 + place:04}")),
        home=chance.choice((None, f"{number} Oak St", f"{number} Elm St")),
    )
    about = {
        "written_language": chance.choice(LANGUAGES),
        "phone_type": chance.choice((None, "mobile", "landline")),
        "confidential": chance.random() < 0.1,
        "given_name": chance.choice(("Pat", "Sam")),
    }
    table = rosters.contact
    connection.execute(table.update().where(table.c.id == contact).values(about))
    return contact


def _relate(connection: Connection, child: int, contact: int, chance: random.Random) -> None:
    families.relate(connection, child, contact, court=chance.random() < 0.1)
    about = {
        "relation": chance.choice(("parent", "guardian", "self")),
        "may_receive": chance.random() < 0.9,
        "adult_consent": chance.choice((None, True, False)),
        "lives_with": chance.choice((None, True, False)),
        "said_by": chance.choice((None, "one", "other")),
    }
    table = rosters.student_contact
    pair = (table.c.student_id == child) & (table.c.contact_id == contact)
    connection.execute(table.update().where(pair).values(about))


_CONSENT = text(
    """
    INSERT INTO consent_event (district_id, contact_id, channel, scope, action, source, at)
    VALUES (1, :contact, :channel, :scope, :action, 'staff', :at)
    """
)
_SUPPRESS = text(
    """
    INSERT INTO suppression (channel, address, contact_id, reason, since)
    SELECT 'email', lower(email), CASE WHEN :alone THEN id ELSE 0 END, 'bounce', :at FROM contact
    WHERE id = :contact AND email IS NOT NULL
    ON CONFLICT DO NOTHING
    """
)
_LOOKED = text(
    """
    INSERT INTO message (public_id, district_id, campaign_id, occurrence_id, step, contact_id, student_ids, household,
                         channel, language, template, template_version, template_hash, dedupe_key, state, due_at,
                         expires_at, planned_at, finished_at)
    SELECT 'before ' || :contact || ' ' || :child, 1, c.id, o.id, 'report_ready', :contact, ARRAY[:child], 'home:x',
           'email', 'en', 'report_ready', 1, 'x', 'before ' || :contact || ' ' || :child, 'accepted', :at, :at, :at, :at
    FROM campaign c JOIN occurrence o ON o.campaign_id = c.id LIMIT 1
    """
)


def _said(connection: Connection, child: int, contact: int, chance: random.Random) -> None:
    """Stops, answers, a report that was told; each by chance."""
    at = datetime(2026, 11, chance.randint(1, 9), 12, tzinfo=UTC)
    for _ in range(chance.randint(0, 2)):
        said = {
            "channel": chance.choice(("email", "sms")),
            "scope": chance.choice(("all", "go-beyond-grades", f"student:{child}", "topic:report_ready")),
            "action": chance.choice(("revoked", "revoked", "granted")),
        }
        connection.execute(
            _CONSENT, said | {"contact": contact, "at": at + timedelta(minutes=chance.randint(0, 9))}
        )
    if chance.random() < 0.2:
        connection.execute(_SUPPRESS, {"contact": contact, "alone": chance.random() < 0.5, "at": at})
    if chance.random() < 0.5:
        believed = {
            "district_id": 1,
            "student_id": child,
            "contact_id": contact,
            "subject": chance.choice(SUBJECTS),
        }
        believed |= {"wave": "before", "answer": chance.choice(BELIEFS), "at": at}
        connection.execute(insert(messages.belief_answer).values(believed))
    if chance.random() < 0.5:
        connection.execute(_LOOKED, {"contact": contact, "child": child, "at": at})
        look = {"contact": contact, "child": child, "at": at}
        connection.execute(
            text(
                "INSERT INTO report_look (student_id, contact_id, version, language, at) "
                "VALUES (:child, :contact, 1, 'en', :at) ON CONFLICT DO NOTHING"
            ),
            look,
        )


def _audience(chance: random.Random) -> Audience:
    """Each of its parts by chance; a part that is not named here would not be tested."""
    some: dict[str, Sequence[Any]] = {
        "categories": [frozenset({"HIGH_NOTYET"}), frozenset(CATEGORIES[:2])],
        "subjects": [frozenset({"math"}), frozenset(SUBJECTS)],
        "grade_levels": [(0, 5), (5, 12)],
        "outdated": [True],
        "schools": [frozenset({"East School"})],
        "languages": [frozenset({"es"}), frozenset({"en", "so"})],
        "reachable_by": [frozenset({"sms"})],
        "not_reachable_by": [frozenset({"email"})],
        "believes": [frozenset({"above", "at"}), frozenset({"not_asked"})],
        "opened": [True, False],
    }
    assert some.keys() == {field.name for field in fields(Audience)}
    asked_for = chance.sample(sorted(some), chance.choice((0, 1, 1, 2)))
    return Audience(**{name: chance.choice(some[name]) for name in asked_for})


def _occurrences(chance: random.Random) -> Iterator[Occurrence]:
    for number in range(24):
        step = replace(chance.choice(sorted(STEPS.values(), key=lambda s: s.id)), audience=_audience(chance))
        step = replace(step, id=f"s{number}", needs_report=chance.random() < 0.5)
        due_at = DUE + timedelta(days=chance.choice((0, 0, 2)), hours=chance.choice((0, 7)))
        yield Occurrence(step, due_at.date(), due_at, due_at + step.expires_after)


def _rules(chance: random.Random) -> Rules:
    held = {
        message: frozenset({1}) for message in {s.message for s in STEPS.values()} if chance.random() < 0.3
    }
    notices = chance.choice((frozenset(), RULES.sendable.texts))
    return replace(RULES, held=held, sendable=replace(RULES.sendable, notices=notices))


def _listed(decisions: Iterator[Decision]) -> Counter[str]:
    return Counter(map(repr, decisions))


def test_groups_decide_as_each_contact_alone(district: Engine, chance: random.Random, tmp_path: Path) -> None:
    rules, found = _rules(chance), list(_occurrences(chance))
    read = Reading("go-beyond-grades", "America/Chicago", ["report_ready"])
    with transaction(district, ENGINE) as connection:
        contacts = audience.contacts_after(connection, 1, 0, 10_000)
        rows = audience.rows(connection, contacts, **vars(read))
        told_apart = {name for name in AudienceRow.__slots__ if len({getattr(row, name) for row in rows}) > 1}
        assert told_apart >= set(AudienceRow.__slots__) - OF_THE_LAST_LOOK
        # The last look, too, reads the same of all that it asks.
        unasked: Any = audience.CHOSEN_BY | {"categories": frozenset(), "beliefs": frozenset()}
        last = audience.last(connection, contacts, slug=read.slug, zone=read.zone)
        assert last == [replace(row, **unasked) for row in rows]
        # Several occurrences at once, as a dry run looks at them, and each on its own, as it is planned.
        for some in [found, *([one] for one in found)]:
            groups = alike.groups(connection, 1, (0, contacts[-1]), asked(some, rules), read)
            assert sum(len(group.contacts) for group in groups) == len({row.contact_id for row in rows})
            for one in some:
                told = decide_alike(one, groups, rules)
                in_groups = _listed(decision for each in told for decision in each.each())
                assert in_groups == _listed(decide(one, rows, rules))
                assert len(groups) < len(rows)


def test_broken_off_between_chunks_nothing_is_lost_or_doubled(engine: Engine, tmp_path: Path) -> None:
    families.build(engine, students=20)
    delivery = families.delivery(engine, tmp_path)
    noon = datetime(2026, 11, 2, 12, tzinfo=UTC)
    with transaction(engine, ENGINE) as connection:
        rules, (here,) = delivery.rules(connection, 1), occurrences.districts(connection)
    ledger.plan(delivery, families.BEGIN - timedelta(days=1))
    with transaction(engine, ENGINE) as connection:
        due = occurrences.to_plan(connection, 1, noon + ledger.PLAN_AHEAD)[0]
    for chunks in range(1, 4):
        begun = Planner(delivery, here, rules, at_once=5).write_down(due, noon)
        for _ in range(chunks):
            next(begun)
        begun.close()
    half = families.states(engine)
    ledger.plan(delivery, noon)
    whole = families.states(engine)
    assert 0 < len(half) < len(whole)
    assert half.items() <= whole.items()
    expected = ledger.plan(
        delivery, noon, dry_run=ledger.Span(due.due_at, due.due_at + timedelta(seconds=1))
    ).decisions
    assert len(whole) == expected


def test_read_side_by_side_everybody_is_foreseen_once_in_the_same_order(
    engine: Engine, tmp_path: Path
) -> None:
    families.build(engine, students=20)
    delivery = families.delivery(engine, tmp_path)
    with transaction(engine, ENGINE) as connection:
        rules, (here,) = delivery.rules(connection, 1), occurrences.districts(connection)
        (definition, *_) = delivery.campaigns(connection, 1)
    found = occurrences_of(definition, rules, "America/Chicago")
    whole = list(Planner(delivery, here, rules).groups(definition, found))
    parts = list(Planner(delivery, here, rules, at_once=3).foreseen(definition, found))
    seen = [sorted(one for group in part for one in group.contacts) for part in parts]
    assert len(parts) > 2 > len(whole)
    assert [one for chunk in seen for one in chunk] == sorted(
        {one for group in whole[0] for one in group.contacts}
    )

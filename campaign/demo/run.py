"""The demonstration: a made-up district goes the whole road, through the same doors as everybody.

The district lives in the school year 2026-27. Its files come in on 23 October 2026, so that teachers have had their
preview when the campaign month begins on 2 November. Every station may be run again: it then finds its work done.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.resources import as_file, files
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, text

from campaign import database, publish, simulation
from campaign.access import ENGINE
from campaign.approval import approving
from campaign.comparing import comparisons
from campaign.correspondence.conversation_steps import Doer
from campaign.definitions import definition
from campaign.demo import district, doors, post, stops, summary
from campaign.demo.district import MadeUpDistrict
from campaign.demo.doors import FamilyDoor, StaffDoor
from campaign.demo.home import Beginning, DemoError, DemoHome, Recipe, claim
from campaign.demo.office import Office
from campaign.demo.packages import DISTRICT_CODE
from campaign.demo.summary import Station
from campaign.dispatch.deliver import Delivery
from campaign.dispatch.ledger import Span
from campaign.documents import family_reports, programme_file
from campaign.intake.run import import_paths
from campaign.school_year import calendar_file
from campaign.settings import Settings
from campaign.store import draft_permissions, occurrences, programmes
from campaign.wordings import drafts
from campaign.wordings.wording import ENGLISH
from content import catalog

FILES_COME = datetime(2026, 10, 23, 20, 0, tzinfo=UTC)
# The campaign month, 2 November to 2 December in the district's zone.
MONTH = Span(datetime(2026, 11, 2, 6, 0, tzinfo=UTC), datetime(2026, 12, 3, 6, 0, tzinfo=UTC))
# To the end of the school year; the same facts in all of it, for no later files are made up.
YEAR = Span(MONTH.since, datetime(2027, 7, 1, 5, 0, tzinfo=UTC))
DRAFTS_BECAUSE = "A made-up district, to look at; no family is written to"


class Show(Protocol):
    """Who is told how it goes: the name of each station, and a bar for work of a known length."""

    def station(self, name: str) -> None: ...

    def bar(self, length: int) -> AbstractContextManager[Callable[[int], None]]: ...


@dataclass(frozen=True)
class Demonstration:
    """`summary` is what stands in summary.json; the doors are shown once and never written down.

    `over`: the moment at which the campaign was over, and visitors come.
    """

    over: datetime
    summary: dict[str, Any]
    staff_doors: list[StaffDoor]
    family_door: FamilyDoor | None


@dataclass
class _Road:
    """What the stations share: the database, the settings, and the times they took."""

    engine: Engine
    settings: Settings
    home: DemoHome
    show: Show
    span: Span
    stations: list[Station] = field(default_factory=list)

    @contextmanager
    def station(self, name: str) -> Iterator[None]:
        self.show.station(name)
        began = time.monotonic()
        yield
        self.stations.append(Station(name, round(time.monotonic() - began, 1)))


def run(
    engine: Engine, settings: Settings, home: DemoHome, recipe: Recipe, *, beginning: Beginning, show: Show
) -> Demonstration:
    """Take the district down the whole road; `settings` are those of `home`. Raises DemoError."""
    claim(engine, recipe, FILES_COME)
    road = _Road(engine, settings, home, show, YEAR if recipe.whole_year else MONTH)
    with road.station("make the files of the district"):
        made = _make(home, recipe)
    with road.station("import them"):
        district_id = _import(road, made)
    with road.station("compare grades with tests"):
        policy = comparisons.policy_of(settings.comparison)
        comparisons.compare_district(engine, district_id, policy, FILES_COME.date(), FILES_COME)
    with road.station("write the family reports"):
        _report(road, district_id)
    with road.station(f"run a {'year' if recipe.whole_year else 'month'} of campaign"):
        _campaign(road, recipe.seed)
    with road.station("publish totals for partners"):
        publish.publish(engine, district_id, settings, road.span.until)
    return _finish(road, district_id, recipe, beginning)


def _make(home: DemoHome, recipe: Recipe) -> MadeUpDistrict:
    if not (home.district / district.CALENDAR).exists():
        home.clear_district()
        return district.build(home.district, students=recipe.students, seed=recipe.seed)
    return district.found(home.district, recipe.students)


def _import(road: _Road, made: MadeUpDistrict) -> int:
    limits = road.settings.intake
    import_paths(road.engine, made.rosters, district=None, limits=limits, now=FILES_COME)
    import_paths(road.engine, made.results, district=DISTRICT_CODE, limits=limits, now=FILES_COME)
    with database.transaction(road.engine, ENGINE) as connection:
        district_id = _district_id(connection)
        occurrences.replace_calendar(connection, district_id, calendar_file.read(made.calendar))
        _offer(connection, district_id)
        stops.record(connection, district_id, FILES_COME)
        _allow_drafts(connection, district_id, road.settings.languages.offered)
    return district_id


def _offer(connection: Connection, district_id: int) -> None:
    """The district's programmes, and its line on grades."""
    with as_file(files("campaign.demo").joinpath("programmes.toml")) as file:
        programmes.replace_programmes(connection, district_id, programme_file.read_programmes(file))
        programmes.replace_policies(connection, district_id, programme_file.read_grading_policies(file))


def _allow_drafts(connection: Connection, district_id: int, offered: Sequence[str]) -> None:
    """Say once that the texts that ship may be looked at here before anybody has reviewed them."""
    said = draft_permissions.in_force(connection, district_id)
    word = drafts.Word("Demonstration", DRAFTS_BECAUSE, ENGINE.actor, FILES_COME)
    for language in offered:
        if language != ENGLISH and language not in said:
            drafts.allow(connection, district_id, language, word)


def _district_id(connection: Connection) -> int:
    found = connection.scalar(text("SELECT id FROM district WHERE code = :code"), {"code": DISTRICT_CODE})
    if found is None:
        raise DemoError("the made-up district was not imported; gbg doctor may say why")
    return int(found)


def _report(road: _Road, district_id: int) -> None:
    with database.transaction(road.engine, ENGINE) as connection:
        students = connection.scalar(
            text("SELECT count(*) FROM student WHERE district_id = :id"), {"id": district_id}
        )
    with road.show.bar(int(students or 0)) as done:
        family_reports.write_reports(
            road.engine,
            district_id=district_id,
            catalog=catalog.load(),
            settings=road.settings,
            out=road.home.reports,
            now=FILES_COME,
            progress=done,
        )


def _campaign(road: _Road, seed: int) -> None:
    with post.opened(road.settings, road.engine, seed=seed, now=FILES_COME, until=road.span.until) as carried:
        delivery = Delivery(
            engine=road.engine,
            settings=road.settings,
            catalog=catalog.load(),
            sender=carried,
            definitions=tuple(definition.load_all()),
            owner="demonstration",
        )
        with database.transaction(road.engine, ENGINE) as connection:
            district_id = _district_id(connection)
            people = doors.approvers(connection, district_id)
            approving.approve_all(delivery, connection, district_id, people, FILES_COME)
            stops.choose_weekly(
                connection, district_id, delivery.catalog.text("page.stop.often_one", ENGLISH), FILES_COME
            )
            year = delivery.rules(connection, district_id).year
        answering = Doer(people[0].account_id, doors.APPROVERS[0], people[0].actor)
        office, words = Office(delivery, district_id, seed, year), carried.visits()

        def visits(now: datetime) -> datetime | None:
            after = (office.next(now), next((at for at in words if at > now), None))
            return min((at for at in after if at is not None), default=None)

        with road.show.bar(simulation.days(road.span)) as done:
            hear = carried.hearing(office.working(simulation.by_day(road.span, done)), answering)
            simulation.run(delivery, road.span, hear, visits)


def _finish(road: _Road, district_id: int, recipe: Recipe, beginning: Beginning) -> Demonstration:
    with database.transaction(road.engine, ENGINE) as connection:
        days = road.settings.privacy.family_link_days
        staff_doors = doors.open_staff_doors(connection, district_id, road.span.until)
        family_door = doors.open_family_door(connection, district_id, road.span.until, days)
        document = {
            "beginning": str(beginning),
            "seed": recipe.seed,
            **summary.count(connection, district_id),
            "stations": [vars(station) for station in road.stations],
            "places": road.home.places(),
            "drafts": drafts.banner(draft_permissions.in_force(connection, district_id)),
        }
    road.home.summary.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return Demonstration(road.span.until, document, staff_doors, family_door)

"""How fast a district's messages are planned, beside a row at a time and beside a bare INSERT; dry run and plan page.

    python -m benchmarks plan --contacts 100000
    python -m benchmarks plan

A million adults of made-up families, with all tables, keys, rules and rights of the program. Planning asks every rule
for each of them. The slow way asks the same rules contact by contact for a slice and writes row by row; its seconds are
reckoned up to all. SQL copies the finished rows into a table with the same columns and keys, and asks nothing. The dry
run is of a month in a second district of 50,000 children. The pages are those of a district's office, the median of
several. Each way runs in a process of its own; the database is deleted afterwards.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks._recipients import REPORT_DAY, Size, load
from benchmarks._server import used
from campaign import database

_SLICE = 500
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
# Two adults a family and 1.3 children: so many adults have about 50,000 children.
_DRY_RUN = Size(district=2, contacts=77_000, first=100_000_000)


_INSERT = """
    INSERT INTO message (public_id, district_id, campaign_id, occurrence_id, step, contact_id, student_ids,
        household, channel, language, template, template_version, template_hash, dedupe_key, state, reason,
        due_at, expires_at, planned_at)
    SELECT :key, 1, o.campaign_id, o.id, o.step, :contact, :students, :household, :channel, :language, :template,
        1, '', :key, :state, :reason, :due_at, :expires_at, :now
    FROM occurrence o WHERE o.id = :occurrence
    """


def _delivery(url: str, home: Path) -> Any:
    from campaign import settings
    from campaign.definitions.definition import load_all
    from campaign.dispatch.deliver import Delivery
    from campaign.senders.contract import MailIdentity
    from campaign.senders.mailbox import MailboxSender
    from content import catalog

    found = settings.load(environment={"GBG_HOME": str(home), "GBG_SECRET_KEY": "k" * 48})
    sender = MailboxSender(home / "mailbox", MailIdentity("families@example.org", "Made-up"))
    return Delivery(database.connect(url), found, catalog.load(), sender, tuple(load_all()), "benchmark")


def ours(url: str, home: Path) -> tuple[int, Callable[[], int]]:
    """Every message of the report day of district 1, as a tick plans it."""
    from campaign.dispatch import ledger

    delivery = _delivery(url, home)

    def work() -> int:
        return ledger.plan(delivery, NOON, district_id=1).decisions

    return 1, work


def row_by_row(url: str, home: Path) -> tuple[int, Callable[[], int]]:
    """The same decisions for a slice, one contact and one INSERT at a time; taken back at the end."""
    from sqlalchemy import text

    from campaign.access import ENGINE
    from campaign.plans.plan import Occurrence, decide
    from campaign.store import audience

    delivery = _delivery(url, home)
    insert = text(_INSERT)

    def work() -> int:
        count = 0
        with delivery.engine.connect() as connection, connection.begin() as outer:
            database.assume(connection, ENGINE)
            rules = delivery.rules(connection, 1)
            query = text("SELECT id, due_at, expires_at FROM occurrence WHERE step = 'report_ready' LIMIT 1")
            occurrence_id, due_at, expires_at = connection.execute(query).one()
            step = delivery.definitions[0].steps["report_ready"]
            occurrence = Occurrence(step, REPORT_DAY, due_at, expires_at)
            for contact in audience.contacts_after(connection, 1, 0, _SLICE):
                rows = audience.rows(connection, [contact], slug="go-beyond-grades", zone="UTC")
                for decision in decide(occurrence, rows, rules):
                    values = {
                        "key": delivery.public_id(f"slow|{contact}|{decision.reason}"),
                        "contact": contact,
                        "students": list(decision.student_ids),
                        "household": decision.household,
                        "channel": decision.channel,
                        "language": decision.wording.language,
                        "template": decision.template,
                        "state": "withheld" if decision.reason else "planned",
                        "reason": str(decision.reason) if decision.reason else None,
                        "due_at": decision.due_at,
                        "expires_at": decision.expires_at,
                        "now": NOON,
                        "occurrence": occurrence_id,
                    }
                    connection.execute(insert, values)
                    count += 1
            outer.rollback()
        return count

    return _SLICE, work


def sql(url: str, home: Path) -> tuple[int, Callable[[], int]]:
    """The floor: what it costs to have the rows in the database at all."""
    from sqlalchemy import text

    engine = database.connect(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE plain (LIKE message INCLUDING INDEXES)"))

    def work() -> int:
        with engine.begin() as connection:
            return int(connection.execute(text("INSERT INTO plain SELECT * FROM message")).rowcount)

    return 1, work


def dry_run(url: str, home: Path) -> tuple[int, Callable[[], int]]:
    """A month of the second district: counts by step, reason, language and channel."""
    from campaign.dispatch import ledger

    delivery = _delivery(url, home)
    span = ledger.Span(datetime(2026, 11, 1, 6, tzinfo=UTC), datetime(2026, 12, 2, 6, tzinfo=UTC))

    def work() -> int:
        return ledger.plan(delivery, span.since, dry_run=span, district_id=2).decisions

    return 1, work


def pages(url: str, home: Path) -> dict[str, float]:
    """Milliseconds of the pages of the plan for the office of district 1, the median of seven."""
    from sqlalchemy import text

    from campaign.access import ENGINE, Role
    from campaign.app import create_app
    from campaign.database import transaction
    from campaign.store import accounts

    delivery = _delivery(url, home)
    engine = delivery.engine
    with transaction(engine, ENGINE) as connection:
        office = {
            "district_id": 1,
            "email": "office@example.org",
            "name": "Office",
            "role": str(Role.DISTRICT),
        }
        office |= {"school_ids": [], "staff_member_id": None, "password_hash": None}
        token = accounts.open_session(connection, accounts.add(connection, office), NOON)
        occurrence = connection.execute(text("SELECT min(occurrence_id) FROM message")).scalar_one()
        last = connection.execute(text("SELECT max(contact_id) - 1000 FROM message")).scalar_one()
    settings = replace(
        delivery.settings, installation=replace(delivery.settings.installation, base_url="http://localhost")
    )
    client = create_app(settings, engine, lambda: NOON).test_client()
    client.set_cookie("gbg_session", token)
    addresses = {
        "plan": "/staff/plan",
        "messages": f"/staff/plan/{occurrence}",
        "last_messages": f"/staff/plan/{occurrence}?after={last}-0",
        "withheld": f"/staff/plan/{occurrence}?part=withheld&reason=consent_revoked",
        "reconciliation": "/staff/reconciliation",
    }
    return {name: _opened(partial(client.get, address)) for name, address in addresses.items()}


def _opened(get: Callable[[], Any]) -> float:
    times = []
    for _ in range(7):
        began = time.perf_counter()
        answer = get()
        times.append(1000 * (time.perf_counter() - began))
        assert answer.status_code == 200, answer.status
    return round(statistics.median(times), 1)


WAYS = {"ours": ours, "row by row": row_by_row, "SQL, bare INSERT": sql, "dry run, 50,000 children": dry_run}


def _measured(way: str, url: str, folder: Path) -> dict[str, Any]:
    """Seconds, CPU seconds and peak megabytes of process and server, in a process made for this."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_measure, args=(way, url, folder, sender))
    process.start()
    sender.close()
    try:
        figures: dict[str, Any] = receiver.recv()
    finally:
        process.join()
    return figures


def _measure(way: str, url: str, folder: Path, sender: Any) -> None:
    if way == "pages":
        sender.send(pages(url, folder / "home"))
        return
    contacts, task = WAYS[way](url, folder / "home")
    before = used(folder / "postgres")
    wall, cpu = time.perf_counter(), time.process_time()
    rows = task()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    after = used(folder / "postgres")
    sender.send(
        {
            "rows": rows,
            "seconds": round(wall, 2),
            "cpu_seconds": round(cpu, 2),
            "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "database_cpu_seconds": round(after.cpu_seconds - before.cpu_seconds, 2),
            "database_peak_megabytes": after.peak_megabytes,
            "slice": contacts,
        }
    )


def main(arguments: Sequence[str] = ()) -> dict[str, Any]:
    """Make the districts, time every way, print a table, return the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks plan")
    parser.add_argument("--contacts", type=int, default=1_000_000)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        folder = Path(place)
        url = database.start_embedded(folder / "postgres")
        engine = database.connect(url)
        database.upgrade(engine)
        load(engine, [Size(1, options.contacts), _DRY_RUN])
        engine.dispose()
        found = {way: _measured(way, url, folder) for way in WAYS}
        opened = _measured("pages", url, folder)
    slow = found["row by row"]
    slow["seconds"] = round(slow["seconds"] * options.contacts / slow.pop("slice"), 1)
    _print(options.contacts, found, opened)
    planned = found["ours"]
    return {
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "contacts": options.contacts,
        "plan_seconds": planned["seconds"],
        "plan_peak_megabytes": planned["peak_megabytes"],
        "plan_database_peak_megabytes": planned["database_peak_megabytes"],
        "times_row_by_row": round(slow["seconds"] / planned["seconds"], 1),
        "times_bare_insert": round(planned["seconds"] / found["SQL, bare INSERT"]["seconds"], 1),
        "dry_run_seconds": found["dry run, 50,000 children"]["seconds"],
        "page_milliseconds": opened,
        "ways": found,
    }


def _print(contacts: int, found: dict[str, dict[str, Any]], opened: dict[str, float]) -> None:
    print(f"{contacts:,} adults; load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(
        f"{'way':<26}{'rows':>12}{'seconds':>10}{'CPU s':>8}{'peak MB':>9}{'database CPU s':>16}{'peak MB':>9}"
    )
    for way, one in found.items():
        about = "~" if way == "row by row" else ""
        print(
            f"{way:<26}{one['rows']:>12,}{about + format(one['seconds'], '.1f'):>10}{one['cpu_seconds']:>8.1f}"
            f"{one['peak_megabytes']:>9,}{one['database_cpu_seconds']:>16.1f}{one['database_peak_megabytes']:>9,}"
        )
    for page, milliseconds in opened.items():
        print(f"page {page:<21}{milliseconds:>22.1f} ms")

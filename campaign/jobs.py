"""Work that runs on any machine: Procrastinate tasks on the same PostgreSQL, in a schema of their own.

A task carries the id of a district or of an import, never the work itself: run twice or late, it does nothing twice,
because the tables decide. A job whose worker died is put back by `retry_stalled_jobs`; an import that was under way
stays interrupted until a person starts it again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from procrastinate import App, JobContext, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, UniqueViolation
from procrastinate.jobs import Status
from sqlalchemy import Engine, text

from campaign import importing, uploads
from campaign.access import ENGINE
from campaign.comparing import comparisons
from campaign.correspondence import conversation_rounds, forgetting
from campaign.database import transaction
from campaign.dispatch import ledger
from campaign.dispatch.deliver import Delivery, deliver_due
from campaign.dispatch.settling import settle
from campaign.documents import family_reports, report_files
from campaign.intake.run import import_paths
from campaign.paper import letter_files, letter_list
from campaign.store import import_runs, letters, occurrences

SCHEMA = "procrastinate"
STALLED_AFTER_SECONDS = 60
_LOCK = 7_281_606


@dataclass(frozen=True)
class Work:
    """What tasks work with. `clock` is asked when a task begins."""

    delivery: Delivery
    clock: Callable[[], datetime]

    @property
    def engine(self) -> Engine:
        return self.delivery.engine

    def inbox(self, code: str) -> Path:
        """The folder into which a district's files are put."""
        return self.delivery.settings.home / "inbox" / Path(code).name


def prepare(engine: Engine) -> None:
    """Make Procrastinate's schema if it is not there yet. Several processes may call this at once."""
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        known = connection.scalar(
            text("SELECT to_regclass(:table)"), {"table": f"{SCHEMA}.procrastinate_jobs"}
        )
        if known is None:
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
            connection.execute(text(f"SET LOCAL search_path = {SCHEMA}"))
            cursor = connection.connection.cursor()
            cursor.execute(App(connector=PsycopgConnector()).schema_manager.get_schema())


def _place(engine: Engine) -> dict[str, Any]:
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return {"conninfo": url, "kwargs": {"options": f"-c search_path={SCHEMA}"}}


@contextmanager
def door(engine: Engine) -> Iterator[App]:
    """An app that only enqueues, usable from any thread."""
    with App(connector=SyncPsycopgConnector(**_place(engine), min_size=1, max_size=2)).open() as app:
        yield app


def make_app(work: Work) -> App:
    """The tasks over `work`."""
    app = App(connector=PsycopgConnector(**_place(work.engine)))
    for name, task in _TASKS.items():
        app.task(name=name)(partial(task, work))
    retry = app.task(name="retry_stalled_jobs", pass_context=True, queueing_lock="retry_stalled_jobs")
    app.periodic(cron="* * * * *")(retry(_retry_stalled_jobs))
    clean = app.task(name="clean_uploads", queueing_lock="clean_uploads")
    app.periodic(cron="17 3 * * *")(clean(partial(_clean_uploads, work)))
    sweep = app.task(name="clean_reports", queueing_lock="clean_reports")
    app.periodic(cron="32 3 * * *")(sweep(partial(_clean_reports, work)))
    tidy = app.task(name="clean_conversations", queueing_lock="clean_conversations")
    app.periodic(cron="37 3 * * *")(tidy(partial(_clean_conversations, work)))
    clear = app.task(name="clear_facts", queueing_lock="clear_facts")
    app.periodic(cron="47 3 * * 0")(clear(partial(_clear_facts, work)))
    talk = app.task(name="look_after_conversations", queueing_lock="look_after_conversations")
    app.periodic(cron="* * * * *")(talk(partial(_look_after_conversations, work)))
    return app


def _import(work: Work, district_id: int) -> None:
    settings, district = work.delivery.settings, _district(work, district_id)
    import_paths(
        work.engine,
        sorted(work.inbox(district.code).glob("*")),
        district=district.code,
        # Whoever put the files into the district's own folder has said whose they are.
        confirmed=True,
        limits=settings.intake,
        now=work.clock(),
        ignored_reasons=settings.comparison.ignored_reasons_not_tested,
        own_tests=settings.own_tests,
    )


def _import_run(work: Work, run_id: int) -> None:
    importing.work_off(work.engine, work.delivery.settings, run_id, work.clock)


def _letter_run(work: Work, run_id: int) -> None:
    """The files of a run of letters; one that is finished or given up is left alone."""
    with transaction(work.engine, ENGINE) as connection:
        run = letters.run_of(connection, run_id)
    if run and run.finished_at is None and run.outcome is None:
        letter_files.produce(
            work.delivery, run, letter_list.folder(work.delivery.settings.home, run), work.clock()
        )


def _clean_uploads(work: Work, timestamp: int) -> None:
    settings = work.delivery.settings
    uploads.clean(work.engine, settings.home, work.clock(), settings.intake.keep_uploads_days)


def _clean_reports(work: Work, timestamp: int) -> None:
    report_files.clean(work.engine, work.delivery.settings.home, work.clock())


def _clean_conversations(work: Work, timestamp: int) -> None:
    """Words first: their files are then among those that no row names."""
    forgetting.forget(work.engine, work.delivery.settings, work.clock())
    conversation_rounds.clean_files(work.engine, work.delivery.settings, work.clock())


def _look_after_conversations(work: Work, timestamp: int) -> None:
    done = conversation_rounds.run(work.delivery, work.clock())
    if done.trouble:
        logging.getLogger(__name__).warning("not translated: %s", done.trouble)


def _clear_facts(work: Work, timestamp: int) -> None:
    comparisons.clear_facts(work.engine)


def _compare(work: Work, district_id: int) -> None:
    settings, code, now = work.delivery.settings, _district(work, district_id).code, work.clock()
    scales = comparisons.scales_of(settings.home, code)
    policy = comparisons.policy_of(settings.comparison)
    today = now.astimezone(ZoneInfo(settings.installation.time_zone)).date()
    comparisons.compare_district(work.engine, district_id, policy, today, now, scales)


def _reports(work: Work, district_id: int) -> None:
    settings, catalog = work.delivery.settings, work.delivery.catalog
    family_reports.write_reports(
        work.engine,
        district_id=district_id,
        catalog=catalog,
        settings=settings,
        out=settings.home / "reports",
        now=work.clock(),
    )


def _plan(work: Work, district_id: int) -> None:
    ledger.plan(work.delivery, work.clock(), district_id=district_id)


def _dispatch(work: Work, district_id: int) -> None:
    now = work.clock()
    settle(work.delivery, now)
    deliver_due(work.delivery, now, district_id=district_id, clock=work.clock)


_TASKS = {
    "import": _import,
    "import_run": _import_run,
    "letter_run": _letter_run,
    "compare": _compare,
    "reports": _reports,
    "plan": _plan,
    "dispatch": _dispatch,
}


async def _retry_stalled_jobs(context: JobContext, timestamp: int) -> None:
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS):
        try:
            await manager.retry_job(job)
        except UniqueViolation:
            # One like it waits already, which will do; and the others must not be held up.
            await manager.finish_job(job, Status.FAILED, delete_job=False)


def defer(app: App, task: str, district_id: int) -> bool:
    """Enqueue a task for a district; False if one is waiting already, which will do."""
    try:
        app.configure_task(task, queueing_lock=f"{task}:{district_id}").defer(district_id=district_id)
    except AlreadyEnqueued:
        return False
    return True


def defer_import(app: App, run_id: int) -> None:
    """Enqueue an import that waits, unless it is enqueued already."""
    with suppress(AlreadyEnqueued):
        app.configure_task("import_run", queueing_lock=f"import_run:{run_id}").defer(run_id=run_id)


def defer_letters(app: App, run_id: int) -> None:
    """Enqueue a run of letters that is not finished, unless it is enqueued already."""
    with suppress(AlreadyEnqueued):
        app.configure_task(
            "letter_run", lock=f"letter_run:{run_id}", queueing_lock=f"letter_run:{run_id}"
        ).defer(run_id=run_id)


def has_worker(engine: Engine) -> bool:
    """Whether a worker has shown itself lately, on any machine."""
    prepare(engine)
    with engine.connect() as connection:
        return bool(
            connection.scalar(
                text(
                    f"""
                    SELECT EXISTS (SELECT 1 FROM {SCHEMA}.procrastinate_workers
                                   WHERE last_heartbeat > now() - make_interval(secs => :seconds))
                    """  # noqa: S608  the name is ours
                ),
                {"seconds": STALLED_AFTER_SECONDS},
            )
        )


def poke(app: App, engine: Engine) -> None:
    """What the clock calls: imports and runs of letters that wait, and planning and sending for every district."""
    with transaction(engine, ENGINE) as connection:
        districts = occurrences.districts(connection)
        waiting = import_runs.waiting(connection)
        printing = letters.unfinished(connection)
    for run_id in waiting:
        defer_import(app, run_id)
    for run in printing:
        defer_letters(app, run.id)
    for district in districts:
        defer(app, "plan", district.id)
        defer(app, "dispatch", district.id)


def _district(work: Work, district_id: int) -> occurrences.District:
    with transaction(work.engine, ENGINE) as connection:
        return next(d for d in occurrences.districts(connection) if d.id == district_id)

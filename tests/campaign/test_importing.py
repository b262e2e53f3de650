"""Imports that staff ask for: worked off once by a worker, told while they go on, called off before they begin."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from campaign import importing, jobs, uploads
from campaign.access import ENGINE, Principal, Role
from campaign.database import transaction
from campaign.jobs import Work
from campaign.store import import_runs
from campaign.store import uploads as upload_store
from campaign.store.import_runs import FileProgress, Request, Run
from campaign.uploads import Reception, safe_name
from tests.campaign import families
from tests.campaign.providers import Provider
from tests.web_pages import page_settings

NOW = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
ORGS = b"sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\nd,,,Maple,district,maple,\n"
UNKNOWN = b"colour,shape\nred,round\nblue,square\n"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("scores.csv", "scores.csv"),
        ("C:\\Users\\me\\scores.csv", "scores.csv"),
        ("../../etc/passwd", "passwd"),
        ("..", "file"),
        ("", "file"),
        (".htaccess", "htaccess"),
        ("a\x00b\x1b[31m\u202ecsv.txt", "ab[31mcsv.txt"),
        ("Año 2026: Notas?.csv", "Año 2026_ Notas_.csv"),
        ("x" * 400 + ".csv", "x" * 117 + ".csv"),
    ],
)
def test_names_that_browsers_send_are_not_trusted(sent: str, kept: str) -> None:
    assert safe_name(sent) == kept


def receive(home: Path, *files: tuple[str, bytes]) -> Reception:
    reception = Reception(home)
    for name, content in files:
        with reception.open(name) as stream:
            stream.write(content)
    return reception


def ask(engine: Engine, home: Path, *files: tuple[str, bytes], district: int | None = None) -> int:
    """A run over these files, as the import page makes one."""
    received = receive(home, *files).received()
    with transaction(engine, ENGINE) as connection:
        ids = upload_store.receive(connection, district, received, NOW)
        return import_runs.ask(connection, Request(district, None, NOW), ids)


def run_of(engine: Engine, run_id: int) -> Run:
    with transaction(engine, ENGINE) as connection:
        run = import_runs.one(connection, run_id)
    assert run is not None
    return run


def progress_of(engine: Engine, run_id: int) -> list[FileProgress]:
    with transaction(engine, ENGINE) as connection:
        return list(import_runs.progress(connection, run_id))


def work_off(engine: Engine, home: Path, run_id: int) -> None:
    importing.work_off(engine, page_settings(home), run_id, lambda: NOW + timedelta(minutes=1))


def test_files_lie_closed_under_a_random_folder_and_keep_apart(tmp_path: Path) -> None:
    reception = receive(tmp_path, ("a.csv", b"1"), ("A.csv", b"2"), ("", b"nothing"))
    assert [file.name for file in reception.received()] == ["a.csv", "A (2).csv"]
    assert stat.S_IMODE(reception.path.stat().st_mode) == 0o700
    assert stat.S_IMODE((reception.path / "a.csv").stat().st_mode) == 0o600
    assert len(reception.folder) == 32
    assert reception.folder != Reception(tmp_path).folder
    reception.discard()
    assert not reception.path.exists()


def test_a_run_is_worked_off_once_and_shows_what_became_of_each_file(engine: Engine, tmp_path: Path) -> None:
    run_id = ask(engine, tmp_path, ("orgs.csv", ORGS), ("colours.csv", UNKNOWN))
    assert run_of(engine, run_id).state == "waiting"
    work_off(engine, tmp_path, run_id)
    run = run_of(engine, run_id)
    assert (run.state, run.files, run.failed, run.accepted) == ("failed", 2, 1, 1)
    assert run.finished_at == NOW + timedelta(minutes=1)
    assert {file.name: (file.state, file.rows, file.share) for file in progress_of(engine, run_id)} == {
        "orgs.csv": ("done", 1, 1.0),
        "colours.csv": ("failed", 0, 1.0),
    }
    work_off(engine, tmp_path, run_id)
    assert run_of(engine, run_id) == run


def test_a_run_that_was_called_off_is_not_worked_off_and_one_that_began_cannot_be(
    engine: Engine, tmp_path: Path
) -> None:
    off, on = (ask(engine, tmp_path, ("orgs.csv", ORGS)) for _ in range(2))
    with transaction(engine, ENGINE) as connection:
        assert import_runs.cancel(connection, off, NOW)
    work_off(engine, tmp_path, off)
    work_off(engine, tmp_path, on)
    assert (run_of(engine, off).state, run_of(engine, off).files) == ("cancelled", 0)
    with transaction(engine, ENGINE) as connection:
        assert not import_runs.cancel(connection, on, NOW)
    assert run_of(engine, on).state == "done"


def test_a_run_whose_worker_is_gone_is_interrupted_and_not_begun_by_itself(
    engine: Engine, tmp_path: Path
) -> None:
    run_id = ask(engine, tmp_path, ("orgs.csv", ORGS))
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("UPDATE import_run SET status = 'running'"))
    with engine.connect() as importer:
        importer.execute(text("SELECT pg_advisory_lock(7281605)"))
        assert run_of(engine, run_id).state == "running"
        importer.execute(text("SELECT pg_advisory_unlock(7281605)"))
    assert run_of(engine, run_id).state == "interrupted"
    work_off(engine, tmp_path, run_id)
    assert run_of(engine, run_id).files == 0
    work_off(engine, tmp_path, ask(engine, tmp_path, ("orgs.csv", ORGS)))
    assert run_of(engine, run_id).status == "interrupted", "the next import says it in the table too"


@pytest.mark.parametrize(
    ("content", "guess"),
    [
        (b"id,score\n" + b"1001,210\n" * 50, 50),
        (b"id,score\n" + b"1001,210\n" * 200_000, 200_000),
        (b"<a>\n<b/>\n</a>\n", None),
        (b"id,score", None),
    ],
)
def test_rows_are_guessed_from_the_size_of_files_of_lines(
    tmp_path: Path, content: bytes, guess: int | None
) -> None:
    path = tmp_path / "scores.csv"
    path.write_bytes(content)
    (file,) = importing.expected([path], page_settings(tmp_path).intake)
    assert (file.name, file.bytes, file.expected_rows) == ("scores.csv", len(content), guess)


def test_files_are_deleted_when_their_time_is_over_and_not_before_their_import_ended(
    engine: Engine, tmp_path: Path
) -> None:
    waits = ask(engine, tmp_path, ("orgs.csv", ORGS))
    done = ask(engine, tmp_path, ("colours.csv", UNKNOWN))
    work_off(engine, tmp_path, done)
    later = NOW + timedelta(days=31)
    assert uploads.clean(engine, tmp_path, NOW + timedelta(days=29), 30) == 0
    assert uploads.clean(engine, tmp_path, later, 30) == 1
    with transaction(engine, ENGINE) as connection:
        kept, gone = (upload_store.of_run(connection, run)[0] for run in (waits, done))
    assert uploads.path_of(tmp_path, kept).read_bytes() == ORGS
    assert not uploads.path_of(tmp_path, gone).parent.exists()
    assert (kept.deleted_at, gone.deleted_at) == (None, later)


def test_what_a_broken_request_left_behind_is_deleted_the_next_day(engine: Engine, tmp_path: Path) -> None:
    reception = receive(tmp_path, ("half.csv", b"1,2"))
    written = datetime.fromtimestamp(reception.path.stat().st_mtime, UTC)
    assert uploads.clean(engine, tmp_path, written + timedelta(hours=1), 30) == 0
    assert uploads.clean(engine, tmp_path, written + timedelta(days=2), 30) == 1
    assert not reception.path.exists()


def test_a_worker_takes_imports_that_wait_and_a_poke_finds_forgotten_ones(
    engine: Engine, tmp_path: Path
) -> None:
    families.build(engine, students=1)
    delivery = families.delivery(engine, tmp_path, Provider())
    work = Work(replace(delivery, settings=page_settings(tmp_path)), lambda: NOW)
    assert not jobs.has_worker(engine)
    run_id = ask(engine, tmp_path, ("colours.csv", UNKNOWN), district=1)
    with jobs.door(engine) as door:
        jobs.defer_import(door, run_id)
        jobs.poke(door, engine)
    with engine.connect() as connection:
        jobs_of_run = connection.execute(
            text("SELECT args FROM procrastinate.procrastinate_jobs WHERE task_name = 'import_run'")
        )
        assert [row.args for row in jobs_of_run] == [{"run_id": run_id}]
    jobs.make_app(work).run_worker(wait=False, install_signal_handlers=False)
    assert run_of(engine, run_id).state == "failed"


def test_staff_see_the_runs_of_their_district_alone(engine: Engine, tmp_path: Path) -> None:
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("INSERT INTO district (code, name) VALUES ('maple', 'M'), ('cedar', 'C')"))
    own = ask(engine, tmp_path, ("colours.csv", UNKNOWN), district=1)
    ask(engine, tmp_path, ("colours.csv", UNKNOWN), district=2)
    ask(engine, tmp_path, ("colours.csv", UNKNOWN))
    with transaction(engine, Principal(Role.DISTRICT, district_id=1)) as connection:
        assert [run.run_id for run in import_runs.history(connection, limit=9)] == [own]
        assert len(upload_store.of_run(connection, own)) == 1
    with transaction(engine, Principal(Role.SCHOOL, district_id=1, school_ids=(1,))) as connection:
        assert import_runs.count(connection) == 0
    with transaction(engine, Principal(Role.STATE)) as connection:
        assert import_runs.count(connection) == 3

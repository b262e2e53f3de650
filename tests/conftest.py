"""What all tests share: one embedded PostgreSQL per run, a cloned database per test."""

from __future__ import annotations

import gc
import os
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck
from sqlalchemy import Connection, Engine, text

from campaign import database
from campaign.access import ENGINE
from tests import run_folder

ROOT = Path(__file__).resolve().parent.parent
if sys.dont_write_bytecode:
    # Compiled modules are kept after all, if not beside the sources: the run starts hundreds of Pythons. Nor in `var`,
    # the folder of records, which must be open to its owner alone.
    sys.dont_write_bytecode = False
    sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = str(ROOT / ".pytest_cache" / "compiled")
    del os.environ["PYTHONDONTWRITEBYTECODE"]

TEMPLATE = "gbg_template"

# How long something takes depends on what else the machine does, and proves nothing.
hypothesis.settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.settings.load_profile("tests")


_MEMORY = pytest.StashKey[Path | None]()


def pytest_configure(config: pytest.Config) -> None:
    """The process that collects the tests looks for a place for the server; its workers are told of it."""
    if not hasattr(config, "workerinput"):
        config.stash[_MEMORY] = None if config.option.collectonly else run_folder.in_memory()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["memory"] = node.config.stash[_MEMORY] and str(node.config.stash[_MEMORY])


@pytest.fixture(scope="session")
def server_home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of this run in memory, or else that of its temporary files; all workers have the same."""
    temporary = tmp_path_factory.getbasetemp()
    if (worker := getattr(request.config, "workerinput", None)) is None:
        return request.config.stash[_MEMORY] or temporary
    return Path(worker["memory"] or temporary.parent)


@pytest.fixture(scope="session")
def server(server_home: Path) -> str:
    """URL of the embedded server with a migrated template database in it; all workers of one run share it."""
    url = database.start_embedded(server_home / "postgres")
    admin = database.connect(url).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(7)"))
        # A power cut may lose test data: nothing waits for the disk, and nothing cleans up behind the tests.
        for setting in ("fsync", "full_page_writes", "synchronous_commit", "autovacuum"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
        if not connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = :n"), {"n": TEMPLATE}):
            connection.execute(text("CREATE DATABASE gbg_template_building"))
            building = database.connect(_with_database(url, "gbg_template_building"))
            database.upgrade(building)
            building.dispose()
            connection.execute(text(f"ALTER DATABASE gbg_template_building RENAME TO {TEMPLATE}"))
        connection.execute(text("SELECT pg_advisory_unlock(7)"))
    admin.dispose()
    return url


def _with_database(url: str, name: str) -> str:
    head, _, query = url.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}?{query}"


@pytest.fixture(scope="session")
def small_district_template(server: str) -> str:
    """Name of a template that holds the small district, made once for all workers (see `web_pages.small_district`)."""
    from tests.web_pages import small_district  # late: tests of rules and reports do without the application

    name = "gbg_small_district"
    admin = database.connect(server).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(8)"))
        if not connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = :n"), {"n": name}):
            connection.execute(text(f"CREATE DATABASE gbg_small_district_building TEMPLATE {TEMPLATE}"))
            building = database.connect(_with_database(server, "gbg_small_district_building"))
            small_district(building)
            building.dispose()
            connection.execute(text(f"ALTER DATABASE gbg_small_district_building RENAME TO {name}"))
        connection.execute(text("SELECT pg_advisory_unlock(8)"))
    admin.dispose()
    return name


@pytest.fixture
def template() -> str:
    """The database that a test's own is cloned from: with all tables, and empty. Folders of tests name another one."""
    return TEMPLATE


@pytest.fixture(scope="session")
def cloning(server: str) -> Iterator[Connection]:
    """A connection that makes and drops the databases of the tests."""
    admin = database.connect(server).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        yield connection
    admin.dispose()


@pytest.fixture
def database_url(server: str, cloning: Connection, template: str) -> Iterator[str]:
    """A database of this test's own, cloned from the template, dropped afterwards."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    # Files are copied in half the time that it takes to write all their pages anew.
    cloning.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"))
    yield _with_database(server, name)
    cloning.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a database of this test's own."""
    engine = database.connect(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """A transaction as the engine role, rolled back at the end; for tests that need no commit."""
    with engine.connect() as connection, connection.begin() as outer:
        database.assume(connection, ENGINE)
        yield connection
        outer.rollback()


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end; looking through all of it for garbage costs much."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, and each on one worker: they share a browser or a whole demonstration. Then other groups, so
    that at the end no worker waits for a long one."""
    for item in items:
        if item.path.parent.name in {"journeys", "browser"}:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
    items.sort(key=lambda item: item.get_closest_marker("xdist_group") is None)
    items.sort(key=lambda item: item.path.parent.name not in {"journeys", "browser"})


SHARED_DATA = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The public samples beside the checkout; their absence skips with a reason that names what was not checked."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"NOT CHECKED: the public samples are not at {SHARED_DATA}")
    return SHARED_DATA

"""`gbg serve` alone is enough: a file sent through the browser is imported, and a stop ends everything."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from sqlalchemy import Engine

from campaign.settings import SHIPPED_CONFIG
from tests.campaign import families
from tests.campaign.web.sending import ORGS, one
from tests.web_pages import session_for, small_district

PATIENCE_SECONDS = 90


def wait_until(true: Callable[[], bool]) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.2)


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.ConnectionError:
        return False


@pytest.fixture
def site(engine: Engine, database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a server, which ends cleanly when it is asked to."""
    small_district(engine)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = tmp_path / "config.toml"
    config.write_text(SHIPPED_CONFIG.read_text(encoding="utf-8").replace("8000", str(port)), encoding="utf-8")
    (tmp_path / "home").mkdir(mode=0o700)
    own = {"GBG_HOME": str(tmp_path / "home"), "GBG_CONFIG": str(config), "DATABASE_URL": database_url}
    environment = {**os.environ, **own, "GBG_SECRET_KEY": families.SECRET_KEY}
    command = [sys.executable, "-m", "campaign", "serve", *request.param]
    log = tmp_path / "log"
    with log.open("w") as said:
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=said)
        try:
            wait_until(lambda: answers(f"http://127.0.0.1:{port}/sign-in") or process.poll() is not None)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            status = process.wait(PATIENCE_SECONDS)
    assert status == 0, log.read_text()
    assert "Traceback" not in log.read_text()


def send(engine: Engine, site: str) -> str:
    """Send a roster as the district's office; the address of the import's page and its words."""
    visitor = requests.Session()
    visitor.cookies.set("gbg_session", session_for(engine, "district@example.org", datetime.now(UTC)))
    page = visitor.get(f"{site}/staff/imports", timeout=30).text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    answer = visitor.post(
        f"{site}/staff/imports",
        data={"csrf_token": token[1]},
        files={"files": ("orgs.csv", ORGS)},
        headers={"Referer": f"{site}/staff/imports"},
        timeout=30,
    )
    assert answer.ok, answer.text
    return answer.text


@pytest.mark.parametrize("site", [[]], indirect=True)
def test_what_is_sent_through_the_pages_is_imported_by_the_same_process(engine: Engine, site: str) -> None:
    send(engine, site)
    newest = "SELECT status FROM import_run ORDER BY id DESC LIMIT 1"
    wait_until(lambda: one(engine, newest) not in {"waiting", "running"})
    assert one(engine, newest) == "done"
    assert one(engine, "SELECT accepted FROM source_file WHERE name = 'orgs.csv'") == 2


@pytest.mark.parametrize("site", [["--no-worker"]], indirect=True)
def test_pages_alone_say_that_nobody_works(engine: Engine, site: str) -> None:
    assert "No worker is running" in send(engine, site)
    assert one(engine, "SELECT status FROM import_run ORDER BY id DESC LIMIT 1") == "waiting"

"""A real browser on the real application: Debian's headless Chromium, driven by Playwright."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from sqlalchemy import Engine
from werkzeug.serving import make_server

from campaign.settings import Settings
from tests.browser.visit import AXE, ROOT, Site, Visit
from tests.web_application import application
from tests.web_pages import Clock, page_settings

# What is awaited may take its time on a busy machine; it is there or it is not.
expect.set_options(timeout=30_000)
STYLES = ROOT / "campaign" / "web" / "static" / "vendor" / "uswds" / "css" / "uswds.min.css"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One headless Chromium for a file's tests. What is missing fails the tests and says what to install.

    Not for the whole run: Playwright keeps an event loop running in this thread, in which jobs could not be worked.
    """
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.fail("Chromium is missing. Install it: apt-get install chromium")
    for asset in (AXE, STYLES):
        if not asset.exists():
            pytest.fail(f"{asset.relative_to(ROOT)} is missing. Run: python tools/web_assets.py")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def template(small_district_template: str) -> str:
    """A visit begins with the small district."""
    return small_district_template


@pytest.fixture
def site(engine: Engine, tmp_path: Path) -> Iterator[Site]:
    """The application on the small district (see `web_pages.small_district`)."""
    with serving(page_settings(tmp_path), engine) as site:
        yield site


@contextmanager
def serving(settings: Settings, engine: Engine) -> Iterator[Site]:
    """The application in a thread of its own."""
    clock = Clock()
    app = application(settings, engine, clock)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    # Whoever shuts it down waits for the end of an interval: half a second, if nothing is said.
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield Site(f"http://127.0.0.1:{server.server_port}", engine, clock)
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=[1280, 390], ids=["desktop", "phone"])
def visit(browser: Browser, site: Site, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A fresh window, once as wide as a desktop and once as wide as a phone. The console must stay silent."""
    context = browser.new_context(viewport={"width": request.param, "height": 900})
    visit = Visit(site, context.new_page())
    visit.page.on(
        "console",
        lambda message: (
            visit.complaints.append(message.text) if message.type in {"error", "warning"} else None
        ),
    )
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    yield visit
    context.close()
    assert visit.complaints == []

"""`python -m tools.campaign_pictures`: a campaign built, approved and paused in a real browser, as pictures for docs.

Writes docs/pictures/campaign/01-….png and so on, all of them on one sheet, docs/pictures/campaign.png, and the home
page of the office, docs/pictures/console.png. Needs Chromium. The district is made up; its database lives in a
folder of its own that is removed at the end.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image, ImageChops, ImageOps
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import Engine
from werkzeug.serving import make_server

from campaign import database, settings
from campaign.access import ENGINE
from campaign.app import create_app
from campaign.comparing import comparisons
from campaign.demo import district, doors
from campaign.demo.home import DemoHome
from campaign.demo.packages import DISTRICT_CODE
from campaign.dispatch import ledger
from campaign.documents import family_reports
from campaign.installation import delivery_of
from campaign.intake.run import import_paths
from campaign.school_year import calendar_file
from campaign.settings import Settings
from campaign.store import accounts, occurrences
from campaign.wordings import drafts
from content import catalog

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"
NOW = datetime(2026, 11, 5, 16, 0, tzinfo=UTC)
STUDENTS, SEED = district.MINIMUM_STUDENTS, 2026
WIDTH, HEIGHT = 1180, 860
COLOURS, THUMBNAIL, COLUMNS, GAP = 48, 460, 3, 14
HASH_COLOUR = "#dfe1e2"
HAIRLINE = 2
DANA, LUIS = (f"{name.lower().replace(' ', '.')}@example.org" for name in doors.APPROVERS)
MESSAGE = "{school}: you are invited to our reading night. Come with your child. Reply STOP to end."


@dataclass
class Walk:
    """A browser on the program, and the pictures taken on the way, each with its name."""

    browser: Browser
    url: str
    engine: Engine
    taken: dict[str, Image.Image] = field(default_factory=dict)
    home: bytes = b""

    def sign_in(self, email: str) -> Page:
        with database.transaction(self.engine, ENGINE) as connection:
            account = accounts.by_email(connection, email)
            if account is None:
                raise LookupError(email)
            token = accounts.open_session(connection, account.account_id, NOW)
        context = self.browser.new_context(viewport={"width": WIDTH, "height": HEIGHT})
        context.add_cookies([{"name": "gbg_session", "value": token, "url": self.url}])
        return context.new_page()

    def picture(self, page: Page, name: str, at: str = "") -> None:
        """What stands in the window, from the element `at` on.

        The hash of what was approved is left grey: it is another one after every changed word, and the pictures would
        be drawn anew for nothing else.
        """
        page.wait_for_load_state("networkidle")
        page.evaluate("document.fonts.ready")
        if at:
            page.locator(at).first.evaluate(
                "one => window.scrollTo(0, one.getBoundingClientRect().top + scrollY - 16)"
            )
        number = len(self.taken) + 1
        shot = page.screenshot(mask=[page.locator("main code")], mask_color=HASH_COLOUR)
        self.taken[f"{number:02}-{name}"] = Image.open(io.BytesIO(shot))


def walk(on: Walk) -> None:
    """The road of a campaign, taken as a person takes it."""
    dana = on.sign_in(DANA)
    dana.goto(f"{on.url}/staff/")
    dana.wait_for_selector("text=Within reach?")
    on.home = dana.screenshot()
    dana.goto(f"{on.url}/staff/campaigns")
    on.picture(dana, "list")
    dana.click("table th a:has-text('Go Beyond Grades')")
    on.picture(dana, "year", "#year")
    address = _build(on, dana)
    dana.goto(f"{on.url}{address}/review")
    on.picture(dana, "review")
    dana.click("table a:has-text('Reading night')")
    on.picture(dana, "worst")
    dana.go_back()
    dana.click("button:has-text('Approve')")
    on.picture(dana, "first-approval", "#word")
    luis = on.sign_in(LUIS)
    luis.goto(f"{on.url}{address}/review")
    luis.click("button:has-text('Approve')")
    on.picture(luis, "approved", "#word")
    _change_a_word(on, dana)
    luis.goto(f"{on.url}{address}/review")
    on.picture(luis, "voided", "#changed")
    luis.click("text=Pause all messages")
    on.picture(luis, "paused")
    luis.click("text=Resume all messages")
    luis.click("table a >> nth=0")
    luis.click("button:has-text('Call it off') >> nth=1")
    on.picture(luis, "called-off", "#coming")


def _build(on: Walk, page: Page) -> str:
    """A message, a campaign and its step; the path of the campaign."""
    page.goto(f"{on.url}/staff/campaigns/messages/new")
    page.fill("#about", "Reading night")
    page.fill("#email-subject", "")
    page.fill("#email-text", "")
    page.fill("#sms-text", MESSAGE)
    page.locator("#sms-text").press("End")
    page.wait_for_selector(f"#look >> text={len(MESSAGE)} letters as written")
    page.evaluate("window.scrollTo(0, 320)")
    message = page.screenshot()
    page.click("text=Keep it")
    page.goto(f"{on.url}/staff/campaigns")
    page.fill("#title", "Reading nights")
    page.click("text=Make it")
    path = page.url.removeprefix(on.url).partition("?")[0]
    page.click("text=Add a step")
    page.fill("#name", "invite")
    page.select_option("#message", "own-reading-night")
    page.select_option("#channels", "sms")
    page.fill("#offset", "3")
    page.select_option("#unit", "school_days")
    page.select_option("#direction", "before")
    page.wait_for_selector("#count strong")
    on.picture(page, "step", "#priority")
    on.taken["04-message"] = Image.open(io.BytesIO(message))
    page.click("text=Keep it")
    return path


def _change_a_word(on: Walk, page: Page) -> None:
    page.goto(f"{on.url}/staff/campaigns/messages/own-reading-night")
    page.fill("#sms-text", MESSAGE.replace("invited to", "welcome at"))
    page.click("text=Keep it")
    page.wait_for_selector("text=Kept.")


def make_district(engine: Engine, chosen: Settings, home: DemoHome) -> None:
    """The made-up district with its calendar, comparisons, reports and two persons of the office."""
    made = district.build(home.district, students=STUDENTS, seed=SEED)
    import_paths(engine, made.rosters, district=None, limits=chosen.intake, now=NOW)
    import_paths(engine, made.results, district=DISTRICT_CODE, limits=chosen.intake, now=NOW)
    with database.transaction(engine, ENGINE) as connection:
        district_id = next(one.id for one in occurrences.districts(connection) if one.code == DISTRICT_CODE)
        occurrences.replace_calendar(connection, district_id, calendar_file.read(made.calendar))
        word = drafts.Word("Demonstration", "a made-up district", ENGINE.actor, NOW)
        for language in ("es", "ar"):
            drafts.allow(connection, district_id, language, word)
        doors.approvers(connection, district_id)
    policy = comparisons.policy_of(chosen.comparison)
    comparisons.compare_district(engine, district_id, policy, NOW.date(), NOW)
    family_reports.write_reports(
        engine, district_id=district_id, catalog=catalog.load(), settings=chosen, out=home.reports, now=NOW
    )
    ledger.plan(delivery_of(chosen, engine), NOW)


@contextmanager
def serving(chosen: Settings, engine: Engine) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, create_app(chosen, engine=engine, clock=lambda: NOW), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def own_installation() -> Iterator[tuple[DemoHome, Settings, Engine]]:
    """A data folder with its own database, both gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="gbg-pictures-"))
    home = DemoHome(folder)
    shipped = settings.load(environment={"GBG_HOME": str(folder), "GBG_SECRET_KEY": "p" * 48})
    chosen = home.settings(shipped, ["en", "es", "ar"])
    engine = database.start(chosen)
    try:
        yield home, chosen, engine
    finally:
        engine.dispose()
        postmaster = folder / "postgres" / "postmaster.pid"
        os.kill(int(postmaster.read_text().split()[0]), signal.SIGINT)
        shutil.rmtree(folder, ignore_errors=True)


def sheet(pictures: Sequence[Image.Image]) -> Image.Image:
    """All of them small, in rows, in their order."""
    small = [ImageOps.expand(ImageOps.contain(one, (THUMBNAIL, THUMBNAIL)), 1, "#cfd8dc") for one in pictures]
    height, rows = max(one.height for one in small), -(-len(small) // COLUMNS)
    size = (COLUMNS * (THUMBNAIL + GAP) + GAP, rows * (height + GAP) + GAP)
    whole = Image.new("RGB", size, "#f4f6f7")
    for place, one in enumerate(small):
        at = (GAP + place % COLUMNS * (THUMBNAIL + GAP), GAP + place // COLUMNS * (height + GAP))
        whole.paste(one, at)
    return whole


def keep(path: Path, one: Image.Image, say: Callable[[str], None]) -> None:
    """Write a picture, unless one that looks the same lies there."""
    drawn = one.quantize(COLOURS)
    if not looks_the_same(path, drawn):
        drawn.save(path, optimize=True)
    say(f"{path}: {path.stat().st_size / 1000:,.0f} kB")


def read(path: Path) -> Image.Image:
    with Image.open(path) as one:
        return one.convert("RGB")


def looks_the_same(path: Path, new: Image.Image) -> bool:
    """Whether what lies there differs by no more than a line that the browser drew a little higher or lower."""
    if not path.exists():
        return False
    old = read(path)
    if old.size != new.size:
        return False
    box = ImageChops.difference(old, new.convert("RGB")).getbbox()
    return box is None or box[3] - box[1] <= HAIRLINE


def main(arguments: Sequence[str], say: Callable[[str], None] = print) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.campaign_pictures")
    parser.add_argument("--out", type=Path, default=FOLDER)
    options = parser.parse_args(arguments)
    if options.out.exists() and not options.out.is_dir():
        parser.error(f"--out {options.out} is a file; name a folder")
    chromium = shutil.which("chromium")
    if chromium is None:
        say("Chromium is missing. Install it: apt-get install chromium")
        return 1
    with own_installation() as (home, chosen, engine):
        make_district(engine, chosen, home)
        with serving(chosen, engine) as url, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
            )
            on = Walk(browser, url, engine)
            walk(on)
            browser.close()
    folder = options.out / "campaign"
    folder.mkdir(parents=True, exist_ok=True)
    for name, one in sorted(on.taken.items()):
        keep(folder / f"{name}.png", one.convert("RGB"), say)
    kept = [read(path) for path in sorted(folder.glob("*.png"))]
    keep(options.out / "campaign.png", sheet(kept), say)
    keep(options.out / "console.png", Image.open(io.BytesIO(on.home)).convert("RGB"), say)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

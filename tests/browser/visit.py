"""A visit of the site in a browser window."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page
from sqlalchemy import Engine

from tests.web_pages import Clock, session_for

ROOT = Path(__file__).resolve().parent.parent.parent
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
# Told as it is needed: all that axe looked at is half a megabyte, which each call would carry through three processes.
_FIND = """async tags => {
    const found = await axe.run(document, {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]});
    return found.violations.flatMap(one => one.nodes.map(node => `${one.id}: ${node.target} ${node.failureSummary}`));
}"""
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass
class Site:
    """The application in a thread of its own, on a port that was free."""

    url: str
    engine: Engine
    clock: Clock


@dataclass
class Visit:
    """A browser window on the site; `complaints` are what the console said: CSP violations, errors, lost files."""

    site: Site
    page: Page
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        self.page.goto(self.site.url + path)
        return self.page

    def sign_in(self, email: str) -> None:
        token = session_for(self.site.engine, email, self.site.clock.now)
        self.page.context.add_cookies([{"name": "gbg_session", "value": token, "url": self.site.url}])

    def violations(self) -> list[str]:
        """What axe finds wrong on the page as it stands, by WCAG 2.2 AA and good practice."""
        self.page.wait_for_load_state()
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: list[str] = self.page.evaluate(_FIND, WCAG)
        return found

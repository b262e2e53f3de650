"""The folder of a demonstration: all it makes lies in there, and it never touches a database that is not its own."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Engine, text

from campaign import database
from campaign.access import ENGINE
from campaign.plain_error import PlainError
from campaign.settings import Settings
from campaign.store import audit
from campaign.store.audit import Entry

_BEGAN = "demo_began"
_MARKER = "demo.json"


class DemoError(PlainError):
    """The demonstration cannot run here; the message says why and what to do."""


class Beginning(StrEnum):
    NEW = "A new demonstration."
    CONTINUED = "Continues the demonstration that lies here: what is done already is not done again."
    ANEW = "Begins anew: the demonstration that lay here had other students and was removed."


@dataclass(frozen=True)
class Recipe:
    """What a made-up district is made from; the same students and seed give the same district.

    `whole_year`: its campaign is lived through to the end of the school year, not for its first month alone.
    """

    students: int
    seed: int
    whole_year: bool = False


@dataclass(frozen=True)
class DemoHome:
    """The data folder of the program, and beside its database the files that people look at."""

    folder: Path

    @property
    def district(self) -> Path:
        return self.folder / "district"

    @property
    def reports(self) -> Path:
        return self.folder / "reports"

    @property
    def mailbox(self) -> Path:
        return self.folder / "mailbox"

    @property
    def summary(self) -> Path:
        return self.folder / "summary.json"

    def places(self) -> dict[str, str]:
        """Where a person finds what was made."""
        found = {"files of the district": self.district, "reports": self.reports, "messages": self.mailbox}
        return {name: str(path) for name, path in {**found, "this summary": self.summary}.items()}

    def clear_district(self) -> None:
        """Remove files of the district that were not finished."""
        shutil.rmtree(self.district, ignore_errors=True)

    def settings(self, settings: Settings, languages: Sequence[str] = ()) -> Settings:
        """The installation's settings for a demonstration: all messages go to a folder.

        `languages` are those that families may get, in place of the installation's.
        """
        return replace(
            settings,
            home=self.folder,
            mail=replace(settings.mail, sender="mailbox", second_sender=""),
            sms=replace(settings.sms, sender="mailbox"),
            languages=replace(settings.languages, offered=list(languages) or settings.languages.offered),
        )

    def prepare(self, recipe: Recipe) -> Beginning:
        """Make the folder ready. Raises DemoError if it holds something else, or a demonstration that still runs."""
        marker = self.folder / _MARKER
        if not marker.exists():
            if self.folder.exists() and any(self.folder.iterdir()):
                raise DemoError(f"{self.folder} holds something else; name a new folder with --out")
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._mark(recipe)
            return Beginning.NEW
        if json.loads(marker.read_text(encoding="utf-8")) == _document(recipe):
            return Beginning.CONTINUED
        self._clear()
        self._mark(recipe)
        return Beginning.ANEW

    def _mark(self, recipe: Recipe) -> None:
        (self.folder / _MARKER).write_text(json.dumps(_document(recipe)), encoding="utf-8")

    def _clear(self) -> None:
        if self._server_is_running():
            raise DemoError(
                f"a demonstration in {self.folder} is still running; end it first, or name another --out"
            )
        for path in self._own():
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    def _own(self) -> Iterator[Path]:
        yield from (self.district, self.reports, self.mailbox, self.summary)
        yield from (self.folder / "postgres", self.folder / "uploads", self.folder / _MARKER)

    def _server_is_running(self) -> bool:
        try:
            pid = int((self.folder / "postgres" / "postmaster.pid").read_text().split()[0])
            os.kill(pid, 0)
        except (OSError, ValueError, IndexError):
            return False
        return True


@contextmanager
def open_database(settings: Settings) -> Iterator[Engine]:
    """The demonstration's database, its connections closed at the end."""
    engine = database.start(settings)
    try:
        yield engine
    finally:
        engine.dispose()


def claim(engine: Engine, recipe: Recipe, now: datetime) -> None:
    """Take an empty database for the demonstration, or find that it is the one this recipe was used in before.

    Raises DemoError for a database with anything else in it, and leaves it as it was.
    """
    with database.transaction(engine, ENGINE) as connection:
        detail = connection.scalar(
            text("SELECT detail FROM audit_entry WHERE action = :action ORDER BY id LIMIT 1"),
            {"action": _BEGAN},
        )
        if detail is not None and detail == _document(recipe):
            return
        if detail is not None or connection.scalar(text("SELECT count(*) FROM district")):
            raise DemoError(
                "this database already holds a district; the demonstration needs an empty one. Unset DATABASE_URL"
                " to use the database that comes with the program, or name an empty database"
            )
        audit.write(connection, Entry(at=now, actor=ENGINE.actor, action=_BEGAN, detail=_document(recipe)))


def _document(recipe: Recipe) -> dict[str, int]:
    return {"students": recipe.students, "seed": recipe.seed}

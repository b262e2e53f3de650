"""A demonstration keeps to its own folder and its own database."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from campaign import database, settings
from campaign.access import ENGINE
from campaign.demo.home import Beginning, DemoError, DemoHome, Recipe, claim

NOW = datetime(2026, 10, 23, 20, 0, tzinfo=UTC)
RECIPE = Recipe(students=60, seed=1)
OTHER = Recipe(students=80, seed=1)


def test_new_then_continued_then_anew(tmp_path: Path) -> None:
    home = DemoHome(tmp_path / "demo")
    assert home.prepare(RECIPE) is Beginning.NEW
    home.reports.mkdir()
    assert home.prepare(RECIPE) is Beginning.CONTINUED
    assert home.reports.exists()
    assert home.prepare(replace(RECIPE, whole_year=True)) is Beginning.CONTINUED
    assert home.prepare(OTHER) is Beginning.ANEW
    assert not home.reports.exists()
    assert home.prepare(OTHER) is Beginning.CONTINUED


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(DemoError, match="holds something else"):
        DemoHome(tmp_path).prepare(RECIPE)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_beginning_anew_keeps_what_the_demonstration_did_not_make(tmp_path: Path) -> None:
    home = DemoHome(tmp_path / "demo")
    home.prepare(RECIPE)
    (home.folder / "notes.txt").write_text("mine")
    home.prepare(OTHER)
    assert (home.folder / "notes.txt").read_text() == "mine"


def test_an_empty_database_is_taken_and_known_again(engine: Engine) -> None:
    claim(engine, RECIPE, NOW)
    claim(engine, RECIPE, NOW)
    with database.transaction(engine, ENGINE) as connection:
        assert connection.scalar(text("SELECT count(*) FROM audit_entry WHERE action = 'demo_began'")) == 1


def test_the_database_of_another_demonstration_is_refused(engine: Engine) -> None:
    claim(engine, RECIPE, NOW)
    with pytest.raises(DemoError, match="needs an empty one"):
        claim(engine, OTHER, NOW)


def test_a_real_district_is_refused_and_left_as_it_was(engine: Engine) -> None:
    with database.transaction(engine, ENGINE) as connection:
        connection.execute(text("INSERT INTO district (code, name) VALUES ('REAL', 'A real district')"))
    with pytest.raises(DemoError, match="already holds a district"):
        claim(engine, RECIPE, NOW)
    with database.transaction(engine, ENGINE) as connection:
        assert connection.scalar(text("SELECT count(*) FROM audit_entry")) == 0


def test_settings_send_nothing(tmp_path: Path) -> None:
    shipped = settings.load(environment={"GBG_HOME": str(tmp_path / "installed")})
    service = replace(shipped.sms, sender="twilio", messaging_service="MG" + "0" * 32)
    installed = replace(
        shipped, mail=replace(shipped.mail, sender="sendgrid", second_sender="smtp"), sms=service
    )
    own = DemoHome(tmp_path / "demo").settings(installed)
    assert (own.mail.sender, own.mail.second_sender, own.sms.sender) == ("mailbox", "", "mailbox")
    assert own.home == tmp_path / "demo"

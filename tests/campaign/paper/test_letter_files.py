"""The files of a run of letters: whole or not at all, the same when they are drawn again, with what belongs in them."""

from __future__ import annotations

import csv
import re
import subprocess
from pathlib import Path

import pikepdf
import pytest
from sqlalchemy import Engine, text

from campaign import jobs
from campaign.access import ENGINE
from campaign.database import transaction
from campaign.dispatch.delivery import Delivery
from campaign.jobs import Work
from campaign.paper import letter_answers, letter_files, letter_list
from campaign.paper.print_runs import PrintError
from campaign.store import letters as store
from tests.campaign.paper.letter_post import (
    DUE,
    LEE,
    NEXT_DAY,
    plain,
    post_office,
    printed,
    run_of,
    states,
    take,
    write_all,
)

LAW = "34 CFR 99.7: once a year, schools tell parents their rights."


@pytest.fixture
def template(small_district_template: str) -> str:
    """The tests begin with the small district."""
    return small_district_template


@pytest.fixture
def delivery(engine: Engine, tmp_path: Path) -> Delivery:
    return post_office(engine, tmp_path, drawn=True)


def said(file: Path, *options: str) -> str:
    found = subprocess.run(["pdftotext", *options, str(file), "-"], check=True, capture_output=True)
    return found.stdout.decode()


def rows_of(home: Path, number: str) -> list[dict[str, str]]:
    with (home / "out" / f"{number}-list.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_an_envelope_holds_address_letter_and_report_with_its_own_link(
    delivery: Delivery, tmp_path: Path, engine: Engine
) -> None:
    run = printed(delivery, tmp_path)
    rows = rows_of(tmp_path, run.number)
    assert len(rows) == run.letters == run.printed
    spanish = next(row for row in rows if row["language"] == "es")
    first, last = int(spanish["first_page"]), int(spanish["first_page"]) + int(spanish["pages"]) - 1
    words = said(tmp_path / "out" / spanish["file"], "-f", str(first), "-l", str(last))
    assert "1 Oak Street" in words
    assert "En este sobre" in words
    assert "In this envelope" in words
    assert "Una cosa para hacer" in words
    assert len(set(re.findall(r"/r/[a-z0-9-]{20,}", words.replace("\n", "")))) >= 1
    with pikepdf.open(tmp_path / "out" / spanish["file"]) as file:
        assert len(file.pages) % 2 == 0
    listed = (tmp_path / "out" / f"{run.number}-list.csv").read_text()
    assert not [name for name in ("Ana", "Abrego", "Oak", "Rosa") if name in listed]
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "out").iterdir()} == {0o600}
    assert not list(Path.cwd().glob("*.pdf"))


def test_a_run_that_was_killed_goes_on_and_gives_the_same_files(
    delivery: Delivery, tmp_path: Path, engine: Engine
) -> None:
    class Killed(Exception):
        pass

    def kill(_: int) -> None:
        raise Killed

    run = take(delivery)
    with pytest.raises(Killed):
        letter_files.produce(delivery, run, tmp_path / "out", DUE, kill)
    (part,) = (tmp_path / "out").glob("*-001.pdf")
    before = part.read_bytes()
    assert take(delivery, NEXT_DAY).id == run.id
    finished = letter_files.produce(delivery, run, tmp_path / "out", NEXT_DAY)
    assert finished.printed == finished.letters
    assert part.read_bytes() == before
    part.unlink()
    letter_files.produce(delivery, run, tmp_path / "out", NEXT_DAY)
    assert part.read_bytes() == before


def test_a_letter_whose_report_or_rights_changed_goes_back(
    delivery: Delivery, tmp_path: Path, engine: Engine
) -> None:
    run = take(delivery)
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("UPDATE student SET preferred_name = 'Benny' WHERE id = 2"))
        connection.execute(text("UPDATE student_contact SET court_restriction = true WHERE contact_id = 7"))
    write_all(engine, tmp_path)
    finished = letter_files.produce(delivery, run, tmp_path / "out", DUE)
    assert finished.states["replaced"] == 2
    assert finished.printed == run.letters - 2
    assert plain(engine)["planned"] == 2
    again = take(delivery, NEXT_DAY)
    assert again.letters == 1
    assert states(engine)["withheld", "court_restriction"] == 2


def test_a_closed_run_is_never_printed_again(delivery: Delivery, tmp_path: Path, engine: Engine) -> None:
    run = printed(delivery, tmp_path)
    with transaction(engine, ENGINE) as connection:
        letter_answers.thrown_away(connection, run.number, LEE)
    with pytest.raises(PrintError, match="closed"):
        letter_files.produce(delivery, run_of(engine, run.number), tmp_path / "out", NEXT_DAY)


def test_a_notice_of_the_law_goes_to_who_stopped_the_rest_and_says_why(
    engine: Engine, tmp_path: Path
) -> None:
    step = {"message": "hello", "needs_report": False, "notice": "legal", "notice_reason": LAW}
    delivery = post_office(engine, tmp_path, **step)
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text(
                """
                INSERT INTO consent_event (district_id, contact_id, channel, scope, action, source, at)
                SELECT 1, 2, channel, 'all', 'revoked', 'staff', now() FROM unnest(ARRAY['email', 'letter']) channel
                """
            )
        )
    run = printed(delivery, tmp_path)
    with transaction(engine, ENGINE) as connection:
        stopped = [one for one in store.envelopes(connection, run.id) if one.stopped]
    assert [one.contact_id for one in stopped] == [2]
    row = rows_of(tmp_path, run.number)[stopped[0].position - 1]
    last = int(row["first_page"]) + int(row["pages"]) - 1
    words = said(tmp_path / "out" / row["file"], "-f", row["first_page"], "-l", str(last))
    plain_words = " ".join(words.split())
    assert LAW in plain_words
    assert "You asked us to stop" in plain_words
    assert "tell the school, and we will stop" not in plain_words


def test_a_worker_draws_what_was_begun_and_the_clock_finds_it(
    delivery: Delivery, tmp_path: Path, engine: Engine
) -> None:
    run = take(delivery)
    jobs.prepare(engine)
    with jobs.door(engine) as door:
        jobs.poke(door, engine)
        jobs.defer_letters(door, run.id)
    for _ in range(2):
        jobs.make_app(Work(delivery, lambda: DUE)).run_worker(wait=False, install_signal_handlers=False)
        with jobs.door(engine) as door:
            jobs.defer_letters(door, run.id)
    finished = run_of(engine, run.number)
    assert finished.printed == finished.letters
    assert len(list(letter_list.folder(tmp_path, run).iterdir())) >= 3

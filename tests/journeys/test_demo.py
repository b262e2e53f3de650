"""A small demonstration from end to end, through the command: its sums, its files, and what they must not say."""

from __future__ import annotations

import csv
import email
import email.policy
import io
import json
import logging
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from click.testing import CliRunner, Result

from campaign.cli import gbg

STUDENTS = 40


@dataclass(frozen=True)
class Outcome:
    folder: Path
    result: Result
    log: str

    @property
    def summary(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.folder / "summary.json").read_text(encoding="utf-8"))
        return document


def run_demo(folder: Path) -> Outcome:
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    root = logging.getLogger()
    before = root.level
    # Everything any library has to say, but the statements of the database driver, which nobody turns on.
    root.setLevel(logging.DEBUG)
    logging.getLogger("sqlalchemy").setLevel(logging.WARNING)
    root.addHandler(handler)
    try:
        result = CliRunner().invoke(
            gbg,
            ["demo", "--no-serve", "--students", str(STUDENTS), "--out", str(folder)],
            catch_exceptions=False,
        )
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
    return Outcome(folder, result, log.getvalue())


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return run_demo(tmp_path_factory.mktemp("demo") / "out")


def test_it_ends_well_and_says_so(outcome: Outcome) -> None:
    assert outcome.result.exit_code == 0
    for title in (
        "Comparisons",
        "Reports by language",
        "Not sent, because",
        "Problems found",
        "Where everything lies",
    ):
        assert title in outcome.result.output
    assert "are unreviewed drafts, allowed by Demonstration" in outcome.result.output


def test_the_sums_hold(outcome: Outcome) -> None:
    summary = outcome.summary
    rows = summary["rows"]
    assert summary["students"] == STUDENTS
    assert rows["rows_in"] == rows["accepted"] + rows["refused"]
    assert summary["comparisons"]["NOT_ENOUGH"] + summary["comparisons"].get("OTHER_TEST", 0) == sum(
        summary["refusals"].values()
    )
    sent = summary["messages"]["accepted"]
    assert sum(summary["sent_by_language"].values()) == sum(summary["sent_by_channel"].values()) == sent
    # Letters to be printed or posted, and calls to be made.
    by_people = sum(summary["messages"].get(state, 0) for state in ("planned", "dispatching"))
    assert sum(summary["messages"].values()) == sent + by_people + sum(summary["not_sent_because"].values())
    assert summary["reports"]["en"] == STUDENTS


def test_every_message_sent_is_one_file_and_nothing_else_is(outcome: Outcome) -> None:
    """Beside those to staff, which say only that a conversation should be opened now."""
    mailbox = outcome.folder / "mailbox"
    files = {channel: len(list((mailbox / channel).iterdir())) for channel in ("email", "sms")}
    alarm = b"\nSubject: Please open a conversation now"
    files["email"] -= sum(alarm in file.read_bytes() for file in (mailbox / "email").iterdir())
    sent = outcome.summary["sent_by_channel"]
    assert files == {channel: sent[channel] for channel in files}


def test_two_families_get_one_message_a_week(outcome: Outcome) -> None:
    """In this month each comes alone, in its own words, on the weekly day: report cards are due on a Tuesday."""
    days = set()
    for file in (outcome.folder / "mailbox" / "email").iterdir():
        mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        if "report" in (mail["subject"] or "") and mail["date"].datetime.day == 12:
            days.add(mail["date"].datetime.strftime("%A"))
    assert days == {"Thursday"}


def test_its_office_posted_letters_and_made_calls(outcome: Outcome) -> None:
    assert outcome.summary["sent_by_channel"].keys() == {"email", "sms", "letter", "call"}
    assert " letter " in outcome.result.output
    assert "Equal: every message" in outcome.result.output
    assert list((outcome.folder / "mailbox" / "unfinished").iterdir()) == []


def test_every_report_can_be_opened_and_has_a_back_where_there_are_two_languages(outcome: Outcome) -> None:
    pages = []
    for path in (outcome.folder / "reports").glob("*.pdf"):
        with pikepdf.open(path) as document:
            pages.append(len(document.pages))
    assert len(pages) >= STUDENTS
    assert set(pages) <= {1, 2}
    assert pages.count(2) >= outcome.summary["reports"]["es"]


def test_nobody_who_must_not_get_anything_got_something(outcome: Outcome) -> None:
    forbidden = {
        person["email"] for person in people(outcome) if person.get("metadata.courtRestriction") == "true"
    }
    assert len(forbidden) == 1
    assert forbidden.isdisjoint({message["To"] for message in messages(outcome)})


def test_begun_again_it_goes_on_and_changes_nothing(outcome: Outcome) -> None:
    before = outcome.summary
    again = run_demo(outcome.folder)
    assert again.result.exit_code == 0
    assert "Continues the demonstration" in again.result.output
    timeless = {"stations", "beginning", "files_refused", "rows", "problems"}
    assert {k: v for k, v in again.summary.items() if k not in timeless} == {
        k: v for k, v in before.items() if k not in timeless
    }


def people(outcome: Outcome) -> Iterator[dict[str, str]]:
    district = outcome.folder / "district"
    texts = [(district / "sis_a" / "users.csv").read_text(encoding="utf-8")]
    with zipfile.ZipFile(district / "sis_b.zip") as archive:
        texts.append(archive.read("users.csv").decode("utf-8"))
    for text in texts:
        yield from csv.DictReader(io.StringIO(text))


def messages(outcome: Outcome) -> Iterator[email.message.EmailMessage]:
    for path in (outcome.folder / "mailbox" / "email").iterdir():
        yield email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


# Drawn at random, so that four of its signs may look like a score.
REPORT_NUMBER = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b")


def told_to_the_world(outcome: Outcome) -> Iterator[tuple[str, str]]:
    """Every place where no name, mark or score may stand, and what stands there."""
    yield "log", outcome.log
    yield "terminal", outcome.result.output
    yield "summary", (outcome.folder / "summary.json").read_text(encoding="utf-8")
    for path in outcome.folder.rglob("*"):
        inside = path.relative_to(outcome.folder)
        if inside.parts[0] in {"reports", "mailbox"}:
            yield "file name", REPORT_NUMBER.sub("", str(inside))
    for message in messages(outcome):
        yield "mail header", "\n".join(f"{name}: {value}" for name, value in message.items() if name != "To")
    for path in (outcome.folder / "mailbox" / "sms").iterdir():
        yield "text message", path.read_text(encoding="utf-8").split("\n", 1)[1]


def secret_words(outcome: Outcome) -> set[str]:
    """Names of everybody, and scores of the state tests: four digits that are no year."""
    names = {
        part
        for person in people(outcome)
        for part in (person["givenName"], person["familyName"])
        if len(part) > 2
    }
    with (outcome.folder / "district" / "harbor_state_test_2026.csv").open(encoding="utf-8") as file:
        scores = {row["scale_score"] for row in csv.DictReader(file) if row["scale_score"]}
    with (outcome.folder / "district" / "staar_summative_2026.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            scores |= {row["mathematics_scale_score"], row["reading_language_arts_scale_score"]} - {""}
    return names | scores


def test_no_name_mark_or_score_is_told_to_the_world(outcome: Outcome) -> None:
    secret = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, sorted(secret_words(outcome)))) + r")(?!\w)")
    mark = re.compile(r"(?<![\w-])[A-F][+-](?!\w)|\b\d{2,3} ?%")
    places = list(told_to_the_world(outcome))
    assert {place for place, _ in places} >= {"log", "terminal", "file name", "mail header", "text message"}
    found = [
        (place, match.group())
        for place, text in places
        for match in (*secret.finditer(text), *mark.finditer(text))
    ]
    assert found == []


def test_the_search_for_secrets_finds_them_where_they_may_stand(outcome: Outcome) -> None:
    """So that the check above can fail: bodies of e-mails call children by name."""
    secret = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, sorted(secret_words(outcome)))) + r")(?!\w)")
    bodies = [part.get_content() for message in messages(outcome) if (part := message.get_body(("plain",)))]
    assert any(secret.search(body) for body in bodies)

"""A campaign goes out as TOML and comes back byte for byte, with the messages its district wrote."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.definitions.campaign_file import CampaignFile, OwnText, read, write
from campaign.definitions.definition import CampaignError, load_all

WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=30
).filter(lambda said: bool(said.strip()))
SIGNS = st.text(
    st.characters(codec="utf-8", exclude_characters="{}\u2028\u2029\ufffe\uffff"), max_size=60
).map(lambda said: "".join(letter for letter in said if letter == "\n" or letter.isprintable()))
IDS = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)


@st.composite
def steps(draw: st.DrawFn) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": draw(IDS),
        "anchor": draw(st.sampled_from(["first_day", "report_card", "results", "conference"])),
        "offset": draw(st.integers(-90, 365)),
        "unit": draw(st.sampled_from(["days", "school_days"])),
        "send_on": draw(st.sampled_from(["school_day", "saturday"])),
        "at": draw(st.sampled_from(["09:00", "17:30"])),
        "expires_after_hours": draw(st.integers(1, 1440)),
        "priority": draw(st.integers(0, 100)),
        "message": draw(WORDS),
        "channels": draw(st.sampled_from([["email"], ["sms", "email"]])),
        "needs_report": draw(st.booleans()),
        "waits_for_preview": draw(st.booleans()),
    }
    if entry["needs_report"]:
        hours = st.integers(1, 1440)
        ways = draw(st.sets(st.sampled_from(["other", "letter", "call"])))
        rungs = [
            {"by": by, "after_hours": draw(hours), "expires_after_hours": draw(hours)}
            for by in ("other", "letter", "call")
            if by in ways
        ]
        entry |= {"follow_up": rungs} if rungs else {}
    if draw(st.booleans()):
        entry["audience"] = {
            "subjects": draw(st.sampled_from([["math"], ["math", "reading"]])),
            "grade_levels": [draw(st.integers(0, 3)), draw(st.integers(4, 12))],
            "outdated": draw(st.booleans()),
        }
    return entry


@st.composite
def messages(draw: st.DrawFn) -> OwnText:
    mail = f"{draw(SIGNS)}{{school}}\n{draw(SIGNS)}{{stop_link}} {{postal_address}}"
    english = {
        "email.subject": draw(WORDS.filter(lambda s: "{" not in s and "}" not in s)),
        "email.text": mail,
    }
    spanish = {"email.text": f"{draw(SIGNS)} {{school}} {{stop_link}} {{postal_address}}"}
    texts = {"en": english, **({"es": spanish} if draw(st.booleans()) else {})}
    return OwnText(f"own-{draw(IDS)}", draw(WORDS), texts)


@st.composite
def files(draw: st.DrawFn) -> CampaignFile:
    made = draw(st.lists(steps(), min_size=1, max_size=4, unique_by=lambda step: step["id"]))
    document = {"slug": draw(IDS), "title": draw(WORDS), "step": made}
    if draw(st.booleans()):
        document["priority"] = draw(st.integers(0, 100))
    own = draw(st.lists(messages(), max_size=2, unique_by=lambda one: one.id))
    return CampaignFile(document, tuple(own))


@given(files())
def test_what_is_written_comes_back_byte_for_byte(file: CampaignFile) -> None:
    written = write(file)
    back = read(written, "the file")
    assert back == file
    assert write(back) == written
    assert write(read(write(back).replace("\r\n", "\n"), "the file")) == written


def test_the_ready_made_year_goes_round() -> None:
    for definition in load_all():
        file = CampaignFile(definition.document)
        assert read(write(file), "the file") == file


def test_a_file_is_read_as_people_write_it() -> None:
    written = write(CampaignFile({"slug": "s", "title": 'A "title"', "step": []}))
    assert tomllib.loads(written) == {"slug": "s", "title": 'A "title"'}


MESSAGE = '[[message]]\nid = "own-a"\nabout = "A"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("slug = ", "cannot be read as TOML"),
        ('slug = "s"', "title: is missing"),
        ('slug = "s"\ntitle = "T"\ncolour = 1', "colour: is not known here"),
        ('slug = "s"\ntitle = "T"\n[[message]]\nid = "hello"\n', 'id: must begin with "own-"'),
        ('slug = "s"\ntitle = "T"\n[[message]]\nid = "own-a"\n', "about: is missing"),
        (f'slug = "s"\ntitle = "T"\n{MESSAGE}', "en: is missing"),
        (
            f'slug = "s"\ntitle = "T"\n{MESSAGE}[message.en]\n"sms.text" = "{{{{ x }}}}"',
            "is not a placeholder here",
        ),
        (f'slug = "s"\ntitle = "T"\n{MESSAGE}[message.en]\n"sms.text" = 1', "must be a text in quotes"),
        (f'slug = "s"\ntitle = "T"\n{MESSAGE}[message.en]\nx = "a"\n[message.xx]\n', "x: is not a part"),
        ('slug = "s"\ntitle = "T"\n[[step]]\nid = "a"\n', "step a: anchor: is missing"),
    ],
)
def test_a_file_that_cannot_be_used_names_what_to_write(text: str, words: str) -> None:
    with pytest.raises(CampaignError) as refused:
        read(text, "year.toml")
    assert words in str(refused.value)
    assert str(refused.value).startswith("year.toml")

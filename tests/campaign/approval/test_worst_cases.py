"""The worst that families may read: the longest names, the most children, right to left, English in its place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine

from campaign.approval import worst_cases
from campaign.approval.worst_cases import Bench, Extremes
from campaign.senders.segments import segments
from campaign.wordings.texts import Texts
from content import catalog
from tests.campaign import families
from tests.campaign.families import allow_drafts

WORST = Extremes("Maximiliano", "Lake Elementary School", 4)


def bench(connection: Connection, home: Path, *languages: str) -> Bench:
    settings = families.settings_in(home)
    settings = replace(settings, languages=replace(settings.languages, offered=["en", *languages]))
    for language in languages:
        allow_drafts(connection, 1, language)
    return Bench(families.delivery(connection.engine, home).texts(connection, 1), WORST, settings)


def test_every_language_that_goes_out_is_shown_and_english_for_the_others(
    engine: Engine, connection: Connection, tmp_path: Path
) -> None:
    families.build(engine, 2)
    at = bench(connection, tmp_path, "ar")
    found = worst_cases.cases("report_ready", at)
    own = {(one.channel, one.language) for one in found if one.fallback_from is None}
    assert own == {("email", "en"), ("sms", "en"), ("email", "ar"), ("sms", "ar")}
    others = {one.fallback_from for one in found if one.fallback_from}
    assert others == set(at.texts.catalog.interpreter_lines) - {"en", "ar"}
    arabic = next(one for one in found if (one.channel, one.language) == ("email", "ar"))
    assert (arabic.direction, arabic.state) == ("rtl", "draft")
    assert arabic.text.count("Maximiliano") >= WORST.children
    for one in found:
        assert one.parts == (segments(one.text) if one.channel == "sms" else 0)
        assert bool(one.problem) == (one.parts > 2)
    hardest = worst_cases.hardest(found)
    assert hardest is not None
    assert hardest.parts == max(one.parts for one in found)


@pytest.mark.parametrize("language", ["fr", "ht", "vi"])
def test_english_with_the_way_to_an_interpreter_fits_a_text_message_in_every_latin_script(
    engine: Engine, connection: Connection, tmp_path: Path, language: str
) -> None:
    """Their signs made three parts of it, which are not sent: no such family ever got a text message."""
    families.build(engine, 2)
    at = bench(connection, tmp_path)
    found = [
        one for one in worst_cases.cases("hello", at) if (one.channel, one.fallback_from) == ("sms", language)
    ]
    assert [(one.parts, one.problem) for one in found] == [(2, "")]


def test_the_extremes_are_those_of_the_rosters_where_they_are_longer(
    engine: Engine, connection: Connection
) -> None:
    families.build(engine, 2)
    long = "Wolfeschlegelsteinhausenbergerdorff-Alexander"
    families.add_student(connection, long)
    found = worst_cases.extremes(connection, 1)
    assert found.child == long
    assert found.children >= 3


def test_texts_that_may_not_go_out_are_not_shown(connection: Connection, tmp_path: Path) -> None:
    settings = families.settings_in(tmp_path)
    at = Bench(Texts(catalog.load(), {}), WORST, settings)
    assert {one.language for one in worst_cases.cases("tip", at) if not one.fallback_from} == {"en"}

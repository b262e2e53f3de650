"""`gbg readability`: measures, marks by line, and a status that a script can look at."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from campaign.cli import gbg

EASY = "Ana reads well. Read with Ana each day. Ask the teacher what comes next. " * 3


def test_an_easy_text(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text(EASY, encoding="utf-8")
    ended = CliRunner().invoke(gbg, ["readability", str(tmp_path / "letter.txt")])
    assert ended.exit_code == 0, ended.output
    assert "Flesch-Kincaid grade: " in ended.output
    assert ": easy enough." in ended.output
    assert "No word and no sentence stands out." in ended.output


def test_a_hard_text_that_is_piped_in() -> None:
    hard = "Standardized assessment administration necessitates considerable organizational preparation. " * 5
    ended = CliRunner().invoke(gbg, ["readability", "-"], input=f"First line.\n{hard}")
    assert ended.exit_code == 1
    assert ": too hard." in ended.output
    assert "line 2: considerable\n    Say “much”." in ended.output


def test_what_we_do_not_say_ends_with_status_1_in_any_language() -> None:
    ended = CliRunner().invoke(
        gbg, ["readability", "-", "--language", "zh"], input="安娜数学不及格。请问老师。"
    )
    assert ended.exit_code == 1
    assert "Not measured: we know no formula that holds for Chinese (Simplified)." in ended.output
    assert "2 sentences, 5.5 letters on average; the longest has 7." in ended.output
    assert "line 1: 不及格" in ended.output


@pytest.mark.parametrize(("content", "words"), [(b"\xff\xfe\xfa", "is not UTF-8"), (b" \n", "no text in it")])
def test_a_file_without_text_is_said(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "letter.txt").write_bytes(content)
    ended = CliRunner().invoke(gbg, ["readability", str(tmp_path / "letter.txt")])
    assert ended.exit_code == 1
    assert words in ended.output

"""A tool that is given what it cannot use says so plainly before it works, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tools import accessibility_table, campaign_pictures, pdf_accessibility, report_pictures

Tool = Callable[[Sequence[str]], int]
TEXT = "A page without marks.\n"


@pytest.mark.parametrize(
    ("tool", "arguments", "says"),
    [
        (accessibility_table.main, ["--into", "{missing}"], "missing.md cannot be read as a page"),
        (accessibility_table.main, ["--into", "{file}"], "page.md has no place for the table; write <!--"),
        (accessibility_table.main, ["--into", "{folder}"], "cannot be read as a page"),
        (pdf_accessibility.main, [], "FILE"),
        (pdf_accessibility.main, ["{missing}"], "missing.md cannot be read as a PDF"),
        (pdf_accessibility.main, ["{file}"], "page.md cannot be read as a PDF"),
        (report_pictures.main, ["--out", "{file}"], "page.md is a file; name a folder"),
        (campaign_pictures.main, ["--out", "{file}"], "page.md is a file; name a folder"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_remedy(
    tool: Tool, arguments: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = {"missing": tmp_path / "missing.md", "file": tmp_path / "page.md", "folder": tmp_path}
    places["file"].write_text(TEXT)
    with pytest.raises(SystemExit) as ended:
        tool([argument.format(**places) for argument in arguments])
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert says in told
    assert "Traceback" not in told
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("page.md", TEXT)]

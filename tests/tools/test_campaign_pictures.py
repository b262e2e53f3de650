"""A picture is drawn anew when it says something else, and not for a border that lies a pixel higher."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tools.campaign_pictures import keep, read


@pytest.mark.parametrize(
    ("box", "is_new"),
    [((10, 10, 90, 11), False), ((10, 10, 90, 12), False), ((10, 10, 14, 18), True)],
    ids=["a line", "two lines", "a letter"],
)
def test_what_looks_the_same_stays_as_it_is(
    tmp_path: Path, box: tuple[int, int, int, int], is_new: bool
) -> None:
    path, told = tmp_path / "one.png", list[str]()
    keep(path, Image.new("RGB", (100, 100), "#ffffff"), told.append)
    before = path.read_bytes()
    changed = Image.new("RGB", (100, 100), "#ffffff")
    changed.paste("#101010", box)
    keep(path, changed, told.append)
    assert (path.read_bytes() != before) == is_new
    assert len(told) == 2
    keep(path, changed.resize((50, 50)), told.append)
    assert read(path).size == (50, 50)

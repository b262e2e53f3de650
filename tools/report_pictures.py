"""`python -m tools.report_pictures`: pictures of the report's pages in every language and form, for the documentation.

Writes docs/pictures/reports-languages.png, reports-forms.png and report.png, which is large enough to read. Needs
pdftoppm (Poppler).
"""

from __future__ import annotations

import argparse
import io
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageOps

from tools.report_samples import samples

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"
# Dots per inch, and space between pages.
DETAIL, TO_READ, GAP = 50, 86, 18
COLOURS = 32


def pages(content: bytes, detail: int = DETAIL) -> list[Image.Image]:
    """The pages of a PDF as pictures with a thin edge."""
    command = ["pdftoppm", "-r", str(detail), "-png", "-"]
    streams = subprocess.run(command, input=content, capture_output=True, check=True).stdout
    marker = b"\x89PNG\r\n\x1a\n"
    found = [Image.open(io.BytesIO(marker + part)) for part in streams.split(marker)[1:]]
    return [ImageOps.expand(page.convert("RGB"), border=1, fill="#cfd8dc") for page in found]


def sheet(pictures: Sequence[Image.Image], columns: int) -> Image.Image:
    """The pictures in rows, left to right."""
    width = max(picture.width for picture in pictures) + GAP
    height = max(picture.height for picture in pictures) + GAP
    rows = -(-len(pictures) // columns)
    whole = Image.new("RGB", (columns * width + GAP, rows * height + GAP), "#f4f6f7")
    for place, picture in enumerate(pictures):
        whole.paste(picture, (GAP + place % columns * width, GAP + place // columns * height))
    return whole


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.report_pictures")
    parser.add_argument("--out", type=Path, default=FOLDER)
    options = parser.parse_args(arguments)
    if options.out.exists() and not options.out.is_dir():
        parser.error(f"--out {options.out} is a file; name a folder")
    if shutil.which("pdftoppm") is None:
        parser.error("pdftoppm is missing. Install it: apt-get install poppler-utils")
    fronts, forms, whole = [], [], []
    for sample in samples():
        drawn = pages(sample.content)
        if sample.form == "report":
            fronts.append(drawn[0])
        if (sample.form, sample.language) == ("report", "es"):
            whole = pages(sample.content, TO_READ)
        if (sample.form, sample.language) in {
            ("report", "es"),
            ("large print", "ar"),
            ("teacher's sheet", "en"),
        }:
            forms += drawn[:2]
    options.out.mkdir(parents=True, exist_ok=True)
    sheets = (("reports-languages", fronts, 4), ("reports-forms", forms, len(forms)), ("report", whole, 2))
    for name, pictures, columns in sheets:
        path = options.out / f"{name}.png"
        sheet(pictures, columns).quantize(COLOURS).save(path, optimize=True)
        print(f"{path}: {len(pictures)} pages, {path.stat().st_size / 1000:,.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

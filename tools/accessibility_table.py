"""`python -m tools.accessibility_table`: check every form of the report in every language, as a table.

With `--into docs/accessibility.md` the table is put between its two marks in that page. Ends with 1 if a check failed.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.pdf_accessibility import CHECKS, examine
from tools.report_samples import NAMES, samples

BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"


def table(
    documents: Mapping[str, Sequence[str]], passed: Mapping[tuple[str, str], int], verapdf: bool
) -> str:
    """Markdown: a line a check, a column a form; how many of its languages passed."""
    forms = list(documents)
    lines = [
        f"| Check | Asked by | {' | '.join(forms)} |",
        f"|---|---|{'---|' * len(forms)}",
        *(
            f"| {check.says} | {check.source} | "
            + " | ".join(f"{passed[check.name, form]} of {len(documents[form])}" for form in forms)
            + " |"
            for check in CHECKS
        ),
    ]
    languages = f"Languages: {', '.join(max(documents.values(), key=len))}."
    seen = (
        "veraPDF was there and can be asked." if verapdf else "veraPDF was not at hand where this was made."
    )
    return "\n".join([*lines, "", f"{languages} {seen}"])


def _page(name: str) -> Path:
    """The page, looked at before minutes are spent on what it is to hold."""
    path = Path(name)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise argparse.ArgumentTypeError(f"{name} cannot be read as a page of text: {error}") from None
    if not -1 < text.find(BEGIN) < text.find(END):
        raise argparse.ArgumentTypeError(
            f"{name} has no place for the table; write {BEGIN} and, below it, {END} where it belongs"
        )
    return path


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.accessibility_table")
    parser.add_argument("--into", type=_page, help="page to put the table in, between its two marks")
    options = parser.parse_args(arguments)
    documents: dict[str, list[str]] = defaultdict(list)
    passed: Counter[tuple[str, str]] = Counter()
    wrong = 0
    for sample in samples():
        documents[sample.form].append(sample.language)
        for name, findings in examine(sample.content, NAMES).items():
            passed[name, sample.form] += not findings
            for finding in findings:
                print(f"{sample.form}, {sample.language}: {name}: {finding}", file=sys.stderr)
                wrong = 1
    made = table(documents, passed, bool(shutil.which("verapdf")))
    if options.into is None:
        print(made)
    else:
        page = options.into.read_text(encoding="utf-8")
        before, after = page[: page.index(BEGIN)], page[page.index(END) + len(END) :]
        options.into.write_text(f"{before}{BEGIN}\n\n{made}\n\n{END}{after}", encoding="utf-8")
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

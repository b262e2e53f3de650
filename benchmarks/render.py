"""How fast family reports are drawn, beside plain `HTML(string=…).write_pdf()` loops in the same run.

    python -m benchmarks render --reports 40 --memory 1000

Made-up students, two subjects, Spanish in front and English on the back, code and link. Ours and the plain loops take
turns in one process, so that other work on the machine weighs on all alike. CPU seconds are of one core.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import segno
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup
from weasyprint import HTML, __version__

from campaign.documents import drawn
from campaign.documents.printing import PrintJob, press
from content.catalog import load
from reports.family import render
from reports.family.facts import Issue, Level, MarkFacts, ReportFacts, ScoreFacts, SubjectFacts, facts_hash
from reports.family.report import FamilyReport
from reports.family.write import write

LEVELS = (
    Level("1", "Did Not Meet Grade Level", 1100, 1488),
    Level("2", "Approaches Grade Level", 1489, 1588),
    Level("3", "Meets Grade Level", 1589, 1659),
    Level("4", "Masters Grade Level", 1660, 2000),
)
OUTCOMES = {
    "HIGH_NOTYET": ("NOT_YET", 1440, "1"),
    "MID_CLOSE": ("CLOSE", 1580, "2"),
    "MATCH_AT": ("AT", 1700, "4"),
}
NAIVE = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)
MEGABYTE = 1_000_000
Sheet = Sequence[FamilyReport]


def made_up(number: int, chance: random.Random) -> ReportFacts:
    """A student with a state test and a mark in two subjects."""
    name = chance.choice(["Ana", "Luis", "Guadalupe", "Christopher", "Mei", "Abdirahman"])
    return ReportFacts(
        student=name,
        full_name=f"{name} {number}",
        grade_level=chance.randint(0, 12),
        school="Lincoln Elementary School",
        school_phone="555-0134",
        teachers=(),
        subjects=tuple(_subject(subject, chance) for subject in ("math", "reading")),
    )


def _subject(subject: str, chance: random.Random) -> SubjectFacts:
    category = chance.choice(sorted(OUTCOMES))
    evidence, score, level = OUTCOMES[category]
    test = ScoreFacts(
        title=f"State Test {subject}",
        family="State Test",
        kind="summative",
        season="spring",
        administered_on=date(2026, 4, 22),
        evidence=evidence,
        score=score + chance.randint(-5, 5),
        error=33,
        cut=1589,
        level=level,
        floor_level="3",
        levels=LEVELS,
    )
    mark = MarkFacts(chance.choice(["A", "B", "C"]), "Course", 2026, "Year")
    return SubjectFacts(subject, category, evidence, (), mark, (test,), last_year=True)


def sheet(number: int, chance: random.Random) -> Sheet:
    link = f"https://families.example.org/r/k7f3-92qx-tb4m-x8c2-n5hd-{number:04d}-a6ye"
    issue = Issue("0000-0000-0000", 1, date(2026, 11, 2), date(2026, 11, 16), link=link)
    facts = made_up(number, chance)
    return [write(facts, issue, language, load()) for language in ("es", "en")]


def naive(pages: Sheet) -> bytes:
    """A newcomer's template, with the same words and pictures, in the plain loop."""
    code = segno.make(pages[0].link, error="m", micro=False)
    qr = Markup(code.svg_inline(title="QR", border=0))  # noqa: S704  squares
    return bytes(HTML(string=NAIVE.get_template("_naive.html").render(reports=pages, qr=qr)).write_pdf())


def plain(pages: Sheet) -> bytes:
    """Our own markup, lean as it is, in the plain loop: one size of letters, its style in a string, untagged."""
    style = (render.TEMPLATES / "print.css").read_text(encoding="utf-8")
    markup = render.print_markup(pages, "compact").replace("</head>", f"<style>{style}</style></head>")
    return bytes(HTML(string=markup).write_pdf())


LOOPS: dict[str, Callable[[Sheet], bytes]] = {"naive": naive, "plain": plain, "ours": render.pdf}
SAID = {
    "naive": "plain loop, newcomer's template (flex, grid, SVG text)",
    "plain": "plain loop, our markup",
    "ours": "ours: our markup, fitted to its sides, tagged PDF/UA-1",
}


def milliseconds(task: Callable[[], object]) -> float:
    """CPU time of this process."""
    begin = time.process_time()
    task()
    return 1000 * (time.process_time() - begin)


def main(arguments: Sequence[str]) -> dict[str, object]:
    parser = argparse.ArgumentParser(prog="benchmarks render")
    parser.add_argument("--reports", type=int, default=40)
    parser.add_argument(
        "--memory", type=int, default=0, metavar="N", help="then draw N more and watch the memory"
    )
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    chance = random.Random(options.seed)
    sheets = [sheet(number, chance) for number in range(options.reports)]
    figures: dict[str, object] = {
        "reports": options.reports,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "weasyprint": __version__,
    }
    print(f"{options.reports} bilingual reports of two sides, median; {figures}")
    figures |= _loops(sheets) | _around(sheets)
    rate = figures["per_second_all_cores"] = _on_all_cores(sheets)
    print(f"{'drawn by worker processes on all cores':58s}{rate:8.2f} a second (with their start)")
    return figures | ({"resident_mb": _memory(options.memory, chance)} if options.memory else {})


def _loops(sheets: Sequence[Sheet]) -> dict[str, object]:
    """The loops in turn over the same sheets, after one sheet each to warm up."""
    size = {name: statistics.median([len(loop(sheets[0]))]) for name, loop in LOOPS.items()}
    turns = [{name: milliseconds(lambda n=name, s=s: LOOPS[n](s)) for name in LOOPS} for s in sheets]
    took = {name: statistics.median(turn[name] for turn in turns) for name in LOOPS}
    print(f"{'':58s}{'CPU ms':>8s}{'times':>7s}{'kB':>7s}")
    for name in LOOPS:
        print(f"{SAID[name]:58s}{took[name]:8.0f}{took[name] / took['ours']:7.2f}{size[name] / 1000:7.1f}")
    return {f"{name}_ms": round(took[name], 1) for name in LOOPS} | {
        "times_faster_than_naive": round(took["naive"] / took["ours"], 2),
        "times_faster_than_plain": round(took["plain"] / took["ours"], 2),
        "bytes": size["ours"],
    }


def _around(sheets: Sequence[Sheet]) -> dict[str, object]:
    """What goes on around the drawing: the family's page, and finding that a report is there."""
    pages = statistics.median(
        milliseconds(lambda s=s: (render.page(s[0]), render.page_style(s[0]))) for s in sheets
    )
    facts = [made_up(number, random.Random(number)) for number in range(200)]
    texts = {"texts": "a" * 32, "interpreter": ""}
    drawn.press()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)

        def look(one: ReportFacts) -> bool:
            made_of = [facts_hash(one, texts), "https://families.example.org/r/x"]
            return drawn.place(home, drawn.file_name("K7F3-92QX-TB4M-1", "es", made_of)).exists()

        there = min(1000 * milliseconds(lambda: [look(one) for one in facts]) / len(facts) for _ in range(5))
    print(f"{'family page':58s}{pages:8.2f}")
    print(f"{'unchanged report: facts hashed, file found':58s}{there / 1000:8.3f}  ({there:.0f} µs)")
    return {"page_ms": round(pages, 2), "unchanged_microseconds": round(there)}


def _on_all_cores(sheets: Sequence[Sheet]) -> float:
    with tempfile.TemporaryDirectory() as folder, press() as drawing:
        jobs = [
            PrintJob(
                student_id=number,
                language="es",
                wanted=Path(folder) / f"{number}.pdf",
                kept=Path(folder) / "kept" / f"{number}.pdf",
                contracts=[page.to_json() for page in pages],
            )
            for number, pages in enumerate(sheets)
        ]
        begin = time.perf_counter()
        drawing.start(jobs)
        assert drawing.finish(lambda _: None).drawn == len(jobs)
        return round(len(jobs) / (time.perf_counter() - begin), 2)


def _memory(reports: int, chance: random.Random) -> dict[int, float]:
    """Resident memory of this process after so many reports of ours, each of another student."""
    found = {}
    for number in range(1, reports + 1):
        render.pdf(sheet(number, chance))
        if number in (1, 100, 250, 500, 750) or number == reports:
            found[number] = round(_resident() / MEGABYTE, 1)
            print(f"{f'resident memory after {number:,} reports':58s}{found[number]:8.1f} MB")
    return found


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")

"""How fast family reports are drawn, beside a plain `HTML(string=…).write_pdf()` of the same markup in the same run.

    python -m benchmarks render --reports 40

Made-up students, two subjects, Spanish in front and English on the back. Ours and the plain loop take turns, so that
other work on the machine weighs on both alike. CPU seconds are of one core.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from weasyprint import HTML

from campaign.printing import PrintJob, draw, workers
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


def plain(pages: Sequence[FamilyReport]) -> bytes:
    """What a newcomer writes: markup with its style in a string, everything parsed and found anew."""
    style = (render.TEMPLATES / "print.css").read_text(encoding="utf-8")
    markup = render.print_markup(pages, "normal").replace("</head>", f"<style>{style}</style></head>")
    return bytes(HTML(string=markup).write_pdf())


def seconds(task: Callable[[], object]) -> float:
    begin = time.process_time()
    task()
    return time.process_time() - begin


def main(arguments: Sequence[str]) -> dict[str, object]:
    parser = argparse.ArgumentParser(prog="benchmarks render")
    parser.add_argument("--reports", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    catalog, chance = load(), random.Random(options.seed)
    facts = [made_up(number, chance) for number in range(options.reports)]
    issue = Issue("0000-0000-0000", 1, date(2026, 11, 2), date(2026, 11, 16))
    sheets = [[write(one, issue, language, catalog) for language in ("es", "en")] for one in facts]
    render.pdf(sheets[0])
    plain(sheets[0])
    turns = [(seconds(lambda s=s: render.pdf(s)), seconds(lambda s=s: plain(s))) for s in sheets]
    ours, theirs = (statistics.median(column) for column in zip(*turns, strict=True))
    texts = catalog.hashes("report")
    unchanged = seconds(lambda: [facts_hash(one, texts) for one in facts]) / len(facts)
    rate = _on_all_cores(sheets)
    size = statistics.median(len(render.pdf(sheet)) for sheet in sheets[:10])
    figures: dict[str, object] = {
        "reports": options.reports,
        "cores": os.cpu_count(),
        "ours_cpu_seconds": round(ours, 3),
        "plain_cpu_seconds": round(theirs, 3),
        "times_faster": round(theirs / ours, 2),
        "unchanged_microseconds": round(unchanged * 1e6),
        "reports_per_second_all_cores": round(rate, 2),
        "bytes": size,
    }
    print(f"{options.reports} bilingual reports of two sides, {os.cpu_count()} cores, median")
    print(f"{'ours, tagged PDF/UA-1':44s}{ours:9.3f} CPU s a report   {size / 1000:6.1f} kB")
    print(f"{'plain loop, untagged':44s}{theirs:9.3f} CPU s a report")
    print(f"{'unchanged report, found by its hash':44s}{unchanged * 1e6:9.0f} µs a report")
    print(f"{'drawn by worker processes on all cores':44s}{rate:9.2f} reports a second (with their start)")
    return figures


def _on_all_cores(sheets: Sequence[Sequence[FamilyReport]]) -> float:
    with tempfile.TemporaryDirectory() as folder, workers() as pool:
        jobs = [
            PrintJob(Path(folder) / f"{number}.pdf", [page.to_json() for page in sheet], f"{number}-*.pdf")
            for number, sheet in enumerate(sheets)
        ]
        begin = time.perf_counter()
        failures = draw(pool, jobs)
        assert not failures
        return len(jobs) / (time.perf_counter() - begin)

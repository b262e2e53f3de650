"""Family reports from the current comparisons: kept as versions in the store, drawn as PDF files.

The same facts and texts give no new version and no new file. A run that was stopped goes on where it stood.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.documents.local_facts import LocalFacts, local_facts
from campaign.documents.printing import Printed, PrintJob, press
from campaign.documents.report_facts import report_facts
from campaign.documents.report_files import SOURCE_LANGUAGE, Folder, Sheet, jobs
from campaign.documents.report_number import new_number
from campaign.settings import Languages, Settings
from campaign.store import occurrences
from campaign.store import reports as store
from campaign.store.reports import CurrentReport, NewReport, StudentRow
from campaign.wordings.texts import REPORT_UNITS, Texts
from campaign.wordings.texts import read as read_texts
from content.catalog import Catalog
from content.languages import of_tag
from reports.family.changes import corrected
from reports.family.facts import Issue, ReportFacts, facts_hash
from reports.family.report import FamilyReport, from_json
from reports.family.write import write

_PORTION = 200
_DAYS_TO_TALK = 14
_DAYS_TO_CONFERENCE = 45


@dataclass
class ReportSummary:
    """What a run did: students looked at, reports by language, files. `failed` names what could not be drawn.

    Files are `files_written` anew, `files_taken` from what earlier runs drew, or `files_unchanged` where they lay.
    """

    students: int = 0
    reports_written: int = 0
    reports_unchanged: int = 0
    files_written: int = 0
    files_taken: int = 0
    files_unchanged: int = 0
    failed: list[str] = field(default_factory=list)
    files_by_language: Counter[str] = field(default_factory=Counter)

    def add(self, printed: Printed) -> None:
        self.files_written += printed.drawn
        self.files_taken += printed.handed_out
        self.files_unchanged += printed.there_already
        self.failed += printed.failures

    def __str__(self) -> str:
        languages = ", ".join(
            f"{language} {count:,}" for language, count in sorted(self.files_by_language.items())
        )
        there = f"{self.files_taken:,} from earlier runs, {self.files_unchanged:,} there already"
        return "\n".join(
            [
                f"Students   {self.students:>9,}",
                f"Reports    {self.reports_written:>9,} new or changed, {self.reports_unchanged:,} unchanged",
                f"Files      {self.files_written:>9,} drawn, {there} ({languages})",
                *([f"Not drawn  {len(self.failed):>9,} files:"] if self.failed else []),
                *(f"  {failure}" for failure in self.failed),
            ]
        )


@dataclass(frozen=True)
class _Run:
    """What holds for all students of one run."""

    district_id: int
    catalog: Catalog
    texts: str
    sendable: frozenset[str]
    issued_on: date
    conference_on: date | None
    local: LocalFacts
    now: datetime

    def written_to(self, tag: str) -> str:
        """The language in which somebody who reads this one gets the report."""
        language = of_tag(tag)
        return language if language in self.sendable else SOURCE_LANGUAGE

    @property
    def talk_by(self) -> date:
        """Two weeks on, or the Monday after if that is a weekend."""
        day = self.issued_on + timedelta(days=_DAYS_TO_TALK)
        return day + timedelta(days=(7 - day.weekday()) % 7) if day.weekday() > 4 else day


def write_reports(  # noqa: PLR0913  named sides of one run
    engine: Engine,
    *,
    district_id: int,
    catalog: Catalog,
    settings: Settings,
    out: Path,
    now: datetime,
    progress: Callable[[int], object] | None = None,
    student_id: int | None = None,
    force: bool = False,
) -> ReportSummary:
    """Bring a district's reports up to date, and draw in `out` the files that are not there.

    `progress` gets the number of students done since the last call; `catalog` is what ships, before which the
    district's own texts go; `student_id` narrows to one; `force` draws files anew. While the workers draw a portion
    of students, the next one is read.
    """
    summary, folder, last = ReportSummary(), Folder(out), 0
    waiting: list[PrintJob] = []
    with transaction(engine, ENGINE) as connection:
        run = _prepare(connection, district_id, catalog, settings, now)
    with press() as drawing:
        while True:
            with transaction(engine, ENGINE) as connection:
                rows = store.students(
                    connection,
                    district_id,
                    after=last,
                    limit=_PORTION,
                    student_id=student_id,
                    attendance=run.local.attendance,
                )
                sheets = _bring_up_to_date(connection, run, rows, summary)
                wanted = jobs(connection, sheets, run.written_to, out, settings, now)
            printed = drawing.finish(progress or (lambda _: None))
            folder.clear_replaced(job for job in waiting if job.wanted not in printed.failed)
            summary.add(printed)
            if not rows:
                return summary
            summary.files_by_language.update(job.language for job in wanted)
            drawing.start(wanted, force=force)
            waiting, last = wanted, rows[-1].student_id


def current_report(connection: Connection, student_id: int, language: str) -> FamilyReport | None:
    """The current report of a student in a language, or None if there is none."""
    rows = store.current(connection, [student_id])
    return next((from_json(row.contract) for row in rows if row.language == language), None)


def sendable_languages(texts: Texts, languages: Languages) -> frozenset[str]:
    """Offered languages in which every text of the report may go out; English always may."""
    return frozenset(
        language
        for language in languages.offered
        if all(texts.may_go_out(unit, language) for unit in REPORT_UNITS)
    ) | {SOURCE_LANGUAGE}


def _prepare(
    connection: Connection, district_id: int, shipped: Catalog, settings: Settings, now: datetime
) -> _Run:
    texts = read_texts(connection, shipped, district_id)
    catalog = texts.catalog
    zone = occurrences.zone_of(connection, district_id) or settings.installation.time_zone
    today = now.astimezone(ZoneInfo(zone)).date()
    until = today + timedelta(days=_DAYS_TO_CONFERENCE)
    return _Run(
        district_id=district_id,
        catalog=catalog,
        texts=_words(catalog),
        sendable=sendable_languages(texts, settings.languages),
        issued_on=today,
        conference_on=store.next_conference(connection, district_id, after=today, until=until),
        local=local_facts(connection, district_id, today, settings),
        now=now,
    )


def _words(catalog: Catalog) -> str:
    """One hash of all texts that a report may be told in, in all languages."""
    found = [f"{unit}.{pair}" for unit in REPORT_UNITS for pair in sorted(catalog.hashes(unit).items())]
    return blake2b("\n".join(found).encode(), digest_size=16).hexdigest()


def _bring_up_to_date(
    connection: Connection, run: _Run, rows: list[StudentRow], summary: ReportSummary
) -> list[Sheet]:
    """Store what is new of these students and say what their reports are now."""
    kept: dict[int, list[CurrentReport]] = {row.student_id: [] for row in rows}
    for report in store.current(connection, list(kept)):
        kept[report.student_id].append(report)
    new: list[NewReport] = []
    sheets: list[Sheet] = []
    for row in rows:
        current = kept[row.student_id]
        written = _new_reports(run, row, current)
        new += written
        contracts = {report.language: report.contract for report in written or current}
        digest = (written or current)[0].content_hash
        sheets.append(Sheet(run.district_id, row.student_id, contracts, digest))
        summary.reports_written += len(written)
        summary.reports_unchanged += 0 if written else len(current)
    store.replace(connection, new)
    summary.students += len(rows)
    return sheets


def _new_reports(run: _Run, row: StudentRow, current: list[CurrentReport]) -> list[NewReport]:
    """Reports in all languages of the family if anything in them changed, else none.

    All languages change together, so that the sides of one sheet carry the same version and the same dates.
    """
    facts = report_facts(row, run.local)
    stranger = _interpreter_language(run, row)
    digest = facts_hash(facts, {"texts": run.texts, "interpreter": stranger})
    languages = _languages(run, row) | {SOURCE_LANGUAGE}
    present = {report.language for report in current}
    if languages <= present and all(report.content_hash == digest for report in current):
        return []
    issue = Issue(
        number=current[0].contract["number"] if current else new_number(),
        version=max((report.version for report in current), default=0) + 1,
        issued_on=run.issued_on,
        talk_by=run.talk_by,
        conference_on=run.conference_on,
        family_language=stranger,
    )
    issue = replace(issue, corrected=_corrects(run, facts, issue, current))
    return [
        _new_report(run, row, facts, language, issue, digest)
        for language in sorted(languages | (present & run.sendable))
    ]


def _corrects(run: _Run, facts: ReportFacts, issue: Issue, current: list[CurrentReport]) -> bool:
    """Whether a grade or test that the last report told of was corrected, and a category with it."""
    before = next((from_json(one.contract) for one in current if one.language == SOURCE_LANGUAGE), None)
    if before is None:
        return False
    after = write(facts, issue, SOURCE_LANGUAGE, run.catalog)
    told = {block.subject: block.category for block in before.subjects}
    moved = any(told.get(block.subject, block.category) != block.category for block in after.subjects)
    return moved and corrected(before, after)


def _new_report(
    run: _Run, row: StudentRow, facts: ReportFacts, language: str, issue: Issue, digest: str
) -> NewReport:
    own = issue if language == SOURCE_LANGUAGE else replace(issue, family_language="")
    return NewReport(
        district_id=run.district_id,
        student_id=row.student_id,
        number=f"{issue.number}-{issue.version}-{language}",
        version=issue.version,
        language=language,
        comparison_ids=[comparison["id"] for comparison in row.comparisons],
        content_hash=digest,
        contract=write(facts, own, language, run.catalog).to_json(),
        created_at=run.now,
        corrects=issue.corrected,
    )


def _languages(run: _Run, row: StudentRow) -> set[str]:
    """Languages in which this family's adults get the report; English for whom theirs is not offered."""
    return {run.written_to(tag) for tag in row.languages} or {SOURCE_LANGUAGE}


def _interpreter_language(run: _Run, row: StudentRow) -> str:
    """The language of the line about the interpreter: that of the first adult whose language is not offered."""
    own = sorted({of_tag(tag) for tag in row.languages} - run.sendable)
    return next((language for language in own if run.catalog.interpreter_line(language)), "")

"""Facts and a language in, a family report out. Every word comes from the catalog; nothing is worked out anew."""

from __future__ import annotations

from datetime import date

from babel.dates import format_date, format_skeleton

from content.catalog import Catalog
from reports.family import charts
from reports.family.facts import Issue, MarkFacts, ReportFacts, ScoreFacts, SubjectFacts, TeacherFacts
from reports.family.report import Chart, EvidenceRow, FamilyReport, Programme, SubjectBlock
from reports.records import Category

MOST_SUBJECTS = 2
MOST_TESTS = 3
_ORDER = ("math", "reading")

# Which questions and which kind of activity go with a category.
_COLUMN = {
    Category.MATCH_AT: "AT",
    Category.MID_AT: "AT",
    Category.LOW_AT: "LOW_AT",
    Category.HIGH_CLOSE: "CLOSE",
    Category.MID_CLOSE: "CLOSE",
    Category.LOW_CLOSE: "LOW_CLOSE",
    Category.HIGH_NOTYET: "NOT_YET",
    Category.MID_NOTYET: "NOT_YET",
    Category.BOTH_NEED: "BOTH_NEED",
    Category.TESTS_DISAGREE: "TESTS_DISAGREE",
    Category.NOT_ENOUGH: "NOT_ENOUGH",
    Category.OTHER_TEST: "OTHER_TEST",
}
_ACTIVITY = {"AT": "stretch", "LOW_AT": "stretch", "CLOSE": "practice", "NOT_YET": "practice"}
_ACTIVITY |= {"LOW_CLOSE": "practice", "BOTH_NEED": "practice"}

# A rule that fired and what the family is told about it.
_NOTES = {
    "5_one_test_close": "report.notes.one_close",
    "7_standards_card": "report.notes.standards",
    "10_test_in_english": "report.notes.english_test",
}
_LABELS = (
    "title",
    "other_side",
    "headings.your_turn",
    "headings.words",
    "know.source",
    "know.says",
    "know.when",
    "now.home",
    "now.minutes",
    "now.sign_up",
    "chart.panel",
    "next.mistake",
    "next.privacy",
    "next.stop",
    "next.scan",
    "your_turn.intro",
    "your_turn.loves",
    "your_turn.learns",
    "your_turn.hope",
    "your_turn.question",
    "your_turn.talk",
    "your_turn.language",
    "your_turn.give",
)
_HEADINGS = ("doing", "mean", "know", "now", "next")
_GLOSSARY = ("grade_level", "grade_level_line", "band", "grade", "state_test", "interim_test", "skill")


def write(facts: ReportFacts, issue: Issue, language: str, catalog: Catalog) -> FamilyReport:
    """The report in `language`. Raises ContentError where the catalog lacks a text."""
    return _Writer(facts, issue, language, catalog).report()


class _Writer:
    def __init__(self, facts: ReportFacts, issue: Issue, language: str, catalog: Catalog) -> None:
        self.facts, self.issue, self.language, self.catalog = facts, issue, language, catalog
        self.fields = {"student": facts.student, "school": facts.school}
        self.subjects = _most_important(facts.subjects)
        shown = [subject.subject for subject in self.subjects]
        self.teachers = [teacher for teacher in facts.teachers if teacher.subject in shown]

    def say(self, key: str, **fields: str) -> str:
        return self.catalog.text(key, self.language, self.fields | fields)

    def report(self) -> FamilyReport:
        issue, facts = self.issue, self.facts
        blocks = tuple(self.block(subject) for subject in self.subjects)
        return FamilyReport(
            number=issue.number,
            version=issue.version,
            language=self.language,
            issued_on=issue.issued_on,
            issued=self.day(issue.issued_on),
            student=facts.student,
            full_name=facts.full_name,
            details=self.details(),
            subjects=blocks,
            meanings=self.meanings(blocks),
            steps=self.steps(),
            reach=self.reach(),
            programme=Programme(*facts.programme) if facts.programme else None,
            interpreter_language=issue.family_language,
            interpreter_line=self.catalog.interpreter_line(issue.family_language) or "",
            notice=self.say("report.newer") if issue.version > 1 else "",
            labels=self.labels(),
            glossary=self.glossary(blocks),
            link=issue.link,
        )

    def labels(self) -> dict[str, str]:
        labels = {key: self.say(f"report.{key}") for key in _LABELS}
        labels |= {f"headings.{key}": self.say(f"report.headings.{key}") for key in _HEADINGS}
        labels["number"] = self.say(
            "report.next.number", number=self.issue.number, version=str(self.issue.version)
        )
        return labels

    def details(self) -> tuple[str, ...]:
        details = [self.facts.school]
        if self.facts.grade_level is not None:
            details.insert(0, self.say(f"report.grade_levels.{self.facts.grade_level}"))
        names = {teacher.name for teacher in self.teachers}
        if len(names) == 1:
            details.append(self.say("report.teacher", teacher=names.pop()))
        return tuple(detail for detail in details if detail)

    def block(self, subject: SubjectFacts) -> SubjectBlock:
        column = _COLUMN[Category(subject.category)]
        word = self.say(f"report.subjects.{subject.subject}")
        decisive = _decisive(subject)
        state = subject.evidence or ""
        return SubjectBlock(
            subject=subject.subject,
            title=self.say(f"report.subject_titles.{subject.subject}"),
            category=subject.category,
            state=state,
            verdict=self.say(f"report.verdicts.{state}") if state else "",
            sentence=self.sentence(subject, word, decisive),
            meaning=self.say(f"report.meanings.{state or subject.category}"),
            notes=tuple(self.say(text) for rule, text in _NOTES.items() if rule in subject.rules),
            chart=self.chart(decisive) if decisive and state else None,
            rows=self.rows(subject),
            ask_title=self.say("report.now.ask_iep" if column == "OTHER_TEST" else "report.now.ask"),
            questions=self.questions(column, subject.subject, word),
            activity=self.activity(column, subject.subject, word),
        )

    def sentence(self, subject: SubjectFacts, word: str, decisive: ScoreFacts | None) -> str:
        fields = {"student": self.facts.student, "subject": word}
        if subject.mark and decisive:
            fields |= {"mark": subject.mark.mark, "test": self.test_phrase(decisive)}
            fields["time"] = "last_year" if subject.last_year else "this_year"
        return self.catalog.sentence(subject.category, self.language, fields)

    def test_phrase(self, test: ScoreFacts) -> str:
        return self.catalog.test_phrase(self.language, test.kind, test.family, test.season)

    def chart(self, test: ScoreFacts) -> Chart | None:
        places = charts.geometry(test)
        if places is None:
            return None
        names = {level.code: level.name for level in test.levels}
        if places.band and test.score is not None and test.error is not None and test.cut is not None:
            numbers = {"score": _points(test.score), "cut": _points(test.cut)}
            reach = {"low": _points(test.score - test.error), "high": _points(test.score + test.error)}
            description = self.say("report.chart.text_band", test=self.test_phrase(test), **numbers, **reach)
            line = self.say("report.chart.line_at", cut=numbers["cut"])
            legend = self.say("report.chart.band", score=numbers["score"])
        else:
            words = {"level": names.get(test.level or "", ""), "floor": names.get(test.floor_level or "", "")}
            description = self.say("report.chart.text_levels", test=self.test_phrase(test), **words)
            line, legend = self.say("report.chart.line"), self.say("report.chart.reached")
        return Chart(
            title=self.say("report.chart.title", test=test.title, date=self.month(test.administered_on)),
            description=description,
            segments=places.segments,
            line=places.line,
            line_label=line,
            legend=legend,
            band=places.band,
            score=places.score,
        )

    def rows(self, subject: SubjectFacts) -> tuple[EvidenceRow, ...]:
        mark = self.mark_row(subject.mark) if subject.mark else self.absent("mark")
        tests = [self.test_row(test) for test in subject.tests[:MOST_TESTS]]
        if not tests and subject.category != Category.OTHER_TEST:
            tests = [self.absent("test")]
        return (mark, *tests)

    def absent(self, kind: str) -> EvidenceRow:
        return EvidenceRow(kind, self.say(f"report.know.no_{kind}"), "", "", "", "")

    def mark_row(self, mark: MarkFacts) -> EvidenceRow:
        source = self.say("report.know.report_card_only")
        if mark.course:
            source = self.say("report.know.report_card", course=mark.course)
        return EvidenceRow("mark", source, mark.mark, "", self.when(mark), "")

    def when(self, mark: MarkFacts) -> str:
        """The term as the school names it, with its year where the name has none; else the school year alone."""
        if not mark.school_year:
            return mark.period
        year = f"{mark.school_year - 1}–{mark.school_year % 100:02d}"
        if not any(letter.isalpha() for letter in mark.period):
            return self.say("report.know.school_year", year=year)
        says_year = any(str(number) in mark.period for number in (mark.school_year - 1, mark.school_year))
        return mark.period if says_year else f"{mark.period}, {year}"

    def test_row(self, test: ScoreFacts) -> EvidenceRow:
        names = {level.code: level.name for level in test.levels}
        level = names.get(test.level or "", "")
        official = self.say("report.know.official_level", level=level) if level else ""
        says = self.say(f"report.verdicts.{test.evidence}")
        return EvidenceRow(
            "test", test.title, says, official, self.month(test.administered_on), test.evidence
        )

    def questions(self, column: str, subject: str, word: str) -> tuple[str, ...]:
        skill = self.say(f"questions.skills.{_library_subject(subject)}.{self.band()}", subject=word)
        fields = self.fields | {"subject": word, "skill": skill}
        return self.catalog.texts(f"questions.columns.{column}", self.language, fields)

    def activity(self, column: str, subject: str, word: str) -> str:
        kind = _ACTIVITY.get(column, "any")
        return self.say(f"activities.{_library_subject(subject)}.{kind}.{self.band()}", subject=word)

    def band(self) -> str:
        grade = self.facts.grade_level
        if grade is None:
            return "3-5"
        return "K-2" if grade <= 2 else "3-5" if grade <= 5 else "6-8" if grade <= 8 else "9-12"

    def meanings(self, blocks: tuple[SubjectBlock, ...]) -> tuple[str, ...]:
        said = list(dict.fromkeys(block.meaning for block in blocks if block.state))
        closing = ["report.meanings.grades"]
        if any(row.state for block in blocks for row in block.rows):
            closing += ["report.meanings.one_day", "report.meanings.both"]
        return (*said, *(self.say(key) for key in closing))

    def steps(self) -> tuple[str, ...]:
        issue = self.issue
        steps = [self.say("report.next.talk_by", date=self.day(issue.talk_by))]
        if issue.conference_on:
            steps = [self.say("report.next.conference", date=self.day(issue.conference_on))]
        return (*steps, self.say("report.next.interpreter"))

    def reach(self) -> tuple[str, ...]:
        lines = [self.ask(teacher) for teacher in self.teachers]
        addresses = dict.fromkeys(teacher.email for teacher in self.teachers if teacher.email)
        lines += [self.say("report.next.write", email=address) for address in addresses]
        if self.facts.school_phone:
            lines.append(self.say("report.next.call", phone=self.facts.school_phone))
        return (*dict.fromkeys(lines), self.say("report.next.school_office"))

    def ask(self, teacher: TeacherFacts) -> str:
        if len({teacher.name for teacher in self.teachers}) == 1:
            return self.say("report.next.ask_person", person=teacher.name)
        word = self.say(f"report.subjects.{teacher.subject}")
        return self.say("report.next.ask_person_about", person=teacher.name, subject=word)

    def glossary(self, blocks: tuple[SubjectBlock, ...]) -> tuple[tuple[str, str], ...]:
        terms = list(_GLOSSARY)
        if any(block.category == Category.OTHER_TEST for block in blocks):
            terms.append("iep")
        return tuple((self.say(f"glossary.{t}.term"), self.say(f"glossary.{t}.says")) for t in terms)

    def day(self, day: date) -> str:
        return format_date(day, "long", locale=self.language)

    def month(self, day: date | None) -> str:
        return format_skeleton("yMMMM", day, locale=self.language) if day else ""


def _most_important(subjects: tuple[SubjectFacts, ...]) -> list[SubjectFacts]:
    def place(subject: SubjectFacts) -> tuple[int, str]:
        return (_ORDER.index(subject.subject) if subject.subject in _ORDER else len(_ORDER), subject.subject)

    return sorted(subjects, key=place)[:MOST_SUBJECTS]


def _decisive(subject: SubjectFacts) -> ScoreFacts | None:
    """The test that leads, else the newest that says what the category says, else the newest."""
    agreeing = [test for test in subject.tests if test.evidence == subject.evidence]
    leading = [test for test in subject.tests if test.leads]
    newest = sorted(leading or agreeing or subject.tests, key=lambda test: test.administered_on or date.min)
    return newest[-1] if newest else None


def _library_subject(subject: str) -> str:
    return subject if subject in _ORDER else "other"


def _points(score: float) -> str:
    return f"{round(score, 1):.10g}"

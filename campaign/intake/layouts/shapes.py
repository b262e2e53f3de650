"""What the words of a row say about one of its scores: which test, level, status. Each set of words is read once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from campaign.intake.dates import read_school_year
from campaign.intake.layouts.cells import FieldReader, FileColumns
from campaign.intake.layouts.checking import folded_column
from campaign.intake.layouts.descriptions import Descriptions
from campaign.intake.layouts.language import TEXT_FIELDS, Identity, Score, folded_word
from campaign.intake.problems import RowRefused
from campaign.intake.quantities import read_number, read_truth
from campaign.intake.staging import FileTally, Passed
from campaign.intake.vocabulary import folded, read_grade_level, read_language, subject_of

_SEASONS = {
    "fall": ("fall", "autumn", "boy", "beginning of year", "beginning"),
    "winter": ("winter", "moy", "middle of year", "middle"),
    "spring": ("spring", "eoy", "end of year", "end"),
    "summer": ("summer",),
}
_SEASON_OF = {word: season for season, words in _SEASONS.items() for word in words}


class Shape(NamedTuple):
    """The part of a score that its words tell; names are columns of the staging table `score`."""

    family: str
    version: str
    title: str
    kind: str
    subject: str | None
    season: str | None
    grade_level: int | None
    grade_from_enrollment: bool
    school_year: int | None
    level: str | None
    status: str
    status_reason: str | None
    test_language: str | None


class Shaper:
    """Reads the words of one score; `positions` are the columns whose cells it is given, in order.

    A key is those cells, then the school year its date lies in, then whether there is a scale score.
    """

    def __init__(
        self, score: Score, columns: FileColumns, descriptions: Descriptions, tally: FileTally
    ) -> None:
        self._score, self._columns, self._tally = score, columns, tally
        self._descriptions = descriptions
        self._fields = {
            name: FieldReader(source, columns)
            for name, source in score.fields.items()
            if name in TEXT_FIELDS and not source.flags
        }
        self._places: dict[str, int] = {}
        self.positions: list[int] = []
        for name in self._all_columns():
            self._add(name)

    def _all_columns(self) -> list[str]:
        test, names = self._columns.test, [entry.column for entry in self._columns.test.pass_over]
        names += [status.column for status in self._score.statuses]
        names += [name for field in self._fields.values() for name in field.names]
        if self._score.present:
            names.append(self._score.present)
        if level := self._score.fields.get("level"):
            names += level.flags.values()
        if test.projection:
            names += [name for pair in test.projection.pairs for name in pair]
        return names + list(test.stated or ())

    def _add(self, name: str) -> None:
        position = self._columns.position(name)
        if position is not None and folded_column(name) not in self._places:
            self._places[folded_column(name)] = len(self.positions)
            self.positions.append(position)

    def _cell(self, key: Sequence[Any], name: str) -> str:
        place = self._places.get(folded_column(name))
        return "" if place is None else self._columns.cleaned(key[place], name)

    def _text(self, key: Sequence[Any], name: str) -> str:
        field = self._fields.get(name)
        if field is None:
            return ""
        return field.text([key[self._places[folded_column(column)]] for column in field.names])

    def read(self, key: Sequence[Any]) -> Shape | Passed | None:
        """None = the row has no such score. Raises RowRefused."""
        for entry in self._columns.test.pass_over:
            raw = self._cell(key, entry.column)
            if folded_word(raw) in entry.words or (raw and "*" in entry.words):
                return Passed(entry.kind)
        year, has_score = key[-2], key[-1]
        if self._score.present and not self._cell(key, self._score.present):
            return None
        status, reason = self._status(key)
        if status == "none":
            return None
        if status == "pass":
            return Passed(reason or "")
        identity = self._score.alternate if status == "alternate" else self._score.identity
        shape = self._described(key, identity, year)
        reason = reason or self._text(key, "reason_not_tested") or None
        level = self._level(key, identity, shape) if status == "valid" else None
        if status == "valid" and not (has_score or level or reason):
            return None
        shape = shape._replace(level=level, status=status, status_reason=reason)
        self._descriptions.seen(shape, identity)
        if level and (stated := self._columns.test.stated):
            low, high = (read_number(self._cell(key, name), name) for name in stated)
            self._descriptions.stated(shape, level, low, high)
        return shape

    def _status(self, key: Sequence[Any]) -> tuple[str, str | None]:
        for status in self._score.statuses:
            raw = self._cell(key, status.column)
            meant = status.codes.get(folded_word(raw), status.codes.get("*" if raw else "none given"))
            if meant is None and raw:
                raise RowRefused("unknown_status", status.column)
            if meant == "pass":
                return meant, status.kind
            if meant not in (None, "valid"):
                return str(meant), status.reason.replace("{code}", raw).strip()
        return "valid", None

    def _described(self, key: Sequence[Any], identity: Identity, year_of_date: int | None) -> Shape:
        subject = self._subject(key)
        grade = read_grade_level(self._text(key, "grade_level"), self._shown("grade_level"))
        of_no_grade = "grade_level" in self._fields and self._fields["grade_level"].fixed == ""
        year = self._school_year(key) or year_of_date
        return Shape(
            family=identity.family,
            version=self._version(year),
            title=identity.title,
            kind=identity.kind,
            subject=subject,
            season=self._season(key),
            grade_level=grade,
            grade_from_enrollment=grade is None and not of_no_grade,
            school_year=year,
            level=None,
            status="valid",
            status_reason=None,
            test_language=self._language(key),
        )

    def _shown(self, name: str) -> str:
        field = self._fields.get(name)
        return (field.shown if field else None) or name

    def _subject(self, key: Sequence[Any]) -> str | None:
        text = self._text(key, "subject")
        if not text and self._fields["subject"].fixed == "":
            return None
        subject = subject_of(text)
        if subject is None:
            raise RowRefused("unknown_subject", self._shown("subject"))
        return subject

    def _season(self, key: Sequence[Any]) -> str | None:
        word = folded(self._text(key, "season"))
        if word and word not in _SEASON_OF:
            raise RowRefused(
                "unknown_vocabulary", self._shown("season"), "Fall, Winter, Spring, BOY, MOY, EOY"
            )
        return _SEASON_OF.get(word)

    def _school_year(self, key: Sequence[Any]) -> int | None:
        text = self._text(key, "school_year")
        year = read_school_year(text, self._shown("school_year"))
        begins = year is not None and self._fields["school_year"].source.begins
        return year + 1 if year is not None and begins and text.isdigit() else year

    def _version(self, year: int | None) -> str:
        versions = self._columns.test.versions
        if len(versions) == 1:
            return versions[0].name
        for version in versions:
            if year is not None and version.first_year <= year <= version.last_year:
                return version.name
        raise RowRefused("unknown_version", self._shown("school_year"), str(year or "not given"))

    def _language(self, key: Sequence[Any]) -> str | None:
        language = read_language(self._text(key, "test_language"))
        if language is not None and language.tag is None:
            self._tally.note("test_language_unknown", language.raw, self._shown("test_language"))
        return language.tag if language else None

    def _level(self, key: Sequence[Any], identity: Identity, shape: Shape) -> str | None:
        source = self._score.fields.get("level")
        if source is None:
            return self._projected(key, shape)
        if source.flags:
            return self._flagged(key, source.flags, source.otherwise)
        text = self._text(key, "level")
        if not text:
            return None
        code = self._descriptions.level(identity, shape.subject, text)
        if code is None:
            raise RowRefused("unknown_level", self._shown("level"))
        return code

    def _flagged(self, key: Sequence[Any], flags: Mapping[str, str], otherwise: str | None) -> str | None:
        """The highest level whose flag is set; the flags build on each other, and none may be empty."""
        reached = []
        for level, column in flags.items():
            told = read_truth(self._cell(key, column), column)
            if told is None:
                raise RowRefused("missing_value", column)
            if told:
                reached.append(level)
        if reached != list(flags)[: len(reached)]:
            raise RowRefused(
                "unknown_vocabulary", next(iter(flags.values())), "flags that build on each other"
            )
        return reached[-1] if reached else otherwise

    def _projected(self, key: Sequence[Any], shape: Shape) -> str | None:
        projection = self._columns.test.projection
        for study_column, level_column in projection.pairs if projection else ():
            study, level = self._cell(key, study_column), self._cell(key, level_column)
            if not study or not level:
                continue
            code = self._descriptions.projected(shape, study, level)
            if code is not None:
                return code
            self._tally.note("unknown_projection", study, study_column)
        return None

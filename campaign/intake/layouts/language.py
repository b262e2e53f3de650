"""The language of layout.toml: read once, checked whole, frozen. ../assessments/README.md explains it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from campaign.intake.assessments.settings_file import KINDS
from campaign.intake.layouts.checking import Checked, filled
from campaign.intake.layouts.cuts import Cuts, check_cuts, check_ranges, read_cuts
from campaign.intake.layouts.leveling import LevelSet, Projection, read_level_sets, read_projection
from campaign.intake.layouts.recognition import Layout, read_layout
from campaign.intake.layouts.source import Source, read_source
from campaign.intake.problems import IntakeError

TEXT_FIELDS = (
    "subject", "grade_level", "season", "school_year", "level", "reason_not_tested", "test_language",
)  # fmt: skip
NUMBER_FIELDS = ("scale_score", "csem", "projected_probability")
FIELDS = (*TEXT_FIELDS, *NUMBER_FIELDS, "administered_on")
STATUSES = (
    "valid", "partial", "invalidated", "absent", "opt_out", "alternate", "off_grade", "modified", "none", "pass",
)  # fmt: skip
_OWN = ("family", "title", "kind", "levels")


@dataclass(frozen=True)
class Status:
    column: str
    codes: Mapping[str, str]
    reason: str
    kind: str


@dataclass(frozen=True)
class PassOver:
    column: str
    words: frozenset[str]
    kind: str


@dataclass(frozen=True)
class Identity:
    """Which test a score belongs to, but for version, subject, grade and season."""

    family: str
    title: str
    kind: str
    levels: tuple[str, ...]


@dataclass(frozen=True)
class Score:
    """One of the scores that stand side by side in a row. `dated`: its day tells it apart, not its place in the row."""

    name: str
    identity: Identity
    alternate: Identity
    fields: Mapping[str, Source]
    statuses: tuple[Status, ...]
    present: str | None
    dated: bool


@dataclass(frozen=True)
class Version:
    name: str
    first_year: int
    last_year: int


@dataclass(frozen=True)
class Student:
    """`identifiers`: column → systems; the names of columns of the name and birth date."""

    identifiers: Mapping[str, tuple[str, ...]]
    given_name: str | None
    family_name: str | None
    birth_date: str | None


@dataclass(frozen=True)
class Assessment:
    """One assessment's layout file."""

    name: str
    layouts: tuple[Layout, ...]
    versions: tuple[Version, ...]
    error_unit: str
    date_order: str | None
    no_value: frozenset[str]
    key: tuple[str, ...]
    without_scores: str | None
    student: Student
    scores: tuple[Score, ...]
    pass_over: tuple[PassOver, ...]
    level_sets: Mapping[str, LevelSet]
    projection: Projection | None
    cuts: tuple[Cuts, ...]
    ranges: tuple[Cuts, ...]
    stated: tuple[str, str] | None

    def limits(self, subject: str | None, grade: int | None, year: int | None) -> tuple[float, ...] | None:
        """Lowest and highest score the scale reaches, where that is known."""
        for entry in self.ranges:
            if (
                entry.subject == subject
                and grade is not None
                and year in entry.years
                and grade in entry.grades
            ):
                return entry.grades[grade]
        return None


def read_assessment(folder: Path) -> Assessment:
    """The layout of a folder. Raises IntakeError naming file and key."""
    file = folder / "layout.toml"
    where = f"{folder.name}/{file.name}"
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise IntakeError(f"{where} cannot be read: {error}.") from None
    top = Checked(where, document)
    identity = _identity(top)
    level_sets, chosen = read_level_sets(top)
    identity = Identity(identity.family, identity.title, identity.kind, chosen)
    test = Assessment(
        name=folder.name,
        layouts=tuple(read_layout(entry, folder) for entry in top.tables("layout")),
        versions=_versions(top),
        error_unit=top.need("error_unit", str),
        date_order=top.one_of("date_order", ("mdy", "dmy", ""), "") or None,
        no_value=frozenset(map(folded_word, top.texts("no_value"))),
        key=top.texts("key"),
        without_scores=top.get("without_scores", str),
        student=_student(top),
        scores=_scores(top, identity, level_sets),
        pass_over=tuple(map(_pass_over, top.tables("pass_over"))),
        level_sets=level_sets,
        projection=read_projection(top),
        cuts=read_cuts(top, "cut"),
        ranges=read_cuts(top, "range"),
        stated=_stated(top),
    )
    top.done()
    _check(top, test)
    return test


def folded_word(word: str) -> str:
    """Words of cells: case and blanks do not matter, signs do (N/A* is not NA)."""
    return re.sub(r"\s+", " ", word).strip().casefold()


def _identity(table: Checked) -> Identity:
    family = table.need("family", str)
    return Identity(family, table.get("title", str, family), table.one_of("kind", KINDS), ())


def _versions(top: Checked) -> tuple[Version, ...]:
    if not isinstance(top.get("version", (str, list), ""), list):
        return (Version(top.need("version", str), 1900, 2100),)
    found = []
    for entry in top.tables("version"):
        years = entry.get("first_year", int, 1900), entry.get("last_year", int, 2100)
        found.append(Version(entry.need("name", str), *years))
        entry.done()
    return tuple(found)


def _student(top: Checked) -> Student:
    table = Checked(f"{top.where}, [student]", top.need("student", Mapping))
    identifiers = table.need("identifiers", Mapping)
    if not identifiers or not all(isinstance(systems, list) and systems for systems in identifiers.values()):
        raise table.fail("identifiers must give each column a list of systems.")
    names = [table.get(key, str) for key in ("given_name", "family_name", "birth_date")]
    table.done()
    return Student({column: tuple(systems) for column, systems in identifiers.items()}, *names)


def _scores(top: Checked, identity: Identity, sets: Mapping[str, LevelSet]) -> tuple[Score, ...]:
    fields = top.need("fields", Mapping)
    statuses = top.get("status", list, [])
    alternate = top.table("alternate")
    other = _own(alternate, identity, sets) if alternate else identity
    if alternate:
        alternate.done()
    entries = top.tables("score") or [Checked(f"{top.where}, [fields]", {"name": "score"})]
    scores = []
    for entry in entries:
        fill = {"name": entry.need("name", str), **entry.words("fill")}
        given = filled({**fields, **entry.rest(FIELDS)}, fill)
        own = filled([*entry.get("status", list, []), *statuses], fill)
        mine = _own(entry, identity, sets)
        present = entry.get("present", str)
        score = Score(
            name=fill["name"],
            identity=mine,
            alternate=other if alternate else mine,
            fields={name: read_source(f"{entry.where}, {name}", value) for name, value in given.items()},
            statuses=tuple(_status(Checked(f"{entry.where}, [[status]]", one)) for one in own),
            present=filled(present, fill) if present else None,
            dated=entry.get("dated", bool, False),
        )
        entry.done()
        if unknown := sorted(set(given) - set(FIELDS)):
            raise entry.fail(f"{unknown[0]} is no field; known: {', '.join(FIELDS)}.")
        scores.append(score)
    return tuple(scores)


def _own(entry: Checked, identity: Identity, sets: Mapping[str, LevelSet]) -> Identity:
    family = entry.get("family", str, identity.family)
    title = entry.get("title", str, family if "family" in entry else identity.title)
    levels = entry.texts("levels") or identity.levels
    if unknown := set(levels) - set(sets):
        raise entry.fail(f"levels names {min(unknown)}, which is no [level_set].")
    return Identity(family, title, entry.one_of("kind", KINDS, identity.kind), levels)


def _status(entry: Checked) -> Status:
    column = entry.need("column", str)
    codes = {folded_word(code): meant for code, meant in entry.words("codes").items()}
    status = Status(
        column, codes, entry.get("reason", str, f"{column} {{code}}"), entry.get("kind", str, "not scored")
    )
    entry.done()
    if not codes or not set(codes.values()) <= set(STATUSES):
        raise entry.fail(f"codes must give each code one of {', '.join(STATUSES)}.")
    return status


def _pass_over(entry: Checked) -> PassOver:
    found = PassOver(
        entry.need("column", str), frozenset(map(folded_word, entry.texts("is"))), entry.need("kind", str)
    )
    entry.done()
    return found


def _stated(top: Checked) -> tuple[str, str] | None:
    table = top.table("stated")
    if table is None:
        return None
    columns = table.need("minimum", str), table.need("maximum", str)
    table.done()
    return columns


def _check(top: Checked, test: Assessment) -> None:
    if not test.layouts:
        raise top.fail("[[layout]] is missing.")
    if not test.key and not all(score.dated for score in test.scores):
        raise top.fail("key must name the columns that tell two results of one student apart.")
    if len({score.name for score in test.scores}) != len(test.scores):
        raise top.fail("two [[score]] have the same name.")
    for score in test.scores:
        if not {"scale_score", "level"} & set(score.fields) or "subject" not in score.fields:
            raise top.fail(f"{score.name} needs a subject, and scale_score or level.")
    check_cuts(top, test.cuts, {len(levels.order) - 1 for levels in test.level_sets.values()})
    check_ranges(top, test.ranges)

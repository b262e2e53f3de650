"""What the program thinks a table is: its kind, which column holds what, the grade scale, the levels, and what to ask.

Nothing is guessed in silence: every guess has its reason in words, and what nothing tells stays empty and is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from campaign.intake.spreadsheet import level_words, mark_scales
from campaign.intake.spreadsheet.columns import ID_SYSTEMS, LIKELY, Guess, Known, assign, claim, fields
from campaign.intake.spreadsheet.level_words import LevelGuess
from campaign.intake.spreadsheet.mapping import FIELDS, NAMED, NEEDED
from campaign.intake.spreadsheet.mark_scales import ScaleGuess
from campaign.intake.spreadsheet.sample import Sample
from campaign.intake.spreadsheet.shapes import date_orders, has_slashed_dates
from campaign.intake.vocabulary import table

KINDS = tuple(FIELDS)
_DATES = ("student_birth_date", "period_begins_on", "period_ends_on", "administered_on", "as_of", "day")
# How far the likeliest kind must be ahead of the next.
_AHEAD = 0.15
_SHIFTED = 0.5


@dataclass(frozen=True)
class DateOrder:
    """`order`: "mdy" or "dmy" where a value decides it; None where none does (`asked`) or where it does not matter."""

    order: str | None
    asked: bool
    why: str


@dataclass(frozen=True)
class Proposal:
    """`kind`: None where nothing tells it. `fields`: every field of the kind. `notices`: what to look at first."""

    kind: str | None
    why: str
    fields: Mapping[str, Guess] = field(default_factory=dict)
    dates: DateOrder = DateOrder(None, False, "")
    scale: ScaleGuess | None = None
    levels: LevelGuess | None = None
    private: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()

    @property
    def columns(self) -> dict[str, str]:
        return {name: guess.column for name, guess in self.fields.items() if guess.column}


def propose(sample: Sample, known: Known | None = None, kind: str | None = None) -> Proposal:
    """What a table seems to be; `kind` where a person has said it."""
    known = known or {}
    found, why = (kind, "You said so.") if kind else _kind(sample, known)
    notices = tuple(_notices(sample))
    if found is None:
        return Proposal(
            None, why, private=sample.private, notices=notices, questions=("What is this table about?",)
        )
    guesses = assign(found, _ordered(found), sample, known)
    columns = {name: guess.column for name, guess in guesses.items() if guess.column}
    dates = order_of_dates(sample, columns)
    scale = scale_of(sample, columns) if found == "grades" else None
    levels = levels_of(sample, columns) if found == "scores" else None
    return Proposal(
        found,
        why,
        guesses,
        dates,
        scale,
        levels,
        sample.private,
        tuple(column for column in sample.values if column not in columns.values()),
        (*notices, *_lost_zeros(sample, columns, known)),
        tuple(_questions(found, guesses, dates, scale, levels)),
    )


def order_of_dates(sample: Sample, columns: Mapping[str, str]) -> DateOrder:
    """Told by a day above 12 in any column of dates."""
    cells = [cell for name in _DATES if name in columns for cell in sample.values.get(columns[name], ())]
    if not has_slashed_dates(cells):
        return DateOrder(None, False, "Dates are written so that they can be read in one way only.")
    orders = date_orders(cells)
    if orders == {"mdy"}:
        return DateOrder(
            "mdy", False, "A date has a number above 12 in the second place, so the month comes first."
        )
    if orders == {"dmy"}:
        return DateOrder(
            "dmy", False, "A date has a number above 12 in the first place, so the day comes first."
        )
    if orders:
        return DateOrder(
            None, True, "No date of the first rows tells whether the day or the month comes first."
        )
    return DateOrder(None, True, "Some dates have the day first and some the month. Ask for a new export.")


def scale_of(sample: Sample, columns: Mapping[str, str]) -> ScaleGuess:
    return mark_scales.guess(list(sample.values.get(columns.get("mark", ""), ())))


def levels_of(sample: Sample, columns: Mapping[str, str]) -> LevelGuess | None:
    """None where no column of levels is known."""
    if "level" not in columns:
        return None
    words = list(sample.values.get(columns["level"], ()))
    told = [cell for name in ("family", "title") for cell in sample.values.get(columns.get(name, ""), ())]
    return level_words.guess(words, level_words.tests_named([sample.name, *told]))


def _ordered(kind: str) -> list[str]:
    """The fields of a kind in the order in which they are shown."""
    return [name for name in fields() if name in FIELDS[kind]]


def _kind(sample: Sample, known: Known) -> tuple[str | None, str]:
    scores = {}
    for kind, telling in table("synonyms.toml", __package__)["kinds"].items():
        best = [max(_strengths(name, kind, sample, known), default=(0.0, "")) for name in telling]
        strength = sorted((score / (1 + place / 4) for place, (score, _) in enumerate(best)), reverse=True)
        scores[kind] = (sum(value / 2**place for place, value in enumerate(strength)), best)
    ranked = sorted(scores, key=lambda kind: -scores[kind][0])
    first, second = ranked[0], ranked[1]
    if scores[first][0] < LIKELY or scores[first][0] - scores[second][0] < _AHEAD:
        return None, "Neither the names of the columns nor their values tell what this table is about."
    told = list(dict.fromkeys(column for score, column in scores[first][1] if score))[:3]
    return first, f"It has {_and([f'“{column}”' for column in told])}."


def _strengths(name: str, kind: str, sample: Sample, known: Known) -> Iterator[tuple[float, str]]:
    return ((claim(name, kind, column, sample, known).score, column) for column in sample.values)


def _notices(sample: Sample) -> list[str]:
    said = []
    if sample.rows and sample.longer / sample.rows > _SHIFTED:
        said.append(
            "Rows have more values than the first line has names: a name is missing there, so from some place on "
            "values stand under the wrong name. Such rows are refused. Ask for a new export, or add the missing name."
        )
    if sample.rows and sample.shorter / sample.rows > _SHIFTED:
        said.append("Rows have fewer values than the first line has names. Ask for a new export.")
    if sample.unnamed:
        said.append(f"{sample.unnamed} column(s) have no name and are left out.")
    if not sample.rows:
        said.append("The table has no rows.")
    if len(sample.values) == 1 and not sample.private:
        said.append(
            "Only one column was found. If there are more, save the table as CSV with commas between them."
        )
    return said


def _lost_zeros(sample: Sample, columns: Mapping[str, str], known: Known) -> list[str]:
    """Ids that are known only with zeros in front, which a spreadsheet program has cut off."""
    for name, systems in ID_SYSTEMS.items():
        ids = frozenset[str]().union(*(known.get(system, frozenset()) for system in systems))
        bare = {value.lstrip("0"): value for value in ids}
        cut = [
            v for v in sample.values.get(columns.get(name, ""), ()) if v not in ids and bare.get(v, v) != v
        ]
        if cut:
            return [
                f"{len(cut)} ids in “{columns[name]}” are known only with zeros in front: a spreadsheet program "
                "has cut them off. Rows with them find nobody. Export it again and do not save it in such a program."
            ]
    return []


def _questions(
    kind: str,
    guesses: Mapping[str, Guess],
    dates: DateOrder,
    scale: ScaleGuess | None,
    levels: LevelGuess | None,
) -> list[str]:
    has = {name for name, guess in guesses.items() if guess.column}
    asked = []
    if not (has & set(ID_SYSTEMS) or has >= NAMED):
        asked.append("Which column says who the student is?")
    if not any(needed <= has for needed in NEEDED[kind]):
        asked.append("Which columns hold what such a table needs? They are marked below.")
    if kind in ("grades", "scores") and not has & {"subject", "course_title"}:
        asked.append("Which subject is it about?")
    if dates.asked:
        asked.append("Does the day or the month come first in dates?")
    if scale and "mark" in has and scale.scale is None and "scale" not in has:
        asked.append("Which scale are the marks on?")
    if levels and levels.order and (not levels.known or levels.floor is None):
        asked.append("Which of the levels is the lowest that means “at grade level”?")
    asked += [guess.why for guess in guesses.values() if guess.rivals]
    return asked


def _and(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)

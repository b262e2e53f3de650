"""Which column holds which field: by the words of its name, by what its values look like, and by ids we know."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import compress
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from campaign.intake.spreadsheet.sample import Sample
from campaign.intake.spreadsheet.shapes import share
from campaign.intake.vocabulary import folded, table

# Id field → the systems of the register whose ids it may hold.
ID_SYSTEMS = {
    "student_local_id": ("local",),
    "student_state_id": ("state",),
    "student_source_id": ("oneroster", "sds", "edfi"),
}
SURE, LIKELY = 0.9, 0.6
# Below this nothing is proposed; within this two ways of reading a table are equally good, and a person is asked.
_LEAST, _EQUAL = 0.4, 0.05
# Of this share of the values the shape of a field must be true, or the name of the column is not believed.
_BELIEVED, _TELLING = 0.5, 0.95
_KNOWN = 0.5

Known = Mapping[str, frozenset[str]]
"""System of ids → those of the sample's values that are ids of students of the district."""


@dataclass(frozen=True)
class Guess:
    """The likeliest column of a field, or None and what to ask. `rivals`: columns that fit equally well."""

    field: str
    column: str | None
    confidence: float
    why: str
    rivals: tuple[str, ...] = ()

    @property
    def is_sure(self) -> bool:
        return self.confidence >= SURE


@dataclass(frozen=True)
class _Claim:
    score: float
    why: str


_NONE = _Claim(0.0, "")


def spoken(name: str) -> str:
    """A column's name as words: capitals within it begin a word, accents and punctuation do not matter."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    plain = unicodedata.normalize("NFKD", apart)
    return folded("".join(sign for sign in plain if not unicodedata.combining(sign)))


@cache
def fields() -> dict[str, Any]:
    return dict(table("synonyms.toml", __package__)["fields"])


def _words(field: str, kind: str) -> Sequence[str]:
    entry = fields()[field]
    found: Sequence[str] = entry.get("of", {}).get(kind, entry["words"])
    return found


def _by_name(field: str, kind: str, column: str) -> tuple[float, str]:
    """1.0 for the very name, less for one that holds its words, 0 for another name; and the words that were met."""
    shown = spoken(column)
    met = [word for word in _words(field, kind) if f" {word} " in f" {shown} "]
    if shown in met or shown.replace(" ", "") in {word.replace(" ", "") for word in _words(field, kind)}:
        return 1.0, column
    longest = max(met, key=len, default="")
    words = len(longest.split())
    # One word of several says little: “Grade” stands in “Grade points”.
    return (min(0.5 + 0.1 * words, 0.8), longest) if longest and longest != "id" else (0.0, "")


def claim(field: str, kind: str, column: str, sample: Sample, known: Known) -> _Claim:
    """How much speaks for the column, 0 to 1, and what."""
    values, entry = sample.values[column], fields()[field]
    named, met = _by_name(field, kind, column)
    if field in ID_SYSTEMS:
        shares = {name: _known_share(name, sample, column, known) for name in ID_SYSTEMS}
        if (found := shares[field]) >= _KNOWN:
            return _Claim(
                0.9 + 0.05 * found + 0.05 * named, f"{found:.0%} of its values are ids of students we know."
            )
        if max(shares.values()) >= _KNOWN:
            return _NONE
    fits = share(entry["shape"], values)
    if not named:
        shape = entry.get("by_values")
        if shape and values and share(shape, values) >= _TELLING:
            return _Claim(0.65, f"Its values look like it: {_some(sample, column)}.")
        return _NONE
    if fits < _BELIEVED:
        return _NONE
    if not values:
        return _Claim(named * 0.5, f"The name says “{met}”, but the column is empty.")
    doubt = "" if fits == 1 else f", though {1 - fits:.0%} of its values do not look like it"
    return _Claim(named * (0.6 + 0.4 * fits), f"The name says “{met}”{doubt}.")


def _known_share(field: str, sample: Sample, column: str, known: Known) -> float:
    values = sample.values[column]
    ids = frozenset[str]().union(*(known.get(system, frozenset()) for system in ID_SYSTEMS[field]))
    return sum(value in ids for value in values) / len(values) if values else 0.0


def _some(sample: Sample, column: str) -> str:
    return ", ".join(sample.first.get(column, ())) or "nothing"


def assign(kind: str, names: Sequence[str], sample: Sample, known: Known) -> dict[str, Guess]:
    """Field → its column, each column once; where two ways are equally good, neither is taken and a person is asked."""
    columns = list(sample.values)
    claims = {(f, c): claim(f, kind, c, sample, known) for f in names for c in columns}
    worth = np.array([[claims[f, c].score for c in columns] for f in names]).reshape(len(names), len(columns))
    worth[worth < _LEAST] = 0
    best = _best(worth)
    whole = _total(worth, best)
    guesses = {
        field: Guess(field, None, 0.0, "Nothing in the file tells which column this is.") for field in names
    }
    for row, place in best:
        field, column = names[row], columns[place]
        other = worth.copy()
        other[row, place] = 0
        if _total(other, _best(other)) < whole - _EQUAL:
            made = claims[field, column]
            guesses[field] = Guess(field, column, round(float(worth[row, place]), 2), made.why)
            continue
        equal = worth[:, place] >= worth[row, place] - _EQUAL
        for name in compress(names, equal):
            rivals = tuple(_rivals(worth[names.index(name)], columns))
            guesses[name] = Guess(name, None, 0.0, _asked(column, rivals), rivals)
    return guesses


def _rivals(scores: np.ndarray[Any, np.dtype[np.float64]], columns: Sequence[str]) -> Iterator[str]:
    top = scores.max()
    for score, column in zip(scores, columns, strict=True):
        if score > 0 and score >= top - _EQUAL:
            yield column


def _asked(column: str, rivals: Sequence[str]) -> str:
    if len(rivals) > 1:
        return f"Several columns fit equally: {', '.join(rivals)}."
    return f"“{column}” could be this or something else; its values fit both."


def _best(worth: np.ndarray[Any, np.dtype[np.float64]]) -> list[tuple[int, int]]:
    rows, places = linear_sum_assignment(worth, maximize=True)
    return [(int(r), int(p)) for r, p in zip(rows, places, strict=True) if worth[r, p] > 0]


def _total(worth: np.ndarray[Any, np.dtype[np.float64]], chosen: Sequence[tuple[int, int]]) -> float:
    return float(sum(worth[row, place] for row, place in chosen))

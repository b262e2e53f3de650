"""Report-card marks of the made-up district: a percent, as the school's scale writes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from campaign.demo.abilities import SUBJECTS, Abilities
from campaign.demo.chance import Chance
from campaign.demo.schools import THIS_YEAR, Scale, Section

_LETTERS = ((90, "A"), (80, "B"), (70, "C"), (60, "D"), (0, "F"))
_SIGNED = (
    (97, "A+"),
    (93, "A"),
    (90, "A-"),
    (87, "B+"),
    (83, "B"),
    (80, "B-"),
    (77, "C+"),
    (73, "C"),
    (70, "C-"),
    (67, "D+"),
    (63, "D"),
    (60, "D-"),
    (0, "F"),
)
_STANDARDS = ((92, "4"), (80, "3"), (70, "2"), (0, "1"))
_EFFORT = ((92, "E"), (80, "S"), (70, "N"), (0, "U"))
LADDERS: dict[Scale, tuple[tuple[int, str], ...]] = {
    Scale.LETTERS: _LETTERS,
    Scale.SIGNED_LETTERS: _SIGNED,
    Scale.STANDARDS: _STANDARDS,
    Scale.EFFORT: _EFFORT,
}
INCOMPLETE_SHARE = 0.008


@dataclass(frozen=True)
class Mark:
    """One mark: `text` as printed ("" when the scale is a number), `number` on the scale of the school or None."""

    position: int
    text: str
    number: float | None


def marks(chance: Chance, abilities: Abilities, section: Section) -> Iterator[Mark]:
    """The marks of a section: last year's final ones, or this year's of the first quarter."""
    percents = abilities.quarter_percent if section.school_year == THIS_YEAR else abilities.final_percent
    for position in section.students:
        if section.course.subject is None:
            yield Mark(position, "Pass" if chance.happens(0.98) else "Fail", None)
        elif chance.happens(INCOMPLETE_SHARE):
            yield Mark(position, "I", None)
        else:
            percent = float(percents[position, SUBJECTS.index(section.course.subject)])
            yield _written(position, percent, section.scale)


def _written(position: int, percent: float, scale: Scale) -> Mark:
    if scale is Scale.PERCENT:
        return Mark(position, "", percent)
    text = next(text for lowest, text in LADDERS[scale] if percent >= lowest)
    if scale is Scale.STANDARDS:
        return Mark(position, "", float(text))
    return Mark(position, text, None if scale is Scale.EFFORT else percent)

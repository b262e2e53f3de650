"""The charts for a team meeting as pictures with a table behind each, and as one tagged PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from reports.classroom.render import rules, templates
from reports.classroom.team import BANDS, STATES, GroupShares, Range, SubjectCharts
from reports.classroom.words import Words

_WIDTH, _LEFT, _ROW, _BAR = 520, 150, 44, 10
# Room for the words behind the longest bar.
_RIGHT = 110
_COLOURS = {"AT": "#0b4f59", "CLOSE": "#5b9aa3", "NOT_YET": "#c8871f"}
_CELL = 110, 46


@dataclass(frozen=True)
class OwnRow:
    """One student of the teacher's own list, in one subject: the grade as printed, what tests say."""

    name: str
    subject: str
    mark: str
    state: str


@dataclass(frozen=True)
class Pack:
    """The papers of one meeting. `own` stands only in the teacher's own copy."""

    school: str
    day: str
    team: str
    minimum: int
    subjects: Sequence[SubjectCharts]
    own: Sequence[OwnRow] = ()


def pdf(pack: Pack, paper: str = "letter") -> bytes:
    """The pack as tagged PDF, a subject a page, the own list last."""
    # Loads Pango; commands and pages that draw nothing must work where it is missing, to say so.
    from reports.family.press import print_pages

    markup = (
        templates()
        .get_template("pack.html")
        .render(
            pack=pack,
            w=Words(),
            rules=rules(paper),
            states=STATES,
            bands=BANDS,
            states_picture=states_picture,
            cross_picture=cross_picture,
        )
    )
    return print_pages("charts", markup)


def states_picture(subject: SubjectCharts, team: str) -> Markup:
    """Three bars a group, each from the least to the most its share can be. The table says the same in numbers."""
    words = Words()
    shown = [group for group in subject.groups if group.shares]
    height = _ROW * len(shown) + 22
    title = words.say(
        "charts.states_title", subject=words.say(f"subjects.{subject.subject}").capitalize(), group=team
    )
    parts = [_axis(height)]
    for place, group in enumerate(shown):
        parts.append(_group_bars(group, place * _ROW + 4))
    return _svg(title, height, parts)


def _group_bars(group: GroupShares, top: int) -> Markup:
    label = group.group if len(group.group) <= 24 else f"{group.group[:23]}…"
    words = Words()
    bars = [Markup('<text x="0" y="{}" font-size="11" fill="#1b2730">{}</text>').format(top + 20, label)]
    for place, state in enumerate(STATES):
        low, high = (group.shares or {})[str(state)]
        bars.append(
            Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>').format(
                _at(low), top + place * (_BAR + 2), _at(high) - _at(low), _BAR, _COLOURS[str(state)]
            )
            + Markup('<text x="{}" y="{}" font-size="8" fill="#1b2730">{}</text>').format(
                _at(high) + 4, top + place * (_BAR + 2) + 8, words.say(f"states.{state}")
            )
        )
    return Markup("").join(bars)


def _axis(height: int) -> Markup:
    lines = [
        Markup('<line x1="{0}" x2="{0}" y1="0" y2="{1}" stroke="#cfd8dc"/>').format(_at(percent), height - 16)
        + Markup('<text x="{}" y="{}" font-size="9" fill="#55636d">{} %</text>').format(
            _at(percent) - 9, height - 4, percent
        )
        for percent in (0, 50, 100)
    ]
    return Markup("").join(lines)


def _at(percent: int) -> float:
    return round(_LEFT + (_WIDTH - _LEFT - _RIGHT) * percent / 100, 1)


def cross_picture(subject: SubjectCharts, team: str) -> Markup:
    """Nine fields, the darker the larger the share; rows are grades, columns tests."""
    words, (width, height) = Words(), _CELL
    title = words.say(
        "charts.cross_title", subject=words.say(f"subjects.{subject.subject}").capitalize(), group=team
    )
    parts = []
    for row, band in enumerate(BANDS):
        parts.append(
            Markup('<text x="0" y="{}" font-size="11" fill="#1b2730">{}</text>').format(
                22 + row * height + 26, words.say(f"bands.{band}")
            )
        )
        for column, state in enumerate(STATES):
            found = (subject.cross or {})[str(band), str(state)]
            parts.append(_field(_LEFT + column * width, 22 + row * height, found))
    for column, state in enumerate(STATES):
        parts.append(
            Markup('<text x="{}" y="14" font-size="9" fill="#55636d">{}</text>').format(
                _LEFT + column * width, words.say(f"states.{state}")
            )
        )
    return _svg(title, 22 + 3 * height, parts)


def _field(left: int, top: int, share: Range) -> Markup:
    low, high = share
    shade = (low + high) / 200
    ink = "#ffffff" if shade > 0.45 else "#1b2730"
    return Markup(
        '<rect x="{}" y="{}" width="{}" height="{}" fill="#0b4f59" fill-opacity="{}" stroke="#cfd8dc"/>'
        '<text x="{}" y="{}" font-size="11" fill="{}">{}–{} %</text>'
    ).format(left, top, _CELL[0] - 4, _CELL[1] - 4, round(shade, 2), left + 24, top + 25, ink, low, high)


def _svg(title: str, height: int, parts: Sequence[Markup]) -> Markup:
    opening = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" width="{0}" height="{1}" role="img">'
        "<title>{2}</title>"
    ).format(_WIDTH, height, escape(title))
    return opening + Markup("").join(parts) + Markup("</svg>")

"""How seconds grow with the number of students, drawn as SVG: both axes by powers of ten, one line a way."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 720, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 190, 50, 60
# Told apart by shade, dash and the name at the end of each line; the first is ours.
_STYLES = (("#005ea2", ""), ("#1b1b1b", "6 4"), ("#71767a", "2 4"), ("#b50909", "10 4 2 4"))

Lines = Mapping[str, Sequence[tuple[int, float]]]


def draw(lines: Lines, title: str = "Seconds to compare, by number of students") -> str:
    """An SVG document. `lines`: for each way its points (students, seconds), all above 0."""
    points = [point for line in lines.values() for point in line]
    across, up = (_powers([point[axis] for point in points]) for axis in (0, 1))
    last = "; ".join(f"{name}: {line[-1][1]:.2f} s" for name, line in lines.items())
    size = max(students for students, _ in points)
    body = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'font-family="sans-serif" font-size="14" aria-labelledby="title about">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="about">At {size:,} students: {escape(last)}.</desc>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="28" font-size="16" font-weight="bold">{escape(title)}</text>',
        *_grid(across, up),
        *_drawn(lines, across, up),
        "</svg>",
    ]
    return "\n".join(body) + "\n"


def _powers(values: Sequence[float]) -> tuple[int, int]:
    """The powers of ten that hold all values."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def _x(students: float, across: tuple[int, int]) -> float:
    share = (math.log10(students) - across[0]) / (across[1] - across[0])
    return _LEFT + share * (WIDTH - _LEFT - _RIGHT)


def _y(seconds: float, up: tuple[int, int]) -> float:
    share = (math.log10(seconds) - up[0]) / (up[1] - up[0])
    return HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM)


def _grid(across: tuple[int, int], up: tuple[int, int]) -> Iterator[str]:
    bottom, right = HEIGHT - _BOTTOM, WIDTH - _RIGHT
    for power in range(across[0], across[1] + 1):
        x = _x(10.0**power, across)
        yield f'<path d="M{x:.1f} {_TOP}V{bottom}" stroke="#dfe1e2"/>'
        yield f'<text x="{x:.1f}" y="{bottom + 20}" text-anchor="middle">{10**power:,}</text>'
    for power in range(up[0], up[1] + 1):
        y = _y(10.0**power, up)
        yield f'<path d="M{_LEFT} {y:.1f}H{right}" stroke="#dfe1e2"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 5:.1f}" text-anchor="end">{10.0**power:g}</text>'
    yield f'<text x="{(_LEFT + right) / 2:.0f}" y="{HEIGHT - 14}" text-anchor="middle">students</text>'
    yield f'<text x="18" y="{(_TOP + bottom) / 2:.0f}" transform="rotate(-90 18 {(_TOP + bottom) / 2:.0f})" '
    yield 'text-anchor="middle">seconds</text>'


def _drawn(lines: Lines, across: tuple[int, int], up: tuple[int, int]) -> Iterator[str]:
    names = sorted(lines, key=lambda name: lines[name][-1][1], reverse=True)
    below = 0.0
    places = {}
    for name in names:
        # Names at the ends of lines stand at least a line of text apart.
        below = max(_y(lines[name][-1][1], up), below + 18)
        places[name] = below
    for (name, line), (colour, dashes) in zip(lines.items(), _STYLES, strict=False):
        spots = [(_x(students, across), _y(seconds, up)) for students, seconds in line]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in spots)
        yield f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="3" stroke-dasharray="{dashes}"/>'
        yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in spots)
        end, place = spots[-1][0] + 12, places[name] + 5
        yield f'<text x="{end:.1f}" y="{place:.1f}" fill="{colour}">{escape(name)}, {line[-1][1]:.2g} s</text>'

"""Two distributions overlaid as steps: the baseline filled, the current data a line."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence

from markupsafe import Markup

from driftcli.render.figures import share
from driftcli.render.html.axis import LABELS, Axis, labelled
from driftcli.render.html.svg import chart, element, group, mark, number, text

Shares = Sequence[float]

#: Units of the plot, and above it for the share at its topmost line.
_HEIGHT = 132.0
_TOP = 14.0
#: Lines across the plot at most.
_MOST_LINES = 4


def overlaid(sides: tuple[Shares, Shares], axis: Axis, label: str) -> Markup:
    """Return both sides' shares over the bins of an axis, with its labels below."""
    highest = max(*sides[0], *sides[1], 0.0) or 1.0
    floor = _TOP + _HEIGHT
    inside = [
        _lines(highest, axis),
        *_sides(sides, axis.positions, (_TOP, floor), highest),
        _shares(highest, axis),
        *labelled(axis, floor),
    ]
    return chart(axis.width, floor + LABELS, inside, label)


def _sides(
    sides: tuple[Shares, Shares],
    at: Sequence[float],
    between: tuple[float, float],
    highest: float,
) -> list[Markup]:
    top, floor = between
    heights = [
        [floor - _height(value / highest, floor - top) for value in shares] for shares in sides
    ]
    area = _outline(heights[0], at, floor)
    return [
        element("path", d=f"{area}Z", class_="was-area"),
        element("path", d=_outline(heights[1], at, floor), class_="now-line"),
    ]


def _height(part: float, full: float) -> float:
    """Return the height of a step: at least one unit for what is there."""
    return max(1.0, part * full) if part > 0 else 0.0


def _outline(heights: Sequence[float], at: Sequence[float], floor: float) -> str:
    """Return the path over steps; of neighbours at one height only the last is drawn to."""
    parts = [f"M{number(at[0])} {number(floor)}"]
    drawn = number(floor)
    for index, height in enumerate(heights):
        level = number(height)
        if level != drawn:
            parts.append(f"H{number(at[index])}V{level}" if index else f"V{level}")
            drawn = level
    parts.append(f"H{number(at[-1])}V{number(floor)}")
    return "".join(parts)


def _lines(highest: float, axis: Axis) -> Markup:
    """Return lines across the plot at round shares."""
    across = (f"M0 {number(y)}H{number(axis.width)}" for y, _ in _round_shares(highest))
    return element("path", d="".join(across), class_="grid")


def _shares(highest: float, axis: Axis) -> Markup:
    """Return what the lines stand for, at their right ends: tails are low there more often."""
    return group("end", [text(axis.width, y - 3, name) for y, name in _round_shares(highest)])


def _round_shares(highest: float) -> Iterator[tuple[float, str]]:
    # The least of floats has no fourth of its own.
    step = _round_step(max(highest / _MOST_LINES, sys.float_info.min))
    for count in range(1, math.floor(highest / step + 1e-9) + 1):
        y = _TOP + _HEIGHT * (1 - count * step / highest)
        yield y, f"{100 * count * step:.3g} %"


def _round_step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * digit for digit in (1, 2, 5, 10) if power * digit >= least * (1 - 1e-9))


def sparks(sides: tuple[Shares, Shares]) -> Markup:
    """Return both sides small enough for a line of a table."""
    width, height = 72.0, 22.0
    cells = len(sides[0])
    highest = max(*sides[0], *sides[1], 0.0) or 1.0
    at = [1 + (width - 2) * cell / cells for cell in range(cells + 1)]
    drawn = _sides(sides, at, (2, height - 2), highest)
    return mark("spark", *drawn)


def described(sides: tuple[Shares, Shares], names: Sequence[str]) -> str:
    """Return a picture in words: where each side is highest."""
    return "; ".join(
        f"{side} highest at {names[side_shares.index(peak)]} with {share(peak)}"
        for side, side_shares in zip(("baseline", "current"), map(list, sides), strict=True)
        if (peak := max(side_shares, default=0.0))
    )

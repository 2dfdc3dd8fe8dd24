"""Distributions drawn: overlaid as steps, and between the sides what moved where."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence

from markupsafe import Markup

from driftcli.render.figures import share
from driftcli.render.html.axis import LABELS, Axis, labelled
from driftcli.render.html.svg import chart, coordinate, element, group, mark, text
from driftcli.report.documents import Value
from driftcli.report.explanation import Move, Quantile, Transport

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
    parts = [f"M{coordinate(at[0])} {coordinate(floor)}"]
    drawn = coordinate(floor)
    for index, height in enumerate(heights):
        level = coordinate(height)
        if level != drawn:
            parts.append(f"H{coordinate(at[index])}V{level}" if index else f"V{level}")
            drawn = level
    parts.append(f"H{coordinate(at[-1])}V{coordinate(floor)}")
    return "".join(parts)


def _lines(highest: float, axis: Axis) -> Markup:
    """Return lines across the plot at round shares."""
    across = (f"M0 {coordinate(y)}H{coordinate(axis.width)}" for y, _ in _round_shares(highest))
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


_RIBBON = 84.0
_RIBBON_TOP = 4.0
_NARROWEST = 2.0


def ribbons(plan: Transport, axis: Axis) -> Markup | None:
    """Return the moves drawn on a column's axis, the baseline above; None where none fits on it."""
    drawn = [each for move in plan.moves if (each := _ribbon(move, plan, axis)) is not None]
    if not drawn or not axis.values:
        return None
    floor = _RIBBON_TOP + _RIBBON
    across = coordinate(axis.width)
    rules = f"M0 {coordinate(_RIBBON_TOP)}H{across}M0 {coordinate(floor)}H{across}"
    inside = [
        *drawn,
        element("path", d=rules, class_="rule"),
        text(2, _RIBBON_TOP + 14, "baseline"),
        text(2, floor - 6, "current"),
    ]
    label = "Where rows moved, from the baseline above to the current data below"
    return chart(axis.width, floor + 4, inside, label)


def _ribbon(move: Move, plan: Transport, axis: Axis) -> Markup | None:
    ends = [_number(end) for end in (move.from_low, move.from_high, move.to_low, move.to_high)]
    from_low, from_high, to_low, to_high = ends
    if from_low is None or from_high is None or to_low is None or to_high is None:
        return None
    top = _widened(*axis.span(from_low, from_high), axis.width)
    bottom = _widened(*axis.span(to_low, to_high), axis.width)
    floor = _RIBBON_TOP + _RIBBON
    middle = coordinate((_RIBBON_TOP + floor) / 2)
    a, b, c, d = map(coordinate, (*top, *bottom))
    path = (
        f"M{a} {coordinate(_RIBBON_TOP)}C{a} {middle} {c} {middle} {c} {coordinate(floor)}"
        f"H{d}C{d} {middle} {b} {middle} {b} {coordinate(_RIBBON_TOP)}Z"
    )
    most = max(each.share for each in plan.moves)
    weight = 0.2 + 0.6 * move.share / most if most else 0.2
    up = (move.distance or 0.0) > 0
    return element("path", d=path, class_="up" if up else "down", fill_opacity=f"{weight:.2g}")


def _number(value: Value) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _widened(left: float, right: float, width: float) -> tuple[float, float]:
    """Return ends that are far enough apart to be seen."""
    lacking = max(0.0, _NARROWEST - (right - left)) / 2
    start = min(max(0.0, left - lacking), width - _NARROWEST)
    return start, max(min(width, right + lacking), start + _NARROWEST)


_DUMBBELL = 120.0
_INSET = 6.0


def dumbbells(levels: Sequence[Quantile], *, log: bool) -> list[Markup | None]:
    """Return for each quantile a dot a side on one axis, and the line between them.

    There is none of times, which are too wide for a picture beside them.
    """
    places = [(_place(each.baseline, log=log), _place(each.current, log=log)) for each in levels]
    known = [place for pair in places for place in pair if place is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    width = high - low
    return [
        _dumbbell((before - low) / width, (after - low) / width)
        if before is not None and after is not None and 0 < width < math.inf
        else None
        for before, after in places
    ]


def _place(value: Value, *, log: bool) -> float | None:
    if value is None or isinstance(value, str) or (log and value <= 0):
        return None
    return math.log(value) if log else float(value)


def _dumbbell(before: float, after: float) -> Markup:
    first, second = (_INSET + part * (_DUMBBELL - 2 * _INSET) for part in (before, after))
    return mark(
        "dumbbell",
        element("path", d=f"M{coordinate(first)} 9H{coordinate(second)}"),
        element("circle", cx=first),
        element("circle", cx=second),
    )

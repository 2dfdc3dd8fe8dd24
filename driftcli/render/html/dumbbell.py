"""Quantiles of both sides: a dot for each, on one axis, and the line between them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from markupsafe import Markup

from driftcli.render.figures import Ruler, distance, duration
from driftcli.render.html.svg import element, mark, number
from driftcli.report.comparison import Column, Quantile, Value

_WIDTH = 120.0
_INSET = 6.0


class Line(NamedTuple):
    """A statistic of both sides, as texts, and drawn where it lies on the axis."""

    name: str
    baseline: str
    current: str
    change: str = ""
    drawn: Markup | None = None


def lines(column: Column, measure: Ruler, *, log: bool) -> list[Line]:
    """Return the extremes, the quantiles and the moments of a column of numbers or times."""
    p, q = column.baseline, column.current
    if p.median is None and q.median is None:
        return []
    levels = column.details.quantiles if column.details else ()
    inner = list(_levels(levels, measure, log=log)) if levels else list(_quartiles(column, measure))
    low, high = (
        Line(name, measure.text(before), measure.text(after))
        for name, before, after in (("min", p.min, q.min), ("max", p.max, q.max))
    )
    return [low, *inner, high, *_moments(column, measure)]


def _moments(column: Column, measure: Ruler) -> Iterator[Line]:
    """Yield the mean and the standard deviation, which need no value that rows have."""
    p, q = column.baseline, column.current
    if column.kind == "timestamp":
        yield Line("mean", measure.text(p.mean), measure.text(q.mean))
        yield Line("sd", duration(p.sd).lstrip("+"), duration(q.sd).lstrip("+"))
        return
    for name, *sides in (("mean", p.mean, q.mean), ("sd", p.sd, q.sd)):
        before, after = (_moment(side) for side in sides)
        yield Line(name, before, after)


def _moment(value: Value) -> str:
    return "–" if value is None else distance(float(value), signed=False)


def _quartiles(column: Column, measure: Ruler) -> Iterator[Line]:
    p, q = column.baseline, column.current
    for name, a, b in (
        ("25 %", p.q25, q.q25),
        ("median", p.median, q.median),
        ("75 %", p.q75, q.q75),
    ):
        yield Line(name, measure.text(a), measure.text(b))


def _levels(levels: Sequence[Quantile], measure: Ruler, *, log: bool) -> Iterator[Line]:
    """Yield a line for each quantile; times are wide enough without a picture."""
    places = [(_place(each.baseline, log=log), _place(each.current, log=log)) for each in levels]
    known = [place for pair in places for place in pair if place is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    for each, (before, after) in zip(levels, places, strict=True):
        timed = isinstance(each.baseline, str)
        change = (duration if timed else measure.change)(each.difference)
        drawn = None
        if before is not None and after is not None and 0 < high - low < math.inf:
            drawn = _drawn((before - low) / (high - low), (after - low) / (high - low))
        name = "median" if each.level == 0.5 else f"{each.level * 100:g} %"
        yield Line(name, measure.text(each.baseline), measure.text(each.current), change, drawn)


def _place(value: Value, *, log: bool) -> float | None:
    if value is None or isinstance(value, str) or (log and value <= 0):
        return None
    return math.log(value) if log else float(value)


def _drawn(before: float, after: float) -> Markup:
    first, second = (_INSET + part * (_WIDTH - 2 * _INSET) for part in (before, after))
    return mark(
        "dumbbell",
        element("path", d=f"M{number(first)} 9H{number(second)}"),
        element("circle", cx=first),
        element("circle", cx=second),
    )

"""The horizontal axis of a column: where its bins and values lie, and what is written there."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from markupsafe import Markup

from driftcli.render.facts import LABEL_STEPS, are_steps_of_one, edge_labels, first_label
from driftcli.render.figures import edge_ruler
from driftcli.render.html.svg import coordinate, element, group, text
from driftcli.report.documents import Value

#: Units of a picture as wide as its panel.
WIDTH = 560.0
#: Units that the labels below a plot take.
LABELS = 22.0
#: Of one letter, about.
_LETTER = 6.6
_BETWEEN = 14.0


class Axis(NamedTuple):
    """Bins side by side from left to right.

    `positions` are the edges of the bins in the picture, `values` those of the column there, where
    they are numbers. `labels` belong to edges, or to bins where `centred`. `log` says that values
    lie at their logarithms.
    """

    positions: tuple[float, ...]
    labels: tuple[str, ...]
    values: tuple[float, ...] = ()
    centred: bool = False
    log: bool = False

    @property
    def width(self) -> float:
        """The units from the first edge to the last."""
        return self.positions[-1]

    def at(self, value: float) -> float:
        """Return where a number lies, at an end when it is beyond it."""
        values = self.values
        if value <= values[0]:
            return self.positions[0]
        if value >= values[-1]:
            return self.positions[-1]
        cell = bisect_right(values, value) - 1
        low, high = values[cell], values[cell + 1]
        if self.log:
            part = math.log(value / low) / math.log(high / low)
        else:
            part = value / (high - low) - low / (high - low)
        left, right = self.positions[cell], self.positions[cell + 1]
        return left + part * (right - left)

    def span(self, low: float, high: float) -> tuple[float, float]:
        """Return where a range of values lies; a whole number is as wide as its bin."""
        return self.at(low), self.at(high + 1 if self.centred else high)


def along(edges: Sequence[Value], *, log: bool = False, whole: bool = False) -> Axis:
    """Return the axis of bins with these edges, of numbers or of times.

    `whole` says that the values are whole numbers: bins of one are labelled in their middle.
    """
    measure = edge_ruler(edges)
    numbers = tuple(float(edge) for edge in edges if isinstance(edge, int | float))
    labels = [_power(edge) for edge in numbers] if log else edge_labels(edges, measure)
    positions = tuple(WIDTH * index / (len(edges) - 1) for index in range(len(edges)))
    centred = whole and not log and are_steps_of_one(edges)
    return Axis(positions, tuple(labels), numbers, centred, log)


def _power(edge: float) -> str:
    """Return the label of an edge of a logarithmic axis, where only powers of ten have one."""
    power = round(math.log10(edge))
    if not math.isclose(edge, 10.0**power, rel_tol=1e-6):
        return ""
    return f"{10.0**power:,.0f}" if 0 <= power < 7 else f"{10.0**power:g}"


def named_axis(labels: Sequence[str], width: float = WIDTH) -> Axis:
    """Return the axis of bins that have names."""
    positions = tuple(width * index / len(labels) for index in range(len(labels) + 1))
    return Axis(positions, tuple(labels), centred=True)


class _Placed(NamedTuple):
    tick: float
    middle: float
    half: float
    label: str


def labelled(axis: Axis, floor: float) -> list[Markup]:
    """Return the line below the plot, and as many labels as leave blanks between them."""
    inside = [element("path", d=f"M0 {coordinate(floor)}H{coordinate(axis.width)}", class_="rule")]
    chosen = _chosen(axis)
    ticks = "".join(f"M{coordinate(each.tick)} {coordinate(floor)}v4" for each in chosen)
    inside.append(element("path", d=ticks or None, class_="rule"))
    labels = [text(each.middle, floor + 16, each.label) for each in chosen]
    return [*inside, group("middle", labels)]


def _chosen(axis: Axis) -> list[_Placed]:
    placed: list[_Placed] = []
    for every in LABEL_STEPS:
        first = 0 if axis.log else first_label(axis.values, every)
        indices = range(first, len(axis.positions) - axis.centred, every)
        placed = [_place(axis, index) for index in indices if axis.labels[index]]
        if all(a.middle + a.half + _BETWEEN <= b.middle - b.half for a, b in pairwise(placed)):
            break
        if axis.log:
            placed = placed[::every]
    return placed


def _place(axis: Axis, index: int) -> _Placed:
    tick = axis.positions[index]
    if axis.centred:
        tick = (tick + axis.positions[index + 1]) / 2
    half = _LETTER * len(axis.labels[index]) / 2
    middle = min(max(tick, half), axis.width - half)
    return _Placed(tick, middle, half, axis.labels[index])

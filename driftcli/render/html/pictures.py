"""The pictures of one column: its distributions, what moved where, and its clocks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from markupsafe import Markup

from driftcli.render.escape import shortened
from driftcli.render.figures import change, distance, share
from driftcli.render.html import svg
from driftcli.render.html.axis import Axis, along, named
from driftcli.render.html.distributions import described, overlaid
from driftcli.render.html.ribbons import ribbons
from driftcli.report.comparison import Bins, Clock, Column, Distribution, Explanation, Value
from driftcli.text import visible

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LONGEST_VALUE = 60


class Category(NamedTuple):
    """A category and its shares, drawn and as texts."""

    name: str
    drawn: Markup | None
    baseline: str
    current: str


class Picture(NamedTuple):
    """What is drawn of a column: steps for numbers and times, bars for categories.

    `log` says that the steps have a logarithmic axis, `beyond` which shares lie outside of it.
    """

    steps: Markup | None = None
    log: bool = False
    beyond: str = ""
    moved: Markup | None = None
    categories: tuple[Category, ...] = ()
    clocks: tuple[tuple[str, Markup, str], ...] = ()


def pictures(column: Column) -> Picture:
    """Return the pictures of a column, from its details where it has them."""
    details = column.details
    shape: Bins | Distribution | None = column.distribution
    if details:
        shape = details.log_bins or details.bins
    if shape is None:
        return Picture()
    if shape.labels:
        return Picture(categories=tuple(_categories(shape)))
    log = bool(details and details.log_bins)
    whole = column.baseline.type.startswith(("int", "uint"))
    axis = along(shape.edges, log=log, whole=whole and details is not None)
    return Picture(
        steps=overlaid((shape.baseline, shape.current), axis, _label(column, shape, axis)),
        log=log,
        beyond=_beyond(shape, axis) if isinstance(shape, Bins) else "",
        moved=_moved(details, axis),
        clocks=tuple(_clocks(column)),
    )


def _label(column: Column, shape: Bins | Distribution, axis: Axis) -> str:
    """Return what the picture of a column shows, in words."""
    edges = along(shape.edges).labels
    bins = [f"{low} to {high}" for low, high in pairwise(edges)]
    if axis.centred:
        bins = list(axis.labels)
    told = described((shape.baseline, shape.current), bins)
    return f"Distribution of {shortened(visible(column.name), _LONGEST_VALUE)}: {told}"


def _moved(details: Explanation | None, axis: Axis) -> Markup | None:
    if details is None or details.transport is None or not details.transport.cost:
        return None
    return ribbons(details.transport, axis)


def _beyond(bins: Bins, axis: Axis) -> str:
    """Return the shares below the first edge and above the last."""
    if axis.log:
        first, last = (distance(end, signed=False) for end in (axis.values[0], axis.values[-1]))
    else:
        first, last = along((bins.edges[0], bins.edges[-1])).labels
    outside = ((f"below {first}", bins.below), (f"{last} and above", bins.above))
    return "; ".join(f"{where}: {change(*sides)}" for where, sides in outside if any(sides))


def _categories(shape: Bins | Distribution) -> list[Category]:
    """Return a line for each category; what sums up many has no bar, which would dwarf the rest."""
    sides = list(zip(shape.labels, shape.baseline, shape.current, strict=True))
    own = sides[:-1] if shape.other else sides
    highest = max((part for _, *parts in own for part in parts), default=0.0)
    found = [
        Category(_value(name), svg.pair(before, after, highest), share(before), share(after))
        for name, before, after in own
    ]
    found += [
        Category("all others", None, share(before), share(after))
        for _, before, after in sides[len(own) :]
    ]
    return found


def _value(value: Value) -> str:
    return shortened(visible(str(value)), _LONGEST_VALUE) or "''"


def _clocks(column: Column) -> list[tuple[str, Markup, str]]:
    """Return a title, a picture and the score of each clock."""
    hours = tuple(f"{hour}:00" if not hour % 3 else "" for hour in range(24))
    both = (
        ("hour of the day", column.hour_of_day, hours),
        ("day of the week", column.weekday, _WEEKDAYS),
    )
    return [_clock(title, clock, labels) for title, clock, labels in both if clock is not None]


def _clock(title: str, clock: Clock, labels: Sequence[str]) -> tuple[str, Markup, str]:
    names = labels if all(labels) else [f"{hour}:00" for hour in range(24)]
    sides = (clock.baseline, clock.current)
    told = f"{title.capitalize()}: {described(sides, names)}"
    score = "" if clock.js_distance is None else f"js_distance {clock.js_distance:.3f}"
    return title, overlaid(sides, named(labels, 272.0), told), score

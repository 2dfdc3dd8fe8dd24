"""The facts of an explanation as texts, which the terminal and the page lay out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from driftcli.render.escape import name_text
from driftcli.render.figures import Ruler, change, distance, number, share, time_change
from driftcli.report.columns import Column
from driftcli.report.documents import Value
from driftcli.report.explanation import (
    Bins,
    BlockStrip,
    Contribution,
    Explanation,
    Quantile,
    Support,
    Transport,
)

#: Bins from one label of an axis to the next; the last leaves a single label.
LABEL_STEPS = (1, 2, 5, 10, 20, 25, 50, 100)
_MIDNIGHT = " 00:00:00"


class Statistic(NamedTuple):
    """A statistic of both sides, and how far it moved where that is known."""

    name: str
    baseline: str
    current: str
    change: str = ""


class BinShare(NamedTuple):
    """A bin of the divergence: its part of that, and its share of each side's values."""

    name: str
    share: str
    baseline: str
    current: str


class Moved(NamedTuple):
    """Rows that moved, or that stayed: how many, how far, and their part of W₁."""

    name: str
    rows: str
    distance: str
    part: str


class BlockLine(NamedTuple):
    """A measure of the blocks of both sides: how high each is, and from what to what."""

    name: str
    baseline: list[float]
    current: list[float]
    told: str


class OneSided(NamedTuple):
    """What only one side has, and how many categories are not listed."""

    word: str
    values: list[str]
    more: int


def statistics(column: Column, measure: Ruler) -> list[Statistic]:
    """Return the extremes of both sides, and between them the quantiles or the quartiles."""
    p, q = column.baseline, column.current
    levels = column.details.quantiles if column.details else ()
    inner = [_quantile(each, measure) for each in levels] or [
        both("25 %", p.q25, q.q25, measure),
        both("median", p.median, q.median, measure),
        both("75 %", p.q75, q.q75, measure),
    ]
    return [both("min", p.min, q.min, measure), *inner, both("max", p.max, q.max, measure)]


def both(name: str, before: Value, after: Value, measure: Ruler) -> Statistic:
    """Return a statistic of both sides."""
    return Statistic(name, measure.text(before), measure.text(after))


def _quantile(each: Quantile, measure: Ruler) -> Statistic:
    name = "median" if each.level == 0.5 else f"{each.level * 100:g} %"
    moved = time_change if isinstance(each.baseline, str) else measure.change
    return both(name, each.baseline, each.current, measure)._replace(change=moved(each.difference))


def contributions(
    details: Explanation, measure: Ruler, longest: int | None = None
) -> list[BinShare]:
    """Return the bins that make up the divergence, the largest part first.

    Categories have at most `longest` characters.
    """
    return [
        BinShare(
            _bin(each, measure, longest),
            share(each.share),
            share(each.baseline),
            share(each.current),
        )
        for each in details.contributions
    ]


def _bin(each: Contribution, measure: Ruler, longest: int | None) -> str:
    if each.label is not None:
        return name_text(each.label, longest)
    if each.low is not None:
        return measure.span(each.low, each.high)
    if each.categories == 1:
        return "1 rare category"
    return f"{each.categories:,} rare categories" if each.categories else "rare categories"


def moves(details: Explanation, measure: Ruler) -> list[Moved]:
    """Return what stayed, the moves, and the small rest, and their sum: W₁."""
    plan = details.transport
    return list(_moves(plan, measure)) if plan and plan.cost else []


def _moves(plan: Transport, measure: Ruler) -> Iterator[Moved]:
    if plan.stayed:
        name = f"stayed, or moved less than {plan.small:g}" if plan.small else "stayed"
        yield Moved(name, share(plan.stayed), "", _part(plan.stayed_cost, plan))
    for move in plan.moves:
        before = measure.span(move.from_low, move.from_high)
        name = f"{before} → {measure.span(move.to_low, move.to_high)}"
        yield Moved(name, share(move.share), distance(move.distance), _part(move.cost, plan))
    if plan.rest:
        yield Moved("small moves up and down", share(plan.rest), "", _part(plan.rest_cost, plan))
    yield Moved("all rows", "100 %", distance(plan.cost, signed=False), "100 %")


def _part(cost: float | None, plan: Transport) -> str:
    return share(min(1.0, cost / plan.cost)) if cost is not None and plan.cost else "–"


def one_sided(details: Explanation, measure: Ruler, longest: int) -> list[OneSided]:
    """Return what only the current data has, and what only the baseline has.

    Categories have at most `longest` characters.
    """
    sides = (("new", details.new, details.more_new), ("lost", details.lost, details.more_lost))
    return [
        OneSided(word, [_support(each, measure, longest) for each in parts], more)
        for word, parts, more in sides
        if parts
    ]


def _support(part: Support, measure: Ruler, longest: int) -> str:
    if part.label is None:
        return f"{measure.span(part.low, part.high)} ({share(part.share)})"
    return f"{name_text(part.label, longest)} ({share(part.share)})"


def edge_labels(edges: Sequence[Value], measure: Ruler) -> list[str]:
    """Return the labels of edges of bins; days without the time of day where all have none."""
    labels = [measure.text(edge) for edge in edges]
    if all(label.endswith(_MIDNIGHT) for label in labels):
        return [label.removesuffix(_MIDNIGHT) for label in labels]
    return labels


def first_label(edges: Sequence[Value], every: int) -> int:
    """Return the first edge at a multiple of `every` bins: labels stand at 0, 10 and 20."""
    step = _step(edges)
    width = step * every if step else 0.0
    place = float(edges[0] or 0) / width if width and math.isfinite(width) else 0.0
    return round((math.ceil(place - 1e-9) - place) * every)


def are_steps_of_one(edges: Sequence[Value]) -> bool:
    """Return whether each bin of whole numbers is one of them: labels stand in its middle."""
    return _step(edges) == 1


def _step(edges: Sequence[Value]) -> float | None:
    """Return the width of the first bin, where the edges are numbers."""
    numbers = [float(edge) for edge in edges[:2] if isinstance(edge, int | float)]
    return numbers[1] - numbers[0] if len(numbers) == 2 else None


def beyond(bins: Bins, first: str, last: str) -> str:
    """Return the shares of both sides below the first edge and above the last."""
    outside = ((f"below {first}", bins.below), (f"{last} and above", bins.above))
    return "; ".join(f"{where}: {change(*sides)}" for where, sides in outside if any(sides))


def block_lines(strip: BlockStrip, measure: Ruler) -> list[BlockLine]:
    """Return the blocks of both sides by their values, and by how far they are from the others."""
    sides = (strip.baseline, strip.current)
    medians = strip.category is None
    values = [
        [each.value for each in side if isinstance(each.value, float | int)] for side in sides
    ]
    distances = [
        [each.js_distance for each in side if each.js_distance is not None] for side in sides
    ]
    name = "median" if medians else f"share of {name_text(strip.category or '')}"
    found = [
        (name, values, measure.text if medians else share),
        ("js_distance", distances, number),
    ]
    return [
        _block_line(name, [list(map(float, side)) for side in both], text)
        for name, both, text in found
        if any(both)
    ]


def _block_line(
    name: str, sides: Sequence[Sequence[float]], text: Callable[[float], str]
) -> BlockLine:
    every = [value for side in sides for value in side]
    low, high = min(every), max(every)
    # Halves, since two values may lie farther apart than the largest float.
    heights = [
        [(value / 2 - low / 2) / (high / 2 - low / 2) if high > low else 0.0 for value in side]
        for side in sides
    ]
    ends = (dict.fromkeys(text(end) for end in (min(side), max(side))) for side in sides if side)
    return BlockLine(name, heights[0], heights[1], " → ".join(map(" to ".join, ends)))


def blocks_told(strip: BlockStrip) -> str:
    """Return what the blocks are, and the first and the last of each side."""
    sides = (side for side in (strip.baseline, strip.current) if side)
    ends = (dict.fromkeys([side[0].label, side[-1].label]) for side in sides)
    return f"by {name_text(strip.of)}: {' → '.join(' to '.join(map(name_text, e)) for e in ends)}"

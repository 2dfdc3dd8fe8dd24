"""Weighted points: a numeric column as at most K sorted values with counts and a known rounding.

While a column has at most K distinct values, the points are the data. Beyond that, neighbours
are merged into their weighted mean. Moving mass w from a block [a, b] to its mean m costs at
most 2·w·(m − a)(b − m)/(b − a) of earth mover's distance, since that is the mean absolute
deviation of the two-point distribution on {a, b} with mean m, and no distribution on [a, b]
with that mean has a larger one. The costs of all merges, and what floating point can add to
them, make up `rounding`; by the triangle inequality no Wasserstein distance from these points is
wrong by more.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from driftcli.arrays import tallied
from driftcli.profile.offsets import EXACT_INTEGER, offset_errors, offsets
from driftcli.profile.point_blocks import (
    HUGE,
    SHRINK,
    atom_starts,
    block_starts,
    lengths,
    run_starts,
)

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
#: Sorted values: float64, or int64 for integers that float64 cannot hold exactly.
Values = NDArray[Any]

#: Points a finished profile holds at most.
MAX_POINTS = 16_384
#: Points a part of a column holds while it is being built: rounding twice costs less this way.
BUILD_POINTS = 2 * MAX_POINTS

_EPSILON, _LEAST = float(np.finfo(np.float64).eps), float(np.finfo(np.float64).smallest_subnormal)
# More than all that underflow of such a scaled sum can cost.
_VANISHED = 2.0**-800


class Points(Struct, frozen=True):
    """Sorted distinct values and how many rows each stands for.

    Attributes
    ----------
    values : shape (points,)
        Strictly increasing finite numbers, float64 or (beyond 2^53) int64.
    counts : shape (points,)
        Positive row counts.
    rounding : float
        Bound on the mean distance by which a row was moved, in the column's unit; 0 is exact.
    distinct, repeats : int
        At least so many distinct values, and at least so many rows that repeat another's value.
        Both are exact while the points are.
    """

    values: Values
    counts: Counts
    rounding: float = 0.0
    distinct: int = 0
    repeats: int = 0

    @property
    def total(self) -> int:
        """Rows the points stand for."""
        return int(self.counts.sum())

    @property
    def exact(self) -> bool:
        """Whether the points are the data."""
        return self.rounding == 0.0


EMPTY = Points(np.empty(0), np.empty(0, np.int64))


def count_integers(values: Values) -> Points | None:
    """Return the exact points of unsorted int64 `values`, or None when their range is wide.

    Counting integers of a narrow range is several times cheaper than sorting them.
    """
    low, high = int(values.min()), int(values.max())
    if high - low > max(values.size // 2, 256) or max(-low, high) > EXACT_INTEGER:
        return None
    counts = tallied(values - low, high - low + 1)
    occupied = np.flatnonzero(counts)
    distinct = occupied.size
    points = (occupied + low).astype(np.float64)
    return Points(points, counts[occupied], 0.0, distinct, values.size - distinct)


def narrow(values: Values) -> Values:
    """Return sorted `values` as float64 wherever that is exact: all but integers beyond 2^53."""
    if values.dtype.kind == "i" and max(-int(values[0]), int(values[-1])) > EXACT_INTEGER:
        return values
    return values.astype(np.float64, copy=False)


def from_sorted(ordered: Values, limit: int = BUILD_POINTS) -> Points:
    """Return the points of sorted finite values, float64 or (beyond 2^53) int64.

    Exact while there are at most `limit` distinct values.
    """
    if not ordered.size:
        return EMPTY
    starts = atom_starts(ordered, limit)
    if starts is None:
        starts = run_starts(ordered)
        distinct = starts.size
    else:
        distinct = 1 + int(np.count_nonzero(ordered[1:] != ordered[:-1]))
        if distinct <= limit:
            starts = run_starts(ordered)
    weights = lengths(starts, ordered.size)
    repeats = ordered.size - distinct
    if distinct == starts.size <= limit:
        return Points(ordered[starts], weights, 0.0, distinct, repeats)
    starts = starts[block_starts(ordered[starts], weights, ordered[-1], limit)]
    return replace(_reduce(ordered, None, starts), distinct=distinct, repeats=repeats)


def compress(points: Points, limit: int) -> Points:
    """Return at most `limit` points for the same rows, adding what that moved to the rounding."""
    if points.values.size <= limit:
        return points
    return blocks(points, block_starts(points.values, points.counts, points.values[-1], limit))


def blocks(points: Points, starts: NDArray[np.intp]) -> Points:
    """Merge each run of points from one start to the next, adding what that moved to the rounding.

    `starts` are increasing places of points, the first of them 0.
    """
    if starts.size == points.values.size:
        return points
    reduced = _reduce(points.values, points.counts, starts)
    return replace(
        points,
        values=reduced.values,
        counts=reduced.counts,
        rounding=reduced.rounding + points.rounding,
    )


def merge(parts: Sequence[Points], limit: int = MAX_POINTS) -> Points:
    """Return the points of all rows of `parts`, whichever their order.

    Exact when all parts are and together have at most `limit` distinct values. The arguments
    are left as they are.
    """
    parts = [part for part in parts if part.values.size]
    if not parts:
        return EMPTY
    if len(parts) == 1:
        return compress(parts[0], limit)
    totals = [part.total for part in parts]
    total = sum(totals)
    rounding = sum(part.rounding * (own / total) for part, own in zip(parts, totals, strict=True))
    values, moved = _common_type(parts)
    values, counts = _in_order(values, np.concatenate([part.counts for part in parts]))
    exact = not rounding
    joined = Points(
        values,
        counts,
        rounding + moved / total,
        values.size if exact else max(part.distinct for part in parts),
        total - values.size if exact else sum(part.repeats for part in parts),
    )
    return compress(joined, limit)


def _in_order(values: Values, counts: Counts) -> tuple[Values, Counts]:
    """Return the distinct ones of unsorted values, and the sums of their counts."""
    if counts.size == counts.sum():  # values alone are sorted in a third of the time
        values = _ascending(values)
    else:
        order = np.argsort(values, kind="stable")
        values, counts = values[order], counts[order]
    starts = run_starts(values)
    if starts.size == values.size:
        return values, counts
    return values[starts], np.add.reduceat(counts, starts)


def _ascending(values: Values) -> Values:
    """Return values sorted; a quick sort mixes zeros of both signs, of which the first counts."""
    ordered = np.sort(values)
    at = int(ordered.searchsorted(0))
    if at < ordered.size and not ordered[at]:
        ordered[at] = values[int((values == 0).argmax())]
    return ordered


def _reduce(values: Values, counts: Counts | None, starts: NDArray[np.intp]) -> Points:
    """Merge each run of `values` from one start to the next into its weighted mean."""
    if values.dtype.kind == "i":
        return _reduce_integers(values, counts, starts)
    terms = weights = lengths(starts, values.size)
    low, high = values[starts], values[starts + terms - 1]
    huge = max(abs(float(values[0])), abs(float(values[-1]))) > HUGE
    values = values * SHRINK if huge else values
    if counts is not None:
        weights, values = np.add.reduceat(counts, starts), values * counts
    means = np.add.reduceat(values, starts) / weights
    if not huge:
        means = _between(low, means, high)
        return _distinct(means, weights, _block_cost((low, means, high), weights, terms))
    # What is tiny beside the huge may vanish in their scale, but never leaves its block.
    small, large = low * SHRINK, high * SHRINK
    scaled = (small, _between(small, means, large), large)
    means = _between(low, scaled[1] / SHRINK, high)
    return Points(means, weights, _block_cost(scaled, weights, terms) / SHRINK + _VANISHED)


def _between(low: Floats, values: Floats, high: Floats) -> Floats:
    # `np.clip` takes longer, of few values several times.
    return np.minimum(np.maximum(values, low), high)


def _reduce_integers(values: Values, counts: Counts | None, starts: NDArray[np.intp]) -> Points:
    """Merge integers beyond 2^53: as offsets from a central one, the means made integers again."""
    origin = int(values[values.size // 2])
    from_origin = offsets(values, origin)
    reduced = _reduce(from_origin, counts, starts)
    lowest, highest = _inward(int(values[0]) - origin), _inward(int(values[-1]) - origin)
    whole = np.clip(np.rint(reduced.values), lowest, highest)
    moved = float(np.average(np.abs(whole - reduced.values), weights=reduced.counts))
    moved += float(np.average(offset_errors(values, from_origin, origin), weights=counts))
    size, start = np.abs(whole).astype(np.uint64), np.uint64(origin % 2**64)
    means = np.where(whole < 0, start - size, start + size).view(np.int64)
    return _distinct(means, reduced.counts, reduced.rounding + moved)


def _inward(offset: int) -> float:
    """Return the float next to `offset` that is not farther from zero."""
    nearest = float(offset)
    return nearest if abs(int(nearest)) <= abs(offset) else float(np.nextafter(nearest, 0.0))


def _block_cost(blocks: tuple[Floats, Floats, Floats], weights: Counts, terms: Counts) -> float:
    """Bound the mean distance that merging each block into its mean moves a row.

    `blocks` are their lowest values, means and highest values. A mean that is off by d, from
    adding up `terms` numbers, costs at most d more than its block, and its bound differs by at
    most 2·d from that of the true mean.
    """
    low, mean, high = blocks
    width = high - low
    off = np.maximum(-low, high)
    off *= _EPSILON
    off += _LEAST
    off *= terms + 2
    off *= 3
    share = high - mean
    share /= width + (width == 0)
    moved = mean - low
    moved *= 2
    moved *= share
    moved += off
    np.minimum(moved, width, out=moved)
    moved *= weights
    cost = float(moved.sum() / weights.sum())
    if cost or not width.any():
        return cost
    return float(np.nextafter(0.0, 1.0))  # what was merged must never pass for exact


def _distinct(values: Values, counts: Counts, rounding: float) -> Points:
    """Join points whose means came out equal (blocks may meet inside a run of ties)."""
    starts = run_starts(values)
    if starts.size == values.size:
        return Points(values, counts, rounding)
    return Points(values[starts], np.add.reduceat(counts, starts), rounding)


def _common_type(parts: Sequence[Points]) -> tuple[Values, float]:
    """Return all values in one type, and the total distance that the conversion moved rows.

    Where integers beyond 2^53 meet floats, the type is the one that moves rows less.
    """
    if len({part.values.dtype for part in parts}) == 1:
        return np.concatenate([part.values for part in parts]), 0.0
    floats = [part.values for part in parts if part.values.dtype.kind == "f"]
    ways = [_as_floats(parts)]
    # Integers first: of two ways that move nothing, they are what the whole column would be.
    if all(values[0] >= -(2.0**63) and values[-1] < 2.0**63 for values in floats):
        ways.insert(0, _as_integers(parts))
    return min(ways, key=lambda way: way[1])


def _as_floats(parts: Sequence[Points]) -> tuple[Values, float]:
    converted, moved = [], 0.0
    for part in parts:
        floats = part.values.astype(np.float64)
        errors = offset_errors(part.values, floats, 0)
        moved += float(np.dot(errors, part.counts))
        converted.append(floats)
    return np.concatenate(converted), moved


def _as_integers(parts: Sequence[Points]) -> tuple[Values, float]:
    converted, moved = [], 0.0
    for part in parts:
        whole = part.values
        if whole.dtype.kind == "f":
            nearest = np.rint(whole)
            moved += float(np.dot(np.abs(nearest - whole), part.counts))
            whole = nearest.astype(np.int64)
        converted.append(whole)
    return np.concatenate(converted), moved

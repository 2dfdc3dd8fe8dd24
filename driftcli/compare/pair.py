"""Two profiles of one column brought onto common ground: the same points, the same bins."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftcli.config import ResolvedColumn
from driftcli.metrics import bins
from driftcli.metrics.points import union
from driftcli.profile import categories
from driftcli.profile.categories import Categories
from driftcli.profile.column import ColumnProfile
from driftcli.profile.numbers import Numbers

Values = NDArray[np.float64]
Counts = NDArray[np.int64]

_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


@dataclass(frozen=True)
class NumericPair:
    """Both sides of a numeric column over the union of their points.

    Attributes
    ----------
    values : shape (points,)
        Sorted distinct values, less `origin`; seconds for timestamps.
    p_counts, q_counts : shape (points,)
        Rows of the baseline and of the current data at each value.
    origin : int
        What was taken off the values, so that large integers and times keep their precision.
    tick : float
        Column units (seconds, for timestamps) in one unit of the profiles' values.
    p_bins, q_bins : shape (bins,)
        Rows of each side in each bin.
    labels : shape (points,)
        The bin of each point.
    """

    values: Values
    p_counts: Counts
    q_counts: Counts
    origin: int
    tick: float
    p_bins: Counts
    q_bins: Counts
    labels: NDArray[np.intp]


@dataclass(frozen=True)
class CategoricalPair:
    """Both sides of a categorical column over the names both can tell apart.

    `names` may be shorter than the counts: what follows are hash buckets of many names each.
    In `p_bins` and `q_bins` rare names share the last bin; `alone` says which have their own.
    """

    names: Any
    p_counts: Counts
    q_counts: Counts
    p_bins: Counts
    q_bins: Counts
    alone: NDArray[np.bool_]
    exact: bool


def pair_categories(p: Categories, q: Categories) -> CategoricalPair:
    """Bring two categorical columns, each with rows, onto the same categories and bins."""
    names, p_counts, q_counts = categories.aligned(p, q)
    p_bins, q_bins, alone = bins.pool_rare(p_counts, q_counts)
    return CategoricalPair(names, p_counts, q_counts, p_bins, q_bins, alone, p.exact and q.exact)


def pair_numbers(p: ColumnProfile, q: ColumnProfile, rules: ResolvedColumn) -> NumericPair:
    """Bring two numeric columns or two timestamps, each with rows, onto the same points."""
    units = [_PER_SECOND[side.time_unit] if side.time_unit else 1 for side in (p, q)]
    finest = max(units)
    tick = 1 / finest if p.time_unit else 1.0
    sides = [_numbers(side).points for side in (p, q)]
    origin = _origin([side.values for side in sides], [finest // unit for unit in units])
    shifted = [
        _offsets(side.values, origin // (finest // unit)) * (finest // unit * tick)
        for side, unit in zip(sides, units, strict=True)
    ]
    values, p_counts, q_counts = union((shifted[0], sides[0].counts), (shifted[1], sides[1].counts))
    labels = _labels(values, p_counts, q_counts, rules, origin * tick if origin else 0.0)
    size = int(labels[-1]) + 1 if rules.edges is None else len(rules.edges) - 1
    return NumericPair(
        values,
        p_counts,
        q_counts,
        origin,
        tick,
        bins.counts_in(labels, p_counts, size),
        bins.counts_in(labels, q_counts, size),
        labels,
    )


def _numbers(side: ColumnProfile) -> Numbers:
    assert isinstance(side.values, Numbers)
    return side.values


def _origin(sides: Sequence[NDArray[Any]], factors: Sequence[int]) -> int:
    """Return what to take off both sides: nothing, unless a side holds large integers."""
    if all(values.dtype.kind == "f" for values in sides) and set(factors) == {1}:
        return 0
    lowest = min(int(side[0]) * factor for side, factor in zip(sides, factors, strict=True))
    step = max(factors)
    return lowest // step * step


def _offsets(values: NDArray[Any], origin: int) -> Values:
    """Return values − origin as float64; the difference of integers is exact before that."""
    if values.dtype.kind == "f":
        return values - float(origin) if origin else values
    distance = values.view(np.uint64) - np.uint64(origin % 2**64)
    return distance.astype(np.float64)


def _labels(
    values: Values, p_counts: Counts, q_counts: Counts, rules: ResolvedColumn, origin: float
) -> NDArray[np.intp]:
    if rules.edges is not None:
        return bins.between(values, np.asarray(rules.edges) - origin)
    if rules.binning == "uniform":
        edges = bins.uniform_edges(values[0], values[-1], rules.bins)
        return bins.between(values, edges)
    if rules.binning == "baseline":
        own = p_counts > 0
        return bins.between(values, bins.quantile_edges(values[own], p_counts[own], rules.bins))
    return bins.equal_mass(bins.mixture(p_counts, q_counts), rules.bins)

"""Two profiles of one column brought onto common ground: the same points, the same bins."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from driftcli.comparison.once import once
from driftcli.comparison.precision import at_15_digits, at_common_precision
from driftcli.comparison.sampled import Absent, Sample, absent, sample_of
from driftcli.config import ResolvedColumn
from driftcli.metrics import bins
from driftcli.metrics.divergence import MADE_OF
from driftcli.metrics.transport import Line, union
from driftcli.profile import categories
from driftcli.profile.categories import Categories
from driftcli.profile.column import ColumnProfile
from driftcli.profile.numeric import Numbers
from driftcli.profile.offsets import EXACT_INTEGER, offset_errors, offsets
from driftcli.profile.points import Points

Values = NDArray[np.float64]
Counts = NDArray[np.int64]


class Shares:
    """The shares of both sides in bins, by the pseudo-count that is added to their rows."""

    def __init__(self, p_bins: Counts, q_bins: Counts) -> None:
        self._bins = p_bins, q_bins
        self._made: dict[float, tuple[Values, Values]] = {}
        self._scores: dict[tuple[Callable[..., Any], float], Any] = {}

    def smoothed(self, pseudo_count: float) -> tuple[Values, Values]:
        """Return both sides' probabilities over the bins: the shapes of their rows."""
        if pseudo_count not in self._made:
            p, q = self._bins
            self._made[pseudo_count] = (
                bins.probabilities(p, pseudo_count),
                bins.probabilities(q, pseudo_count),
            )
        return self._made[pseudo_count]

    def score(self, function: Callable[..., Any], pseudo_count: float) -> Any:
        """Return a function of these probabilities: what several are made of is made once."""
        key = function, pseudo_count
        if key not in self._scores:
            whole, parts = MADE_OF.get(function, (function, ()))
            given = [self.score(part, pseudo_count) for part in parts]
            self._scores[key] = whole(*(given or self.smoothed(pseudo_count)))
        return self._scores[key]


class NumericPair(Struct, frozen=True, dict=True):
    """Both sides of a numeric column over the union of their points.

    Attributes
    ----------
    values : shape (points,)
        Sorted distinct values, less `origin`; seconds for timestamps.
    moved : float
        Mean distance over which rows of both sides moved when integers became floats, and where
        one side's type or writing tells fewer values apart.
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
    mixture : shape (points,)
        Each point's share where each side counts half, whatever its rows.
    """

    values: Values
    p_counts: Counts
    q_counts: Counts
    origin: int
    moved: float
    tick: float
    p_bins: Counts
    q_bins: Counts
    labels: NDArray[np.intp]
    mixture: Values

    @once
    def one_sided(self) -> tuple[float, float]:
        """The share of Q outside P's [min, max], and of P outside Q's."""
        return _outside(self.p_counts, self.q_counts), _outside(self.q_counts, self.p_counts)

    @once
    def line(self) -> Line:
        """Both sides as distances on the line see them."""
        return Line.of(self.values, self.p_counts, self.q_counts)

    @once
    def shares(self) -> Shares:
        """The shares of both sides in the bins."""
        return Shares(self.p_bins, self.q_bins)


class CategoricalPair(Struct, frozen=True, dict=True):
    """Both sides of a categorical column over the names both can tell apart.

    `names` may be shorter than the counts: what follows are hash buckets of many names each.
    In `p_bins` and `q_bins` rare names share the last bin; `alone` says which have their own.
    `sample` are names that stand for all of them, where the counts are not exact and both sides
    have sampled theirs.
    """

    names: Any
    p_counts: Counts
    q_counts: Counts
    p_bins: Counts
    q_bins: Counts
    alone: NDArray[np.bool_]
    exact: bool
    sample: Sample | None = None

    @once
    def one_sided(self) -> tuple[float, float]:
        """The share of Q where P has no rows, and of P where Q has none."""
        return _lacked(self.p_counts, self.q_counts), _lacked(self.q_counts, self.p_counts)

    @once
    def absent(self) -> tuple[Absent | None, Absent | None]:
        """What is estimated of new and of lost names; None where no names were sampled."""
        if self.sample is None:
            return None, None
        p, q = (counts[: len(self.names)] for counts in (self.p_counts, self.q_counts))
        p_rows, q_rows = int(self.p_counts.sum()), int(self.q_counts.sum())
        return (
            absent((p, q), q_rows, self.sample, new=True),
            absent((p, q), p_rows, self.sample, new=False),
        )

    @once
    def shares(self) -> Shares:
        """The shares of both sides in the bins."""
        return Shares(self.p_bins, self.q_bins)


def _outside(inner: Counts, outer: Counts) -> float:
    visited = np.flatnonzero(inner)
    return 1.0 - float(outer[visited[0] : visited[-1] + 1].sum() / outer.sum())


def _lacked(inner: Counts, outer: Counts) -> float:
    return float(outer[inner == 0].sum() / outer.sum())


def paired(
    p: ColumnProfile, q: ColumnProfile, rules: ResolvedColumn
) -> NumericPair | CategoricalPair | None:
    """Bring both sides onto common ground, or return None when one has no values to compare."""
    if isinstance(p.values, Categories) and isinstance(q.values, Categories):
        filled = p.values.total and q.values.total
        return pair_categories(p.values, q.values) if filled else None
    if isinstance(p.values, Numbers) and isinstance(q.values, Numbers):
        filled = p.values.points.values.size and q.values.points.values.size
        return pair_numbers(p, q, rules) if filled else None
    return None


def pair_categories(p: Categories, q: Categories) -> CategoricalPair:
    """Bring two categorical columns, each with rows, onto the same categories and bins."""
    names, p_counts, q_counts, known = categories.aligned(p, q)
    p_bins, q_bins, alone = bins.pool_rare(p_counts, q_counts)
    exact = p.exact and q.exact
    sample = None if exact else sample_of(p, q, known)
    return CategoricalPair(names, p_counts, q_counts, p_bins, q_bins, alone, exact, sample)


def pair_numbers(p: ColumnProfile, q: ColumnProfile, rules: ResolvedColumn) -> NumericPair:
    """Bring two numeric columns or two timestamps, each with rows, onto the same points."""
    units = [side.per_second for side in (p, q)]
    finest = max(units)
    tick = 1 / finest if p.time_unit else 1.0
    sides, rounded = at_common_precision(p, q)
    factors = [finest // unit for unit in units]
    origin = _origin(sides, factors)
    # Whole ticks first: the same moment must come out the same from either side's unit.
    ticks, moved = zip(
        *(_from_origin(side, origin, factor) for side, factor in zip(sides, factors, strict=True)),
        strict=True,
    )
    values, p_counts, q_counts = union((ticks[0], sides[0].counts), (ticks[1], sides[1].counts))
    values *= tick
    if not origin and p.time_unit is None:
        values, p_counts, q_counts, at_digits = at_15_digits(values, p_counts, q_counts)
        rounded += at_digits
    mixture = bins.mixture(p_counts, q_counts)
    labels = _labels(values, p_counts, mixture, rules, origin * tick if origin else 0.0)
    size = int(labels[-1]) + 1 if rules.edges is None else len(rules.edges) - 1
    return NumericPair(
        values,
        p_counts,
        q_counts,
        origin,
        sum(moved) * tick + rounded,
        tick,
        bins.counts_in(labels, p_counts, size),
        bins.counts_in(labels, q_counts, size),
        labels,
        mixture,
    )


def _origin(sides: Sequence[Points], factors: Sequence[int]) -> int:
    """Return what to take off both sides: nothing, unless a side holds large integers.

    A median, so that one far value does not cost the others their precision; whole in the
    coarser unit, and there exact as a float.
    """
    if all(side.values.dtype.kind == "f" for side in sides) and set(factors) == {1}:
        return 0
    finest = sides[factors.index(1)]
    middle = int(np.searchsorted(np.cumsum(finest.counts), finest.total / 2))
    coarse = int(finest.values[middle]) // max(factors)
    excess = max(0, abs(coarse).bit_length() - EXACT_INTEGER.bit_length() + 1)
    coarse = (abs(coarse) >> excess << excess) * (1 if coarse > 0 else -1)
    return coarse * max(factors)


def _from_origin(side: Points, origin: int, factor: int) -> tuple[Values, float]:
    """Return a side's values less `origin`, `factor` ticks each, and how far rows moved."""
    if not origin and factor == 1 and side.values.dtype == np.float64:
        return side.values, 0.0
    origin //= factor
    rounded = offsets(side.values, origin)
    moved = float(np.dot(offset_errors(side.values, rounded, origin), side.counts)) / side.total
    return rounded * factor, moved * factor


def positions(side: ColumnProfile, pair: NumericPair) -> tuple[Values, float]:
    """Return where the points of a part of the rows lie on the line of the pair of all rows.

    And the mean distance over which those rows were moved, at most, both in the pair's unit.
    """
    held = side.numbers.points
    factor = round(1 / pair.tick) // side.per_second
    ticks, moved = _from_origin(held, pair.origin, factor)
    return ticks * pair.tick, (moved + held.rounding * factor) * pair.tick


def _labels(
    values: Values, p_counts: Counts, mixture: Values, rules: ResolvedColumn, origin: float
) -> NDArray[np.intp]:
    if rules.edges is not None:
        return bins.between(values, np.asarray(rules.edges) - origin)
    if rules.binning == "uniform":
        edges = bins.uniform_edges(values[0], values[-1], rules.bins)
        return bins.between(values, edges)
    if rules.binning == "baseline":
        own = p_counts > 0
        return bins.between(values, bins.quantile_edges(values[own], p_counts[own], rules.bins))
    return bins.equal_mass(mixture, rules.bins)

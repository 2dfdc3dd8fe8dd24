"""Distances of two samples on the line, from weighted points.

Throughout, `values` of shape (points,) is sorted, and `p_counts` and `q_counts` of the same
shape are the rows of the baseline and of the current data at each value. Both have rows.
A `Line` of stacks of counts, of shape (replicates, points), is scored row by row.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from driftcli.metrics.divergence import Score

Values = NDArray[np.float64]
Counts = NDArray[np.int64]
#: Those of blocks that stand for more of them are no whole numbers.
Rows = NDArray[Any]


def distribution(counts: Rows) -> Values:
    """Return the cumulative distribution function at each point: the shape of `counts`."""
    cumulative: Rows = np.cumsum(counts, axis=-1)
    shares: Values = cumulative / cumulative[..., -1:]
    return shares


class Line(NamedTuple):
    """Two samples on the line, as their distances see them.

    Attributes
    ----------
    values : shape (points,)
        Halved where their range is beyond the largest float; `factor` is 2 then.
    steps : shape (points - 1,)
        From each point to the next.
    p_levels, q_levels : shape (..., points)
        Both distribution functions at the points.
    """

    values: Values
    steps: Values
    p_levels: Values
    q_levels: Values
    factor: float = 1.0

    @classmethod
    def of(cls, values: Values, p_counts: Rows, q_counts: Rows) -> "Line":
        """Return the line of points and the rows of both sides there."""
        return cls._over(values, distribution(p_counts), distribution(q_counts))

    @classmethod
    def of_splits(cls, values: Values, parts: Counts, pooled: Counts) -> "Line":
        """Return the line of points and the parts of all rows there: shape (splits, points)."""
        # Rows are added up once, those of the others follow.
        p, both = parts.cumsum(axis=-1), pooled.cumsum()
        q = both - p
        return cls._over(values, p / p[..., -1:], q / q[..., -1:])

    @classmethod
    def _over(cls, values: Values, p_levels: Values, q_levels: Values) -> "Line":
        factor = 2.0 if is_vast(values) else 1.0
        values = values / factor if factor > 1 else values
        return cls(values, values[1:] - values[:-1], p_levels, q_levels, factor)

    @property
    def apart(self) -> Values:
        """F_P − F_Q from each point to the next."""
        return self.p_levels[..., :-1] - self.q_levels[..., :-1]

    def long(self, distance: Score) -> Score:
        """Return a distance over the halved values as it is over the values."""
        if self.factor == 1.0:
            return distance
        with np.errstate(over="ignore"):  # the distance may pass the largest float, too
            return self.factor * distance


def wasserstein(line: Line) -> Score:
    """Return W₁ = ∫ |F_P − F_Q| dx, in the unit of the values, from 0 to ∞.

    The least mean distance over which rows of P must move to become Q (earth mover's
    distance).

    References
    ----------
    Vallender (1974), doi:10.1137/1118101
    """
    return line.long(np.dot(np.abs(line.apart), line.steps))


def mean_shift(line: Line) -> Score:
    """Return |mean of Q − mean of P| = |∫ (F_P − F_Q) dx|, in the unit of the values, from 0 to ∞.

    No more than W₁, and as much where all rows move the same way. Points that stand for several
    values have their mean, so that it is that of the values themselves.
    """
    return line.long(np.abs(np.einsum("...i,i->...", line.apart, line.steps)))


def wasserstein_2(line: Line) -> Score:
    """Return W₂, the root of the least mean squared distance, in the unit of the values."""
    return wasserstein_p(line, 2.0)


def wasserstein_p(line: Line, order: float) -> Score:
    """Return W_p = (∫ |F_P⁻¹(u) − F_Q⁻¹(u)|^p du)^(1/p) for `order` p ≥ 1.

    The monotone coupling is optimal on the line: Villani (2003), Topics in Optimal
    Transportation, theorem 2.18.
    """
    p, q = (_quantiles(line.values, levels) for levels in (line.p_levels, line.q_levels))
    both = np.concatenate([p.levels, q.levels], axis=-1)
    ranked = np.argsort(both, axis=-1, kind="stable")
    levels = both[ranked] if both.ndim == 1 else np.take_along_axis(both, ranked, axis=-1)
    masses = levels.copy()
    masses[..., 1:] -= levels[..., :-1]
    # F⁻¹ is constant between levels; its value just below a level is the one that counts: that
    # of the first point whose own level has not been passed.
    from_p = ranked < p.values.size
    passed: NDArray[np.intp] = np.cumsum(from_p, axis=-1) - from_p
    p_values = p.values.take(passed, mode="clip")
    q_values = q.values.take(np.arange(both.shape[-1]) - passed, mode="clip")
    moves = np.abs(p_values - q_values)
    farthest = moves.max(axis=-1, keepdims=True)
    with np.errstate(over="ignore"):  # numpy 1 takes the reciprocal of a subnormal on its way
        shares = np.divide(moves, farthest, out=np.zeros_like(moves), where=farthest > 0)
        powers = np.einsum("...i,...i->...", masses, shares**order)
    return line.long(farthest[..., 0] * powers ** (1 / order))


class _Quantiles(NamedTuple):
    """One side's levels, and the values that it has up to each of them."""

    values: Values
    levels: Values


def _quantiles(values: Values, levels: Values) -> _Quantiles:
    """Return a side's levels without points where it has no rows; of stacks, all points'."""
    if levels.ndim > 1:
        return _Quantiles(values, levels)
    rising = np.empty(levels.size, bool)
    rising[0] = levels[0] > 0
    np.greater(levels[1:], levels[:-1], out=rising[1:])
    return _Quantiles(np.compress(rising, values), np.compress(rising, levels))


def kolmogorov_smirnov(line: Line) -> Score:
    """Return sup |F_P − F_Q|, from 0 to 1."""
    return np.abs(line.p_levels - line.q_levels).max(axis=-1)


__all__ = [
    "Counts",
    "Coupling",
    "Line",
    "Values",
    "is_vast",
    "plan_cost",
    "transport_plan",
    "witness",
]


class Coupling(NamedTuple):
    """Which share of the rows moves from where to where.

    Attributes
    ----------
    origins, targets : shape (steps,)
        From which value of P to which value of Q; neither decreases.
    shares : shape (steps,)
        Positive shares of the rows, which sum to one.
    """

    origins: Values
    targets: Values
    shares: Values


def transport_plan(values: Values, p_counts: Counts, q_counts: Counts) -> Coupling:
    """Return the monotone plan: the row at each level of P goes to that level of Q.

    On the line no plan costs less, for the distance and for any convex function of it. There
    are fewer steps than points of both sides together.

    References
    ----------
    Villani (2003), Topics in Optimal Transportation, theorem 2.18.
    Santambrogio (2015), Optimal Transport for Applied Mathematicians, theorem 2.9,
    doi:10.1007/978-3-319-20828-2
    """
    p_levels, q_levels = distribution(p_counts), distribution(q_counts)
    # Quotients of whole numbers are correctly rounded, so levels that agree are equal here too.
    levels = np.sort(np.concatenate([p_levels, q_levels]))
    levels = levels[np.diff(levels, prepend=0.0) > 0]
    return Coupling(
        values[np.searchsorted(p_levels, levels)],
        values[np.searchsorted(q_levels, levels)],
        np.diff(levels, prepend=0.0),
    )


def is_vast(values: Values) -> bool:
    """Return whether the range of sorted `values` is beyond the largest float."""
    return math.isinf(float(values[-1]) - float(values[0]))


def plan_cost(plan: Coupling) -> float:
    """Return the mean distance of a plan, in the unit of its values.

    Of the monotone plan this is W₁; of any other plan with its marginals no less.
    """
    ends = np.array([plan.origins[[0, -1]], plan.targets[[0, -1]]])
    if is_vast(np.sort(ends, axis=None)):
        return 2 * plan_cost(Coupling(plan.origins / 2, plan.targets / 2, plan.shares))
    return float(np.dot(plan.shares, np.abs(plan.targets - plan.origins)))


def witness(values: Values, p_counts: Counts, q_counts: Counts) -> Values:
    """Return the Kantorovich potential f at the points: shape (points,), in the unit of `values`.

    f is 1-Lipschitz, and its mean under Q is W₁ above its mean under P; no 1-Lipschitz function
    does better, so f proves the plan least. It rises by one per unit where rows move up, falls
    where they move down and is level where none pass: f′ = sign(F_P − F_Q). Between the points
    it is linear, and infinite where no float holds it. Its mean under the mixture ½(P + Q) is
    0, so that it is ½W₁ under Q.

    References
    ----------
    Villani (2003), Topics in Optimal Transportation, theorem 1.14 (Kantorovich-Rubinstein).
    Santambrogio (2015), section 3.1, doi:10.1007/978-3-319-20828-2
    """
    if is_vast(values):
        with np.errstate(over="ignore"):
            return 2 * witness(values / 2, p_counts, q_counts)
    slopes = np.sign(distribution(p_counts) - distribution(q_counts))[:-1]
    potential = np.concatenate([[0.0], np.cumsum(slopes * np.diff(values))])
    shares = (p_counts / p_counts.sum() + q_counts / q_counts.sum()) / 2
    centred: Values = potential - float(np.dot(shares, potential))
    return centred


def union(p: tuple[Values, Counts], q: tuple[Values, Counts]) -> tuple[Values, Counts, Counts]:
    """Return the sorted distinct values of both sides, and each side's rows at each of them.

    Parameters
    ----------
    p, q : tuple of arrays of shape (points,)
        Sorted values and their counts.
    """
    values = np.concatenate([p[0], q[0]])
    order = np.argsort(values, kind="stable")
    values = values[order]
    both = np.concatenate([p[1], q[1]])[order]
    p_counts = np.where(order < p[0].size, both, 0)
    fresh = np.ones(values.size, bool)
    np.not_equal(values[1:], values[:-1], out=fresh[1:])
    if not fresh.all():
        starts = np.flatnonzero(fresh)
        values = values[starts]
        p_counts, both = (np.add.reduceat(each, starts) for each in (p_counts, both))
    return values, p_counts, both - p_counts

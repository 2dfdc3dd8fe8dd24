"""Distances of two samples on the line, from weighted points.

Throughout, `values` of shape (points,) is sorted, and `p_counts` and `q_counts` of the same
shape are the rows of the baseline and of the current data at each value. Both have rows.
Stacks of counts of shape (replicates, points) are scored row by row where the result is a Score.
"""

import math

import numpy as np
from numpy.typing import NDArray

from driftcli.metrics.divergence import Score

Values = NDArray[np.float64]
Counts = NDArray[np.int64]


def distribution(counts: Counts) -> Values:
    """Return the cumulative distribution function at each point: the shape of `counts`."""
    cumulative: Counts = np.cumsum(counts, axis=-1)
    shares: Values = cumulative / cumulative[..., -1:]
    return shares


def wasserstein(values: Values, p_counts: Counts, q_counts: Counts) -> Score:
    """Return W₁ = ∫ |F_P − F_Q| dx, in the unit of `values`, from 0 to ∞.

    The least mean distance over which rows of P must move to become Q (earth mover's
    distance).

    References
    ----------
    Vallender (1974), doi:10.1137/1118101
    """
    if math.isinf(float(values[-1]) - float(values[0])):
        with np.errstate(over="ignore"):  # the distance may pass the largest float, too
            return 2 * wasserstein(values / 2, p_counts, q_counts)
    apart = np.abs(distribution(p_counts) - distribution(q_counts))
    return np.dot(apart[..., :-1], np.diff(values))


def mean_shift(values: Values, p_counts: Counts, q_counts: Counts) -> Score:
    """Return |mean of Q − mean of P| = |∫ (F_P − F_Q) dx|, in the unit of `values`, from 0 to ∞.

    No more than W₁, and as much where all rows move the same way. Points that stand for several
    values have their mean, so that it is that of the values themselves.
    """
    if math.isinf(float(values[-1]) - float(values[0])):
        with np.errstate(over="ignore"):  # the distance may pass the largest float, too
            return 2 * mean_shift(values / 2, p_counts, q_counts)
    apart = distribution(p_counts) - distribution(q_counts)
    return np.abs(np.einsum("...i,i->...", apart[..., :-1], np.diff(values)))


def wasserstein_2(values: Values, p_counts: Counts, q_counts: Counts) -> Score:
    """Return W₂, the root of the least mean squared distance, in the unit of `values`."""
    return wasserstein_p(values, p_counts, q_counts, 2.0)


def wasserstein_p(values: Values, p_counts: Counts, q_counts: Counts, order: float) -> Score:
    """Return W_p = (∫ |F_P⁻¹(u) − F_Q⁻¹(u)|^p du)^(1/p) for `order` p ≥ 1.

    The monotone coupling is optimal on the line: Villani (2003), Topics in Optimal
    Transportation, theorem 2.18.
    """
    if math.isinf(float(values[-1]) - float(values[0])):
        with np.errstate(over="ignore"):  # the distance may pass the largest float
            return 2 * wasserstein_p(values / 2, p_counts, q_counts, order)
    both = np.concatenate([distribution(p_counts), distribution(q_counts)], axis=-1)
    ranked = np.argsort(both, axis=-1, kind="stable")
    masses = np.diff(np.take_along_axis(both, ranked, axis=-1), prepend=0.0)
    # F⁻¹ is constant between levels; its value just below a level is the one that counts: that
    # of the first point whose own level has not been passed.
    from_p = ranked < values.size
    last = values.size - 1
    p_values = values[np.minimum(np.cumsum(from_p, axis=-1) - from_p, last)]
    q_values = values[np.minimum(np.cumsum(~from_p, axis=-1) - ~from_p, last)]
    moves = np.abs(p_values - q_values)
    farthest = moves.max(axis=-1, keepdims=True)
    with np.errstate(over="ignore"):  # numpy 1 takes the reciprocal of a subnormal on its way
        shares = np.divide(moves, farthest, out=np.zeros_like(moves), where=farthest > 0)
        powers = np.einsum("...i,...i->...", masses, shares**order)
    return farthest[..., 0] * powers ** (1 / order)


def kolmogorov_smirnov(values: Values, p_counts: Counts, q_counts: Counts) -> Score:
    """Return sup |F_P − F_Q|, from 0 to 1."""
    del values
    return np.abs(distribution(p_counts) - distribution(q_counts)).max(axis=-1)

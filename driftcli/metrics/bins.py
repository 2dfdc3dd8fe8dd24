"""Bins: which points share one, how many rows each holds, and what happens to empty ones.

Bins are given as `labels`: for each point, sorted, the number of its bin (not decreasing).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Counts = NDArray[np.int64]
Labels = NDArray[np.intp]

#: A category expected fewer times than this on both sides says nothing by itself: its share of
#: both sides' rows together times the rows of a side (Cochran 1954, doi:10.2307/3001616).
MIN_EXPECTED = 5


def tallied(values: Counts) -> tuple[Counts, Counts]:
    """Return the distinct ones of whole numbers, sorted, and how often each occurs.

    As `np.unique` does, in a third of its time where there are few.
    """
    ordered = np.sort(values)
    fresh = np.ones(ordered.size + 1, bool)
    np.not_equal(ordered[1:], ordered[:-1], out=fresh[1:-1])
    starts = fresh.nonzero()[0]
    return ordered[starts[:-1]], starts[1:] - starts[:-1]


def mixture(p_counts: Counts, q_counts: Counts) -> Values:
    """Return each point's share under M = ½(P + Q): each side counts half, whatever its rows."""
    shares: Values = (p_counts / p_counts.sum() + q_counts / q_counts.sum()) / 2
    return shares


def equal_mass(weights: Values, bins: int) -> Labels:
    """Label sorted points so that each of about `bins` bins holds equal mass of `weights`.

    A point that alone holds a bin's mass has a bin of its own; what lies between such points
    is split evenly, so there may be more bins than asked for, by one for each of them.

    Parameters
    ----------
    weights : shape (points,)
        Shares that sum to one.
    """
    heavy = weights >= 1 / bins
    light = np.where(heavy, 0.0, weights)
    remaining = float(light.sum())
    pieces = max(1, bins - int(heavy.sum()))
    labels = np.zeros(weights.size, np.intp)
    if remaining > 0:
        middle = np.cumsum(light) - light / 2
        labels = np.minimum((middle * (pieces / remaining)).astype(np.intp), pieces - 1)
    starts = heavy.copy()
    starts[1:] |= labels[1:] > labels[:-1]
    starts[1:] |= heavy[:-1]
    starts[:1] = False
    return np.cumsum(starts)


def between(values: Values, edges: Values) -> Labels:
    """Label sorted `values` by half-open intervals [edge, next edge); the outer ones are open."""
    inner = values.searchsorted(edges[1:-1])
    ends = np.full(inner.size + 2, values.size)
    ends[0] = 0
    ends[1:-1] = inner
    return np.arange(inner.size + 1).repeat(ends[1:] - ends[:-1])


def uniform_edges(low: float, high: float, bins: int) -> Values:
    """Return `bins` + 1 edges at equal steps."""
    # Halves, since the range of a column may pass the largest float.
    return 2 * np.linspace(low / 2, high / 2, bins + 1)


def quantile_edges(values: Values, counts: Counts, bins: int) -> Values:
    """Return distinct edges at equal steps of one side's mass, its extremes included."""
    steps = np.arange(1, bins) * (int(counts.sum()) / bins)
    inner = values[np.searchsorted(np.cumsum(counts), steps)]
    edges = np.concatenate([values[:1], inner, values[-1:]])
    return np.compress(np.append(np.diff(edges) > 0, True), edges)


def counts_in(labels: Labels, counts: Counts, size: int) -> Counts:
    """Return the rows in each of `size` bins: shape (size,)."""
    return np.bincount(labels, counts, size).astype(np.int64)


def pool_rare(p_counts: Counts, q_counts: Counts) -> tuple[Counts, Counts, NDArray[np.bool_]]:
    """Put categories too rare to say anything into one last bin.

    Returns
    -------
    p_bins, q_bins : shape (bins,)
        Rows of the categories that stand alone, then, if there are others, of all others.
    alone : shape (categories,)
        Which categories stand alone.
    """
    pooled = p_counts + q_counts
    most = max(int(p_counts.sum()), int(q_counts.sum()))
    alone = pooled * (most / pooled.sum()) >= MIN_EXPECTED
    p_bins, q_bins = np.compress(alone, p_counts), np.compress(alone, q_counts)
    if alone.all():
        return p_bins, q_bins, alone
    p_bins = np.append(p_bins, p_counts.sum() - p_bins.sum())
    q_bins = np.append(q_bins, q_counts.sum() - q_bins.sum())
    return p_bins, q_bins, alone


def probabilities(counts: Counts, pseudo_count: float = 0.0) -> Any:
    """Return the share of each bin after adding `pseudo_count` to its rows: the shape of `counts`.

    The only place where empty bins are dealt with: 0 keeps them empty, ½ is Jeffreys' prior.
    """
    smoothed = counts + pseudo_count if pseudo_count else counts
    return smoothed / np.add.reduce(smoothed, axis=-1, keepdims=True)

"""Scores that other tools compute from the same bins or points in a way of their own."""

from math import log, sqrt

import numpy as np

from driftcli.metrics import transport
from driftcli.metrics.divergence import Probabilities, Score, js_distance, kl_divergence
from driftcli.metrics.other_tools.bins import BothSides, Counts, edges_between, histogram

#: The Jensen-Shannon distance to base e of disjoint distributions.
FARTHEST_IN_NATS = sqrt(log(2))

#: Rows from which on NannyML works with bins in the place of values, and how many of them.
_MANY_ROWS = 10_000
_MANY_BINS = 10_000


def js_distance_nats(p: Probabilities, q: Probabilities) -> Score:
    """Return the Jensen-Shannon distance to base e, from 0 to √ln 2 = 0.8326.

    What `scipy.spatial.distance.jensenshannon` returns: √(½ D(P‖M) + ½ D(Q‖M)) in nats, so √ln 2
    times `js_distance`.
    """
    return js_distance(p, q) * FARTHEST_IN_NATS


def filled(shares: Probabilities) -> Probabilities:
    """Return the shares with Evidently's number in each empty bin; they sum to more than one.

    With m the smallest share above zero, that is m/10⁶ where m ≤ 0.0001, else 0.0001.
    """
    smallest = np.where(shares > 0, shares, np.inf).min(axis=-1, keepdims=True)
    filling = np.where(smallest <= 1e-4, smallest / 1e6, 1e-4)
    return np.where(shares > 0, shares, filling)


def filled_kl_divergence(p: Probabilities, q: Probabilities) -> Score:
    """Return D(P‖Q) in nats, empty bins filled as in `filled` and both sides normalised again."""
    p, q = filled(p), filled(q)
    return kl_divergence(p / p.sum(axis=-1, keepdims=True), q / q.sum(axis=-1, keepdims=True))


def filled_stability_index(p: Probabilities, q: Probabilities) -> Score:
    """Return Σ (p − q) ln(p/q) in nats, empty bins filled as in `filled`, not normalised again."""
    p, q = filled(p), filled(q)
    return ((p - q) * np.log(p / q)).sum(axis=-1)


def binned_wasserstein(sample: BothSides) -> float:
    """Return W₁ as NannyML computes it, in the column's unit: over bins for 10,000 rows or more.

    Ten thousand equal widths over the baseline's range; beyond it, where the current data goes on
    alone, exactly. NannyML counts one row too many below the range and one above it.
    """
    p, q, values = sample.p_counts, sample.q_counts, sample.values
    if p.sum() < _MANY_ROWS:
        return float(transport.wasserstein(transport.Line.of(values, p, q)))
    own = values[p > 0]
    edges = edges_between(float(own[0]), float(own[-1]), _MANY_BINS, sample.p_dtype)
    below, above = values < edges[0], values > edges[-1]
    rows = int(q.sum())
    p_levels, q_levels = (_levels(sample, counts, edges) for counts in (p, q))
    if below.any():
        q_levels += (int(q[below].sum()) + 1) / rows
    within = float(np.abs(p_levels - q_levels).sum()) * float(edges[1] - edges[0])
    lower = np.dot(np.cumsum(q[below]), np.diff(values[below], append=edges[:1]))
    upper = np.dot(np.cumsum(q[above][::-1])[::-1], np.diff(values[above], prepend=edges[-1:]))
    return within + float(lower + upper) / rows


def binned_kolmogorov_smirnov(sample: BothSides) -> float:
    """Return sup |F_P − F_Q| as NannyML does: at the ends of bins for 10,000 rows or more."""
    p, q, values = sample.p_counts, sample.q_counts, sample.values
    own = values[p > 0]
    if p.sum() < _MANY_ROWS or own.size == 1:
        return float(transport.kolmogorov_smirnov(transport.Line.of(values, p, q)))
    edges = edges_between(float(own[0]), float(own[-1]), _MANY_BINS, sample.p_dtype)
    below = float(q[values < edges[0]].sum() / q.sum())
    apart = _levels(sample, p, edges) - (below + _levels(sample, q, edges))
    return float(np.abs(apart).max())


def _levels(sample: BothSides, counts: Counts, edges: Probabilities) -> Probabilities:
    """Return the share of a side's rows from the first edge to the end of each bin."""
    levels: Probabilities = np.cumsum(histogram(sample.values, counts, edges) / counts.sum())
    return levels

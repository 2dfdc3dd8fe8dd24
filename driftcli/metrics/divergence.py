"""Divergences of two probability vectors over the same bins.

Throughout, `p` is the baseline and `q` the current data: shape (bins,), non-negative, each
summing to one. A term with p = 0 counts 0; nothing is smoothed here (`bins` owns zeros).
"""

from math import inf, log, sqrt

import numpy as np
from numpy.typing import NDArray

Probabilities = NDArray[np.float64]

_LN_2 = log(2)


def kl_divergence(p: Probabilities, q: Probabilities) -> float:
    """Return the Kullback-Leibler divergence D(P‖Q) = Σ p ln(p/q), in nats, from 0 to ∞.

    Infinite when P has mass where Q has none.

    References
    ----------
    Kullback & Leibler (1951), doi:10.1214/aoms/1177729694
    """
    visited = p > 0
    p, q = p[visited], q[visited]
    if not np.all(q > 0):
        return inf
    return max(0.0, float(np.dot(p, np.log(p / q))))


def kl_divergence_reverse(p: Probabilities, q: Probabilities) -> float:
    """Return D(Q‖P), in nats, from 0 to ∞."""
    return kl_divergence(q, p)


def population_stability_index(p: Probabilities, q: Probabilities) -> float:
    """Return Σ (p − q) ln(p/q) = D(P‖Q) + D(Q‖P), in nats, from 0 to ∞.

    Jeffreys (1946), doi:10.1098/rspa.1946.0056; known as PSI in credit scoring.
    """
    return kl_divergence(p, q) + kl_divergence(q, p)


def js_divergence(p: Probabilities, q: Probabilities) -> float:
    """Return the Jensen-Shannon divergence, in bits, from 0 to 1.

    ½ D(P‖M) + ½ D(Q‖M) to base 2, with M = ½(P + Q). scipy's `jensenshannon` is its square
    root.

    References
    ----------
    Lin (1991), doi:10.1109/18.61115
    """
    middle = (p + q) / 2
    nats = (kl_divergence(p, middle) + kl_divergence(q, middle)) / 2
    # Rounding can carry disjoint distributions a few ulps past one bit.
    return min(1.0, nats / _LN_2)


def js_distance(p: Probabilities, q: Probabilities) -> float:
    """Return the Jensen-Shannon distance, the square root of the divergence in bits: 0 to 1.

    A metric: Endres & Schindelin (2003), doi:10.1109/TIT.2003.813506.
    """
    return sqrt(js_divergence(p, q))


def hellinger_distance(p: Probabilities, q: Probabilities) -> float:
    """Return the Hellinger distance sqrt(½ Σ (√p − √q)²), from 0 to 1."""
    difference = np.sqrt(p) - np.sqrt(q)
    return min(1.0, sqrt(float(np.dot(difference, difference)) / 2))


def total_variation(p: Probabilities, q: Probabilities) -> float:
    """Return the total variation distance ½ Σ |p − q|, from 0 to 1.

    The share of rows that must change; equally the Wasserstein distance under the 0/1 metric.
    """
    return min(1.0, float(np.abs(p - q).sum()) / 2)

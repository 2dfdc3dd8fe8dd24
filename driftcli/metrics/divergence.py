"""Divergences of two probability vectors over the same bins.

Throughout, `p` is the baseline and `q` the current data: shape (bins,), non-negative, each
summing to one. Stacks of shape (replicates, bins) are scored row by row. A term with p = 0
counts 0; nothing is smoothed here (`bins` owns zeros).
"""

from collections.abc import Callable
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

Probabilities = NDArray[np.float64]
#: A float for vectors, an array of shape (replicates,) for stacks.
Score = Any

_LN_2 = log(2)
#: Distributions without a bin in common have, but for rounding, one bit, and so more than this.
_NEARLY_APART = 0.999


def kl_divergence(p: Probabilities, q: Probabilities) -> Score:
    """Return the Kullback-Leibler divergence D(P‖Q) = Σ p ln(p/q), in nats, from 0 to ∞.

    Infinite when P has mass where Q has none.

    References
    ----------
    Kullback & Leibler (1951), doi:10.1214/aoms/1177729694
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return _relative_entropy(p, q)


def _relative_entropy(p: Probabilities, q: Probabilities) -> Score:
    # In place: of random splits these are stacks of a million shares.
    terms = p / q
    np.log(terms, out=terms)
    terms *= p
    np.copyto(terms, 0.0, where=~(p > 0))
    return np.maximum(np.add.reduce(terms, axis=-1), 0.0)


def kl_divergence_reverse(p: Probabilities, q: Probabilities) -> Score:
    """Return D(Q‖P), in nats, from 0 to ∞."""
    return kl_divergence(q, p)


def population_stability_index(p: Probabilities, q: Probabilities) -> Score:
    """Return Σ (p − q) ln(p/q) = D(P‖Q) + D(Q‖P), in nats, from 0 to ∞.

    Jeffreys (1946), doi:10.1098/rspa.1946.0056; known as PSI in credit scoring.
    """
    return kl_divergence(p, q) + kl_divergence(q, p)


def js_divergence(p: Probabilities, q: Probabilities) -> Score:
    """Return the Jensen-Shannon divergence, in bits, from 0 to 1.

    ½ D(P‖M) + ½ D(Q‖M) to base 2, with M = ½(P + Q). scipy's `jensenshannon` is its square
    root.

    References
    ----------
    Lin (1991), doi:10.1109/18.61115
    """
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        nats = (_relative_entropy(p, middle) + _relative_entropy(q, middle)) / 2
    bits = np.minimum(nats / _LN_2, 1.0)
    if np.all(bits < _NEARLY_APART):
        return bits
    # Rounding must not carry disjoint distributions a few ulps off one bit.
    apart = ~(np.minimum(p, q) > 0).any(axis=-1)
    return np.where(apart, 1.0, bits)[()]


def js_contributions(p: Probabilities, q: Probabilities) -> Probabilities:
    """Return what each bin adds to the Jensen-Shannon divergence, in bits: the shape of `p`.

    No bin takes anything off: with m = ½(p + q), p log(p/m) + q log(q/m) ≥ 0 by the log-sum
    inequality, and 0 only where p = q. Cover & Thomas (2006), theorem 2.7.1,
    doi:10.1002/047174882X
    """
    middle = (p + q) / 2
    parts = np.zeros(middle.shape)
    for side in (p, q):
        ratio = np.divide(side, middle, out=np.ones(middle.shape), where=side > 0)
        parts += side * np.log2(ratio) / 2
    return np.maximum(parts, 0.0)


def js_distance(p: Probabilities, q: Probabilities) -> Score:
    """Return the Jensen-Shannon distance, the square root of the divergence in bits: 0 to 1.

    A metric: Endres & Schindelin (2003), doi:10.1109/TIT.2003.813506.
    """
    return np.sqrt(js_divergence(p, q))


def share_ratio(p: Probabilities, q: Probabilities) -> Score:
    """Return the largest ratio of a bin's shares, the larger over the smaller; 0 where all agree.

    Infinite when one side lacks a bin that the other has. It sees what sums over bins do not: a
    rare class that becomes five times as common.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.where(p == q, 1.0, np.maximum(p, q) / np.minimum(p, q))
    largest = ratios.max(axis=-1)
    return np.where(largest > 1, largest, 0.0)[()]


def hellinger_distance(p: Probabilities, q: Probabilities) -> Score:
    """Return the Hellinger distance sqrt(½ Σ (√p − √q)²), from 0 to 1."""
    squares = np.square(np.sqrt(p) - np.sqrt(q)).sum(axis=-1)
    return np.minimum(np.sqrt(squares / 2), 1.0)


def total_variation(p: Probabilities, q: Probabilities) -> Score:
    """Return the total variation distance ½ Σ |p − q|, from 0 to 1.

    The share of rows that must change; equally the Wasserstein distance under the 0/1 metric.
    """
    return np.minimum(np.abs(p - q).sum(axis=-1) / 2, 1.0)


#: How functions are made of others, so that what two have in common need not be made twice.
MADE_OF: dict[Callable[..., Score], tuple[Callable[..., Score], tuple[Callable[..., Score], ...]]]
MADE_OF = {
    js_distance: (np.sqrt, (js_divergence,)),
    population_stability_index: (np.add, (kl_divergence, kl_divergence_reverse)),
}


def share_difference(p: float, q: float) -> float:
    """Return |p − q| of two shares of rows, from 0 to 1."""
    return abs(p - q)


def new_support(new: float, lost: float) -> float:
    """Return the share of the current side on support that the baseline never visits."""
    del lost
    return new


def lost_support(new: float, lost: float) -> float:
    """Return the share of the baseline on support that the current side never visits."""
    del new
    return lost

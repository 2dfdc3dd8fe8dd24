r"""Levels above the scores of history: order statistics, and an exponential tail beyond them.

Of k exchangeable scores and a new one, each rank of the new one is as likely as any other. So a
new score exceeds the r-th smallest of the k with probability (k + 1 − r) / (k + 1), whatever the
distribution (with ties: at most that). A quantile q up to k / (k + 1) is therefore a score of
history: the one of rank ⌈(k + 1) q⌉. Beyond the highest score nothing is known but that it is
exceeded with probability 1 / (k + 1); for the rest of the way the tail is taken to fall off
exponentially at the rate of its upper half:

    level = highest + n β (r^(1/n) − 1),  r = 1 / ((k + 1)(1 − q)),

where β, the tail's scale, is the mean excess of the n scores of the upper half over the median.
With many scores this is highest + β ln r, the tail's quantile; with few it lies higher, since β
is then itself uncertain (a Pareto tail predicts an exponential one of unknown scale). It is the
highest score itself where r = 1. Simulated with exponential, lognormal and half-normal scores, a
level for 1 alarm in 100 has 0.7 to 1.9 from 12 periods on; one for 1 in 1,000 has 0.1 to 3.5 with
12 periods and at most 2.3 with 26.

References
----------
Vovk, Gammerman and Shafer (2005), Algorithmic Learning in a Random World: the rank argument.
Barber, Candès, Ramdas and Tibshirani (2021), doi:10.1214/20-AOS1965: leave-one-out scores.
"""

from __future__ import annotations

from math import ceil, floor, log10

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]

DIGITS = 3


def rank(count: int, quantile: float) -> int:
    """Return the rank of the score at a quantile; beyond `count`, no score reaches so far."""
    # Products such as 20 × 0.95 may come out an ulp above a whole number.
    return max(1, ceil((count + 1) * quantile - 1e-9))


def level(ordered: Scores, quantile: float) -> Scores:
    """Return the level at a quantile of a new score.

    Parameters
    ----------
    ordered : shape (..., k)
        Scores in ascending order along the last axis, k at least 1.
    quantile : float
        Between 0 and 1, both excluded.

    Returns
    -------
    shape (...)
    """
    count = ordered.shape[-1]
    at = rank(count, quantile)
    highest: Scores = ordered[..., -1]
    if at <= count:
        exact: Scores = ordered[..., at - 1]
        return exact
    upper = ordered[..., count // 2 :].mean(axis=-1)
    median = (ordered[..., (count - 1) // 2] + ordered[..., count // 2]) / 2
    scale = np.maximum(0.0, upper - median)
    above = count - count // 2
    rarer = 1 / ((count + 1) * (1 - quantile))
    beyond: Scores = highest + above * scale * (rarer ** (1 / above) - 1)
    return beyond


def exceedance(count: int, quantile: float) -> float:
    """Return the probability, at most, that a new exchangeable score exceeds the level."""
    return (count + 1 - min(rank(count, quantile), count)) / (count + 1)


def rounded_above(value: float) -> float:
    """Return a number of three significant digits above `value`: a score is no alarm at itself.

    Examples
    --------
    >>> rounded_above(0.12341), rounded_above(0.123), rounded_above(0.9999), rounded_above(4321)
    (0.124, 0.124, 1.0, 4330.0)
    """
    if value <= 0:
        return 0.0
    decimals = DIGITS - 1 - floor(log10(value))
    made = round(ceil(round(value * 10.0**decimals, 9)) / 10.0**decimals, decimals)
    return made if made > value else round(made + 10.0**-decimals, decimals)


def rounded(value: float) -> float:
    """Return `value` to three significant digits."""
    return float(f"{value:.{DIGITS}g}")


def threshold(value: float, least: float, bound: float, highest: float) -> float | None:
    """Return the threshold for a level: rounded up, not below `least`, and within reach.

    None when history reaches the metric's upper `bound`: no threshold tells a new period then.
    A level that only the extrapolation carries past the bound is put halfway to it.
    """
    if highest >= bound:
        return None
    if value < least:
        return least
    if value >= bound:
        value = (highest + bound) / 2
    return min(rounded_above(value), bound)

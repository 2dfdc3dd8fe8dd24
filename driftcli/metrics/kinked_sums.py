"""Scores that add up terms with a kink, over very many bins of which a few hold most rows.

What a large bin adds has no closed form where its term has a kink, and to draw the rows of very
many bins takes long. So those of the few large ones are drawn; and given how many rows the others
share, what these add is about normal, with the moments of sums over bins.
"""

import math

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from driftcli.metrics.bin_sums import LARGEST_BIN, Term, moments, resplit, splits_of
from driftcli.metrics.significance import Counts, Noise, Values, permutation_noise

#: With fewer bins it takes no longer to draw the rows of all.
MANY_BINS = 1_500
#: How many may be large. Beside two the others make a third bin: of two in all, every split would
#: be counted.
_FEWEST_LARGE, _MOST_LARGE = 2, 64
#: Standard deviations of the others' rows at which their moments are taken.
_APART = 2.0


def large_bins(pooled: Counts) -> NDArray[np.intp] | None:
    """Return the bins too large for sums, or None where the others are not very many.

    None of the others holds more than `LARGEST_BIN` of the rows of all of them.
    """
    if pooled.size < MANY_BINS + _MOST_LARGE:
        return None
    largest = np.flatnonzero(pooled >= np.partition(pooled, -_MOST_LARGE)[-_MOST_LARGE])
    order = largest[np.argsort(-pooled[largest], kind="stable")]
    beyond = pooled.sum() - np.cumsum(pooled[order])
    small = np.flatnonzero(pooled[order] <= LARGEST_BIN * (pooled[order] + beyond))
    return order[: max(_FEWEST_LARGE, small[0])] if small.size else None


def kinked_noise(
    term: Term, p: Counts, q: Counts, others: Counts, generator: np.random.Generator
) -> Noise:
    """Return the noise of the sum of a term over bins.

    Parameters
    ----------
    p, q : shape (1 + splits, large bins + 1)
        Rows of either side in the large bins, and in all others: those observed, then those that
        random splits give.
    others : shape (others, 2)
        Rows of both sides in the others.
    """
    sizes = int(p[0].sum()), int(q[0].sum())
    of_large = term(p[:, :-1] / sizes[0], q[:, :-1] / sizes[1]).sum(axis=1)
    observed = of_large[0] + float(term(*(others / sizes).T).sum())
    mean, sd = _of_others(term, p[1:, -1], others.sum(axis=1), sizes)
    drawn = of_large[1:] + mean + sd * generator.standard_normal(mean.size)
    return permutation_noise(float(observed), drawn, rooted=True)


def _of_others(
    term: Term, rows: Counts, others: Counts, sizes: tuple[int, int]
) -> tuple[Values, float]:
    """Return the mean that the other bins add, given how many `rows` of one side they share.

    And its standard deviation, which hardly depends on these.
    """
    total, share = int(others.sum()), sizes[0] / sum(sizes)
    middle = total * share
    step = _APART * math.sqrt(middle * (1 - share) * (1 - total / sum(sizes)))

    whole = splits_of(others, (middle, total - middle))

    def at(steps: float) -> tuple[float, float]:
        splits = resplit(whole, (middle + steps * step) / total) if steps else whole
        return moments(term, structs.replace(splits, sizes=sizes), 0.0)[:2]

    (low, _), (mean, sd), (high, _) = map(at, (-1.0, 0.0, 1.0))
    off = (rows - middle) / step
    means: Values = mean + (high - low) / 2 * off + (high - 2 * mean + low) / 2 * np.square(off)
    return means, sd

"""Whether blocks of rows differ by more than independent rows do, and how much more."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from driftcli.metrics.block_rows import BlockRows, runs
from driftcli.metrics.significance import LEVEL

Values = NDArray[np.float64]

#: The standard normal deviate beyond which blocks differ: in one case of twenty of equal ones.
_DIFFER = 1.645


def more_pass(scores: Values, level: float) -> bool:
    """Return whether more scores pass the level of independent rows than one in a hundred does."""
    expected = (1 - LEVEL) * scores.size
    return bool(np.count_nonzero(scores > level) - expected > _DIFFER * math.sqrt(expected))


def design_effect(p: BlockRows, q: BlockRows) -> float:
    """Return how many times as far shares of blocks vary as those of independent rows would.

    That is the chi-square of homogeneity of each side's blocks over its degrees of freedom, or
    that of their mean ranks, where this is larger: what moves in one direction is little among
    many cells. So many rows count like one (Rao & Scott 1984, doi:10.1214/aos/1176346391). It is 1
    where blocks do not differ beyond chance.
    """
    effects = [1.0]
    for test in (_homogeneity, _of_ranks):
        found, freedom, variance = (sum(each) for each in zip(test(p), test(q), strict=True))
        if freedom and found - freedom > _DIFFER * math.sqrt(variance):
            effects.append(float(found / freedom))
    return max(effects)


def pairs_differ(pairs: Sequence[tuple[Values, Values]]) -> bool:
    """Return whether pairs of blocks differ by more than independent rows do, most of them.

    By the chi-square of homogeneity of each pair's rows in cells, of which a few may be changes:
    the median counts. (Its standard error is 1.25 times that of a mean.)
    """
    deviates = []
    for p, q in pairs:
        found, freedom, variance = _homogeneity(np.stack([p, q]))
        deviates.append((found - freedom) / math.sqrt(variance) if freedom else 0.0)
    return float(np.median(deviates)) > _DIFFER * 1.25 / math.sqrt(len(deviates))


def _of_ranks(side: BlockRows) -> tuple[float, int, float]:
    """Return the chi-square of one side's blocks' mean ranks, its mean and its variance.

    That is the test of Kruskal and Wallis (1952), doi:10.1080/01621459.1952.10483441.
    """
    cells, sizes = side.sum(axis=0), side.sum(axis=1)
    ranks = (np.cumsum(cells) - cells / 2) / cells.sum()
    spread = float(np.dot(cells, np.square(ranks - 0.5)) / cells.sum())
    if len(side) < 2 or not spread > 0:
        return 0.0, 0, 0.0
    means = (side @ ranks) / sizes
    freedom = len(side) - 1
    return float(np.dot(sizes, np.square(means - 0.5)) / spread), freedom, 2.0 * freedom


def _homogeneity(side: BlockRows) -> tuple[float, int, float]:
    """Return the chi-square of homogeneity of one side's blocks, its mean and its variance.

    The variance is that of Poisson's counts, of which few may be expected in a cell.
    """
    cells = side.sum(axis=0)
    there = cells > 0
    shares = cells[there] / cells.sum()
    freedom = (len(side) - 1) * (shares.size - 1)
    found = variance = 0.0
    for some in runs(side):
        kept = some[:, there]
        expected = kept.sum(axis=1, keepdims=True) * shares
        kept = np.square(kept - expected)
        kept /= expected
        found += float(np.sum(kept))
        variance += float(np.sum(np.divide(1, expected, out=expected)))
    return found, freedom, 2 * freedom + variance

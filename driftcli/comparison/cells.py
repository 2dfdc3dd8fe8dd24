"""The cells in which chance deals the rows of a numeric column: its bins, finer at both ends."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from driftcli.comparison.pair import Counts, NumericPair, Values
from driftcli.config import ResolvedColumn
from driftcli.metrics import bins


class Cells(NamedTuple):
    """Cells of a pair's points.

    Attributes
    ----------
    starts : shape (cells,)
        The first point of each cell.
    bins : shape (bins,)
        The first cell of each bin.
    values : shape (cells,)
        The mean value of both sides' rows in each cell.
    """

    starts: NDArray[np.intp]
    bins: NDArray[np.intp]
    values: Values


def cells_of(pair: NumericPair, rules: ResolvedColumn) -> Cells:
    """Return cells that would be the same whichever way the pool of both sides was split.

    Bins of equal mass of the baseline, or of the mixture in which each side counts half, follow
    the split that was observed: a smaller side's values have bins of their own, as they have in
    no other split, and chance would pass for drift. So these are of equal pooled mass.
    """
    pooled = pair.p_counts + pair.q_counts
    shares = pooled / pooled.sum()
    labels = bins.equal_mass(shares, rules.bins)
    starts = _firsts(labels)
    starts[_tails(pooled, rules.bins)] = True
    own_bins = rules.edges is not None or rules.binning == "uniform"
    fresh_bin = _firsts(pair.labels if own_bins else labels)
    cells = np.flatnonzero(starts | fresh_bin)
    values = np.add.reduceat(pair.values * shares, cells) / np.add.reduceat(shares, cells)
    return Cells(cells, np.flatnonzero(fresh_bin[cells]), values)


def _firsts(labels: NDArray[np.intp]) -> NDArray[np.bool_]:
    firsts = np.ones(labels.size, bool)
    np.greater(labels[1:], labels[:-1], out=firsts[1:])
    return firsts


def _tails(pooled: Counts, size: int) -> NDArray[np.intp]:
    """Return where cells begin that halve in mass towards both ends: tails move mass far."""
    total = int(pooled.sum())
    below = total // size >> np.arange(1, max(1, (total // size).bit_length()))
    ranks = np.concatenate([below, total - below])
    return np.minimum(np.searchsorted(np.cumsum(pooled), ranks), pooled.size - 1)

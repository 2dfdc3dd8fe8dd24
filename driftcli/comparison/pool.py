"""The pool of both sides' rows, in cells, and random splits of it in parts of the two sizes."""

import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

from driftcli.comparison.cells import cells_of
from driftcli.comparison.once import once
from driftcli.comparison.pair import CategoricalPair, NumericPair, Shares
from driftcli.config import ResolvedColumn
from driftcli.metrics import Metric
from driftcli.metrics.bin_sums import Splits, splits_of
from driftcli.metrics.shares import hypergeometric, unconditional
from driftcli.metrics.significance import Noise, permutation_noise, weighted_noise
from driftcli.metrics.transport import Line

Counts = NDArray[np.int64]
Values = NDArray[np.float64]

REPLICATES = 256
_SEED = 20_250_101
#: Draws for one column: with very many bins fewer replicates do, as sums of many terms vary less.
_DRAWS = 24_000
_FEWEST_REPLICATES = 16
#: Draws that tell a score which chance plainly explains.
_FEW_REPLICATES = 8
#: Larger pools exceed what the sampler takes; their draws are those of the normal limit.
_LARGEST_POOL = 900_000_000
#: Of so many cells all splits are counted.
ENUMERATED = 2


def over_bins(metric: Metric) -> Callable[..., Any]:
    """Return a metric's function of probabilities over bins."""
    return metric.categorical or metric.function


class Pool(Struct, dict=True):
    """Rows of both sides in cells, some of which make a bin.

    Attributes
    ----------
    p, q : shape (cells,)
    firsts : shape (bins,)
        The first cell of each bin.
    values : shape (cells,) or None
        The mean value of each cell, of numeric columns.
    summed : mapping of str to Noise or None
        By metric, the noise that needs no draws, as far as it was asked for.
    """

    p: Counts
    q: Counts
    firsts: NDArray[np.intp]
    values: Values | None = None
    summed: dict[str, Noise | None] = field(default_factory=dict)

    @once
    def p_bins(self) -> Counts:
        """Rows of the baseline in each bin."""
        return self.binned(self.p)

    @once
    def q_bins(self) -> Counts:
        """Rows of the current data in each bin."""
        return self.binned(self.q)

    def binned(self, cells: Counts) -> Counts:
        """Return rows in cells, of shape (…, cells), by bins."""
        if self.firsts.size == cells.shape[-1]:
            return cells
        counts: Counts = np.add.reduceat(cells, self.firsts, axis=-1)
        return counts

    @once
    def splits(self) -> Splits:
        """All splits of the bins, for sums over them."""
        return splits_of(self.p_bins + self.q_bins, (int(self.p.sum()), int(self.q.sum())))

    @once
    def draws(self) -> "Draws":
        """Random splits of the cells."""
        return _drawn_from(self, REPLICATES)

    @once
    def few(self) -> "Draws":
        """As few of them as tell a score which chance plainly explains."""
        return _drawn_from(self, _FEW_REPLICATES)

    def pooled_sd(self) -> float:
        """Return the standard deviation of both sides together; 1 where they are constant."""
        assert self.values is not None
        weights = (self.p + self.q).astype(np.float64)
        weights /= weights.sum()
        # Relative to the largest value: squares may pass the largest float.
        largest = float(np.abs(self.values).max()) or 1.0
        with np.errstate(over="ignore"):  # numpy 1 takes the reciprocal of a subnormal on its way
            values = self.values / largest
        mean = np.dot(weights, values)
        return largest * float(np.sqrt(np.dot(weights, np.square(values - mean)))) or 1.0


class Draws(Struct, frozen=True, dict=True):
    """Random splits of the rows in cells, behind the split that was observed (row 0).

    Attributes
    ----------
    p, q : shape (1 + splits, cells)
    chances : shape (splits,) or None
        How likely each split is, where they are all that there are; else they are equally so.
    """

    pool: Pool
    p: Counts
    q: Counts
    chances: Values | None = None

    def scores(self, metric: Metric, pseudo_count: float) -> Values:
        """Return the scores of all splits over the bins."""
        return np.asarray(self._shares.score(over_bins(metric), pseudo_count))

    @once
    def _shares(self) -> Shares:
        """The shares of both sides in the bins, of shape (1 + splits, bins)."""
        return Shares(self.pool.binned(self.p), self.pool.binned(self.q))

    @once
    def line(self) -> Line:
        """All splits of the mean values of cells, as distances on the line see them."""
        assert self.pool.values is not None
        return Line.of_splits(self.pool.values, self.p, self.pool.p + self.pool.q)

    def noise(self, metric: Metric, scores: Values) -> Noise:
        """Return the noise of the observed split's score among those of all splits."""
        observed, others = float(scores[0]), scores[1:]
        if self.chances is None:
            return permutation_noise(observed, others, rooted=not metric.squared)
        noise = weighted_noise(observed, others, self.chances)
        p, q = self.pool.p, self.pool.q
        p_value = unconditional(noise.p_value, int(p[0] + q[0]), int(p.sum()), int(q.sum()))
        return Noise(noise.level, p_value)


def pool_of(pair: NumericPair | CategoricalPair, rules: ResolvedColumn) -> Pool:
    """Return the pool of a pair's rows, in cells that do not depend on which side comes first."""
    if isinstance(pair, CategoricalPair):
        order = np.lexsort((np.minimum(pair.p_bins, pair.q_bins), pair.p_bins + pair.q_bins))
        return Pool(pair.p_bins[order], pair.q_bins[order], np.arange(order.size))
    cells = cells_of(pair, rules)
    p, q = (np.add.reduceat(counts, cells.starts) for counts in (pair.p_counts, pair.q_counts))
    return Pool(p, q, cells.bins, cells.values)


def _drawn_from(pool: Pool, most: int) -> Draws:
    """Return the observed split of the pooled rows, and random ones of the same sizes.

    There are `most` of them, or fewer where there are very many cells.
    """
    p, q = pool.p, pool.q
    pooled, size = p + q, int(p.sum())
    generator = generator_of(pooled, np.minimum(p, q))
    chances = None
    if pooled.size == ENUMERATED:
        first, chances = hypergeometric(int(pooled[0]), size, int(pooled.sum()) - size)
        drawn = np.stack([first, size - first], axis=1)
    elif int(pooled.sum()) <= _LARGEST_POOL:
        drawn = generator.multivariate_hypergeometric(
            pooled, size, _replicates(pooled.size, most), method="marginals"
        )
    else:
        drawn = _normal_splits(pooled, size, _replicates(pooled.size, most), generator)
    parts = np.concatenate([p[None], drawn])
    return Draws(pool, parts, pooled - parts, chances)


def _replicates(cells: int, most: int) -> int:
    return min(most, max(_FEWEST_REPLICATES, _DRAWS // cells))


def _normal_splits(
    pooled: Counts, size: int, replicates: int, generator: np.random.Generator
) -> Counts:
    """Return parts of a pool too large for the sampler, from the limit of its distribution."""
    share = size / pooled.sum()
    spread = np.sqrt(pooled * share * (1 - share))
    moved = generator.standard_normal((replicates, pooled.size)) * spread
    moved -= moved.sum(axis=1, keepdims=True) * (pooled / pooled.sum())
    parts: Counts = np.clip(np.rint(pooled * share + moved), 0, pooled).astype(np.int64)
    return parts


def generator_of(*counts: Counts) -> np.random.Generator:
    """Return a generator seeded by the data: the same for the same rows, and else another.

    A seed that all columns share would have all p-values err alike.
    """
    seed = np.array([_SEED, *(zlib.crc32(each.tobytes()) for each in counts)], np.uint32)
    return np.random.default_rng(seed)

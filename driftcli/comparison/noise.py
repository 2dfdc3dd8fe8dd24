"""What scores would be with no drift: both sides taken for random parts of one pool.

The pooled counts are split at random into parts of the two sizes, a multivariate hypergeometric
draw per replicate, and every split is scored like the data: one mechanism for every metric,
exact in finite samples, at a cost that does not depend on the rows.
"""

import zlib
from dataclasses import dataclass, field
from math import isinf
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from driftcli.comparison.cells import cells_of
from driftcli.comparison.pair import CategoricalPair, NumericPair
from driftcli.comparison.sampled import Sample
from driftcli.comparison.scores import Measured, absent_names, nonfinite_rows, scale_of
from driftcli.config import ResolvedColumn
from driftcli.metrics import Basis, Metric, bins
from driftcli.metrics.absences import absence_noise, largest_absence, plainly_absent
from driftcli.metrics.shares import extremes_noise, hypergeometric, ratio_noise, share_noise
from driftcli.metrics.significance import Noise, permutation_noise, weighted_noise
from driftcli.profile.column import ColumnProfile

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
_JEFFREYS = 0.5


@dataclass
class NoiseOfColumn:
    """The noise of the scores of one column; what they share is drawn once.

    `pair` is None where a side has no values. The same input gives the same bits.
    """

    p: ColumnProfile
    q: ColumnProfile
    pair: NumericPair | CategoricalPair | None
    rules: ResolvedColumn
    _draws: "_Draws | None" = field(default=None, init=False)
    _few: "_Draws | None" = field(default=None, init=False)
    #: How many rows count like one.
    design_effect: ClassVar[float] = 1.0

    def of(self, measured: Measured) -> Noise:
        """Return the level of a score without drift, and its p-value."""
        p, q, metric = self.p, self.q, measured.metric
        if metric.basis is Basis.MISSING:
            return share_noise(p.missing, p.rows, q.missing, q.rows)
        if metric.basis is Basis.NONFINITE:
            return share_noise(nonfinite_rows(p), p.rows, nonfinite_rows(q), q.rows)
        if measured.binned is not None:
            return self._of_binned(metric, *measured.binned)
        assert self.pair is not None, "a score of values needs values"
        if metric.basis is Basis.SUPPORT:
            return self._of_support(measured, self.pair)
        if metric.name == "share_ratio" and isinstance(self.pair, CategoricalPair):
            return self._of_ratio(measured.value, self.pair)
        self._draws = self._draws or _draw(self.pair, self.rules, REPLICATES)
        if metric.basis is Basis.POINTS and self._draws.values is not None:
            return self._of_points(metric, self._draws)
        return self._of_bins(metric, self._draws)

    def _scores(self, metric: Metric, draws: "_Draws") -> Values:
        """Return a metric's scores of all splits, that of the observed one first."""
        if metric.basis is Basis.POINTS and draws.values is not None:
            return np.asarray(metric.function(draws.values, draws.p_cells, draws.q_cells))
        smoothed = metric.basis is Basis.SMOOTHED
        return _over_bins(metric, draws, self.rules.smoothing if smoothed else 0.0)

    def plain(self, measured: Measured) -> bool:
        """Return whether the p-value of a score is plainly above `PLAIN`: few draws tell that.

        False says nothing. Of 8 draws, half reach a score whose p-value is below `PLAIN` in fewer
        than one case of 2,500.
        """
        metric, pair = measured.metric, self.pair
        if pair is None or metric.basis in (Basis.MISSING, Basis.NONFINITE):
            return False
        if measured.binned is not None:
            return False
        if metric.basis is Basis.SUPPORT:
            sides = pair.p_counts, pair.q_counts
            inner, outer = sides if metric.name == "new" else sides[::-1]
            exact = isinstance(pair, CategoricalPair) and pair.exact
            return exact and plainly_absent(inner, outer)
        self._few = self._few or _draw(pair, self.rules, _FEW_REPLICATES)
        if self._few.chances is not None:
            return False
        observed, *others = self._scores(metric, self._few).tolist()
        reaching = sum(score >= observed for score in others)
        return bool(2 * reaching >= len(others))

    def _of_support(self, measured: Measured, pair: NumericPair | CategoricalPair) -> Noise:
        sides = pair.p_counts, pair.q_counts
        inner, outer = sides if measured.metric.name == "new" else sides[::-1]
        if isinstance(pair, NumericPair):
            return extremes_noise(measured.value, int(inner.sum()), int(outer.sum()))
        if pair.sample is not None:
            return _of_sample(pair, pair.sample, new=measured.metric.name == "new")
        return absence_noise(inner, outer, _generator(np.sort(inner + outer)), REPLICATES)

    def _of_ratio(self, score: float, pair: CategoricalPair) -> Noise:
        sizes = int(pair.p_counts.sum()), int(pair.q_counts.sum())
        return ratio_noise(score, pair.p_bins + pair.q_bins, sizes, self.rules.smoothing)

    def _of_binned(self, metric: Metric, p: NDArray[Any], q: NDArray[Any]) -> Noise:
        """Return the noise of a score of bins that are not the pair's own."""
        if metric.basis is Basis.REPEATS:
            return share_noise(int(p[0]), int(p.sum()), int(q[0]), int(q.sum()))
        return self._of_bins(metric, _of_tool(p, q))

    def _of_bins(self, metric: Metric, draws: "_Draws") -> Noise:
        scores = self._scores(metric, draws)
        noise = draws.noise(scores)
        if isinf(scores[0]):
            # Infinite scores have no order: they are ranked as if their zeros were smoothed.
            ranked = draws.noise(_over_bins(metric, draws, _JEFFREYS))
            return Noise(noise.level, ranked.p_value)
        return noise

    def _of_points(self, metric: Metric, draws: "_Draws") -> Noise:
        noise = draws.noise(self._scores(metric, draws))
        if metric.unit != "baseline sd":
            return noise
        return Noise(
            noise.level / (scale_of(self.p, self.rules) or draws.pooled_sd()), noise.p_value
        )


def _of_sample(pair: CategoricalPair, sample: Sample, *, new: bool) -> Noise:
    """Return the noise of new or lost names that were estimated: that of the names sampled.

    Which names these are does not depend on their rows, so chance deals with their rows as with
    all. Beside them counts the commonest of the newcomers that both sides know.
    """
    found = absent_names(pair, new=new)
    assert found is not None, "a sample has been taken"
    sides = sample.p_counts, sample.q_counts
    inner, outer = sides if new else sides[::-1]
    generator = _generator(np.sort(inner + outer))
    noise = absence_noise(inner, outer, generator, REPLICATES)
    sizes = (int(pair.p_counts.sum()), int(pair.q_counts.sum()))[:: 1 if new else -1]
    largest = largest_absence(found.commonest, sizes[0], sum(sizes))
    level = min(1.0, noise.level * float(outer.sum()) * found.scale)
    return Noise(level, min(1.0, 2 * min(noise.p_value, largest)))


@dataclass(frozen=True)
class _Draws:
    """Random splits of the pooled counts, behind the split that was observed (row 0).

    Attributes
    ----------
    p_cells, q_cells : shape (1 + splits, cells)
    values : shape (cells,) or None
        The mean value of each cell, of numeric columns.
    bins : shape (bins,)
        The first cell of each bin.
    chances : shape (splits,) or None
        How likely each split is, where they are all that there are; else they are equally so.
    """

    p_cells: Counts
    q_cells: Counts
    bins: NDArray[np.intp]
    values: Values | None = None
    chances: Values | None = None
    _shares: dict[float, tuple[Values, Values]] = field(default_factory=dict, repr=False)

    def shares(self, pseudo_count: float) -> tuple[Values, Values]:
        """Return both sides' probabilities over the bins, each of shape (1 + splits, bins)."""
        if pseudo_count not in self._shares:
            self._shares[pseudo_count] = (
                bins.probabilities(self._binned(self.p_cells), pseudo_count),
                bins.probabilities(self._binned(self.q_cells), pseudo_count),
            )
        return self._shares[pseudo_count]

    def _binned(self, cells: Counts) -> Counts:
        if self.bins.size == cells.shape[1]:
            return cells
        counts: Counts = np.add.reduceat(cells, self.bins, axis=1)
        return counts

    def noise(self, scores: Values) -> Noise:
        """Return the noise of the observed split's score among those of all splits."""
        observed, others = float(scores[0]), scores[1:]
        if self.chances is None:
            return permutation_noise(observed, others)
        return weighted_noise(observed, others, self.chances)

    def pooled_sd(self) -> float:
        """Return the standard deviation of both sides together; 1 where they are constant."""
        assert self.values is not None
        weights = (self.p_cells[0] + self.q_cells[0]).astype(np.float64)
        weights /= weights.sum()
        # Relative to the largest value: squares may pass the largest float.
        largest = float(np.abs(self.values).max()) or 1.0
        with np.errstate(over="ignore"):  # numpy 1 takes the reciprocal of a subnormal on its way
            values = self.values / largest
        mean = np.dot(weights, values)
        return largest * float(np.sqrt(np.dot(weights, np.square(values - mean)))) or 1.0


def _over_bins(metric: Metric, draws: _Draws, pseudo_count: float) -> Values:
    return np.asarray((metric.categorical or metric.function)(*draws.shares(pseudo_count)))


def _draw(pair: NumericPair | CategoricalPair, rules: ResolvedColumn, most: int) -> _Draws:
    """Draw splits over bins that would be the same whichever way the pool was split.

    There are `most` of them, or fewer where there are very many bins.
    """
    if isinstance(pair, CategoricalPair):
        # In an order that does not depend on which side comes first.
        order = np.lexsort((np.minimum(pair.p_bins, pair.q_bins), pair.p_bins + pair.q_bins))
        return _splits(pair.p_bins[order], pair.q_bins[order], np.arange(order.size), most=most)
    cells = cells_of(pair, rules)
    p, q = (np.add.reduceat(counts, cells.starts) for counts in (pair.p_counts, pair.q_counts))
    return _splits(p, q, cells.bins, cells.values, most=most)


def _of_tool(p_bins: NDArray[np.generic], q_bins: NDArray[np.generic]) -> _Draws:
    """Draw over another tool's bins, some of which hold fractions of rows."""
    p, q = (np.rint(rows).astype(np.int64) for rows in (p_bins, q_bins))
    return _splits(p, q, np.arange(p.size))


def _splits(
    p: Counts,
    q: Counts,
    firsts: NDArray[np.intp],
    values: Values | None = None,
    *,
    most: int = REPLICATES,
) -> _Draws:
    """Return the observed split of the pooled counts, and random ones of the same sizes."""
    pooled, size = p + q, int(p.sum())
    generator = _generator(pooled, np.minimum(p, q))
    chances = None
    if pooled.size == 2:
        first, chances = hypergeometric(int(pooled[0]), size, int(pooled.sum()) - size)
        drawn = np.stack([first, size - first], axis=1)
    elif int(pooled.sum()) <= _LARGEST_POOL:
        drawn = generator.multivariate_hypergeometric(
            pooled, size, _replicates(pooled.size, most), method="marginals"
        )
    else:
        drawn = _normal_splits(pooled, size, _replicates(pooled.size, most), generator)
    parts = np.concatenate([p[None], drawn])
    return _Draws(parts, pooled - parts, firsts, values, chances)


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


def _generator(*counts: Counts) -> np.random.Generator:
    """Return a generator seeded by the data: the same for the same rows, and else another.

    A seed that all columns share would have all p-values err alike.
    """
    return np.random.default_rng([_SEED, *(zlib.crc32(each.tobytes()) for each in counts)])

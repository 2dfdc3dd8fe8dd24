"""What scores would be with no drift: both sides taken for random parts of one pool.

Shares of rows have exact laws, and sums over bins moments in closed form. For all others the
pooled counts are split at random into parts of the two sizes, a multivariate hypergeometric draw
per replicate, and every split is scored like the data: exact in finite samples, at a cost that
does not depend on the rows.
"""

from collections.abc import Iterable
from math import isinf
from typing import Any, ClassVar

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from driftcli.comparison.counted import Counted, counted
from driftcli.comparison.once import once
from driftcli.comparison.pair import CategoricalPair, NumericPair
from driftcli.comparison.pool import (
    ENUMERATED,
    REPLICATES,
    Draws,
    Pool,
    generator_of,
    over_bins,
    pool_of,
)
from driftcli.comparison.sampled import Sample
from driftcli.comparison.scores import Measured, scale_of
from driftcli.config import ResolvedColumn
from driftcli.metrics import Basis, Metric
from driftcli.metrics.absences import absence_noise, largest_absence, plainly_absent
from driftcli.metrics.bin_sums import Term, kinked_of, sum_noise, sum_of
from driftcli.metrics.kinked_sums import MANY_BINS, kinked_noise, large_bins
from driftcli.metrics.shares import extremes_noise, ratio_noise, share_noise, unconditional
from driftcli.metrics.significance import Noise
from driftcli.profile.column import ColumnProfile

Values = NDArray[np.float64]

_JEFFREYS = 0.5
_HALF = 0.5


class NoiseOfColumn(Struct, dict=True):
    """The noise of the scores of one column; what they share is made once.

    `pair` is None where a side has no values. The same input gives the same bits.
    """

    p: ColumnProfile
    q: ColumnProfile
    pair: NumericPair | CategoricalPair | None
    rules: ResolvedColumn
    #: How many rows count like one.
    design_effect: ClassVar[float] = 1.0

    def of(self, measured: Measured) -> Noise:
        """Return the level of a score without drift, and its p-value."""
        p, q, metric = self.p, self.q, measured.metric
        rows = counted(metric.basis, p, q)
        if rows is not None:
            return _of_counted(rows, p.rows, q.rows)
        if measured.binned is not None:
            return self._of_binned(metric, *measured.binned)
        assert self.pair is not None, "a score of values needs values"
        if metric.basis is Basis.SUPPORT:
            return self._of_support(measured, self.pair)
        if metric.name == "share_ratio" and isinstance(self.pair, CategoricalPair):
            return self._of_ratio(measured.value, self.pair)
        return self._of_pool(metric, self._pool)

    def drawn(self, measured: Iterable[Measured]) -> Pool | None:
        """Return the pool whose splits the noise of scores is drawn from, if that of any is."""
        for each in measured:
            metric = each.metric
            if metric.asks == "values" and each.binned is None and self._is_drawn(metric):
                return self._pool
        return None

    def _is_drawn(self, metric: Metric) -> bool:
        if metric.name == "share_ratio" and isinstance(self.pair, CategoricalPair):
            return False
        if metric.basis is Basis.POINTS and self._pool.values is not None:
            return True
        return self._of_sums(metric, self._pool) is None

    @once
    def _pool(self) -> Pool:
        assert self.pair is not None
        return pool_of(self.pair, self.rules)

    def _pseudo_count(self, metric: Metric) -> float:
        return self.rules.smoothing if metric.basis is Basis.SMOOTHED else 0.0

    def _of_pool(self, metric: Metric, pool: Pool) -> Noise:
        if pool.values is not None and metric.basis is Basis.POINTS:
            return self._of_points(metric, pool)
        known = self._of_sums(metric, pool)
        return known or self._of_draws(metric, pool.draws)

    def _of_sums(self, metric: Metric, pool: Pool) -> Noise | None:
        """Return the noise of a score that adds up what bins add; None where it has to be drawn."""
        if metric.name not in pool.summed:
            pool.summed[metric.name] = self._summed(metric, pool)
        return pool.summed[metric.name]

    def _summed(self, metric: Metric, pool: Pool) -> Noise | None:
        pseudo_count = self._pseudo_count(metric)
        as_sum = sum_of(over_bins(metric), pool.p_bins + pool.q_bins, pseudo_count)
        if as_sum:
            return sum_noise(as_sum, pool.p_bins, pool.q_bins, pseudo_count, pool.splits)
        term = kinked_of(over_bins(metric), pseudo_count)
        large = large_bins(pool.p_bins + pool.q_bins) if term else None
        return of_kinked(term, pool, large) if term and large is not None else None

    def _scores(self, metric: Metric, draws: Draws) -> Values:
        """Return a metric's scores of all splits, that of the observed one first."""
        if metric.basis is Basis.POINTS and draws.pool.values is not None:
            return np.asarray(metric.function(draws.line))
        return draws.scores(metric, self._pseudo_count(metric))

    def plain(self, measured: Measured) -> bool:
        """Return whether the p-value of a score is plainly above `PLAIN`: few draws tell that.

        False says nothing. Of 8 draws, half reach a score whose p-value is below `PLAIN` in fewer
        than one case of 2,500. Over very many categories they take longer than what needs none.
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
        if self._pool.p.size == ENUMERATED:
            return False
        many = isinstance(pair, CategoricalPair) and pair.p_bins.size > MANY_BINS
        if many and (known := self._of_sums(metric, self._pool)):
            return known.p_value >= _HALF
        observed, *others = self._scores(metric, self._pool.few).tolist()
        reaching = sum(score >= observed for score in others)
        return bool(2 * reaching >= len(others))

    def _of_support(self, measured: Measured, pair: NumericPair | CategoricalPair) -> Noise:
        sides = pair.p_counts, pair.q_counts
        inner, outer = sides if measured.metric.name == "new" else sides[::-1]
        if isinstance(pair, NumericPair):
            return extremes_noise(measured.value, int(inner.sum()), int(outer.sum()))
        if pair.sample is not None:
            return _of_sample(pair, pair.sample, new=measured.metric.name == "new")
        return _of_absence(inner, outer)

    def _of_ratio(self, score: float, pair: CategoricalPair) -> Noise:
        sizes = int(pair.p_counts.sum()), int(pair.q_counts.sum())
        return ratio_noise(score, pair.p_bins + pair.q_bins, sizes, self.rules.smoothing)

    def _of_binned(self, metric: Metric, p: NDArray[Any], q: NDArray[Any]) -> Noise:
        """Return the noise of a score of bins that are not the pair's own."""
        if metric.basis is Basis.REPEATS:
            return share_noise(int(p[0]), int(p.sum()), int(q[0]), int(q.sum()))
        # Some hold fractions of rows.
        rows = [np.rint(each).astype(np.int64) for each in (p, q)]
        return self._of_pool(metric, Pool(rows[0], rows[1], np.arange(p.size)))

    def _of_draws(self, metric: Metric, draws: Draws) -> Noise:
        scores = self._scores(metric, draws)
        noise = draws.noise(metric, scores)
        if isinf(scores[0]):
            # Infinite scores have no order: they are ranked as if their zeros were smoothed.
            ranked = draws.noise(metric, draws.scores(metric, _JEFFREYS))
            return Noise(noise.level, ranked.p_value)
        return noise

    def _of_points(self, metric: Metric, pool: Pool) -> Noise:
        noise = pool.draws.noise(metric, self._scores(metric, pool.draws))
        if metric.unit != "baseline sd":
            return noise
        scale = scale_of(self.p, self.rules) or pool.pooled_sd()
        return Noise(noise.level / scale, noise.p_value)


def of_kinked(term: Term, pool: Pool, large: NDArray[np.intp]) -> Noise:
    """Return the noise of the sum of a term with a kink, of which `large` bins are to be drawn."""
    sides = np.stack([pool.p_bins, pool.q_bins], axis=1)
    others = np.delete(sides, large, axis=0)
    parts = np.concatenate([sides[large], others.sum(axis=0, keepdims=True)])
    draws = Pool(parts[:, 0], parts[:, 1], np.arange(len(parts))).draws
    generator = generator_of(others.sum(axis=1), np.minimum(*others.T))
    return kinked_noise(term, draws.p, draws.q, others, generator)


def _of_counted(counted: Counted, p_rows: int, q_rows: int) -> Noise:
    p_hits, q_hits = counted.rows
    noise = share_noise(p_hits, p_rows, q_hits, q_rows, counted.among)
    p_value = unconditional(noise.p_value, p_hits + q_hits, p_rows, q_rows)
    return Noise(noise.level, p_value).among(counted.among)


def _of_absence(inner: NDArray[np.int64], outer: NDArray[np.int64]) -> Noise:
    return absence_noise(inner, outer, lambda: generator_of(np.sort(inner + outer)), REPLICATES)


def _of_sample(pair: CategoricalPair, sample: Sample, *, new: bool) -> Noise:
    """Return the noise of new or lost names that were estimated: that of the names sampled.

    Which names these are does not depend on their rows, so chance deals with their rows as with
    all. Beside them counts the commonest of the newcomers that both sides know.
    """
    found = pair.absent[0 if new else 1]
    assert found is not None, "a sample has been taken"
    sides = sample.p_counts, sample.q_counts
    inner, outer = sides if new else sides[::-1]
    noise = _of_absence(inner, outer)
    sizes = (int(pair.p_counts.sum()), int(pair.q_counts.sum()))[:: 1 if new else -1]
    largest = largest_absence(found.commonest, sizes[0], sum(sizes))
    level = min(1.0, noise.level * float(outer.sum()) * found.scale)
    return Noise(level, min(1.0, 2 * min(noise.p_value, largest)))

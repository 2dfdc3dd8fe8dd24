"""The noise of scores: uniform p-values without drift, and all splits of small pools as oracle."""

from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest
from msgspec.structs import replace
from numpy.typing import NDArray
from scipy import stats

from driftcli.comparison import pool as module
from driftcli.comparison.noise import NoiseOfColumn
from driftcli.comparison.pair import CategoricalPair, NumericPair, pair_categories, pair_numbers
from driftcli.comparison.scores import Measured, measure
from driftcli.config import ResolvedColumn, Settings, resolve
from driftcli.metrics import METRICS, Basis, Metric, bins
from driftcli.metrics.shares import share_noise, unconditional
from driftcli.metrics.significance import Noise
from driftcli.metrics.transport import Line
from driftcli.profile.categories import Categories
from driftcli.profile.column import ColumnProfile, from_array

pytestmark = pytest.mark.slow

Values = NDArray[np.float64]
Sides = tuple[ColumnProfile, ColumnProfile]

DRAWS = 2_000
#: Below this a test of 2,000 p-values against the uniform distribution fails.
LEAST_P = 1e-3
#: Coprime, so that scores of counts have next to no ties.
SIZES = (389, 517)

CONTINUOUS: dict[str, Callable[[np.random.Generator, int], Values]] = {
    "normal": lambda draw, rows: draw.normal(size=rows),
    "lognormal": lambda draw, rows: draw.lognormal(size=rows),
    "Student t2": lambda draw, rows: draw.standard_t(2, rows),
}
DISCRETE: dict[str, Callable[[np.random.Generator, int], Values]] = {
    "poisson": lambda draw, rows: draw.poisson(2, rows).astype(np.float64),
    "binary": lambda draw, rows: (draw.random(rows) < 0.3).astype(np.float64),
    "zero-inflated": lambda draw, rows: np.where(
        draw.random(rows) < 0.9, 0.0, draw.lognormal(size=rows)
    ),
}
CATEGORIES: dict[str, Callable[[np.random.Generator, int], Values]] = {
    "five": lambda draw, rows: draw.integers(0, 5, rows).astype(np.float64),
    "two": lambda draw, rows: (draw.random(rows) < 0.1).astype(np.float64),
    "a thousand": lambda draw, rows: np.minimum(draw.zipf(1.5, rows), 1_000).astype(np.float64),
}


def has_bins(metric: Metric) -> bool:
    """Return whether a metric has many values: rows beyond the other's extremes are mostly none."""
    return metric.basis in (Basis.POINTS, Basis.BINS, Basis.SMOOTHED)


def settled(**settings: object) -> ResolvedColumn:
    return resolve(Settings(**settings), ["x"])["x"]  # type: ignore[arg-type]


def numeric(values: Values) -> ColumnProfile:
    return from_array("x", pa.array(values), "numeric", None)


def categorical(values: Values) -> ColumnProfile:
    return from_array("x", pa.array(values.astype(int).astype(str)), "categorical", None)


def paired(sides: Sides, rules: ResolvedColumn) -> NumericPair | CategoricalPair:
    p, q = sides
    if isinstance(p.values, Categories) and isinstance(q.values, Categories):
        return pair_categories(p.values, q.values)
    return pair_numbers(p, q, rules)


def noises(sides: Sides, rules: ResolvedColumn) -> Iterator[tuple[Measured, Noise]]:
    pair = paired(sides, rules)
    noise = NoiseOfColumn(*sides, pair, rules)
    for measured in measure(*sides, pair, rules, METRICS):
        yield measured, noise.of(measured)


def by_metric(sides: Sides, rules: ResolvedColumn) -> dict[str, Noise]:
    return {measured.metric.name: noise for measured, noise in noises(sides, rules)}


def p_values(
    shape: Callable[[np.random.Generator, int], Values],
    profile: Callable[[Values], ColumnProfile],
    sizes: tuple[int, int],
    draws: int = DRAWS,
) -> dict[str, Values]:
    """Return the p-values of every metric over many pairs of samples of one population."""
    found: dict[str, list[float]] = {}
    for seed in range(draws):
        draw = np.random.default_rng(seed)
        sides = profile(shape(draw, sizes[0])), profile(shape(draw, sizes[1]))
        for measured, noise in noises(sides, settled()):
            found.setdefault(measured.metric.name, []).append(noise.p_value)
    return {name: np.array(each) for name, each in found.items()}


def check_never_too_small(found: dict[str, Values]) -> None:
    for metric, values in found.items():
        for level in (0.01, 0.05, 0.1):
            error = 3.5 * np.sqrt(level * (1 - level) / values.size)
            assert np.mean(values <= level) <= level + error, (metric, level)


class TestWithoutDrift:
    @pytest.mark.parametrize("shape", CONTINUOUS)
    def test_p_values_of_continuous_shapes_are_uniform(self, shape: str) -> None:
        found = p_values(CONTINUOUS[shape], numeric, SIZES)
        check_never_too_small(found)
        for metric, values in found.items():
            # The largest ratio of few counts has ties, which make its p-values larger.
            if has_bins(METRICS[metric]) and metric != "share_ratio":
                assert stats.kstest(values, "uniform").pvalue > LEAST_P, metric

    @pytest.mark.parametrize("sizes", [(50, 50), (40, 500)])
    @pytest.mark.parametrize("shape", DISCRETE)
    def test_p_values_of_discrete_numbers_are_never_too_small(
        self, shape: str, sizes: tuple[int, int]
    ) -> None:
        check_never_too_small(p_values(DISCRETE[shape], numeric, sizes, draws=800))

    @pytest.mark.parametrize("sizes", [(50, 50), (40, 500)])
    @pytest.mark.parametrize("shape", CATEGORIES)
    def test_p_values_of_categories_are_never_too_small(
        self, shape: str, sizes: tuple[int, int]
    ) -> None:
        check_never_too_small(p_values(CATEGORIES[shape], categorical, sizes, draws=800))

    def test_a_tiny_side_against_a_large_one_is_no_surprise(self) -> None:
        """Its values have bins of their own, which says nothing."""
        found = p_values(CONTINUOUS["normal"], numeric, (8, 400), draws=800)
        check_never_too_small(found)

    @pytest.mark.parametrize("metric", ["js_distance", "wasserstein", "kl", "ks"])
    def test_the_level_is_that_of_fresh_samples(self, metric: str) -> None:
        scores, levels = [], []
        for seed in range(400):
            draw = np.random.default_rng(seed)
            sides = numeric(draw.normal(size=300)), numeric(draw.normal(size=300))
            for measured, noise in noises(sides, settled()):
                if measured.metric.name == metric:
                    scores.append(measured.value)
                    levels.append(noise.level)
        assert 0.002 <= np.mean(np.array(scores) > np.array(levels)) <= 0.03
        assert np.median(levels) == pytest.approx(float(np.quantile(scores, 0.99)), rel=0.12)


class TestAllSplits:
    """Of ten rows there are 252 splits in halves: the p-value is the share that scores as high."""

    VALUES = np.array([0.0, 0.5, 0.9, 1.0, 1.7, 2.0, 2.2, 4.0, 7.0, 11.0])

    @pytest.mark.parametrize("metric", [each.name for each in METRICS.values() if has_bins(each)])
    @pytest.mark.parametrize("own", [(0, 1, 2, 3, 4), (0, 2, 4, 6, 8), (0, 1, 2, 5, 7)])
    def test_numbers(self, metric: str, own: tuple[int, ...]) -> None:
        rules = settled()
        splits: Iterator[tuple[int, ...]] = combinations(range(10), 5)
        exact = {chosen: self.score(metric, chosen, rules) for chosen in splits}
        expected = np.mean([score >= exact[own] - 1e-12 for score in exact.values()])
        sides = self.sides(own)
        found = by_metric(sides, rules)[metric]
        error = 4 * np.sqrt(expected * (1 - expected) / module.REPLICATES) + 1 / module.REPLICATES
        assert found.p_value == pytest.approx(expected, abs=error)

    def sides(self, own: tuple[int, ...]) -> Sides:
        rest = [at for at in range(10) if at not in own]
        return numeric(self.VALUES[list(own)]), numeric(self.VALUES[rest])

    def score(self, metric: str, own: tuple[int, ...], rules: ResolvedColumn) -> float:
        """Return the score in the column's unit, over the points and bins that noise goes by."""
        p = np.zeros(10, np.int64)
        p[list(own)] = 1
        q = 1 - p
        entry = METRICS[metric]
        if entry.basis is Basis.POINTS:
            return float(entry.function(Line.of(self.VALUES, p, q)))
        pseudo_count = rules.smoothing if entry.basis is Basis.SMOOTHED else 0.0
        shares = (bins.probabilities(side, pseudo_count) for side in (p, q))
        return float(entry.function(*shares))


class TestDeterminism:
    def test_the_same_data_has_the_same_noise(self) -> None:
        sides = [
            (numeric(draw.normal(size=90)), numeric(draw.normal(size=70)))
            for draw in (np.random.default_rng(3), np.random.default_rng(3))
        ]
        first, second = (by_metric(each, settled()) for each in sides)
        assert first == second

    def test_other_data_has_other_draws(self) -> None:
        """Shared draws would have the p-values of all columns err alike."""
        levels = {
            noise.level
            for seed in range(5)
            for measured, noise in noises(self.sample(seed), settled())
            if measured.metric.name == "ks"
        }
        assert len(levels) > 1

    def test_sums_over_bins_are_not_drawn(self) -> None:
        """Of as many rows in bins as large, the level is the same to the bit."""
        levels = {
            noise.level
            for seed in range(5)
            for measured, noise in noises(self.sample(seed), settled())
            if measured.metric.name == "js_distance"
        }
        assert len(levels) == 1

    def sample(self, seed: int) -> Sides:
        draw = np.random.default_rng(seed)
        return numeric(draw.normal(size=90)), numeric(draw.normal(size=90))


class TestEdges:
    def test_two_categories_have_exact_p_values(self) -> None:
        p = categorical(np.repeat([0.0, 1.0], [900, 100]))
        q = categorical(np.repeat([0.0, 1.0], [700, 300]))
        found = by_metric((p, q), settled())
        # More than two hundred hits are taken as they are.
        expected = stats.fisher_exact(np.array([[900, 100], [700, 300]])).pvalue
        assert found["tv"].p_value == pytest.approx(expected, rel=1e-6)
        assert found["js_distance"].p_value == pytest.approx(expected, rel=1e-6)

    def test_of_few_hits_they_are_taken_without_their_condition(self) -> None:
        p = categorical(np.repeat([0.0, 1.0], [300, 0]))
        q = categorical(np.repeat([0.0, 1.0], [291, 9]))
        fisher = stats.fisher_exact(np.array([[300, 0], [291, 9]])).pvalue
        found = by_metric((p, q), settled())["js_distance"].p_value
        assert found == pytest.approx(unconditional(fisher, 9, 300, 300))
        assert found < fisher / 2

    def test_missing_rows_are_judged_without_their_condition_too(self) -> None:
        p, q = numeric(np.arange(200.0)), numeric(np.arange(200.0))
        p, q = replace(p, rows=300, missing=2), replace(q, rows=300, missing=13)
        conditional = share_noise(2, 300, 13, 300).p_value
        found = by_metric((p, q), settled())["missing"].p_value
        assert found == unconditional(conditional, 15, 300, 300) < conditional

    def test_an_infinite_divergence_is_ranked_by_its_zeros(self) -> None:
        draw = np.random.default_rng(0)
        p, q = numeric(draw.normal(size=2_000)), numeric(draw.normal(3, 0.2, 2_000))
        found = {
            each.metric.name: (each.value, noise)
            for each, noise in noises((p, q), settled(smoothing=0.0))
        }
        value, noise = found["kl"]
        assert value == np.inf
        assert noise.p_value < 1e-12
        assert np.isfinite(noise.level)

    def test_a_constant_baseline_has_a_level_in_units_of_both_sides(self) -> None:
        p, q = numeric(np.zeros(50)), numeric(np.repeat([0.0, 1.0], [25, 25]))
        found = by_metric((p, q), settled())
        # Of 75 zeros and 25 ones, a side draws k ones: in all ways to part them, in pooled sd.
        k = np.arange(26)
        scores = np.abs(2 * k - 25) / 50 / np.sqrt(0.25 * 0.75)
        chances = stats.hypergeom(100, 25, 50).pmf(k)
        order = np.argsort(scores)
        at = np.searchsorted(np.cumsum(chances[order]), 0.99)
        assert found["wasserstein"].level == pytest.approx(scores[order][at], rel=1e-9)
        assert found["wasserstein"].p_value < 1e-6

    def test_of_two_constants_nothing_is_a_surprise(self) -> None:
        p, q = numeric(np.ones(50)), numeric(np.ones(70))
        for metric, noise in by_metric((p, q), settled()).items():
            assert noise.p_value == 1.0
            assert noise.level == 0.0 or metric in ("new", "lost")

    @pytest.mark.parametrize("binning", ["uniform", "baseline"])
    def test_other_bins_keep_p_values_honest(self, binning: str) -> None:
        found: dict[str, list[float]] = {}
        for seed in range(500):
            draw = np.random.default_rng(seed)
            sides = numeric(draw.lognormal(size=200)), numeric(draw.lognormal(size=300))
            for measured, noise in noises(sides, settled(binning=binning)):
                found.setdefault(measured.metric.name, []).append(noise.p_value)
        check_never_too_small({name: np.array(each) for name, each in found.items()})

    def test_splits_of_a_huge_pool_have_the_mean_and_spread_of_the_exact_ones(self) -> None:
        pooled = np.array([600_000_000, 300_000_000, 1_000, 500_000_000])
        size = 400_000_000
        drawn = module._normal_splits(pooled, size, 4_000, np.random.default_rng(0))
        share = size / pooled.sum()
        spread = np.sqrt(pooled * share * (1 - share) * (1 - pooled / pooled.sum()))
        np.testing.assert_allclose(drawn.mean(axis=0), pooled * share, rtol=1e-3)
        np.testing.assert_allclose(drawn.std(axis=0), spread, rtol=0.05)
        assert np.all(np.abs(drawn.sum(axis=1) - size) <= 4)
        assert np.all((drawn >= 0) & (drawn <= pooled))

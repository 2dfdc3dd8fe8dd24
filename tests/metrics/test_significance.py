"""Noise levels, p-values, their tails and their correction, against scipy and enumeration."""

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from driftcli.metrics import absences, divergence, shares, significance
from driftcli.metrics.absences import absence_noise, newcomer_chance
from driftcli.metrics.shares import (
    extremes_noise,
    hypergeometric,
    share_noise,
    unconditional,
)
from driftcli.metrics.significance import LEAST, adjusted, permutation_noise, weighted_noise

Values = NDArray[np.float64]


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


class TestHypergeometric:
    @given(
        p_rows=st.integers(1, 200),
        q_rows=st.integers(1, 200),
        share=st.floats(0, 1),
    )
    def test_it_is_scipys(self, p_rows: int, q_rows: int, share: float) -> None:
        hits = round(share * (p_rows + q_rows))
        outcomes, chances = hypergeometric(hits, p_rows, q_rows)
        expected = stats.hypergeom(p_rows + q_rows, p_rows, hits).pmf(outcomes)
        np.testing.assert_allclose(chances, expected, rtol=1e-9, atol=1e-290)
        assert chances.sum() == pytest.approx(1)

    def test_of_millions_of_rows_it_has_the_right_mean_and_spread(self) -> None:
        p_rows, q_rows, hits = 3_000_000_000, 1_000_000_000, 900_000_000
        outcomes, chances = hypergeometric(hits, p_rows, q_rows)
        rows = p_rows + q_rows
        mean = float(np.dot(outcomes, chances))
        assert mean == pytest.approx(hits * p_rows / rows, rel=1e-9)
        variance = hits * p_rows * q_rows * (rows - hits) / (rows**2 * (rows - 1))
        spread = math.sqrt(float(np.dot(np.square(outcomes - mean), chances)))
        assert spread == pytest.approx(math.sqrt(variance), rel=1e-6)
        assert outcomes.size <= 10_002


class TestShareNoise:
    @given(
        p_rows=st.integers(1, 60),
        q_rows=st.integers(1, 60),
        data=st.data(),
    )
    def test_the_p_value_sums_the_outcomes_that_differ_as_much(
        self, p_rows: int, q_rows: int, data: st.DataObject
    ) -> None:
        p_hits = data.draw(st.integers(0, p_rows))
        q_hits = data.draw(st.integers(0, q_rows))
        law = stats.hypergeom(p_rows + q_rows, p_rows, p_hits + q_hits)
        score = abs(p_hits / p_rows - q_hits / q_rows)
        outcomes = range(max(0, p_hits + q_hits - q_rows), min(p_rows, p_hits + q_hits) + 1)
        expected = sum(
            float(law.pmf(x))
            for x in outcomes
            if abs(x / p_rows - (p_hits + q_hits - x) / q_rows) >= score - 1e-12
        )
        found = share_noise(p_hits, p_rows, q_hits, q_rows)
        assert found.p_value == pytest.approx(min(1.0, expected))

    def test_of_equal_sides_it_is_fishers_exact_test(self) -> None:
        found = share_noise(12, 400, 31, 400)
        expected = stats.fisher_exact(np.array([[12, 388], [31, 369]])).pvalue
        assert found.p_value == pytest.approx(expected)

    def test_without_hits_there_is_no_noise(self) -> None:
        assert share_noise(0, 50, 0, 70) == (0.0, 1.0)
        assert share_noise(50, 50, 70, 70) == (0.0, 1.0)

    def test_the_level_is_reached_in_one_of_a_hundred_splits_at_most(self) -> None:
        level = share_noise(20, 1000, 20, 1000).level
        hits = generator().hypergeometric(40, 1960, 1000, 20_000)
        scores = np.abs(hits - (40 - hits)) / 1000
        assert np.mean(scores > level) <= 0.01
        assert np.mean(scores >= level) > 0.01

    def test_a_great_difference_has_the_least_p_value(self) -> None:
        assert share_noise(0, 100_000, 100_000, 100_000).p_value == LEAST


class TestPermutationNoise:
    def test_the_p_value_counts_what_reaches_the_score_and_itself(self) -> None:
        replicates = np.arange(1.0, 400.0)
        assert permutation_noise(390.0, replicates).p_value == pytest.approx(11 / 400)
        assert permutation_noise(0.0, replicates).p_value == 1.0

    def test_the_level_is_the_99th_percentile(self) -> None:
        replicates = generator().permutation(np.arange(1.0, 1001.0))
        expected = float(np.quantile(replicates, 0.99, method="higher"))
        assert permutation_noise(0.0, replicates).level == expected

    def test_rounding_does_not_part_ties(self) -> None:
        replicates = np.full(256, 0.3)
        assert permutation_noise(0.1 + 0.2, replicates).p_value == 1.0

    @pytest.mark.parametrize("shape", ["exponential", "chi-square", "half normal"])
    def test_the_tail_errs_towards_larger_p_values(self, shape: str) -> None:
        law = {
            "exponential": stats.expon(),
            "chi-square": stats.chi2(19),
            "half normal": stats.halfnorm(),
        }[shape]
        found = [
            permutation_noise(
                float(law.isf(1e-5)), law.rvs(256, random_state=generator(seed))
            ).p_value
            for seed in range(200)
        ]
        assert np.median(found) >= 1e-5
        assert np.quantile(found, 0.1) >= 1e-6
        assert np.median(found) <= 1e-3

    def test_what_is_far_away_has_a_p_value_far_below_one_replicate(self) -> None:
        replicates = generator().exponential(size=256)
        assert permutation_noise(60.0, replicates).p_value < 1e-10
        assert permutation_noise(1e9, replicates).p_value < 1e-100

    def test_of_roots_the_squares_have_the_tail(self) -> None:
        """Of a chi distribution the tail of the roots errs by 7 times at 1e-4, of squares less."""
        law = stats.chi2(19)
        score = float(law.isf(1e-4))
        found: dict[bool, list[float]] = {True: [], False: []}
        for seed in range(200):
            roots = np.sqrt(law.rvs(256, random_state=generator(seed)))
            for rooted, each in found.items():
                noise = permutation_noise(math.sqrt(score), roots, rooted=rooted)
                each.append(noise.p_value)
        assert 1e-4 <= np.median(found[True]) <= 5.5e-4 < np.median(found[False])

    def test_scores_whose_squares_pass_the_largest_float_have_a_tail(self) -> None:
        replicates = 1e300 * generator().exponential(size=256)
        assert permutation_noise(1e302, replicates, rooted=True).p_value < 1e-10

    @pytest.mark.parametrize("score", [2.0, math.inf])
    def test_without_a_tail_to_fit_it_is_one_in_the_replicates(self, score: float) -> None:
        assert permutation_noise(score, np.ones(256)).p_value == 1 / 257

    def test_infinite_replicates_count(self) -> None:
        replicates = np.append(np.ones(250), np.full(6, math.inf))
        assert permutation_noise(math.inf, replicates) == (math.inf, 7 / 257)

    def test_few_replicates_have_students_tail(self) -> None:
        replicates = np.square(generator().normal(10.0, 1.0, 32))
        roots = np.sqrt(replicates)
        t = (14.0 - roots.mean()) / (roots.std(ddof=1) * math.sqrt(1 + 1 / 32))
        expected = stats.t(31).sf(t)
        found = permutation_noise(14.0**2, replicates)
        assert found.p_value == pytest.approx(expected, rel=0.02)
        level = (roots.mean() + stats.norm.isf(0.01) * roots.std(ddof=1)) ** 2
        assert found.level == pytest.approx(level, rel=1e-4)


class TestWeightedNoise:
    def test_the_level_and_the_p_value_go_by_the_chances(self) -> None:
        scores, chances = np.array([0.3, 0.0, 0.2, 0.1]), np.array([0.004, 0.9, 0.016, 0.08])
        found = weighted_noise(0.2, scores, chances)
        assert found.level == 0.2
        assert found.p_value == pytest.approx(0.02)
        assert weighted_noise(0.3, scores, chances).p_value == pytest.approx(0.004)


class TestExtremesNoise:
    @pytest.mark.parametrize(("inner", "outer"), [(100, 100), (40, 400), (400, 40)])
    def test_it_is_the_chance_of_rows_beyond_the_others_extremes(
        self, inner: int, outer: int
    ) -> None:
        counts = np.empty(5_000, np.int64)
        for repeat in range(counts.size):
            sides = generator(repeat).permutation(inner + outer) < inner
            own = np.flatnonzero(sides)
            counts[repeat] = own[0] + (inner + outer - 1 - own[-1])
        for rows in (1, 2, 4, 8):
            found = extremes_noise(rows / outer, inner, outer).p_value
            error = 4 * math.sqrt(found * (1 - found) / counts.size) + 1e-3
            # Drawn without replacement, far runs are a little rarer: never is it too small.
            assert found >= np.mean(counts >= rows) - error
            assert found <= np.mean(counts >= rows) + error + 0.03

    def test_no_rows_beyond_are_no_surprise(self) -> None:
        assert extremes_noise(0.0, 100, 100).p_value == 1.0


def lacking_shares(pooled: list[int], inner: int) -> list[tuple[tuple[int, ...], float]]:
    """Return for every split the share of the outer side in categories the inner lacks.

    By the inner side's rows of each category.
    """
    labels = np.repeat(np.arange(len(pooled)), pooled)
    outer = labels.size - inner
    found = []
    for chosen in combinations(range(labels.size), inner):
        counts = np.bincount(labels[list(chosen)], minlength=len(pooled))
        found.append((tuple(counts), np.array(pooled)[counts == 0].sum() / outer))
    return found


def noise_of(inner: tuple[int, ...], pooled: list[int]) -> significance.Noise:
    own = np.array(inner)
    return absence_noise(own, np.array(pooled) - own, generator, 2_000)


class TestAbsenceNoise:
    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("pooled", "inner"),
        # In the last, one category has exactly the rows of the other side.
        [([1, 1, 2, 2, 3, 5], 7), ([9, 3, 1], 6), ([2] * 6, 5), ([6, 3, 3], 6)],
    )
    def test_the_p_value_is_never_far_below_that_of_all_splits(
        self, pooled: list[int], inner: int
    ) -> None:
        splits = lacking_shares(pooled, inner)
        shares = np.array([share for _, share in splits])
        p_values = {counts: noise_of(counts, pooled).p_value for counts, _ in splits}
        for level in (0.01, 0.05, 0.1, 0.2, 0.5):
            assert np.mean([p_values[counts] <= level for counts, _ in splits]) <= level + 0.01
        for counts, share in splits:
            # A fifth of the level is for the rows of all that are lacked.
            assert p_values[counts] <= 5 * (3.06 * np.mean(shares >= share - 1e-12) + 0.018)

    def test_a_single_absence_has_its_chance_without_a_condition(self) -> None:
        found = noise_of((500, 500, 0), [1_000, 970, 30])
        # The two that both sides have are never lacked.
        chance = (1 - 30 / 2_000) ** 1_000 * float(stats.poisson(15).sf(29))
        assert found.p_value == pytest.approx(chance / 0.8, rel=0.05)
        assert found.level == 0.0

    def test_ten_rows_of_a_thousand_that_are_new_have_a_known_chance(self) -> None:
        """0 against 10 of 1,000 rows each: 0.995 ** 1000 · P(Poisson(5) ≥ 10) / 0.8."""
        found = noise_of((490, 510, 0), [1_000, 990, 10])
        assert found.p_value == pytest.approx(2.65e-4, rel=0.02)

    def test_rare_newcomers_do_not_hide_a_common_one(self) -> None:
        inner = np.append(np.repeat([0, 1, 2], [700, 1_300, 700]), 0)
        outer = np.append(np.repeat([2, 1, 0], [700, 1_300, 700]), 0)
        usual = absence_noise(inner, outer, generator, 256).p_value
        inner[-1], outer[-1] = 0, 40
        assert usual > 0.001
        assert absence_noise(inner, outer, generator, 256).p_value < 1e-6

    def test_a_category_that_holds_exactly_the_other_sides_rows_can_be_absent(self) -> None:
        """Of the 252 ways to part 5 and 5 rows, one leaves all of the category out."""
        found = noise_of((5, 0), [5, 5])
        assert 1 / 252 <= found.p_value <= 5 * 3.06 / 252 + 0.02

    def test_what_cannot_be_absent_has_the_least_p_value(self) -> None:
        assert noise_of((5_000, 0), [5_000, 5_000]).p_value == LEAST

    def test_the_level_is_that_of_random_splits(self) -> None:
        pooled = np.full(2_000, 3)
        half = np.tile([1, 2], 1_000)
        level = absence_noise(half, pooled - half, generator, 2_000).level
        drawn = generator(1).multivariate_hypergeometric(pooled, 3_000, 2_000, method="marginals")
        shares = (drawn == 0) @ pooled / 3_000
        assert level == pytest.approx(float(np.quantile(shares, 0.99)), rel=0.05)

    def test_no_more_than_all_rows_are_absent(self) -> None:
        assert noise_of((1, 1, 0, 0, 0), [1, 1, 1, 1, 1]).level <= 1


class TestNewcomerChance:
    @pytest.mark.parametrize("rows", [5, 12, 40])
    @pytest.mark.parametrize("sizes", [(1_000, 1_000), (300, 2_000), (2_000, 300)])
    def test_it_is_the_sum_over_the_categories(self, rows: int, sizes: tuple[int, int]) -> None:
        counts = np.array([1, 4, 9, 20, 60, sum(sizes) - 94])
        theta = counts / sum(sizes)
        expected = (1 - theta) ** sizes[0] * stats.poisson(sizes[1] * theta).sf(rows - 1)
        found = newcomer_chance(rows, counts, np.ones(6, int), sizes)
        # Far out Wilson and Hilferty err towards larger ones.
        assert 0.9 * expected.sum() <= found <= 1.2 * expected.sum() + 1e-5

    @pytest.mark.slow
    @pytest.mark.parametrize("shares", ["Zipf", "twenty of 0.5 %", "geometric"])
    def test_without_drift_it_is_small_no_more_often_than_it_says(self, shares: str) -> None:
        weights = {
            "Zipf": 1 / np.arange(1, 301),
            "twenty of 0.5 %": np.append(np.full(20, 0.005), 0.9),
            "geometric": 0.7 ** np.arange(40),
        }[shares]
        draw = generator(5)
        found = []
        for _ in range(3_000):
            p, q = draw.multinomial(1_000, weights / weights.sum(), 2)
            lacked = int(q[p == 0].max(initial=0))
            pooled, many = np.unique((p + q)[p + q > 0], return_counts=True)
            found.append(newcomer_chance(lacked, pooled, many, (1_000, 1_000)))
        for level in (0.002, 0.01, 0.05):
            error = 3.5 * math.sqrt(level * (1 - level) / len(found))
            # Times 0.8, its part of the level.
            assert np.mean(np.array(found) / 0.8 <= level) <= level + error

    def test_fewer_than_five_rows_are_no_sign(self) -> None:
        assert newcomer_chance(4, np.array([4, 996]), np.ones(2, int), (500, 500)) == 1

    def test_categories_as_large_as_all_rows_are_taken(self) -> None:
        assert newcomer_chance(5, np.array([10]), np.ones(1, int), (5, 5)) == 0


def all_data(p_rows: int, q_rows: int, share: float) -> list[tuple[float, float]]:
    """Return for all data the unconditional p-value, and the chance of it at a share of hits."""
    found = []
    p_law, q_law = stats.binom(p_rows, share), stats.binom(q_rows, share)
    for p_hits in range(p_rows + 1):
        for q_hits in range(q_rows + 1):
            chance = float(p_law.pmf(p_hits) * q_law.pmf(q_hits))
            conditional = share_noise(p_hits, p_rows, q_hits, q_rows).p_value
            found.append((unconditional(conditional, p_hits + q_hits, p_rows, q_rows), chance))
    return found


class TestUnconditional:
    @pytest.mark.parametrize("hits", [(0, 9), (1, 12), (2, 17), (195, 180)])
    @pytest.mark.parametrize("rows", [(200, 200), (200, 320)])
    def test_it_is_the_sum_over_all_numbers_of_hits(
        self, hits: tuple[int, int], rows: tuple[int, int]
    ) -> None:
        p_value = share_noise(hits[0], rows[0], hits[1], rows[1]).p_value
        total, every = sum(hits), sum(rows)
        expected = 0.0
        for g in range(every + 1):
            if (chance := float(stats.binom(every, total / every).pmf(g))) > 1e-12:
                x = np.arange(max(0, g - rows[1]), min(g, rows[0]) + 1)
                law = stats.hypergeom(every, rows[0], g).pmf(x)
                apart = np.abs(x * every - g * rows[0])
                attainable = [float(law[apart >= each].sum()) for each in apart]
                small = (each for each in attainable if each <= p_value * (1 + 1e-9))
                expected += chance * max(small, default=0.0)
        found = unconditional(p_value, total, *rows)
        if p_value > 0.05:
            assert found == p_value
        else:
            assert found == pytest.approx(expected, rel=1e-6)
            assert found < p_value

    @pytest.mark.slow
    @pytest.mark.parametrize("share", [0.01, 0.03, 0.1])
    @pytest.mark.parametrize("rows", [(60, 60), (40, 110)])
    def test_its_level_is_held_by_enumeration(self, share: float, rows: tuple[int, int]) -> None:
        found = all_data(*rows, share)
        for level in (0.001, 0.01, 0.03):
            assert sum(chance for p, chance in found if p <= level) <= 1.05 * level

    @given(
        p_rows=st.integers(1, 10**6),
        q_rows=st.integers(1, 10**6),
        p_hits=st.integers(0, 120),
        q_hits=st.integers(0, 120),
    )
    def test_of_any_rows_it_is_a_p_value(
        self, p_rows: int, q_rows: int, p_hits: int, q_hits: int
    ) -> None:
        p_hits, q_hits = min(p_hits, p_rows), min(q_hits, q_rows)
        conditional = share_noise(p_hits, p_rows, q_hits, q_rows).p_value
        assert 0 < unconditional(conditional, p_hits + q_hits, p_rows, q_rows) <= 1

    def test_many_hits_and_large_p_values_stay_as_they_are(self) -> None:
        assert unconditional(0.01, 201, 1_000, 1_000) == 0.01
        assert unconditional(0.06, 20, 1_000, 1_000) == 0.06
        assert unconditional(1.0, 0, 10, 10) == 1.0

    def test_hits_and_others_are_alike(self) -> None:
        assert unconditional(0.01, 12, 90, 70) == pytest.approx(unconditional(0.01, 148, 90, 70))

    def test_the_least_p_value_is_kept(self) -> None:
        assert unconditional(LEAST, 150, 10**9, 10**9) >= LEAST


def test_a_harmonic_mean_is_near_the_smallest_times_their_number() -> None:
    assert significance.harmonic_mean([0.2]) == pytest.approx(0.2)
    assert significance.harmonic_mean([0.01, 0.01, 0.01]) == pytest.approx(0.01)
    assert significance.harmonic_mean([1e-9, 1.0, 1.0]) == pytest.approx(3e-9)
    assert significance.harmonic_mean([LEAST, LEAST]) == pytest.approx(LEAST)
    assert significance.harmonic_mean([1.0, 1.0]) == 1.0


P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=30).map(np.array)


class TestAdjusted:
    @given(p_values=P_VALUES)
    def test_bh_is_scipys(self, p_values: Values) -> None:
        expected = stats.false_discovery_control(p_values, method="bh")
        np.testing.assert_allclose(adjusted(p_values, "bh"), expected, rtol=1e-12)

    @given(p_values=P_VALUES)
    def test_holm_steps_down(self, p_values: Values) -> None:
        order = np.argsort(p_values, kind="stable")
        expected = np.empty(p_values.size)
        highest = 0.0
        for rank, at in enumerate(order):
            highest = max(highest, min(1.0, (p_values.size - rank) * p_values[at]))
            expected[at] = highest
        np.testing.assert_allclose(adjusted(p_values, "holm"), expected, rtol=1e-12)

    @given(p_values=P_VALUES)
    def test_none_leaves_them_as_they_are(self, p_values: Values) -> None:
        assert adjusted(p_values, "none") is p_values

    @given(p_values=P_VALUES)
    def test_each_correction_is_at_least_as_large_and_keeps_the_order(
        self, p_values: Values
    ) -> None:
        for correction in ("bh", "holm"):
            found = adjusted(p_values, correction)
            assert np.all(found >= p_values * (1 - 1e-12))
            assert np.all(np.diff(found[np.argsort(p_values, kind="stable")]) >= 0)

    def test_none_at_all(self) -> None:
        for correction in ("bh", "holm", "none"):
            assert adjusted(np.empty(0), correction).size == 0


@pytest.mark.parametrize("sizes", [(200, 200), (60, 400)])
@pytest.mark.parametrize("ratio", [1.5, 3.0, 8.0])
def test_the_noise_of_a_ratio_bounds_what_all_splits_give(sizes, ratio):
    # Two bins: every split of the pooled rows, by scipy.
    pooled = np.array([30, sum(sizes) - 30])
    x = np.arange(31)
    chances = stats.hypergeom(sum(sizes), 30, sizes[0]).pmf(x)
    sides = zip((x, 30 - x), sizes, strict=True)
    p, q = (np.stack([part, size - part], axis=1) + 0.5 for part, size in sides)
    of_bins = p / p.sum(axis=1, keepdims=True), q / q.sum(axis=1, keepdims=True)
    scores = divergence.share_ratio(*of_bins)
    found = shares.ratio_noise(ratio, pooled, sizes, 0.5)
    truth = chances[scores >= ratio].sum()
    assert truth <= found.p_value <= min(1.0, 100 * truth + 1e-12)
    order = np.argsort(scores)
    level = scores[order][np.searchsorted(np.cumsum(chances[order]), 0.99)]
    assert level <= found.level * (1 + 1e-9) <= 2.5 * level


def test_a_ratio_without_end_has_the_least_chance_of_all():
    pooled, sizes = np.array([40, 360]), (200, 200)
    assert 0 < shares.ratio_noise(np.inf, pooled, sizes, 0.0).p_value < 1e-8
    assert shares.ratio_noise(0.0, pooled, sizes, 0.5).p_value == 1


@pytest.mark.parametrize("rows", [1, 3, 10, 40])
def test_the_largest_category_that_is_lacked_has_a_bound(rows):
    found = absences.largest_absence(rows, 500, 1_500)
    lacked = stats.hypergeom(1_500, rows, 500).pmf(0)
    assert found == pytest.approx(min(1.0, 1_500 / rows * lacked))
    assert absences.largest_absence(0, 500, 1_500) == 1


@pytest.mark.parametrize(("sizes", "beyond"), [((600, 600), 8), ((300, 900), 4), ((900, 300), 15)])
def test_rows_at_an_end_that_are_all_one_sides_have_a_bound(sizes, beyond):
    p, q = np.zeros(40, np.int64), np.zeros(40, np.int64)
    p[5:30], q[5:30] = sizes[0] // 25, sizes[1] // 25
    q[30 + beyond % 7] = beyond
    expected = 4 * stats.hypergeom(p.sum() + q.sum(), beyond, p.sum()).pmf(0)
    for first, second in ((p, q), (q, p), (p[::-1], q[::-1])):
        assert absences.end_chance(first, second) == pytest.approx(min(1.0, expected))


def test_rows_at_an_end_are_one_sides_no_more_often_than_the_bound_says():
    rng = np.random.default_rng(17)
    found = []
    for _ in range(4_000):
        sides = rng.integers(0, 2, 300)
        found.append(absences.end_chance(1 - sides, sides))
    for level in (0.1, 0.03, 0.01):
        assert np.mean(np.array(found) <= level) <= level + 3 * np.sqrt(level / 4_000)


def test_bounds_of_single_splits_hold():
    parts, pooled = np.array([0, 3, 12, 30]), np.array([20, 20, 20, 40])
    found = shares.split_bounds(parts, pooled, 0.5)
    for part, rows, bound in zip(parts, pooled, found, strict=True):
        truth = stats.binomtest(int(part), int(rows), 0.5).pvalue
        assert truth <= bound + 1e-12

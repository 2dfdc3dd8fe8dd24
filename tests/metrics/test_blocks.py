"""Noise of rows that move together, against scipy, against simulated days, and its laws."""

import math
import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from driftcli.metrics import blocks as blocks_module
from driftcli.metrics.among_others import noise_among, share_noise_among, student_quantile
from driftcli.metrics.bins import probabilities
from driftcli.metrics.block_deals import Sides, dealt, effect_between
from driftcli.metrics.block_deals import freedom as freedom_of
from driftcli.metrics.block_differences import design_effect, pairs_differ
from driftcli.metrics.blocks import (
    Deals,
    Thinned,
    noise_by_blocks,
    normal_deviate,
    p_value_of_one,
    share_noise_by_blocks,
    some_differ,
)
from driftcli.metrics.divergence import js_distance, js_divergence

CELLS = 12


def distance(p, q):
    return js_distance(probabilities(p), probabilities(q))


def divergence(p, q):
    return js_divergence(probabilities(p), probabilities(q))


def days(rng, number, *, rows=400, moved=0.2, cells=CELLS, shift=0.0):
    """Return the rows of days in equal cells of a normal column whose mean moves day by day."""
    edges = stats.norm.ppf(np.arange(1, cells) / cells)
    means = rng.normal(shift, moved, number)
    below = stats.norm.cdf((edges - means[:, None]) / math.sqrt(1 - moved**2))
    shares = np.diff(np.column_stack([np.zeros(number), below, np.ones(number)]))
    return np.array([rng.multinomial(rows, each) for each in shares], float)


def rates(p_values):
    return [float(np.mean(np.array(p_values) <= level)) for level in (0.05, 0.01)]


class TestLevels:
    @pytest.mark.parametrize(("before", "after"), [(7, 7), (14, 14), (28, 7)])
    def test_days_that_differ_by_chance_are_no_drift(self, before, after):
        found = []
        for seed in range(600):
            rng = np.random.default_rng([before, after, seed])
            p, q = days(rng, before), days(rng, after)
            found.append(noise_by_blocks(distance, p, q, squared=False).p_value)
        twentieth, hundredth = rates(found)
        assert 0.02 <= twentieth <= 0.08
        assert hundredth <= 0.025

    def test_one_night_of_many_is_no_drift(self):
        found = []
        for seed in range(1_000):
            rng = np.random.default_rng([28, 1, seed])
            p, q = days(rng, 28), days(rng, 1)
            found.append(noise_by_blocks(distance, p, q, squared=False).p_value)
        twentieth, hundredth = rates(found)
        assert twentieth <= 0.09
        assert hundredth <= 0.03

    def test_sparse_cells_of_days_are_no_drift(self):
        """Of 400 names a few rows each come on a day, more of some and fewer of others."""
        found = []
        for seed in range(200):
            rng = np.random.default_rng([400, seed])
            rows = rng.poisson(rng.gamma(1.5, 1.0 / 1.5, (28, 400))).astype(float)
            found.append(noise_by_blocks(distance, rows[:14], rows[14:], squared=False).p_value)
        twentieth, hundredth = rates(found)
        assert twentieth <= 0.08
        assert hundredth <= 0.025

    @pytest.mark.parametrize("number", [1, 7])
    def test_shares_that_differ_by_days_are_no_drift(self, number):
        found = []
        for seed in range(1_000):
            rng = np.random.default_rng([number, 7, seed])
            hits = rng.binomial(1_000, rng.beta(1, 49, 28 + number)).astype(float)
            rows = np.stack([hits, 1_000 - hits], axis=1)
            found.append(share_noise_by_blocks(rows[:28], rows[28:]).p_value)
        twentieth, hundredth = rates(found)
        assert twentieth <= 0.08
        assert hundredth <= 0.03

    @pytest.mark.parametrize("moved", [0.1, 0.2, 0.4])
    def test_few_rows_of_each_day_tell_how_far_days_lie_apart(self, moved):
        """The level of all 20,000 rows a day from 120 of each, which differ by chance as well."""
        kept, share, drawn = [], 120 / 20_000, []
        for seed in range(20):
            rng = np.random.default_rng([120, seed])
            sides = [days(rng, 14, rows=20_000, moved=moved) for _ in range(2)]
            few = [
                np.array([rng.multivariate_hypergeometric(day.astype(int), 120) for day in side])
                for side in sides
            ]
            p, q = (each.astype(float) for each in few)
            apart = math.sqrt((design_effect(p, q) - 1 + share) / design_effect(p, q))
            observed = float(distance(*(side.sum(axis=0) for side in sides)))
            known = Thinned(observed, apart, apart)
            drawn.append(noise_by_blocks(distance, p, q, squared=False, thinned=known).level)
            kept.append(noise_by_blocks(distance, *sides, squared=False).level)
        assert 1 <= np.mean(drawn) / np.mean(kept) <= 1.6


class TestPower:
    def test_a_change_between_the_sides_is_no_difference_of_days(self):
        """Days as they are would take it for one: residuals are about the mean of their side."""
        rng = np.random.default_rng(1)
        p, q = days(rng, 14, moved=0.1), days(rng, 14, moved=0.1, shift=0.4)
        noise = noise_by_blocks(distance, p, q, squared=False)
        assert distance(p.sum(axis=0), q.sum(axis=0)) > 2 * noise.level
        assert noise.p_value < 1e-4

    def test_one_night_far_from_all_others(self):
        rng = np.random.default_rng(2)
        p, q = days(rng, 28, moved=0.1), days(rng, 1, moved=0.1, shift=1.0)
        assert noise_by_blocks(distance, p, q, squared=False).p_value < 1e-3

    def test_a_share_that_was_nothing_on_all_days(self):
        p, q = np.array([[0.0, 900.0]] * 28), np.array([[45.0, 855.0]])
        assert share_noise_by_blocks(p, q).p_value <= 1e-200

    def test_fewer_rows_than_usual_in_new_names_are_no_change(self):
        p, q = np.array([[9.0, 991.0], [12.0, 988.0]] * 8), np.array([[0.0, 1_000.0]])
        assert share_noise_by_blocks(p, q, both=False).p_value == 1
        assert share_noise_by_blocks(p, q).p_value < 1e-3


class TestFormula:
    def test_residuals_are_of_their_own_side_and_made_up_for_its_mean(self):
        """By the book, cell by cell."""
        rng = np.random.default_rng(3)
        p, q = days(rng, 6, rows=5_000), days(rng, 5, rows=4_000, shift=0.3)
        parts, others = dealt(Sides(p, q), np.random.default_rng(0), deals=40).rows()
        pooled = (p.sum(axis=0) + q.sum(axis=0)) / (p.sum() + q.sum())
        blocks = []
        for side in (p, q):
            mean = side.sum(axis=0) / side.sum()
            for block in side:
                residual = (block / block.sum() - mean) / math.sqrt(1 - block.sum() / side.sum())
                blocks.append(block.sum() * (pooled + residual))
        total = np.sum(blocks, axis=0)
        sums = [
            np.sum([blocks[i] for i in range(11) if mask >> i & 1], axis=0)
            for mask in range(1 << 11)
            if mask.bit_count() == 6
        ]
        for part, other in zip(parts, others, strict=True):
            assert np.min(np.abs(np.array(sums) - part).max(axis=1)) < 1e-6
            np.testing.assert_allclose(part + other, total)

    def test_one_block_is_measured_by_the_others_one_by_one(self):
        rng = np.random.default_rng(4)
        p, q = days(rng, 10), days(rng, 1, shift=0.4)
        logs = [math.log(distance(np.delete(p, at, axis=0).sum(axis=0), p[at])) for at in range(10)]
        value = math.log(distance(p.sum(axis=0), q[0]))
        spread = np.std(logs, ddof=1) * math.sqrt(1.1)
        noise = noise_by_blocks(distance, p, q, squared=False)
        # Their tail is that of 30 degrees of freedom, but for what ten of them tell of it.
        above = [each - np.median(logs) for each in logs if each >= np.median(logs)]
        seen = stats.moment(above, 4, center=0) / stats.moment(above, 2, center=0) ** 2 - 3
        freedom = 4 + 6 / ((10 * seen + 100 * 6 / 26) / 110)
        tail = stats.t(1 / (1 / 9 + 1 / freedom))
        assert noise.p_value == pytest.approx(tail.sf((value - np.mean(logs)) / spread), rel=0.02)
        assert math.log(noise.level) == pytest.approx(
            np.mean(logs) + tail.ppf(0.99) * spread, rel=0.01
        )

    @pytest.mark.parametrize(
        ("law", "least", "most"), [(stats.norm(), 0, 3e-6), (stats.t(5), 1e-4, 0.1)]
    )
    def test_many_blocks_tell_their_own_tail(self, law, least, most):
        """Of 364 what is far in a normal tail is nothing in a heavy one."""
        logs = law.ppf((np.arange(364) + 0.5) / 364)
        shares = 1 / (1 + np.exp(4 - 0.2 * logs))
        rows = np.rint(1e6 * np.stack([shares, 1 - shares], axis=1))
        far = 1 / (1 + math.exp(4 - 0.2 * 5 * logs.std()))
        noise = share_noise_by_blocks(rows, np.array([[far * 1e6, (1 - far) * 1e6]]))
        assert least <= noise.p_value <= most

    @pytest.mark.parametrize("freedom", [4, 6, 12, 27, 400])
    def test_quantiles_of_student(self, freedom):
        assert student_quantile(freedom) == pytest.approx(stats.t.ppf(0.99, freedom), rel=0.012)

    @pytest.mark.parametrize("p_value", [0.5, 0.05, 1e-3, 1e-12, 1e-200])
    def test_normal_deviates(self, p_value):
        assert normal_deviate(p_value) == pytest.approx(stats.norm.isf(p_value), abs=1e-6)

    def test_the_design_effect_is_chi_square_over_its_degrees_of_freedom(self):
        rng = np.random.default_rng(5)
        p, q = days(rng, 9), days(rng, 4, shift=2.0)
        tests = [stats.chi2_contingency(side) for side in (p, q)]
        expected = sum(each.statistic for each in tests) / sum(each.dof for each in tests)
        assert design_effect(p, q) >= expected > 2

    def test_what_moves_in_one_direction_is_seen_by_mean_ranks(self):
        """Of twenty cells it is little: by Kruskal and Wallis it is much, and as they have it."""
        rng = np.random.default_rng(6)
        p = days(rng, 20, rows=100, moved=0.13, cells=20)
        q = days(rng, 20, rows=100, moved=0.13, cells=20)
        tests = [
            stats.kruskal(*(np.repeat(np.arange(20), day.astype(int)) for day in side))
            for side in (p, q)
        ]
        expected = sum(each.statistic for each in tests) / 38
        assert design_effect(p, q) == pytest.approx(expected, rel=0.01)
        assert expected > 2

    def test_days_of_independent_rows_do_not_differ(self):
        effects = []
        for seed in range(300):
            rng = np.random.default_rng(seed)
            rows = rng.multinomial(300, np.full(CELLS, 1 / CELLS), 20).astype(float)
            effects.append(design_effect(rows[:10], rows[10:]))
        assert np.mean(np.array(effects) == 1) >= 0.85
        assert max(effects) < 3

    @pytest.mark.parametrize(("before", "after"), [(1, 1), (2, 2), (4, 1), (1, 4)])
    def test_too_few_blocks_tell_nothing(self, before, after):
        rng = np.random.default_rng(6)
        p, q = days(rng, before), days(rng, after)
        assert noise_by_blocks(distance, p, q, squared=False) is None
        shares = [np.stack([side[:, 0], side[:, 1:].sum(axis=1)], axis=1) for side in (p, q)]
        assert share_noise_by_blocks(*shares) is None


class TestEntities:
    """Customers are not alike in size, and come again."""

    @staticmethod
    def customers(rng, means, *, rows=4_000, icc=0.05, exponent=1.5):
        edges = stats.norm.ppf(np.arange(1, 20) / 20)
        below = stats.norm.cdf((edges - means[:, None] * icc**0.5) / (1 - icc) ** 0.5)
        shares = np.diff(np.column_stack([np.zeros(len(means)), below, np.ones(len(means))]))
        weights = np.arange(1, len(means) + 1) ** -exponent
        sizes = rng.multinomial(rows, weights / weights.sum())
        return np.array([rng.multinomial(*each) for each in zip(sizes, shares, strict=True)], float)

    def test_one_with_four_rows_of_ten_does_not_prove_a_change(self):
        alarms = 0
        for seed in range(200):
            rng = np.random.default_rng([15, seed])
            p, q = (self.customers(rng, rng.normal(size=100)) for _ in range(2))
            p, q = (side[side.any(axis=1)] for side in (p, q))
            alarms += noise_by_blocks(distance, p, q, squared=False).p_value <= 0.001
        assert alarms <= 2

    def test_what_chance_makes_in_many_cells_does_not_make_a_heavy_one_known(self):
        """Of a difference of means, which has one direction of nineteen."""
        found = []
        for seed in range(20):
            rng = np.random.default_rng([19, seed])
            sides = [
                self.customers(rng, rng.normal(size=100), rows=10_000, icc=0.01) for _ in range(2)
            ]
            found.append(freedom_of(Sides(*(side[side.any(axis=1)] for side in sides))))
        assert max(found) < 3

    def test_what_customers_always_do_is_no_noise(self):
        rng = np.random.default_rng(16)
        means = rng.normal(size=100)
        p, q = (self.customers(rng, means, icc=0.3, exponent=0.5) for _ in range(2))
        assert p.any(axis=1).all()
        assert q.any(axis=1).all()
        apart, same = (
            noise_by_blocks(distance, p, q, squared=False, shared=shared) for shared in (0, 100)
        )
        assert same.level < 0.7 * apart.level
        assert effect_between(Sides(p, q, 100)) < 2
        assert effect_between(Sides(p, q)) > 6

    def test_customers_who_come_again_and_change_are_noise(self):
        levels = []
        for changing in (False, True):
            rng = np.random.default_rng(17)
            means = rng.normal(size=100)
            p = self.customers(rng, means, icc=0.3, exponent=0.5)
            now = rng.normal(size=100) if changing else means
            q = self.customers(rng, now, icc=0.3, exponent=0.5)
            levels.append(noise_by_blocks(distance, p, q, squared=False, shared=100).level)
        assert levels[1] > 1.5 * levels[0]

    def test_a_pair_stays_or_changes_places(self):
        """By the book: every deal of two pairs and no others is one of four."""
        p, q = np.array([[30.0, 10.0], [20.0, 40.0]]), np.array([[9.0, 11.0], [5.0, 25.0]])
        parts, others = dealt(Sides(p, q, 2), np.random.default_rng(1), deals=60).rows()
        pooled = (p.sum(axis=0) + q.sum(axis=0)) / (p.sum() + q.sum())
        moved = []
        for side in (p, q):
            shares, rows = side.sum(axis=0) / side.sum(), side.sum(axis=1, keepdims=True)
            moved.append(rows * (pooled + (side / rows - shares) / np.sqrt(1 - rows / side.sum())))
        ratio = p.sum() / q.sum()
        first = [[moved[0][at], moved[1][at] * ratio] for at in range(2)]
        expected = [first[0][i] + first[1][j] for i in range(2) for j in range(2)]
        for part in parts:
            assert np.min(np.abs(np.array(expected) - part).max(axis=1)) < 1e-9
        assert len(np.unique(parts.round(6), axis=0)) == 4
        assert len(others) == 60

    def test_equal_blocks_that_differ_have_as_many_degrees_of_freedom_but_two(self):
        rng = np.random.default_rng(18)
        p, q = days(rng, 14, rows=20_000, moved=0.5), days(rng, 14, rows=20_000, moved=0.5)
        assert freedom_of(Sides(p, q)) == pytest.approx(26, rel=0.02)
        assert freedom_of(Sides(p * 1.0, np.concatenate([q[:13], q[13:] * 100]))) < 4


class TestSomeDiffer:
    def test_one_day_in_seven_that_all_days_together_do_not_show(self):
        """A timetable: weekdays are alike to the row, and so their chi-square is far too small."""
        weekday = np.full(CELLS, 25.0)
        sunday = weekday + np.tile([-6.0, 6.0], CELLS // 2)
        many = np.array([weekday] * 6 + [sunday])[np.arange(28) % 7]
        level = 0.05
        assert distance(many[:6].sum(axis=0), sunday) > level
        assert design_effect(many, sunday[None]) == 1
        assert some_differ(distance, many, sunday[None], level)
        assert some_differ(distance, sunday[None], many, level)
        assert not some_differ(distance, np.array([weekday] * 27 + [sunday]), sunday[None], level)
        assert not some_differ(distance, many, many, level)

    def test_days_of_independent_rows_do_not(self):
        rng = np.random.default_rng(11)
        share = np.full(CELLS, 1 / CELLS)
        scores = [
            distance(rng.multinomial(8_400, share), rng.multinomial(300, share))
            for _ in range(4_000)
        ]
        level = float(np.quantile(scores, 0.99))
        found = [
            some_differ(
                distance, *np.split(rng.multinomial(300, share, 29).astype(float), [28]), level
            )
            for _ in range(300)
        ]
        assert np.mean(found) <= 0.07


class TestAmongPairs:
    def test_a_score_among_others_is_measured_by_the_upper_half_of_their_logarithms(self):
        logs = np.random.default_rng(7).normal(-2, 0.5, 21)
        upper = np.sort(logs)[10:] - np.median(logs)
        spread = 1.4826 * np.median(upper)
        noise = noise_among(math.exp(-0.5), np.exp(logs))
        value = (-0.5 - np.median(logs)) / spread
        assert noise.p_value == pytest.approx(stats.t.sf(value, 20), rel=0.02)
        level = np.median(logs) + stats.t.ppf(0.99, 20) * spread
        assert math.log(noise.level) == pytest.approx(level, rel=0.01)

    def test_a_tenth_of_changes_among_them_is_no_noise(self):
        others = np.exp(np.random.default_rng(8).normal(-2, 0.3, 60))
        changed = np.concatenate([others[:54], np.full(6, 0.9)])
        assert noise_among(0.9, changed).p_value < 1e-3

    def test_shares_are_compared_by_their_odds(self):
        rng = np.random.default_rng(9)
        shares = [(int(hits), 1_000) for hits in rng.binomial(1_000, rng.beta(4, 96, 40))]
        others = list(pairwise(shares))
        assert share_noise_among((40, 1_000), (60, 1_000), others).p_value > 0.05
        assert share_noise_among((40, 1_000), (700, 1_000), others).p_value < 1e-4
        noise = share_noise_among((40, 1_000), (40, 1_000), others)
        assert noise.p_value == 1
        assert 0.04 < noise.level < 0.5

    def test_too_few_pairs_tell_nothing(self):
        assert noise_among(0.5, np.array([0.1, 0.2, 0.1, 0.2])) is None
        assert share_noise_among((1, 9), (2, 9), [((1, 9), (1, 9))] * 4) is None

    def test_pairs_of_independent_rows_do_not_differ(self):
        rng = np.random.default_rng(10)
        rows = rng.multinomial(300, np.full(CELLS, 1 / CELLS), 40).astype(float)
        assert not pairs_differ(list(pairwise(rows)))
        apart = days(rng, 40, rows=300)
        assert pairs_differ(list(pairwise(apart)))


COUNTS = st.lists(
    st.lists(st.integers(0, 60), min_size=3, max_size=3).filter(any), min_size=3, max_size=8
)


class TestLaws:
    @given(
        blocks=st.lists(st.lists(st.integers(0, 1), min_size=40, max_size=40), min_size=1),
        same=st.integers(0, 40),
    )
    def test_blocks_are_sorted_by_all_their_cells_from_the_last_on(self, blocks, same):
        made = np.array(blocks, float)
        made[:, 40 - same :] = 1
        blocks = Deals(Sides(made, made[::-1])).blocks
        assert blocks.p.tolist() == sorted(made.tolist(), key=lambda cells: cells[::-1])
        assert blocks.q.tolist() == blocks.p.tolist()

    def test_scores_share_the_deals_of_their_blocks_and_are_the_same(self):
        rng = np.random.default_rng(11)
        p, q = days(rng, 9, rows=300), days(rng, 8, rows=200)
        deals = Deals(Sides(p, q))
        for score in (distance, divergence):
            own = noise_by_blocks(score, p, q, squared=False)
            assert noise_by_blocks(score, p, q, squared=False, deals=deals) == own

    def test_deals_that_are_scored_a_few_at_once_are_the_same(self, monkeypatch):
        rng = np.random.default_rng(12)
        p, q = days(rng, 9, rows=300), days(rng, 8, rows=200)
        at_once = noise_by_blocks(divergence, p, q, squared=True)
        monkeypatch.setattr(blocks_module, "_AT_ONCE", 3 * CELLS)
        assert noise_by_blocks(divergence, p, q, squared=True) == at_once
        monkeypatch.setattr(blocks_module, "_HELD_CELLS", 7 * CELLS)
        monkeypatch.setattr(blocks_module, "_MADE_CELLS", 7 * CELLS)
        few = noise_by_blocks(divergence, p, q, squared=True)
        assert few == pytest.approx(at_once, rel=1e-12)
        assert len(list(Deals(Sides(p, q))._sides())) > 30

    def test_blocks_of_many_names_are_held_few_times(self):
        rng = np.random.default_rng(3)
        p, q = (rng.poisson(rng.gamma(2, 1, (120, 1)), (120, 20_000)).astype(float) for _ in "pq")
        tracemalloc.start()
        design_effect(p, q)
        apart = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        noise_by_blocks(distance, p, q, squared=False)
        dealt_out = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert apart < 1.6 * (p.nbytes + q.nbytes)
        assert dealt_out < 2.7 * (p.nbytes + q.nbytes)

    @given(p=COUNTS, q=COUNTS, seed=st.integers(0, 9))
    def test_the_order_of_blocks_is_no_matter(self, p, q, seed):
        rng = np.random.default_rng(seed)
        before, after = np.array(p, float), np.array(q, float)
        mixed = [rng.permutation(side) for side in (before, after)]
        noise = noise_by_blocks(divergence, before, after, squared=True)
        assert noise == noise_by_blocks(divergence, *mixed, squared=True)

    @given(p=COUNTS, q=COUNTS)
    def test_noise_is_finite_and_p_values_are_probabilities(self, p, q):
        for sides in ((p, q), (p * 2, q[:1]), (p[:1], q * 2)):
            noise = noise_by_blocks(divergence, *(np.array(s, float) for s in sides), squared=True)
            assert 0 <= noise.level < math.inf
            assert 0 < noise.p_value <= 1

    @given(
        share=st.lists(st.integers(1, 9), min_size=3, max_size=3),
        sizes=st.lists(st.integers(1, 50), min_size=6, max_size=9),
    )
    def test_blocks_of_one_distribution_make_no_noise(self, share, sizes):
        blocks = np.outer(np.array(sizes, float), np.array(share, float))
        noise = noise_by_blocks(distance, blocks[:3], blocks[3:], squared=False)
        assert noise.level == pytest.approx(0, abs=1e-6)
        assert design_effect(blocks[:3], blocks[3:]) == 1

    @given(p=COUNTS, q=COUNTS)
    def test_either_side_may_come_first(self, p, q):
        """A symmetric score's noise of one block against many is the same both ways."""
        many, one = np.array(p * 2, float), np.array(q[:1], float)
        ways = [
            noise_by_blocks(distance, *each, squared=False) for each in ((many, one), (one, many))
        ]
        assert ways[0].level == pytest.approx(ways[1].level)
        assert ways[0].p_value == pytest.approx(ways[1].p_value)


def _rise(p, q):
    """Return how far the mean of `q` is above that of `p`: of sums, and how many were added."""
    return q[..., 0] / q[..., 1] - p[..., 0] / p[..., 1]


def _summed(*values):
    return np.column_stack([values, np.ones(len(values))])


def test_a_signed_change_of_one_block_is_measured_to_either_side_and_in_either_order():
    rng = np.random.default_rng(5)
    draws = rng.normal(size=(400, 13))
    found = [p_value_of_one(_rise, _summed(*each[1:]), _summed(each[0])) for each in draws]
    assert 0.02 <= np.mean(np.array(found) <= 0.05) <= 0.06
    many = _summed(*draws[0, 1:])
    for far in (9.0, -9.0):
        there = p_value_of_one(_rise, many, _summed(far))
        assert there < 1e-3
        assert p_value_of_one(_rise, _summed(far), many) == pytest.approx(there)

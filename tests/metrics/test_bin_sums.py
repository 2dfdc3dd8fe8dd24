"""Sums over bins without draws, against all splits of small pools and many of larger ones."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import special, stats

from driftcli.metrics import METRICS, bins, divergence
from driftcli.metrics.bin_sums import (
    Sum,
    gamma_tail,
    moments,
    splits_of,
    sum_noise,
    sum_of,
    upper_tail,
)

Counts = NDArray[np.int64]
Values = NDArray[np.float64]

SMOOTHED = ("kl", "kl_reverse", "psi")
SUMS = ("js_distance", "jsd", "hellinger", "tv", *SMOOTHED)
SMALL = np.full(40, 30)


def the_sum(name: str, pooled: Counts = SMALL) -> Sum:
    found = sum_of(METRICS[name].function, pooled, pseudo_count(name))
    assert found is not None
    return found


def pseudo_count(name: str) -> float:
    return 0.5 if name in SMOOTHED else 0.0


def scores(name: str, drawn: Counts, pooled: Counts) -> Values:
    """Return the scores of many splits: shape (splits,)."""
    sides = (bins.probabilities(each, pseudo_count(name)) for each in (drawn, pooled - drawn))
    return np.asarray(METRICS[name].function(*sides))


def splits(pooled: Counts, size: int, count: int) -> Counts:
    draw = np.random.default_rng(11)
    return draw.multivariate_hypergeometric(pooled, size, count, method="marginals")


@pytest.mark.parametrize("name", SUMS)
def test_a_score_is_the_sum_of_what_its_bins_add_or_its_root(name: str) -> None:
    found = the_sum(name)
    p, q = np.random.default_rng(0).multinomial(1_000, np.full(40, 1 / 40), 2)
    shares = [bins.probabilities(each, pseudo_count(name)) for each in (p, q)]
    total = float(found.term(*shares).sum())
    score = float(METRICS[name].function(*shares))
    assert (math.sqrt(total) if found.rooted else total) == pytest.approx(score, rel=1e-12)


@pytest.mark.parametrize("name", ["jsd", "kl", "psi", "hellinger", "tv"])
@pytest.mark.parametrize(("pooled", "size"), [((4, 3, 3, 2), 6), ((9, 9, 5), 11), ((2,) * 6, 6)])
def test_moments_are_near_those_of_all_splits(
    name: str, pooled: tuple[int, ...], size: int
) -> None:
    """The oracle is an enumeration; a dozen rows are fewer than the theorem speaks of."""
    term = the_sum(name).term
    total, weights = [], []
    for x in itertools.product(*(range(each + 1) for each in pooled)):
        if sum(x) == size:
            p = np.array(x)
            shares = [
                bins.probabilities(each, pseudo_count(name)) for each in (p, np.array(pooled) - p)
            ]
            total.append(float(term(*shares).sum()))
            weights.append(math.prod(math.comb(m, k) for m, k in zip(pooled, x, strict=True)))
    mean = np.average(total, weights=weights)
    sd = math.sqrt(np.average(np.square(np.array(total) - mean), weights=weights))
    made = splits_of(np.array(pooled), (size, sum(pooled) - size))
    found = moments(term, made, pseudo_count(name))
    assert found[0] == pytest.approx(mean, rel=0.03)
    assert found[1] == pytest.approx(sd, rel=0.2)


POOLS = {
    "20 bins of 10, 100 + 100 rows": (np.full(20, 10), 100),
    "30 of 12 and one of 1,000, 60 + 1,300 rows": (np.append(np.full(30, 12), 1_000), 60),
    "six unequal ones, 1,000 + 1,016 rows": (np.array([1_200, 600, 200, 6, 5, 5]), 1_000),
    "Zipf, 2,000 rows of 4,662": (1_000 // np.arange(1, 61), 2_000),
    "20 of 27, 40 + 500 rows": (np.full(20, 27), 40),
}


@pytest.mark.slow
@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("name", ["js_distance", "kl", "psi", "hellinger"])
def test_levels_and_tails_are_those_of_many_splits(name: str, pool: str) -> None:
    pooled, size = POOLS[pool]
    drawn = splits(pooled, size, 100_000)
    found = scores(name, drawn, pooled)
    made = splits_of(pooled, (size, int(pooled.sum()) - size))
    noises = [
        sum_noise(the_sum(name), each, pooled - each, pseudo_count(name), made)
        for each in drawn[np.argsort(found)[::-1][[1_000, 100]]]
    ]
    assert noises[0].level == pytest.approx(float(np.quantile(found, 0.99)), rel=0.03)
    assert 0.75 <= noises[0].p_value / 0.01 <= 1.4
    assert 0.7 <= noises[1].p_value / 0.001 <= 1.6


@pytest.mark.parametrize("cells", [200, 5_000])
def test_of_many_cells_those_of_similar_size_are_taken_together(cells: int) -> None:
    rows = np.random.default_rng(1).multinomial(200_000, np.full(cells, 1 / cells)) + 1
    rows[: cells // 2] *= 7
    size = int(rows.sum()) // 2
    drawn = splits(rows, size, 2_000)
    for name in ("jsd", "kl"):
        found = scores(name, drawn, rows)
        made = splits_of(rows, (size, int(rows.sum()) - size))
        mean, sd, _ = moments(the_sum(name).term, made, pseudo_count(name))
        assert mean == pytest.approx(found.mean(), rel=0.005)
        assert sd == pytest.approx(found.std(), rel=0.08)


def test_rows_in_bins_of_one_row_each_cannot_come_out_otherwise() -> None:
    p = np.array([1, 0, 1, 0, 1])
    found = sum_noise(the_sum("jsd"), p, 1 - p, 0.0, splits_of(np.ones(5, np.int64), (3, 2)))
    assert found.p_value == 1
    assert found.level == pytest.approx(1)


@given(
    sides=st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)), min_size=3, max_size=9),
    name=st.sampled_from(SUMS),
    smoothing=st.sampled_from([1e-3, 0.5, 5.0]),
)
def test_of_any_counts_levels_and_p_values_are_numbers(
    sides: list[tuple[int, int]], name: str, smoothing: float
) -> None:
    p, q = np.array(sides).T
    added = smoothing if name in SMOOTHED else 0.0
    found = sum_of(METRICS[name].function, p + q, added)
    if found is not None and p.any() and q.any():
        made = splits_of(p + q, (int(p.sum()), int(q.sum())))
        noise = sum_noise(found, p, q, added, made)
        assert 0 < noise.p_value <= 1 + 1e-9
        assert 0 <= noise.level < math.inf


def test_what_is_far_away_has_a_p_value_far_below_any_draws() -> None:
    p, q = np.repeat([90, 10], 10), np.repeat([10, 90], 10)
    found = sum_noise(the_sum("jsd"), p, q, 0.0, splits_of(p + q, (1_000, 1_000)))
    assert 0 < found.p_value < 1e-100


def test_empty_bins_change_nothing_but_what_smoothing_makes_of_them() -> None:
    p, q = np.array([30, 20, 10]), np.array([20, 20, 20])
    with_empty = [np.append(each, [0, 0]) for each in (p, q)]
    made = splits_of(p + q, (60, 60)), splits_of(sum(with_empty), (60, 60))
    plain = sum_noise(the_sum("jsd"), p, q, 0.0, made[0])
    assert sum_noise(the_sum("jsd"), *with_empty, 0.0, made[1]) == pytest.approx(plain)


@pytest.mark.parametrize("name", [name for name in METRICS if name not in SUMS])
def test_no_other_metric_over_bins_is_a_sum(name: str) -> None:
    same = {METRICS[each].function for each in SUMS}
    assert METRICS[name].function in same or sum_of(METRICS[name].function, SMALL, 0.5) is None


def test_what_has_no_known_noise_is_no_sum() -> None:
    assert sum_of(divergence.js_distance, np.array([5, 5, 0]), 0.0) is None  # two bins
    assert sum_of(divergence.kl_divergence, SMALL, 0.0) is None  # infinite over empty bins
    assert sum_of(divergence.total_variation, np.array([30, 30, 30]), 0.0) is None  # a kink
    assert sum_of(lambda p, q: p - q, SMALL, 0.0) is None


@pytest.mark.parametrize("shape", [0.3, 1.0, 9.5, 400.0, 9_999.0])
@pytest.mark.parametrize("deviations", [-2.0, -0.5, 0.0, 0.5, 3.0, 9.0, 30.0])
def test_the_incomplete_gamma_function_is_scipys(shape: float, deviations: float) -> None:
    x = shape + deviations * math.sqrt(shape)
    expected = 1.0 if x <= 0 else float(special.gammaincc(shape, x))
    assert gamma_tail(shape, x) == pytest.approx(expected, rel=1e-8, abs=1e-290)


@pytest.mark.parametrize("skew", [0.009, 0.011, 0.5, 2.0])
@pytest.mark.parametrize("z", [-1.0, 0.0, 2.0, 5.0])
def test_the_tail_is_that_of_pearsons_third_type(skew: float, z: float) -> None:
    expected = float(stats.pearson3(skew).sf(z))
    assert upper_tail(z, skew) == pytest.approx(expected, rel=0.3 if skew < 0.01 else 1e-6)


def test_columns_with_as_many_rows_in_their_bins_share_their_splits() -> None:
    pooled = np.array([7, 30, 30, 12])
    first = splits_of(pooled, (40, 39))
    assert splits_of(pooled[::-1], (40, 39)) is first
    assert splits_of(pooled, (39, 40)) is not first
    assert splits_of(pooled + 1, (40, 43)) is not first

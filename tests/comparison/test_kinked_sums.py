"""Total variation over very many bins beside large ones, against many random splits."""

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from driftcli.api.profile import Profile
from driftcli.comparison.noise import NoiseOfColumn, of_kinked
from driftcli.comparison.pair import paired
from driftcli.comparison.pool import Pool
from driftcli.comparison.scores import measure
from driftcli.config import Settings, resolve
from driftcli.metrics.bin_sums import kinked_of
from driftcli.metrics.divergence import js_distance, total_variation
from driftcli.metrics.kinked_sums import large_bins
from driftcli.metrics.significance import Noise

Counts = NDArray[np.int64]

SMALL = [10] * 2_000
POOLS = {
    "half in one, equal sides": ([20_000, *SMALL], 20_000),
    "half in one, one side a ninth of the other": ([20_000, *SMALL], 4_000),
    "halves of halves": ([200_000 >> each for each in range(12)] + SMALL, 150_000),
    "nine of nearly a tenth": ([40_000, *[2_600] * 9, *SMALL], 30_000),
}


def splits(pooled: Counts, size: int, count: int) -> Counts:
    draw = np.random.default_rng(30)
    return draw.multivariate_hypergeometric(pooled, size, count, method="marginals")


def noise(p: Counts, pooled: Counts) -> Noise:
    large = large_bins(pooled)
    term = kinked_of(total_variation, 0.0)
    assert large is not None
    assert term is not None
    return of_kinked(term, Pool(p, pooled - p, np.arange(p.size)), large)


@pytest.mark.parametrize("name", POOLS)
def test_level_and_p_value_are_those_of_many_splits(name: str) -> None:
    counts, size = POOLS[name]
    pooled = np.array(counts)
    drawn = splits(pooled, size, 1_500)
    scores = np.abs(drawn / size - (pooled - drawn) / (pooled.sum() - size)).sum(axis=1) / 2
    for rank in (0.5, 0.9, 0.99):
        at = int(np.argsort(scores)[round(rank * scores.size)])
        found = noise(drawn[at], pooled)
        error = 4 * np.sqrt(rank * (1 - rank) * (1 / scores.size + 1 / 256))
        assert found.p_value == pytest.approx(1 - rank, abs=error + 0.004)
        assert found.level == pytest.approx(np.quantile(scores, 0.99), rel=0.06)


def test_a_change_has_a_small_p_value() -> None:
    pooled = np.array([20_000, *SMALL])
    p = pooled // 2
    p[1:1_001] += 2
    p[1_001:] -= 2
    found = noise(p, pooled)
    assert found.p_value < 1e-3


def test_the_same_rows_give_the_same_bits() -> None:
    pooled = np.array([20_000, *SMALL])
    p = splits(pooled, 20_000, 1)[0]
    assert noise(p, pooled) == noise(p, pooled)


def test_bins_are_large_that_hold_more_than_a_tenth_of_what_is_left() -> None:
    pooled = np.array([*SMALL, 20_000, 9_000, 300])
    large = large_bins(pooled)
    assert large is not None
    assert large.tolist() == [2_000, 2_001]


@pytest.mark.parametrize("others", [1_000, 1_500])
def test_few_others_are_no_sums(others: int) -> None:
    assert large_bins(np.array([20_000, *SMALL[:others]])) is None
    steep = 4 ** np.arange(20)
    assert large_bins(np.concatenate([*[steep] * 3, SMALL[:others]])) is None


def test_only_terms_with_a_kink_need_it() -> None:
    assert kinked_of(js_distance, 0.0) is None
    assert kinked_of(total_variation, 0.5) is None
    assert kinked_of(max, 0.0) is None


def test_what_chance_plainly_explains_is_told_without_draws_over_very_many_categories() -> None:
    names = [f"c{each}" for each in range(2_001)]
    pooled = np.array([20_000, *SMALL])
    p = splits(pooled, 20_000, 1)[0]
    changed = np.minimum(pooled, p + np.where(np.arange(p.size) % 2, 3, 0))
    for rows, expected in ((p, {True, False}), (changed, {False})):
        sides = [pa.table({"x": np.repeat(names, each)}) for each in (rows, pooled - rows)]
        held = [Profile.of(side)._held.columns["x"] for side in sides]
        rules = resolve(Settings(), ["x"])["x"]
        noise = NoiseOfColumn(*held, paired(*held, rules), rules)
        assert noise.pair is not None
        found = measure(*held, noise.pair, rules, ["js_distance", "wasserstein", "kl"])
        for each in found:
            assert noise.plain(each) == (noise.of(each).p_value >= 0.5)
            assert noise.plain(each) in expected
        assert "few" not in vars(noise._pool)

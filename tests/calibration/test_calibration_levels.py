"""Levels above scores: their ranks, their alarm rates, and their rounding."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcli.calibration.levels import exceedance, level, rank, rounded_above, threshold

positive = st.floats(1e-9, 1e9)
quantiles = st.sampled_from([0.5, 0.9, 0.95, 0.99, 0.999])


def test_a_quantile_within_history_is_one_of_its_scores() -> None:
    scores = np.arange(1.0, 20.0)  # k = 19: ranks of 20 are as likely as each other
    assert level(scores, 0.95) == 19.0
    assert level(scores, 0.9) == 18.0
    assert exceedance(19, 0.9) == pytest.approx(2 / 20)
    assert rank(19, 0.96) == 20


def test_beyond_history_the_tail_is_that_of_its_upper_half() -> None:
    # The upper half of 1, 1, 1, 3, 5 is 1, 3, 5 with mean 3 and the median is 1: n = 3, β = 2.
    scores = np.array([1.0, 1.0, 1.0, 3.0, 5.0])
    assert level(scores, 0.99) == pytest.approx(5 + 3 * 2 * ((1 / 0.06) ** (1 / 3) - 1))
    assert exceedance(5, 0.99) == pytest.approx(1 / 6)


@pytest.mark.slow
@pytest.mark.parametrize("count", [5, 20, 80])
@pytest.mark.parametrize("quantile", [0.8, 0.9, 0.99])
@pytest.mark.parametrize("shape", ["exponential", "normal", "lognormal", "tied"])
def test_new_scores_exceed_a_level_no_more_often_than_stated(
    count: int, quantile: float, shape: str
) -> None:
    random = np.random.default_rng(7)
    drawn = {
        "exponential": random.exponential(size=(20_000, count + 1)),
        "normal": np.abs(random.normal(size=(20_000, count + 1))),
        "lognormal": random.lognormal(size=(20_000, count + 1)),
        "tied": random.poisson(1.0, (20_000, count + 1)).astype(float),
    }[shape]
    past, new = np.sort(drawn[:, :-1], axis=1), drawn[:, -1]
    share = np.mean(new > level(past, quantile))
    stated = exceedance(count, quantile)
    assert share <= stated + 3 * np.sqrt(stated * (1 - stated) / 20_000)


def test_an_exponential_tail_is_met_with_few_periods() -> None:
    random = np.random.default_rng(3)
    drawn = random.exponential(size=(40_000, 13))
    share = np.mean(drawn[:, -1] > level(np.sort(drawn[:, :-1], axis=1), 0.99))
    assert 0.005 < share < 0.02


@given(scores=st.lists(positive, min_size=1, max_size=40), quantile=quantiles)
def test_levels_rise_with_the_quantile_and_pass_history(
    scores: list[float], quantile: float
) -> None:
    ordered = np.sort(np.array(scores))
    assert level(ordered, quantile) <= level(ordered, 0.9999)
    assert level(ordered, 0.9999) >= ordered[-1]


@given(value=positive)
def test_rounding_goes_above_and_no_farther_than_a_digit(value: float) -> None:
    rounded = rounded_above(value)
    assert value < rounded <= value * 1.0101
    assert float(f"{rounded:.3g}") == rounded


@pytest.mark.parametrize(
    ("value", "highest", "expected"),
    [
        (0.01, 0.009, 0.05),  # the floor
        (0.3, 0.2, 0.301),
        (1.7, 0.8, 0.901),  # the extrapolation passes the bound: halfway to it
        (1.0, 1.0, None),  # history is at the bound
    ],
)
def test_thresholds_stay_within_reach(value: float, highest: float, expected: float | None) -> None:
    assert threshold(value, 0.05, 1.0, highest) == expected

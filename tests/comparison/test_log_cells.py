"""Bins of one ratio: where a logarithmic axis shows a column better, and what they hold."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcli.api.compare import compare
from driftcli.comparison.histograms import MOST_CELLS
from driftcli.report.explanation import Bins


def log_bins(baseline: Any, current: Any) -> Bins | None:
    tables = [pa.table({"x": side}) for side in (baseline, current)]
    (column,) = compare(*tables, details=True).columns
    assert column.details is not None
    return column.details.log_bins


def lognormal(sd: float, seed: int = 1, size: int = 2_000) -> np.ndarray:
    return np.exp(np.random.default_rng(seed).normal(3, sd, size))


RNG = np.random.default_rng(7)
DAYS = [datetime.fromisoformat("2024-01-01") + timedelta(hours=at**2 / 50) for at in range(900)]


@pytest.mark.parametrize(
    ("values", "stretched"),
    [
        (lognormal(1.5), True),
        (lognormal(1.0) * 1e-6, True),
        (RNG.pareto(1.2, 2_000) + 1, True),
        (lognormal(0.2), False),  # less than two powers of ten
        (RNG.uniform(0, 1_000, 2_000), False),  # its median is in the middle as it is
        (RNG.normal(0, 1, 2_000), False),
        (-lognormal(1.5), False),
        (np.append(lognormal(1.5), -1.0), False),
        (np.append(lognormal(1.5), np.zeros(500)), True),
        (np.append(lognormal(1.5), np.zeros(3_000)), False),  # mostly zeros
        (np.zeros(50), False),
        (np.arange(2_000), False),
        (np.full(50, 7.0), False),
        (np.append(lognormal(1.5), np.inf), True),
        (DAYS, False),
    ],
)
def test_what_is_spread_over_powers_of_ten_has_bins_of_one_ratio(
    values: Any, stretched: bool
) -> None:
    assert (log_bins(values, values) is not None) == stretched


@given(st.floats(0.8, 3), st.integers(0, 5), st.floats(-6, 6), st.booleans(), st.integers(0, 200))
def test_bins_hold_what_lies_between_their_edges(
    sd: float, seed: int, power: float, whole: bool, zeros: int
) -> None:
    sides = [lognormal(sd, seed + at, 700) * 10.0**power for at in (0, 1)]
    sides = [np.append(side, np.zeros(zeros)) for side in sides]
    if whole:
        sides = [np.ceil(side).astype(np.int64) for side in sides]
    found = log_bins(*sides)
    if found is None:
        return
    edges = np.array(found.edges)
    ratios = edges[1:] / edges[:-1]
    assert ratios == pytest.approx(np.full(ratios.size, ratios[0]))
    assert 1 <= ratios.size <= MOST_CELLS
    if whole:
        assert edges[1] - edges[0] >= 1
    powers = np.log10(edges)
    if powers[-1] - powers[0] > 1:
        assert np.isclose(powers, np.round(powers), atol=1e-9).any()
    for at, (side, shares) in enumerate(zip(sides, (found.baseline, found.current), strict=True)):
        bins = np.searchsorted(edges, side, side="right")
        counts = np.bincount(bins, minlength=edges.size + 1) / side.size
        expected = [found.below[at], *shares, found.above[at]]
        assert counts == pytest.approx(np.array(expected), abs=1e-12)

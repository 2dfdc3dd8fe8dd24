"""Distances on the line against scipy, against other routes to the same number, and extremes."""

import math

import numpy as np
import pytest
from exactly import weighted_wasserstein
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linprog
from scipy.stats import ks_2samp, wasserstein_distance

from driftcli.metrics import transport
from driftcli.metrics.transport import Line, union

SAMPLES = st.tuples(
    *[
        arrays(np.float64, st.integers(1, 12), elements=st.floats(-100, 100, width=32))
        for _ in range(2)
    ]
)


def on_one_line(p, q):
    return union(*(np.unique(side, return_counts=True) for side in (p, q)))


@given(SAMPLES)
def test_wasserstein_equals_scipy(samples):
    expected = wasserstein_distance(*samples)
    found = transport.wasserstein(Line.of(*on_one_line(*samples)))
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)


# scipy divides by zero for the p-value of one row, which is not asked for.
@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning:scipy")
@given(SAMPLES)
def test_ks_equals_scipy(samples):
    expected = ks_2samp(*samples, method="asymp").statistic
    assert transport.kolmogorov_smirnov(Line.of(*on_one_line(*samples))) == pytest.approx(
        expected, abs=1e-12
    )


@given(SAMPLES, st.sampled_from([1.0, 2.0, 3.0]))
def test_wasserstein_p_equals_the_coupling_of_sorted_rows(samples, order):
    p, q = (np.sort(side) for side in samples)
    rows = math.lcm(p.size, q.size)
    moves = np.abs(np.repeat(p, rows // p.size) - np.repeat(q, rows // q.size))
    expected = np.mean(moves**order) ** (1 / order)
    found = transport.wasserstein_p(Line.of(*on_one_line(*samples)), order)
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(SAMPLES, st.sampled_from([1.0, 2.0, 3.0]))
def test_wasserstein_p_of_a_stack_is_that_of_each_row(samples, order):
    values, p, q = on_one_line(*samples)
    found = transport.wasserstein_p(Line.of(values, np.stack([p, q]), np.stack([q, p])), order)
    each = [transport.wasserstein_p(Line.of(values, *sides), order) for sides in ((p, q), (q, p))]
    assert found == pytest.approx(each, rel=1e-12, abs=1e-300)


@given(SAMPLES)
def test_a_union_has_the_rows_of_either_side_at_each_value(samples):
    values, *counts = on_one_line(*samples)
    assert values.tolist() == sorted(set(np.concatenate(samples).tolist()))
    for side, held in zip(samples, counts, strict=True):
        assert np.repeat(values, held).tolist() == np.sort(side).tolist()


def test_wasserstein_2_is_the_least_cost_of_any_plan():
    rng = np.random.default_rng(5)
    values = np.sort(rng.normal(size=7))
    p, q = rng.integers(1, 9, (2, 7))
    costs = np.subtract.outer(values, values) ** 2
    rows = [np.kron(np.eye(7), np.ones(7)), np.kron(np.ones(7), np.eye(7))]
    plan = linprog(
        costs.ravel(), A_eq=np.vstack(rows), b_eq=np.concatenate([p / p.sum(), q / q.sum()])
    )
    found = transport.wasserstein_2(Line.of(values, p, q))
    assert found == pytest.approx(math.sqrt(plan.fun), rel=1e-7)


@pytest.mark.parametrize("largest", [1e300, 1.7e308, math.nextafter(math.inf, 0)])
def test_a_range_beyond_the_largest_float_does_not_overflow(largest):
    values = np.array([-largest, 0.0, largest])
    p, q = np.array([2, 1, 1]), np.array([1, 2, 1])
    exact = weighted_wasserstein(
        *(dict(zip(values.tolist(), side.tolist(), strict=True)) for side in (p, q))
    )
    assert transport.wasserstein(Line.of(values, p, q)) == pytest.approx(float(exact), rel=1e-12)
    assert transport.wasserstein_2(Line.of(values, p, q)) == pytest.approx(largest / 2, rel=1e-12)
    assert transport.wasserstein(Line.of(values, p, p)) == 0
    assert transport.wasserstein_2(Line.of(values, p, p)) == 0


def test_the_union_adds_up_rows_at_shared_values():
    p = (np.array([1.0, 2.0]), np.array([3, 4]))
    q = (np.array([2.0, 5.0]), np.array([6, 7]))
    values, p_counts, q_counts = union(p, q)
    assert values.tolist() == [1, 2, 5]
    assert p_counts.tolist() == [3, 4, 0]
    assert q_counts.tolist() == [0, 6, 7]


@given(SAMPLES)
def test_the_mean_shift_is_the_distance_of_the_means_and_at_most_w1(samples):
    p, q = samples
    line = on_one_line(p, q)
    found = transport.mean_shift(Line.of(*line))
    assert found == pytest.approx(abs(np.mean(q) - np.mean(p)), rel=1e-9, abs=1e-9)
    assert found <= transport.wasserstein(Line.of(*line)) * (1 + 1e-12)


def test_a_mean_shift_beyond_all_floats_is_infinite():
    line = on_one_line(np.array([-1e308]), np.array([1e308]))
    assert transport.mean_shift(Line.of(*line)) == math.inf


@given(
    arrays(np.int64, (5, 8), elements=st.integers(1, 50)),
    arrays(np.int64, 8, elements=st.integers(1, 50)),
)
def test_the_line_of_splits_is_that_of_both_sides(parts, more):
    pooled = parts.max(axis=0) + more
    values = np.arange(8.0)
    found = Line.of_splits(values, parts, pooled)
    expected = Line.of(values, parts, pooled - parts)
    assert all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))

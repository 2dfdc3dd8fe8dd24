"""The transport plan, its potential and its summary: laws, and a linear program as oracle."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linprog
from zoo import COLUMNS, column, shifted

import driftcli
from driftcli.metrics.moves import MOST_MOVES, summarize
from driftcli.metrics.transport import (
    Coupling,
    Line,
    plan_cost,
    transport_plan,
    union,
    wasserstein,
    witness,
)

#: Heaped and scattered, tiny and huge: ties within and between sides come up often.
ELEMENTS = st.one_of(
    st.integers(-4, 4).map(float),
    st.floats(-100, 100, width=32),
    st.sampled_from([-8e307, -1e300, 1e300, 8e307, 1e-300, 5e-324]),
)
SAMPLES = st.tuples(*[arrays(np.float64, st.integers(1, 14), elements=ELEMENTS) for _ in range(2)])


def on_one_line(p, q):
    return union(*(np.unique(side + 0.0, return_counts=True) for side in (p, q)))


def scale_of(values):
    """Return the size of the rounding errors that sums over these values may have."""
    # Sums of subnormal numbers are off by whole steps of the smallest of them.
    return max(float(np.abs(values).max()) * 1e-13, 1e-318)


@given(SAMPLES)
def test_the_marginals_are_both_distributions(samples):
    values, p_counts, q_counts = on_one_line(*samples)
    plan = transport_plan(values, p_counts, q_counts)
    assert (plan.shares > 0).all()
    for ends, counts in ((plan.origins, p_counts), (plan.targets, q_counts)):
        found = np.bincount(np.searchsorted(values, ends), plan.shares, values.size)
        np.testing.assert_allclose(found, counts / counts.sum(), atol=1e-15)
        assert np.isin(ends, values).all()


@given(SAMPLES)
def test_the_plan_is_monotone_and_has_fewer_steps_than_points(samples):
    values, p_counts, q_counts = on_one_line(*samples)
    plan = transport_plan(values, p_counts, q_counts)
    assert (np.diff(plan.origins) >= 0).all()
    assert (np.diff(plan.targets) >= 0).all()
    assert plan.shares.size < np.count_nonzero(p_counts) + np.count_nonzero(q_counts)


@given(SAMPLES)
def test_the_plan_costs_w1(samples):
    line = on_one_line(*samples)
    found, expected = plan_cost(transport_plan(*line)), wasserstein(Line.of(*line))
    assert found == pytest.approx(expected, rel=1e-9, abs=scale_of(line[0]))


@given(SAMPLES)
def test_the_witness_is_1_lipschitz(samples):
    values, p_counts, q_counts = on_one_line(*samples)
    potential = witness(values, p_counts, q_counts)
    slack = scale_of(values) / 8
    steps, gaps = np.abs(np.diff(potential / 4)), np.diff(values / 4)
    assert (steps <= gaps + slack).all()


@given(SAMPLES)
def test_the_duality_gap_is_zero(samples):
    values, p_counts, q_counts = on_one_line(*samples)
    apart = q_counts / q_counts.sum() - p_counts / p_counts.sum()
    reached = 4 * float(np.dot(witness(values, p_counts, q_counts) / 4, apart))
    expected = float(wasserstein(Line.of(values, p_counts, q_counts)))
    assert reached == pytest.approx(expected, rel=1e-9, abs=8 * scale_of(values))


@given(SAMPLES)
def test_the_witness_has_mean_zero_under_the_mixture(samples):
    values, p_counts, q_counts = on_one_line(*samples)
    mixture = (p_counts / p_counts.sum() + q_counts / q_counts.sum()) / 2
    mean = float(np.dot(mixture, witness(values, p_counts, q_counts) / 4))
    assert mean == pytest.approx(0, abs=8 * scale_of(values))


def test_the_witness_rises_where_rows_move_up_and_is_level_where_none_pass():
    values = np.array([0.0, 1.0, 5.0, 6.0])
    potential = witness(values, np.array([1, 0, 0, 1]), np.array([0, 1, 1, 0]))
    assert np.diff(potential).tolist() == [1, 0, -1]


@pytest.mark.parametrize("seed", range(12))
def test_no_plan_of_a_linear_program_is_cheaper(seed):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(2, 9))
    values = np.sort(rng.choice([rng.normal(size=size), np.arange(size) * 1.0]))
    values, p, q = union(
        (np.unique(values), rng.integers(1, 9, np.unique(values).size)),
        (np.unique(values), rng.integers(1, 9, np.unique(values).size)),
    )
    costs = np.abs(np.subtract.outer(values, values))
    ones = np.ones(values.size)
    rows = np.vstack([np.kron(np.eye(values.size), ones), np.kron(ones, np.eye(values.size))])
    least = linprog(costs.ravel(), A_eq=rows, b_eq=np.concatenate([p / p.sum(), q / q.sum()]))
    assert plan_cost(transport_plan(values, p, q)) == pytest.approx(least.fun, abs=1e-9)


def test_another_plan_with_the_same_marginals_costs_more():
    crossed = Coupling(np.array([0.0, 1.0]), np.array([3.0, 2.0]), np.array([0.5, 0.5]))
    uncrossed = transport_plan(
        np.array([0.0, 1.0, 2.0, 3.0]), np.array([1, 1, 0, 0]), np.array([0, 0, 1, 1])
    )
    assert plan_cost(uncrossed) <= plan_cost(crossed)
    assert uncrossed.targets.tolist() == [2, 3]


def test_equal_samples_stay_and_have_a_level_witness():
    line = on_one_line(np.array([1.0, 2.0, 2.0]), np.array([1.0, 1.0, 2.0, 2.0, 2.0, 2.0]))
    plan = transport_plan(*line)
    assert plan.origins.tolist() == plan.targets.tolist() == [1, 2]
    assert witness(*line).tolist() == [0, 0]
    moves = summarize(plan)
    assert (moves.stayed, moves.stayed_cost, moves.shares.size, moves.rest) == (1, 0, 0, 0)


@given(SAMPLES)
def test_the_parts_of_the_moves_sum_to_all_rows_and_to_w1(samples):
    line = on_one_line(*samples)
    moves = summarize(transport_plan(*line))
    assert moves.stayed + moves.shares.sum() + moves.rest == pytest.approx(1)
    total = moves.stayed_cost + float(moves.costs.sum()) + moves.rest_cost
    assert total == pytest.approx(wasserstein(Line.of(*line)), rel=1e-9, abs=8 * scale_of(line[0]))


@given(SAMPLES)
def test_moves_are_few_in_order_and_one_way(samples):
    plan = transport_plan(*on_one_line(*samples))
    moves = summarize(plan)
    assert moves.shares.size <= MOST_MOVES
    assert moves.stayed_cost <= 0.1 * plan_cost(plan)
    for ends in (moves.origins, moves.targets):
        assert (np.diff(ends.ravel()) >= 0).all()
    up = moves.distances > 0
    assert (up == (moves.targets >= moves.origins).all(axis=1)).all()


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_of_every_shape_are_explained(name):
    values = column(name, 3_000, 1).astype(float)
    line = on_one_line(values, shifted(values, 2))
    plan = transport_plan(*line)
    expected = float(wasserstein(Line.of(*line)))
    slack = scale_of(line[0])
    assert plan_cost(plan) == pytest.approx(expected, rel=1e-6, abs=slack)
    moves = summarize(plan)
    total = moves.stayed_cost + float(moves.costs.sum()) + moves.rest_cost
    assert total == pytest.approx(expected, rel=1e-6, abs=slack)


def test_moves_are_told_apart_where_the_distance_changes():
    baseline = np.concatenate([np.arange(80.0), np.arange(100.0, 120.0)])
    current = np.concatenate([np.arange(80.0), np.arange(150.0, 160.0), np.arange(310.0, 320.0)])
    moves = summarize(transport_plan(*on_one_line(baseline, current)))
    assert moves.stayed == pytest.approx(0.8)
    assert moves.shares.tolist() == pytest.approx([0.1, 0.1])
    assert moves.distances.tolist() == pytest.approx([50, 200])
    assert moves.origins.tolist() == [[100, 109], [110, 119]]
    assert moves.targets.tolist() == [[150, 159], [310, 319]]


def test_rows_that_stay_in_between_do_not_part_a_move():
    baseline = np.repeat(np.arange(10.0), 10)
    current = np.concatenate([baseline[5:], np.full(5, 10.0)])
    moves = summarize(transport_plan(*on_one_line(baseline, current)))
    assert moves.shares.tolist() == pytest.approx([0.5])
    assert moves.stayed == pytest.approx(0.5)
    assert moves.distances.tolist() == pytest.approx([1])


def test_many_small_moves_both_ways_are_the_rest():
    points = np.arange(1000.0)
    moves = summarize(
        transport_plan(points, np.tile([2, 1, 1, 2], 250), np.tile([1, 2, 2, 1], 250))
    )
    assert moves.shares.size == 0
    assert moves.stayed + moves.rest == pytest.approx(1)
    assert moves.rest_cost == pytest.approx(1 / 3)


def test_a_range_beyond_the_largest_float_does_not_overflow():
    largest = math.nextafter(math.inf, 0)
    line = (np.array([-largest, 0.0, largest]), np.array([2, 1, 1]), np.array([1, 2, 1]))
    plan = transport_plan(*line)
    assert plan_cost(plan) == pytest.approx(largest / 4)
    moves = summarize(plan)
    assert moves.distances.tolist() == pytest.approx([largest])
    assert moves.costs.tolist() == pytest.approx([largest / 4])
    assert np.diff(witness(*line) / 4).tolist() == pytest.approx([largest / 4, 0])


def test_a_distance_that_no_float_holds_is_infinite_and_its_cost_is_not():
    ends = np.array([-1.7e308, 1.7e308])
    moves = summarize(transport_plan(ends, np.array([3, 1]), np.array([2, 2])))
    assert moves.distances.tolist() == [math.inf]
    assert moves.costs.tolist() == pytest.approx([0.85e308])


@pytest.mark.parametrize("moved", [([1, 1], [2, 0], -math.inf), ([2, 0], [1, 1], math.inf)])
def test_only_the_last_move_may_be_beyond_the_largest_float(moved):
    ends, (p, q, distance) = np.array([-1.7e308, 1.7e308]), moved
    moves = summarize(transport_plan(ends, np.array(p), np.array(q)))
    assert moves.distances.tolist() == [distance]
    assert moves.costs.tolist() == pytest.approx([1.7e308])


@pytest.mark.parametrize("moved", [([1, 1], [2, 0]), ([2, 0], [1, 1])])
def test_only_the_last_step_of_a_plan_is_beyond_the_largest_float(moved):
    ends, (p, q) = np.array([-1.7e308, 1.7e308]), moved
    plan = transport_plan(ends, np.array(p), np.array(q))
    assert plan_cost(plan) == pytest.approx(1.7e308)


def test_the_plan_of_two_arrays_is_exact_while_the_points_are_the_data():
    plan = driftcli.transport_plan([3, 1, 1], [2, 2, 4])
    assert plan.origins.tolist() == [1, 3]
    assert plan.targets.tolist() == [2, 4]
    assert plan.shares.tolist() == pytest.approx([2 / 3, 1 / 3])
    assert (plan.cost, plan.error_bound) == (1, 0)


def test_the_plan_of_large_arrays_is_within_its_bound():
    rng = np.random.default_rng(7)
    baseline, current = rng.normal(size=40_000), rng.normal(0.3, 1.2, 40_000)
    exact = float(np.abs(np.sort(baseline) - np.sort(current)).mean())
    for found, value in (
        (plan := driftcli.transport_plan(baseline, current), plan.cost),
        (potential := driftcli.witness(baseline, current), potential.distance),
    ):
        assert found.error_bound > 0
        assert abs(value - exact) <= found.error_bound + 1e-12


def test_the_witness_of_two_arrays_reaches_their_distance():
    found = driftcli.witness([0.0, 1.0, 3.0], [5.0, 6.0, 8.0])
    assert found.distance == driftcli.wasserstein_distance([0, 1, 3], [5, 6, 8]).value
    p_mean, q_mean = (np.interp(side, found.values, found.potential).mean() for side in SIDES)
    assert q_mean - p_mean == pytest.approx(found.distance)


SIDES = ([0.0, 1.0, 3.0], [5.0, 6.0, 8.0])


@pytest.mark.parametrize("function", [driftcli.transport_plan, driftcli.witness])
def test_what_is_no_sample_is_refused(function):
    for bad in ([], [math.nan], [math.inf], [[1.0]]):
        with pytest.raises(ValueError, match="a sample must"):
            function([1.0], bad)

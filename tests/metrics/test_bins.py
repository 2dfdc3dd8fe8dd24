"""Bins: who shares one, what is in them, and what happens to empty ones."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from driftcli.metrics import bins

MASSES = arrays(np.int64, st.integers(1, 300), elements=st.integers(1, 1000))


@given(MASSES, st.integers(2, 50))
def test_no_bin_holds_much_more_than_its_share_unless_one_value_does(counts, size):
    weights = counts / counts.sum()
    labels = bins.equal_mass(weights, size)
    masses = np.bincount(labels, weights)
    alone = np.bincount(labels) == 1
    assert np.all(alone | (masses <= 2 / size + 1e-9))


@given(MASSES, st.integers(2, 50))
def test_labels_rise_by_at_most_one_from_zero(counts, size):
    labels = bins.equal_mass(counts / counts.sum(), size)
    assert labels[0] == 0
    assert set(np.diff(labels).tolist()) <= {0, 1}


@given(MASSES, st.integers(2, 50))
def test_a_value_that_holds_a_bins_mass_has_a_bin_of_its_own(counts, size):
    weights = counts / counts.sum()
    labels = bins.equal_mass(weights, size)
    for heavy in np.flatnonzero(weights >= 1 / size):
        assert np.count_nonzero(labels == labels[heavy]) == 1


def test_a_value_that_holds_just_a_bins_mass_has_a_bin_of_its_own():
    assert bins.equal_mass(np.array([0.25, 0.5, 0.25]), 2).tolist() == [0, 1, 2]


def test_bins_of_equal_mass_count_each_side_half_whatever_its_rows():
    # A thousand rows on the left and two on the right: the cut lies between the sides.
    p, q = np.array([500, 500, 0, 0]), np.array([0, 0, 1, 1])
    assert bins.equal_mass(bins.mixture(p, q), 2).tolist() == [0, 0, 1, 1]


def test_intervals_hold_their_lower_edge_and_the_outer_ones_are_open():
    values = np.array([-5.0, 0.0, 0.9, 1.0, 2.0, 99.0])
    assert bins.between(values, np.array([0.0, 1.0, 2.0])).tolist() == [0, 0, 0, 1, 1, 1]


INTEGERS = st.lists(st.integers(-20, 20), min_size=1, max_size=40)


@given(INTEGERS, st.lists(st.integers(-25, 25), min_size=2, max_size=9))
def test_a_value_lies_in_the_last_interval_that_begins_no_later(values, edges):
    values, edges = np.unique(values).astype(float), np.sort(edges).astype(float)
    found = bins.between(values, edges)
    assert found.tolist() == [int(np.count_nonzero(edges[1:-1] <= each)) for each in values]


def test_quantile_edges_are_distinct_and_span_the_side():
    values, counts = np.array([0.0, 1.0, 2.0, 3.0]), np.array([97, 1, 1, 1])
    assert bins.quantile_edges(values, counts, 10).tolist() == [0, 3]
    assert bins.quantile_edges(values, np.array([1, 1, 1, 1]), 4).tolist() == [0, 1, 2, 3]
    assert bins.quantile_edges(np.array([7.0]), np.array([5]), 4).tolist() == [7]


def test_uniform_edges_span_even_the_whole_range_of_floats():
    assert bins.uniform_edges(0.0, 1.0, 4).tolist() == [0, 0.25, 0.5, 0.75, 1]
    edges = bins.uniform_edges(-1.7e308, 1.7e308, 4)
    assert edges.tolist() == pytest.approx([-1.7e308, -0.85e308, 0, 0.85e308, 1.7e308])


def test_rare_categories_share_the_last_bin():
    # Of 100 rows a side: the third and fourth are expected 3 and 1 times, fewer than 5.
    p, q = np.array([60, 34, 4, 2]), np.array([50, 48, 2, 0])
    p_bins, q_bins, alone = bins.pool_rare(p, q)
    assert p_bins.tolist() == [60, 34, 6]
    assert q_bins.tolist() == [50, 48, 2]
    assert alone.tolist() == [True, True, False, False]


def test_a_category_is_not_rare_when_the_larger_side_expects_it_five_times():
    p, q = np.array([95, 5]), np.array([9, 1])
    assert bins.pool_rare(p, q)[2].tolist() == [True, True]


def test_rarity_does_not_depend_on_which_side_has_the_rows():
    # Five of 110 rows are expected 4.5 times on the larger side, whichever side they are on,
    # although one of ten rows is a tenth of the smaller side.
    for p, q in (([96, 4], [9, 1]), ([95, 5], [10, 0]), ([100, 0], [5, 5])):
        p_bins, q_bins, alone = bins.pool_rare(np.array(p), np.array(q))
        assert alone.tolist() == [True, False]
        assert (p_bins.tolist(), q_bins.tolist()) == (p, q)


def test_smoothing_adds_its_pseudo_count_to_every_bin():
    counts = np.array([3, 0, 1])
    assert bins.probabilities(counts).tolist() == [0.75, 0, 0.25]
    assert bins.probabilities(counts, 0.5).tolist() == pytest.approx(
        [3.5 / 5.5, 0.5 / 5.5, 1.5 / 5.5]
    )


@given(arrays(np.int64, st.integers(0, 60), elements=st.integers(0, 9)))
def test_whole_numbers_are_tallied_as_numpy_does(values):
    expected = np.unique(values, return_counts=True)
    for found, right in zip(bins.tallied(values), expected, strict=True):
        assert found.tolist() == right.tolist()

"""Weighted points: exact while few, certified beyond, and the same however they were merged."""

import math
from collections import Counter
from fractions import Fraction

import exactly
import numpy as np
import pytest
import zoo
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from zoo import COLUMNS, K

from driftcli.profile import numeric, points
from driftcli.profile.points import Points

SIZE = 3000
LIMITS = (16, 64, 300)
#: What the sums of float errors behind two roundings may differ by.
ULPS = Fraction(1, 10**12)


def profiled(values, limit):
    """Profile a part of a column as a finished one, with `limit` points at most."""
    return points.merge([parted(values, 2 * limit)], limit)


def parted(values, limit):
    """Profile a part of a column that is still being built."""
    if values.dtype.kind == "i":
        return points.from_sorted(points.narrow(np.sort(values)), limit)
    return points.from_sorted(np.sort(values).astype(np.float64), limit)


def exact_float(values):
    """Return values as the profile knows them before it merges any: float32 as float64."""
    return values.astype(np.float64) if values.dtype.kind == "f" else values


def cost(data: Points, values) -> Fraction:
    return exactly.weighted_wasserstein(
        exactly.points_of(data), Counter(exact_float(values).tolist())
    )


def check_form(found: Points, limit: int, rows: int):
    assert found.values.size <= limit
    assert found.values.size == found.counts.size
    assert (found.values[1:] > found.values[:-1]).all()
    assert (found.counts > 0).all()
    assert found.total == rows
    assert np.isfinite(found.rounding)


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("name", COLUMNS)
def test_the_rounding_is_a_true_bound(name, limit):
    values = zoo.column(name, SIZE, seed=3)
    found = profiled(values, limit)
    check_form(found, limit, SIZE)
    assert cost(found, values) <= Fraction(found.rounding) * (1 + ULPS)


@pytest.mark.parametrize("name", COLUMNS)
def test_the_rounding_is_a_true_bound_after_many_merges(name):
    values = zoo.column(name, SIZE, seed=4)
    parts = [parted(part, 64) for part in np.array_split(values, 11)]
    nested = points.merge(
        [points.merge(parts[:4], 64), points.merge(parts[4:7], 64), *parts[7:]], 32
    )
    check_form(nested, 32, SIZE)
    assert cost(nested, values) <= Fraction(nested.rounding) * (1 + ULPS)


@pytest.mark.parametrize("name", COLUMNS)
def test_points_of_few_values_are_the_data(name):
    values = zoo.column(name, 200, seed=5)
    found = profiled(values, 200)
    assert found.exact
    assert exactly.points_of(found) == Counter(exact_float(values).tolist())
    assert found.distinct == found.values.size
    assert found.repeats == 200 - found.distinct


@pytest.mark.parametrize("name", COLUMNS)
def test_points_whose_values_are_exact_say_so_and_others_do_not(name):
    values = zoo.column(name, SIZE, seed=6)
    found = profiled(values, 64)
    assert found.exact == (np.unique(values).size <= 64)


@given(
    arrays(np.int64, st.integers(50, 400), elements=st.integers(1, 15)),
    st.integers(0, 2**32 - 1),
)
def test_ties_of_any_length_stay_exact_up_to_the_limit(lengths, seed):
    # Gaps over many orders of magnitude, so that steps of several rows are tempting.
    rng = np.random.default_rng(seed)
    values = np.cumsum(np.exp(rng.normal(0, 8, lengths.size)))
    ordered = np.repeat(values, lengths)
    found = points.from_sorted(ordered, lengths.size)
    assert found.exact
    assert found.values.tolist() == np.unique(values).tolist()


@pytest.mark.parametrize("missing", range(8))
def test_rows_of_values_that_have_eight_each_are_counted_right(missing):
    # Steps of eight rows meet each value, but begin within it, unless one of them is wide.
    values = np.repeat(np.arange(601.0), 8)[missing:]
    values[values >= 500] += 1e6
    found = points.from_sorted(values, 1_024)
    assert found.exact
    assert found.counts.tolist() == [8 - missing, *[8] * 600]


@given(
    arrays(
        np.float64,
        st.integers(1, 300),
        elements=st.floats(allow_nan=False, allow_infinity=False),
    ),
    st.integers(8, 40),
)
def test_any_finite_floats_are_bounded(values, limit):
    found = profiled(values, limit)
    check_form(found, limit, values.size)
    assert cost(found, values) <= Fraction(found.rounding) * (1 + ULPS)


@given(
    arrays(np.int64, st.integers(1, 300), elements=st.integers(-(2**63), 2**63 - 1)),
    st.integers(8, 40),
)
def test_any_integers_are_bounded(values, limit):
    found = profiled(values, limit)
    check_form(found, limit, values.size)
    assert cost(found, values) <= Fraction(found.rounding) * (1 + ULPS)


@pytest.mark.parametrize("pairs", [2, 3, 5])
def test_blocks_of_neighbouring_floats_are_never_taken_for_exact(pairs):
    # Two values an ulp apart have no float between them: their mean is one of them.
    values = np.sort(np.concatenate([1e15 + 0.125 * np.arange(pairs * 100)] * 2))
    found = points.merge([points.from_sorted(values, 100)], 100)
    assert not found.exact
    assert cost(found, values) <= Fraction(found.rounding) * (1 + ULPS)


def test_a_spike_stays_exactly_where_it_is():
    rng = np.random.default_rng(7)
    values = np.where(rng.random(300_000) < 0.6, 0.0, rng.exponential(size=300_000))
    parts = [points.from_sorted(np.sort(part)) for part in np.array_split(values, 5)]
    found = points.merge(parts)
    at = np.searchsorted(found.values, 0.0)
    assert found.values[at] == 0
    assert found.counts[at] == np.count_nonzero(values == 0)


@given(st.lists(st.sets(st.sampled_from([-1.0, 0.0, 2.0])), min_size=1, max_size=5), st.data())
def test_merged_zeros_have_the_sign_of_the_first_of_them(parts, data):
    signed = [
        [value or data.draw(st.sampled_from([0.0, -0.0])) for value in sorted(part)]
        for part in parts
    ]
    found = points.merge([points.from_sorted(np.array(part)) for part in signed])
    first = next((value for part in signed for value in part if not value), None)
    zeros = [value for value in found.values.tolist() if not value]
    assert [math.copysign(1, value) for value in zeros] == (
        [] if first is None else [math.copysign(1, first)]
    )


def test_a_far_value_does_not_leave_the_others_in_one_block():
    values = zoo.column("sentinel", 200_000, seed=8)
    found = points.merge([points.from_sorted(np.sort(values))])
    bulk = found.counts[found.values < 1e9]
    assert bulk.max() <= 0.001 * values.size
    cut = np.searchsorted(found.values, 0.0)
    assert found.counts[:cut].sum() / values.size == pytest.approx((values < 0).mean(), abs=1e-3)


@pytest.mark.parametrize("name", COLUMNS)
def test_merging_is_commutative_and_associative_up_to_the_bound(name):
    a, b, c = (parted(zoo.column(name, 900, seed), 64) for seed in (1, 2, 3))
    ways = [
        points.merge([a, b, c], 32),
        points.merge([c, a, b], 32),
        points.merge([points.merge([a, b], 64), c], 32),
        points.merge([a, points.merge([c, b], 64)], 32),
    ]
    for way in ways[1:]:
        assert way.total == ways[0].total == 2700
        apart = exactly.weighted_wasserstein(exactly.points_of(way), exactly.points_of(ways[0]))
        assert apart <= Fraction(way.rounding) + Fraction(ways[0].rounding)


@pytest.mark.parametrize("name", COLUMNS)
def test_merging_is_the_same_in_any_order_while_exact(name):
    values = zoo.column(name, 240, seed=9)
    parts = [parted(part, 300) for part in np.array_split(values, 6)]
    whole = parted(values, 300)
    for merged in (
        points.merge(parts, 300),
        points.merge(parts[::-1], 300),
        points.merge([points.merge(parts[:3], 300), *parts[3:]], 300),
    ):
        assert merged.exact
        assert merged.values.dtype == whole.values.dtype
        assert merged.values.tolist() == whole.values.tolist()
        assert merged.counts.tolist() == whole.counts.tolist()
        assert (merged.distinct, merged.repeats) == (whole.distinct, whole.repeats)


@pytest.mark.parametrize("name", COLUMNS)
def test_merging_leaves_its_arguments_as_they_are(name):
    parts = [parted(zoo.column(name, 500, seed), 64) for seed in (1, 2)]
    before = [(part.values.copy(), part.counts.copy(), part.rounding) for part in parts]
    points.merge(parts, 16)
    for part, (values, counts, rounding) in zip(parts, before, strict=True):
        assert part.values.tobytes() == values.tobytes()
        assert part.counts.tobytes() == counts.tobytes()
        assert part.rounding == rounding


@pytest.mark.parametrize(
    ("floats", "integers"),
    [
        ([0.5, 1.5, 2.5], [2**60, 2**60 + 1]),  # the fractions would move more
        ([1e300, -1e300], [2**60 + 1, 5]),  # no integer holds these
        ([1.0, 2.0, 4.0], [-(2**63), 2**63 - 1]),  # nothing moves
        ([2.0**63], [-(2**63), 7]),
    ],
)
def test_integers_beyond_2_53_and_floats_merge_within_the_bound(floats, integers):
    parts = [points.from_sorted(np.array(floats)), points.from_sorted(np.array(integers))]
    parts[0] = points.from_sorted(np.sort(floats))
    parts[1] = points.from_sorted(np.sort(np.array(integers, np.int64)))
    found = points.merge(parts)
    check_form(found, K, len(floats) + len(integers))
    moved = exactly.weighted_wasserstein(exactly.points_of(found), Counter([*floats, *integers]))
    assert moved <= Fraction(found.rounding) * (1 + ULPS)
    assert found.exact == (moved == 0)


def test_counting_and_sorting_integers_give_the_same_points():
    values = np.random.default_rng(10).integers(-300, 300, 5000)
    counted = points.count_integers(values)
    ordered = points.from_sorted(points.narrow(np.sort(values)))
    assert counted is not None
    assert counted.values.tolist() == ordered.values.tolist()
    assert counted.counts.tolist() == ordered.counts.tolist()
    assert (counted.distinct, counted.repeats) == (ordered.distinct, ordered.repeats)


def test_integers_of_a_wide_range_are_not_counted():
    assert points.count_integers(np.array([0, 10**6])) is None
    assert points.count_integers(np.array([2**60, 2**60 + 1])) is None


@pytest.mark.parametrize("size", [40_000, 150_000, 300_000])
@pytest.mark.parametrize("name", ["normal", "prices", "sentinel", "beyond_2_53", "full_range"])
def test_a_finished_profile_never_has_more_than_its_points(name, size):
    parts = [numeric.from_values(part) for part in np.array_split(zoo.column(name, size, 11), 3)]
    found = numeric.merge(parts).points
    check_form(found, K, size)


def test_nothing_merges_to_nothing():
    assert points.merge([]) is points.EMPTY
    assert points.merge([points.EMPTY, points.EMPTY]) is points.EMPTY

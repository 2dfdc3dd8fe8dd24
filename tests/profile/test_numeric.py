"""A numeric column's moments, extremes and what is not a finite number."""

import datetime as dt
from collections import Counter

import numpy as np
import pytest
import zoo
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from zoo import COLUMNS

from driftcli.profile import clock, numeric

#: In these the squares are beyond what numpy's `std` can hold, or the mean beside them.
BEYOND_NUMPY = {
    *("extremes", "spread_extremes", "largest", "huge_and_tiny", "tiny", "subnormal"),
    *("beyond_2_53", "few_ulps_apart"),
}


def moments(values):
    """Return mean and standard deviation with 80 bits, in a scale that does not overflow."""
    wide = values.astype(np.longdouble)
    scale = np.abs(wide).max()
    if not scale:
        return 0.0, 0.0
    mean = (wide / scale).mean()
    return float(mean * scale), float(np.sqrt(np.square(wide / scale - mean).mean()) * scale)


# Of subnormal numbers, a product with a share of rows has no digits left.
@pytest.mark.parametrize("size", [1, 2, 3000, 60_000])
@pytest.mark.parametrize("name", sorted(set(COLUMNS) - {"subnormal"}))
def test_moments_and_extremes_are_those_of_the_values(name, size):
    values = zoo.column(name, size, seed=1)
    parts = [numeric.from_values(part) for part in np.array_split(values, min(size, 7))]
    for found in (numeric.from_values(values), numeric.merge(parts), numeric.merge(parts[::-1])):
        mean, sd = moments(values)
        assert found.mean == pytest.approx(mean, rel=1e-9, abs=1e-9 * sd)
        assert found.sd == pytest.approx(sd, rel=1e-9, abs=1e-12 * abs(mean))
        assert (found.low, found.high) == (values.min(), values.max())


@pytest.mark.parametrize("name", sorted(set(COLUMNS) - BEYOND_NUMPY))
def test_moments_equal_numpys(name):
    values = zoo.column(name, 2000, seed=2).astype(np.float64)
    found = numeric.from_values(values)
    assert found.mean == pytest.approx(float(np.mean(values)), rel=1e-9, abs=1e-9 * found.sd)
    assert found.sd == pytest.approx(float(np.std(values)), rel=1e-9)


@pytest.mark.parametrize("name", COLUMNS)
def test_any_chunking_of_few_values_gives_the_same_profile_bit_for_bit(name):
    values = zoo.column(name, 2000, seed=3)
    whole = numeric.merge([numeric.from_values(values)])
    for cuts in ([1], [7, 900, 901], range(50, 2000, 50)):
        parts = [numeric.from_values(part) for part in np.split(values, list(cuts))]
        merged = numeric.merge(parts)
        assert (merged.mean, merged.sd) == (whole.mean, whole.sd)
        assert (merged.low, merged.high) == (whole.low, whole.high)
        assert merged.points.values.tobytes() == whole.points.values.tobytes()
        assert merged.points.counts.tobytes() == whole.points.counts.tobytes()


def test_a_constant_has_no_deviation():
    for value in (0.1, 1e300, -1e-300, 5e-324):
        found = numeric.from_values(np.full(1000, value))
        assert found.sd == 0
        assert found.mean == pytest.approx(value, rel=1e-15)


@given(
    arrays(
        np.float64,
        st.integers(0, 60),
        elements=st.sampled_from([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.5, -2.0]),
    ),
    st.integers(0, 60),
)
def test_what_is_not_finite_is_counted_apart(values, cut):
    parts = [numeric.from_values(values[:cut]), numeric.from_values(values[cut:])]
    finite = values[np.isfinite(values)]
    for found in (numeric.from_values(values), numeric.merge(parts)):
        assert found.nan == np.isnan(values).sum()
        assert found.positive_infinity == (values == np.inf).sum()
        assert found.negative_infinity == (values == -np.inf).sum()
        assert Counter(finite.tolist()) == Counter(
            dict(zip(found.points.values.tolist(), found.points.counts.tolist(), strict=True))
        )


@pytest.mark.parametrize(
    "values",
    [
        np.array([np.nan, np.inf]),
        *(np.array([], kind) for kind in (np.float64, np.int64, np.uint64)),
    ],
)
def test_nothing_finite_leaves_no_moments(values):
    found = numeric.from_values(values)
    assert np.isnan([found.mean, found.sd, found.low, found.high]).all()
    assert not found.points.total


def test_extremes_of_integers_beyond_2_53_are_exact():
    values = np.array([2**60 + 1, 2**60 + 3, -(2**63)])
    found = numeric.from_values(values)
    assert (found.low, found.high) == (-(2**63), 2**60 + 3)


def test_unsigned_integers_beyond_int64_are_floats_with_their_rounding():
    values = np.array([2**63 + 1, 2**63 + 3, 2**64 - 1, 5], np.uint64)
    found = numeric.from_values(values)
    assert (found.low, found.high) == (5, 2**64 - 1)
    # Off by 1, 3, 1 and 0 of the four rows.
    assert found.points.rounding == 5 / 4
    assert not found.points.exact


def hours_by_datetime(ticks, per_second):
    epoch = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    counts = Counter(
        epoch + dt.timedelta(seconds=int(tick) // per_second) for tick in ticks.tolist()
    )
    hours, days = np.zeros(24, int), np.zeros(7, int)
    for moment, count in counts.items():
        hours[moment.hour] += count
        days[moment.weekday()] += count
    return hours.tolist(), days.tolist()


@pytest.mark.parametrize(
    ("unit", "per_second"), [("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9)]
)
@pytest.mark.parametrize("days", [2, 4000])
def test_hours_and_weekdays_equal_datetimes(unit, per_second, days):
    # From before the epoch to after it; within two days the hours are looked up, not divided.
    rng = np.random.default_rng(12)
    ticks = rng.integers(-days * 43_200 * per_second, days * 43_200 * per_second, 700)
    found = numeric.from_values(ticks, time_unit=unit).hours_of_week
    expected = hours_by_datetime(ticks, per_second)
    assert (clock.by_hour(found).tolist(), clock.by_weekday(found).tolist()) == expected
    halves = [numeric.from_values(part, time_unit=unit) for part in np.array_split(ticks, 2)]
    assert numeric.merge(halves).hours_of_week.tolist() == found.tolist()


@pytest.mark.parametrize("step", [1, 1000, 2**40])
def test_integers_that_come_sorted_have_the_profile_of_those_that_do_not(step):
    ordered = 7 + step * np.repeat(np.arange(50_000), 3)
    kept = ordered.copy()
    found = [numeric.from_values(each) for each in (ordered, np.roll(ordered, 1))]
    assert len({(each.mean, each.sd, each.low, each.high) for each in found}) == 1
    assert found[0].points.values.tobytes() == found[1].points.values.tobytes()
    assert found[0].points.counts.tobytes() == found[1].points.counts.tobytes()
    assert np.array_equal(ordered, kept)

"""Groups of numbers that are profiled together have the profiles that each has by itself."""

from __future__ import annotations

import numpy as np
import pytest
import zoo
from hypothesis import given
from hypothesis import strategies as st

from driftcli.profile import numeric, numeric_by_group
from driftcli.profile.numeric import Numbers

LIMIT = 32
#: What each shape is multiplied by, so that it is whole numbers of some size.
WHOLE = {"few": 3.0, "more": 1e3, "beyond 2^53": 1e17}


def bits(side: Numbers) -> tuple[object, ...]:
    held = side.points
    others = (held.rounding, held.distinct, held.repeats, side.mean, side.sd, side.low, side.high)
    apart = (side.nan, side.positive_infinity, side.negative_infinity)
    arrays = (held.values, held.counts, side.hours_of_week)
    return repr(others), apart, [(each.dtype, each.tobytes()) for each in arrays]


def check(values: np.ndarray, sizes: list[int], unit: str | None = None) -> None:
    made = numeric_by_group.by_group(values, sizes, time_unit=unit, limit=LIMIT)
    parts = np.split(values, np.cumsum(sizes)[:-1])
    for found, own in zip(made, parts, strict=True):
        assert bits(found) == bits(numeric.from_values(own, time_unit=unit, limit=LIMIT))


@st.composite
def groups(draw: st.DrawFn) -> list[int]:
    """Return the sizes of groups: empty ones, of few values, of more than points, of many more."""
    sizes = st.one_of(st.integers(0, 3), st.integers(20, 60), st.integers(120, 2_000))
    return draw(st.lists(sizes, min_size=1, max_size=8))


@given(st.sampled_from(sorted(zoo.FLOATS)), groups(), st.booleans(), st.booleans())
def test_floats(name: str, sizes: list[int], narrow: bool, rounded: bool) -> None:
    with np.errstate(over="ignore"):
        values = zoo.FLOATS[name](np.random.default_rng(1), sum(sizes))
        values = values.astype(np.float32) if narrow else values.astype(np.float64)
    check(np.round(values, 1) if rounded else values, sizes)


@given(groups(), st.lists(st.sampled_from([np.nan, np.inf, -np.inf, 1e300, -0.0]), max_size=3))
def test_what_is_not_finite_or_huge(sizes: list[int], others: list[float]) -> None:
    values = np.random.default_rng(2).normal(size=sum(sizes))
    values[: len(others)] = others[: values.size]
    check(np.random.default_rng(3).permutation(values), sizes)


@given(groups(), st.sampled_from(sorted(WHOLE)), st.sampled_from([None, "s", "ns"]), st.booleans())
def test_whole_numbers_and_times(
    sizes: list[int], size: str, unit: str | None, ordered: bool
) -> None:
    drawn = np.random.default_rng(4).normal(size=sum(sizes)) * WHOLE[size]
    values = drawn.astype(np.int64)
    check(np.sort(values) if ordered else values, sizes, unit)


@pytest.mark.parametrize("dtype", [np.float64, np.int64, np.uint64])
def test_more_groups_than_are_profiled_at_once(dtype: type) -> None:
    values = np.random.default_rng(5).normal(1e4, 1e3, 300_000).astype(dtype)
    check(values, [99_000, 0, 1_000, 40_000, 130_000, 30_000])

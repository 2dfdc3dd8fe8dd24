"""The parts of a score add up to it, and each is what it says."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import zoo
from hypothesis import assume, given
from hypothesis import strategies as st

from driftcli.comparison.pair import paired
from driftcli.comparison.segments.decomposition import (
    Means,
    Whole,
    mix,
    of_missing,
    of_values,
    within,
)
from driftcli.config import ResolvedColumn, Settings, resolve
from driftcli.profile.column import ColumnProfile, from_array, merge
from driftcli.profile.kinds import Kind, kind_of
from driftcli.report.segments import Decomposition

counts = st.integers(0, 50)
whole_numbers = st.integers(-1_000, 1_000)
sides = st.lists(st.tuples(counts, whole_numbers, counts, whole_numbers), min_size=1, max_size=8)


def means(rows: list[int], values: list[int]) -> Means:
    return Means(np.array(rows), np.array(values, float), np.zeros(len(rows)))


@given(sides.filter(lambda some: any(s[0] for s in some) and any(s[2] for s in some)))
def test_mix_and_within_are_the_rise_of_the_mean(some: list[tuple[int, int, int, int]]) -> None:
    p_rows, p_values, q_rows, q_values = (list(each) for each in zip(*some, strict=True))
    p, q = means(p_rows, p_values), means(q_rows, q_values)
    rise = _mean(q_rows, q_values) - _mean(p_rows, p_values)
    assert mix(p, q)[0] + float(within(p, q).sum()) == pytest.approx(float(rise), abs=1e-9)
    # Backwards both parts change their signs.
    assert mix(q, p)[0] == pytest.approx(-mix(p, q)[0], abs=1e-9)
    assert within(q, p) == pytest.approx(-within(p, q), abs=1e-9)
    one_sided = np.array([not (s[0] and s[2]) for s in some])
    assert not within(p, q)[one_sided].any()


def _mean(rows: list[int], values: list[int]) -> Fraction:
    return Fraction(sum(n * v for n, v in zip(rows, values, strict=True)), sum(rows))


def rules() -> ResolvedColumn:
    return resolve(Settings(), ["x"])["x"]


Blocks = list[tuple[list[Any] | None, list[Any] | None]]


def decomposed(
    segments: Blocks, type_: pa.DataType, *, limit: int = 16_384
) -> tuple[Decomposition | None, Decomposition | None]:
    """Return the parts of the distance and of the missing values of a column by segments."""
    kind = kind_of(type_)
    assert kind is not None
    profiles = [
        [
            None
            if rows is None
            else merge([_profile(pa.array(rows, type_, from_pandas=False), kind)], limit)
            for rows in side
        ]
        for side in zip(*segments, strict=True)
    ]
    everything = [
        _profile(pa.array([v for rows in side if rows for v in rows], type_), kind)
        for side in zip(*segments, strict=True)
    ]
    whole = Whole("x", *everything, paired(*everything, rules()), rules())
    labels = [str(at) for at in range(len(segments))]
    return of_values(whole, *profiles, labels), of_missing(whole, *profiles, labels)


def _profile(array: pa.Array, kind: Kind) -> ColumnProfile:
    return from_array("x", array, kind)


def rows_of(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Blocks]:
    rows = st.none() | st.lists(st.none() | values, max_size=12)
    both = st.lists(st.tuples(rows, rows), min_size=1, max_size=5)
    return both.filter(lambda some: all(any(s[at] for s in some) for at in (0, 1)))


@given(rows_of(st.integers(-20, 20).map(float)), st.sampled_from([pa.float64(), pa.int64()]))
def test_the_parts_of_a_distance_of_numbers_are_exact(segments: Blocks, type_: pa.DataType) -> None:
    """Against moving every row: W₁ is the sum of the parts, and of each segment's part."""
    found, _ = decomposed(segments, type_)
    assume(found is not None)
    check_parts(found)


@given(rows_of(st.integers(-20, 20).map(float)))
def test_the_parts_of_a_change_in_what_is_missing_are_exact(segments: Blocks) -> None:
    _, missing = decomposed(segments, pa.float64())
    assume(missing is not None)
    check_parts(missing)


def check_parts(found: Decomposition | None) -> None:
    assert found is not None
    assert found.mix + found.within == pytest.approx(found.total, rel=1e-12)
    assert found.mix_share + found.within_share == pytest.approx(1, rel=1e-12)
    assert sum(s.within for s in found.segments) == pytest.approx(found.within, abs=1e-9)
    assert found.error_bound == 0


@given(rows_of(st.sampled_from("abcdef")))
def test_the_parts_of_a_distance_of_categories_are_exact(segments: Blocks) -> None:
    # Five times, since names that are too rare share a bin, and then nothing differs.
    often = [tuple(rows and rows * 5 for rows in side) for side in segments]
    found, _ = decomposed(often, pa.string())
    assume(found is not None)
    assert found is not None
    assert found.unit is None
    assert sum(s.within for s in found.segments) == pytest.approx(found.within, abs=1e-9)


@given(rows_of(st.integers(0, 10**7)))
def test_the_parts_of_a_distance_of_times_are_exact(segments: Blocks) -> None:
    found, _ = decomposed(segments, pa.timestamp("ms"))
    assume(found is not None)
    assert found is not None
    assert sum(s.within for s in found.segments) == pytest.approx(found.within, abs=1e-9)


def test_a_known_case() -> None:
    """P is 0 in a and 10 in b, half each; a quarter of the rows goes from a to b, and b to 12."""
    before: Blocks = [([0.0] * 2, [0.0]), ([10.0] * 2, [12.0] * 3)]
    found, _ = decomposed(before, pa.float64())
    assert found is not None
    # W₁ = ¼ · 10 + ¾ · 2, of which b's own change is (½ + ¾)/2 · 2.
    assert (found.unit, found.total) == ("baseline sd", pytest.approx(4.0 / 5))
    assert found.within == pytest.approx(1.25 / 5)
    assert found.mix == pytest.approx(2.75 / 5)
    assert [(each.label, each.within) for each in found.segments] == [("1", pytest.approx(0.25))]


def test_a_part_can_exceed_the_total() -> None:
    """All rows go up by 3, and a tenth of them from the upper segment to the lower, 5 down."""
    lower = [float(at) for at in range(10)]
    upper = [value + 5 for value in lower]
    segments: Blocks = [
        (lower * 5, [value + 3 for value in lower] * 6),
        (upper * 5, [value + 3 for value in upper] * 4),
    ]
    found, _ = decomposed(segments, pa.float64())
    assert found is not None
    # W₁ = 3 − ½, as no row goes down in the best plan.
    assert found.within_share == pytest.approx(3 / 2.5)
    assert found.mix_share == pytest.approx(-0.5 / 2.5)


def test_a_constant_baseline_is_told_in_the_column_s_unit() -> None:
    found, _ = decomposed([([5.0] * 10, [5.0] * 5 + [7.0] * 5)], pa.float64())
    assert found is not None
    assert (found.metric, found.unit, found.total) == ("wasserstein_raw", None, 1.0)
    assert found.within == pytest.approx(1)


@pytest.mark.parametrize(
    "segments",
    [
        [([1.0, 2.0], [1.0, 2.0])],
        [([1.0, 2.0], [None, None])],
        [([-1.7e308, 1.0], [1.7e308, 1.7e308])],
    ],
    ids=["no change", "no values", "an infinite distance"],
)
def test_what_cannot_be_shared_out_has_no_parts(segments: Blocks) -> None:
    assert decomposed(segments, pa.float64())[0] is None


@pytest.mark.parametrize("name", ["normal", "lognormal", "t2", "zero_inflated", "wide_integers"])
def test_rounded_segments_are_within_the_bound(name: str) -> None:
    """Segments of few points, against segments of all of them."""
    rng = np.random.default_rng(4)
    values = zoo.column(name, 12_000, seed=1)
    other = zoo.column(name, 9_000, seed=2)
    other = other + (np.asarray(np.std(values.astype(float)) / 3)).astype(other.dtype)
    p_at, q_at = rng.integers(0, 3, values.size), rng.choice(3, other.size, p=[0.6, 0.3, 0.1])
    segments: Blocks = [
        (values[p_at == at].tolist(), other[q_at == at].tolist()) for at in range(3)
    ]
    type_ = pa.int64() if values.dtype.kind == "i" else pa.float64()
    exact, _ = decomposed(segments, type_)
    rough, _ = decomposed(segments, type_, limit=40)
    assert exact is not None
    assert rough is not None
    assert exact.error_bound == 0 < rough.error_bound
    assert rough.total == exact.total
    assert abs(rough.mix - exact.mix) <= rough.error_bound
    assert rough.mix + rough.within == pytest.approx(rough.total, rel=1e-12)

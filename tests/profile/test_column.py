"""A column's profile of many blocks, whose types may differ within one family."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from driftcli.api.compare import compare
from driftcli.arrays import EncryptedType
from driftcli.profile.column import Invalid, from_array, merge
from driftcli.profile.kinds import kind_of

TICKS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def timed(seconds, unit):
    return from_array("t", pa.array(seconds * TICKS[unit], pa.timestamp(unit)), "timestamp")


@pytest.mark.parametrize("unit", TICKS)
@pytest.mark.parametrize("other", TICKS)
def test_times_of_different_units_merge_as_moments(unit, other):
    seconds = np.random.default_rng(1).integers(-(10**9), 2 * 10**9, 200)
    found = merge([timed(seconds[:80], unit), timed(seconds[80:], other)])
    finest = max((unit, other), key=TICKS.get)
    whole = timed(seconds, finest)
    assert (found.time_unit, found.type) == (finest, f"timestamp[{finest}]")
    assert found.values.points.values.tolist() == whole.values.points.values.tolist()
    assert found.values.points.counts.tolist() == whole.values.points.counts.tolist()
    assert (found.values.mean, found.values.sd) == (whole.values.mean, whole.values.sd)
    assert (found.values.low, found.values.high) == (whole.values.low, whole.values.high)
    assert found.values.hours_of_week.tolist() == whole.values.hours_of_week.tolist()


def test_dates_merge_with_times_and_nulls():
    parts = [
        from_array("t", pa.array([1], pa.date32()), "timestamp"),
        from_array("t", pa.nulls(2), "timestamp"),
        from_array("t", pa.array([86_400_000_001], pa.timestamp("us")), "timestamp"),
    ]
    found = merge(parts)
    assert found.values.points.values.tolist() == [86_400_000_000, 86_400_000_001]
    assert (found.rows, found.missing, found.type) == (4, 2, "timestamp[us]")


def test_a_moment_beyond_nanoseconds_keeps_a_bound():
    year_one = timed(np.array([-62_135_596_800]), "s")
    found = merge([year_one, timed(np.array([0, 1]), "ns")])
    assert found.values.low == -62_135_596_800 * 10**9
    assert found.values.points.values[0] == pytest.approx(-62_135_596_800e9, rel=1e-15)
    assert found.values.points.rounding > 0


def test_a_directory_of_files_with_several_units_is_one_column(tmp_path):
    for name, unit in (("a", "ms"), ("b", "us")):
        times = pa.array(np.arange(3) * TICKS[unit], pa.timestamp(unit))
        pq.write_table(pa.table({"t": times}), tmp_path / f"{name}.parquet")
    (column,) = compare(tmp_path, tmp_path).columns
    stats = column.baseline
    assert (stats.distinct, stats.rows) == (3, 6)
    assert (stats.min, stats.max) == ("1970-01-01T00:00:00", "1970-01-01T00:00:02")


def test_integers_and_doubles_merge_to_doubles():
    parts = [
        from_array("x", pa.array([1, 2]), "numeric"),
        from_array("x", pa.nulls(1), "numeric"),
        from_array("x", pa.array([2.0, 2.5]), "numeric"),
    ]
    found = merge(parts)
    assert (found.type, found.integers, found.missing) == ("double", False, 1)
    assert found.values.points.values.tolist() == [1, 2, 2.5]
    assert found.values.points.counts.tolist() == [1, 2, 1]


def test_the_first_invalid_value_keeps_its_row_and_all_are_counted():
    def part(rows, *found):
        return from_array("x", pa.nulls(rows, pa.float64()), "numeric", *found)

    merged = merge([part(10), part(10, Invalid(2, "N/A", 3)), part(5, Invalid(1, "-", 0))])
    assert merged.invalid == Invalid(3, "N/A", 13)
    assert (merged.rows, merged.missing) == (25, 22)


def test_merging_leaves_its_arguments_as_they_are():
    parts = [timed(np.arange(50), "s"), timed(np.arange(60), "ms")]
    before = [repr(part) for part in parts]
    merge(parts, 16)
    assert [repr(part) for part in parts] == before


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        (pa.int8(), "numeric"),
        (pa.float16(), "numeric"),
        (pa.decimal128(5, 1), "numeric"),
        (pa.duration("s"), "numeric"),
        (pa.time64("ns"), "numeric"),
        (pa.null(), "numeric"),
        (pa.bool_(), "categorical"),
        (pa.string(), "categorical"),
        (pa.dictionary(pa.int8(), pa.string()), "categorical"),
        (pa.date32(), "timestamp"),
        (pa.timestamp("us", "UTC"), "timestamp"),
        (pa.list_(pa.int8()), "list"),
        (pa.list_(pa.int8(), 2), "list"),
        (pa.binary(), "unsupported"),
        (pa.map_(pa.string(), pa.int8()), "unsupported"),
        (pa.dictionary(pa.int8(), pa.binary()), "unsupported"),
        (EncryptedType(pa.int8()), None),
    ],
)
def test_a_type_has_one_kind(type_, kind):
    assert kind_of(type_) == kind

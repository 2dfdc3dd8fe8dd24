"""Columns of every type, and sides that are empty, constant, or typed otherwise."""

import datetime as dt
import math
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from driftcli.api.compare import compare
from driftcli.errors import InputError


def report(baseline, current, **options):
    return compare(pa.table({"x": baseline}), pa.table({"x": current}), **options)


def only(baseline, current, **options):
    return report(baseline, current, **options).columns[0]


def score(column, metric):
    return column.score(metric).number


NUMERIC = {
    "int8": pa.array([0, 1, 5], pa.int8()),
    "uint64": pa.array([0, 1, 5], pa.uint64()),
    "halffloat": pa.array(np.array([0, 1, 5], np.float16)),
    "float": pa.array([0, 1, 5], pa.float32()),
    "decimal128(10, 2)": pa.array(map(Decimal, [0, 1, 5]), pa.decimal128(10, 2)),
    "decimal256(40, 2)": pa.array(map(Decimal, [0, 1, 5]), pa.decimal256(40, 2)),
    "duration[ms]": pa.array([0, 1000, 5000], pa.duration("ms")),
    "duration[ns]": pa.array([0, 10**9, 5 * 10**9], pa.duration("ns")),
    "time32[s]": pa.array([0, 1, 5], pa.time32("s")),
    "time64[us]": pa.array([0, 10**6, 5 * 10**6], pa.time64("us")),
}


@pytest.mark.parametrize("kind", NUMERIC)
def test_numbers_of_every_type_are_scored_alike(kind):
    values = NUMERIC[kind]
    found = only(values, pa.array([0.0, 1.0, 2.0]))
    assert found.kind == "numeric"
    assert found.baseline.type == kind
    assert score(found, "wasserstein_raw") == 1
    assert (found.baseline.min, found.baseline.max, found.baseline.mean) == (0, 5, 2)


@pytest.mark.parametrize("kind", NUMERIC)
def test_other_numbers_are_compared_as_one(kind):
    found = report(NUMERIC[kind], pa.array([0.0, 1.0, 5.0]))
    assert score(found.columns[0], "js_distance") == 0
    assert [(each.kind, each.status, each.message) for each in found.findings] == [
        ("type_change", "ok", f"`x`: type {kind} → double, compared as one")
    ]
    assert found.verdict == "ok"


def test_unsigned_integers_beyond_int64_keep_a_bound():
    p = pa.array([2**63 + k for k in range(100)], pa.uint64())
    q = pa.array([2**63 + k + 5000 for k in range(100)], pa.uint64())
    found = only(p, q).score("wasserstein_raw")
    assert abs(found.number - 5000) <= found.error_bound
    assert 0 < found.error_bound <= 2048
    mixed = pa.chunked_array([pa.array([7], pa.uint64()), p])
    assert score(only(mixed, mixed), "wasserstein_raw") == 0


CATEGORICAL = {
    "string": pa.array(["0", "1", "1"]),
    "large_string": pa.array(["0", "1", "1"], pa.large_string()),
    "string_view": pa.array(["0", "1", "1"], pa.string_view()),
    "dictionary": pa.array(["0", "1", "1"]).dictionary_encode(),
    "doubled": pa.DictionaryArray.from_arrays(pa.array([0, 1, 2]), pa.array(["0", "1", "1"])),
}


@pytest.mark.parametrize("kind", CATEGORICAL)
def test_texts_of_every_encoding_are_one_type(kind):
    found = report(CATEGORICAL[kind], pa.array(["1", "0", "1"]))
    assert found.columns[0].kind == "categorical"
    assert found.columns[0].baseline.type == "string"
    assert score(found.columns[0], "js_distance") == 0
    assert found.findings == ()


def test_booleans_are_categories():
    found = only(
        pa.array([True, False, None, True] * 20), pa.array([True, False, False, False] * 20)
    )
    assert [(each.value, each.count) for each in found.baseline.top] == [
        ("true", 40),
        ("false", 20),
    ]
    assert found.baseline.missing_count == 20
    assert score(found, "tv") == pytest.approx(2 / 3 - 1 / 4)


@pytest.mark.parametrize(
    "numbers",
    [
        (pa.array([1, 2, 2]), pa.array([1.0, 2.0, 2.0])),
        (pa.array([1, 2, 2], pa.int8()), pa.array([1, 2, 2], pa.uint64())),
        (pa.array([1.5, 0.1]), pa.array([1.5, 0.1])),
        (pa.array([1, 2, 2]), pa.array(["1", "2", "2"])),
    ],
)
def test_forced_categories_are_the_same_from_any_type(numbers):
    found = only(*numbers, categorical=["x"])
    assert found.kind == "categorical"
    assert (score(found, "tv"), score(found, "new")) == (0, 0)


def test_dictionaries_count_their_nulls_as_missing():
    values = pa.DictionaryArray.from_arrays(
        pa.array([0, 1, None, 2, 0]), pa.array(["a", None, "a"])
    )
    found = only(values, values).baseline
    assert (found.missing_count, found.rows, found.distinct) == (2, 5, 1)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("timestamp", pa.array([1, 2])),
        ("timestamp", pa.array([True])),
        ("timestamp", pa.array(["yesterday"])),
        ("numeric", pa.array(["a"])),
        ("numeric", pa.array([[1]])),
        ("categorical", pa.array([[1]])),
    ],
)
def test_a_kind_that_does_not_fit_is_one_line(tmp_path, kind, values):
    path = tmp_path / "drift.toml"
    path.write_text(f'{kind} = ["x"]\n')
    with pytest.raises(InputError, match=f"column 'x' cannot be read as {kind}: .") as caught:
        report(values, values, config=path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["numeric", "categorical", "timestamp"])
def test_a_column_of_nothing_fits_any_kind(tmp_path, kind):
    path = tmp_path / "drift.toml"
    path.write_text(f'{kind} = ["x"]\n')
    found = only(pa.nulls(3), pa.nulls(4), config=path)
    assert found.status == "skipped"
    assert "no values on either side" in found.notes


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (pa.float64(), [1.0, 2.0]),
        (pa.int64(), [1, 2]),
        (pa.string(), ["a", "b"]),
        (pa.bool_(), [True, False]),
        (pa.timestamp("us"), [0, 10**6]),
    ],
)
@pytest.mark.parametrize("absent", ["typed", "null type"])
def test_a_side_without_values_is_all_missing(kind, values, absent):
    filled = pa.array(values * 20, kind)
    empty = pa.nulls(40, kind if absent == "typed" else pa.null())
    for sides, note in (
        ((filled, empty), "no values in the current data"),
        ((empty, filled), "no values in the baseline"),
    ):
        found = report(*sides)
        column = found.columns[0]
        assert (column.status, score(column, "missing")) == ("drift", 1)
        assert note in column.notes
        assert math.isnan(score(column, "js_distance"))
        assert found.findings == ()
    both = only(empty, empty)
    assert (both.status, both.notes[-1]) == ("skipped", "no values on either side")


def test_no_rows_are_a_finding():
    filled = pa.table({"x": [1.0, 2.0]})
    empty = filled.slice(0, 0)
    for sides, rows in (((filled, empty), (2, 0)), ((empty, filled), (0, 2))):
        found = compare(*sides)
        assert (found.verdict, found.exit_code) == ("drift", 1)
        assert [(each.kind, each.message) for each in found.findings] == [
            ("no_rows", "data has no rows")
        ]
        assert (found.baseline.rows, found.current.rows) == rows
        assert found.columns[0].status == "skipped"
    both = compare(empty, empty)
    assert (both.verdict, both.exit_code) == ("unjudged", 2)


@pytest.mark.parametrize(
    ("rows", "told"), [(199, True), (200, False), (1, True), (0, False)], ids=str
)
@pytest.mark.parametrize("swapped", [False, True])
def test_too_few_rows_to_judge_anything_are_named(rows, told, swapped):
    many = pa.table({"x": np.arange(20_000) % 10})
    sides = (many.slice(0, rows), many) if swapped else (many, many.slice(0, rows))
    found = [each for each in compare(*sides).findings if each.kind == "few_rows"]
    assert bool(found) == told
    if told:
        assert (found[0].status, found[0].column) == ("warn", None)
        assert found[0].message == (
            f"data has {rows} row{'s' if rows > 1 else ''}, beside 20,000 in data: too few to tell"
            " whether it drifted"
        )


def test_few_rows_beside_few_are_not_named():
    assert compare(pa.table({"x": [1, 2] * 50}), pa.table({"x": [1, 2]})).findings == ()


def test_one_row_is_enough():
    assert only([1.0], [1.0]).status == "ok"
    by_thresholds = only([1.0], [2.0], alpha=1)
    assert by_thresholds.score("wasserstein").infinite
    assert by_thresholds.status == "drift"
    told = compare(pa.table({"x": [1.0]}), pa.table({"x": [2.0]}))
    assert (told.columns[0].status, told.verdict) == ("ok", "inconclusive")
    assert [each.message for each in told.findings] == [
        "too few rows to see changes at the thresholds in 1 of 1 column"
    ]


def test_missing_nan_and_infinities_are_counted_apart():
    values = [None, math.nan, math.nan, math.inf, -math.inf, -math.inf, -math.inf, 1.0, 3.0]
    found = only(values, values).baseline
    counts = (
        found.missing_count,
        found.nan_count,
        found.positive_infinity_count,
        found.negative_infinity_count,
    )
    assert counts == (1, 2, 1, 3)
    assert (found.rows, found.missing) == (9, 1 / 9)
    assert (found.distinct, found.min, found.max, found.mean) == (2, 1, 3, 2)


UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


@pytest.mark.parametrize("other", UNITS)
@pytest.mark.parametrize("unit", UNITS)
def test_the_same_moments_are_equal_in_every_unit(unit, other):
    moments = np.random.default_rng(4).integers(1_600_000_000, 1_700_000_000, 300)
    sides = [pa.array(moments * UNITS[each], pa.timestamp(each)) for each in (unit, other)]
    found = only(*sides)
    for metric in ("js_distance", "ks", "wasserstein_raw", "new", "lost"):
        assert score(found, metric) == 0, metric


@pytest.mark.parametrize("other", ["ms", "us", "ns"])
def test_fractions_of_seconds_are_equal_in_every_unit(other):
    millis = np.random.default_rng(5).integers(-(10**6), 10**6, 300)
    sides = [pa.array(millis * (UNITS[each] // 1000), pa.timestamp(each)) for each in ("ms", other)]
    found = only(*sides)
    for metric in ("js_distance", "ks", "wasserstein_raw", "new", "lost"):
        assert score(found, metric) == 0, metric


def test_a_date_long_ago_beside_nanoseconds_is_a_distance():
    p = pa.array([-62_135_596_800, 0], pa.timestamp("s"))  # the year 1
    q = pa.array([0, 10**9], pa.timestamp("ns"))
    found = only(p, q)
    assert score(found, "wasserstein_raw") == pytest.approx((62_135_596_800 + 1) / 2, rel=1e-9)
    assert found.baseline.min == "0001-01-01T00:00:00"


def test_zoned_and_naive_times_are_compared_as_they_stand_in_utc():
    moments = [0, 3600, 7200]
    found = report(
        pa.array(moments, pa.timestamp("s")), pa.array(moments, pa.timestamp("s", "Asia/Tokyo"))
    )
    column = found.columns[0]
    assert score(column, "wasserstein_raw") == 0
    assert (column.baseline.max, column.current.max) == (
        "1970-01-01T02:00:00",
        "1970-01-01T02:00:00+00:00",
    )
    assert found.findings[1].message == (
        "`x`: type timestamp[s] → timestamp[s, tz=Asia/Tokyo], compared as one"
    )


def test_dates_are_times_at_midnight():
    days = [dt.date(2024, 1, 1), dt.date(2024, 1, 2)]
    for kind in (pa.date32(), pa.date64()):
        found = only(pa.array(days, kind), pa.array(days, kind))
        assert (found.kind, found.baseline.max) == ("timestamp", "2024-01-02T00:00:00")
        assert found.hour_of_day.baseline[0] == 1


def test_clocks_show_hours_and_weekdays():
    # From Monday midnight: ten hours of one day, then the same a day later.
    monday = int(dt.datetime(2024, 1, 1, tzinfo=dt.UTC).timestamp())
    hours = pa.array([monday + 3600 * hour for hour in range(10)], pa.timestamp("s"))
    later = pa.array([monday + 3600 * (24 + hour) for hour in range(10)], pa.timestamp("s"))
    found = only(hours, later)
    assert found.hour_of_day.baseline == (0.1,) * 10 + (0.0,) * 14
    assert found.hour_of_day.js_distance == 0
    assert found.weekday.baseline == (1.0,) + (0.0,) * 6
    assert found.weekday.current == (0.0, 1.0) + (0.0,) * 5
    assert found.weekday.js_distance == pytest.approx(1)
    assert found.notes[1] == (
        "2024-01-01 00:00:00 – 2024-01-01 09:00:00, then 2024-01-02 00:00:00 – "
        "2024-01-02 09:00:00: begins 15 hours after the baseline ends"
    )


def test_what_cannot_be_compared_is_listed_with_its_type():
    found = only([b"\xff"], [b"\xfe"])
    assert (found.kind, found.status, found.gated) == ("unsupported", "skipped", False)
    assert found.notes == ("values of type binary are not compared",)


def test_structs_are_compared_by_their_fields():
    found = compare(pa.table({"a": [{"b": 1, "c": "x"}]}), pa.table({"a": [{"b": 1, "c": "x"}]}))
    assert sorted(column.name for column in found.columns) == ["a.b", "a.c"]


def test_datasets_without_a_common_column_are_an_error():
    with pytest.raises(InputError, match="no column in common: 'data' has 'x'; 'data' has 'y'"):
        compare(pa.table({"x": [1]}), pa.table({"y": [1]}))


def test_findings_say_what_is_wrong_in_whole_sentences(tmp_path):
    base, new = tmp_path / "base.csv", tmp_path / "new.csv"
    base.write_text("amount,gone,kept\n" + "".join(f"{row}.5,a,{row}\n" for row in range(200)))
    rows = [f"{row}.5,{row},z\n" for row in range(200)]
    rows[117] = "N/A,117,z\n"
    rows[150] = "-,150,z\n"
    new.write_text("amount,kept,fresh\n" + "".join(rows))
    found = compare(base, new)
    assert [(each.kind, each.status, each.message) for each in found.findings] == [
        ("lost_column", "drift", "lost column `gone` (string): the current data does not have it"),
        (
            "invalid_values",
            "drift",
            "`amount`: 2 of 200 values are not double, first 'N/A' at row 118",
        ),
        ("new_column", "warn", "new column `fresh` (string): the baseline does not have it"),
    ]
    (amount,) = [column for column in found.columns if column.name == "amount"]
    assert (amount.current.invalid_count, amount.current.missing_count) == (2, 0)


def test_columns_scored_on_threads_are_those_scored_one_by_one():
    rng = np.random.default_rng(8)
    names = [f"c{at}" for at in range(12)]
    sides = [
        pa.table({name: rng.normal(at / 9, 1, 300) for at, name in enumerate(names)})
        for _ in range(2)
    ]
    one, four = (compare(*sides, threads=count) for count in (1, 4))
    assert one.to_json() == four.to_json()

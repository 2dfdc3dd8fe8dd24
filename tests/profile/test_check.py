"""Profiles that anybody can forge: a right checksum is no proof that data can have them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from driftcli.arrays import from_texts
from driftcli.config import load
from driftcli.errors import InputError
from driftcli.metrics import METRICS
from driftcli.pipeline.inputs import Reading
from driftcli.pipeline.profiling import profiled
from driftcli.pipeline.selection import Selection
from driftcli.profile import saved
from driftcli.profile.check import flaw
from driftcli.profile.column import Invalid
from driftcli.profile.dataset import DatasetProfile
from driftcli.profile.points import Points
from driftcli.profile.shape import Forms, TextShape
from driftcli.profile.sketch import Sketch

ROWS = 40
MADE = profiled(
    pa.table(
        {
            "x": [1.5, 2.5, 3.5, None] * 10,
            "name": ["a", "b", "a", "c"] * 10,
            "when": [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=i) for i in range(ROWS)],
            "list": [[1]] * ROWS,
        }
    ),
    load(metrics=METRICS),
    Selection(),
    Reading(),
)
FILE = saved.file_of(MADE)
REMEDY = "make it again with `drift profile DATA -o FILE`"


def with_column(name: str, **fields: Any) -> DatasetProfile:
    return replace(MADE, columns={**MADE.columns, name: replace(MADE.columns[name], **fields)})


def with_values(name: str, **fields: Any) -> DatasetProfile:
    return with_column(name, values=replace(MADE.columns[name].values, **fields))


def with_points(name: str, **fields: Any) -> DatasetProfile:
    return with_values(name, points=replace(MADE.columns[name].values.points, **fields))


def counts(*numbers: int) -> Any:
    return np.array(numbers, np.int64)


def hashes(*numbers: int) -> Any:
    return np.array(numbers, np.uint64)


def shape(rows: int = ROWS, length: float = 1.0, looked: int = ROWS) -> TextShape:
    forms = Forms(from_texts(["a"]), counts(ROWS), looked=looked)
    return TextShape(Points(floats(length), counts(rows)), forms, whole=True)


def floats(*numbers: float) -> Any:
    return np.array(numbers, np.float64)


ADDED = "hours of the week that do not add up to its values"
HOURS = MADE.columns["when"].values.hours_of_week
SUMS = "counts that do not add up to the rows"
BELOW_1 = "counts below 1 or beyond counting"
DISTINCT = "numbers of distinct values that do not fit its rows"
MOMENTS = "a mean or a standard deviation that cannot be"
EXTREMES = "extremes that do not enclose its values"
ROUNDING = "a rounding that is below 0 or not finite"
NONFINITE = "counts of no finite numbers below 0 or beyond counting"
INVALID = "a number of invalid values below 0 or beyond counting"
UNIT = "a unit of time that does not fit its kind"
CLOCK = "hours of the week that are not 168, or below 0"
SAMPLE = "a sample of names that cannot be"
SHAPE = "a shape of texts that cannot be"
BUCKETS = "another number of buckets than all profiles, or counts in them below 0"

FORGED: list[tuple[str, str, DatasetProfile]] = [
    ("x", "as many counts as it has not values", with_points("x", counts=counts(10, 20))),
    ("x", "as many counts as it has not values", with_points("x", counts=counts())),
    ("x", BELOW_1, with_points("x", counts=counts(-10, 20, 20))),
    ("x", BELOW_1, with_points("x", counts=counts(0, 15, 15))),
    ("x", BELOW_1, with_points("x", counts=counts(2**62, 2**62, 30))),
    ("x", SUMS, with_points("x", counts=counts(10, 10, 11))),
    ("x", SUMS, with_points("x", counts=counts(10, 10, 9), repeats=0)),
    ("x", SUMS, with_column("x", missing=11)),
    ("x", SUMS, with_column("x", rows=41)),
    ("x", "a number of rows below 0 or beyond counting", with_column("x", missing=-10)),
    ("x", "a number of rows below 0 or beyond counting", with_column("x", rows=2**62)),
    ("x", INVALID, with_column("x", invalid=Invalid(-1, "n.a.", 0))),
    ("x", INVALID, with_column("x", invalid=Invalid(1, "n.a.", -1))),
    ("x", SUMS, with_column("x", invalid=Invalid(1, "n.a.", 0))),
    ("x", NONFINITE, with_values("x", nan=-1)),
    ("x", SUMS, with_values("x", positive_infinity=1)),
    ("x", "values that are not finite", with_points("x", values=floats(1.5, 2.5, np.nan))),
    ("x", "values that are not finite", with_points("x", values=floats(-np.inf, 2.5, 3.5))),
    ("x", "values that are not in order", with_points("x", values=floats(2.5, 1.5, 3.5))),
    ("x", "values that are not in order", with_points("x", values=floats(1.5, 1.5, 3.5))),
    ("x", ROUNDING, with_points("x", rounding=-0.1)),
    ("x", ROUNDING, with_points("x", rounding=np.nan)),
    ("x", ROUNDING, with_points("x", rounding=np.inf)),
    ("x", DISTINCT, with_points("x", distinct=-1)),
    ("x", DISTINCT, with_points("x", distinct=31)),
    ("x", DISTINCT, with_points("x", repeats=28)),
    ("x", MOMENTS, with_values("x", mean=np.nan)),
    ("x", MOMENTS, with_values("x", sd=-1.0)),
    ("x", MOMENTS, with_values("x", sd=np.inf)),
    ("x", EXTREMES, with_values("x", low=1.6)),
    ("x", EXTREMES, with_values("x", high=3.4)),
    ("x", EXTREMES, with_values("x", high=np.inf)),
    ("x", EXTREMES, with_values("x", low=np.nan)),
    ("x", "a number beyond all floats", with_values("x", high=10**400)),
    ("x", UNIT, with_column("x", time_unit="s")),
    ("x", UNIT, with_column("x", time_unit="fortnight")),
    ("x", ADDED, with_values("x", hours_of_week=HOURS)),
    ("x", "values of a kind that is not known", with_column("x", kind="colour")),
    ("when", UNIT, with_column("when", time_unit=None)),
    ("when", UNIT, with_column("when", time_unit="fortnight")),
    ("when", "times that cannot be counted", with_values("when", high=2**63)),
    ("when", "times that cannot be counted", with_values("when", low=-1e300)),
    ("when", CLOCK, with_values("when", hours_of_week=HOURS[:24])),
    ("when", CLOCK, with_values("when", hours_of_week=-HOURS)),
    ("when", ADDED, with_values("when", hours_of_week=HOURS * 2)),
    ("name", "other numbers of names and of counts", with_values("name", counts=counts(20, 20))),
    ("name", BELOW_1, with_values("name", counts=counts(-20, 50, 10))),
    ("name", BELOW_1, with_values("name", counts=counts(0, 30, 10))),
    ("name", BELOW_1, with_values("name", counts=counts(2**62, 2**62, 40))),
    ("name", SUMS, with_values("name", counts=counts(20, 10, 11))),
    ("name", "names that are not distinct", with_values("name", names=from_texts(["a", "b", "a"]))),
    ("name", BUCKETS, with_values("name", buckets=counts(1, 2, 3))),
    ("name", BUCKETS, with_values("name", buckets=counts(*([0] * 4095), -1))),
    ("name", SUMS, with_values("name", buckets=counts(*([0] * 4095), 1))),
    ("name", DISTINCT, with_values("name", distinct=-3)),
    ("name", DISTINCT, with_values("name", distinct=41)),
    ("name", UNIT, with_column("name", time_unit="s")),
    ("name", SHAPE, with_values("name", shape=shape(rows=39))),
    ("name", SHAPE, with_values("name", shape=shape(length=-1.0))),
    ("name", SHAPE, with_values("name", shape=shape(looked=0))),
    ("name", SAMPLE, with_values("name", sketch=Sketch(hashes(1, 2), counts(1, 2, 3)))),
    ("name", SAMPLE, with_values("name", sketch=Sketch(hashes(2, 1), counts(1, 2)))),
    ("name", SAMPLE, with_values("name", sketch=Sketch(hashes(1, 2), counts(1, 0)))),
    ("name", SAMPLE, with_values("name", sketch=Sketch(hashes(1, 2), counts(40, 1)))),
    ("name", SAMPLE, with_values("name", sketch=Sketch(hashes(1, 2), counts(1, 1), bound=1))),
]  # fmt: skip


@pytest.mark.parametrize(("column", "wrong", "forged"), FORGED)
def test_what_no_data_can_have_is_refused(column: str, wrong: str, forged: DatasetProfile) -> None:
    with pytest.raises(InputError) as refused:
        saved.decoded(saved.encoded(forged), "m.profile")
    assert str(refused.value) == (
        f"m.profile: no data has such a profile: column '{column}' has {wrong}; {REMEDY}"
    )


def test_every_rule_of_the_check_is_among_them() -> None:
    from driftcli.profile import check

    rules = [*check.COLUMN, *check.NUMBERS, *check.CATEGORIES]
    assert {wrong for wrong, _ in rules} <= {wrong for _, wrong, _ in FORGED}


def test_a_shape_of_texts_that_can_be_is_taken() -> None:
    assert flaw(with_values("name", shape=shape())) is None


def test_rows_of_the_whole_are_those_of_each_column() -> None:
    assert flaw(MADE) is None
    assert flaw(replace(MADE, rows=41)) == f"column 'x' has {SUMS}"
    assert flaw(replace(MADE, rows=50, sampled_rows=ROWS)) is None
    assert flaw(replace(MADE, rows=ROWS, sampled_rows=30)) == f"column 'x' has {SUMS}"


def test_only_a_redacted_profile_may_leave_out_values() -> None:
    few = with_points("x", counts=counts(10, 10, 5), distinct=3, repeats=22)
    assert flaw(few) == f"column 'x' has {SUMS}"
    assert flaw(replace(few, redacted="0123456789abcdef")) is None


def forged(change: Callable[[pa.Table], pa.Table] = lambda table: table, **about: Any) -> bytes:
    """Return the file of `MADE` with another table or another entry, its checksum made right."""
    file = pq.ParquetFile(pa.BufferReader(FILE))
    entry = json.loads(file.metadata.metadata[saved.KEY]) | {"sha256": "0" * 64} | about
    return signed(change(file.read().replace_schema_metadata(None)), json.dumps(entry))


def signed(table: pa.Table, entry: str) -> bytes:
    stream = pa.BufferOutputStream()
    with pq.ParquetWriter(stream, table.schema, store_schema=False) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({saved.KEY.decode(): entry})
    data = stream.getvalue().to_pybytes()
    if b'"sha256": "' + b"0" * 64 not in data:
        return data
    return saved._with_checksum(data, hashlib.sha256(data).hexdigest().encode())


def told(data: bytes) -> str:
    with pytest.raises(InputError) as refused:
        saved.decoded(data, "m.profile")
    return str(refused.value)


def column(table: pa.Table, name: str, values: Any) -> pa.Table:
    return table.set_column(table.schema.get_field_index(name), name, values)


def test_the_forger_of_these_tests_makes_a_file_that_is_read() -> None:
    assert saved.decoded(forged(), "m.profile").rows == ROWS


UNREADABLE = f"m.profile: not a profile that can be read; {REMEDY}"


@pytest.mark.parametrize(
    "about",
    [
        {"rows": -1},
        {"rows": "40"},
        {"rows": None},
        {"rows": 2**60},
        {"rows": 40.5},
        {"sampled_rows": -1},
        {"notes": [1]},
        {"notes": "text"},
        {"left_out": {"a": 1}},
        {"redacted": True},
        {"source": None},
        {"source_format": 3},
        {"format": "1"},
        {"format": None},
        {"version": []},
    ],
    ids=str,
)
def test_an_entry_of_other_types_is_refused(about: dict[str, Any]) -> None:
    assert told(forged(**about)) == UNREADABLE


@pytest.mark.parametrize("depth", [1_000, 100_000])
@pytest.mark.parametrize("brackets", ["[]", "{}"])
def test_an_entry_that_is_nested_deeply_is_refused(depth: int, brackets: str) -> None:
    opened = "[" if brackets == "[]" else '{"a": '
    deep = opened * depth + "1" + brackets[1] * depth
    entry = json.dumps({"format": 1, "sha256": "0" * 64})[:-1] + f', "notes": {deep}}}'
    table = pq.ParquetFile(pa.BufferReader(FILE)).read().replace_schema_metadata(None)
    assert told(signed(table, entry)) == UNREADABLE


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.drop_columns(["counts"]),
        lambda table: column(table, "missing", table["missing"].cast(pa.int32())),
        lambda table: column(table, "counts", table["counts"].cast(pa.list_(pa.float64()))),
        lambda table: column(table, "name", table["counts"]),
        lambda table: column(table, "kind", pa.array(["numeric", None, "timestamp", ""])),
        lambda table: column(table, "values", pa.array([[1.5, None, 3.5], [], [], []])),
        lambda table: column(table, "names", pa.array([[], ["a", None, "c"], [], []])),
        lambda table: column(table, "arrow_type", pa.array([b"no schema"] * 4)),
        lambda table: column(table, "low", pa.array(["1.5 m"] * 4)),
        lambda table: column(table, "low", pa.array(["9" * 5_000] * 4)),
        lambda table: table.append_column("counts", table["counts"]),
        lambda table: column(table, "names", pa.array([[b"\xff"]] * 4)),
    ],
)
def test_a_table_of_other_columns_is_refused(change: Callable[[pa.Table], pa.Table]) -> None:
    assert told(forged(change)) == UNREADABLE


def test_two_columns_of_one_name_are_refused() -> None:
    twice = forged(lambda table: column(table, "name", pa.array(["x", "x", "when", "list"])))
    assert (
        told(twice) == f"m.profile: no data has such a profile: two columns have one name; {REMEDY}"
    )


@pytest.mark.slow
@example([1.7976931348623157e308, -5e-324], [], "s")
@given(
    st.lists(st.floats() | st.integers(-(2**63), 2**64 - 1) | st.none(), max_size=40),
    st.lists(st.text() | st.none(), max_size=40),
    st.sampled_from(["s", "ms", "us", "ns"]),
)
def test_what_data_has_is_never_refused(numbers: list[Any], texts: list[Any], unit: str) -> None:
    whole = [number for number in numbers if isinstance(number, int)]
    signed_ones = [number for number in whole if number < 2**63]
    columns = [
        pa.array([None if each is None else float(each) for each in numbers], pa.float64()),
        pa.array([number for number in whole if number >= 0], pa.uint64()),
        pa.array(signed_ones, pa.int64()),
        pa.array(signed_ones, pa.timestamp(unit)),
        pa.array(texts, pa.string()),
    ]
    for each in columns:
        table = pa.table({"x": each})
        made = profiled(table, load(metrics=METRICS), Selection(), Reading())
        assert flaw(made) is None
        again = saved.decoded(saved.file_of(made), "m.profile")
        hidden = saved.decoded(saved.file_of(again, salt="s"), "m.profile")
        assert hidden.rows == table.num_rows

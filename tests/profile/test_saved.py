"""Saved profiles: what comes back is what was written, and what is damaged is refused."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import inf, nan
from typing import Any

import duckdb
import exactly
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zoo
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from driftcli.comparison import compare_profiles
from driftcli.config import Settings, load
from driftcli.errors import DriftError, InputError
from driftcli.metrics import METRICS
from driftcli.pipeline.inputs import Reading
from driftcli.pipeline.profiling import merged, profiled
from driftcli.pipeline.selection import Selection
from driftcli.profile import saved, saved_table
from driftcli.profile.dataset import DatasetProfile, with_points
from driftcli.profile.kinds import type_name
from driftcli.profile.numeric import Numbers

LOADED = load(metrics=METRICS)


def profile_of(data: Any, **options: Any) -> DatasetProfile:
    return profiled(data, LOADED, Selection(), Reading(**options))


def again(profile: DatasetProfile, points: int = saved.POINTS) -> DatasetProfile:
    """Save a profile and load it."""
    return saved.decoded(saved.file_of(profile, points), "base.profile")


def same(left: Any, right: Any) -> bool:
    """Return whether two records hold the same, bit for bit."""
    if isinstance(left, Struct):
        names = left.__struct_fields__
        return type(left) is type(right) and all(
            same(getattr(left, name), getattr(right, name)) for name in names
        )
    if isinstance(left, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, np.ndarray):
        return left.dtype == right.dtype and left.tobytes() == right.tobytes()
    if isinstance(left, pa.Array):
        return left.equals(right)
    if isinstance(left, float):
        return type(left) is type(right) and repr(left) == repr(right)
    return type(left) is type(right) and left == right


def scores(p: DatasetProfile, q: DatasetProfile) -> list[Any]:
    """Return all that a comparison says of the columns."""
    return list(compare_profiles(p, q, Settings()).columns)


EVERYTHING = pa.table(
    {
        "double": [1.5, -0.0, nan, inf, -inf, None],
        "int": pa.array([3, 1, 2, 2, None, 5], pa.int16()),
        "large": [2**60 + i for i in range(6)],
        "unsigned": pa.array([2**64 - 1, 0, 1, 2, 3, None], pa.uint64()),
        "decimal": [Decimal("1.25")] * 6,
        "truth": [True, False, None, True, True, True],
        "text": ["a", "é\n", "", None, "a", "b" * 200],
        "category": pa.array(["x", "y", "x", None, "x", "x"]).dictionary_encode(),
        "day": [date(2024, 1, i + 1) for i in range(6)],
        "moment": pa.array([datetime(2024, 1, 1, i, tzinfo=UTC) for i in range(6)]),
        "nanos": pa.array([None, 10**18, 10**18 + 1, 7, 8, 9], pa.timestamp("ns")),
        "span": [timedelta(seconds=i) for i in range(6)],
        "nothing": pa.nulls(6),
        "empty": pa.array([None] * 6, pa.string()),
        "list": [[1], [2], [], [], None, [3]],
        "struct": [{"a": i, "b": "x"} for i in range(6)],
    }
)


def test_everything_comes_back() -> None:
    made = profile_of(EVERYTHING)
    back = again(made)
    assert same(back.columns, made.columns)
    assert (back.rows, back.types) == (6, made.types)
    assert back.schema == made.schema
    assert (back.source, back.format) == ("base.profile", "profile")
    assert back.made_of == ("data", "memory")
    assert back.columns["large"].values.high == 2**60 + 5
    assert back.columns["unsigned"].values.high == 2**64 - 1
    assert back.types["list"] == "list<int64>"


def test_a_profile_that_was_loaded_is_saved_as_it_was() -> None:
    written = saved.file_of(profile_of(EVERYTHING))
    assert saved.file_of(saved.decoded(written, "other.profile")) == written


@pytest.mark.parametrize("rows", [0, 1])
def test_few_rows_come_back(rows: int) -> None:
    made = profile_of(EVERYTHING.slice(0, rows))
    assert same(again(made).columns, made.columns)


def test_what_did_not_parse_and_how_it_was_read_come_back(tmp_path: Any) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x,y\n" + "".join(f"{i},{i}\n" for i in range(5000)) + "n.a.,1\n")
    made = profile_of(path)
    numeric = LOADED.settings.columns
    assert not numeric
    forced = load(metrics=METRICS, overrides={"numeric": ["x"]})
    read = profiled(path, forced, Selection(), Reading())
    back = again(read)
    assert back.columns["x"].invalid == read.columns["x"].invalid
    assert back.columns["x"].invalid.first_value == "n.a."
    assert again(made).notes == tuple(made.notes) != ()


def test_a_sample_is_one_when_it_comes_back() -> None:
    data = pa.table({"x": range(1000)})
    made = profiled(data, LOADED, Selection(), Reading(sample=100, seed=3))
    back = again(made)
    assert (back.rows, back.sampled_rows) == (1000, 100)
    assert same(back.columns, made.columns)


def every_column(size: int, seed: int) -> dict[str, Any]:
    """Return a column of each shape, and one of names."""
    columns = {name: zoo.column(name, size, seed) for name in zoo.COLUMNS}
    return columns | {"name": [f"n{each % 97}" for each in range(size)]}


@pytest.mark.slow
@given(size=st.integers(1, 3000), seed=st.integers(0, 2**32 - 1))
def test_exact_columns_score_the_same_bit_for_bit(size: int, seed: int) -> None:
    values = every_column(size, seed)
    moved = {name: zoo.shifted(values[name], seed) for name in zoo.COLUMNS}
    moved["name"] = values["name"][: max(1, int(size * 0.9))]
    p, q = profile_of(pa.table(values)), profile_of(pa.table(moved))
    assert all(again(p).columns[name].values.points.exact for name in zoo.COLUMNS)
    expected = scores(p, q)
    for sides in ((again(p), again(q)), (again(p), q)):
        for found, column in zip(scores(*sides), expected, strict=True):
            assert found == column


@pytest.mark.slow
@pytest.mark.parametrize("name", zoo.COLUMNS)
def test_other_columns_score_within_the_bounds(name: str) -> None:
    values = zoo.column(name, 6000, seed=7)
    sides = values, zoo.shifted(values, 8)
    exact = exactly.wasserstein(*sides)
    p, q = (again(profile_of(pa.table({"x": side})), 256) for side in sides)
    (column,) = scores(p, q)
    score = column.score("wasserstein_raw")
    if score.value is None:
        assert score.infinite
        return
    slack = abs(score.value) * 1e-12 + 5e-324
    assert abs(Fraction(score.value) - exact) <= Fraction(score.error_bound) + Fraction(slack)


@pytest.mark.slow
@given(sizes=st.lists(st.integers(0, 900), min_size=1, max_size=12), seed=st.integers(0, 999))
def test_merged_profiles_are_that_of_all_rows(sizes: list[int], seed: int) -> None:
    whole = pa.table(every_column(sum(sizes), seed))
    starts = np.cumsum([0, *sizes])
    parts = [
        again(profile_of(whole.slice(at, size))) for at, size in zip(starts, sizes, strict=False)
    ]
    made = merged(parts, LOADED, Selection(), Reading())
    expected = profile_of(whole)
    assert made.rows == expected.rows
    assert list(made.columns) == list(expected.columns)
    for name, column in expected.columns.items():
        assert same(made.columns[name], column), name


def test_merged_profiles_of_many_values_stay_within_their_bound() -> None:
    rng = np.random.default_rng(1)
    data = [rng.normal(at / 10, 1, 20_000) for at in range(11)]
    parts = [again(profile_of(pa.table({"x": each})), 512) for each in data]
    made = merged(parts, LOADED, Selection(), Reading()).columns["x"].values
    assert isinstance(made, Numbers)
    everything = np.concatenate(data)
    assert made.points.total == everything.size
    assert (made.low, made.high) == (everything.min(), everything.max())
    assert made.mean == pytest.approx(everything.mean(), abs=1e-12)
    assert made.sd == pytest.approx(everything.std(), abs=1e-12)
    rows = np.repeat(made.points.values, made.points.counts)
    moved = np.abs(rows - np.sort(everything)).mean()
    assert 0 < moved <= made.points.rounding < 0.01


def test_the_bytes_do_not_depend_on_threads_or_time(tmp_path: Any) -> None:
    rng = np.random.default_rng(3)
    table = pa.table({"x": rng.normal(size=50_000), "city": rng.choice(list("abcdef"), 50_000)})
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=3_000)
    made = [
        saved.file_of(profile_of(tmp_path / "a.parquet", threads=threads)) for threads in (1, 2, 5)
    ]
    assert made[0] == made[1] == made[2]


def test_fewer_points_are_smaller_and_say_what_they_cost() -> None:
    made = profile_of(pa.table({"x": np.random.default_rng(4).normal(size=100_000)}))
    sizes, bounds = [], []
    for points in (64, 512, 4096, 16_384):
        back = again(made, points).columns["x"].values.points
        assert back.values.size <= points
        sizes.append(len(saved.file_of(made, points)))
        bounds.append(back.rounding)
    assert sizes == sorted(sizes)
    assert bounds == sorted(bounds, reverse=True)
    assert bounds[2] < 0.001


def test_the_file_is_plain_parquet() -> None:
    relation = pq.read_table(pa.BufferReader(saved.file_of(profile_of(EVERYTHING))))
    assert relation.schema.metadata.keys() == {saved.KEY}
    rows = duckdb.sql("select name, \"rows\", missing from relation where kind = 'categorical'")
    assert rows.fetchall() == [
        *(("truth", 6, 1), ("text", 6, 1), ("category", 6, 1)),
        *(("empty", 6, 6), ("struct.b", 6, 0)),
    ]


def test_fields_are_whole_however_many_row_groups_hold_them() -> None:
    table = pq.read_table(pa.BufferReader(saved.file_of(profile_of(EVERYTHING))))
    parted = pa.concat_tables([table.slice(0, 2), table.slice(2)])
    found = saved_table.fields_of(parted)
    held = {name: array.to_pylist() for name, array in found.items()}
    assert repr(held) == repr(table.to_pydict())  # NaN is not equal to itself


def test_two_fields_of_one_name_are_none_of_ours() -> None:
    table = pq.read_table(pa.BufferReader(saved.file_of(profile_of(EVERYTHING))))
    with pytest.raises(ValueError, match="two fields of one name"):
        saved_table.fields_of(table.append_column("rows", table.column("rows")))


def test_the_checksum_is_that_of_the_file_without_it() -> None:
    import hashlib

    data = saved.file_of(profile_of(EVERYTHING))
    entry = pq.read_metadata(pa.BufferReader(data)).metadata[saved.KEY]
    digits = json.loads(entry)["sha256"].encode()
    assert data.count(digits) == 1
    assert hashlib.sha256(data.replace(digits, b"0" * 64)).hexdigest().encode() == digits


DATA = saved.file_of(profile_of(pa.table({"x": [1.5, 2.5] * 20, "name": ["a", "b"] * 20})))


@given(at=st.integers(0, len(DATA) - 1), change=st.integers(1, 255))
def test_a_changed_byte_is_noticed(at: int, change: int) -> None:
    changed = bytearray(DATA)
    changed[at] ^= change
    with pytest.raises(InputError, match=r"^base\.profile: ") as told:
        saved.decoded(bytes(changed), "base.profile")
    assert "\n" not in str(told.value)


@given(size=st.integers(0, len(DATA) - 1))
def test_a_truncated_file_is_refused(size: int) -> None:
    with pytest.raises(InputError, match="make it again with `drift profile DATA -o FILE`"):
        saved.decoded(DATA[:size], "base.profile")


def test_each_refusal_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def told(data: bytes) -> str:
        with pytest.raises(InputError) as refused:
            saved.decoded(data, "base.profile")
        return str(refused.value)

    again_with = "make it again with `drift profile DATA -o FILE`"
    assert told(b"x,y\n1,2\n") == f"base.profile: not a profile; {again_with}"
    assert told(DATA[:-40]) == f"base.profile: a truncated profile or Parquet file; {again_with}"
    stream = pa.BufferOutputStream()
    pq.write_table(pa.table({"x": [1]}), stream)
    plain = stream.getvalue().to_pybytes()
    assert told(plain) == f"base.profile: a Parquet file, but not a profile; {again_with}"
    changed = DATA.replace(b'"rows": 40', b'"rows": 41')
    assert told(changed) == (
        f"base.profile: its checksum does not fit, so it was changed; {again_with}"
    )
    monkeypatch.setattr(saved, "FORMAT", 2)
    newer = saved.file_of(profile_of(EVERYTHING))
    monkeypatch.undo()
    assert told(newer) == (
        "base.profile: a profile of format 2, written by drift 0.1.0; this is drift 0.1.0, which"
        " reads up to format 1: upgrade it"
    )


def test_what_does_not_go_together_is_not_merged() -> None:
    def told(first: pa.Table, second: Any, **options: Any) -> str:
        with pytest.raises(DriftError) as refused:
            merged([again(profile_of(first)), second], LOADED, Selection(), Reading())
        return str(refused.value)

    base = pa.table({"x": [1, 2], "y": ["a", "b"]})
    assert told(base, base.drop_columns(["y"])) == (
        "data: no column 'y', which base.profile has; merge the same columns: --exclude y leaves"
        " it out"
    )
    assert told(base.drop_columns(["y"]), base) == (
        "base.profile: no column 'y', which data has; merge the same columns: --exclude y leaves"
        " it out"
    )
    assert told(base, pa.table({"x": ["one", "two"], "y": ["a", "b"]})) == (
        "data: column 'x' is string (categorical), but int64 (numeric) in base.profile;"
        " --exclude x leaves it out"
    )
    sample = profiled(base, LOADED, Selection(), Reading(sample=1))
    assert told(base, sample) == (
        "data: a profile of a sample, which stands for more rows than it has; merge profiles of"
        " all rows"
    )


def test_types_widen_as_those_of_files_do() -> None:
    parts = [
        pa.table({"x": [1, 2], "y": pa.nulls(2), "t": [date(2024, 1, 1)] * 2}),
        pa.table(
            {"x": [0.5, 3.0], "y": ["a", "b"], "t": pa.array([10**9] * 2, pa.timestamp("us"))}
        ),
    ]
    made = merged(parts, LOADED, Selection(), Reading())
    assert made.types == {"x": "double", "y": "string", "t": "timestamp[us]"}
    assert made.columns["x"].values.points.values.tolist() == [0.5, 1.0, 2.0, 3.0]
    assert (made.columns["y"].kind, made.columns["y"].missing) == ("categorical", 2)
    assert made.columns["t"].time_unit == "us"
    assert made.types == {field.name: type_name(field.type) for field in made.schema}


def test_points_are_merged_in_the_profile_that_is_saved_and_not_in_the_one_given() -> None:
    made = profile_of(pa.table({"x": np.arange(1000.0)}))
    before = replace(made)
    assert with_points(made, 100).columns["x"].values.points.values.size <= 100
    assert same(made.columns, before.columns)
    assert made.columns["x"].values.points.exact

"""Which segment each row belongs to, against reading the rows one by one."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcli.comparison.segments.compare import label
from driftcli.config import ReadSettings
from driftcli.engine import GroupBy, Threads, by_segment, profile
from driftcli.engine.grouping import SegmentGrouping
from driftcli.errors import UsageError
from driftcli.profile.categories import Categories
from driftcli.profile.column import ColumnProfile
from driftcli.profile.groups import Keys
from driftcli.source import open_source, typed
from driftcli.source import parquet as parquet_source

texts = st.text(alphabet="ab ,'()", max_size=4)


def keys_of(grouping: SegmentGrouping, *columns: pa.Array) -> list[Keys]:
    numbering = grouping.numbering()
    numbers = numbering.numbers([[column] for column in columns], len(columns[0]), 0)
    return [numbering.key(int(number)) for number in numbers]


def by(*names: str) -> GroupBy:
    return GroupBy("--by", partial(by_segment, names=names), 64, whole=True)


def rows_of(data: Any, *names: str, threads: int = 2) -> dict[Keys, int]:
    """Return the rows of each segment of a dataset."""
    source = open_source(data, ReadSettings())
    groups = profile(source, {}, by(*names), engine=Threads(threads)).groups
    return {keys: group.rows for keys, group in groups.items()}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["b", None, "a", "b"], ["b", None, "a", "b"]),
        ([True, False, None], ["true", "false", None]),
        ([3, -1, None, 3], ["3", "-1", None, "3"]),
        ([1.5, 2.0, None], ["1.5", "2", None]),
        ([date(2013, 6, 1), None], ["2013-06-01", None]),
        ([Decimal("1.50"), None], ["1.50", None]),
        (pa.nulls(2), [None, None]),
        (pa.array(["x", None, "y"]).dictionary_encode(), ["x", None, "y"]),
        (
            pa.DictionaryArray.from_arrays(pa.array([0, 1, None]), pa.array(["x", None])),
            ["x", None, None],
        ),
        (pa.array(["z", "x", None, "y"]).dictionary_encode().slice(1, 2), ["x", None]),
    ],
    ids=str,
)
def test_a_segment_is_a_value(values: Any, expected: list[str | None]) -> None:
    column = values if isinstance(values, pa.Array) else pa.array(values)
    assert keys_of(SegmentGrouping(["x"]), column) == [(each,) for each in expected]


@given(st.lists(st.tuples(st.none() | texts, st.none() | texts, st.none() | texts), max_size=30))
def test_several_columns_make_one_segment_of_each_combination(rows: list[Keys]) -> None:
    columns = [pa.array([row[at] for row in rows], pa.string()) for at in range(3)]
    assert keys_of(SegmentGrouping(["x", "y", "z"]), *columns) == rows


@given(st.lists(st.tuples(st.none() | texts, st.none() | texts), unique=True))
def test_no_two_segments_have_the_same_label(rows: list[Keys]) -> None:
    labels = [label(row) for row in rows]
    assert len(set(labels)) == len(rows)
    assert "(other)" not in labels


def test_a_missing_value_is_told_from_the_text() -> None:
    assert [label((key,)) for key in (None, "(missing)", "missing", "", " a", "a, b", "'")] == [
        "(missing)",
        "'(missing)'",
        "missing",
        "''",
        "' a'",
        "'a, b'",
        "''''",
    ]


def table(rows: int = 3_000) -> pa.Table:
    return pa.table(
        {
            "x": [float(at % 50) for at in range(rows)],
            "city": [None if at % 7 == 0 else "abc"[at % 3] for at in range(rows)],
            "n": range(rows),
            "plan": [at % 2 == 0 for at in range(rows)],
        }
    )


def slow(data: pa.Table, *names: str) -> dict[Keys, int]:
    shown = {True: "true", False: "false"}
    columns = [[shown.get(v, v) for v in data[name].to_pylist()] for name in names]
    return dict(Counter(zip(*columns, strict=True)))


@pytest.mark.parametrize("names", [("city",), ("plan", "city")])
@pytest.mark.parametrize("threads", [1, 3])
def test_columns_in_different_pieces_of_a_file_make_segments(
    names: tuple[str, ...], threads: int, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = table()
    pq.write_table(data, tmp_path / "data.parquet", row_group_size=300)
    monkeypatch.setattr(typed, "FRAGMENT_BYTES", 400)
    monkeypatch.setattr(parquet_source, "STREAM_ROWS", 600)
    assert rows_of(tmp_path / "data.parquet", *names, threads=threads) == slow(data, *names)


def test_the_whole_is_what_profiling_it_alone_gives(tmp_path: Any) -> None:
    """Bit for bit, rounding and all, in one group of rows and in many."""
    data = pa.table({"x": [float((at * 7919) % 100_003) for at in range(90_000)]}).append_column(
        "city", pa.array([None if at % 7 == 0 else "abc"[at % 3] for at in range(90_000)])
    )
    for size in (90_000, 10_000):
        pq.write_table(data, tmp_path / "data.parquet", row_group_size=size)
        source = open_source(tmp_path / "data.parquet", ReadSettings())
        whole = profile(source, {}, by("city")).whole
        alone = profile(open_source(tmp_path / "data.parquet", ReadSettings()), {}).whole
        assert whole.columns["x"].values.points.rounding > 0  # type: ignore[union-attr]
        assert repr(whole.columns["x"]) == repr(alone.columns["x"])
        assert counted(whole.columns["city"]) == counted(alone.columns["city"])
        assert (whole.rows, whole.types) == (alone.rows, alone.types)


def counted(column: ColumnProfile) -> tuple[int, int, dict[str, int]]:
    assert isinstance(column.values, Categories)
    names = column.values.names.to_pylist()
    counts = dict(zip(names, column.values.counts.tolist(), strict=True))
    return column.rows, column.missing, counts


def test_too_many_values_are_refused() -> None:
    with pytest.raises(
        UsageError, match=r"^--by 'n': more than 1,000 values; take a column of fewer, or one that"
    ):
        rows_of(table(), "n")


def test_too_many_combinations_are_refused() -> None:
    data = pa.table({"x": [at % 50 for at in range(3_000)], "y": [at % 47 for at in range(3_000)]})
    assert len(rows_of(data, "x")) == 50
    with pytest.raises(UsageError, match=r"^--by x,y: more than 1,000 segments; take fewer"):
        rows_of(data, "x", "y")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["cty"], "--by: no column 'cty'; did you mean 'city'?"),
        (
            ["at"],
            r"--by 'at': holds timestamp\[us\], and hardly a time occurs twice; take a column",
        ),
        (["list"], "--by 'list': holds list<.*>; take a column of texts, dates, truths or whole"),
        (list("abcdefg"), "--by: 7 columns; take at most 6"),
    ],
)
def test_columns_that_make_no_segments_are_refused(names: list[str], message: str) -> None:
    schema = pa.schema(
        [
            ("city", pa.string()),
            ("at", pa.timestamp("us")),
            ("list", pa.list_(pa.int64())),
            *((name, pa.string()) for name in "abcdefg"),
        ]
    )
    with pytest.raises(UsageError, match=message):
        by_segment(schema, names)


def test_a_column_named_twice_counts_once() -> None:
    assert by_segment(pa.schema([("a", pa.string())]), ["a", "a"]).needs == ("a",)

"""Whole rows that repeat an earlier one, counted by hash: as counting the rows themselves says."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftcli import Profile, compare
from driftcli.config import ReadSettings
from driftcli.engine import Threads, profile
from driftcli.engine.repeats import repeated_rows
from driftcli.errors import UsageError
from driftcli.profile.row_hashes import row_hashes, value_hashes
from driftcli.source import open_source, parquet, records, typed

ASKED = {"repeated": 0.01}


def counted(data: Any, threads: int = 1, forced: Any = None) -> int:
    """Return what a second pass over some data counts."""
    source = open_source(data, ReadSettings())
    profile(source, forced or {}, engine=Threads(threads))
    return repeated_rows(source, forced or {}, Threads(threads))


def by_rows(table: pa.Table) -> int:
    """Count the rows themselves: each beyond the first of its kind."""
    rows = Counter(repr(tuple(each.values())) for each in table.to_pylist())
    return table.num_rows - len(rows)


def mixture(rows: int, seed: int = 1) -> pa.Table:
    """Return rows of which many repeat another, of every type that has a form of its own."""
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, rows // 3, rows)
    start = datetime(2025, 1, 1)  # noqa: DTZ001 - times without a zone are a type, too
    of = {
        "number": [each / 7 for each in range(rows)],
        "whole": list(range(rows)),
        "text": [f"é{each}" for each in range(rows)],
        "raw": [bytes([each % 256, 255]) for each in range(rows)],
        "truth": [each % 2 == 0 for each in range(rows)],
        "day": [date(2025, 1, 1) + timedelta(days=each) for each in range(rows)],
        "time": [start + timedelta(seconds=each) for each in range(rows)],
        "price": [Decimal(each) / 4 for each in range(rows)],
        "list": [[each, None, each % 3] if each % 4 else None for each in range(rows)],
        "nested": [[{"a": each % 5}] * (each % 3) for each in range(rows)],
        "hole": [None if each % 3 else each for each in range(rows)],
    }
    return pa.table({name: [values[at] for at in drawn] for name, values in of.items()})


def test_every_type_counts() -> None:
    table = mixture(600)
    assert counted(table) == by_rows(table)
    for name in table.column_names:
        assert counted(table.select([name])) == by_rows(table.select([name])), name


@pytest.mark.parametrize("threads", [1, 3])
def test_columns_that_are_read_in_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, threads: int
) -> None:
    monkeypatch.setattr(typed, "FRAGMENT_BYTES", 1_500)
    monkeypatch.setattr(parquet, "STREAM_ROWS", 100)
    table = mixture(900)
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=70)
    source = open_source(tmp_path / "a.parquet", ReadSettings())
    groups = {tuple(each.columns) for each in source.fragments(source.schema.names)}
    assert len(groups) > 3
    assert counted(tmp_path / "a.parquet", threads) == by_rows(table)


@pytest.mark.parametrize("threads", [1, 3])
def test_rows_that_repeat_those_of_another_file(tmp_path: Path, threads: int) -> None:
    table = mixture(300).select(["whole", "text", "number"])
    for name in ("a", "b"):
        pq.write_table(table, tmp_path / f"{name}.parquet")
    assert counted(tmp_path, threads) == by_rows(pa.concat_tables([table, table]))


def test_types_that_turn_out_late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "CHUNK_BYTES", 500)
    rows = [f"{at % 150},{at % 150}" for at in range(300)]
    late = [*rows, "0.5,x", "0.5,x", "7.0,7"]  # 7.0 is 7, and "7" is a text by then
    (tmp_path / "a.csv").write_text("\n".join(["n,t", *late]) + "\n")
    assert counted(tmp_path / "a.csv") == 150 + 1 + 1


def test_keys_that_come_up_late(tmp_path: Path) -> None:
    lines = [json.dumps({"a": at % 50}) for at in range(100)]
    lines += [json.dumps({"a": 1, "b": each}) for each in ("x", "y", "x")]
    (tmp_path / "a.jsonl").write_text("\n".join(lines) + "\n")
    assert counted(tmp_path / "a.jsonl") == 50 + 1


def test_columns_that_are_left_out_do_not_count() -> None:
    table = pa.table({"id": [1, 2, 3, 4], "x": [1, 1, 2, 2]})
    assert counted(table) == 0
    assert counted(table, forced={"id": None}) == 2
    found = compare(table, table, thresholds=ASKED, exclude="id")
    assert found.findings == ()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.none() | st.floats(),
            st.none() | st.text(max_size=3),
            st.none() | st.booleans(),
        ),
        max_size=30,
    )
)
def test_any_rows(rows: list[tuple[Any, ...]]) -> None:
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    types = {"n": pa.float64(), "t": pa.string(), "b": pa.bool_()}
    named = zip(types.items(), columns, strict=True)
    table = pa.table({name: pa.array(held, type_) for (name, type_), held in named})
    # One zero; all that is no number is written alike.
    plain = {repr((row[0] + 0.0 if row[0] is not None else None, *row[1:])) for row in rows}
    assert counted(table) == len(rows) - len(plain)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (pa.array([1.0, 2.0, None]), pa.array([1.0, 2.0, None], pa.float32())),
        (pa.array([1, 2, None], pa.int8()), pa.array([1, 2, None], pa.int64())),
        (pa.array(["a", "b", None]), pa.array(["a", "b", None]).dictionary_encode()),
        (pa.array(["a", "b", None]), pa.array(["a", "b", None], pa.large_string())),
        (pa.array([0.0, float("nan")]), pa.array([-0.0, -float("nan")])),
    ],
)
def test_equal_values_have_one_hash_whatever_holds_them(one: Any, other: Any) -> None:
    assert value_hashes(one).tolist() == value_hashes(other).tolist()


def test_values_do_not_move_between_columns_or_rows() -> None:
    batch = pa.record_batch({"a": ["x", "y", "x"], "b": ["y", "x", "x"]})
    types = {"a": pa.string(), "b": pa.string()}
    assert len(set(row_hashes(batch, types).tolist())) == 3
    lists = pa.array([[1, 2], [2, 1], [1], [1, 2, None], [], None, [None]])
    assert len(set(value_hashes(lists).tolist())) == 7
    turned = pa.record_batch({"b": batch.column("b"), "a": batch.column("a")})
    assert row_hashes(turned, types).tolist() == row_hashes(batch, types).tolist()


#: Pairs of values, each pair once: no column names the rows.
BASE = pa.table({"id": [n // 40 for n in range(1_000)], "x": [n % 40 for n in range(1_000)]})
TWICE = pa.concat_tables([BASE, BASE.take([n * 7_919 % 1_000 for n in range(100)])])


def test_they_are_found_when_asked_for() -> None:
    assert compare(BASE, TWICE).verdict == "ok"
    found = compare(BASE, TWICE, thresholds=ASKED)
    assert (found.verdict, found.exit_code) == ("drift", 1)
    (finding,) = found.findings
    assert (finding.kind, finding.column, finding.status) == ("repeated_rows", None, "drift")
    assert finding.message == (
        "9.1 % of the rows repeat an earlier one (100 of 1,100), 0 % in the baseline"
    )
    assert compare(TWICE, TWICE, thresholds=ASKED).findings == ()
    assert compare(TWICE, BASE, thresholds=ASKED).findings == ()  # fewer are none the worse
    assert compare(BASE, TWICE, thresholds={"repeated": 0.2}).findings == ()


def test_segments_and_samples_count_all_rows() -> None:
    for options in ({"by": "x"}, {"sample": 50}):
        found = compare(BASE, TWICE, thresholds=ASKED, **options)
        kinds = [each.kind for each in found.findings]
        assert "repeated_rows" in kinds
        assert {*kinds} <= {"repeated_rows", "within_noise"}


def test_a_saved_profile_says_what_it_knows(tmp_path: Path) -> None:
    config = tmp_path / "drift.toml"
    config.write_text("[thresholds]\nrepeated = { warn = 0.01, drift = 0.5 }\n")
    knowing, other = tmp_path / "knowing.profile", tmp_path / "other.profile"
    Profile.of(TWICE, config=config).save(knowing)
    Profile.of(TWICE).save(other)
    assert compare(knowing, TWICE, thresholds=ASKED).findings == ()
    found = compare(BASE, knowing, config=config)
    assert (found.verdict, [each.kind for each in found.findings]) == ("warn", ["repeated_rows"])
    unknown = compare(BASE, other, thresholds=ASKED)
    assert unknown.verdict == "warn"
    assert "which rows repeat an earlier one is not known of it" in unknown.findings[0].message
    against = compare(other, TWICE, thresholds=ASKED)
    assert against.findings[0].message.endswith("which is not known of the baseline")
    # Columns that are left out later: rows may agree in the others.
    narrower = compare(knowing, TWICE, thresholds=ASKED, exclude="x")
    assert narrower.findings[0].message.endswith("which is not known of the baseline")
    again = shutil.copy(knowing, tmp_path / "again.profile")
    merged = Profile.merged(knowing, again)
    assert compare(merged, BASE, thresholds=ASKED).findings == ()
    assert compare(merged, TWICE, thresholds=ASKED).findings[0].message.endswith("of the baseline")


def test_a_stream_is_refused() -> None:
    reader = pa.RecordBatchReader.from_batches(BASE.schema, BASE.to_batches())
    with pytest.raises(UsageError, match="a stream is read once, and thresholds"):
        compare(BASE, reader, thresholds=ASKED)

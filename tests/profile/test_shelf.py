"""Columns in a file instead of memory: what they hold is the same."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import driftcli
from driftcli.engine import columns as reading
from driftcli.profile.column import ColumnProfile, from_array
from driftcli.profile.kinds import kind_of
from driftcli.profile.shelf import let_go, let_go_of_all, let_go_of_rows, shelved, shelved_rows


def table(rows: int = 400) -> pa.Table:
    rng = np.random.default_rng(3)
    return pa.table(
        {
            "x": rng.normal(size=rows),
            "n": rng.integers(0, 9, rows),
            "large": rng.integers(2**61, 2**62, rows),
            "at": pa.array(np.arange(rows) * 10**9).cast(pa.timestamp("ns")),
            "name": rng.choice(["a", "", "ä", "日本"], rows),
            "coded": pa.array(rng.choice([f"c{at}" for at in range(50)], rows)).dictionary_encode(),
            "flag": pa.array(rng.random(rows) < 0.5),
            "nothing": pa.nulls(rows, pa.float64()),
            "blob": pa.array([b"\0"] * rows),
        }
    )


def profiles(data: pa.Table) -> dict[str, ColumnProfile]:
    made = {}
    for field in data.schema:
        kind = kind_of(field.type)
        assert kind is not None
        made[field.name] = from_array(field.name, data[field.name].combine_chunks(), kind)
    return made


def held(column: ColumnProfile) -> Any:
    values = column.values
    if hasattr(values, "names"):
        return values.names.to_pylist(), values.counts.tolist()
    return values.points.values.tolist(), values.points.counts.tolist()


def test_a_column_on_a_shelf_holds_what_it_held() -> None:
    before = profiles(table())
    after = shelved(before)
    for name, column in after.items():
        assert held(column) == held(before[name])
        let_go(column)
        assert held(column) == held(before[name])
        let_go(before[name])
    assert list(after) == list(before)


def test_names_that_are_a_part_of_an_array_are_kept_as_such() -> None:
    before = {"x": from_array("x", pa.array(["a", "bb", "ccc"]).slice(1), "categorical")}
    assert held(shelved(before)["x"]) == (["bb", "ccc"], [1, 1])


def test_columns_without_a_value_need_no_shelf() -> None:
    before = profiles(table(0))
    assert shelved(before) == before


def test_without_a_file_they_stay_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    before = profiles(table())
    assert shelved(before) is before
    rows = table()
    assert shelved_rows(rows) is rows


def test_rows_on_a_shelf_are_the_rows() -> None:
    rows = shelved_rows(table())
    assert rows.equals(table())
    for values in (*rows.columns, *table().columns):
        let_go_of_rows(values)
    assert rows.equals(table())


def resident() -> int:
    """Return the bytes of files that this process has in memory."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("RssFile"))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux only")
def test_what_is_let_go_of_takes_no_memory() -> None:
    rows = shelved_rows(pa.table({"x": np.zeros(4 << 20), "y": np.zeros(4 << 20)}))
    for let_go_of in (lambda: let_go_of_rows(rows["x"]), let_go_of_all):
        assert rows["x"].combine_chunks().to_numpy().sum() == 0
        before = resident()
        let_go_of()
        assert before - resident() > 30 << 20


def test_columns_that_are_read_in_groups_are_those_that_are_read_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pq.write_table(table(3_000), tmp_path / "base.parquet", row_group_size=700)
    pq.write_table(table(2_000), tmp_path / "new.parquet")
    monkeypatch.chdir(tmp_path)

    def made() -> tuple[bytes, str]:
        driftcli.Profile.of("base.parquet").save("made.profile")
        report = driftcli.compare("base.parquet", "new.parquet", details=True)
        return Path("made.profile").read_bytes(), report.to_json()

    at_once = made()
    monkeypatch.setattr(reading, "GROUP_BYTES", 1)
    monkeypatch.setattr(reading, "_FEWEST_COLUMNS", 2)
    assert made() == at_once


@pytest.mark.parametrize(("rows", "expected"), [(64, [30]), (128, [20, 10]), (512, [20, 10])])
def test_short_columns_are_read_more_at_once(
    rows: int, expected: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = pa.table({f"c{at}": np.arange(rows) for at in range(30)})
    pq.write_table(wide, tmp_path / "a.parquet")
    # Of 64 bytes a row and column, so that just thirty columns of 64 rows are within.
    monkeypatch.setattr(reading, "GROUP_BYTES", 30 * 64 * 64)
    groups: list[int] = []
    whole = reading.taken

    def counted(passes: Any, names: Any) -> Any:
        groups.append(len(names))
        return whole(passes, names)

    monkeypatch.setattr(reading, "taken", counted)
    assert len(driftcli.Profile.of(tmp_path / "a.parquet").columns) == 30
    assert groups == expected

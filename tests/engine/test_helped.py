"""Reading that child processes help with: where that is worth it, and what comes of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from engines import Elsewhere
from everything import read
from msgspec import Struct

import driftcli
from driftcli.engine import Threads, columns, helped, profiling
from driftcli.engine.children import Children
from driftcli.source.piped import is_piped


class Piece(Struct):
    rows: int | None


class Sized(Struct):
    """As much of a source as says how much work it is, and in which pieces."""

    rows: int | None
    size: int | None
    columns: int = 20
    piece: int | None = 10_000

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([(f"x{at}", pa.float64()) for at in range(self.columns)])

    def fragments(self, names: list[str]) -> Iterator[Piece]:
        assert names == self.schema.names
        yield Piece(self.piece)
        raise AssertionError("only the first is looked at")


@pytest.mark.parametrize(
    ("source", "worth"),
    [
        (Sized(10_000_000, 1), True),
        (Sized(10_000_000, 1, piece=1_000_000), False),
        (Sized(1_000_000, 1 << 30), False),
        (Sized(1_000, 1, 5_000, 1_000), False),
        (Sized(100_000, 1, 2_000, 100_000), False),
        (Sized(1_000, 1, 20, 1_000), False),
        (Sized(10_000_000, 1, piece=None), False),
        (Sized(None, 400 << 20, piece=None), False),
        (Sized(10**9, None), False),
    ],
)
def test_children_help_with_much_work_of_short_arrays(source: Any, worth: bool) -> None:
    assert helped(Threads(4), source) == Threads(4, children=worth)


def test_what_has_no_rows_needs_no_help() -> None:
    class Empty(Sized):
        def fragments(self, names: list[str]) -> Iterator[Piece]:
            return iter(())

    source: Any = Empty(0, 1, 5_000)
    assert helped(Threads(4), source) == Threads(4)


def test_a_cluster_needs_no_help() -> None:
    engine = Elsewhere(1)
    source: Any = Sized(10**9, 1)
    assert helped(engine, source) is engine


@pytest.mark.parametrize(
    ("name", "way"),
    [
        *product(["data.parquet"], ["whole", "both", "sample", "segments"]),
        *product(["data.arrow", "data.csv", "late.jsonl", "late.csv", "days"], ["whole"]),
    ],
)
@pytest.mark.usefixtures("in_many_pieces")
def test_children_give_the_bits_of_threads(
    both: Children, name: str, way: str, data: dict[str, Any]
) -> None:
    assert read(data[name], way, Threads(2)) == read(data[name], way, Threads(2, children=True))
    assert len(both.pids) == 1


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Have children help with any file, and return how many are wanted each time."""
    monkeypatch.setattr(profiling, "_MANY", 0)
    wanted: list[int] = []

    def start(self: Children, count: int, here: int) -> None:
        wanted.append(count)
        self._free.put(None)

    monkeypatch.setattr(Children, "start", start)
    return wanted


def test_files_are_read_with_help_and_what_is_in_memory_is_not(
    tmp_path: Path, always: list[int]
) -> None:
    table = pa.table({"x": [1.0, 2.0, 3.0] * 100})
    pq.write_table(table, tmp_path / "a.parquet")
    found = driftcli.compare(tmp_path / "a.parquet", table, threads=3)
    assert found.verdict == "ok"
    assert always == [2]
    driftcli.compare(tmp_path / "a.parquet", tmp_path / "a.parquet", threads=1)
    driftcli.compare(table, table, threads=3)
    assert always == [2]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_what_comes_through_a_pipe_is_in_this_process_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").touch()
    piped = [is_piped(str(tmp_path / name)) for name in ("pipe", "file", "", "nothing")]
    assert piped == [True, False, False, False]
    assert is_piped("-")
    assert is_piped(os.devnull)
    assert not is_piped("a\0b")


def test_a_command_says_the_same_with_help(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, both: Children
) -> None:
    monkeypatch.setattr(profiling, "_MANY", 0)
    monkeypatch.setattr(columns, "LEAF_ROWS", 1_000)
    table = pa.table({"x": [float(at % 977) for at in range(9_000)], "s": ["a", "b", "c"] * 3_000})
    for at in range(18):
        (tmp_path / "a").mkdir(exist_ok=True)
        pq.write_table(table.slice(500 * at, 500), tmp_path / "a" / f"{at:02}.parquet")
    pyarrow.csv.write_csv(table.slice(2_000), tmp_path / "b.csv")
    sides = tmp_path / "a", tmp_path / "b.csv"
    found = [driftcli.compare(*sides, threads=threads).to_json() for threads in (1, 2)]
    assert found[0] == found[1]


def test_a_torn_file_is_told_of_as_by_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, both: Children
) -> None:
    monkeypatch.setattr(profiling, "_MANY", 0)
    monkeypatch.setattr(columns, "LEAF_ROWS", 100)
    for at in range(20):
        pq.write_table(pa.table({"x": [1.5] * 100}), tmp_path / f"{at:02}.parquet")
    for at in (17, 11):
        path = tmp_path / f"{at}.parquet"
        path.write_bytes(path.read_bytes()[:4] + bytes(40) + path.read_bytes()[44:])
    for threads in (1, 2):
        with pytest.raises(driftcli.InputError, match=r"11\.parquet"):
            driftcli.compare(tmp_path, tmp_path, threads=threads)

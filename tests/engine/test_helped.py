"""Reading that child processes help with: where that is worth it, and what comes of it."""

from __future__ import annotations

import gzip
import os
import pickle
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import chores
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from engines import Elsewhere
from everything import read
from msgspec import Struct

import driftcli
from driftcli.config import ReadSettings
from driftcli.engine import Threads, children, columns, helped, profiling
from driftcli.engine.children import Children
from driftcli.source import open_source, records
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


@pytest.fixture
def at_work(monkeypatch: pytest.MonkeyPatch) -> Iterator[Children]:
    """Return children of which one is there, beside a thread, for all of a test."""
    made = Children()
    monkeypatch.setattr(children, "_OURS", made)
    with made.kept():
        made.start(1, 0)
        assert made.work(chores.where, None) in made.pids
        made._free.put(None)
        yield made


@pytest.mark.parametrize(
    ("source", "short", "grouped"),
    [
        (Sized(10_000_000, 1), True, True),
        (Sized(10_000_000, 1, piece=1_000_000), False, True),
        (Sized(1_000_000, 1 << 30), False, False),
        (Sized(1_000, 1, 5_000, 1_000), True, True),
        (Sized(100_000, 1, 2_000, 100_000), False, True),
        (Sized(1_000, 1, 20, 1_000), False, False),
        (Sized(None, 400 << 20, piece=None), False, True),
        (Sized(None, 40 << 20, piece=None), False, False),
        (Sized(10**9, None), False, False),
    ],
)
def test_children_help_with_much_work_of_short_arrays(
    source: Any, short: bool, grouped: bool
) -> None:
    found = [helped(Threads(4), source, grouped=each) for each in (False, True)]
    assert found == [Threads(4, children=short), Threads(4, children=grouped)]


def test_what_has_no_rows_needs_no_help() -> None:
    class Empty(Sized):
        def fragments(self, names: list[str]) -> Iterator[Piece]:
            return iter(())

    source: Any = Empty(0, 1, 5_000)
    assert helped(Threads(4), source, grouped=False) == Threads(4)


def test_a_cluster_needs_no_help() -> None:
    engine = Elsewhere(1)
    source: Any = Sized(10**9, 1)
    assert helped(engine, source, grouped=True) is engine


@pytest.mark.parametrize(
    ("name", "way"),
    [
        *product(["data.parquet"], ["whole", "both", "sample", "segments"]),
        *product(["data.arrow", "data.csv", "late.jsonl", "late.csv", "days"], ["whole"]),
    ],
)
@pytest.mark.usefixtures("in_many_pieces")
def test_children_give_the_bits_of_threads(
    at_work: Children, name: str, way: str, data: dict[str, Any]
) -> None:
    assert read(data[name], way, Threads(2)) == read(data[name], way, Threads(2, children=True))
    assert len(at_work.pids) == 1


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
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_work: Children
) -> None:
    monkeypatch.setattr(profiling, "_MANY", 0)
    monkeypatch.setattr(columns, "LEAF_ROWS", 1_000)
    table = pa.table({"x": [float(at % 977) for at in range(9_000)], "s": ["a", "b", "c"] * 3_000})
    for at in range(18):
        (tmp_path / "a").mkdir(exist_ok=True)
        pq.write_table(table.slice(500 * at, 500), tmp_path / "a" / f"{at:02}.parquet")
    pyarrow.csv.write_csv(table.slice(2_000), tmp_path / "b.csv")
    sides = tmp_path / "a", tmp_path / "b.csv"
    for by in ((), ("s",)):
        found = [driftcli.compare(*sides, by=by, threads=threads).to_json() for threads in (1, 2)]
        assert found[0] == found[1]


def test_a_torn_file_is_told_of_as_by_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_work: Children
) -> None:
    monkeypatch.setattr(profiling, "_MANY", 0)
    lines = [f"{at},{at}\n" for at in range(9_000)]
    lines[7_000] = "1,2,3\n"
    (tmp_path / "torn.csv").write_text("a,b\n" + "".join(lines))
    for threads in (1, 2):
        with pytest.raises(driftcli.InputError, match="line 7,002: 2 values expected"):
            driftcli.compare(*[tmp_path / "torn.csv"] * 2, by=["a"], threads=threads)


ROWS = "".join(f"{at},ä{at}\n" for at in range(4_000))
RECORDS = [f'{{"a": {at}, "b": "ä{at}"}}' for at in range(4_000)]


@pytest.mark.parametrize(
    ("name", "text", "in_place"),
    [
        ("a.csv", ("a,b\n" + ROWS).encode(), True),
        ("marked.csv", ("\ufeffa,b\n" + ROWS).encode(), True),
        ("footed.csv", ("a,b\n" + ROWS + "(4000 rows affected)\n").encode(), True),
        ("wide.csv", ("a,b\n" + ROWS).encode("utf-16"), False),
        ("packed.csv.gz", gzip.compress(("a,b\n" + ROWS).encode()), False),
        ("a.jsonl", "\n".join(RECORDS).encode(), True),
        ("a.json", f"[{','.join(RECORDS)}]".encode(), False),
    ],
)
def test_texts_are_sent_by_where_they_lie_where_they_can_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: bytes, in_place: bool
) -> None:
    monkeypatch.setattr(records, "CHUNK_BYTES", 20_000)
    (tmp_path / name).write_bytes(text)
    source = open_source(tmp_path / name, ReadSettings())
    fragments = list(source.fragments(source.schema.names))
    sent = [pickle.dumps(fragment) for fragment in fragments]
    assert len(sent) > 2
    assert (max(map(len, sent)) < 5_000) == in_place
    here = [block.batch for fragment in fragments for block in fragment.blocks()]
    there = [block.batch for each in sent for block in pickle.loads(each).blocks()]
    assert here == there
    assert sum(batch.num_rows for batch in here) == 4_000

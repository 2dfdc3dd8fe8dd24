"""Profiling on threads: the same profile, bit for bit, and merged within the bounds."""

import os
from fractions import Fraction

import exactly
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zoo

from driftcli.api.compare import compare
from driftcli.config import ReadSettings
from driftcli.engine import Threads, columns, profile, threads
from driftcli.profile.categories import Categories
from driftcli.source import open_source
from driftcli.source.memory import MemorySource

NAMES = ["normal", "sentinel", "prices", "beyond_2_53", "full_range", "small_integers"]
ROWS = 60_000


def table(seed):
    rng = np.random.default_rng(seed)
    columns = {name: zoo.column(name, ROWS, seed) for name in NAMES}
    return pa.table(
        {
            **columns,
            "name": [f"n{number}" for number in rng.integers(0, 5000, ROWS).tolist()],
            "flag": rng.random(ROWS) < 0.3,
            "time": pa.array(columns["beyond_2_53"] // 10**9, pa.timestamp("us")),
            "holes": pa.array(np.where(rng.random(ROWS) < 0.1, None, 1.5).tolist(), pa.float64()),
        }
    )


@pytest.fixture
def small_leaves(monkeypatch):
    """Have every 9,000 rows profiled by themselves, and merged."""
    monkeypatch.setattr(columns, "LEAF_ROWS", 9000)


@pytest.fixture
def files(tmp_path):
    for seed in (1, 2):
        pq.write_table(table(seed), tmp_path / f"{seed}.parquet", row_group_size=9000)
    return tmp_path / "1.parquet", tmp_path / "2.parquet"


def frozen(column):
    values = column.values
    if isinstance(values, Categories):
        rows = sorted(zip(values.names.to_pylist(), values.counts.tolist(), strict=True))
        return column.rows, column.missing, rows
    bits = values.points.values.tobytes(), values.points.counts.tobytes()
    moments = repr((values.mean, values.sd, values.low, values.high, values.points.rounding))
    return column.rows, column.missing, bits, moments, values.hours_of_week.tolist()


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="Linux only")
def test_only_processors_that_this_process_may_use_are_counted(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    assert threads.available_threads() == 1


def test_the_profile_is_the_same_bit_for_bit_on_any_number_of_threads(small_leaves, files):
    found = [
        profile(open_source(files[0], ReadSettings()), {}, engine=Threads(threads)).whole
        for threads in (1, 2, 3)
    ]
    for other in found[1:]:
        assert list(other.columns) == list(found[0].columns)
        for name, column in found[0].columns.items():
            assert frozen(other.columns[name]) == frozen(column), name
    assert compare(*files, threads=1) == compare(*files, threads=3)


@pytest.mark.slow
def test_merged_leaves_keep_every_bound(small_leaves, files):
    baseline, current = table(1), table(2)
    columns = {column.name: column for column in compare(*files).columns}
    for name in NAMES:
        score = columns[name].score("wasserstein_raw")
        true = exactly.wasserstein(*(side[name].to_numpy() for side in (baseline, current)))
        allowed = Fraction(score.error_bound) + true / 10**9
        assert abs(Fraction(score.number) - true) <= allowed, name


def test_how_rows_are_read_together_does_not_change_what_is_exact(monkeypatch, files):
    whole = {column.name: column for column in compare(*files).columns}
    monkeypatch.setattr(columns, "LEAF_ROWS", 20_000)
    exact = set()
    for column in compare(*files).columns:
        if column.baseline.distinct_exact and column.current.distinct_exact:
            exact.add(column.name)
            assert column == whole[column.name]
        assert column.baseline.rows == ROWS
        assert column.status == whole[column.name].status
    assert exact


def test_an_error_in_a_thread_is_the_callers(tmp_path):
    class BrokenError(Exception):
        pass

    class Source:
        name, format, notes, rows, size = "broken", "memory", (), 1, None
        schema = pa.schema([("x", pa.int64())])

        def fragments(self, columns):
            raise BrokenError

        def revised(self):
            return None

    with pytest.raises(BrokenError):
        profile(Source(), {}, engine=Threads(2))


def test_progress_is_told_of_every_row(files):
    class Counted:
        rows = size = 0.0

        def expect(self, size):
            raise AssertionError("the caller knows both sides")

        def advance(self, rows, size):
            self.rows += rows
            self.size += size

    progress = Counted()
    profile(open_source(files[0], ReadSettings()), {}, engine=Threads(2), progress=progress)
    assert progress.rows == pytest.approx(ROWS)
    assert progress.size > 0


class Pulled:
    """How much of a stream had been taken when the first of it was profiled."""

    def __init__(self, batches):
        self.taken, self.first = 0, 0
        self._batches = batches

    def __iter__(self):
        for batch in self._batches:
            self.taken += 1
            yield batch

    def expect(self, size):
        pass

    def advance(self, rows, size):
        self.first = self.first or self.taken


def test_of_a_stream_no_more_waits_than_one_thread_takes_next(small_leaves):
    batches = table(1).to_batches(max_chunksize=6000)
    pulled = Pulled(batches)
    reader = pa.RecordBatchReader.from_batches(batches[0].schema, iter(pulled))
    profile(MemorySource(reader), {}, engine=Threads(2), progress=pulled)
    at_work, next_one, looked_at = 2, 1, 1
    assert pulled.first == at_work + next_one + looked_at
    assert pulled.taken == len(batches) == 10


@pytest.mark.parametrize(("ahead", "taken"), [(0, 3), (1, 4), (None, 5)])
def test_as_many_items_are_taken_ahead_as_is_said(ahead, taken):
    items = Pulled(range(9))
    results = threads.in_order(str, items, 2, ahead)
    assert next(results) == "0"
    assert items.taken == taken
    assert list(results) == [str(at) for at in range(1, 9)]

"""One pass over many parts: what is kept is bounded, and does not depend on the threads."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import exactly
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from everything import exact

from driftcli.config import ReadSettings
from driftcli.engine import (
    Engine,
    GroupBy,
    Threads,
    by_period,
    by_segment,
    columns,
    group_merging,
    group_reading,
    profile,
)
from driftcli.engine.sampling import RowSample
from driftcli.engine.tree import FAN
from driftcli.metrics.transport import Line, union, wasserstein
from driftcli.profile import column, points
from driftcli.profile.calendar import Every
from driftcli.profile.categories import Categories
from driftcli.profile.column import ColumnProfile
from driftcli.profile.groups import Group
from driftcli.profile.numeric import Numbers
from driftcli.source import open_source, typed
from driftcli.source import parquet as parquet_source

DAYS, ROWS, COLUMNS = 20, 2_000, 5


def table(seed: int = 0) -> pa.Table:
    """Return days in no order, of columns with more values than any profile of a day holds."""
    random = np.random.default_rng(seed)
    day = random.permutation(np.repeat(np.arange(DAYS), ROWS))
    return pa.table(
        {
            "ts": pa.array(day * 86_400).cast(pa.timestamp("s")),
            **{f"x{at}": random.normal(size=day.size) for at in range(COLUMNS)},
        }
    )


def bytes_of(groups: Mapping[Hashable, ColumnProfile]) -> int:
    return sum(2_000 + 16 * each.numbers.points.values.size for each in groups.values())


def days(
    data: object, *, limit: int = 1_024, threads: int = 2, engine: Engine | None = None
) -> list[Group]:
    grouping = partial(by_period, name="ts", every=Every.parse("1d"))
    source, groups = open_source(data, ReadSettings()), GroupBy("--time", grouping, limit)
    return list(
        profile(source, {"ts": None}, groups, engine=engine or Threads(threads)).groups.values()
    )


def numbers(group: Group, name: str) -> points.Points:
    values = group.columns[name].values
    assert isinstance(values, Numbers)
    return values.points


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that is read in many pieces, the time column apart from the others."""
    monkeypatch.setattr(typed, "FRAGMENT_BYTES", 7_000)
    monkeypatch.setattr(parquet_source, "STREAM_ROWS", 1_000)
    monkeypatch.setattr(group_reading, "LEAF_ROWS", 1_000)
    made = tmp_path / "data.parquet"
    pq.write_table(table(), made, row_group_size=1_000)
    return made


def test_the_parts_hold_no_more_than_there_is_room_for(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = DAYS * COLUMNS * (2_000 + 400 * 16) * FAN
    monkeypatch.setattr(group_merging, "MOST_BYTES", room)
    sizes = []

    class Weighing(Threads):
        def map_merge(self, work: Any, join: Any, lanes: Any, progress: Any) -> Any:
            def weighed(parts: Sequence[group_merging.Parts], *, last: bool) -> Any:
                sizes.extend(sum(map(bytes_of, part.columns.values())) for part in parts)
                return join(parts, last=last)

            return super().map_merge(work, weighed, lanes, progress)

    made = days(path, engine=Weighing(2))
    assert len(sizes) > FAN * COLUMNS
    assert max(sizes) <= room / FAN / COLUMNS
    held = [numbers(part, name).values.size for part in made for name in part.columns]
    assert len(held) == DAYS * COLUMNS
    assert min(held) > group_merging.FEWEST_POINTS


def test_fewer_points_know_their_rounding(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = table()
    day = np.asarray(data["ts"].cast(pa.int64())) // 86_400
    monkeypatch.setattr(group_merging, "MOST_BYTES", DAYS * COLUMNS * 4_000)
    for at, part in enumerate(days(path)):
        for name, each in part.columns.items():
            own = np.asarray(data[name])[day == at]
            held = numbers(part, name)
            assert each.rows == own.size == held.total
            assert 0 < held.rounding < 0.05
            values, counts = np.unique(own, return_counts=True)
            joined = union((values, counts), (held.values, held.counts))
            assert float(wasserstein(Line.of(*joined))) <= held.rounding * (1 + 1e-9)


def named(width: int) -> pa.Table:
    random = np.random.default_rng(3)
    day = np.repeat(np.arange(4), 6_000)
    names = pa.array([f"n{code:0{width}}" for code in random.integers(0, 20_000, day.size)])
    return pa.table({"ts": pa.array(day * 86_400).cast(pa.timestamp("s")), "name": names})


def categories(part: Group) -> Categories:
    held = part.columns["name"].values
    assert isinstance(held, Categories)
    return held


def test_names_are_counted_in_fewer_places_where_there_is_little_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = named(60)
    exact = days(data)
    monkeypatch.setattr(group_merging, "MOST_BYTES", 1)
    for whole, part in zip(exact, days(data), strict=True):
        before, after = categories(whole), categories(part)
        assert before.exact
        assert not after.exact
        assert len(after.names) <= 1_024
        assert after.nbytes < before.nbytes
        assert after.total == before.total == 6_000


def test_names_that_take_less_room_than_their_sample_are_all_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = named(5)
    exact = days(data)
    monkeypatch.setattr(group_merging, "MOST_BYTES", 1)
    for whole, part in zip(exact, days(data), strict=True):
        before, after = categories(whole), categories(part)
        assert after.exact
        assert len(after.names) == len(before.names) > 5_000


def test_points_are_made_fewer_once_however_little_room_there_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = days(table(), limit=1_024)
    merged = []

    def counted(parts: Sequence[ColumnProfile], *limits: int | None) -> ColumnProfile:
        merged.append(limits)
        return column.merge(parts, *limits)

    monkeypatch.setattr(group_merging, "MOST_BYTES", 1)
    monkeypatch.setattr(group_merging, "merge", counted)
    columns = {name: {0: [each]} for name, each in whole[0].columns.items()}
    limits = group_merging.Limits(1_024, COLUMNS)
    made = group_merging.within(columns, limits, last=True)
    assert len(merged) <= 2 * COLUMNS
    few = points.compress(numbers(whole[0], "x0"), group_merging.FEWEST_POINTS)
    held = made["x0"][0].numbers.points
    assert held.values.tolist() == few.values.tolist()
    assert held.rounding == few.rounding


def test_with_room_enough_small_parts_are_the_data(path: Path) -> None:
    data = table()
    day = np.asarray(data["ts"].cast(pa.int64())) // 86_400
    for at, part in enumerate(days(path, limit=ROWS)):
        own = np.asarray(data["x0"])[day == at].tolist()
        assert exactly.points_of(numbers(part, "x0")) == dict.fromkeys(own, 1)


@pytest.mark.parametrize("room", [group_merging.MOST_BYTES, DAYS * COLUMNS * 6_000])
def test_the_threads_change_nothing(room: int, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_merging, "MOST_BYTES", room)
    one, three = days(path, threads=1), days(path, threads=3)
    for left, right in zip(one, three, strict=True):
        assert left.rows == right.rows
        for name in left.columns:
            p, q = numbers(left, name), numbers(right, name)
            assert (p.values == q.values).all()
            assert (p.counts == q.counts).all()
            assert p.rounding == q.rounding


def test_an_error_of_the_time_column_reaches_those_that_wait_for_it(path: Path) -> None:
    from driftcli.errors import InputError

    broken = path.with_name("broken.parquet")
    data = table()
    texts = pa.array(["2023-01-01", *["soon"] * (data.num_rows - 1)])
    pq.write_table(data.set_column(0, "ts", texts), broken, row_group_size=3_000)
    with pytest.raises(InputError, match="not a column of times"):
        days(broken, threads=3)


def test_the_whole_is_what_it_is_without_groups(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columns, "LEAF_ROWS", 1_000)
    by = GroupBy("--by", partial(by_segment, names=["part"]), 64, whole=True)
    data = table()
    data = data.append_column("part", pa.array(np.arange(data.num_rows) % 3).cast(pa.string()))
    pq.write_table(data, path, row_group_size=1_000)
    sample = RowSample(700, beside=True)
    alone, beside = (
        profile(open_source(path, ReadSettings()), {}, groups, sample=sample)
        for groups in (None, by)
    )
    assert len(beside.groups) == 3
    assert exact(beside.whole) == exact(alone.whole)
    assert beside.drawn.equals(alone.drawn)

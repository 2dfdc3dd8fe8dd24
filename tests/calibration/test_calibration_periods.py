"""One dataset cut into periods while it is read, against sorting the rows into lists."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from past_data import by_chance, by_time

from driftcli.calibration import PERIOD_POINTS, Reference, from_profiles
from driftcli.config import ReadSettings
from driftcli.engine import profile
from driftcli.errors import InputError, UsageError
from driftcli.profile.categories import Categories
from driftcli.profile.column import ColumnProfile
from driftcli.source import open_source, typed

FIRST = datetime(2023, 2, 27, tzinfo=UTC)


def rows(count: int = 1200, days: int = 6, seed: int = 0) -> list[dict[str, Any]]:
    """Return rows in no order of time; one in fifty has none, one in twenty lacks a value."""
    random = np.random.default_rng(seed)
    return [
        {
            "ts": None
            if random.random() < 0.02
            else FIRST + timedelta(seconds=int(random.integers(0, days * 86_400))),
            "x": None if random.random() < 0.05 else int(random.integers(0, 20)),
            "city": str(random.choice(["a", "b", "c"])),
        }
        for _ in range(count)
    ]


def table(made: list[dict[str, Any]], type_: pa.DataType | None = None) -> pa.Table:
    return pa.Table.from_pylist(
        made,
        pa.schema(
            [
                ("ts", type_ or pa.timestamp("us", "UTC")),
                ("x", pa.int64()),
                ("city", pa.string()),
            ]
        ),
    )


def told(profile: ColumnProfile | None) -> tuple[int, int, dict[Any, int]]:
    assert profile is not None
    values = profile.values
    if isinstance(values, Categories):
        counts = dict(zip(values.names.to_pylist(), values.counts.tolist(), strict=True))
    else:
        points = values.points
        counts = dict(zip(points.values.tolist(), points.counts.tolist(), strict=True))
    return profile.rows, profile.missing, counts


def slow(made: list[dict[str, Any]]) -> dict[str, dict[str, tuple[int, int, dict[Any, int]]]]:
    """Return what each day's columns hold, from Python lists."""
    days: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in made:
        if row["ts"] is not None:
            days[row["ts"].date().isoformat()].append(row)
    return {
        day: {
            name: (
                len(some),
                sum(row[name] is None for row in some),
                {
                    value: sum(row[name] == value for row in some)
                    for value in {row[name] for row in some} - {None}
                },
            )
            for name in ("x", "city")
        }
        for day, some in sorted(days.items())
    }


def found(reference: Reference) -> dict[str, dict[str, tuple[int, int, dict[Any, int]]]]:
    return {
        period.label: {name: told(parts[at]) for name, parts in reference.columns.items()}
        for at, period in enumerate(reference.periods)
    }


def test_rows_in_any_order_fall_into_their_days() -> None:
    made = rows()
    reference = by_time(table(made))
    assert found(reference) == slow(made)
    assert reference.outside == sum(row["ts"] is None for row in made)
    assert reference.way == "6 periods of 1d"


def test_a_zone_is_taken_as_utc() -> None:
    made = rows()
    for zone in ("America/New_York", "Asia/Kolkata"):
        assert found(by_time(table(made, pa.timestamp("ms", zone)))) == slow(made)


def test_dates_are_times() -> None:
    made = rows()
    dates = table(made).set_column(0, "ts", table(made)["ts"].cast(pa.date32()))
    assert found(by_time(dates)) == slow(made)


@pytest.mark.parametrize("threads", [1, 3])
def test_parquet_in_pieces_is_cut_alike(
    threads: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time column is in another fragment than the columns it cuts."""
    made = rows()
    path = tmp_path / "data.parquet"
    pq.write_table(table(made).select(["x", "city", "ts"]), path, row_group_size=100)
    monkeypatch.setattr(typed, "FRAGMENT_BYTES", 500)
    source = open_source(path, ReadSettings())
    assert len({tuple(each.columns) for each in source.fragments(["x", "city", "ts"])}) > 1
    assert found(by_time(path, threads=threads)) == slow(made)


def test_text_is_read_again_where_its_types_did_not_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`late` is a number but in its last rows; `ts` must be there when it is read again."""
    from driftcli.source import records

    monkeypatch.setattr(records, "CHUNK_BYTES", 4_000)
    made = rows(4_000)
    path = tmp_path / "data.csv"
    lines = [
        f"{row['ts'] or ''},{'' if row['x'] is None else row['x']},{row['city']},"
        f"{'?' if at > 3_990 else at % 3}"
        for at, row in enumerate(made)
    ]
    path.write_text("\n".join(["ts,x,city,late", *lines]) + "\n")
    reference = by_time(path)
    late = [told(each)[2] for each in reference.columns["late"]]
    assert sum(each.get("?", 0) for each in late) == sum(
        row["ts"] is not None for row in made[3991:]
    )
    without = {
        day: {n: columns[n] for n in ("x", "city")} for day, columns in found(reference).items()
    }
    assert without == slow(made)


@pytest.mark.slow
def test_keys_that_come_up_late_are_cut_too(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    made = [row for row in rows(40_000) if row["ts"]]
    lines = [
        json.dumps({"ts": row["ts"].isoformat(), **({"late": 1} if at > 35_000 else {})})
        for at, row in enumerate(made)
    ]
    path.write_text("\n".join(lines) + "\n")
    reference = by_time(path)
    values = [told(each) for each in reference.columns["late"]]
    assert sum(counts.get(1.0, 0) for *_, counts in values) == len(made) - 35_001
    assert sum(each for each, *_ in values) == len(made)


def test_values_that_do_not_parse_are_not_missing(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    made = [row for row in rows() if row["ts"]]
    lines = [f"{row['ts']},{'bad' if at % 50 == 0 else 1}" for at, row in enumerate(made)]
    path.write_text("\n".join(["ts,x", *lines]) + "\n")
    reference = by_time(path, types={"x": pa.int64()})
    profiles = [each for each in reference.columns["x"] if each]
    assert sum(each.missing for each in profiles) == 0
    assert sum(each.invalid.count for each in profiles if each.invalid) == -(-len(made) // 50)


def test_a_period_keeps_few_points_and_all_rows() -> None:
    random = np.random.default_rng(2)
    days = np.repeat(np.arange(4), 20_000)
    data = pa.table(
        {"ts": pa.array(days * 86_400).cast(pa.timestamp("s")), "x": random.normal(size=80_000)}
    )
    for part in by_time(data).columns["x"]:
        assert part is not None
        assert part.rows == 20_000
        assert part.values.points.values.size <= PERIOD_POINTS  # type: ignore[union-attr]
        assert part.values.points.rounding < 0.01  # type: ignore[union-attr]


def test_random_splits_are_the_same_on_any_number_of_threads() -> None:
    data = table(rows())

    one, three, other = (
        by_chance(data, 5, seed, threads) for threads, seed in ((1, 0), (3, 0), (1, 9))
    )
    assert one.periods == three.periods
    assert one.periods != other.periods
    assert [told(each) for each in one.columns["x"]] == [told(each) for each in three.columns["x"]]
    assert sum(each.rows for each in one.periods) == 1200


def test_small_periods_are_left_out_and_named() -> None:
    made = rows() + [{"ts": FIRST + timedelta(days=30), "x": 1, "city": "a"} for _ in range(7)]
    reference = by_time(table(made))
    assert [(each.label, each.rows) for each in reference.left_out] == [("2023-03-29", 7)]
    assert "2023-03-29" not in {each.label for each in reference.periods}
    assert len(by_time(table(made), min_rows=1).periods) == 7


def test_too_few_periods_are_refused() -> None:
    with pytest.raises(InputError, match="2 periods of 1w; calibration needs at least 3"):
        by_time(table(rows(days=10)), "1w")
    with pytest.raises(InputError, match=r"takes more history$"):
        by_time(table(rows(days=10)), "1w")
    with pytest.raises(InputError, match=r"1 period of 1w of 500 rows or more, of 2;.*--min-rows$"):
        by_time(table(rows(days=10)), "1w", min_rows=500)


def test_too_many_periods_are_refused() -> None:
    hours = pa.array(np.arange(6_000) * 3600).cast(pa.timestamp("s"))
    with pytest.raises(UsageError, match="more than 5,000 periods; take a longer --every"):
        by_time(pa.table({"ts": hours, "x": hours.cast(pa.int64())}), "1h")


def test_texts_that_are_no_times_are_refused() -> None:
    data = pa.table({"ts": ["2023-01-01", "soon"]})
    with pytest.raises(InputError, match=r"--time 'ts': not a column of times: .*soon"):
        by_time(data)


def test_files_are_periods_too() -> None:
    data = [table(rows(seed=seed)) for seed in range(3)] + [table(rows(5))]
    profiles = [profile(open_source(each, ReadSettings()), {}).whole for each in data]
    reference = from_profiles(profiles)
    assert reference.way == "3 files"
    assert [each.rows for each in reference.periods] == [1200] * 3
    assert [each.rows for each in reference.left_out] == [5]

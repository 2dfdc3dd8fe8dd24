"""Blocks within the periods of a timeline: days of weeks, customers of days."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import driftcli
from driftcli.errors import UsageError
from driftcli.pipeline import inputs

DAY, ROWS = 86_400, 300
MONDAY = 18_995 * DAY  # 2022-01-03


def some_weeks(seed: int, weeks: int, *, moved: float = 0.0) -> pa.Table:
    """Return weeks of days that differ, the last week higher by so much."""
    rng = np.random.default_rng(seed)
    day = np.repeat(np.arange(7 * weeks), ROWS)
    level = rng.normal(0, 0.5, 7 * weeks) + moved * (np.arange(7 * weeks) >= 7 * (weeks - 1))
    shop = rng.integers(0, 40, day.size)
    return pa.table(
        {
            "at": pa.array(MONDAY + day * DAY + rng.integers(0, DAY, day.size)).cast(
                pa.timestamp("s")
            ),
            "late": rng.normal(level[day], 1),
            "paid": rng.normal(rng.normal(0, 1, (weeks, 40))[day // 7, shop], 1),
            "shop": [f"shop {each}" for each in shop],
        }
    )


def drifted(table: Any, column: str, **how: Any) -> list[str]:
    made = driftcli.timeline(table, time="at", every="1w", columns=column, **how)
    return [period.label for period in made.periods if period.status == "drift"]


def said(table: Any, **how: Any) -> list[str]:
    made = driftcli.timeline(table, time="at", **{"every": "1w", **how})
    return [each.message for each in made.findings if each.kind == "blocks"]


@pytest.mark.parametrize(("column", "block"), [("late", "at:1d"), ("paid", "shop")])
def test_blocks_within_few_periods_are_what_moves_together(column: str, block: str) -> None:
    """Three weeks do not tell how weeks differ: their days, and their customers, do."""
    alarms = {"none": 0, block: 0}
    for seed in range(6):
        for each in alarms:
            alarms[each] += bool(drifted(some_weeks(seed, 3), column, block=each))
    assert alarms["none"] >= 3
    assert alarms[block] == 0


def test_a_week_unlike_the_others_is_drift() -> None:
    table = some_weeks(1, 3, moved=2.5)
    assert drifted(table, "late", block="at:1d") == ["2022-01-17"]
    assert drifted(table, "late", block="at:1d", against="previous") == ["2022-01-17"]
    span = "2022-01-03..2022-01-16"
    assert drifted(table, "late", block="at:1d", baseline=span) == ["2022-01-17"]
    assert drifted(table, "late", block="at:1d", baseline=some_weeks(2, 3)) == ["2022-01-17"]


def test_few_rows_of_each_period_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "DRAWN_ROWS", 600)
    for seed in range(4):
        assert drifted(some_weeks(seed, 3), "late", block="at:1d") == []
    assert drifted(some_weeks(1, 3, moved=2.5), "late", block="at:1d") == ["2022-01-17"]


def test_a_window_has_the_blocks_of_its_periods() -> None:
    table = some_weeks(3, 3)
    how: dict[str, Any] = {"every": "1d", "window": "7d", "block": "at:1d"}
    assert said(table, **how) == [
        "noise of periods by day of at within them, and by how periods differ"
    ]


WITHIN = "noise of periods by {} within them, and by how periods differ"
ONE = (
    "a period is no longer than {} of 'at': it is one block, and measured by how other periods"
    " differ"
)
FEW = (
    "noise by {}: too few in a period to tell how they differ, so that its rows are taken as"
    " independent"
)


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({}, []),
        ({"block": "none"}, []),
        ({"block": "at"}, [WITHIN.format("day of at")]),
        ({"block": "shop"}, [WITHIN.format("value of shop")]),
        ({"block": "at:1w"}, [ONE.format("1w")]),
        ({"block": "at:1d", "every": "1d"}, [ONE.format("1d")]),
        ({"block": "at:12h", "every": "1d"}, [FEW.format("12 hours of at")]),
    ],
)
def test_what_blocks_there_are_is_said(how: dict[str, Any], expected: list[str]) -> None:
    assert said(some_weeks(0, 3), **how) == expected


def test_a_profile_has_no_rows_to_tell_apart(tmp_path: Any) -> None:
    pq.write_table(some_weeks(2, 3), tmp_path / "base.parquet")
    saved = driftcli.Profile.of(tmp_path / "base.parquet")
    (told,) = said(some_weeks(0, 3), block="shop", baseline=saved)
    assert told.endswith(
        "keeps its rows by day of at, and not by value of shop: rows are taken as independent;"
        " `drift profile` with --block shop keeps its blocks"
    )


def test_a_block_that_is_no_column_is_an_error() -> None:
    with pytest.raises(UsageError, match="block: no column 'shops'; did you mean 'shop'"):
        said(some_weeks(0, 3), block="shops")

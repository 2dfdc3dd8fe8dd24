"""Days that differ from each other as days do, and days that differ from all others."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import driftcli

DAY, ROWS, DAYS = 86_400, 300, 60
START = 19_000 * DAY  # 2022-01-08
FLIGHTS = Path(__file__).parents[2] / "examples" / "flights-season"
CARRIERS = list("abcdefgh")
WAYS: list[dict[str, Any]] = [
    {},
    {"against": "previous"},
    {"against": "season:7d"},
    {"baseline": "2022-01-08..2022-01-31"},
]


def days(seed: int, changed: Collection[int] = ()) -> pa.Table:
    """Return days whose rows move together: later on one than on another, of other carriers.

    On days that are `changed` nearly all rows are of one carrier.
    """
    rng = np.random.default_rng(seed)
    late, noted, carriers, at = [], [], [], []
    for day in range(DAYS):
        odds = np.exp(rng.normal(0, 0.3, len(CARRIERS)))
        odds[0] += 200 * (day in changed)
        carriers.append(rng.choice(CARRIERS, ROWS, p=odds / odds.sum()))
        late.append(rng.normal(rng.normal(0, 0.4), 1, ROWS))
        noted.append(rng.random(ROWS) < rng.beta(2, 60))
        at.append(START + day * DAY + rng.integers(0, DAY, ROWS))
    values = np.concatenate(late)
    return pa.table(
        {
            "at": pa.array(np.concatenate(at)).cast(pa.timestamp("s")),
            "carrier": np.concatenate(carriers),
            "late": values,
            "noted": pa.array(values, mask=np.concatenate(noted)),
        }
    )


def drifted(table: pa.Table, **how: Any) -> list[str]:
    made = driftcli.timeline(table, time="at", every="1d", **how)
    return [period.label for period in made.periods if period.status == "drift"]


@pytest.mark.parametrize("how", WAYS, ids=str)
def test_ordinary_days_are_no_drift(how: dict[str, Any]) -> None:
    assert sum(len(drifted(days(seed), **how)) for seed in range(3)) <= 3


@pytest.mark.parametrize("how", WAYS, ids=str)
def test_a_day_unlike_all_others_is_drift(how: dict[str, Any]) -> None:
    assert "2022-02-22" in drifted(days(0, {45}), **how)


def test_a_change_that_stays_is_drift_against_the_first_day() -> None:
    found = drifted(days(1, range(45, 60)))
    assert min(found) >= "2022-02-22"
    assert len(found) >= 10


@pytest.mark.parametrize(
    ("name", "how"), [("baseline", {}), ("current", {"baseline": FLIGHTS / "baseline.parquet"})]
)
def test_days_of_flights_are_seldom_drift(name: str, how: dict[str, Any]) -> None:
    """The last day is left out: the file ends at its first hours."""
    how = {"time": "time_hour", "every": "1d", "config": FLIGHTS / "drift.toml", **how}
    made = driftcli.timeline(FLIGHTS / f"{name}.parquet", **how)
    assert len(made.periods) == 62
    assert sum(period.status == "drift" for period in made.periods[:-1]) <= 3

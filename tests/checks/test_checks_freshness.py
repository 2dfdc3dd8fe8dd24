"""Too few rows and rows too old are findings; what cannot be told is an error."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from check_files import NOW, planned
from hypothesis import given
from hypothesis import strategies as st

from driftcli.checks.freshness import _in_words, lacking
from driftcli.errors import ConfigError
from driftcli.pipeline.inputs import Reading
from driftcli.pipeline.profiling import profiled
from driftcli.pipeline.selection import Selection
from driftcli.report.comparison import Finding


def found(folder: Path, settings: str, moment: datetime = NOW, **columns: Any) -> list[Finding]:
    loaded = planned(folder, settings).configuration
    data = profiled(pa.table(columns), loaded, Selection(), Reading())
    return lacking(data, loaded, moment)


def messages(folder: Path, settings: str, **columns: Any) -> list[str]:
    made = found(folder, settings, **columns)
    assert all((each.column, each.status) == (None, "drift") for each in made)
    return [each.message for each in made]


def times(*texts: str, zone: str | None = "UTC") -> pa.Array:
    return pa.array([datetime.fromisoformat(text) for text in texts], pa.timestamp("us", zone))


@pytest.mark.parametrize(
    ("rows", "least", "expected"),
    [
        (5, 5, []),
        (4, 5, ["the current data has 4 rows, and must have 5 at least"]),
        (1, 5000, ["the current data has 1 row, and must have 5,000 at least"]),
    ],
)
def test_rows_are_counted(tmp_path: Path, rows: int, least: int, expected: list[str]) -> None:
    assert messages(tmp_path, f"min_rows = {least}", x=list(range(rows))) == expected


def test_the_kinds_of_the_findings(tmp_path: Path) -> None:
    made = found(tmp_path, 'min_rows = 3\nmax_age = "1d"', t=times("2025-01-01", "2025-01-02"))
    assert [each.kind for each in made] == ["few_rows", "stale"]


@pytest.mark.parametrize(
    ("newest", "age", "expected"),
    [
        ("2025-03-01T06:30", "1d", None),  # NOW is 2025-03-02 06:30
        ("2025-03-01T06:29", "1d", "24 hours"),
        ("2025-02-27T04:00", "1d", "3 days"),
        ("2025-03-02T05:00", "1h", "90 minutes"),
        ("2025-03-02T06:28:29", "90s", "91 seconds"),
        ("2025-03-05T00:00", "1h", None),  # tomorrow is new enough
    ],
)
def test_age_is_that_of_the_newest_row(
    tmp_path: Path, newest: str, age: str, expected: str | None
) -> None:
    at = times("2020-01-01", newest)
    made = messages(tmp_path, f'max_age = "{age}"', t=at)
    shown = datetime.fromisoformat(newest).replace(tzinfo=UTC).isoformat()
    wanted = [f"newest row is {expected} old: `t` {shown}, max_age {age}"]
    assert made == (wanted if expected else [])


def test_a_time_without_a_zone_is_by_the_clock_of_the_check(tmp_path: Path) -> None:
    at = times("2025-03-01T21:00", zone=None)
    assert found(tmp_path, 'max_age = "9h"', t=at)
    # In New York it is then 01:30 of the second day.
    assert not found(tmp_path, 'max_age = "5h"\ntimezone = "America/New_York"', t=at)
    assert found(tmp_path, 'max_age = "4h"\ntimezone = "America/New_York"', t=at)


def test_a_date_lasts_until_its_day_ends(tmp_path: Path) -> None:
    days = pa.array([datetime(2025, 3, 1, tzinfo=UTC).date()], pa.date32())
    assert not found(tmp_path, 'max_age = "7h"', t=days)
    (stale,) = messages(tmp_path, 'max_age = "6h"', t=days)
    assert stale == "newest row is 6 hours old: `t` 2025-03-01, max_age 6h"


def test_no_times_are_stale(tmp_path: Path) -> None:
    nothing = pa.nulls(3, pa.timestamp("us"))
    assert messages(tmp_path, 'max_age = "1d"', t=nothing) == ["no row has a time in `t`"]


@pytest.mark.parametrize("tick", [2**63 - 1, -(2**63) + 1])
def test_times_beyond_the_calendar_are_no_crash(tmp_path: Path, tick: int) -> None:
    made = found(tmp_path, 'max_age = "1d"', t=pa.array([tick], pa.timestamp("s")))
    assert [each.kind for each in made] == (["stale"] if tick < 0 else [])


TWO = {"a": times("2025-03-02"), "b": times("2020-01-01"), "n": [1]}


@pytest.mark.parametrize(
    ("settings", "columns", "expected"),
    [
        (
            "",
            {"n": [1]},
            "max_age: the current data has no column of times; time = 'COLUMN' names one",
        ),
        (
            "",
            TWO,
            (
                "max_age: the current data has several columns of times: a, b;"
                " time = 'COLUMN' names one"
            ),
        ),
        ('time = "aa"', TWO, "time: no column 'aa'; did you mean 'a'?"),
        ('time = "n"', TWO, "time: 'n' is read as numeric; name a column of times"),
    ],
)
def test_which_column_holds_the_time_must_be_told(
    tmp_path: Path, settings: str, columns: dict[str, Any], expected: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        found(tmp_path, f'max_age = "1d"\n{settings}', **columns)
    assert str(caught.value) == f"drift.toml: checks.orders.{expected}"


def test_the_column_that_is_named_counts(tmp_path: Path) -> None:
    assert not found(tmp_path, 'max_age = "1d"\ntime = "a"', **TWO)
    assert found(tmp_path, 'max_age = "1d"\ntime = "b"', **TWO)


@given(
    st.integers(-(10**7), 10**7),
    st.integers(1, 999),
    st.sampled_from("smhdw"),
    st.integers(-12, 12),
)
def test_stale_is_older_than_the_limit_in_any_zone(
    tmp_path_factory: pytest.TempPathFactory, age: int, number: int, unit: str, offset: int
) -> None:
    folder = tmp_path_factory.mktemp("check")
    newest = NOW - timedelta(seconds=age)
    moment = NOW.astimezone(timezone(timedelta(hours=offset)))
    at = pa.array([newest - timedelta(days=1), newest], pa.timestamp("s", "UTC"))
    made = found(folder, f'max_age = "{number}{unit}"', moment, t=at)
    seconds = number * {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}[unit]
    assert bool(made) == (age > seconds)


@given(st.integers(1, 10**9))
def test_an_age_in_words_is_at_least_two_of_its_unit_and_never_more_than_it_is(age: int) -> None:
    number, unit = _in_words(timedelta(seconds=age)).replace(",", "").split()
    size = {"day": 86400, "hour": 3600, "minute": 60, "second": 1}[unit.removesuffix("s")]
    assert int(number) * size <= age < (int(number) + 1) * size
    assert int(number) >= 2 or unit == "second"

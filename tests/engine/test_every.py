"""Periods of the calendar, against `datetime`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcli.errors import UsageError
from driftcli.profile.calendar import Every

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
times = st.integers(-8_500_000_000, 8_500_000_000).map(
    lambda seconds: EPOCH + timedelta(seconds=seconds, microseconds=seconds % 1_000_000)
)
units = st.sampled_from(sorted(PER_SECOND))


def number(moment: datetime, every: str, unit: str) -> int:
    micros = (moment - EPOCH) // timedelta(microseconds=1)
    ticks = micros * PER_SECOND[unit] // 10**6
    return int(Every.parse(every).numbers(np.array([ticks]), unit)[0])


def start(moment: datetime, every: str) -> datetime:
    """The slow version: when the period of a moment begins."""
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if every == "1h":
        return day.replace(hour=moment.hour)
    if every == "1w":
        return day - timedelta(days=moment.isocalendar().weekday - 1)
    return day.replace(day=1) if every == "1mo" else day


@pytest.mark.parametrize("every", ["1h", "1d", "1w", "1mo"])
@given(moment=times, unit=units)
def test_a_period_begins_where_the_calendar_says(every: str, moment: datetime, unit: str) -> None:
    begins = start(moment, every)
    before = begins - timedelta(seconds=1)
    assert number(moment, every, unit) == number(begins, every, unit)
    assert number(before, every, unit) == number(begins, every, unit) - 1
    shown = {"1h": "%Y-%m-%d %H:00", "1mo": "%Y-%m"}.get(every, "%Y-%m-%d")
    assert Every.parse(every).label(number(moment, every, unit)) == begins.strftime(shown)


@given(moment=times, other=times)
def test_two_moments_share_a_week_when_iso_says_so(moment: datetime, other: datetime) -> None:
    same = number(moment, "1w", "us") == number(other, "1w", "us")
    assert same == (moment.isocalendar()[:2] == other.isocalendar()[:2])


@given(moment=times, count=st.integers(1, 30), length=st.sampled_from(["h", "d", "w", "mo"]))
def test_longer_periods_are_whole_numbers_of_short_ones(
    moment: datetime, count: int, length: str
) -> None:
    assert number(moment, f"{count}{length}", "s") == number(moment, f"1{length}", "s") // count


def test_months_of_a_quarter_share_its_label() -> None:
    quarter = Every.parse("3mo")
    moments = [datetime(2024, month, 5, tzinfo=UTC) for month in range(1, 7)]
    labels = [quarter.label(number(each, "3mo", "s")) for each in moments]
    assert labels == ["2024-01"] * 3 + ["2024-04"] * 3


@pytest.mark.parametrize("text", ["", "d", "0d", "1m", "1 d", "-1d", "1.5h", "1D", "99999h"])
def test_other_lengths_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="such as 1h, 1d, 1w or 1mo"):
        Every.parse(text)


@pytest.mark.parametrize(
    ("every", "length", "periods"),
    [
        ("1d", "7d", 7),
        ("1d", "2w", 14),
        ("12h", "1w", 14),
        ("3mo", "12mo", 4),
        ("1d", "1d", 1),
        ("2d", "7d", None),
        ("1w", "1d", None),
        ("1d", "1mo", None),
        ("1mo", "4w", None),
    ],
)
def test_periods_that_make_a_longer_one(every: str, length: str, periods: int | None) -> None:
    assert Every.parse(every).within(Every.parse(length)) == periods

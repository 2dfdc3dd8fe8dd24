"""Spans of time that a person names, and the periods cut by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcli.engine.grouping import NO_GROUP
from driftcli.engine.periods import PeriodGrouping, Span, SpanGrouping
from driftcli.errors import InputError, UsageError
from driftcli.profile.calendar import Every


def seconds(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=UTC).timestamp())  # type: ignore[arg-type, misc]  # a date


@pytest.mark.parametrize(
    ("text", "first", "end"),
    [
        ("2013-01-01..2013-03-31", seconds(2013, 1, 1), seconds(2013, 4, 1)),
        ("2013-01..2013-03", seconds(2013, 1, 1), seconds(2013, 4, 1)),
        ("..2012-02-29", None, seconds(2012, 3, 1)),
        ("2013-06-03..", seconds(2013, 6, 3), None),
        ("2013-06-03 12..2013-06-03 12", seconds(2013, 6, 3, 12), seconds(2013, 6, 3, 13)),
        (
            "2013-06-03T12:30..2013-06-03T12:45",
            seconds(2013, 6, 3, 12, 30),
            seconds(2013, 6, 3, 12, 46),
        ),
        ("1969-12-31..1969-12-31 23:59:59", -86_400, 0),
    ],
)
def test_each_end_belongs_to_the_span_in_full(
    text: str, first: int | None, end: int | None
) -> None:
    assert Span.parse(text) == Span(first, end)


@pytest.mark.parametrize(
    "text", ["base.parquet", "../base.parquet", "..", "2013-01-01", "a..b", ""]
)
def test_other_texts_are_no_span(text: str) -> None:
    assert Span.parse(text) is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2013-02-30..", "'2013-02-30..': one of the ends is no date or time"),
        ("2013-01-01..2013-13-01", "'2013-01-01..2013-13-01': one of the ends is no date or time"),
        ("2013-03-01..2013-02-28", "'2013-03-01..2013-02-28': ends before it begins"),
    ],
)
def test_mistakes_are_told(text: str, sentence: str) -> None:
    with pytest.raises(UsageError) as raised:
        Span.parse(text)
    assert str(raised.value) == sentence


@given(
    times=st.lists(st.none() | st.integers(-3 * 86_400, 3 * 86_400), max_size=20),
    ends=st.tuples(st.integers(-2, 2), st.integers(0, 2)),
    unit=st.sampled_from(["s", "ms", "us", "ns"]),
)
def test_rows_in_the_span_are_apart_from_others_of_their_period(
    times: list[int | None], ends: tuple[int, int], unit: str
) -> None:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    first, last = (epoch.date() + timedelta(days=day) for day in (ends[0], sum(ends)))
    grouping = SpanGrouping(
        PeriodGrouping("ts", Every.parse("2d")), Span.parse(f"{first}..{last}") or Span(0, 0)
    )
    column = pa.array(times, pa.int64()).cast(pa.timestamp("s")).cast(pa.timestamp(unit))
    numbers = grouping.numbers([[column]], len(times), 0)
    expected = []
    for time in times:
        day = None if time is None else (epoch + timedelta(seconds=time)).date()
        inside = day is not None and first <= day <= last
        expected.append(NO_GROUP if day is None else 2 * ((day - epoch.date()).days // 2) + inside)
    assert numbers.tolist() == expected


ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia")


@pytest.mark.parametrize("zone", ZONES)
@given(times=st.lists(st.integers(0, 1_700_000_000), min_size=1, max_size=20))
def test_instants_are_cut_by_the_clock_of_a_zone(zone: str, times: list[int]) -> None:
    from zoneinfo import ZoneInfo

    grouping = PeriodGrouping("ts", Every.parse("1d"), zone)
    column = pa.array(times, pa.int64()).cast(pa.timestamp("s", "UTC"))
    labels = [
        grouping.every.label(each) for each in grouping.numbers([[column]], len(times), 0).tolist()
    ]
    assert labels == [
        datetime.fromtimestamp(time, ZoneInfo(zone)).date().isoformat() for time in times
    ]


def test_times_without_a_zone_cannot_be_put_into_one() -> None:
    grouping = PeriodGrouping("ts", Every.parse("1d"), "Europe/Berlin")
    for column in (pa.array([0]).cast(pa.timestamp("s")), pa.array(["2013-01-01 10:00:00"])):
        with pytest.raises(
            InputError, match="--timezone 'Europe/Berlin': the times of 'ts' have no"
        ):
            grouping.numbers([[column]], 1, 0)


def test_texts_with_an_offset_are_instants() -> None:
    grouping = PeriodGrouping("ts", Every.parse("1h"), "Europe/Berlin")
    numbers = grouping.numbers([[pa.array(["2013-07-01T23:30:00Z"])]], 1, 0)
    assert grouping.every.label(int(numbers[0])) == "2013-07-02 01:00"


def test_missing_times_belong_to_no_group() -> None:
    grouping = SpanGrouping(PeriodGrouping("ts", Every.parse("1d")), Span(None, 0))
    assert (grouping.numbers([[pa.nulls(3)]], 3, 0) == np.full(3, NO_GROUP)).all()

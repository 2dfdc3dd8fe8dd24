"""Rows told apart by the periods of a time column, and by a span of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct
from numpy.typing import NDArray

from driftcli.arrays import to_numpy
from driftcli.engine.grouping import NO_GROUP, Grouping, Ints
from driftcli.errors import InputError, UsageError, nearest, no_column
from driftcli.profile.calendar import MOST_PERIODS, PER_SECOND, Every
from driftcli.profile.kinds import kind_of, type_name

_TIMES = tuple(pa.timestamp(unit, zone) for zone in (None, "UTC") for unit in ("us", "ns"))


class Times(Struct, frozen=True):
    """Times as whole ticks since the epoch; `there` is None, or False where one is missing."""

    ticks: Ints
    unit: str
    there: NDArray[np.bool_] | None = None

    @property
    def per_second(self) -> int:
        """Ticks in a second."""
        return PER_SECOND[self.unit]


class PeriodGrouping(Struct, frozen=True):
    """Groups are the periods of a time column: in UTC, or in the local time of a `zone`."""

    column: str
    every: Every
    zone: str | None = None

    @property
    def needs(self) -> Sequence[str]:
        """The time column."""
        return (self.column,)

    def numbering(self) -> PeriodGrouping:
        """Return this: a period has its number."""
        return self

    def check(self, keys: Collection[Hashable]) -> None:
        """Check how many periods there are.

        Raises
        ------
        UsageError
            When there are too many.
        """
        if len(keys) > MOST_PERIODS:
            raise UsageError(
                f"more than {MOST_PERIODS:,} periods; take a longer --every, such as 1w or 1mo"
            )

    def numbers(self, columns: Sequence[Sequence[Any]], rows: int, ordinal: int) -> Ints:  # noqa: ARG002 - as in `Numbering`
        """Return the number of each row's period.

        Raises
        ------
        InputError
            When texts are no times.
        """
        periods = (self.periods(self.times(column)) for column in columns[0])
        return np.concatenate([np.empty(0, np.int64), *periods])

    def times(self, column: Any) -> Times:
        """Return the times of a column, texts among them.

        Raises
        ------
        InputError
            When texts are no times, or have no zone where they are to be put into one.
        """
        if kind_of(column.type) == "categorical":
            column = _times(column, self.column)
        if pa.types.is_null(column.type):
            return Times(np.zeros(len(column), np.int64), "s", np.zeros(len(column), bool))
        if self.zone is not None:
            column = _local(column, self.zone, self.column)
        if pa.types.is_date(column.type):
            # Dates in milliseconds may lie within a day.
            column = column.cast(pa.timestamp("s" if pa.types.is_date32(column.type) else "ms"))
        there = to_numpy(column.is_valid()) if column.null_count else None
        return Times(to_numpy(column.cast(pa.int64())), column.type.unit, there)

    def periods(self, times: Times) -> Ints:
        """Return the period of each time, `NO_GROUP` where it is missing."""
        periods = self.every.numbers(times.ticks, times.unit)
        return periods if times.there is None else np.where(times.there, periods, NO_GROUP)

    def key(self, number: int) -> int:
        """Return the number of the period."""
        return number


def _times(texts: Any, name: str) -> Any:
    """Return texts as times: with a zone offset or without, but all alike."""
    texts = texts.cast(pa.string())
    reason = ""
    for type_ in _TIMES:
        try:
            return texts.cast(type_)
        except pa.ArrowInvalid as error:
            reason = reason or str(error).splitlines()[0].replace("Failed to", "failed to")
    raise InputError(f"--time {name!r}: not a column of times: {reason}")


def _local(column: Any, zone: str, name: str) -> Any:
    """Return instants by the clock of a zone."""
    if getattr(column.type, "tz", None) is None:
        raise InputError(
            f"--timezone {zone!r}: the times of {name!r} have no zone that they could be put"
            " into another from; leave it out"
        )
    return pc.local_timestamp(column.cast(pa.timestamp(column.type.unit, zone)))


def by_period(
    schema: Any, name: str, every: Every, zone: str | None = None, span: Span | None = None
) -> Grouping:
    """Return how the rows of a dataset are told apart by a time column; texts are read as times.

    The rows of a `span` are groups of their own.

    Raises
    ------
    UsageError
        When there is no such column, or it holds no times, or there is no such zone.
    """
    if zone is not None:
        _check_zone(zone)
    if name not in schema.names:
        raise UsageError(f"--time: {no_column(name, schema.names)}")
    type_ = schema.field(name).type
    if kind_of(type_) != "timestamp" and type_name(type_) not in ("string", "null"):
        times = [field.name for field in schema if kind_of(field.type) == "timestamp"]
        others = f"; these do: {', '.join(map(repr, times[:5]))}" if times else ""
        raise UsageError(f"--time {name!r}: holds {type_name(type_)} and no times{others}")
    periods = PeriodGrouping(name, every, zone)
    return periods if span is None else SpanGrouping(periods, span)


def _check_zone(zone: str) -> None:
    from zoneinfo import available_timezones

    known = available_timezones()
    if zone not in known:
        raise UsageError(f"--timezone {zone!r}: {nearest(zone, sorted(known))}")


_END = r"\d{4}-\d\d(?:-\d\d(?:[T ]\d\d(?::\d\d(?::\d\d)?)?)?)?"
_SPAN = re.compile(rf"({_END})?\.\.({_END})?\Z")


class Span(Struct, frozen=True):
    """The times from `first` up to but not including `end`: seconds since the epoch, or None."""

    first: int | None
    end: int | None

    @classmethod
    def parse(cls, text: str) -> Span | None:
        """Return the span that `text` names, or None where it has another form.

        Each end is a month, a day, an hour, a minute or a second, and belongs to the span in
        full. Either end may be left out.

        Raises
        ------
        UsageError
            When an end is no date, or the last comes before the first.
        """
        found = _SPAN.match(text)
        if not found or text == "..":
            return None
        try:
            first, last = (np.datetime64(end) if end else None for end in found.groups())
        except ValueError:
            raise UsageError(f"{text!r}: one of the ends is no date or time") from None
        span = cls(
            None if first is None else _seconds(first),
            None if last is None else _seconds(last + 1),
        )
        if span.first is not None and span.end is not None and span.first >= span.end:
            raise UsageError(f"{text!r}: ends before it begins")
        return span

    def holds(self, ticks: Ints, per_second: int) -> NDArray[np.bool_]:
        """Return which times, in ticks since the epoch, lie in the span."""
        inside = np.ones(ticks.size, bool)
        if self.first is not None:
            inside &= ticks >= self.first * per_second
        if self.end is not None:
            inside &= ticks < self.end * per_second
        return inside


def _seconds(moment: Any) -> int:
    return int(moment.astype("datetime64[s]").astype(np.int64))


class SpanGrouping(Struct, frozen=True):
    """Groups are periods of a time column, and the rows of a span apart from others of theirs.

    The number of a group is twice its period's, and one more within the span.
    """

    by_period: PeriodGrouping
    span: Span

    @property
    def needs(self) -> Sequence[str]:
        """The time column."""
        return self.by_period.needs

    def numbering(self) -> SpanGrouping:
        """Return this: a period has its number."""
        return self

    def check(self, keys: Collection[Hashable]) -> None:
        """Check how many periods there are, in the span and without.

        Raises
        ------
        UsageError
            When there are too many.
        """
        self.by_period.check(keys)

    def numbers(self, columns: Sequence[Sequence[Any]], rows: int, ordinal: int) -> Ints:  # noqa: ARG002 - as in `Numbering`
        """Return the number of each row's group.

        Raises
        ------
        InputError
            When texts are no times.
        """
        return np.concatenate([np.empty(0, np.int64), *map(self._numbers, columns[0])])

    def _numbers(self, column: Any) -> Ints:
        times = self.by_period.times(column)
        inside = self.span.holds(times.ticks, times.per_second)
        periods = self.by_period.periods(times)
        return np.where(periods == NO_GROUP, NO_GROUP, 2 * periods + inside)

    def key(self, number: int) -> tuple[int, bool]:
        """Return the number of the period, and whether the rows lie in the span."""
        return number // 2, bool(number % 2)

"""Ways to tell the rows of a dataset apart: by the periods of a time column, or by chance."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from driftcli.arrays import to_numpy
from driftcli.errors import InputError, UsageError, nearest
from driftcli.profile.column import kind_of, type_name

Ints = NDArray[np.int64]

_TIMES = tuple(pa.timestamp(unit, zone) for zone in (None, "UTC") for unit in ("us", "ns"))
#: The part of a row that has none: its time is missing.
NO_PART = np.iinfo(np.int64).min


class Cut(Protocol):
    """How rows are told apart."""

    @property
    def needs(self) -> Sequence[str]:
        """The columns that must be read for it."""

    def parts(self, columns: Sequence[Sequence[Any]], rows: int, ordinal: int) -> Ints:
        """Return the part of each of `rows` rows; `ordinal` counts what was read before.

        `columns` are the arrays of each needed column, in the order of the rows.
        """

    def label(self, part: int) -> str:
        """Return what a person calls the part."""


@dataclass(frozen=True)
class Times:
    """Times as whole ticks since the epoch; `there` is None, or False where one is missing."""

    ticks: Ints
    unit: str
    there: NDArray[np.bool_] | None = None

    @property
    def per_second(self) -> int:
        """Ticks in a second."""
        return PER_SECOND[self.unit]


@dataclass(frozen=True)
class TimeCut:
    """Parts are the periods of a time column: in UTC, or in the local time of a `zone`."""

    column: str
    every: Every
    zone: str | None = None

    @property
    def needs(self) -> Sequence[str]:
        """The time column."""
        return (self.column,)

    def parts(self, columns: Sequence[Sequence[Any]], rows: int, ordinal: int) -> Ints:  # noqa: ARG002 - as in `Cut`
        """Return each row's period.

        Raises
        ------
        InputError
            When texts are no times.
        """
        periods = (self.numbers(self.times(column)) for column in columns[0])
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
            column = column.cast(pa.timestamp("s"))
        there = to_numpy(column.is_valid()) if column.null_count else None
        return Times(to_numpy(column.cast(pa.int64())), column.type.unit, there)

    def numbers(self, times: Times) -> Ints:
        """Return the period of each time, `NO_PART` where it is missing."""
        periods = self.every.numbers(times.ticks, times.unit)
        return periods if times.there is None else np.where(times.there, periods, NO_PART)

    def label(self, part: int) -> str:
        """Return when the period begins."""
        return self.every.label(part)


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


def time_cut(name: str, every: Every, schema: Any, zone: str | None = None) -> TimeCut:
    """Return the cut by a column of a dataset; texts will be read as times.

    Raises
    ------
    UsageError
        When there is no such column, or it holds no times, or there is no such zone.
    """
    if zone is not None:
        _check_zone(zone)
    if name not in schema.names:
        raise UsageError(f"--time {name!r}: no such column; {nearest(name, schema.names)}")
    type_ = schema.field(name).type
    if kind_of(type_) != "timestamp" and type_name(type_) not in ("string", "null"):
        times = [field.name for field in schema if kind_of(field.type) == "timestamp"]
        others = f"; these do: {', '.join(map(repr, times[:5]))}" if times else ""
        raise UsageError(f"--time {name!r}: holds {type_name(type_)} and no times{others}")
    return TimeCut(name, every, zone)


def _check_zone(zone: str) -> None:
    from zoneinfo import available_timezones

    known = available_timezones()
    if zone not in known:
        raise UsageError(f"--timezone {zone!r}: {nearest(zone, sorted(known))}")


@dataclass(frozen=True)
class RandomCut:
    """Each row goes to one of `count` parts by chance, the same on every run and any machine."""

    count: int
    seed: int
    needs: Sequence[str] = ()

    def parts(self, columns: Sequence[Sequence[Any]], rows: int, ordinal: int) -> Ints:  # noqa: ARG002 - as in `Cut`
        """Draw each row's part."""
        return np.random.default_rng([self.seed, ordinal]).integers(0, self.count, rows)

    def label(self, part: int) -> str:
        """Return the number of the split."""
        return f"split {part + 1}"


_FORM = re.compile(r"([1-9]\d{0,3})(h|d|w|mo)\Z")
#: Ticks of a unit in a second.
PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_HOURS = {"h": 1, "d": 24, "w": 168}
#: The Unix epoch was a Thursday: days from the Monday before it.
_EPOCH_DAY = 3


@dataclass(frozen=True)
class Every:
    """A length of time that cuts the calendar into numbered periods.

    Times are taken as they are stored: instants in UTC, and times without a zone by their own
    clock. Hours, days and months are counted from 1970-01-01, weeks from the Monday before it.
    """

    count: int
    unit: Literal["h", "d", "w", "mo"]

    @classmethod
    def parse(cls, text: str, option: str = "--every") -> Every:
        """Return the length that `text`, given to `option`, names: such as "1d".

        Raises
        ------
        UsageError
            When it names none.
        """
        found = _FORM.match(text)
        if not found:
            raise UsageError(
                f"{option} {text!r}: expected a number and h, d, w or mo, such as 1h, 1d, 1w or 1mo"
            )
        return cls(int(found[1]), found[2])  # type: ignore[arg-type]  # one of the four, as matched

    def __str__(self) -> str:
        """Return the text that `parse` takes."""
        return f"{self.count}{self.unit}"

    def within(self, length: Every) -> int | None:
        """Return how many of these periods make `length`; None where no whole number does."""
        if (self.unit == "mo") != (length.unit == "mo"):
            return None
        own, whole = (each.count * _HOURS.get(each.unit, 1) for each in (self, length))
        return None if whole % own else whole // own

    def numbers(self, ticks: Ints, unit: str) -> Ints:
        """Return the period of each time; `ticks` of `unit` ("s" to "ns") since the epoch.

        Divisions round down, so that times before 1970 fall into periods like any others.
        """
        if self.unit == "h":
            return ticks // (PER_SECOND[unit] * 3600 * self.count)
        days = ticks // (PER_SECOND[unit] * 86_400)
        if self.unit == "d":
            return days // self.count
        if self.unit == "w":
            return (days + _EPOCH_DAY) // (7 * self.count)
        months: Ints = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        return months // self.count

    def label(self, number: int) -> str:
        """Return when a period begins: `2013-06-03`, `2013-06` for months, `… 05:00` for hours."""
        first: Any = number * self.count
        if self.unit == "h":
            return f"{np.datetime64(first, 'h')}:00".replace("T", " ")
        if self.unit == "mo":
            return str(np.datetime64(first, "M"))
        days = first if self.unit == "d" else first * 7 - _EPOCH_DAY
        return str(np.datetime64(days, "D"))


_END = r"\d{4}-\d\d(?:-\d\d(?:[T ]\d\d(?::\d\d(?::\d\d)?)?)?)?"
_SPAN = re.compile(rf"({_END})?\.\.({_END})?\Z")


@dataclass(frozen=True)
class Span:
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


@dataclass(frozen=True)
class SpanCut:
    """Parts are periods of a time column, and the rows of a span apart from others of its period.

    The part of a row is twice its period's number, and one more within the span.
    """

    periods: TimeCut
    span: Span

    @property
    def needs(self) -> Sequence[str]:
        """The time column."""
        return self.periods.needs

    def parts(self, columns: Sequence[Sequence[Any]], rows: int, ordinal: int) -> Ints:  # noqa: ARG002 - as in `Cut`
        """Return each row's part.

        Raises
        ------
        InputError
            When texts are no times.
        """
        return np.concatenate([np.empty(0, np.int64), *map(self._parts, columns[0])])

    def _parts(self, column: Any) -> Ints:
        times = self.periods.times(column)
        inside = self.span.holds(times.ticks, times.per_second)
        periods = self.periods.numbers(times)
        return np.where(periods == NO_PART, NO_PART, 2 * periods + inside)

    def label(self, part: int) -> str:
        """Return when the period begins."""
        return self.periods.label(part // 2)

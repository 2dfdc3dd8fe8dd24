"""Ways to tell the rows of a dataset apart: by the periods of a time column, or by chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from driftcli.arrays import to_numpy
from driftcli.engine.every import PER_SECOND, Every
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

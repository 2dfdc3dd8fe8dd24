"""Ways to tell the rows of a dataset apart: by the periods of a time column, or by chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from driftcli.arrays import to_numpy
from driftcli.engine.every import Every
from driftcli.errors import InputError, UsageError, nearest
from driftcli.profile.column import kind_of, type_name

Ints = NDArray[np.int64]

_TIMES = tuple(pa.timestamp(unit, zone) for zone in (None, "UTC") for unit in ("us", "ns"))
#: The part of a row that has none: its time is missing.
NO_PART = np.iinfo(np.int64).min


class Cut(Protocol):
    """How rows are told apart."""

    @property
    def needs(self) -> str | None:
        """The column that must be read for it, if any."""

    def parts(self, column: Any, rows: int, ordinal: int) -> Ints:
        """Return the part of each of `rows` rows; `ordinal` counts what was read before."""

    def label(self, part: int) -> str:
        """Return what a person calls the part."""


@dataclass(frozen=True)
class TimeCut:
    """Parts are the periods of a time column."""

    needs: str
    every: Every

    def parts(self, column: Any, rows: int, ordinal: int) -> Ints:  # noqa: ARG002 - as in `Cut`
        """Return each row's period.

        Raises
        ------
        InputError
            When texts are no times.
        """
        if kind_of(column.type) == "categorical":
            column = _times(column, self.needs)
        if pa.types.is_null(column.type):
            return np.full(rows, NO_PART)
        if pa.types.is_date(column.type):
            column = column.cast(pa.timestamp("s"))
        ticks = to_numpy(column.cast(pa.int64()))
        periods = self.every.numbers(ticks, column.type.unit)
        if column.null_count:
            periods = np.where(to_numpy(column.is_valid()), periods, NO_PART)
        return periods

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


def time_cut(name: str, every: Every, schema: Any) -> TimeCut:
    """Return the cut by a column of a dataset; texts will be read as times.

    Raises
    ------
    UsageError
        When there is no such column, or it holds no times.
    """
    if name not in schema.names:
        raise UsageError(f"--time {name!r}: no such column; {nearest(name, schema.names)}")
    type_ = schema.field(name).type
    if kind_of(type_) != "timestamp" and type_name(type_) not in ("string", "null"):
        times = [field.name for field in schema if kind_of(field.type) == "timestamp"]
        others = f"; these do: {', '.join(map(repr, times[:5]))}" if times else ""
        raise UsageError(f"--time {name!r}: holds {type_name(type_)} and no times{others}")
    return TimeCut(name, every)


@dataclass(frozen=True)
class RandomCut:
    """Each row goes to one of `count` parts by chance, the same on every run and any machine."""

    count: int
    seed: int
    needs: str | None = None

    def parts(self, column: Any, rows: int, ordinal: int) -> Ints:  # noqa: ARG002 - as in `Cut`
        """Draw each row's part."""
        return np.random.default_rng([self.seed, ordinal]).integers(0, self.count, rows)

    def label(self, part: int) -> str:
        """Return the number of the split."""
        return f"split {part + 1}"

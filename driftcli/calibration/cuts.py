"""Ways to tell the rows of a dataset apart: by the periods of a time column, or by chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from driftcli.arrays import to_numpy
from driftcli.calibration.every import Every
from driftcli.errors import InputError, UsageError, nearest
from driftcli.profile.column import Kind, kind_of, type_name

Ints = NDArray[np.int64]

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
            try:
                column = column.cast(pa.string()).cast(pa.timestamp("ns"))
            except pa.ArrowInvalid as error:
                reason = str(error).splitlines()[0]
                raise InputError(f"column {self.needs!r} cannot be read as times: {reason}") from (
                    error
                )
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


def time_cut(name: str, every: Every, schema: Any, forced: Mapping[str, Kind | None]) -> TimeCut:
    """Return the cut by a column of a dataset.

    Raises
    ------
    UsageError
        When there is no such column, or it holds no times.
    """
    if name not in schema.names:
        raise UsageError(f"--time {name!r}: no such column; {nearest(name, schema.names)}")
    type_ = schema.field(name).type
    if kind_of(type_) != "timestamp" and forced.get(name) != "timestamp":
        times = [field.name for field in schema if kind_of(field.type) == "timestamp"]
        others = f"those that do: {', '.join(map(repr, times[:5]))}" if times else "none does"
        raise UsageError(
            f"--time {name!r}: holds {type_name(type_)} and no times ({others}); "
            f'timestamp = ["{name}"] in drift.toml reads text as times'
        )
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

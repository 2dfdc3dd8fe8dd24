"""How rows of a dataset are told apart: by the values of columns, or by chance."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct
from numpy.typing import NDArray

from driftcli.arrays import from_numpy, to_numpy
from driftcli.errors import UsageError, no_column
from driftcli.profile.groups import Keys
from driftcli.profile.kinds import kind_of, type_name

Ints = NDArray[np.int64]
#: The number of rows that belong to no group: their time is missing.
NO_GROUP = np.iinfo(np.int64).min


class Numbering(Protocol):
    """Numbers for the groups of rows that are read together."""

    def numbers(self, columns: Sequence[Sequence[Any]], rows: int, ordinal: int) -> Ints:
        """Return the number of each row's group: shape (rows,).

        Parameters
        ----------
        columns
            Of each needed column its arrays, which together have all rows, in their order.
        rows
            How many there are.
        ordinal
            Counts what was read before.
        """

    def key(self, number: int) -> Hashable:
        """Return what tells a group from all others, wherever it was met first."""


class Grouping(Protocol):
    """How rows are told apart: each belongs to a group."""

    @property
    def needs(self) -> Sequence[str]:
        """The columns that must be read for it."""

    def numbering(self) -> Numbering:
        """Return what numbers the groups of rows that are read together."""

    def check(self, keys: Collection[Hashable]) -> None:
        """Check how many groups there are, of those with a key.

        Raises
        ------
        UsageError
            When there are too many.
        """


class RandomGrouping(Struct, frozen=True):
    """Each row goes to one of `count` groups by chance, the same on every run and any machine."""

    count: int
    seed: int
    needs: Sequence[str] = ()

    def numbering(self) -> RandomGrouping:
        """Return this: a number is drawn for each row."""
        return self

    def check(self, keys: Collection[Hashable]) -> None:
        """Take any number of groups: there are as many as were asked for."""

    def numbers(self, columns: Sequence[Sequence[Any]], rows: int, ordinal: int) -> Ints:  # noqa: ARG002 - as in `Numbering`
        """Draw the number of each row's group."""
        return np.random.default_rng([self.seed, ordinal]).integers(0, self.count, rows)

    def key(self, number: int) -> int:
        """Return the number."""
        return number


#: More segments are more likely a mistake, and memory grows with them.
MOST_SEGMENTS = 1_000
#: Numbers of values are digits of a segment's number, in this base.
_BASE = 1 << 10
_MOST_COLUMNS = 6


def by_segment(schema: Any, names: Sequence[str], where: str = "--by") -> SegmentGrouping:
    """Return how the rows of a dataset are told apart by the values of some of its columns.

    Messages say `where` they were named.

    Raises
    ------
    UsageError
        When there is no such column, or it holds what makes no segments.
    """
    names = list(dict.fromkeys(names))
    for name in names:
        if name not in schema.names:
            raise UsageError(f"{where}: {no_column(name, schema.names)}")
        _check_type(name, schema.field(name).type, where)
    if len(names) > _MOST_COLUMNS:
        raise UsageError(f"{where}: {len(names)} columns; take at most {_MOST_COLUMNS}")
    return SegmentGrouping(tuple(names), where)


def _check_type(name: str, type_: Any, where: str) -> None:
    types = pa.types
    if types.is_timestamp(type_) or types.is_time(type_) or types.is_duration(type_):
        raise UsageError(
            f"{where} {name!r}: holds {type_name(type_)}, and hardly a time occurs twice; "
            "take a column of few values"
        )
    if kind_of(type_) in (None, "list", "unsupported"):
        raise UsageError(
            f"{where} {name!r}: holds {type_name(type_)}; take a column of texts, dates, truths or "
            "whole numbers"
        )


class SegmentGrouping(Struct, frozen=True):
    """Groups are the rows that have the same values in some columns."""

    needs: Sequence[str]
    where: str = "--by"

    def numbering(self) -> SegmentNumbering:
        """Return what numbers the segments of rows that are read together."""
        return SegmentNumbering(self)

    def check(self, keys: Collection[Any]) -> None:
        """Check how many segments there are, and how many values of each column.

        Raises
        ------
        UsageError
            When there are too many.
        """
        for at in range(len(self.needs)):
            self.check_values(at, len({key[at] for key in keys}))
        if len(keys) > MOST_SEGMENTS:
            raise UsageError(
                f"{self.where} {','.join(self.needs)}: more than {MOST_SEGMENTS:,} segments; take"
                " fewer columns, or such of fewer values"
            )

    def check_values(self, at: int, values: int) -> None:
        """Check how many values one of the columns has.

        Raises
        ------
        UsageError
            When there are too many.
        """
        if values > MOST_SEGMENTS:
            raise UsageError(
                f"{self.where} {self.needs[at]!r}: more than {MOST_SEGMENTS:,} values; take a"
                " column of fewer, or one that groups them"
            )


class SegmentNumbering:
    """Numbers of segments as they are met; their keys mean the same anywhere."""

    def __init__(self, grouping: SegmentGrouping) -> None:
        self._grouping = grouping
        self._numbers: list[dict[str | None, int]] = [{} for _ in grouping.needs]

    def numbers(self, columns: Sequence[Sequence[Any]], rows: int, ordinal: int) -> Ints:  # noqa: ARG002 - as in `Numbering`
        """Return the number of each row's segment.

        Raises
        ------
        UsageError
            When a column has too many values.
        """
        found = np.zeros(rows, np.int64)
        for at, arrays in enumerate(columns):
            digits = np.concatenate([found[:0], *(self._digits(at, array) for array in arrays)])
            found = found * _BASE + digits
        return found

    def key(self, number: int) -> Keys:
        """Return the values that make the segment."""
        values: list[str | None] = []
        for numbers in reversed(self._numbers):
            number, digit = divmod(number, _BASE)
            values.append(list(numbers)[digit])
        return tuple(reversed(values))

    def _digits(self, at: int, array: Any) -> Ints:
        """Return the number of the value of each row in one of the columns."""
        if not pa.types.is_dictionary(array.type):
            array = pc.dictionary_encode(array)
        if array.dictionary.null_count:
            array = pc.dictionary_encode(array.cast(array.type.value_type))
        words = array.dictionary
        # What is missing has a place behind all words; few of the words may occur in these rows.
        places = to_numpy(array.indices)
        if array.indices.null_count:
            places = np.where(to_numpy(array.indices.is_valid()), places, len(words))
        seen = np.flatnonzero(np.bincount(places, minlength=len(words) + 1))
        texts = words.take(from_numpy(seen[seen < len(words)])).cast(pa.large_string())
        digits = np.zeros(len(words) + 1, np.int64)
        digits[seen] = self._numbered(at, [*texts.to_pylist(), None][: seen.size])
        numbers: Ints = digits[places]
        return numbers

    def _numbered(self, at: int, keys: Sequence[str | None]) -> list[int]:
        """Return the numbers of values, new ones where they have none."""
        numbers = self._numbers[at]
        found = [numbers.setdefault(key, len(numbers)) for key in keys]
        self._grouping.check_values(at, len(numbers))
        return found

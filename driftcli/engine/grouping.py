"""Rows told apart by the values of one or more columns: segments."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from driftcli.arrays import from_numpy, to_numpy
from driftcli.errors import UsageError, nearest
from driftcli.profile.column import kind_of, type_name

Ints = NDArray[np.int64]
#: The values that make a segment, one a column; None where they are missing.
Keys = tuple[str | None, ...]

#: More segments are more likely a mistake, and memory grows with them.
MOST_SEGMENTS = 1_000
#: Numbers of values are digits of a segment's number, in this base.
_BASE = 1 << 10
_MOST_COLUMNS = 6
#: What stands for a missing value; values that look like it are quoted.
MISSING = "(missing)"


def label(keys: Keys) -> str:
    """Return the values of a segment as one text, those in quotes that could be taken amiss.

    No two segments have the same text, and none has one in brackets that is not `MISSING`.
    """
    return ", ".join(MISSING if key is None else _quoted(key) for key in keys)


def _quoted(key: str) -> str:
    plain = key.strip() == key and key[:1] not in ("", "(", "'") and ", " not in key
    return key if plain else "'" + key.replace("'", "''") + "'"


def segment_cut(names: Sequence[str], schema: Any) -> SegmentCut:
    """Return the cut by columns of a dataset.

    Raises
    ------
    UsageError
        When there is no such column, or it holds what makes no segments.
    """
    names = list(dict.fromkeys(names))
    for name in names:
        if name not in schema.names:
            raise UsageError(f"--by {name!r}: no such column; {nearest(name, schema.names)}")
        _check_type(name, schema.field(name).type)
    if len(names) > _MOST_COLUMNS:
        raise UsageError(f"--by: {len(names)} columns; take at most {_MOST_COLUMNS}")
    return SegmentCut(names)


def _check_type(name: str, type_: Any) -> None:
    types = pa.types
    if types.is_timestamp(type_) or types.is_time(type_) or types.is_duration(type_):
        raise UsageError(
            f"--by {name!r}: holds {type_name(type_)}, and hardly a time occurs twice; "
            "take a column of few values"
        )
    if kind_of(type_) in (None, "list", "unsupported"):
        raise UsageError(
            f"--by {name!r}: holds {type_name(type_)}; take a column of texts, dates, truths or "
            "whole numbers"
        )


class SegmentCut:
    """Parts are the rows that have the same values in some columns.

    The numbers of the parts depend on which thread comes first; their keys do not.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.needs = tuple(names)
        self._lock = threading.Lock()
        self._numbers: list[dict[str | None, int]] = [{} for _ in names]
        self._found: set[int] = set()

    def parts(self, columns: Sequence[Sequence[Any]], rows: int, ordinal: int) -> Ints:  # noqa: ARG002 - as in `Cut`
        """Return each row's segment.

        Raises
        ------
        UsageError
            When there are too many.
        """
        parts = np.zeros(rows, np.int64)
        for at, arrays in enumerate(columns):
            digits = np.concatenate([parts[:0], *(self._digits(at, array) for array in arrays)])
            parts = parts * _BASE + digits
        if len(columns) > 1:
            self._check(np.unique(parts).tolist())
        return parts

    def keys(self, part: int) -> Keys:
        """Return the values that make the segment."""
        keys: list[str | None] = []
        for numbers in reversed(self._numbers):
            part, digit = divmod(part, _BASE)
            keys.append(list(numbers)[digit])
        return tuple(reversed(keys))

    def label(self, part: int) -> str:
        """Return the values that make the segment, as one text."""
        return label(self.keys(part))

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
        with self._lock:
            numbers = self._numbers[at]
            if len(numbers.keys() | set(keys)) > MOST_SEGMENTS:
                raise UsageError(
                    f"--by {self.needs[at]!r}: more than {MOST_SEGMENTS:,} values; take a column"
                    " of fewer, or one that groups them"
                )
            return [numbers.setdefault(key, len(numbers)) for key in keys]

    def _check(self, parts: Sequence[int]) -> None:
        with self._lock:
            self._found.update(parts)
            if len(self._found) > MOST_SEGMENTS:
                raise UsageError(
                    f"--by {','.join(self.needs)}: more than {MOST_SEGMENTS:,} segments; take fewer"
                    " columns, or such of fewer values"
                )

"""One column profiled by groups of its rows, which costs less than each group by itself."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from driftcli.arrays import to_numpy
from driftcli.profile import categories, numeric
from driftcli.profile.categories_by_group import by_group
from driftcli.profile.column import ColumnProfile, fitting, of_numbers, raw_numbers
from driftcli.profile.kinds import Kind, type_name

Ints = NDArray[np.int64]
Truths = NDArray[np.bool_]
Values = NDArray[Any]


class Groups(Struct, frozen=True, dict=True):
    """Which rows belong together.

    Attributes
    ----------
    targets : shape (rows,) or None
        Where each row goes when rows are put group by group, those of one group as they come;
        None where they are so already.
    lengths : shape (groups,)
        Rows of each group.
    """

    targets: Ints | None
    lengths: Ints

    @classmethod
    def ordered(cls, order: Ints | None, lengths: Ints) -> Groups:
        """Return the groups of rows that are group by group in this order."""
        if order is None:
            return cls(None, lengths)
        targets = np.empty_like(order)
        targets[order] = np.arange(order.size)
        return cls(targets, lengths)

    @cached_property
    def places(self) -> Ints:
        """The group of each row: shape (rows,)."""
        ordered = np.repeat(np.arange(self.lengths.size), self.lengths)
        return ordered if self.targets is None else ordered[self.targets]

    def together(self, values: Values, kept: Truths | None) -> tuple[Values, Ints]:
        """Return values put group by group, and how many each group has.

        Parameters
        ----------
        values
            Of each row or, where `kept` is not None, of those rows that it is true of.
        """
        if kept is None:
            return self._placed(values), self.lengths
        targets = np.flatnonzero(kept) if self.targets is None else self.targets[kept]
        there = np.zeros(kept.size, bool)
        there[targets] = True
        # Rows of the groups before, and of this one.
        upto = np.append(0, np.cumsum(there))[np.cumsum(self.lengths)]
        spread = np.empty(kept.size, values.dtype)
        spread[targets] = values
        return spread[there], np.diff(upto, prepend=0)

    def _placed(self, values: Values) -> Values:
        if self.targets is None:
            return values
        # Writing to some places at once is several times faster than reading from all over.
        placed = np.empty_like(values)
        placed[self.targets] = values
        return placed


def profiles(
    name: str, array: Any, kind: Kind, groups: Groups, *, limit: int
) -> Iterator[ColumnProfile]:
    """Yield the profile of each group, of at most `limit` points: what `from_array` gives for it.

    Raises
    ------
    InputError
        When a forced `kind` does not fit the values.
    """
    if kind == "unsupported":
        yield from _unsupported(array, groups)
        return
    if kind != "categorical":
        yield from _numbers(name, array, kind, groups, limit)
        return
    made, missing = by_group(array, groups.places, groups.lengths.size)
    name_of_type = type_name(array.type)
    for values, lacking, rows in zip(made, missing.tolist(), groups.lengths.tolist(), strict=True):
        yield ColumnProfile(kind, name_of_type, rows, lacking, values)


def _unsupported(array: Any, groups: Groups) -> Iterator[ColumnProfile]:
    missing = np.bincount(groups.places[~to_numpy(array.is_valid())], minlength=groups.lengths.size)
    for lacking, rows in zip(missing.tolist(), groups.lengths.tolist(), strict=True):
        yield ColumnProfile("unsupported", type_name(array.type), rows, lacking, categories.EMPTY)


def _numbers(
    name: str, array: Any, kind: Kind, groups: Groups, limit: int
) -> Iterator[ColumnProfile]:
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    with fitting(name, kind):
        raw = raw_numbers(array, kind)
    kept = to_numpy(array.is_valid()) if array.null_count else None
    values, lengths = groups.together(raw.values, kept)
    ends = np.cumsum(lengths).tolist()
    empty = ColumnProfile(kind, type_name(array.type), 0, 0, categories.EMPTY)
    profile = of_numbers(empty, raw, numeric.Numbers())
    for rows, own, end in zip(groups.lengths.tolist(), lengths.tolist(), ends, strict=True):
        made = numeric.from_values(values[end - own : end], time_unit=raw.time_unit, limit=limit)
        yield replace(profile, rows=rows, missing=rows - own, values=made)

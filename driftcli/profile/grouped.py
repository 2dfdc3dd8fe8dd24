"""One column profiled by groups of its rows, which costs less than each group by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from driftcli.arrays import to_numpy
from driftcli.profile import categories, numeric
from driftcli.profile.column import (
    ColumnProfile,
    Kind,
    fitting,
    of_numbers,
    raw_numbers,
    type_name,
)

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Groups:
    """Which rows belong together.

    Attributes
    ----------
    order : shape (rows,) or None
        The rows group by group, those of one group as they come; None where they are so already.
    lengths : shape (groups,)
        Rows of each group.
    """

    order: Ints | None
    lengths: Ints

    @cached_property
    def places(self) -> Ints:
        """The group of each row: shape (rows,)."""
        ordered = np.repeat(np.arange(self.lengths.size), self.lengths)
        if self.order is None:
            return ordered
        places = np.empty_like(ordered)
        places[self.order] = ordered
        return places

    def of(self, kept: NDArray[np.bool_]) -> Groups:
        """Return the groups of those rows that are `kept`, of shape (rows,)."""
        order = np.arange(kept.size) if self.order is None else self.order
        order = order[kept[order]]
        lengths = np.bincount(self.places[order], minlength=self.lengths.size)
        return Groups((np.cumsum(kept) - 1)[order], lengths)


def profiles(
    name: str, array: Any, kind: Kind, groups: Groups, *, limit: int
) -> Iterator[ColumnProfile]:
    """Yield the profile of each group, of at most `limit` points: what `from_array` gives for it.

    Raises
    ------
    InputError
        When a forced `kind` does not fit the values.
    """
    if kind != "categorical":
        yield from _numbers(name, array, kind, groups, limit)
        return
    made, missing = categories.by_group(array, groups.places, groups.lengths.size)
    for values, lacking, rows in zip(made, missing.tolist(), groups.lengths.tolist(), strict=True):
        yield ColumnProfile(kind, type_name(array.type), rows, lacking, values)


def _numbers(
    name: str, array: Any, kind: Kind, groups: Groups, limit: int
) -> Iterator[ColumnProfile]:
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    with fitting(name, kind):
        raw = raw_numbers(array, kind)
    there = groups
    if array.null_count:
        there = groups.of(to_numpy(array.is_valid()))
    values = raw.values if there.order is None else raw.values[there.order]
    ends = np.cumsum(there.lengths).tolist()
    for rows, own, end in zip(groups.lengths.tolist(), there.lengths.tolist(), ends, strict=True):
        made = numeric.from_values(values[end - own : end], time_unit=raw.time_unit, limit=limit)
        profile = ColumnProfile(kind, type_name(array.type), rows, rows - own, made)
        yield of_numbers(profile, raw, made)

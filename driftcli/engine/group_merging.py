"""Profiles of groups of rows merged: in the tree, and in bounded room.

What a part keeps is decided from what it is made of alone, so that it is the same wherever and
whenever it is made.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from driftcli.engine.columns import join_profiles
from driftcli.engine.grouping import Grouping
from driftcli.engine.sampling import Drawn, RowSample, joined
from driftcli.engine.tree import FAN, Branch, grown
from driftcli.profile.categories import Categories, bytes_within
from driftcli.profile.categories_by_group import settled
from driftcli.profile.column import ColumnProfile, merge
from driftcli.profile.numeric import Numbers

#: Bytes that profiles of groups hold at most, about, before they are given fewer points.
MOST_BYTES = 320 << 20
#: With fewer points two halves of one dataset begin to look different: at 256, js_distance gains
#: up to 0.04, at 64 it passes its default threshold.
FEWEST_POINTS = 256
#: Where room is short, categories are counted one by one up to so many a point.
_NAMES_A_POINT = 16
_FEWEST_NAMES = 1_024
#: What a profile takes besides its points and categories.
_OVERHEAD = 2_000
_POINT_BYTES = 16

#: The profiles of each column in each group, by its key.
Grouped = Mapping[str, Mapping[Hashable, ColumnProfile]]


class Parts(NamedTuple):
    """What some rows hold.

    Attributes
    ----------
    rows : mapping of key to int
        Rows of each group; of the columns that tell the groups alone.
    columns : mapping of str to mapping of key to ColumnProfile
        The profile of each column in each group.
    wholes : sequence of Branch
        The profiles of columns over all the rows, where they are asked for: those of the leaves
        that there are without groups.
    drawn : Drawn or None
        A sample of the rows, where one is drawn.
    """

    rows: Mapping[Hashable, int]
    columns: Grouped
    wholes: Sequence[Branch[Mapping[str, ColumnProfile]]]
    drawn: Drawn | None = None


class Limits(Struct, frozen=True):
    """What profiles of groups keep, at most.

    Attributes
    ----------
    points : int
        Points of a group's column.
    columns : int
        How many columns there are, which share the room.
    names : int or None
        Categories of a group's column that are counted one by one, where room is short.
    """

    points: int
    columns: int
    names: int | None = None

    def fewer(self) -> Limits:
        """Return limits that take many names for fewer first, then fewer points, too."""
        if self.names is None:
            return replace(self, names=max(_NAMES_A_POINT * self.points, _FEWEST_NAMES))
        points = min(self.points, max(self.points * 3 // 4, FEWEST_POINTS))
        return replace(self, points=points, names=max(self.names * 3 // 4, _FEWEST_NAMES))

    def room(self, columns: int, *, last: bool) -> float:
        """Return the bytes that a part of some columns may take: some of them wait for others."""
        return MOST_BYTES * columns / max(1, self.columns) / (1 if last else FAN)


def join_parts(
    parts: Sequence[Parts],
    *,
    last: bool,
    grouping: Grouping,
    limits: Limits,
    sample: RowSample | None,
) -> Parts:
    """Return what all rows of some parts hold, which are in row order.

    Raises
    ------
    UsageError
        When there are too many groups.
    """
    rows: dict[Hashable, int] = {}
    columns: dict[str, dict[Hashable, list[ColumnProfile]]] = {}
    for part in parts:
        for key, count in part.rows.items():
            rows[key] = rows.get(key, 0) + count
        for name, groups in part.columns.items():
            for key, profile in groups.items():
                columns.setdefault(name, {}).setdefault(key, []).append(profile)
    grouping.check(rows.keys() - {None})
    return Parts(
        rows,
        within(columns, limits, last=last),
        grown((each for part in parts for each in part.wholes), join_profiles),
        joined((part.drawn for part in parts), sample),
    )


def within(
    columns: Mapping[str, Mapping[Hashable, Sequence[ColumnProfile]]],
    limits: Limits,
    *,
    last: bool,
) -> Grouped:
    """Return the profiles of each group merged, with what there is room for."""
    room = limits.room(len(columns), last=last)
    made = _merged(columns, limits)
    held = [profile.values for groups in made.values() for profile in groups.values()]
    named = [each for each in held if isinstance(each, Categories)]
    numbers = [each for each in held if isinstance(each, Numbers)]
    needed = _needs(numbers, named)
    tight = limits
    while needed.within(tight) > room and tight.fewer() != tight:
        tight = tight.fewer()
    if tight != limits:
        made = {
            name: {key: merge([each], tight.points, tight.names) for key, each in groups.items()}
            for name, groups in made.items()
        }
    for each in named:
        settled(each)
    return made


def _merged(
    columns: Mapping[str, Mapping[Hashable, Sequence[ColumnProfile]]], limits: Limits
) -> Grouped:
    return {
        name: {key: merge(some, limits.points, limits.names) for key, some in groups.items()}
        for name, groups in columns.items()
    }


class _Needs(NamedTuple):
    """The room that profiles need.

    Attributes
    ----------
    sizes : shape (profiles of numbers,)
        How many points each has.
    many : sequence of Categories
        Those whose room depends on how many names are counted one by one.
    fixed : int
        Bytes that all others hold, and what a profile takes besides.
    """

    sizes: NDArray[np.int64]
    many: Sequence[Categories]
    fixed: int

    def within(self, limits: Limits) -> int:
        """Return about how many bytes profiles hold within limits, at most."""
        of_points = _POINT_BYTES * int(np.minimum(self.sizes, limits.points).sum())
        return of_points + sum(bytes_within(each, limits.names) for each in self.many) + self.fixed


def _needs(numbers: Sequence[Numbers], named: Sequence[Categories]) -> _Needs:
    sizes = np.array([each.points.values.size for each in numbers], np.int64)
    held = [(each, each.nbytes) for each in named]
    many = [each for each, size in held if bytes_within(each, _FEWEST_NAMES) < size]
    fixed = sum(size for _, size in held) - sum(each.nbytes for each in many)
    return _Needs(sizes, many, fixed + _OVERHEAD * (len(numbers) + len(named)))

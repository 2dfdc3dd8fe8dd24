"""A source profiled by groups of its rows: by periods of time, by chance, by segments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from driftcli.engine.columns import Merging
from driftcli.engine.group_reading import LeafProfiles, leaves, profile_leaf
from driftcli.engine.grouping import NO_GROUP, Grouping
from driftcli.engine.passes import Found, Pass, fragments
from driftcli.engine.sampling import Reservoir, RowSample
from driftcli.engine.threads import Progress, in_order
from driftcli.errors import UsageError
from driftcli.profile.calendar import MOST_PERIODS
from driftcli.profile.categories import Categories
from driftcli.profile.column import ColumnProfile, Kind, merge
from driftcli.profile.groups import Group

#: Bytes that profiles of groups hold at most, about, before they are given fewer points.
MOST_BYTES = 320 << 20
#: After that they hold so much of it at most, lest every block has all of them merged.
_ENOUGH = 0.75
#: With fewer points two halves of one dataset begin to look different: at 256, js_distance gains
#: up to 0.04, at 64 it passes its default threshold.
FEWEST_POINTS = 256
#: Where room is short, categories are counted one by one up to so many a point.
_NAMES_A_POINT = 16
_FEWEST_NAMES = 1_024
#: What a profile takes besides its points and categories.
_OVERHEAD = 2_000
#: Profiles of a group's column wait to be merged until there are so many: merging many at once
#: rounds less often.
_PENDING = 16


@dataclass(frozen=True)
class GroupBy:
    """Groups of rows that are to be profiled.

    Attributes
    ----------
    called : str
        What tells them apart, as messages call it.
    grouping : callable
        Takes the schema of a dataset and returns how its rows are told apart; raises a UsageError
        where they cannot be.
    points : int
        Points of a group's column, at most: what is kept grows with groups × columns × points.
        Where that would pass `MOST_BYTES` there are fewer, and the profiles know their rounding.
    whole : bool
        Whether all rows are to be profiled, too.
    """

    called: str
    grouping: Callable[[Any], Grouping]
    points: int
    whole: bool = False


def read_groups(  # noqa: PLR0913 - what groups there are, and how all is read
    by: GroupBy,
    grouping: Grouping,
    reading: Sequence[Pass],
    kinds: Mapping[str, Kind],
    threads: int | None,
    progress: Progress | None,
    *,
    beside: RowSample | None = None,
) -> Found:
    """Return the rows of what is read, the profiles of its groups, and of the whole if asked for.

    A sample of the rows of all groups may be drawn `beside` them.

    Raises
    ------
    InputError
        When the columns that tell rows apart do not hold what they must.
    UsageError
        When there are too many groups.
    """
    wanted = list(dict.fromkeys([*kinds, *grouping.needs]))
    collected = _Collected(by.points)
    reservoir = Reservoir(beside) if beside else None
    drawing = (beside, beside.share(reading[0].source.rows)) if beside else None
    read = partial(
        profile_leaf,
        grouping=grouping,
        kinds=kinds,
        points=by.points,
        whole=by.whole,
        drawing=drawing,
    )
    for made in in_order(read, leaves(fragments(reading, wanted), wanted, grouping), threads):
        collected.add(made)
        for part in made.drawn:
            if reservoir:
                reservoir.add(made.first, part)
        if len(collected.rows) > MOST_PERIODS:
            raise UsageError(
                f"more than {MOST_PERIODS:,} periods; take a longer --every, such as 1w or 1mo"
            )
        if progress:
            progress.advance(sum(made.rows.values()), made.size)
    columns = {name: merging.finish() for name, merging in collected.wholes.items()}
    drawn = reservoir.finish() if reservoir else None
    return Found(sum(collected.rows.values()), columns, collected.groups(grouping, threads), drawn)


class _Collected:
    """The profiles of each group so far, merged a few at a time."""

    def __init__(self, points: int) -> None:
        self.rows: dict[int, int] = {}
        self.wholes: dict[str, Merging] = {}
        self._points = points
        self._names: int | None = None
        self._columns: dict[int, dict[str, list[ColumnProfile]]] = {}
        self._bytes, self._room = 0, MOST_BYTES

    def add(self, made: LeafProfiles) -> None:
        for number, rows in made.rows.items():
            self.rows[number] = self.rows.get(number, 0) + rows
        for name, profile in made.wholes.items():
            self.wholes.setdefault(name, Merging()).add(profile)
        for name, profiles in made.columns.items():
            for number, profile in profiles.items():
                pending = self._columns.setdefault(number, {}).setdefault(name, [])
                pending.append(profile)
                self._bytes += _size(profile)
                if len(pending) > _PENDING:
                    self._merge(pending)
        if self._bytes > self._room:
            self._make_room()

    def _merge(self, pending: list[ColumnProfile]) -> None:
        self._bytes -= sum(map(_size, pending))
        pending[:] = [self._merged(pending)]
        self._bytes += _size(pending[0])

    def _merged(self, pending: Sequence[ColumnProfile]) -> ColumnProfile:
        return merge(pending, self._points, self._names)

    def _make_room(self) -> None:
        """Merge all that waits and, where that is not enough, have all profiles keep less."""
        waiting = [each for columns in self._columns.values() for each in columns.values()]
        for pending in waiting:
            self._merge(pending)
        while self._bytes > _ENOUGH * MOST_BYTES and self._keep_less():
            for pending in waiting:
                self._merge(pending)
        # Where profiles can keep no less there must be more room, and more than for one block.
        self._room = max(MOST_BYTES, int(self._bytes / _ENOUGH))

    def _keep_less(self) -> bool:
        """Take many names for fewer first, then half of the points; say whether that is less."""
        before = self._points, self._names
        if self._names is None:
            self._names = max(_NAMES_A_POINT * self._points, _FEWEST_NAMES)
        else:
            self._points = min(self._points, max(self._points // 2, FEWEST_POINTS))
            self._names = max(self._names // 2, _FEWEST_NAMES)
        return (self._points, self._names) != before

    def groups(self, grouping: Grouping, threads: int | None) -> dict[object, Group]:
        """Return the groups by their keys, in the order of their numbers."""
        numbers = sorted(self.rows)
        keys = [None if number == NO_GROUP else grouping.key(number) for number in numbers]
        return dict(zip(keys, in_order(self._group, numbers, threads), strict=True))

    def _group(self, number: int) -> Group:
        columns = self._columns.get(number, {})
        return Group(
            self.rows[number], {name: self._merged(each) for name, each in columns.items()}
        )


def _size(profile: ColumnProfile) -> int:
    """Return about how many bytes a profile holds."""
    values = profile.values
    if isinstance(values, Categories):
        return _OVERHEAD + values.nbytes
    return _OVERHEAD + values.points.values.nbytes + values.points.counts.nbytes

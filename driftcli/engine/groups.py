"""A source profiled by groups of its rows: by periods of time, by chance, by segments."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from typing import Any

from msgspec import Struct

from driftcli.engine.columns import join_profiles
from driftcli.engine.contract import Engine, Progress
from driftcli.engine.group_merging import Limits, Parts, join_parts
from driftcli.engine.group_reading import leaves, profile_leaf
from driftcli.engine.grouping import Grouping
from driftcli.engine.passes import Cutting, Found, Pass, mapped, taken
from driftcli.engine.sampling import Drawing, RowSample, beside
from driftcli.engine.tree import finished
from driftcli.profile.column import ColumnProfile
from driftcli.profile.groups import Group
from driftcli.profile.kinds import Kind


class GroupBy(Struct, frozen=True):
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
        Where that would take too much room there are fewer, and the profiles know their rounding.
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
    engine: Engine,
    progress: Progress | None,
    *,
    sample: RowSample | None = None,
) -> Found:
    """Return the rows of what is read, the profiles of its groups, and of the whole if asked for.

    A sample of the rows of all groups may be drawn beside them.

    Raises
    ------
    InputError
        When the columns that tell rows apart do not hold what they must.
    UsageError
        When there are too many groups.
    """
    wanted = list(dict.fromkeys([*kinds, *grouping.needs]))
    limits = Limits(by.points, len(kinds))
    drawing = Drawing.of(sample, reading[0].source.rows)
    work = partial(
        profile_leaf,
        grouping=grouping,
        kinds=kinds,
        limits=limits,
        whole=by.whole,
        drawing=drawing,
    )
    join = partial(join_parts, grouping=grouping, limits=limits, sample=sample)
    cut = partial(leaves, columns=wanted, grouping=grouping)
    found = mapped(engine, work, join, Cutting(taken(reading, wanted), cut), reading, progress)
    rows = {key: count for part in found for key, count in part.rows.items()}
    wholes = [finished(part.wholes, join_profiles) for part in found if part.wholes]
    columns = {name: profile for whole in wholes for name, profile in whole.items()}
    groups = {key: Group(rows[key], _columns(found, key)) for key in sorted(rows, key=_place)}
    drawn = [part.drawn for part in found if part.drawn]
    return Found(sum(rows.values()), columns, groups, beside(drawn) if drawn else None)


def _columns(found: Sequence[Parts], key: Hashable) -> dict[str, ColumnProfile]:
    """Return the profiles of the columns of one group, which the rows of none have not."""
    return {
        name: groups[key]
        for part in found
        for name, groups in part.columns.items()
        if key in groups
    }


def _place(key: Any) -> list[tuple[bool, Any]]:
    """Return where a group comes among the others: what is missing first."""
    values = key if isinstance(key, tuple) else (key,)
    return [(value is not None, value) for value in values]

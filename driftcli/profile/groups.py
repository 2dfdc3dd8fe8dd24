"""Rows that belong together, as profiles: a period of time, a segment, a random part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct, field

from driftcli.profile import column
from driftcli.profile.column import ColumnProfile
from driftcli.profile.dataset import DatasetProfile
from driftcli.profile.points import MAX_POINTS

#: The values that make a segment, one a column; None where they are missing.
Keys = tuple[str | None, ...]


class Group(Struct, frozen=True):
    """Some rows of a dataset and the profiles of their columns."""

    rows: int = 0
    columns: Mapping[str, ColumnProfile] = field(default_factory=dict)


class Profiled(Struct, frozen=True):
    """A dataset that was read: as a whole, and by groups of its rows where these were asked for.

    Attributes
    ----------
    whole : DatasetProfile
        Without columns where groups alone were asked for.
    groups : mapping of key to Group
        By what tells them apart: the number of a period or `Keys`. The key of rows that belong to
        no group is None.
    drawn : pyarrow.Table or None
        A sample of the rows, all columns of each that were read; None where none was drawn.
    keys : shape (rows that were drawn,), or None
        The numbers by which they were drawn: the smallest.
    """

    whole: DatasetProfile
    groups: Mapping[Any, Group] = field(default_factory=dict)
    drawn: Any = None
    keys: Any = None


def merge(groups: Iterable[Group], limit: int = MAX_POINTS) -> Group:
    """Return the rows of all groups together, of at most `limit` points where there are several."""
    some = list(groups)
    if len(some) == 1:
        return some[0]
    columns: dict[str, list[ColumnProfile]] = {}
    for group in some:
        for name, profile in group.columns.items():
            columns.setdefault(name, []).append(profile)
    rows = sum(group.rows for group in some)
    return Group(rows, {name: column.merge(each, limit) for name, each in columns.items()})

"""Rows that were drawn, block by block: a column is profiled when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from driftcli.arrays import from_numpy
from driftcli.profile.column import ColumnProfile
from driftcli.profile.grouped import Groups, Ints, profiles
from driftcli.profile.kinds import Kind
from driftcli.profile.shelf import let_go_of_rows

#: Points of a column in a block, at most.
FEW_POINTS = 256


class DrawnRows:
    """Rows that were drawn, in blocks.

    Parameters
    ----------
    rows : pyarrow.Table
    order : shape (rows that have a block,) or None
        Where the rows are, block by block; None where they are so already.
    lengths : shape (blocks,)
        Rows of each block.
    kinds
        Of the columns that can be asked for.
    limit
        Points of a column in a block, at most.
    """

    def __init__(
        self,
        rows: Any,
        order: Ints | None,
        lengths: Ints,
        kinds: Mapping[str, Kind],
        limit: int = FEW_POINTS,
    ) -> None:
        self._rows, self._limit = rows, limit
        self._order = None if order is None else from_numpy(order)
        self._groups = Groups.ordered(None, lengths)
        self._profiles: dict[str, Sequence[ColumnProfile]] = {}
        self.kinds = {name: kind for name, kind in kinds.items() if name in rows.schema.names}

    def columns(self) -> list[Mapping[str, ColumnProfile]]:
        """Return the profiles of columns in each block."""
        return [_Columns(self, at) for at in range(self._groups.lengths.size)]

    def only(self, name: str) -> DrawnRows:
        """Return the rows with one of their columns alone."""
        column = pa.table({name: self._in_order(name)})
        return DrawnRows(column, None, self._groups.lengths, self.kinds, self._limit)

    def profiles(self, name: str) -> Sequence[ColumnProfile]:
        """Return the profile of a column in each block."""
        if name not in self._profiles:
            array, kind = pa.concat_arrays(self._in_order(name).chunks), self.kinds[name]
            self._profiles[name] = list(
                profiles(name, array, kind, self._groups, limit=self._limit)
            )
        return self._profiles[name]

    def _in_order(self, name: str) -> Any:
        values = self._rows.column(name)
        if self._order is None:
            return values
        taken = values.take(self._order)
        let_go_of_rows(values)
        return taken


@dataclass(frozen=True)
class _Columns(Mapping[str, ColumnProfile]):
    drawn: DrawnRows
    block: int

    def __getitem__(self, name: str) -> ColumnProfile:
        return self.drawn.profiles(name)[self.block]

    def __contains__(self, name: object) -> bool:
        return name in self.drawn.kinds

    def __iter__(self) -> Iterator[str]:
        return iter(self.drawn.kinds)

    def __len__(self) -> int:
        return len(self.drawn.kinds)


def only(
    name: str, blocks: Sequence[Mapping[str, ColumnProfile]]
) -> list[Mapping[str, ColumnProfile]]:
    """Return the columns of blocks of rows, one of them alone; what was drawn is profiled later."""
    drawn = next((each.drawn for each in blocks if isinstance(each, _Columns)), None)
    if drawn and name in drawn.kinds:
        return list(drawn.only(name).columns())
    return [{name: each[name]} if name in each else {} for each in blocks]

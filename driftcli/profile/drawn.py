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
    order : shape (rows that have a block,)
        Where the rows are, block by block.
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
        order: Ints,
        lengths: Ints,
        kinds: Mapping[str, Kind],
        limit: int = FEW_POINTS,
    ) -> None:
        self._rows, self._order, self._limit = rows, from_numpy(order), limit
        self._groups = Groups.ordered(None, lengths)
        self._profiles: dict[str, Sequence[ColumnProfile]] = {}
        self.kinds = {name: kind for name, kind in kinds.items() if name in rows.schema.names}

    def columns(self) -> list[Mapping[str, ColumnProfile]]:
        """Return the profiles of columns in each block."""
        return [_Columns(self, at) for at in range(self._groups.lengths.size)]

    def profiles(self, name: str) -> Sequence[ColumnProfile]:
        """Return the profile of a column in each block."""
        if name not in self._profiles:
            values = self._rows.column(name)
            array, kind = pa.concat_arrays(values.take(self._order).chunks), self.kinds[name]
            let_go_of_rows(values)
            self._profiles[name] = list(
                profiles(name, array, kind, self._groups, limit=self._limit)
            )
        return self._profiles[name]


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

"""Kept blocks as profiles of their columns, by which they are compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from driftcli.arrays import from_numpy, from_texts
from driftcli.profile import categories
from driftcli.profile.blocks import Blocks, RowBlock
from driftcli.profile.categories import Categories
from driftcli.profile.cells import Counts, NameCells, NumberCells
from driftcli.profile.column import ColumnProfile
from driftcli.profile.kept import KeptBlocks, KeptColumn
from driftcli.profile.numeric import Numbers
from driftcli.profile.points import Points
from driftcli.profile.shape import TextShape


def blocks_of(kept: KeptBlocks, wholes: Mapping[str, ColumnProfile]) -> Blocks:
    """Return kept blocks as profiles of the columns that are `wholes` as wholes."""
    columns: list[dict[str, ColumnProfile]] = [{} for _ in range(kept.rows.size)]
    for name, column in kept.columns.items():
        whole = wholes.get(name)
        if whole is None or (column.form == "numbers") != isinstance(whole.values, Numbers):
            continue
        for own, made in zip(columns, _profiles(column, whole, kept.rows), strict=True):
            own[name] = made
    each = zip(kept.named(), kept.rows.tolist(), columns, kept.numbers.tolist(), strict=True)
    return Blocks(
        kind=kept.kind,
        each=tuple(RowBlock(*block) for block in each),
        column=kept.column,
        share=kept.share,
        automatic=kept.automatic,
        every=kept.every,
        entities=kept.entities,
    )


def _profiles(column: KeptColumn, whole: ColumnProfile, rows: Counts) -> Iterator[ColumnProfile]:
    cells = column.cells
    names = from_texts(cells.names) if isinstance(cells, NameCells) else None
    for at, (own, size) in enumerate(zip(cells.counts, rows.tolist(), strict=True)):
        yield replace(
            whole,
            rows=size,
            missing=int(column.missing[at]),
            invalid=None,
            values=_values(column, names, own, int(column.nonfinite[at]), whole.per_second),
        )


def _values(
    column: KeptColumn, names: Any, counts: NDArray[Any], nonfinite: int, per_second: int
) -> Numbers | Categories:
    cells = column.cells
    there = np.flatnonzero(counts)
    if isinstance(cells, NumberCells):
        held = Points(cells.means[there] * per_second, counts[there])
        if column.form == "numbers":
            return Numbers(held, nan=nonfinite)
        return _unnamed(int(counts.sum()), held)
    named = there[there < len(cells.names)]
    own = names.take(from_numpy(named))
    if cells.complete:
        return Categories(own, counts[named])
    everything = Points(np.zeros(1), np.array([counts.sum()]))
    return replace(_unnamed(int(counts[-1]), everything), names=own, counts=counts[named])


def _unnamed(rows: int, lengths: Points) -> Categories:
    """Return texts of which no more than their lengths is known."""
    buckets = np.zeros(categories.BUCKETS, np.int64)
    buckets[0] = rows
    return Categories(buckets=buckets, shape=TextShape(lengths, whole=True))

"""Kept blocks as profiles of their columns, by which they are compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from msgspec.structs import replace

from driftcli.arrays import from_numpy, from_texts
from driftcli.profile import categories
from driftcli.profile.blocks import Blocks, RowBlock
from driftcli.profile.categories import Categories
from driftcli.profile.cells import Counts, NumberCells
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
    values = _values(column, whole.per_second)
    for size, missing, own in zip(rows.tolist(), column.missing.tolist(), values, strict=True):
        yield replace(whole, rows=size, missing=missing, invalid=None, values=own)


def _values(column: KeptColumn, per_second: int) -> Iterator[Numbers | Categories]:
    """Yield what each block has, in the cells of which it has rows."""
    cells = column.cells
    block, there = np.nonzero(cells.counts)
    counts = cells.counts[block, there]
    bounds = np.searchsorted(block, np.arange(len(cells.counts) + 1)).tolist()
    each = zip(pairwise(bounds), column.nonfinite.tolist(), strict=True)
    if isinstance(cells, NumberCells):
        means = cells.means[there] * per_second
        for (start, end), nonfinite in each:
            held = Points(means[start:end], counts[start:end])
            numbers = column.form == "numbers"
            yield Numbers(held, nan=nonfinite) if numbers else _unnamed(held.total, held)
        return
    names = from_texts(cells.names)
    for (start, end), _ in each:
        yield _named(names, there[start:end], counts[start:end], complete=cells.complete)


def _named(names: Any, there: Counts, counts: Counts, *, complete: bool) -> Categories:
    """Return the rows of names, and of all others, if those that are named are not `complete`."""
    named = there < len(names)
    own, rows = names.take(from_numpy(there[named])), counts[named]
    if complete:
        return Categories(own, rows)
    everything = Points(np.zeros(1), np.array([counts.sum()]))
    others = int(counts.sum() - rows.sum())
    return replace(_unnamed(others, everything), names=own, counts=rows)


def _unnamed(rows: int, lengths: Points) -> Categories:
    """Return texts of which no more than their lengths is known."""
    buckets = np.zeros(categories.BUCKETS, np.int64)
    buckets[0] = rows
    return Categories(buckets=buckets, shape=TextShape(lengths, whole=True))

"""Blocks of rows that may leave the building: no count of a block that stands for few rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow.compute as pc
from msgspec.structs import replace

from driftcli.arrays import from_texts
from driftcli.profile.cells import Counts, NameCells, NumberCells
from driftcli.profile.kept import KeptBlocks, KeptColumn

#: Gives names their hashes.
Hashing = Callable[[Sequence[str]], Sequence[str]]


def redacted(kept: KeptBlocks, least: int, hashed: Hashing | None) -> KeptBlocks:
    """Return blocks of at least `least` rows, whose counts each stand for so many.

    Numbers of fewer are counted in the cell beside them in which the block has more, and names of
    fewer among the others. Names of categories are `hashed`, unless they are already.
    """
    there = kept.rows >= least
    columns = {name: _redacted(each, there, least, hashed) for name, each in kept.columns.items()}
    labels = [f"part {at + 1}" for at, _ in enumerate(kept.labels)]
    return replace(
        kept,
        numbers=kept.numbers[there],
        rows=kept.rows[there],
        labels=[label for label, is_there in zip(labels, there, strict=False) if is_there],
        columns=columns,
    )


def _redacted(column: KeptColumn, there: Any, least: int, hashed: Hashing | None) -> KeptColumn:
    cells = column.cells
    counts = cells.counts[there]
    if isinstance(cells, NameCells):
        few = counts[:, :-1] < least
        counts[:, -1] += np.where(few, counts[:, :-1], 0).sum(axis=1)
        counts[:, :-1][few] = 0
        names = hashed(cells.names) if hashed else cells.names
        order = np.argsort(np.array(names, dtype=object), kind="stable")
        counts = np.column_stack([counts[:, :-1][:, order], counts[:, -1]])
        made: NameCells | NumberCells = NameCells(tuple(names[at] for at in order.tolist()), counts)
    else:
        together = [_together(own, least) for own in counts]
        counts = np.array(together, np.int64).reshape(counts.shape)
        made = _without_ends(replace(cells, counts=counts))
    return replace(
        column, cells=made, missing=column.missing[there], nonfinite=column.nonfinite[there]
    )


def _together(counts: Counts, least: int) -> Counts:
    """Return the rows of one block, in runs of cells with so many rows, each in its largest cell.

    A block that has fewer in all has none.
    """
    made = np.zeros_like(counts)
    start, rows = 0, 0
    runs: list[tuple[int, int]] = []
    for at, count in enumerate(counts.tolist()):
        rows += count
        if rows >= least:
            runs.append((start, at + 1))
            start, rows = at + 1, 0
    if runs:
        runs[-1] = (runs[-1][0], counts.size)
    for first, end in runs:
        made[first + int(counts[first:end].argmax())] = counts[first:end].sum()
    return made


def _without_ends(cells: NumberCells) -> NumberCells:
    """Return the cells that have rows, which reach from one to the next and beyond all ends."""
    there = cells.counts.any(axis=0)
    lows, highs = cells.lows[there], cells.highs[there]
    kept = NumberCells(lows, highs, cells.means[there], cells.counts[:, there])
    between = kept.between
    below = np.nextafter(between, -np.inf)
    ends = np.full(min(1, lows.size), np.inf)
    return replace(kept, lows=np.append(-ends, between), highs=np.append(below, ends))


def readable(kept: KeptBlocks, names: Mapping[str, Any], hashed: Hashing) -> KeptBlocks:
    """Return redacted blocks with those names readable that hash to some of theirs.

    Parameters
    ----------
    names
        Of columns of categories, names that may be among theirs: Arrow arrays.
    """
    columns = dict(kept.columns)
    for name, column in kept.columns.items():
        if isinstance(column.cells, NameCells) and name in names:
            held, plain = from_texts(list(column.cells.names)), names[name]
            at = pc.index_in(held, value_set=from_texts(list(hashed(plain.to_pylist()))))
            found = pc.coalesce(plain.take(at), held).to_pylist()
            columns[name] = replace(column, cells=replace(column.cells, names=tuple(found)))
    return replace(kept, columns=columns)

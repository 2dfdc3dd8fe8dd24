"""Fewer kept blocks: no more than a file keeps, and those of longer periods or fewer buckets."""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace

from driftcli.profile.calendar import Every
from driftcli.profile.cells import Cells, Counts, NameCells
from driftcli.profile.kept import KeptBlocks, KeptColumn

#: Blocks and bytes that a file keeps: beyond them there are fewer cells, and then fewer blocks.
MOST_BLOCKS, MOST_BYTES = 400, 1_000_000
#: Cells of a column of numbers, and names of one of categories. There is never less than a part of
#: them: with eight cells, a tenth of the rows moves.
MOST_CELLS, MOST_NAMES = 64, 2_048
LEAST_PART = 8
#: What a count, a cell and a letter of a name take in a file, at most.
_COUNT_BYTES, _CELL_BYTES = 1.5, 24


def capped(kept: KeptBlocks) -> KeptBlocks:
    """Return no more blocks, cells and bytes than a file keeps."""
    while kept.numbers.size > MOST_BLOCKS:
        kept = _coarser(kept)
    part = 1
    made = _thinned(kept, part)
    while _exceeds(made, MOST_BYTES):
        if part < LEAST_PART:
            part *= 2
        elif kept.numbers.size > 1:
            kept = _coarser(kept)
        else:
            break
        made = _thinned(kept, part)
    return made


def _thinned(kept: KeptBlocks, part: int) -> KeptBlocks:
    columns = {
        name: replace(
            each,
            cells=each.cells.thinned(
                (MOST_NAMES if isinstance(each.cells, NameCells) else MOST_CELLS) // part
            ),
        )
        for name, each in kept.columns.items()
    }
    return replace(kept, columns=columns)


def _exceeds(kept: KeptBlocks, most: int) -> bool:
    """Return whether blocks take more than about so many bytes of a file."""
    columns = kept.columns.values()
    counted = [each for c in columns for each in (c.cells.counts, c.missing, c.nonfinite)]
    cells = sum(_cell_bytes(each.cells) for each in columns)
    # Counts that are 0 take hardly any, and need not be found where all together are few.
    if cells + _COUNT_BYTES * sum(counts.size for counts in counted) <= most:
        return False
    return cells + _COUNT_BYTES * sum(np.count_nonzero(counts) for counts in counted) > most


def _cell_bytes(cells: Cells) -> int:
    """Return about how many bytes of a file tell cells apart."""
    if isinstance(cells, NameCells):
        return sum(len(name.encode()) for name in cells.names)
    return _CELL_BYTES * cells.lows.size


def _coarser(kept: KeptBlocks) -> KeptBlocks:
    """Put two neighbouring periods or parts, or entities of two hashes, together."""
    if kept.every or kept.column is None:
        every = kept.every and replace(kept.every, count=2 * kept.every.count)
        return together(replace(kept, every=every), kept.numbers // 2)
    return in_buckets(kept, kept.buckets // 2)


def in_periods(kept: KeptBlocks, every: Every) -> KeptBlocks | None:
    """Return blocks of longer periods; None where theirs do not make them."""
    numbers = kept.every.in_longer(kept.numbers, every) if kept.every else None
    return None if numbers is None else together(replace(kept, every=every), numbers)


def in_buckets(kept: KeptBlocks, buckets: int) -> KeptBlocks:
    """Return blocks of entities in fewer buckets of hashes."""
    return together(replace(kept, buckets=buckets), kept.numbers % buckets)


def together(kept: KeptBlocks, numbers: Counts) -> KeptBlocks:
    """Put blocks of one number together."""
    own, first, at = np.unique(numbers, return_index=True, return_inverse=True)
    if own.size == numbers.size and (at == np.arange(at.size)).all():
        return replace(kept, numbers=own)

    def summed(counts: Counts) -> Counts:
        made = np.zeros((own.size, *counts.shape[1:]), np.int64)
        np.add.at(made, at, counts)
        return made

    columns = {
        name: KeptColumn(
            each.form,
            replace(each.cells, counts=summed(each.cells.counts)),
            summed(each.missing),
            summed(each.nonfinite),
        )
        for name, each in kept.columns.items()
    }
    labels = [kept.labels[place] for place in first.tolist()] if kept.labels else ()
    return replace(kept, numbers=own, rows=summed(kept.rows), columns=columns, labels=labels)

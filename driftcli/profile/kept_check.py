"""What must hold of the blocks of a profile that comes from a file, since anybody can write one."""

from collections.abc import Iterator
from math import isfinite
from typing import get_args

import numpy as np

from driftcli.profile.cells import NameCells, NumberCells
from driftcli.profile.kept import BUCKETS, Form, KeptBlocks, KeptColumn
from driftcli.profile.kept_room import MOST_BLOCKS

#: Sums of counts up to this are exact in floats.
_MOST_ROWS = 2**53
_FORMS = get_args(Form)


def flaw(kept: KeptBlocks) -> str | None:
    """Return what is wrong with blocks that no data can have, None where nothing is."""
    size = kept.rows.size
    if not 0 < size <= MOST_BLOCKS or kept.numbers.size != size:
        return "a number of blocks that cannot be"
    if (np.diff(kept.numbers) <= 0).any() or not 0 < kept.share <= 1:
        return "blocks that are not in order, or of no rows"
    if not _counts(kept.rows) or not 1 <= kept.buckets <= BUCKETS:
        return "blocks whose rows cannot be counted"
    if len(kept.labels) != (size if kept.column is None else 0):
        return "as many names of blocks as it has not blocks"
    named = ((name, next(_wrong(kept, each), None)) for name, each in kept.columns.items())
    return next((f"blocks of column {name!r} with {wrong}" for name, wrong in named if wrong), None)


def _wrong(kept: KeptBlocks, column: KeptColumn) -> Iterator[str]:
    if column.form not in _FORMS:
        yield "cells of a form that is not known"
    cells, size = column.cells, kept.rows.size
    yield from _of_names(cells) if isinstance(cells, NameCells) else _of_numbers(cells)
    if any(each.shape != (size,) for each in (column.missing, column.nonfinite)):
        yield "as many counts as there are not blocks"
    if any(each.min(initial=0) < 0 for each in (cells.counts, column.missing, column.nonfinite)):
        yield "counts below 0"
        return
    values = cells.counts.sum(axis=1, dtype=np.float64) + column.missing + column.nonfinite
    if (values > kept.rows).any():
        yield "more values than rows"


def _of_names(cells: NameCells) -> Iterator[str]:
    if cells.counts.shape[1] != len(cells.names) + 1:
        yield "as many counts as it has not names"
    if len(set(cells.names)) < len(cells.names):
        yield "names that are not distinct"


def _of_numbers(cells: NumberCells) -> Iterator[str]:
    if {cells.highs.size, cells.means.size, cells.counts.shape[1]} != {cells.lows.size}:
        yield "as many counts as it has not cells"
    elif _out_of_order(cells):
        yield "cells that are not in order"
    elif not cells.counts.any(axis=0).all():
        yield "cells without rows"


def _out_of_order(cells: NumberCells) -> bool:
    """Return whether cells overlap, or their means lie outside of them or are not finite."""
    lows, means, highs = cells.lows, cells.means, cells.highs
    if not lows.size:
        return False
    if not (isfinite(means[0]) and isfinite(means[-1])):
        return True
    within = (lows <= means).all() and (means <= highs).all()
    return not within or bool((lows[1:] <= highs[:-1]).any())


def _counts(counts: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> bool:
    """Return whether counts are none below 0, and no more than can be added up."""
    return bool(counts.min(initial=0) >= 0 and counts.sum(dtype=np.float64) <= _MOST_ROWS)

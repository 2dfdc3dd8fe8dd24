"""The values of one column in few cells, row by row: by common edges, and by each side's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from driftcli.comparison.joint.numbers import (
    MISSING,
    Both,
    Numbers,
    is_named,
    labels_of,
    numbers_of,
)
from driftcli.metrics.bins import Labels, equal_mass, mixture
from driftcli.profile.kinds import Kind

Values = NDArray[np.float64]
Tables = NDArray[np.int64]

#: RowCells of a column at most, without that of missing values and those of values that are common.
MOST_CELLS = 8
_FEWEST_CELLS = 3
#: Rows of a table's cell, on average, from which on a column has one cell more.
_ROWS_OF_A_CELL = 8


class RowCells(Struct, frozen=True):
    """The cell of each row of both sides, from 0 up, or `MISSING`.

    Attributes
    ----------
    size : int
        More than any cell.
    ordered : bool
        Whether cells are in the order of their values.
    common : pair of arrays of shape (rows,)
        By the same edges on both sides.
    own : pair of arrays of shape (rows,)
        By the side's own quantiles.
    spread : pair of arrays of shape (size, size)
        The shares of each own cell's rows in each step of the side's own ranks: what holds more
        than one step spreads over several, so that tied values do not jump from one to another.
    """

    size: int
    ordered: bool
    common: Both
    own: Both
    spread: tuple[Values, Values]

    @property
    def constant(self) -> bool:
        """Whether all rows of both sides are in one cell."""
        p, q = self.common
        return bool(p.min() == p.max() == q.min() == q.max())


def cells_for(rows: int) -> int:
    """Return how many cells a column has where the smaller side has so many rows."""
    return int(np.clip(np.sqrt(rows / _ROWS_OF_A_CELL), _FEWEST_CELLS, MOST_CELLS))


def cells_of(p: Any, q: Any, kind: Kind, count: int) -> RowCells:
    """Return the cells of a column's values: Arrow arrays, both with at least one that is there."""
    if is_named(p, q, kind):
        return _of_names(p, q, count)
    return _of_numbers(*numbers_of(p, q, kind), count)


def _of_numbers(p: Numbers, q: Numbers, count: int) -> RowCells:
    there = [~np.isnan(side) for side in (p, q)]
    present = [side[each] for side, each in zip((p, q), there, strict=True)]
    values, places = np.unique(np.concatenate(present), return_inverse=True)
    of_side = np.split(places, [present[0].size])
    counts = [np.bincount(each, minlength=values.size) for each in of_side]
    labels = equal_mass(mixture(counts[0], counts[1]), count - count % 2 * _are_apart(*of_side))
    size = int(labels[-1]) + 1
    common = [placed(labels[at], each) for at, each in zip(of_side, there, strict=True)]
    edges = common[0], common[1]
    if size == values.size:  # each has a cell of its own, whichever way it is cut
        same = np.eye(size)
        return RowCells(size, ordered=True, common=edges, own=edges, spread=(same, same))
    owns = [equal_mass(side / side.sum(), count) for side in counts]
    size = max(size, count, *(int(each[-1]) + 1 for each in owns))
    own = [placed(own[at], each) for own, at, each in zip(owns, of_side, there, strict=True)]
    spread = [spread_of(own, side, count, size) for own, side in zip(owns, counts, strict=True)]
    return RowCells(
        size, ordered=True, common=edges, own=(own[0], own[1]), spread=(spread[0], spread[1])
    )


def _are_apart(p: Labels, q: Labels) -> bool:
    """Return whether sides share no range: the middle one of an odd number of cells they would."""
    return bool(p.max() < q.min() or q.max() < p.min())


def placed(labels: Labels, there: NDArray[np.bool_]) -> Labels:
    """Return the cell of each row, where `labels` are those of the rows with a value."""
    cells = np.full(there.size, MISSING)
    cells[there] = labels
    return cells


def spread_of(labels: Labels, counts: NDArray[np.int64], steps: int, size: int) -> Values:
    """Return the share of each cell's rows in each of some equal steps of ranks."""
    ends = np.cumsum(np.bincount(labels, counts, size)) / counts.sum()
    starts = np.append(0.0, ends[:-1])
    low = np.arange(size)[None, :] / steps
    within = np.minimum(ends[:, None], low + 1 / steps) - np.maximum(starts[:, None], low)
    within = np.clip(within, 0.0, None)
    total = within.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(within, total, out=np.zeros(within.shape), where=total > 0))


def _of_names(p: Any, q: Any, count: int) -> RowCells:
    common, same = labels_of(p, q, count), np.eye(count)
    return RowCells(count, ordered=False, common=common, own=common, spread=(same, same))


def tables_of(
    columns: Sequence[RowCells], pairs: Sequence[tuple[int, int]]
) -> tuple[NDArray[np.int64], Values]:
    """Return the tables of pairs of columns: by common edges, and by own ranks of each side.

    Both have shape (pairs, 2, cells, cells), the last cell that of missing values.
    """
    size = max(each.size for each in columns) + 1
    common = np.empty((len(pairs), 2, size, size), np.int64)
    own = np.empty((len(pairs), 2, size, size))
    for side in (0, 1):
        by_common, by_own = (
            [np.where(labels < 0, size - 1, labels) for labels in each]
            for each in (
                [column.common[side] for column in columns],
                [column.own[side] for column in columns],
            )
        )
        spread = [padded(column.spread[side], size) for column in columns]
        for at, (i, j) in enumerate(pairs):
            common[at, side] = table_of(by_common[i], by_common[j], size)
            same = columns[i].own is columns[i].common and columns[j].own is columns[j].common
            cut = common[at, side] if same else table_of(by_own[i], by_own[j], size)
            own[at, side] = spread[i].T @ cut @ spread[j]
    return common, own


def table_of(rows: Labels, columns: Labels, size: int) -> NDArray[np.int64]:
    """Return how many rows are in each of so many cells of two columns, from 0 up."""
    return np.bincount(rows * size + columns, minlength=size * size).reshape(size, size)


def padded(spread: Values, size: int) -> Values:
    """Return a spread with more steps, and the cell of missing values, which stays what it is."""
    made = np.zeros((size, size))
    made[: len(spread), : spread.shape[1]] = spread
    made[-1, -1] = 1.0
    return made

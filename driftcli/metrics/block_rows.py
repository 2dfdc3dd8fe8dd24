"""Rows of blocks in cells: as an array, or only those that there are, where most cells have none.

Of tens of thousands of names, a day's drawn rows have a few: as an array a year of days would take
hundreds of megabytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Cells of blocks that are worked on at once.
_CELLS = 1 << 20
#: Arrays are no smaller than what there is where a cell in so many has rows.
_SPARSE = 4


class SparseRows:
    """Rows of blocks in cells, an array of shape (blocks, cells) of which most is 0.

    Parameters
    ----------
    at
        Where there are rows in the flat array, each place once, in order.
    rows
        How many.
    """

    # So that an array has this class multiply itself by it.
    __array_ufunc__ = None

    def __init__(self, at: Ints, rows: Values, shape: tuple[int, int]) -> None:
        self.shape = shape
        self._rows = rows
        self._blocks, self._cells = np.divmod(at, max(1, shape[1]))
        self._starts = np.searchsorted(self._blocks, np.arange(shape[0] + 1))

    def __len__(self) -> int:
        """Return the number of blocks."""
        return self.shape[0]

    def __getitem__(self, some: Any) -> Any:
        """Return some blocks; of two keys, which are slices, an array of some cells of some."""
        if isinstance(some, tuple):
            return self[some[0]].dense(some[1])
        chosen = np.arange(len(self))[some]
        lengths = self._starts[chosen + 1] - self._starts[chosen]
        ends = np.cumsum(lengths)
        own = np.arange(ends[-1] if ends.size else 0)
        own += np.repeat(self._starts[chosen] - (ends - lengths), lengths)
        at = np.repeat(np.arange(chosen.size), lengths) * self.shape[1] + self._cells[own]
        return SparseRows(at, self._rows[own], (chosen.size, self.shape[1]))

    def dense(self, cells: slice = slice(None)) -> Values:
        """Return an array of some cells."""
        first, stop, _ = cells.indices(self.shape[1])
        made = np.zeros((len(self), stop - first))
        own = (self._cells >= first) & (self._cells < stop)
        made[self._blocks[own], self._cells[own] - first] = self._rows[own]
        return made

    def sum(self, axis: int | None = None, *, keepdims: bool = False) -> Any:
        """Return the rows of all, or of each cell (`axis` 0), or of each block (`axis` 1)."""
        if axis is None:
            return self._rows.sum()
        along, size = (self._cells, self.shape[1]) if axis == 0 else (self._blocks, self.shape[0])
        return (
            _sums(along, self._rows, size)[:, None] if keepdims else _sums(along, self._rows, size)
        )

    def any(self, axis: int) -> NDArray[np.bool_]:
        """Return which blocks (`axis` 1) or cells have rows."""
        return np.asarray(self.sum(axis) > 0)

    def __matmul__(self, weights: Values) -> Values:
        """Return the sum of each block's rows by weights of cells."""
        return _sums(self._blocks, self._rows * weights[self._cells], len(self))

    def __rmatmul__(self, weights: Values) -> Values:
        """Return the sums of blocks by some weights of them: shape (weights, cells)."""
        made = np.empty((len(weights), self.shape[1]))
        for own, each in zip(made, weights, strict=True):
            own[:] = _sums(self._cells, self._rows * each[self._blocks], self.shape[1])
        return made


#: Rows of blocks in cells.
BlockRows = Values | SparseRows


def _sums(places: Ints, rows: Values, size: int) -> Values:
    return np.asarray(np.bincount(places, rows, size), np.float64)


def counted(blocks: Ints, cells: Ints, rows: Ints, shape: tuple[int, int]) -> BlockRows:
    """Return the rows of blocks in cells, of which some may be given several times."""
    at = blocks * shape[1] + cells
    if shape[0] * shape[1] <= max(_CELLS, _SPARSE * at.size):
        return _sums(at, rows.astype(np.float64), shape[0] * shape[1]).reshape(shape)
    places, which = np.unique(at, return_inverse=True)
    return SparseRows(places, _sums(which, rows.astype(np.float64), places.size), shape)


def runs(blocks: BlockRows, first: int = 0, stop: int | None = None) -> Iterator[Values]:
    """Yield the rows of blocks as arrays of a few blocks each, in order."""
    step = max(1, _CELLS // max(1, blocks.shape[1]))
    last = len(blocks) if stop is None else stop
    for at in range(first, last, step):
        some = blocks[at : min(at + step, last)]
        yield some.dense() if isinstance(some, SparseRows) else some

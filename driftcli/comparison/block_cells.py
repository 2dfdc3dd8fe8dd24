"""Rows of blocks in the cells of a column: what noise by blocks is made from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow.compute as pc
from msgspec import Struct
from numpy.typing import NDArray

from driftcli.arrays import concatenated, filled
from driftcli.comparison.cells import Cells
from driftcli.comparison.once import once
from driftcli.comparison.pair import CategoricalPair, NumericPair, positions
from driftcli.metrics.block_rows import BlockRows, counted
from driftcli.profile.categories import Categories
from driftcli.profile.column import ColumnProfile

Values = NDArray[np.float64]
Ints = NDArray[np.int64]


def in_cells(blocks: Sequence[ColumnProfile], pair: NumericPair, cells: Cells) -> Values:
    """Return the rows of blocks in the cells of numbers."""
    middles = (pair.values[cells.starts[1:] - 1] + pair.values[cells.starts[1:]]) / 2
    made = np.zeros((len(blocks), cells.starts.size))
    for own, each in zip(made, blocks, strict=True):
        points = each.numbers.points
        if points.total:
            at = np.searchsorted(middles, positions(each, pair)[0], side="right")
            own[:] = np.bincount(at, points.counts, own.size)
    return made


class NamedRows(Struct, frozen=True, dict=True):
    """Rows of blocks by the names of a pair.

    Attributes
    ----------
    blocks, names, rows : shape (names of blocks,)
        The block, the place of the name in the pair, and the rows.
    unnamed : shape (blocks,)
        Rows that have no name of their own.
    """

    blocks: Ints
    names: Ints
    rows: Ints
    unnamed: Ints

    def __len__(self) -> int:
        """Return the number of blocks."""
        return self.unnamed.size

    def in_bins(self, pair: CategoricalPair) -> BlockRows:
        """Return the rows of blocks in the bins of a pair; those without a name are rare."""
        size = pair.p_bins.size
        own = np.where(pair.alone, np.cumsum(pair.alone) - 1, size - 1)
        blocks = np.concatenate([self.blocks, np.arange(len(self))])
        bins = np.concatenate([own[self.names], np.full(len(self), size - 1)])
        rows = np.concatenate([self.rows, self.unnamed])
        return counted(blocks, bins, rows, (len(self), size))

    @once
    def filled(self) -> NamedRows:
        """The blocks that have names."""
        there = np.bincount(self.blocks, self.rows, len(self)) > 0
        blocks = (np.cumsum(there) - 1)[self.blocks]
        return NamedRows(blocks, self.names, self.rows, self.unnamed[there])

    def beside(self, hits: NDArray[np.bool_]) -> Values:
        """Return the named rows of blocks that are `hits`, beside the others: shape (blocks, 2)."""
        counted = [np.bincount(self.blocks, self.rows * kept, len(self)) for kept in (hits, ~hits)]
        return np.stack(counted, axis=1)

    def by_name(self, pair: CategoricalPair) -> Values:
        """Return the rows of blocks by name: shape (blocks, names of the pair)."""
        at = self.blocks * len(pair.names) + self.names
        shape = len(self), len(pair.names)
        found = np.bincount(at, self.rows.astype(float), shape[0] * shape[1])
        return np.asarray(found, np.float64).reshape(shape)


def named_rows(blocks: Sequence[ColumnProfile], pair: CategoricalPair) -> NamedRows:
    """Return the rows of blocks by the names of a pair."""
    held = [_names(each) for each in blocks]
    names = concatenated([each.names for each in held])
    places = filled(pc.index_in(names, value_set=pair.names), -1).astype(np.int64)
    of = np.repeat(np.arange(len(held)), [len(each.names) for each in held])
    rows = np.concatenate([each.counts for each in held])
    known = places >= 0
    unnamed = np.array([each.buckets.sum() for each in held], np.int64)
    # Of a coarsened column, the pair does not know all names that a block has.
    np.add.at(unnamed, of[~known], rows[~known])
    return NamedRows(of[known], places[known], rows[known], unnamed)


def _names(side: ColumnProfile) -> Categories:
    assert isinstance(side.values, Categories)
    return side.values

"""Pairs of columns whose rows move together: which rows those are, and their tables."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from driftcli.comparison.block_findings import in_numbers
from driftcli.comparison.joint.cells import RowCells, Tables
from driftcli.comparison.joint.numbers import Both
from driftcli.metrics.bins import Labels
from driftcli.metrics.blocks import enough
from driftcli.report.comparison import Finding


class RowsInBlocks(Struct, frozen=True):
    """Which of the rows drawn of both datasets move together.

    Attributes
    ----------
    kind, column : str
        What a block is: a day, a value; and the column that says which block a row is of.
    automatic : bool
        Whether nobody asked for them.
    numbers : pair of arrays of shape (rows,)
        The number of the block of each row, from 0 up; less for rows of none.
    entities : pair of int or None
        How many entities these rows are of, where it is entities that make blocks.
    """

    kind: str
    column: str
    automatic: bool
    numbers: Both
    entities: tuple[int | None, int | None] = (None, None)

    @property
    def counts(self) -> tuple[int, int]:
        """How many blocks either side has."""
        p, q = (int(side.max(initial=-1)) + 1 for side in self.numbers)
        return p, q

    @property
    def tell(self) -> bool:
        """Whether these are enough to tell how blocks differ."""
        return enough(*self.counts)

    def units(self) -> Both:
        """Return the number of each row's block, where a row of none is a block by itself."""
        p, q = (_alone(side, count) for side, count in zip(self.numbers, self.counts, strict=True))
        return p, q

    def finding(self) -> Finding:
        """Return what is to be said of them."""
        p, q = self.counts
        known = (p, q) if None in self.entities else self.entities
        said = f"noise by {self.kind} of {self.column}{in_numbers(known, (p, q))}"
        if not self.tell:
            said += ": too few to tell how they differ, so that rows are taken as independent"
        elif self.automatic:
            said += "; --block none for independent rows"
        return Finding(kind="blocks", column=None, status="ok", message=said)

    def tables(self, first: RowCells, second: RowCells) -> tuple[Tables, Tables]:
        """Return the tables of a pair of columns in each block, by common edges.

        Returns
        -------
        p, q : shape (blocks, cells, cells)
        """
        size = max(first.size, second.size) + 1
        p, q = (self._tables(first, second, side, size) for side in (0, 1))
        return p, q

    def _tables(self, first: RowCells, second: RowCells, side: int, size: int) -> Tables:
        of_block = self.numbers[side]
        rows, columns = (
            np.where(labels < 0, size - 1, labels)
            for labels in (first.common[side], second.common[side])
        )
        at = ((of_block * size + rows) * size + columns)[of_block >= 0]
        count = self.counts[side]
        return np.bincount(at, minlength=count * size * size).reshape(count, size, size)


def _alone(numbers: Labels, blocks: int) -> Labels:
    none = numbers < 0
    return np.where(none, blocks - 1 + np.cumsum(none), numbers)

"""Rows dealt to parts, so that what is fitted to some is judged on others."""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Values = NDArray[np.float64]
Labels = NDArray[np.int64]
#: One a side: of the baseline, and of the current data.
BothLabels = tuple[Labels, Labels]


class Rows(Struct, frozen=True):
    """The rows of both sides as numbers, and which of them move together.

    Attributes
    ----------
    p, q : shape (rows, columns)
        Those of the baseline and of the current data.
    blocks : pair of arrays of shape (rows,), or None
        The number of each row's block on its side; None where rows are independent. Rows that the
        other side has of the same day or customer are a block of their own: taken for independent
        they hide a change and make none.
    """

    p: Values
    q: Values
    blocks: BothLabels | None = None

    def where(self, taken: tuple[NDArray[np.bool_], NDArray[np.bool_]]) -> Rows:
        """Return some of the rows of each side."""
        blocks = self.blocks and (self.blocks[0][taken[0]], self.blocks[1][taken[1]])
        return Rows(self.p[taken[0]], self.q[taken[1]], blocks)

    def units(self) -> tuple[int, int]:
        """Return how many observations each side has: blocks, or rows."""
        if self.blocks is None:
            return len(self.p), len(self.q)
        p, q = (np.unique(side).size for side in self.blocks)
        return p, q


def dealt(rows: Rows, parts: int, generator: np.random.Generator) -> BothLabels:
    """Return the part of each row of both sides: of about as many rows, or whole blocks, each."""
    if rows.blocks is None:
        p, q = (_dealt(len(side), parts, generator) for side in (rows.p, rows.q))
        return p, q
    blocks = [np.unique(side, return_inverse=True) for side in rows.blocks]
    p, q = (_dealt(numbers.size, parts, generator)[at] for numbers, at in blocks)
    return p, q


def _dealt(units: int, parts: int, generator: np.random.Generator) -> Labels:
    labels = np.empty(units, np.int64)
    labels[generator.permutation(units)] = np.arange(units) % parts
    return labels


def part(rows: Rows, labels: BothLabels, *numbers: int) -> Rows:
    """Return the rows of some parts."""
    return rows.where((np.isin(labels[0], numbers), np.isin(labels[1], numbers)))

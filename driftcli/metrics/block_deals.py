"""Blocks of rows dealt to two sides, as chance would deal them had neither side changed.

Blocks are given by their rows in the cells of a score: arrays of shape (blocks, cells), one a side,
without blocks that have no rows. The first `shared` blocks of both are the same ones, one by one:
a customer of whom both sides have rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

#: Deals of blocks to sides.
DEALS = 255
#: Cells by which blocks are sorted first.
_FIRST_CELLS = 16


class Sides(NamedTuple):
    """The blocks of both sides, of which the first `shared` are the same."""

    p: Values
    q: Values
    shared: int = 0

    def in_order(self) -> Sides:
        """Return the same in an order that says nothing of the one they came in."""
        first = self.shared
        both = order_of(np.hstack([self.p[:first], self.q[:first]]))
        p, q = (
            np.concatenate([side[:first][both], side[first:][order_of(side[first:])]])
            for side in (self.p, self.q)
        )
        return Sides(p, q, first)


def order_of(blocks: Values) -> NDArray[np.intp]:
    """Return the order of blocks by their last cell, then by the one before, and so on."""
    size = _FIRST_CELLS
    while True:
        order: NDArray[np.intp] = np.lexsort(blocks[:, -size:].T)
        last = blocks[order, -size:]
        # A few cells tell blocks apart, and all of many thousand take as many sorts.
        if size >= blocks.shape[1] or (last[1:] != last[:-1]).any(axis=1).all():
            return order
        size *= 8


class Dealt(NamedTuple):
    """Deals of blocks to sides: what each is given of the blocks, and what these have.

    Attributes
    ----------
    first : shape (deals, other blocks)
        1 where a block of one side alone is dealt to the first side.
    stays : shape (deals, shared blocks)
        1 where a block of both sides stays where it is.
    before, after : shape (blocks, cells)
        Rows of the others, of the shared ones that stay, and of those that change places, as
        either side has them.
    """

    first: Values
    stays: Values
    before: Values
    after: Values

    def rows(self, some: slice = slice(None)) -> tuple[Values, Values]:
        """Return the rows of both sides in some of the deals: p and q of shape (deals, cells)."""
        first, stays = self.first[some], self.stays[some]
        p = np.hstack([first, stays, 1 - stays]) @ self.before
        q = np.hstack([1 - first, stays, 1 - stays]) @ self.after
        # Blocks may lack more rows than they have; of sides that is cut off, where it takes off
        # little.
        return np.maximum(p, 0.0, out=p), np.maximum(q, 0.0, out=q)


def dealt(
    sides: Sides,
    generator: np.random.Generator,
    deals: int = DEALS,
    apart: tuple[float, float] = (1.0, 1.0),
) -> Dealt:
    """Return some deals of the blocks, had neither side changed.

    What a block has apart from its own side (its residual) is what blocks differ by, and no change
    between the sides: so it is put on the shares of both sides together before blocks are dealt.
    Blocks dealt as they are would take the change itself for a difference of blocks. Those of which
    both sides have rows change places with themselves: what a customer always does is no noise.
    """
    p, q, shared = sides
    pooled = (p.sum(axis=0) + q.sum(axis=0)) / (p.sum() + q.sum())
    # Each array of many names takes many megabytes: none is made that need not be.
    both = np.empty((len(p) + len(q), pooled.size))
    own, other = both[: len(p)], both[len(p) :]
    for made, side, scale in zip((own, other), (p, q), apart, strict=True):
        residuals(side, out=made)
        np.multiply(made, scale, out=made)
        np.add(made, pooled, out=made)
        np.multiply(made, side.sum(axis=1, keepdims=True), out=made)
    stays = (generator.random((deals, shared)) < 1 / 2).astype(float)
    first = _chosen(len(p) - shared, len(p) + len(q) - 2 * shared, deals, generator).astype(float)
    if not shared:
        return Dealt(first, stays, both, both)
    single = np.concatenate([own[shared:], other[shared:]])
    ratio = p.sum() / q.sum()
    before = np.concatenate([single, own[:shared], other[:shared] * ratio])
    after = np.concatenate([single, other[:shared], own[:shared] / ratio])
    return Dealt(first, stays, before, after)


def _chosen(
    number: int, among: int, deals: int, generator: np.random.Generator
) -> NDArray[np.bool_]:
    """Return a random choice of so many `among` others for each deal: shape (deals, among)."""
    keys = generator.random((deals, among))
    if number in (0, among):
        return np.full(keys.shape, number > 0)
    return keys < np.partition(keys, number, axis=1)[:, number, None]


def residuals(side: Values, out: Values | None = None) -> Values:
    """Return the shares of blocks less those of their side, made up for what each adds to these.

    They are written to `out` where there is one.

    A block of a share w of the rows is nearer to the mean that it is part of by √(1 − w), of
    blocks of equal rows √((D − 1) / D) (MacKinnon & White 1985, doi:10.1016/0304-4076(85)90158-7).
    """
    rows = side.sum(axis=1, keepdims=True)
    total = side.sum()
    kept = np.maximum(1 - rows / total, np.finfo(float).eps)
    found: Values = np.divide(side, rows, out=out)
    found -= side.sum(axis=0) / total
    found /= np.sqrt(kept)
    return found


def freedom(sides: Sides) -> float:
    """Return of how many degrees of freedom the spread is that blocks tell: one, or more.

    What chance makes of independent rows is known. What blocks differ by is a sum over them, of
    which one may have half of the rows: then it is hardly known, however many the others are
    (Satterthwaite 1946, doi:10.2307/3002019). Of all cells together or, where this is less, of
    their mean ranks: what chance makes in many cells tells nothing of the one direction that a
    difference of means has.
    """
    return min(map(_freedom, contributions(sides)))


def _freedom(blocks: Contributions) -> float:
    square, chance, spread = blocks
    own = max(1.0, float(spread.sum() ** 2 / np.square(spread).sum()) - 2)
    known = float(chance.sum())
    excess = float(spread.sum()) * max(
        _excess(square - chance, spread, np.sqrt(spread)),
        _excess(square - chance, spread, _alike(chance, spread)),
    )
    most = max(1.0, float(spread.size - 2))
    return min(most, own * (1 + known / excess) ** 2) if excess > 0 else most


def _excess(beyond: Values, spread: Values, weights: Values) -> float:
    """Return how far blocks lie apart beyond chance, by weights of the blocks."""
    return float((weights * beyond / spread).sum() / weights.sum())


def _alike(chance: Values, spread: Values) -> Values:
    """Return weights of blocks of which those of many rows weigh no more than those of some."""
    rows = spread / chance
    weights: Values = np.square(1 / (1 / rows + 1 / rows.mean()))
    return weights


def effect_between(sides: Sides) -> float:
    """Return how many times as far the sides' shares vary as those of independent rows would.

    Of all cells together or, where this is more, of their mean ranks.
    """
    both = contributions(sides)
    return max(1.0, *(float(each.square.sum() / each.chance.sum()) for each in both))


class Contributions(NamedTuple):
    """What each block adds to the chi-square between both sides, as shape (blocks,).

    By how it is, by what chance makes of its independent rows, and by the square of its weight.
    """

    square: Values
    chance: Values
    spread: Values


def contributions(sides: Sides) -> tuple[Contributions, Contributions]:
    """Return what each block adds to the chi-square between both sides, and to that of ranks.

    The latter is of the difference of mean ranks, the cells being in their order.
    """
    pooled, moved, rows = _moved(sides)
    ranks = np.cumsum(pooled) - pooled / 2 - 1 / 2
    variance = float(np.dot(pooled, np.square(ranks)))
    weights = [np.square(side.sum(axis=1) / side.sum()) for side in (sides.p, sides.q)]
    spread = _together(weights[0], weights[1], sides.shared)
    of_ranks: Values = np.square(moved @ ranks) / (variance or 1.0)
    np.square(moved, out=moved)
    moved /= pooled
    of_cells: Values = moved.sum(axis=1)
    return (
        Contributions(of_cells, max(1, pooled.size - 1) * rows, spread),
        Contributions(of_ranks, rows, spread),
    )


def _moved(sides: Sides) -> tuple[Values, Values, Values]:
    """Return the shares of cells with rows, by how much blocks move them, and 1 / rows of blocks.

    Returns
    -------
    pooled : shape (cells,)
    moved : shape (blocks, cells)
    rows : shape (blocks,)
        In units of the variance that one row has.
    """
    p, q, shared = sides
    pooled: Values = (p.sum(axis=0) + q.sum(axis=0)) / (p.sum() + q.sum())
    there = pooled > 0
    weights = [side.sum(axis=1) / side.sum() for side in (p, q)]
    moved = np.empty((len(p) + len(q) - shared, int(there.sum())))
    for made, each in zip(moved[: len(p)], _weighed(p, weights[0], there), strict=True):
        made[:] = each
    after = _weighed(q, weights[1], there)
    for made in moved[:shared]:
        made -= next(after)  # noqa: PLW2901 - a view
    for made, each in zip(moved[len(p) :], after, strict=True):
        made[:] = each
    rows = _together(weights[0] / p.sum(), weights[1] / q.sum(), shared)
    return pooled[there], moved, rows


def _weighed(side: Values, weights: Values, there: NDArray[np.bool_]) -> Iterator[Values]:
    """Yield how far each block moves the cells that have rows."""
    for weight, each in zip(weights, residuals(side), strict=True):
        yield weight * each[there]


def _together(p: Values, q: Values, shared: int) -> Values:
    return np.concatenate([p[:shared] + q[:shared], p[shared:], q[shared:]])

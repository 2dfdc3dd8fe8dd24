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

from driftcli.metrics.block_rows import BlockRows, runs

Values = NDArray[np.float64]

#: Deals of blocks to sides.
DEALS = 255
#: Cells by which blocks are sorted first.
_FIRST_CELLS = 16


class Sides(NamedTuple):
    """The blocks of both sides, of which the first `shared` are the same."""

    p: BlockRows
    q: BlockRows
    shared: int = 0

    def in_order(self) -> Sides:
        """Return the same in an order that says nothing of the one they came in."""
        first = self.shared
        both = _order(self.p[:first], self.q[:first])
        p, q = (
            side[np.concatenate([both, first + order_of(side[first:])])]
            for side in (self.p, self.q)
        )
        return Sides(p, q, first)


def order_of(blocks: BlockRows) -> NDArray[np.intp]:
    """Return the order of blocks by their last cell, then by the one before, and so on."""
    return _order(blocks)


def _order(*sides: BlockRows) -> NDArray[np.intp]:
    """Return the order of blocks by the last cell of the last of some sides, then the one before.

    And so on: the cells of each side come after those of the side before.
    """
    size, cells = _FIRST_CELLS, sides[0].shape[1]
    while True:
        beyond = [size - cells * after for after in range(len(sides))][::-1]
        parts = [side[:, -most:] for side, most in zip(sides, beyond, strict=True) if most > 0]
        last = np.hstack(parts)
        order: NDArray[np.intp] = np.lexsort(last.T)
        ordered = last[order]
        # A few cells tell blocks apart, and all of many thousand take as many sorts.
        if size >= cells * len(sides) or (ordered[1:] != ordered[:-1]).any(axis=1).all():
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
    sides
        The blocks that are dealt.
    apart
        How far the shares of either side's blocks lie apart, in proportion to those of `sides`.
    """

    first: Values
    stays: Values
    sides: Sides
    apart: tuple[float, float]

    def rows(self, some: slice = slice(None)) -> tuple[Values, Values]:
        """Return the rows of both sides in some of the deals: p and q of shape (deals, cells)."""
        p, q, shared = self.sides
        first, stays = self.first[some], self.stays[some]
        own, other = np.split(first, [len(p) - shared], axis=1)
        ratio = p.sum() / q.sum()
        to_p = np.hstack([stays, own]), np.hstack([(1 - stays) * ratio, other])
        to_q = np.hstack([(1 - stays) / ratio, 1 - own]), np.hstack([stays, 1 - other])
        # Blocks may lack more rows than they have; of sides that is cut off, where it takes off
        # little.
        found = tuple(np.maximum(made, 0.0, out=made) for made in map(self._given, (to_p, to_q)))
        return found[0], found[1]

    def _given(self, weights: tuple[Values, Values]) -> Values:
        """Return the rows of one side, which is given so much of the blocks of either.

        A block's rows are to be its residuals and the shares of both sides together, times its
        number of rows. Summed up by weights that is a sum of its own rows, of the shares of its
        side, and of those of both.
        """
        p, q, _ = self.sides
        pooled = (p.sum(axis=0) + q.sum(axis=0)) / (p.sum() + q.sum())
        made: Values = np.zeros((len(weights[0]), pooled.size))
        for own, side, apart in zip(weights, (p, q), self.apart, strict=True):
            rows = side.sum(axis=1)
            scale = apart / np.sqrt(_kept(rows))
            made += (own * scale) @ side
            made += (own @ rows)[:, None] * pooled
            made -= (own @ (rows * scale))[:, None] * (side.sum(axis=0) / side.sum())
        return made


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
    stays = (generator.random((deals, shared)) < 1 / 2).astype(float)
    first = _chosen(len(p) - shared, len(p) + len(q) - 2 * shared, deals, generator).astype(float)
    return Dealt(first, stays, sides, apart)


def _chosen(
    number: int, among: int, deals: int, generator: np.random.Generator
) -> NDArray[np.bool_]:
    """Return a random choice of so many `among` others for each deal: shape (deals, among)."""
    keys = generator.random((deals, among))
    if number in (0, among):
        return np.full(keys.shape, number > 0)
    return keys < np.partition(keys, number, axis=1)[:, number, None]


def residuals(side: Values) -> Values:
    """Return the shares of blocks less those of their side, made up for what each adds to these.

    A block of a share w of the rows is nearer to the mean that it is part of by √(1 − w), of
    blocks of equal rows √((D − 1) / D) (MacKinnon & White 1985, doi:10.1016/0304-4076(85)90158-7).
    """
    return _residuals(side, side.sum(axis=0) / side.sum(), side.sum())


def _residuals(some: Values, mean: Values, total: float) -> Values:
    """Return the residuals of some blocks of a side of so many rows."""
    rows = some.sum(axis=1)
    found: Values = some / rows[:, None]
    found -= mean
    found /= np.sqrt(_kept(rows, total))[:, None]
    return found


def _kept(rows: Values, total: float | None = None) -> Values:
    """Return the share of a side's rows that each block leaves to the others."""
    left: Values = 1 - rows / (rows.sum() if total is None else total)
    return np.maximum(left, np.finfo(float).eps, out=left)


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
    p, q, shared = sides
    pooled: Values = (p.sum(axis=0) + q.sum(axis=0)) / (p.sum() + q.sum())
    there = pooled > 0
    pooled = pooled[there]
    ranks = np.cumsum(pooled) - pooled / 2 - 1 / 2
    variance = float(np.dot(pooled, np.square(ranks)))
    of_cells, of_ranks = [], []
    for moved in _moved(sides, there):
        of_ranks.append(np.square(moved @ ranks) / (variance or 1.0))
        np.square(moved, out=moved)
        moved /= pooled  # noqa: PLW2901 - an array of our own
        of_cells.append(moved.sum(axis=1))
    weights = [np.square(side.sum(axis=1) / side.sum()) for side in (p, q)]
    spread = _together(weights[0], weights[1], shared)
    # 1 / rows of blocks, in units of the variance that one row has.
    own = [side.sum(axis=1) / side.sum() / side.sum() for side in (p, q)]
    rows = _together(own[0], own[1], shared)
    return (
        Contributions(np.concatenate(of_cells), max(1, pooled.size - 1) * rows, spread),
        Contributions(np.concatenate(of_ranks), rows, spread),
    )


def _moved(sides: Sides, there: NDArray[np.bool_]) -> Iterator[Values]:
    """Yield by how much some blocks each move the shares of cells that are `there`."""
    p, q, shared = sides
    own, other = _weighed(p, there, 0, shared), _weighed(q, there, 0, shared)
    yield from (made - after for made, after in zip(own, other, strict=True))
    yield from _weighed(p, there, shared)
    yield from _weighed(q, there, shared)


def _weighed(
    side: BlockRows, there: NDArray[np.bool_], first: int, stop: int | None = None
) -> Iterator[Values]:
    """Yield how far some blocks each move the cells."""
    total = side.sum()
    mean = side.sum(axis=0) / total
    for some in runs(side, first, stop):
        found = _residuals(some, mean, total)[:, there]
        found *= (some.sum(axis=1) / total)[:, None]
        yield found


def _together(p: Values, q: Values, shared: int) -> Values:
    return np.concatenate([p[:shared] + q[:shared], p[shared:], q[shared:]])

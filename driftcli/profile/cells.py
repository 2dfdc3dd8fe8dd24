"""Cells in which blocks of rows are counted, of numbers and of names: few, and mergeable.

A cell of numbers has an extent, from the least to the greatest of its numbers. Cells of several
profiles whose extents overlap are one cell: so counts stay exact, however profiles are merged and
in which order. Numbers are parted at the roundest numbers near their quantiles, those of the fewest
binary digits: like columns have nearly the same of these, so that cells of many profiles remain
about as narrow as two of the widest of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Values = NDArray[np.float64]
Counts = NDArray[np.int64]
Places = NDArray[np.intp]
_Keys = NDArray[np.uint64]

_ONE, _SIGN, _LEAST = np.uint64(1), np.uint64(2**63), np.int64(-(2**63))


def cuts(values: Values, counts: Counts, most: int) -> Values:
    """Return where to part sorted distinct values into at most `most` cells of about equal mass."""
    return _cuts(values[:-1], values[1:], np.cumsum(counts), most)


def _cuts(low: Values, high: Values, upto: Counts, most: int) -> Values:
    """Return at most `most` − 1 cuts, each above a `low` and at most at the `high` of its place.

    Of all places they are the roundest in each window of equal mass.

    Parameters
    ----------
    upto : shape (places + 1,)
        The rows below each, and all rows.
    """
    if low.size >= most:
        windows = _windows(upto[:-1], upto[-1:], most)
        places = _roundest_in(windows, _top_bit(_keys(low) ^ _keys(high)))
        low, high = low[places], high[places]
    return _roundest(low, high)


def _windows(upto: Counts, total: Counts, most: int) -> Values:
    """Return the number of the window of equal mass of each cut, of which one is kept."""
    windows = upto / total
    windows *= most - 1
    np.minimum(windows, most - 2, out=windows)
    return np.trunc(windows, out=windows)


def _roundest_in(windows: Values, zeros: NDArray[np.int64]) -> Places:
    """Return the place of the cut with the most binary zeros in each window, the first of several.

    Cuts of one window are neighbours.
    """
    if not windows.size:
        return np.empty(0, np.intp)
    starts = np.flatnonzero(np.concatenate([[True], windows[1:] != windows[:-1]]))
    rank = zeros * windows.size - np.arange(windows.size)
    return -np.maximum.reduceat(rank, starts) % windows.size


def lone(columns: Sequence[tuple[Values, Counts]], most: int) -> list[NumberCells]:
    """Return the cells of columns whose rows are one block, cut as `cuts` does each of them.

    All are cut at once: thousands of small profiles are merged, which are a block each.
    """
    sizes = np.array([values.size for values, _ in columns])
    values, rows = (np.concatenate(each) for each in zip(*columns, strict=True))
    ends = np.cumsum(sizes)
    upto = np.zeros(values.size + 1, np.int64)
    np.cumsum(rows, out=upto[1:])
    below, total = upto[ends - sizes], upto[ends] - upto[ends - sizes]
    # Below each value there may be a cut: each column begins with one, in a window of its own.
    windows = _windows(upto[:-1] - np.repeat(below, sizes), np.repeat(total, sizes), most)
    windows += np.repeat(np.arange(sizes.size) * float(most), sizes)
    windows[(ends - sizes)[sizes > 0]] = -1
    # Where there are few, all are kept.
    few = np.flatnonzero(np.repeat(sizes <= most, sizes))
    windows[few] = -2 - few
    keys = _keys(values)
    starts = _roundest_in(windows, _top_bit(np.concatenate([keys[:1], keys[:-1]]) ^ keys))
    cells = _runs(values, rows, starts)
    upto_cell = np.searchsorted(starts, np.concatenate([[0], ends])).tolist()
    return [cells.part(*some) for some in pairwise(upto_cell)]


def _runs(values: Values, rows: Counts, starts: Places) -> NumberCells:
    """Return the cells of one block whose numbers, each of so many rows, are in order in each."""
    ends = np.append(starts, values.size)[1:]
    lows, highs = values[starts], values[ends - 1]
    counts = np.add.reduceat(rows, starts) if starts.size else rows
    at = np.repeat(np.arange(starts.size), ends - starts)
    # Shares first, as sums of values times rows might be beyond all floats.
    means = np.bincount(at, rows / counts[at] * values, starts.size)
    return NumberCells(lows, highs, np.clip(means, lows, highs), counts[None])


def _roundest(low: Values, high: Values) -> Values:
    """Return the number of the fewest binary digits that is above `low` and at most `high`.

    It has as many binary zeros as there are digits below the first that differs.
    """
    below, upto = _keys(low), _keys(high)
    shift = _top_bit(below ^ upto).astype(np.uint64)
    keys = upto >> shift << shift
    bits = np.where(keys >= _SIGN, keys ^ _SIGN, ~keys)
    return bits.view(np.float64)


def _keys(values: Values) -> _Keys:
    """Return unsigned integers in the order of the values."""
    bits = (values + 0.0).view(np.int64)
    # All bits of numbers below 0 are turned, and the sign of others.
    return (bits ^ (bits >> 63 | _LEAST)).view(np.uint64)


def _top_bit(keys: _Keys) -> NDArray[np.int64]:
    """Return the place of the first bit of keys that are not 0."""
    lone = keys & ~(keys >> _ONE)  # no run of ones that a float would round up
    return (lone.astype(np.float64).view(np.int64) >> 52) - 1023


class NumberCells(Struct, frozen=True):
    """Rows of blocks in cells of numbers, of which each has rows.

    Attributes
    ----------
    lows, highs : shape (cells,)
        The least and the greatest number of each cell: high < next low.
    means : shape (cells,)
        Of the rows in each cell.
    counts : shape (blocks, cells)
    """

    lows: Values
    highs: Values
    means: Values
    counts: Counts

    @property
    def between(self) -> Values:
        """Cuts that part these cells."""
        return _roundest(self.highs[:-1], self.lows[1:])

    def part(self, start: int, end: int) -> NumberCells:
        """Return the cells from one place up to another."""
        ours = slice(start, end)
        extents = (self.lows[ours], self.highs[ours], self.means[ours])
        return NumberCells(*extents, self.counts[:, ours])

    @classmethod
    def of(cls, blocks: Sequence[tuple[Values, Counts]], between: Values) -> NumberCells:
        """Return the cells between cuts, of blocks that are given by values and their rows."""
        values, rows = (np.concatenate(each) for each in zip(*blocks, strict=True))
        block = np.repeat(np.arange(len(blocks)), [own.size for own, _ in blocks])
        there, at = np.unique(np.searchsorted(between, values, side="right"), return_inverse=True)
        size = there.size
        counts = np.bincount(block * size + at, rows, len(blocks) * size).astype(np.int64)
        extents = _extents((values, values, values), rows, at, size)
        return cls(*extents, counts.reshape(len(blocks), size))

    def _joined(self, at: Places, size: int) -> NumberCells:
        """Return cells of which each is at one of `size` places, those at one of them together."""
        extents = _extents((self.lows, self.highs, self.means), self.counts.sum(axis=0), at, size)
        return NumberCells(*extents, _summed(self.counts, at, size))

    def thinned(self, most: int) -> NumberCells:
        """Return at most `most` cells."""
        if self.lows.size <= most:
            return self
        upto = np.cumsum(self.counts.sum(axis=0))
        between = _cuts(self.highs[:-1], self.lows[1:], upto, most)
        at = np.searchsorted(between, self.lows, side="right")
        return self._joined(at, between.size + 1)

    @classmethod
    def alike(cls, parts: Sequence[NumberCells]) -> Sequence[NumberCells]:
        """Return all parts in the cells that all can tell apart, of one mean each."""
        lows, highs, means, rows = (
            np.concatenate(each)
            for each in zip(
                *((p.lows, p.highs, p.means, p.counts.sum(axis=0)) for p in parts), strict=True
            )
        )
        order = np.argsort(lows, kind="stable")
        upto = np.maximum.accumulate(highs[order])
        at = np.empty(order.size, np.intp)
        at[order[:1]] = 0
        at[order[1:]] = np.cumsum(lows[order][1:] > upto[:-1])
        size = int(at.max(initial=-1)) + 1
        extents = _extents((lows, highs, means), rows, at, size)
        ends = [0, *accumulate(part.lows.size for part in parts)]
        return [
            cls(*extents, _summed(part.counts, at[start:end], size))
            for part, (start, end) in zip(parts, pairwise(ends), strict=True)
        ]


def _summed(counts: Counts, at: Places, size: int) -> Counts:
    if len(counts) == 1:  # floats are exact here, and far quicker
        return np.bincount(at, counts[0], size).astype(np.int64)[None]
    made = np.zeros((len(counts), size), np.int64)
    np.add.at(made.T, at, counts.T)
    return made


def _extents(
    cells: tuple[Values, Values, Values], rows: Counts, at: Places, size: int
) -> tuple[Values, Values, Values]:
    """Return the least and the greatest number and the mean of the cells at each place."""
    lows, highs, means = cells
    low, least = np.full(size, np.inf), np.full(size, np.inf)
    high, most = -low, -least
    np.minimum.at(low, at, lows)
    np.maximum.at(high, at, highs)
    np.minimum.at(least, at, means)
    np.maximum.at(most, at, means)
    # Shares first, as sums of values times rows might be beyond all floats.
    shares = rows / np.bincount(at, rows, size)[at]
    return low, high, np.clip(np.bincount(at, shares * means, size), least, most)


class NameCells(Struct, frozen=True):
    """Rows of blocks in the commonest names.

    Attributes
    ----------
    names : tuple of str
        Distinct ones.
    counts : shape (blocks, names + 1)
        The last are the rows of all other names.
    """

    names: tuple[str, ...]
    counts: Counts

    @property
    def complete(self) -> bool:
        """Whether there is no other name."""
        return not self.counts[:, -1].any()

    def into(self, names: Sequence[str]) -> NameCells:
        """Return the rows of some names; those it lacks have none, and may be any if complete."""
        places = {name: at for at, name in enumerate(names)}
        at = np.array([*(places.get(name, len(names)) for name in self.names), len(names)])
        counts = np.zeros((len(self.counts), len(names) + 1), np.int64)
        np.add.at(counts.T, at, self.counts.T)
        return NameCells(tuple(names), counts)

    def thinned(self, most: int) -> NameCells:
        """Return at most `most` names, the commonest."""
        if len(self.names) <= most:
            return self
        order = np.argsort(-self.counts.sum(axis=0)[:-1], kind="stable")[:most]
        return self.into([self.names[at] for at in np.sort(order).tolist()])

    @classmethod
    def alike(cls, parts: Sequence[NameCells]) -> Sequence[NameCells]:
        """Return all parts by the names of which each knows how many rows it has."""
        known = {name for part in parts for name in part.names}
        for part in parts:
            if not part.complete:
                known &= set(part.names)
        return [part.into(sorted(known)) for part in parts]


Cells = NumberCells | NameCells

"""Noise of a column whose rows move together: the larger of that by blocks and that by rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from driftcli.comparison.block_cells import NamedRows, in_cells, named_rows
from driftcli.comparison.cells import Cells, cells_of
from driftcli.comparison.counted import Counted, counted
from driftcli.comparison.noise import NoiseOfColumn
from driftcli.comparison.once import once
from driftcli.comparison.pair import CategoricalPair, NumericPair
from driftcli.comparison.scores import Measured, scale_of
from driftcli.metrics import METRICS, Basis, Metric, bins
from driftcli.metrics.block_deals import DEALS, Sides, effect_between
from driftcli.metrics.block_differences import design_effect
from driftcli.metrics.block_rows import BlockRows, runs
from driftcli.metrics.blocks import (
    ROWS_OF_ONE,
    Deals,
    Score,
    Thinned,
    difference,
    enough,
    noise_by_blocks,
    noise_of_few,
    share_noise_by_blocks,
    some_differ,
)
from driftcli.metrics.significance import Noise
from driftcli.metrics.transport import Line
from driftcli.profile.blocks import NIGHT, Blocks
from driftcli.profile.column import ColumnProfile
from driftcli.profile.drawn import only

Values = NDArray[np.float64]

#: Blocks × names beyond which no block's own names are looked for.
_MOST_CELLS = 1 << 22


#: Gives the profiles of a column in some blocks: they are made when they are needed.
Parts = Callable[[], Sequence[ColumnProfile]]


class AnyNoise(Protocol):
    """The noise of the scores of one column."""

    @property
    def design_effect(self) -> float:
        """How many rows count like one."""

    def of(self, measured: Measured) -> Noise:
        """Return the level of a score without drift, and its p-value."""

    def plain(self, measured: Measured) -> bool:
        """Return whether a p-value is plainly no sign of anything."""


def larger(first: Noise, second: Noise) -> Noise:
    """Return the larger level and the larger p-value."""
    return Noise(max(first.level, second.level), max(first.p_value, second.p_value))


class NoiseOfBlocks(Struct, dict=True):
    """The noise of the scores of one column, by rows and by blocks of rows.

    `sides` give the column's profiles in the blocks of either side, and `shares` how much of the
    rows these are made of. By their `numbers`, if they have any, blocks of both are the same.
    """

    by_rows: NoiseOfColumn
    sides: tuple[Parts, Parts]
    shares: tuple[float, float] = (1.0, 1.0)
    numbers: tuple[Sequence[int], Sequence[int]] | None = None
    _deals: Deals | None = None

    @once
    def p(self) -> Sequence[ColumnProfile]:
        """The column in the blocks of the baseline."""
        return self.sides[0]()

    @once
    def q(self) -> Sequence[ColumnProfile]:
        """The column in the blocks of the current data."""
        return self.sides[1]()

    def plain(self, measured: Measured) -> bool:
        """Return whether a p-value is plainly no sign of anything: by rows, and so by blocks."""
        return self.by_rows.plain(measured)

    def of(self, measured: Measured) -> Noise:
        """Return the larger of both noises."""
        by_rows = self.by_rows.of(measured)
        by_blocks = (
            self._of_others(measured) if measured.binned else self._of(measured, by_rows.level)
        )
        return by_rows if by_blocks is None else larger(by_rows, by_blocks)

    def _of_others(self, measured: Measured) -> Noise | None:
        """Return the noise of a score of another tool's bins, of as few rows as all count like.

        That is told by our score of the same name: its noise by blocks and by rows.
        """
        ours = METRICS[measured.metric.name]
        if ours.basis in (Basis.REPEATS, Basis.FORM) or measured.binned is None:
            return None
        alike = replace(measured, metric=ours, binned=None)
        level = self.by_rows.of(alike).level
        by_blocks = self._of(alike, level)
        if by_blocks is None or not by_blocks.level > level > 0:
            return None
        effect = (by_blocks.level / level) ** (1 if ours.squared else 2)
        p, q = (rows / effect for rows in measured.binned)
        return self.by_rows.of(replace(measured, binned=(p, q)))

    def _of(self, measured: Measured, level: float) -> Noise | None:
        """Return the noise by blocks, or None where `level`, that by rows, is as good."""
        metric = measured.metric
        rows = counted(metric.basis, self.by_rows.p, self.by_rows.q)
        if rows is not None:
            return self._of_counted(measured, rows)
        if self.by_rows.pair is None:
            return None
        if metric.basis is Basis.SUPPORT:
            return self._of_support(self.by_rows.pair, metric.name)
        score, squared = self._score(metric), metric.squared
        drawn = level / min(self.shares) ** (1 if squared else 0.5)
        p, q, _ = self._counts
        if self._effect == 1.0 and not some_differ(score, p, q, drawn):
            return None
        thinned = self._thinned(measured, self._effect)
        if self._deals is None:
            self._deals = Deals(self._counts, thinned)
        return noise_by_blocks(score, p, q, squared=squared, thinned=thinned, deals=self._deals)

    def distances(self) -> tuple[Values, Values]:
        """Return how far the values of each block are from the baseline, by js_distance.

        Those of the baseline itself are measured from its other blocks. Blocks without values have
        none.
        """
        score = self._score(METRICS["js_distance"])
        p, q = (side[side.any(axis=1)] for side in self._in_cells)
        whole = p.sum(axis=0)
        own = [score(whole - some, some) for some in runs(p)] if len(p) > 1 else []
        other = [score(np.broadcast_to(whole, some.shape), some) for some in runs(q)]
        none = np.full(len(p) if not own else 0, math.nan)
        return np.concatenate([none, *own]), np.concatenate([np.empty(0), *other])

    @property
    def design_effect(self) -> float:
        """How many rows count like one, of all rows of the current data, by the cells of values."""
        effect = self._effect
        if effect > 1 and self._counts.shared:
            effect = effect_between(self._counts)
        return 1 + (effect - 1) / self.shares[1]

    @once
    def _effect(self) -> float:
        """The same of the rows that the blocks are made of."""
        if self.by_rows.pair is None:
            return 1.0
        return design_effect(self._counts.p, self._counts.q)

    def _thinned(self, measured: Measured, effect: float) -> Thinned | None:
        if self.shares == (1.0, 1.0):
            return None
        return Thinned(measured.value, *(math.sqrt((effect - 1 + s) / effect) for s in self.shares))

    @once
    def _cells(self) -> Cells:
        assert isinstance(self.by_rows.pair, NumericPair)
        return cells_of(self.by_rows.pair, self.by_rows.rules)

    @once
    def _counts(self) -> Sides:
        """Rows of either side's blocks in the cells of the column's values, of those with any."""
        return self._matched(*self._in_cells)

    def _matched(self, p: BlockRows, q: BlockRows) -> Sides:
        """Return the blocks that have rows, those first of which both sides have some."""
        numbers = self.numbers or (range(len(p)), range(-1, -len(q) - 1, -1))
        sides = []
        there = [side.any(axis=1) for side in (p, q)]
        known = [np.array(own)[held] for own, held in zip(numbers, there, strict=True)]
        common, *places = np.intersect1d(known[0], known[1], return_indices=True)
        for side, held, first in zip((p, q), there, places, strict=True):
            if held.all() and not first.size:
                sides.append(side)
                continue
            rest = np.flatnonzero(np.bincount(first, minlength=np.count_nonzero(held)) == 0)
            sides.append(side[held][np.concatenate([first, rest])])
        return Sides(sides[0], sides[1], common.size)

    @once
    def _in_cells(self) -> tuple[BlockRows, BlockRows]:
        pair = self.by_rows.pair
        if isinstance(pair, CategoricalPair):
            return self._named[0].in_bins(pair), self._named[1].in_bins(pair)
        assert pair is not None
        return in_cells(self.p, pair, self._cells), in_cells(self.q, pair, self._cells)

    @once
    def _named(self) -> tuple[NamedRows, NamedRows]:
        """Rows of either side's blocks by name."""
        assert isinstance(self.by_rows.pair, CategoricalPair)
        return named_rows(self.p, self.by_rows.pair), named_rows(self.q, self.by_rows.pair)

    def _score(self, metric: Metric) -> Score:
        """Return a metric as a function of the rows of both sides in the cells."""
        rules = self.by_rows.rules
        if metric.basis is Basis.POINTS and isinstance(self.by_rows.pair, NumericPair):
            scale = scale_of(self.by_rows.p, rules) if metric.unit == "baseline sd" else 1.0
            values = self._cells.values
            return lambda p, q: np.asarray(metric.function(Line.of(values, p, q))) / (scale or 1.0)
        pseudo_count = rules.smoothing if metric.basis is Basis.SMOOTHED else 0.0
        function = metric.categorical or metric.function
        starts = self._cells.bins if isinstance(self.by_rows.pair, NumericPair) else None

        def shares(side: Any) -> Any:
            binned = side if starts is None else np.add.reduceat(side, starts, axis=-1)
            return bins.probabilities(binned, pseudo_count)

        return lambda p, q: function(shares(p), shares(q))

    def _beside_others(self, rows: Counted) -> tuple[Values, Values]:
        """Return the rows of each block that are counted, and its others: shape (blocks, 2)."""

        def of(parts: Sequence[ColumnProfile], whole: ColumnProfile) -> Values:
            hits = np.array([rows.of_part(each, whole) for each in parts], np.float64)
            return np.stack([hits, [each.rows for each in parts] - hits], axis=1)

        return of(self.p, self.by_rows.p), of(self.q, self.by_rows.q)

    def _of_counted(self, measured: Measured, rows: Counted) -> Noise | None:
        p, q, shared = self._matched(*self._beside_others(rows))
        effect = design_effect(p, q)
        if effect == 1.0:
            return None
        thinned = self._thinned(measured, effect)
        noise = share_noise_by_blocks(p, q, shared=shared, thinned=thinned)
        return noise and noise.among(rows.among)

    def _of_support(self, pair: NumericPair | CategoricalPair, name: str) -> Noise | None:
        """Return the noise of `new` or `lost`, of names: of extremes that by rows stands alone."""
        blocks = len(self.p) + len(self.q)
        if isinstance(pair, NumericPair) or blocks * len(pair.names) > _MOST_CELLS:
            return None
        at = 1 if name == "new" else -1
        # Of names that are kept, a block may have none.
        inner, outer = (side.filled for side in self._named[::at])
        if not len(inner) or not len(outer):
            return None
        if 1 in (len(inner), len(outer)):
            score = _lacked if name == "new" else _lacked_by_the_second
            p, q = (side.by_name(pair) for side in (inner, outer)[::at])
            return noise_by_blocks(score, p, q, squared=True)
        known = (pair.p_counts, pair.q_counts)[::at][0][: len(pair.names)]
        of_name = np.bincount(inner.names, inner.rows, known.size)
        # Of a sample, all rows of a name may be one block's, and others among the rows not drawn.
        undrawn = known[inner.names] > (inner.rows + 1) / self.shares[::at][0]
        only = (inner.rows == of_name[inner.names]) & ~undrawn
        own = inner.beside(only), outer.beside(known[outer.names] == 0)
        return share_noise_by_blocks(*own, both=False)


class NoiseOfFew(NoiseOfBlocks):
    """The noise of the scores of one column in too few nights to tell how they differ.

    Each counts like a few rows, as it does in columns whose nights differ much.
    """

    @once
    def _blocks(self) -> tuple[int, int]:
        return len(self.p), len(self.q)

    @property
    def design_effect(self) -> float:
        """How many rows count like one, of those of the current data."""
        return max(1.0, self.by_rows.q.rows / (ROWS_OF_ONE * self._blocks[1]))

    def _of(self, measured: Measured, level: float) -> Noise | None:
        del level
        metric, pair = measured.metric, self.by_rows.pair
        rows = counted(metric.basis, self.by_rows.p, self.by_rows.q)
        if rows is not None:
            return self._of_counted(measured, rows)
        if pair is None:
            return None
        if metric.basis is not Basis.SUPPORT:
            return self._of_both(self._score(metric), self._in_cells, squared=metric.squared)
        if isinstance(pair, NumericPair) or DEALS * len(pair.names) > _MOST_CELLS:
            return None
        score = _lacked if metric.name == "new" else _lacked_by_the_second
        named = self._named[0].by_name(pair), self._named[1].by_name(pair)
        return self._of_both(score, named, squared=True)

    def _of_counted(self, measured: Measured, rows: Counted) -> Noise | None:
        del measured
        noise = self._of_both(difference, self._beside_others(rows), squared=False)
        return noise.among(rows.among)

    def _of_both(self, score: Score, sides: tuple[BlockRows, BlockRows], *, squared: bool) -> Noise:
        p, q = (side.sum(axis=0) for side in sides)
        return noise_of_few(score, p, q, self._blocks, squared=squared)


def _lacked(p: Values, q: Values) -> Values:
    """Return the share of rows of `q` in names that `p` lacks; never less than half a row."""
    rows = q.sum(axis=-1)
    return np.asarray(np.maximum(np.where(p > 0, 0.0, q).sum(axis=-1), 0.5) / rows)


def _lacked_by_the_second(p: Values, q: Values) -> Values:
    return _lacked(q, p)


#: Those of the baseline and of the current data, where they are known.
BothBlocks = tuple[Blocks | None, Blocks | None]
#: Gives what is scored of a column in a block, as of the whole of its side.
Alike = Callable[[ColumnProfile], ColumnProfile]


def noise_of(
    name: str, by_rows: NoiseOfColumn, blocks: BothBlocks, alike: tuple[Alike, Alike]
) -> AnyNoise:
    """Return the noise of a column, by blocks as well where they are known.

    A side of which none are known is one block beside those of the other. The column whose periods
    are the blocks differs between them by what they are: it has the noise of rows.
    """
    known = [side for side in blocks if side]
    if not known or any(side.every and side.column == name for side in known):
        return by_rows
    sides: list[Parts] = []
    numbers: list[Sequence[int]] = []
    for side, whole, as_scored in zip(blocks, (by_rows.p, by_rows.q), alike, strict=True):
        held = [each for each in side.each if name in each.columns] if side else []
        parts = partial(_parts, name, [each.columns for each in held], as_scored)
        sides.append(parts if side else partial(_one, whole))
        numbers.append([each.number for each in held] if side else [0])
    few = not enough(*map(len, numbers))
    if few and not all(map(of_nights, known)):
        return by_rows
    shares = [side.share if side else 1.0 for side in blocks]
    # Parts that were merged, and runs, are of their own side.
    told = all(side and side.column for side in blocks)
    return (NoiseOfFew if few else NoiseOfBlocks)(
        by_rows,
        (sides[0], sides[1]),
        (shares[0], shares[1]),
        (numbers[0], numbers[1]) if told else None,
    )


def of_column(name: str, side: Blocks) -> Blocks:
    """Return blocks with one of their columns alone."""
    columns = only(name, [each.columns for each in side.each])
    own = (replace(block, columns=own) for block, own in zip(side.each, columns, strict=True))
    return replace(side, each=tuple(own))


def of_nights(known: Blocks) -> bool:
    """Return whether blocks are recorded runs, which are nights however few there are."""
    return known.kind == NIGHT


def _parts(
    name: str, blocks: Sequence[Mapping[str, ColumnProfile]], as_scored: Alike
) -> list[ColumnProfile]:
    return [as_scored(columns[name]) for columns in blocks]


def _one(whole: ColumnProfile) -> list[ColumnProfile]:
    return [whole]

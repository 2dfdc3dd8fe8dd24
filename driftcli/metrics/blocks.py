"""Is a score beyond chance where rows move together: those of a day, of a customer, of a route.

Then a block of rows is one observation, and chance deals blocks to sides and not rows. Blocks are
given by their rows in the cells of a score: arrays of shape (blocks, cells), one a side, without
blocks that have no rows.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from driftcli.metrics.among_others import FEWEST, one_more
from driftcli.metrics.block_deals import DEALS, Dealt, Sides, dealt, freedom, order_of
from driftcli.metrics.block_differences import more_pass
from driftcli.metrics.block_rows import BlockRows, runs
from driftcli.metrics.significance import LEAST, Noise, permutation_noise, student_tail

Values = NDArray[np.float64]
#: Rows of both sides in cells, each of shape (…, cells), to scores of shape (…).
Score = Callable[[Values, Values], Any]

#: How many rows one block counts like where there are fewer. In four years of flights and weather
#: one of four columns or so has days whose rows count like fewer.
ROWS_OF_ONE = 10
_HALF = 0.5
_SEED = 20_251_129
#: Cells of deals that are scored at once.
_AT_ONCE = 1 << 16
#: Cells of deals that are held, and that are made at once where there are more: those of tens of
#: thousands of names would take 100 MB a column.
_HELD_CELLS, _MADE_CELLS = 1 << 20, 1 << 18


class Thinned(NamedTuple):
    """What is known of blocks of which some rows were drawn.

    Attributes
    ----------
    observed : float
        The score of all rows.
    p, q : float
        How far shares of blocks lie apart in all rows, in proportion to those drawn: few rows
        differ by chance as well.
    """

    observed: float
    p: float
    q: float


class Deals:
    """Blocks of two sides, dealt once for all scores of their cells.

    Deals are seeded by the data, whatever the order of its blocks: the same gives the same.

    Parameters
    ----------
    blocks
        Those of both sides.
    thinned
        Where the rows were drawn from those of the blocks.
    """

    def __init__(self, blocks: Sides, thinned: Thinned | None = None) -> None:
        self.blocks = blocks.in_order()
        self._apart = (thinned.p, thinned.q) if thinned else (1.0, 1.0)

    def scores(self, score: Score) -> Values:
        """Return the score of each deal."""
        return np.concatenate([_some_at_once(score, p, q) for p, q in self._sides()])

    def _sides(self) -> Iterator[tuple[Values, Values]]:
        """Yield the rows of both sides in some deals: of many cells they are not held."""
        cells: int = self.blocks.p.shape[1]
        if DEALS * cells <= _HELD_CELLS:
            yield self._rows
            return
        step = max(1, _MADE_CELLS // cells)
        for at in range(0, DEALS, step):
            yield self._dealt.rows(slice(at, at + step))

    @cached_property
    def _dealt(self) -> Dealt:
        generator = np.random.default_rng([_SEED, *map(_checksum, self.blocks[:2])])
        return dealt(self.blocks, generator, apart=self._apart)

    @cached_property
    def _rows(self) -> tuple[Values, Values]:
        return self._dealt.rows()

    @cached_property
    def freedom(self) -> float:
        """Of how many degrees of freedom their spread is."""
        return freedom(self.blocks)


def _checksum(blocks: BlockRows) -> int:
    found = 0
    for some in runs(blocks):
        found = zlib.crc32(np.ascontiguousarray(some).data, found)
    return found


def noise_by_blocks(  # noqa: PLR0913 - both sides, and one keyword for each thing known of them
    score: Score,
    p: BlockRows,
    q: BlockRows,
    *,
    squared: bool,
    shared: int = 0,
    thinned: Thinned | None = None,
    deals: Deals | None = None,
) -> Noise | None:
    """Return the noise of a score of two sides' blocks, or None where there are too few of them.

    Parameters
    ----------
    p, q : shape (blocks, cells)
    squared
        Whether the score grows with the square of small changes (see `Metric.squared`).
    shared
        How many blocks at the start of either side are the same ones.
    thinned
        Where the rows were drawn from those of the blocks.
    deals
        Those of the same blocks, where other scores have them too.
    """
    if not enough(len(p), len(q)):
        return None
    if min(len(p), len(q)) == 1:
        return _of_one(score, p, q)
    made = deals or Deals(Sides(p, q, shared), thinned)
    return _of_deals(score, made, squared=squared, thinned=thinned)


def enough(p: int, q: int) -> bool:
    """Return whether so many blocks of either side tell how blocks differ."""
    fewer, more = sorted((p, q))
    return (more if fewer == 1 else p + q) >= FEWEST and fewer > 0


def _of_deals(
    score: Score, deals: Deals, *, squared: bool, thinned: Thinned | None = None
) -> Noise:
    p, q, _ = deals.blocks
    observed = thinned.observed if thinned else float(score(p.sum(axis=0), q.sum(axis=0)))
    degrees = deals.freedom  # what it takes is free again before deals are made
    return _of_replicates(observed, deals.scores(score), squared=squared, degrees=degrees)


def _of_replicates(
    observed: float, replicates: Values, *, squared: bool, degrees: float = math.inf
) -> Noise:
    if float(np.ptp(replicates)) <= 1e-9 * abs(observed):
        return Noise(float(replicates[0]), LEAST if observed > replicates[0] * (1 + 1e-9) else 1.0)
    # The tail is that of sums of squares, which roots have not.
    scale = 1.0 if math.isinf(observed) else observed or 1.0
    power = 1 if squared else 2
    found = permutation_noise((observed / scale) ** power, (replicates / scale) ** power)
    return Noise(found.level ** (1 / power) * scale, _of_few(found.p_value, degrees))


def noise_of_few(
    score: Score, p: Values, q: Values, blocks: tuple[int, int], *, squared: bool
) -> Noise:
    """Return the noise of a score of so few blocks that nobody knows how they differ.

    Each counts like `ROWS_OF_ONE` independent rows of both sides together, and the score is that of
    all rows.

    Parameters
    ----------
    p, q : shape (cells,)
    blocks
        How many either side has.
    """
    rows = [
        min(int(side.sum()), ROWS_OF_ONE * many) for side, many in zip((p, q), blocks, strict=True)
    ]
    seeds = (zlib.crc32(side.tobytes()) for side in (p, q))
    generator = np.random.default_rng([_SEED, *seeds])
    pooled = (p + q) / (p.sum() + q.sum())
    drawn = (generator.multinomial(each, pooled, DEALS).astype(float) for each in rows)
    return _of_replicates(float(score(p, q)), _some_at_once(score, *drawn), squared=squared)


def _some_at_once(score: Score, p: Values, q: Values) -> Values:
    """Return the scores of deals: of so many at once that what is worked out stays in the cache."""
    step = max(1, _AT_ONCE // max(1, p.shape[1]))
    some = (slice(at, at + step) for at in range(0, len(p), step))
    return np.concatenate([np.asarray(score(p[each], q[each]), np.float64) for each in some])


def _of_few(p_value: float, degrees: float) -> float:
    """Return a p-value whose spread is known from blocks of so many degrees of freedom.

    The deviate that has it in a normal distribution has this in Student's.
    """
    if p_value >= _HALF or math.isinf(degrees):
        return p_value
    return max(LEAST, student_tail(normal_deviate(p_value), degrees))


def normal_deviate(p_value: float) -> float:
    """Return z with P(Z ≥ z) = `p_value`, of a standard normal Z, for p-values up to ½."""
    low, high = 0.0, 40.0
    for _ in range(60):
        middle = (low + high) / 2
        above = math.erfc(middle / math.sqrt(2)) / 2 > p_value
        low, high = (middle, high) if above else (low, middle)
    return low


def _of_one(score: Score, p: BlockRows, q: BlockRows) -> Noise:
    """Return the noise of one block against many, from each of these against the others.

    The logarithms of such scores are about normal, so that one more has Student's distribution
    about their mean, but for its tail (see `one_more`).
    """
    observed = math.log(max(float(score(p.sum(axis=0), q.sum(axis=0))), LEAST))
    logs = np.log(np.maximum(_one_by_one(score, p, q), LEAST))
    level, p_value = one_more(observed, logs[np.isfinite(logs)])
    return Noise(math.exp(min(level, 700.0)), p_value)


def _one_by_one(score: Score, p: BlockRows, q: BlockRows) -> Values:
    """Return the scores of each of many blocks against the others: shape (blocks,).

    They come in an order that says nothing of that of the blocks, which rounding would tell.
    """
    many = p if len(p) > 1 else q
    whole = many.sum(axis=0)
    found = (
        score(whole - each, each) if many is p else score(each, whole - each)
        for each in runs(many[order_of(many)])
    )
    return np.concatenate([np.asarray(each, np.float64) for each in found])


def p_value_of_one(change: Score, p: BlockRows, q: BlockRows) -> float:
    """Return the chance that one more of many blocks changes as much as the one, to either side.

    Parameters
    ----------
    change
        Takes both sides and returns a number that has a sign, about normal among blocks.
    p, q : shape (blocks, cells)
        One block, and at least `FEWEST`.
    """
    others = _one_by_one(change, p, q)
    mean = float(others.mean())
    away = abs(float(change(p.sum(axis=0), q.sum(axis=0))) - mean)
    return min(1.0, 2 * one_more(mean + away, others, both=True)[1])


def some_differ(score: Score, p: BlockRows, q: BlockRows, level: float) -> bool:
    """Return whether some of the many blocks that one is measured by differ from the others.

    All of them together do not show what one in seven is apart from the others by, as Sundays
    are. `level` is that of independent rows.
    """
    if min(len(p), len(q)) > 1 or not enough(len(p), len(q)):
        return False
    return more_pass(_one_by_one(score, p, q), level)


def share_noise_by_blocks(
    p: BlockRows,
    q: BlockRows,
    *,
    both: bool = True,
    shared: int = 0,
    thinned: Thinned | None = None,
) -> Noise | None:
    """Return the noise of the difference of two sides' shares of rows.

    One block against many is measured by its odds: the logarithms of small shares, other than
    those of small differences, are about normal.

    Parameters
    ----------
    p, q : shape (blocks, 2)
        Rows that count, and the others.
    both
        Whether falling shares count, too; if not, only a higher share of `q` does, and that share
        itself is the score.
    shared
        How many blocks at the start of either side are the same ones.
    thinned
        Where the rows were drawn from those of the blocks.
    """
    if not enough(len(p), len(q)):
        return None
    if min(len(p), len(q)) > 1:
        score = difference if both else _share
        return noise_by_blocks(score, p, q, squared=not both, shared=shared, thinned=thinned)
    one, many = (np.concatenate(list(runs(each))) for each in ((q, p) if len(q) == 1 else (p, q)))
    odds, others = (np.log((each[:, 0] + _HALF) / (each[:, 1] + _HALF)) for each in (one, many))
    value, mean = float(odds[0]), float(others.mean())
    rises, of_q = value > mean, len(q) == 1
    level, p_value = one_more(mean + abs(value - mean) if both else value, others, both=both)
    p_value = min(1.0, 2 * p_value) if both else (p_value if rises == of_q else 1.0)
    beyond = 1 / (1 + math.exp(-min(level, 700.0)))
    return Noise(max(0.0, beyond - float(_shares(many).mean())) if both else beyond, p_value)


def _shares(rows: Values) -> Values:
    shares: Values = rows[..., 0] / rows.sum(axis=-1)
    return shares


def difference(p: Values, q: Values) -> Values:
    """Return how far the shares of both sides lie apart."""
    return np.abs(_shares(p) - _shares(q))


def _share(p: Values, q: Values) -> Values:
    del p
    return _shares(q)

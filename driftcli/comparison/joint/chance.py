"""What chance makes of a change between two columns: by the laws of large tables, and by splits."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from driftcli.metrics.association import chi_square, correlation_change, degrees_of_freedom
from driftcli.metrics.blocks import noise_by_blocks, p_value_of_one
from driftcli.metrics.significance import LEAST, permutation_noise, student_tail

Tables = NDArray[np.int64]
Values = NDArray[np.float64]

#: Random splits of the rows of both sides that confirm what the laws of large tables call a change:
#: the first few tell what is plain.
ROUNDS = (255, 768)
#: A share of the p-value at which a verdict turns that is plainly below it.
_PLAINLY = 0.01
#: Standard errors of a kurtosis that are no sign of one.
_BY_CHANCE = 2
#: Larger p-values are never called a change, however few tests there are.
SCREEN = 0.01
_SEED = 20_251_130


class PValues(NamedTuple):
    """Of the change of the association, and of the rank correlation: NaN where there is no test."""

    association: Values
    correlation: Values


#: Gives the tables of the blocks of either side of a pair: shape (blocks, cells, cells) each.
InBlocks = Callable[[int], tuple[Tables, Tables]]


def p_values(
    tables: Tables,
    ordered: NDArray[np.bool_],
    matter: NDArray[np.bool_],
    in_blocks: InBlocks | None = None,
    few: tuple[int, int] | None = None,
) -> PValues:
    """Return the p-values of pairs: those by splits for what the laws of large tables screen.

    Where rows move together, those by blocks count if they are larger. Pairs that do not matter
    then have none below 1: how blocks differ is not asked of them, and by rows alone nearly all
    pairs would differ and so be taken for found among all tests.

    Parameters
    ----------
    tables : shape (pairs, 2, cells, cells)
        The last cell is that of missing values, which have no rank.
    ordered : shape (pairs,)
        Whether both columns have ranks.
    matter : shape (pairs,)
        Whether the change is so large that a p-value decides on it.
    in_blocks
        None where rows are independent.
    few
        How many independent rows either side counts like, where nobody knows how what they are of
        differs: the laws of large tables alone say then what is beyond chance.
    """
    if few:
        return _by_limits(_counting_like(few, tables), ordered)
    found = _by_limits(tables, ordered)
    if in_blocks:
        for each in found:
            each[~matter & ~np.isnan(each)] = 1.0
    screened = np.flatnonzero(matter & (np.fmin(*found) <= SCREEN)).tolist()
    # Where so many of all tests are called a change, by Benjamini and Hochberg.
    tests = int(np.count_nonzero(~np.isnan(found)))
    turns = SCREEN * len(screened) / max(1, tests)
    for at in screened:
        least = _by_blocks(*in_blocks(at)) if in_blocks else (0.0, 0.0)
        # The larger counts, so that splits of rows need not be made of what blocks explain.
        by_rows = _by_splits(tables[at], turns) if min(least) <= SCREEN else least
        found.association[at] = max(least[0], by_rows[0])
        if ordered[at]:
            found.correlation[at] = max(least[1], by_rows[1])
    return found


def _counting_like(few: tuple[int, int], tables: Tables) -> Values:
    rows = tables.sum(axis=(-2, -1), keepdims=True)
    most = np.array(few)[:, None, None]
    return np.asarray(tables * np.minimum(1.0, most / np.maximum(rows, 1)))


def _by_limits(tables: Tables | Values, ordered: NDArray[np.bool_]) -> PValues:
    from scipy.special import chdtrc, erfc

    freedom = degrees_of_freedom(tables)
    tested = freedom > 0
    association = np.full(freedom.shape, np.nan)
    association[tested] = chdtrc(freedom[tested], chi_square(tables[tested]))
    correlation = erfc(np.abs(_deviates(tables)) / math.sqrt(2))
    return PValues(np.maximum(association, LEAST), np.where(ordered & tested, correlation, np.nan))


def _deviates(tables: Tables | Values) -> Values:
    return correlation_change(tables[..., :-1, :-1])


def _by_splits(table: Tables, turns: float) -> tuple[float, float]:
    """Return both p-values of one pair by random splits of both sides' rows.

    Parameters
    ----------
    table : shape (2, cells, cells)
    turns
        The p-value at which the verdict turns.
    """
    if _is_turned(table):
        table = np.ascontiguousarray(table.swapaxes(-2, -1))
    association, change = (
        _p_by_splits(table, statistic, p_value, turns)
        for statistic, p_value in ((_association, _p_value), (_deviates, _p_of_deviate))
    )
    return association, change


def _p_by_splits(
    table: Tables,
    statistic: Callable[[Tables], Values],
    p_value_of: Callable[[float, Values], float],
    turns: float,
) -> float:
    """Return the p-value of a statistic of tables of shape (…, 2, cells, cells).

    Splits are seeded by the data, whichever column comes first: the same gives the same.
    """
    generator = np.random.default_rng([_SEED, zlib.crc32(table.tobytes())])
    replicates, p_value = np.empty(0), 1.0
    for count in ROUNDS:
        # The table is among its splits, since fits of all take as many sweeps.
        score, *drawn = statistic(np.concatenate([table[None], _splits(table, count, generator)]))
        replicates = np.append(replicates, drawn)
        p_value = p_value_of(float(score), replicates)
        if p_value <= _PLAINLY * turns:
            break
    return p_value


def _p_value(score: float, replicates: Values) -> float:
    return permutation_noise(score, replicates).p_value


def _p_of_deviate(deviate: float, replicates: Values) -> float:
    """Return the chance of a deviate so far from 0 on either side.

    Where few replicates reach it, their number tells less than Student's distribution, whose
    spread and kurtosis are those of the replicates.
    """
    squares = np.square(replicates)
    spread = float(squares.mean())
    if not spread > 0:
        return _p_value(deviate**2, squares)
    kurtosis = float(np.square(squares).mean()) / spread**2 - 3
    kurtosis -= _BY_CHANCE * math.sqrt(24 / squares.size)
    freedom = min(squares.size - 1.0, 4 + 6 / kurtosis if kurtosis > 0 else math.inf)
    t = abs(deviate) / math.sqrt(spread * (freedom - 2) / freedom)
    tail = max(LEAST, 2 * student_tail(t, freedom))
    return permutation_noise(deviate**2, squares, least=tail).p_value


def _splits(table: Tables, count: int, generator: np.random.Generator) -> Tables:
    """Return tables of random splits of the rows: shape (count, 2, cells, cells)."""
    pooled = table.sum(axis=0)
    drawn = generator.multivariate_hypergeometric(
        pooled.ravel(), int(table[0].sum()), count, method="marginals"
    ).reshape(count, *pooled.shape)
    return np.stack([drawn, pooled - drawn], axis=1)


def _is_turned(table: Tables) -> bool:
    """Return whether of a table and the one of the columns the other way round that one counts."""
    return table.swapaxes(-2, -1).tobytes() < table.tobytes()


def _by_blocks(p: Tables, q: Tables) -> tuple[float, float]:
    """Return both p-values of one pair by deals of whole blocks to sides.

    Parameters
    ----------
    p, q : shape (blocks, cells, cells)
    """
    if _is_turned(np.stack([p.sum(axis=0), q.sum(axis=0)])):
        p, q = p.swapaxes(-2, -1), q.swapaxes(-2, -1)
    cells = p.shape[1:]

    def association(p_rows: Values, q_rows: Values) -> Values:
        return chi_square(_sides(p_rows, q_rows, cells))

    def change(p_rows: Values, q_rows: Values) -> Values:
        return _deviates(_sides(p_rows, q_rows, cells))

    def correlation(p_rows: Values, q_rows: Values) -> Values:
        return change(p_rows, q_rows) ** 2

    first, second = (side.reshape(len(side), -1).astype(float) for side in (p, q))
    found = noise_by_blocks(association, first, second, squared=True)
    if found and min(len(p), len(q)) == 1:
        return found.p_value, p_value_of_one(change, first, second)
    other = noise_by_blocks(correlation, first, second, squared=True)
    return found.p_value if found else 0.0, other.p_value if other else 0.0


def _sides(p: Values, q: Values, cells: tuple[int, ...]) -> Values:
    sides = np.stack(np.broadcast_arrays(p, q), axis=-2)
    return sides.reshape(*sides.shape[:-1], *cells)


def _association(tables: Tables) -> Values:
    pooled = tables[0].sum(axis=0)
    return chi_square(tables[..., pooled.any(axis=1), :][..., pooled.any(axis=0)])

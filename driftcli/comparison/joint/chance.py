"""What chance makes of a change between two columns: by the laws of large tables, and by splits."""

from __future__ import annotations

import math
import zlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from driftcli.metrics.association import chi_square, correlation_change, degrees_of_freedom
from driftcli.metrics.significance import LEAST, permutation_noise

Tables = NDArray[np.int64]
Values = NDArray[np.float64]

#: Random splits of the rows of both sides that confirm what the laws of large tables call a change.
SPLITS = 1_023
#: Larger p-values are never called a change, however few tests there are.
SCREEN = 0.01
_SEED = 20_251_130


class PValues(NamedTuple):
    """Of the change of the association, and of the rank correlation: NaN where there is no test."""

    association: Values
    correlation: Values


def p_values(tables: Tables, ordered: NDArray[np.bool_], matter: NDArray[np.bool_]) -> PValues:
    """Return the p-values of pairs: those by splits for what the laws of large tables screen.

    Parameters
    ----------
    tables : shape (pairs, 2, cells, cells)
        The last cell is that of missing values, which have no rank.
    ordered : shape (pairs,)
        Whether both columns have ranks.
    matter : shape (pairs,)
        Whether the change is so large that a p-value decides on it.
    """
    found = _by_limits(tables, ordered)
    for at in np.flatnonzero(matter & (np.fmin(*found) <= SCREEN)):
        association, correlation = _by_splits(tables[at])
        found.association[at] = association
        if ordered[at]:
            found.correlation[at] = correlation
    return found


def _by_limits(tables: Tables, ordered: NDArray[np.bool_]) -> PValues:
    from scipy.special import chdtrc, erfc

    freedom = degrees_of_freedom(tables)
    tested = freedom > 0
    association = np.full(freedom.shape, np.nan)
    association[tested] = chdtrc(freedom[tested], chi_square(tables[tested]))
    correlation = erfc(np.abs(_deviates(tables)) / math.sqrt(2))
    return PValues(np.maximum(association, LEAST), np.where(ordered & tested, correlation, np.nan))


def _deviates(tables: Tables) -> Values:
    return correlation_change(tables[..., :-1, :-1])


def _by_splits(table: Tables) -> tuple[float, float]:
    """Return both p-values of one pair by random splits of both sides' rows, which are exact.

    Splits are seeded by the data, whichever column comes first: the same gives the same.

    Parameters
    ----------
    table : shape (2, cells, cells)
    """
    turned = np.ascontiguousarray(table.swapaxes(-2, -1))
    table = min(table, turned, key=lambda each: each.tobytes())
    pooled = table.sum(axis=0)
    generator = np.random.default_rng([_SEED, zlib.crc32(table.tobytes())])
    drawn = generator.multivariate_hypergeometric(
        pooled.ravel(), int(table[0].sum()), SPLITS, method="marginals"
    ).reshape(SPLITS, *pooled.shape)
    splits = np.concatenate([table[None], np.stack([drawn, pooled - drawn], axis=1)])
    association = _p_value(chi_square(_without_empty(splits)))
    return association, _p_value(_deviates(splits) ** 2)


def _without_empty(splits: Tables) -> Tables:
    pooled = splits[0].sum(axis=0)
    return splits[..., pooled.any(axis=1), :][..., pooled.any(axis=0)]


def _p_value(scores: Values) -> float:
    return permutation_noise(float(scores[0]), scores[1:]).p_value

"""How much of a change of two columns together is more than that of each: from tables of rows.

Tables of the baseline and of the current data have shape (…, 2, cells of one column, cells of the
other), with rows or shares of rows. All are worked on at once, and cells that are always empty
change nothing.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from driftcli.metrics.divergence import js_divergence

Tables = NDArray[Any]
Values = NDArray[np.float64]

#: Margins of fitted tables are as near to those of the data, in shares of all rows.
_NEAR = 1e-10
#: Sweeps for a fit. Those for X² are many, and compared with others of as many sweeps.
_SWEEPS, _FEW_SWEEPS = 100, 25
#: Ranks that spread less are one, but for rounding.
_NO_SPREAD = 1e-12
_LN_2 = math.log(2)


class Split(NamedTuple):
    """The Jensen-Shannon divergence of two columns together, and its two parts, in bits.

    `total` is the sum of `margins`, which the changes of each column explain, and `beyond`, which
    they do not. Each has shape (…), and none is negative.
    """

    total: Values
    margins: Values
    beyond: Values


def split(tables: Tables) -> Split:
    """Return the parts of the divergence of two columns: what their margins explain, and the rest.

    With a side drawn at random the divergence is the information that a row's cells hold about
    its side. Of all tables in which either column says the same about the side whatever the other
    column is (log-linear models without a term of all three) `unchanged` gives the nearest one,
    and by the Pythagorean theorem of information projections the distances to it and from it to
    what says nothing add up: Csiszár (1975), doi:10.1214/aop/1176996454.
    """
    shares = tables / tables.sum(axis=(-2, -1), keepdims=True) / 2
    fit = unchanged(shares)
    p, q = (2 * shares[..., side, :, :].reshape(*shares.shape[:-3], -1) for side in (0, 1))
    total = np.asarray(js_divergence(p, q))
    # Rounding, and a fit that did not arrive, must not take more than there is.
    beyond = np.clip(_entropy(shares, fit), 0.0, total)
    return Split(total, total - beyond, beyond)


def _entropy(shares: Values, fit: Values) -> Values:
    """Return the relative entropy of tables to others, in bits: shape (…)."""
    held = shares > 0
    ratio = np.divide(shares, fit, out=np.ones(shares.shape), where=held & (fit > 0))
    bits: Values = (shares * np.log2(ratio)).sum(axis=(-3, -2, -1))
    return bits


def unchanged(tables: Tables, sweeps: int = _SWEEPS) -> Values:
    """Return the tables that have all margins of two, and one association on both sides.

    That is the maximum-likelihood fit of the log-linear model without the term of all three,
    by iterative proportional fitting: Deming & Stephan (1940), doi:10.1214/aoms/1177731829.

    Parameters
    ----------
    sweeps
        How many the fit takes at most: where cells are empty it comes near ever more slowly.
    """
    rows, columns = tables.sum(axis=-1, keepdims=True), tables.sum(axis=-2, keepdims=True)
    pooled = tables.sum(axis=-3, keepdims=True)
    size = pooled.sum(axis=(-2, -1), keepdims=True)
    fit = pooled * (tables.sum(axis=(-2, -1), keepdims=True) / np.where(size > 0, size, 1))
    for _ in range(sweeps):
        had = fit.sum(axis=-1, keepdims=True)
        off = np.maximum(_most(had - rows), _most(fit.sum(axis=-2, keepdims=True) - columns))
        if bool(np.all(off <= _NEAR * size)):
            break
        fit = fit * _ratio(rows, had)
        fit = fit * _ratio(columns, fit.sum(axis=-2, keepdims=True))
        fit = fit * _ratio(pooled, fit.sum(axis=-3, keepdims=True))
    return np.asarray(fit, np.float64)


def _most(differences: Values) -> Values:
    return np.asarray(np.abs(differences).max(axis=(-3, -2, -1), keepdims=True))


def _ratio(wanted: Values, had: Values) -> Values:
    """Return wanted over had, and nothing where there is nothing to begin with."""
    return np.divide(wanted, had, out=np.zeros(had.shape), where=had > 0)


def chi_square(tables: Tables) -> Values:
    """Return Pearson's X² of rows against the fit of one association on both sides: shape (…).

    Of the statistics that have this limit it is the one whose law in small tables is near it: by
    the likelihood ratio up to 8 % of unchanged files alarmed at a level of 1 %.
    """
    fit = unchanged(tables, _FEW_SWEEPS)
    off = np.divide((tables - fit) ** 2, fit, out=np.zeros(fit.shape), where=fit > 0)
    found: Values = off.sum(axis=(-3, -2, -1))
    return found


def degrees_of_freedom(tables: Tables) -> Values:
    """Return those of X²: of the rows and columns of tables that both sides have, shape (…)."""
    both = [
        ((tables.sum(axis=axis) > 0).all(axis=-2).sum(axis=-1) - 1).clip(min=0) for axis in (-1, -2)
    ]
    return np.asarray(both[0] * both[1], np.float64)


def expected_beyond(freedom: Values, p_rows: int, q_rows: int) -> Values:
    """Return the bits beyond the margins that samples of one distribution show on average.

    Half the likelihood ratio statistic in nats, which has a mean of `freedom`, at half a weight
    a side: shape (…).
    """
    return np.asarray(freedom * (1 / p_rows + 1 / q_rows) / (8 * _LN_2), np.float64)


def rank_correlations(tables: Tables) -> Values:
    """Return the rank correlation of each side, from its rows in ordered cells: shape (…, 2).

    A cell has the middle of its ranks among both sides, each of which counts half. Where a side
    has one cell of a column alone it is 0.
    """
    shares = _shares(tables)
    u, v = _standard(shares)
    return np.asarray((shares * u * v).sum(axis=(-2, -1)))


def correlation_change(tables: Tables) -> Values:
    """Return how many standard errors rank correlations differ by, were there one: shape (…).

    By the delta method, with the variance that both sides have together.
    """
    shares, sizes = _shares(tables), tables.sum(axis=(-2, -1))
    change = np.diff(rank_correlations(tables), axis=-1)[..., 0]
    pooled = shares.mean(axis=-3, keepdims=True)
    u, v = _standard(pooled)
    r = (pooled * u * v).sum(axis=(-2, -1), keepdims=True)
    variance = (pooled * (u * v - r * (u * u + v * v) / 2) ** 2).sum(axis=(-3, -2, -1))
    each = np.divide(1.0, sizes, out=np.zeros(sizes.shape), where=sizes > 0).sum(axis=-1)
    error = np.sqrt(variance * each)
    return np.asarray(np.divide(change, error, out=np.zeros(change.shape), where=error > 0))


def _shares(tables: Tables) -> Values:
    sizes = tables.sum(axis=(-2, -1), keepdims=True)
    return np.asarray(tables / np.where(sizes > 0, sizes, 1))


def _standard(shares: Values) -> tuple[Values, Values]:
    """Return the ranks of cells of both columns with mean 0 and variance 1 on each side."""
    u = _ranks(shares.sum(axis=-1, keepdims=True), -2)
    v = _ranks(shares.sum(axis=-2, keepdims=True), -1)
    return u, v


def _ranks(margins: Values, axis: int) -> Values:
    both = margins.mean(axis=-3, keepdims=True)
    ranks = np.cumsum(both, axis=axis) - both / 2
    off = ranks - (margins * ranks).sum(axis=axis, keepdims=True)
    spread = np.sqrt((margins * off * off).sum(axis=axis, keepdims=True))
    return np.asarray(np.divide(off, spread, out=np.zeros(off.shape), where=spread > _NO_SPREAD))


def lost(tables: Tables, level: float) -> Values:
    """Return the share of the baseline in cells where the current data has no row, beyond chance.

    Chance is a random split of both sides' rows, and `level` what it may leave so empty in any of
    a table's cells. Cells of which either column's part has no row count for nothing here, since
    those a column shows by itself. Shape (…).
    """
    p, q = tables[..., 0, :, :], tables[..., 1, :, :]
    p_rows, q_rows = (side.sum(axis=(-2, -1), keepdims=True) for side in (p, q))
    cells = (p + q > 0).sum(axis=(-2, -1), keepdims=True)
    chance = (p_rows / np.where(p_rows + q_rows > 0, p_rows + q_rows, 1)) ** p
    visited = (q.sum(axis=-1, keepdims=True) > 0) & (q.sum(axis=-2, keepdims=True) > 0)
    empty = (q == 0) & visited & (chance * cells <= level)
    return np.asarray(np.where(empty, p, 0).sum(axis=(-2, -1)) / np.maximum(p_rows, 1)[..., 0, 0])

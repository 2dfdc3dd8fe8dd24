"""The direction along which two samples of many columns are furthest apart, of a few."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from driftcli.metrics.transport import Line, union, wasserstein, witness

Values = NDArray[np.float64]
Counts = NDArray[np.int64]

#: Directions by chance, beside those that the samples suggest.
_RANDOM = 20
#: What is added to variances before they are inverted, in shares of their mean.
_RIDGE = 1e-3


class Direction(NamedTuple):
    """A function of rows that are projected onto a line, 1-Lipschitz.

    Attributes
    ----------
    along : shape (columns,)
        Of length 1.
    points, values : shape (points,)
        The function at places of the line, linear between them and level beyond.
    """

    along: Values
    points: Values
    values: Values

    def of(self, rows: Values) -> Values:
        """Return the function of rows: shape (rows,)."""
        return np.interp(projected(rows, self.along), self.points, self.values)


def projected(rows: Values, along: Values) -> Values:
    """Return how far rows lie along a direction, in an order of sums that threads do not change."""
    return np.asarray(np.einsum("ij,j->i", rows, along))


def furthest(p: Values, q: Values, generator: np.random.Generator) -> Direction:
    """Return the direction whose projections are furthest apart, with its exact potential.

    Parameters
    ----------
    p, q : shape (rows, columns)
    """
    best, most = None, -1.0
    for along in _candidates(p, q, generator):
        line = union(*(_sorted(projected(side, along)) for side in (p, q)))
        distance = float(wasserstein(Line.of(*line)))
        if distance > most:
            best, most = (along, line), distance
    assert best is not None
    along, line = best
    return Direction(along, line[0], witness(*line))


def _sorted(values: Values) -> tuple[Values, Counts]:
    return np.sort(values), np.ones(values.size, np.int64)


def _candidates(p: Values, q: Values, generator: np.random.Generator) -> Iterator[Values]:
    """Yield the columns themselves, what moments suggest, and a few by chance: of length 1."""
    columns = p.shape[1]
    yield from np.eye(columns)
    if columns == 1:
        return
    moved = q.mean(axis=0) - p.mean(axis=0)
    p_spread, q_spread = _covariances(p), _covariances(q)
    both = (p_spread + q_spread) / 2
    ridge = _RIDGE * np.trace(both) / columns * np.eye(columns)
    some = [moved, np.linalg.solve(both + ridge, moved), *np.linalg.eigh(q_spread - p_spread)[1].T]
    some += list(generator.normal(size=(_RANDOM, columns)))
    for each in some:
        length = float(np.sqrt(np.square(each).sum()))
        if length > 0:
            yield each / length


def _covariances(rows: Values) -> Values:
    off = rows - rows.mean(axis=0)
    return np.asarray(np.einsum("ni,nj->ij", off, off) / len(rows))

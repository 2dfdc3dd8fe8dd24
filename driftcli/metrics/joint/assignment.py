"""Potentials of an optimal assignment, and the functions that they make of all rows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

#: Numbers of a table of distances that are held at once.
_AT_ONCE = 2_000_000
#: Potentials are as near to where they go to, in shares of the longest distance.
_NEAR = 1e-12


class Potentials(NamedTuple):
    """A function at the points that it was fitted to: shape (points,) each.

    No two values differ by more than their points are apart, so it extends to all points.
    """

    at_p: Values
    at_q: Values


def potentials(p: Values, q: Values) -> Potentials:
    """Return those that prove the optimal assignment of as many rows to as many least.

    The assignment is a shortest augmenting path's (`linear_sum_assignment`), and its dual the
    shortest paths of what could be reassigned, by the sweeps of Bellman & Ford: what is assigned
    rises by all of its distance, and nothing by more.

    Parameters
    ----------
    p, q : shape (points, columns)
    """
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    costs = cdist(p, q)
    _, assigned = linear_sum_assignment(costs)
    paths = costs[:, assigned] - costs[np.arange(len(p)), assigned]
    near = _NEAR * float(costs.max())
    at_p = np.zeros(len(p))
    for _ in range(len(p)):
        lower = np.minimum(at_p, (at_p[:, None] + paths).min(axis=0))
        done = bool(np.all(lower >= at_p - near))
        at_p = lower
        if done:
            break
    return Potentials(at_p, (at_p[:, None] + costs).min(axis=0))


def highest(values: Values, points: Values, rows: Values) -> Values:
    """Return the highest 1-Lipschitz function with no more than `values` at `points`: of `rows`.

    McShane (1934), doi:10.1090/S0002-9904-1934-05978-0. Shape (rows,).
    """
    from scipy.spatial.distance import cdist

    step = max(1, _AT_ONCE // len(points))
    parts = [rows[start : start + step] for start in range(0, len(rows), step)]
    return np.concatenate([(cdist(part, points) + values).min(axis=1) for part in parts])


def lowest(values: Values, points: Values, rows: Values) -> Values:
    """Return the lowest 1-Lipschitz function with no less than `values` at `points`: of `rows`."""
    return -highest(-values, points, rows)

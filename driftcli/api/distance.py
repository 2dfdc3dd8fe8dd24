"""The Wasserstein distance of two arrays, the plan that attains it, the function that proves it.

The fast path of a column, for use from Python.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import ArrayLike, NDArray

from driftcli.engine import available_threads
from driftcli.metrics import transport
from driftcli.metrics.transport import Line, union, wasserstein, wasserstein_p
from driftcli.profile import points

#: Values sorted at a time: enough to be worth a thread, few enough for the cache.
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Distance:
    """A distance, and a certified bound on how far the true one can be from it.

    `float(distance)` is its value.
    """

    value: float
    error_bound: float

    def __float__(self) -> float:
        """Return the value."""
        return self.value


def wasserstein_distance(
    baseline: ArrayLike, current: ArrayLike, *, order: float = 1.0
) -> Distance:
    """Return W₁ of two one-dimensional samples, with a certified bound on its error.

    The same number as `scipy.stats.wasserstein_distance` while each side has at most 16,384
    distinct values, and within `error_bound` of it beyond; the arrays are never sorted whole.

    Parameters
    ----------
    baseline, current : array_like of shape (rows,)
        Finite numbers.
    order : float
        At least 1. Above 1, W_p = (mean |distance|^p)^(1/p) of the same plan; its error bound is
        infinite beyond 16,384 distinct values, since none is known.

    Raises
    ------
    ValueError
        When a side is empty or holds NaN or infinities, or `order` is below 1.

    Examples
    --------
    >>> wasserstein_distance([0, 1, 3], [5, 6, 8])
    Distance(value=5.0, error_bound=0.0)
    """
    if not order >= 1:
        raise ValueError("the order of a Wasserstein distance is at least 1")
    joined, error_bound = _joined(baseline, current)
    line = Line.of(*joined)
    if order == 1:
        return Distance(float(wasserstein(line)), error_bound)
    return Distance(wasserstein_p(line, order), inf if error_bound else 0.0)


@dataclass(frozen=True, eq=False)
class TransportPlan:
    """Which share of the rows goes from which value to which, at the least mean distance.

    Attributes
    ----------
    origins, targets : shape (steps,)
        From which value of the baseline to which value of the current data; neither decreases.
    shares : shape (steps,)
        Positive shares of the rows, which sum to one.
    cost : float
        Σ shares · |targets − origins|, which is W₁.
    error_bound : float
        How far `cost` can be from W₁ of the arrays: more than 0 where values were merged.
    """

    origins: NDArray[np.float64]
    targets: NDArray[np.float64]
    shares: NDArray[np.float64]
    cost: float
    error_bound: float


def transport_plan(baseline: ArrayLike, current: ArrayLike) -> TransportPlan:
    """Return the monotone plan, optimal on the line, that takes the baseline to the current data.

    A side of more than 16,384 distinct values is taken at so many points.

    Parameters
    ----------
    baseline, current : array_like of shape (rows,)
        Finite numbers.

    Raises
    ------
    ValueError
        When a side is empty or holds NaN or infinities.

    References
    ----------
    Santambrogio (2015), Optimal Transport for Applied Mathematicians, theorem 2.9,
    doi:10.1007/978-3-319-20828-2

    Examples
    --------
    >>> found = transport_plan([0, 1, 3], [5, 6, 8])
    >>> list(zip(found.origins.tolist(), found.targets.tolist())), found.cost
    ([(0.0, 5.0), (1.0, 6.0), (3.0, 8.0)], 5.0)
    """
    points_, error_bound = _joined(baseline, current)
    found = transport.transport_plan(*points_)
    return TransportPlan(*found, transport.plan_cost(found), error_bound)


@dataclass(frozen=True, eq=False)
class Witness:
    """The Kantorovich potential: a 1-Lipschitz function whose mean difference is W₁.

    Attributes
    ----------
    values : shape (points,)
        Sorted values of both samples; between them the function is linear.
    potential : shape (points,)
        The function there: it rises where rows move up, falls where they move down, and its mean
        is 0 over both samples, each of them counting half.
    distance : float
        Its mean over the current data less its mean over the baseline: W₁.
    error_bound : float
        How far `distance` can be from W₁ of the arrays.
    """

    values: NDArray[np.float64]
    potential: NDArray[np.float64]
    distance: float
    error_bound: float


def witness(baseline: ArrayLike, current: ArrayLike) -> Witness:
    """Return the function that tells the current data from the baseline best, of slope at most 1.

    Parameters
    ----------
    baseline, current : array_like of shape (rows,)
        Finite numbers.

    Raises
    ------
    ValueError
        When a side is empty or holds NaN or infinities.

    References
    ----------
    Villani (2003), Topics in Optimal Transportation, theorem 1.14 (Kantorovich-Rubinstein)

    Examples
    --------
    >>> found = witness([0, 1], [2, 3])
    >>> found.potential.tolist(), found.distance
    ([-1.5, -0.5, 0.5, 1.5], 2.0)
    """
    (values, p_counts, q_counts), error_bound = _joined(baseline, current)
    potential = transport.witness(values, p_counts, q_counts)
    distance = float(np.dot(potential, q_counts / q_counts.sum() - p_counts / p_counts.sum()))
    return Witness(values, potential, distance, error_bound)


def _joined(
    baseline: ArrayLike, current: ArrayLike
) -> tuple[tuple[transport.Values, transport.Counts, transport.Counts], float]:
    """Return both samples over the union of their points, and how far rows moved to get there."""
    p, q = (_points(_checked(side)) for side in (baseline, current))
    joined = union((p.values.astype(float), p.counts), (q.values.astype(float), q.counts))
    return joined, p.rounding + q.rounding


def _checked(side: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(side, dtype=np.float64)
    if values.ndim != 1 or not values.size:
        raise ValueError("a sample must have one dimension and at least one value")
    return values


def _points(values: NDArray[np.float64]) -> points.Points:
    chunks = [values[at : at + _CHUNK] for at in range(0, values.size, _CHUNK)]
    with ThreadPoolExecutor(available_threads()) as pool:
        return points.merge(list(pool.map(_sorted_points, chunks)))


def _sorted_points(chunk: NDArray[np.float64]) -> points.Points:
    ordered = np.sort(chunk)
    if not np.isfinite(ordered[[0, -1]]).all():
        raise ValueError("a sample must hold finite numbers only")
    return points.from_sorted(ordered)

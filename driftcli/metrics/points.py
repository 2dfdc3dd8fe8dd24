"""Two weighted samples on one line: the union of their points."""

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Counts = NDArray[np.int64]


def union(p: tuple[Values, Counts], q: tuple[Values, Counts]) -> tuple[Values, Counts, Counts]:
    """Return the sorted distinct values of both sides, and each side's rows at each of them.

    Parameters
    ----------
    p, q : tuple of arrays of shape (points,)
        Sorted values and their counts.
    """
    values = np.concatenate([p[0], q[0]])
    order = np.argsort(values, kind="stable")
    values = values[order]
    starts = np.concatenate([[0], np.flatnonzero(values[1:] != values[:-1]) + 1])
    p_counts = np.concatenate([p[1], np.zeros(q[1].size, np.int64)])[order]
    q_counts = np.concatenate([np.zeros(p[1].size, np.int64), q[1]])[order]
    return (
        values[starts],
        np.add.reduceat(p_counts, starts),
        np.add.reduceat(q_counts, starts),
    )

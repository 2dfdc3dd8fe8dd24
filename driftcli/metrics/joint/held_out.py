"""What the mean of a function says of rows that it was not fitted to."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from driftcli.metrics.joint.dealing import BothLabels
from driftcli.metrics.significance import LEAST

Values = NDArray[np.float64]

#: Of limits: so often are they below what they are limits of.
CONFIDENCE = 0.95


class HeldOut(NamedTuple):
    """A sum of means of held-out rows, and how far off it may be.

    Attributes
    ----------
    value, standard_error
        The sum, and how much it varies from sample to sample.
    freedom
        The degrees of freedom of that error: Welch (1947), doi:10.1093/biomet/34.1-2.28.
    """

    value: float
    standard_error: float
    freedom: float

    @property
    def limit(self) -> float:
        """What the expectation is at least: in 95 % of cases."""
        from scipy.special import stdtrit

        return self.value - float(stdtrit(self.freedom, CONFIDENCE)) * self.standard_error

    @property
    def p_value(self) -> float:
        """The chance of such a value, or a larger one, where the expectation is 0."""
        from scipy.special import stdtr

        if not self.standard_error:
            return LEAST if self.value > 0 else 1.0
        chance = float(stdtr(self.freedom, -self.value / self.standard_error))
        return max(LEAST, chance)

    def over(self, constant: float) -> HeldOut:
        """Return the sum divided by a constant that was known before the rows were."""
        return HeldOut(self.value / constant, self.standard_error / constant, self.freedom)


def sum_of_means(p: Values, q: Values, blocks: BothLabels | None = None) -> HeldOut:
    """Return the mean of the baseline's values plus the mean of the current data's.

    Where rows move together it is blocks that vary and not rows: the error is that of the sums of
    residuals by blocks, as of clusters (Liang & Zeger 1986, doi:10.1093/biomet/73.1.13).

    Parameters
    ----------
    p, q : shape (rows,)
    blocks : pair of arrays of shape (rows,), or None
        The number of each row's block.
    """
    p_off, q_off = ((side - side.mean()) / side.size for side in (p, q))
    if blocks is not None:
        p_off, q_off = (
            np.bincount(np.unique(numbers, return_inverse=True)[1], off)
            for numbers, off in zip(blocks, (p_off, q_off), strict=True)
        )
    sizes = np.array([p_off.size, q_off.size])
    squares = np.array([float(np.square(off).sum()) for off in (p_off, q_off)])
    variances = squares * sizes / (sizes - 1)
    value, variance = float(p.mean() + q.mean()), float(variances.sum())
    if not variance:
        return HeldOut(value, 0.0, float(sizes.sum() - 2))
    freedom = variance**2 / float((variances**2 / (sizes - 1)).sum())
    return HeldOut(value, math.sqrt(variance), freedom)

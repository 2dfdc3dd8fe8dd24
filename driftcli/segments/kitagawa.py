"""The rise of a mean in two parts: segments that became commoner, and change within segments.

References
----------
Kitagawa (1955), doi:10.1080/01621459.1955.10501299
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Means:
    """The means of something over the rows of one side, by segment: each of shape (segments,).

    The means of segments without rows do not count. `moved` bounds how far each mean is off.
    """

    rows: Counts
    means: Values
    moved: Values

    @property
    def shares(self) -> Values:
        """The share of each segment in the rows."""
        shares: Values = self.rows / self.rows.sum()
        return shares

    def filled(self, other: Means) -> Means:
        """Return the same with what `other` says of the segments that this side does not have."""
        have = self.rows > 0
        return Means(
            self.rows,
            np.where(have, self.means, other.means),
            np.where(have, self.moved, other.moved),
        )


def mix(p: Means, q: Means) -> tuple[float, float]:
    """Return the rise of the mean from P to Q that is due to the shares, and how far it is off.

    With shares w and v, and means p and q, of the segments, it is Σ (v − w)(p + q)/2. A segment
    that one side alone has is mix and nothing else: it takes its mean to the other side.
    """
    before, after = p.filled(q), q.filled(p)
    change = q.shares - p.shares
    return (
        float(np.dot(change, before.means + after.means)) / 2,
        float(np.dot(np.abs(change), before.moved + after.moved)) / 2,
    )


def within(p: Means, q: Means) -> Values:
    """Return what each segment's own rise adds, (w + v)/2 · (q − p): shape (segments,).

    Together with the mix these are Σ v·q − Σ w·p.
    """
    change: Values = q.filled(p).means - p.filled(q).means
    return (p.shares + q.shares) / 2 * change

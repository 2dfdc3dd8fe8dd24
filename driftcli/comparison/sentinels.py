"""Moments that stand for none, such as 1970-01-01 among times of today.

What they hold of the rows is a share of missing values, and told of where it moves like one.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from driftcli.config import Levels
from driftcli.metrics.shares import share_noise
from driftcli.profile.column import ColumnProfile

Rows = NDArray[np.int64]

_YEAR = 366 * 86_400.0
#: Tukey's fences: so many ranges of the middle half of the others a moment is away from them.
_FENCE = 1.5
#: Or it holds so many times the rows of any other, among times that are spread over years.
_SPIKE = 10


class Sentinel(NamedTuple):
    """A moment, in seconds since the epoch, and the share of each side's times that it is."""

    moment: float
    p: float
    q: float


def moved(p: ColumnProfile, q: ColumnProfile, missing: Levels, alpha: float) -> Sentinel | None:
    """Return the moment apart from all others whose share of the times moved most, if one's did.

    It did by a threshold of `missing` values, and by more than chance.
    """
    reached = [level for level in (missing.warn, missing.drift) if level is not None]
    if not reached:
        return None
    moments, rows = _matched(p, q)
    totals = rows.sum(axis=1)
    shares = rows / totals[:, None]
    change = np.abs(shares[1] - shares[0])
    at = np.flatnonzero(change >= max(min(reached), 1 / totals.max()))
    at = at[_stands_apart(moments, rows, at)]
    if not at.size:
        return None
    most = at[int(change[at].argmax())]
    (p_hits, q_hits), (p_rows, q_rows) = rows[:, most].tolist(), totals.tolist()
    if share_noise(p_hits, p_rows, q_hits, q_rows).p_value > alpha:
        return None
    return Sentinel(float(moments[most]), *shares[:, most].tolist())


def _matched(p: ColumnProfile, q: ColumnProfile) -> tuple[NDArray[np.float64], Rows]:
    """Return all moments of both sides, sorted, and the rows of each: shape (2, moments)."""
    sides = [side.numbers.points for side in (p, q)]
    ticks = (p.per_second, q.per_second)
    own = [each.values / per for each, per in zip(sides, ticks, strict=True)]
    # Asked for counts, NumPy does without `numpy.ma`, whose import takes longer than all of this.
    moments, _ = np.unique(np.concatenate(own), return_counts=True)
    rows = [
        np.bincount(np.searchsorted(moments, values), each.counts, moments.size)
        for values, each in zip(own, sides, strict=True)
    ]
    return moments, np.stack(rows).astype(np.int64)


def _stands_apart(
    moments: NDArray[np.float64], rows: Rows, at: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Return which of some moments are far from all others, or hold far more rows than any."""
    quartiles = [_quartiles_of_others(moments, side, at) for side in rows]
    away = [np.maximum(low - moments[at], moments[at] - high) for low, high in quartiles]
    spans = [high - low for low, high in quartiles]
    far = [each >= np.maximum(_FENCE * span, _YEAR) for each, span in zip(away, spans, strict=True)]
    held = rows[:, at] / rows.sum(axis=1)[:, None]
    more = held.argmax(axis=0), np.arange(at.size)
    spikes = np.stack([side[at] > _SPIKE * _most_of_others(side, at) for side in rows])
    spread = np.stack(spans) >= _YEAR
    return np.asarray((far[0] & far[1]) | (spikes[more] & spread.all(axis=0)))


def _quartiles_of_others(
    moments: NDArray[np.float64], rows: Rows, at: NDArray[np.intp]
) -> tuple[Any, Any]:
    """Return the quartiles of what remains of a side without each of some moments."""
    cumulative = np.cumsum(rows)
    others = cumulative[-1] - rows[at]
    below = cumulative[at] - rows[at]

    def quantile(level: float) -> NDArray[np.float64]:
        position = np.floor(level * (others - 1))
        position = np.where(position < below, position, position + rows[at])
        found = np.searchsorted(cumulative, position, side="right")
        values = moments[np.minimum(found, moments.size - 1)]
        # A moment that holds all rows has no others, and is away from none.
        return np.asarray(np.where(others > 0, values, np.nan))

    return quantile(0.25), quantile(0.75)


def _most_of_others(rows: Rows, at: NDArray[np.intp]) -> Rows:
    second, first = np.partition([0, *rows.tolist()], -2)[-2:]
    return np.asarray(np.where(rows[at] == first, second, first))

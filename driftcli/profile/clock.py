"""Hours of the week: how timestamps spread over the 168 hours from Monday midnight."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftcli.profile.calendar import PER_SECOND

Counts = NDArray[np.int64]

HOURS = 168
#: The Unix epoch was a Thursday: hours from the Monday before it.
_EPOCH_HOUR = 72
#: The units that times are counted in.
UNITS = frozenset(PER_SECOND)


def hours_of_week(ordered: NDArray[Any], unit: str) -> Counts:
    """Count sorted times (ticks of `unit` since the epoch, int64) in each hour of the week."""
    if not ordered.size:
        return np.zeros(HOURS, np.int64)
    ticks = 3600 * PER_SECOND[unit]
    first, last = int(ordered[0]) // ticks, int(ordered[-1]) // ticks
    if last - first < ordered.size // 4:
        # The values are sorted: looking up each hour's start is cheaper than dividing each value.
        starts = np.arange(first, last + 1) * ticks
        counts = np.diff(np.searchsorted(ordered, starts), append=ordered.size)
        hours = np.arange(first, last + 1)
    else:
        hours, counts = ordered // ticks, np.ones(ordered.size, np.int64)
    weekly = np.bincount((hours + _EPOCH_HOUR) % HOURS, counts, HOURS)
    return weekly.astype(np.int64)


def by_hour(weekly: Counts) -> Counts:
    """Return counts by hour of the day, from midnight: shape (24,)."""
    hours: Counts = weekly.reshape(7, 24).sum(axis=0)
    return hours


def by_weekday(weekly: Counts) -> Counts:
    """Return counts by day of the week, from Monday: shape (7,)."""
    days: Counts = weekly.reshape(7, 24).sum(axis=1)
    return days

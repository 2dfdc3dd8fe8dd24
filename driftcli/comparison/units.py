"""Another unit: the factor that all values of a column seem multiplied by."""

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from driftcli.comparison.stats import quantiles
from driftcli.profile.column import ColumnProfile
from driftcli.profile.points import Points

#: Quantiles that a change of unit scales alike; the extremes of two samples always differ.
_LEVELS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
#: Between these two of them lies what a shift leaves as wide as it was.
_LOW, _HIGH = 1, 5
_FEWEST_RATIOS = 4
#: How far the ratios of quantiles may lie from the one that is known best,
_TOLERANCE = 0.03
#: or by so many standard errors of a quantile on each side: in few rows sampling moves them far.
_ERRORS = 2.0
#: Smaller factors are rather prices that rose than another unit.
_LEAST_FACTOR = 1.5


def unit_factor(p: ColumnProfile, q: ColumnProfile) -> float | None:
    """Return the factor by which all quantiles of a numeric column seem scaled, if there is one."""
    if p.kind != "numeric":
        return None
    sides = p.numbers.points, q.numbers.points
    if min(points.distinct for points in sides) < 2:
        return None
    before, after = (quantiles(points, _LEVELS) for points in sides)
    # Quantiles near zero have no ratio that says anything.
    least = 0.01 * max(map(abs, before))
    told = [at for at, each in enumerate(before) if abs(each) > least]
    ratios = [after[at] / before[at] for at in told]
    if len({before[at] for at in told}) < _FEWEST_RATIOS or not any(map(_is_large, ratios)):
        return None
    return _factor(sides, told, np.array(ratios))


@np.errstate(all="ignore")  # ratios of very small and very large values tell nothing, and no more
def _factor(
    sides: tuple[Points, Points], told: list[int], ratios: NDArray[np.float64]
) -> float | None:
    """Return the factor by which the quantiles that are told seem scaled, if there is one."""
    earlier, later = (_between(points) for points in sides)
    low, high = (each[told] for each in _ratios(earlier, later))
    factor = _ratio(ratios, high - low)
    if not _is_large(factor):
        return None
    alike = (low * (1 - _TOLERANCE) <= factor) & (factor <= high * (1 + _TOLERANCE))
    return factor if alike.all() and _spread_alike(earlier, later, factor) else None


def _is_large(factor: float) -> bool:
    return 0 < factor < np.inf and max(factor, 1 / factor) >= _LEAST_FACTOR


def _ratio(ratios: NDArray[np.float64], error: NDArray[np.float64]) -> float:
    """Return the ratio of the quantiles that sampling moves least."""
    return float(ratios[int(np.argmin(np.where(np.isnan(error), np.inf, error)))])


def _between(points: Points) -> NDArray[np.float64]:
    """Return the least and the largest that each quantile may be for sampling: (2, levels)."""
    levels = np.array(_LEVELS)
    ranks = _ERRORS * np.sqrt(levels * (1 - levels) / points.total)
    ends = [np.clip(levels + sign * ranks, 0, 1).tolist() for sign in (-1, 1)]
    return np.array([quantiles(points, each) for each in ends])


def _ratios(
    before: NDArray[np.float64], after: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return between what the ratios of quantiles lie: anything, where one may be 0."""
    ratios = after[:, None] / before[None]
    told = np.sign(before[0]) * np.sign(before[1]) > 0
    low, high = ratios.min(axis=(0, 1)), ratios.max(axis=(0, 1))
    return np.where(told, low, -np.inf), np.where(told, high, np.inf)


def _spread_alike(before: NDArray[np.float64], after: NDArray[np.float64], factor: float) -> bool:
    """Return whether the values spread by the factor, too, and not as wide as after a shift."""
    (p_least, p_most), (q_least, q_most) = (_widths(side) for side in (before, after))
    if not min(p_least, q_least) > 0:
        return False
    low, high = q_least / p_most * (1 - _TOLERANCE), q_most / p_least * (1 + _TOLERANCE)
    return low <= factor <= high and not low <= sqrt(factor) <= high


def _widths(between: NDArray[np.float64]) -> tuple[float, float]:
    """Return the least and the largest that the width of the middle may be."""
    least, most = between
    return float(least[_HIGH] - most[_LOW]), float(most[_HIGH] - least[_LOW])

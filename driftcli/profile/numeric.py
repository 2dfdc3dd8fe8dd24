"""A numeric column: its points, moments and extremes, and what is not a finite number."""

import sys
from collections.abc import Sequence
from contextlib import nullcontext
from math import isinf
from typing import Any

import numpy as np
from msgspec import Struct, field
from msgspec.structs import replace
from numpy.typing import NDArray

from driftcli.profile import clock, points
from driftcli.profile.offsets import unsigned_errors
from driftcli.profile.points import BUILD_POINTS, MAX_POINTS, Points

Values = NDArray[Any]

#: Sums of a column up to this size cannot overflow.
_LARGE = 1e300
#: The least float whose reciprocal is one.
_NORMAL = sys.float_info.min


def _no_hours() -> clock.Counts:
    return np.zeros(0, np.int64)


class Numbers(Struct, frozen=True):
    """The finite numbers of a column.

    Attributes
    ----------
    points : Points
        The values with their counts; all other statistics are of the same rows.
    mean, sd : float
        Mean and population standard deviation, of all values and not of the points.
    low, high : int or float
        Smallest and largest value; NaN when there is none.
    nan, positive_infinity, negative_infinity : int
        Rows that hold no finite number.
    hours_of_week : shape (168,) or (0,)
        Rows in each hour from Monday midnight, for timestamps only.
    """

    points: Points = points.EMPTY
    mean: float = float("nan")
    sd: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    nan: int = 0
    positive_infinity: int = 0
    negative_infinity: int = 0
    hours_of_week: clock.Counts = field(default_factory=_no_hours)

    @property
    def nbytes(self) -> int:
        """Bytes the points take."""
        return self.points.values.nbytes + self.points.counts.nbytes


def from_values(
    values: Values, *, time_unit: str | None = None, limit: int = BUILD_POINTS
) -> Numbers:
    """Return the profile of unsorted float, int64 or uint64 values, about a million at a time.

    `time_unit` says that the values are ticks since the epoch: "s", "ms", "us" or "ns". There are
    at most `limit` points.
    """
    if values.dtype.kind == "f":
        return _from_floats(np.sort(values).astype(np.float64, copy=False), limit)
    if values.dtype.kind == "u":
        return _from_unsigned(np.sort(values), limit) if values.size else Numbers()
    if time_unit is None and values.size and (counted := points.count_integers(values)):
        described = _described(counted, None)
        return replace(
            described,
            points=points.compress(counted, limit),
            low=int(described.low),
            high=int(described.high),
        )
    ordered = _sorted_integers(values)
    weekly = clock.hours_of_week(ordered, time_unit) if time_unit else _no_hours()
    if not ordered.size:
        return Numbers(hours_of_week=weekly)
    low, high = int(ordered[0]), int(ordered[-1])
    ordered = points.narrow(ordered)
    described = _described(points.from_sorted(ordered, limit), ordered, hours_of_week=weekly)
    return replace(described, low=low, high=high)


def from_points(held: Points) -> Numbers:
    """Return the profile of numbers that are known by their points alone."""
    return _described(held, None)


def merge(parts: Sequence[Numbers], limit: int = MAX_POINTS) -> Numbers:
    """Return the profile of all rows of `parts`, with at most `limit` points."""
    if len(parts) == 1:
        held = parts[0].points
        made = points.compress(held, limit)
        return parts[0] if made is held else replace(parts[0], points=made)
    filled = [part for part in parts if part.points.values.size]
    weekly = [part.hours_of_week for part in parts if part.hours_of_week.size]
    merged = points.merge([part.points for part in filled], limit)
    mean, sd = _moments(filled, merged)
    return Numbers(
        points=merged,
        mean=mean,
        sd=sd,
        low=min((part.low for part in filled), default=float("nan")),
        high=max((part.high for part in filled), default=float("nan")),
        nan=sum(part.nan for part in parts),
        positive_infinity=sum(part.positive_infinity for part in parts),
        negative_infinity=sum(part.negative_infinity for part in parts),
        hours_of_week=np.sum(weekly, axis=0) if weekly else _no_hours(),
    )


def _moments(parts: Sequence[Numbers], merged: Points) -> tuple[float, float]:
    """Return the mean and the standard deviation of all rows."""
    if not parts:
        return float("nan"), float("nan")
    if merged.exact:
        # The same, bit for bit, however the rows were cut into parts.
        described = _described(merged, None)
        return described.mean, described.sd
    return _pooled_moments(parts)


def in_finer_ticks(side: Numbers, factor: int) -> Numbers:
    """Return times counted in ticks of which `factor` make one of those of `side`."""
    held = side.points
    if factor == 1 or not held.values.size:
        return side
    rounding = held.rounding * factor
    if held.exact and max(-int(side.low), int(side.high)) * factor < 2**63:
        values = points.narrow(held.values.astype(np.int64) * factor)
    else:
        values = held.values.astype(np.float64) * factor
        rounding += float(np.spacing(np.abs(values[[0, -1]]).max()))
    return replace(
        side,
        points=replace(held, values=values, rounding=rounding),
        mean=side.mean * factor,
        sd=side.sd * factor,
        low=int(side.low) * factor,
        high=int(side.high) * factor,
    )


def _sorted_integers(values: Values) -> Values:
    """Return integers sorted: as they are where they come so, as ids and times mostly do."""
    return values if bool(np.all(values[1:] >= values[:-1])) else np.sort(values)


def _from_unsigned(ordered: Values, limit: int) -> Numbers:
    """Profile sorted unsigned integers, some beyond int64, as floats; the rounding is counted."""
    made = _from_floats(ordered.astype(np.float64), limit)
    moved = float(np.mean(unsigned_errors(ordered)))
    return replace(
        made,
        points=replace(made.points, rounding=made.points.rounding + moved),
        low=int(ordered[0]),
        high=int(ordered[-1]),
    )


def _from_floats(ordered: Values, limit: int) -> Numbers:
    """Profile sorted floats: infinities lie at the ends, NaN behind them."""
    end = int(ordered.searchsorted(np.nan))
    above = int(ordered[:end].searchsorted(np.inf))
    below = int(ordered[:above].searchsorted(-np.inf, side="right"))
    finite = ordered[below:above]
    return _described(
        points.from_sorted(finite, limit),
        finite,
        nan=ordered.size - end,
        positive_infinity=end - above,
        negative_infinity=below,
    )


def _described(made: Points, ordered: Values | None, **counts: Any) -> Numbers:
    """Add moments and extremes: from the points where they are exact, else from the values."""
    if not made.values.size:
        return Numbers(points=made, **counts)
    weights = None
    if ordered is None or made.exact:
        ordered, weights = made.values, made.counts
    origin = ordered[0] if ordered.dtype.kind == "i" else np.float64(0)
    mean = _mean(made.values, made.counts, origin)
    return Numbers(
        points=made,
        mean=mean + float(origin),
        sd=_standard_deviation(_offsets(ordered, origin), mean, weights),
        low=ordered[0].item(),
        high=ordered[-1].item(),
        **counts,
    )


def _offsets(values: Values, origin: Any) -> Values:
    if values.dtype.kind == "i":
        offsets: Values = (values.view(np.uint64) - origin.view(np.uint64)).astype(np.float64)
        return offsets
    return values


def _mean(values: Values, counts: points.Counts, origin: Any) -> float:
    """Return the mean offset from `origin`; merged points keep it."""
    offsets = _offsets(values, origin)
    total = counts.sum()
    if max(abs(float(offsets[0])), abs(float(offsets[-1]))) * float(total) < _LARGE:
        return float(np.einsum("i,i->", offsets, counts.astype(np.float64)) / total)
    return float(np.einsum("i,i->", offsets, counts / total))


def _standard_deviation(values: Values, mean: float, weights: Values | None) -> float:
    """Return sqrt(mean((value − mean)²)) of sorted values, without overflow or cancellation."""
    largest = max(abs(float(values[0])), abs(float(values[-1])))
    if weights is None and 1e-140 < largest < 1e140:
        # One pass without a copy, where the mean square leaves enough digits for the variance.
        # (einsum rather than dot: BLAS would start threads of its own beside ours.)
        mean_square = float(np.einsum("i,i->", values, values)) / values.size
        variance = mean_square - mean * mean
        if variance > 1e-4 * mean_square:
            return float(np.sqrt(variance))
    if isinf(float(values[-1]) - float(values[0])):
        return 2 * _standard_deviation(values / 2, mean / 2, weights)
    deviations = values - mean
    largest = max(abs(float(deviations[0])), abs(float(deviations[-1])))
    if not largest:
        return 0.0
    squares = np.square(_scaled(deviations, largest), out=deviations)
    total = values.size if weights is None else weights.sum()
    squares *= 1 / total if weights is None or total == weights.size else weights / total
    return largest * float(np.sqrt(np.sum(squares)))


def _scaled(deviations: Values, largest: float) -> Values:
    """Return deviations over the largest of them, in place."""
    # numpy 1 takes the reciprocal of a subnormal on its way. (Elsewhere errstate costs more than
    # the division of a few numbers.)
    with np.errstate(over="ignore") if largest < _NORMAL else nullcontext():
        deviations /= largest
    return deviations


def _pooled_moments(parts: Sequence[Numbers]) -> tuple[float, float]:
    """Combine means and standard deviations (Chan, Golub & LeVeque 1983, in a safe scale)."""
    shares = np.array([part.points.total for part in parts], np.float64)
    shares /= shares.sum()
    means = np.array([part.mean for part in parts])
    mean = float(np.dot(shares, means))
    # Halves, since two means may lie farther apart than the largest float.
    spread = np.concatenate([[part.sd / 2 for part in parts], means / 2 - mean / 2])
    largest = float(np.abs(spread).max())
    if not largest:
        return mean, 0.0
    squares = np.square(_scaled(spread, largest))
    return mean, 2 * largest * float(np.sqrt(np.dot(np.tile(shares, 2), squares)))

"""Bins for a person to read: equal widths, or equal ratios, with edges at round numbers."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from driftcli.comparison.pair import CategoricalPair, NumericPair
from driftcli.comparison.stats import iso_time
from driftcli.metrics import bins
from driftcli.metrics.divergence import js_distance
from driftcli.profile import clock
from driftcli.profile.column import ColumnProfile
from driftcli.profile.numeric import Numbers
from driftcli.report.documents import Value
from driftcli.report.explanation import Clock, Distribution

Values = NDArray[np.float64]

#: At most so many bins: a picture of them fits a narrow terminal.
MOST_CELLS = 48
#: Mass left to what lies below and above the bins, so that a heavy tail does not squeeze the rest.
_TAIL = 0.01
#: A tail no longer than this share of the rest squeezes nothing, and has bins of its own.
_SHORT_TAIL = 0.35
#: Steps of time, in seconds, up to a day; beyond it they are round numbers of days.
_CLOCK_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200)
_DAY = 86400
#: Values are spread over a logarithmic axis when they reach over so many powers of ten ...
_LEAST_DECADES = 1.5
#: ... and no more than this share of them is zero, which has no place there.
_MOST_ZEROS = 0.5
#: Bins in a power of ten.
_PER_DECADE = (20, 10, 5, 3, 2, 1)
#: Beyond these, round numbers and their multiples are no longer what they seem.
_LEAST_STEP, _GREATEST_STEP = 1e-290, 1e290


class HistogramCells(NamedTuple):
    """Bins, and what each side has below, in and above them.

    Attributes
    ----------
    edges : shape (cells + 1,)
        Offsets from the pair's origin. A cell holds its lower edge and not its upper one.
    p, q : shape (cells + 2,)
        Shares of the baseline and of the current data.
    """

    edges: Values
    p: Values
    q: Values


def cells(pair: NumericPair, *, integers: bool, times: bool) -> HistogramCells:
    """Return both sides over at most `MOST_CELLS` bins that hold the bulk of the mixture.

    Their edges are multiples of 1, 2 or 5 times a power of ten, or of a step of the clock for
    times. Integers have bins of whole numbers.
    """
    low, high = _bulk(pair.values, pair)
    edges = _round_edges(low, high, pair, integers=integers, times=times)
    closed = edges is None
    if edges is None:
        edges = bins.uniform_edges(low, high, MOST_CELLS)
        edges = edges if _increasing(edges) else np.array([low, high])
    at = np.searchsorted(edges, pair.values, side="right")
    if closed:
        # These end at the greatest value of the bulk, which belongs to them.
        at[pair.values == edges[-1]] = edges.size - 1
    return _counted(at, edges, pair)


def log_cells(pair: NumericPair, *, integers: bool) -> HistogramCells | None:
    """Return both sides over bins of one ratio, where a logarithmic axis shows them better.

    That is so for values above zero, few zeros aside, that reach over several powers of ten and
    whose middle lies nearer to their median on that axis. A power of ten is an edge.
    """
    there = pair.values + pair.origin
    positive = there > 0
    if there[0] < 0 or not positive.any() or not _is_stretched(there, positive, pair):
        return None
    low, high = (10.0**end for end in _bulk(np.log10(there[positive]), pair, positive))
    for per_decade in _PER_DECADE:
        first, last = (math.floor(math.log10(end) * per_decade + 1e-9) for end in (low, high))
        with np.errstate(over="ignore"):  # the power above may be beyond the largest float
            powers = 10.0 ** (np.arange(first, last + 2) / per_decade)
        edges: Values = np.minimum(powers, np.finfo(np.float64).max)
        narrow = integers and edges[1] - edges[0] < 1
        if edges.size <= MOST_CELLS + 1 and not narrow:
            return _counted(np.searchsorted(edges, there, side="right"), edges - pair.origin, pair)
    return None


def _is_stretched(there: Values, positive: NDArray[np.bool_], pair: NumericPair) -> bool:
    shares = pair.mixture
    if shares[~positive].sum() > _MOST_ZEROS:
        return False
    cumulative = np.cumsum(shares[positive])
    levels = np.searchsorted(cumulative, np.array([_TAIL, 0.5, 1 - _TAIL]) * cumulative[-1])
    low, middle, high = there[positive][np.minimum(levels, cumulative.size - 1)].tolist()
    if not 0 < high < math.inf or math.log10(high) - math.log10(low) < _LEAST_DECADES:
        return False
    along = (middle - low) / (high - low)
    along_log = math.log(middle / low) / math.log(high / low)
    return bool(abs(along_log - 0.5) < abs(along - 0.5))


def _counted(at: NDArray[np.intp], edges: Values, pair: NumericPair) -> HistogramCells:
    p, q = (
        np.bincount(at, counts, edges.size + 1) / counts.sum()
        for counts in (pair.p_counts, pair.q_counts)
    )
    return HistogramCells(edges, p, q)


def _bulk(
    values: Values, pair: NumericPair, of: NDArray[np.bool_] | None = None
) -> tuple[float, float]:
    """Return the range of the mixture without its tails, but for those that are short."""
    shares = pair.mixture
    cumulative = np.cumsum(shares if of is None else shares[of] / shares[of].sum())
    last = values.size - 1
    at = (min(int(np.searchsorted(cumulative, level)), last) for level in (_TAIL, 1 - _TAIL))
    low, high = (float(values[each]) for each in at)
    reach = _SHORT_TAIL * (high - low)
    bottom, top = float(values[0]), float(values[-1])
    return bottom if low - bottom <= reach else low, top if top - high <= reach else high


def _round_edges(
    low: float, high: float, pair: NumericPair, *, integers: bool, times: bool
) -> Values | None:
    """Return edges at multiples of the least round step that is wide enough, if there is one."""
    # Alignment can take one bin more than the range needs.
    for most in (MOST_CELLS, MOST_CELLS // 2):
        step = _step((high - low) / most, integers=integers, times=times)
        if not step:
            return None
        edges = _multiples(low, high, step, pair)
        if edges.size <= MOST_CELLS + 1:
            return edges if _increasing(edges) and edges[0] <= low <= high < edges[-1] else None
    return None


def _step(least: float, *, integers: bool, times: bool) -> float:
    """Return the smallest round step of at least `least`; 0 where there is none."""
    if times and least <= _CLOCK_STEPS[-1]:
        return float(next(step for step in _CLOCK_STEPS if step >= least))
    if times:
        return _DAY * _step(least / _DAY, integers=True, times=False)
    if integers and least <= 1:
        return 1.0
    if not _LEAST_STEP < least < _GREATEST_STEP:
        return 0.0
    power = math.floor(math.log10(least))
    steps = (float(f"{digit}e{power + more}") for more in (0, 1) for digit in (1, 2, 5))
    return next(step for step in steps if step >= least)


def _multiples(low: float, high: float, step: float, pair: NumericPair) -> Values:
    """Return the multiples of `step` that hold [low, high], as offsets from the pair's origin."""
    if pair.tick == 1 and step >= 1:
        # Whole numbers: exact beside an origin that no float holds.
        first = (math.floor(low) + pair.origin) // int(step) * int(step) - pair.origin
        return first + step * np.arange((high - first) // step + 2)
    origin = pair.origin * pair.tick
    first, last = (math.floor((end + origin) / step) for end in (low, high))
    whole = np.arange(first, last + 2, dtype=np.float64)
    # A quotient of whole numbers is the nearest float to 0.3; the product 3 · 0.1 is not.
    edges: Values = whole / float(round(1 / step)) if step < 1 else whole * step
    return edges - origin


def _increasing(edges: Values) -> bool:
    return edges.size > 1 and bool((np.diff(edges) > 0).all())


CELLS = 10


def distribution(side: ColumnProfile, pair: NumericPair | CategoricalPair) -> Distribution:
    """Return both sides over at most `CELLS` cells that a person can compare at a glance."""
    if isinstance(pair, CategoricalPair):
        return _category_cells(pair)
    return _number_cells(side, pair)


def _category_cells(pair: CategoricalPair) -> Distribution:
    """One cell for each of the commonest categories by the mixture, the rest in one."""
    shares = bins.mixture(pair.p_counts, pair.q_counts)[: len(pair.names)]
    fits = shares.size <= CELLS and shares.size == pair.p_counts.size
    shown = np.argsort(-shares, kind="stable")[: CELLS if fits else CELLS - 1]
    sides = []
    for counts in (pair.p_counts, pair.q_counts):
        own = counts[shown] / counts.sum()
        sides.append(own if fits else np.append(own, max(0.0, 1.0 - own.sum())))
    labels = tuple(pair.names[each].as_py() for each in shown.tolist())
    return Distribution(
        baseline=_shares(sides[0]),
        current=_shares(sides[1]),
        labels=labels if fits else (*labels, "other"),
        other=not fits,
    )


def _number_cells(side: ColumnProfile, pair: NumericPair) -> Distribution:
    """Return equal-width cells over the bulk of the mixture; the outer cells hold the tails too."""
    values = pair.values
    ends = pair.mixture.cumsum().searchsorted((_TAIL, 1 - _TAIL))
    low, high = values[np.minimum(ends, values.size - 1)]
    few = values.size <= CELLS
    edges = np.append(values, values[-1]) if few else bins.uniform_edges(low, high, CELLS)
    labels = np.arange(values.size) if few else bins.between(values, edges)
    cells = edges.size - 1
    shares = [
        bins.counts_in(labels, counts, cells) / counts.sum()
        for counts in (pair.p_counts, pair.q_counts)
    ]
    return Distribution(
        baseline=_shares(shares[0]),
        current=_shares(shares[1]),
        edges=tuple(position(side, pair, edge) for edge in edges.tolist()),
    )


def position(side: ColumnProfile, pair: NumericPair, offset: float) -> Value:
    """Return a point of the pair's axis as a value of the column."""
    if side.time_unit is None:
        return offset + pair.origin if pair.origin else offset
    seconds = offset + pair.origin * pair.tick
    return iso_time(seconds, seconds, side)


def clocks(p: ColumnProfile, q: ColumnProfile) -> tuple[Clock | None, Clock | None]:
    """Return a timestamp's spread over the hours of the day and over the weekdays."""
    sides = [side.values.hours_of_week for side in (p, q) if isinstance(side.values, Numbers)]
    if any(not hours.sum() for hours in sides):
        return None, None
    return (
        _clock([clock.by_hour(hours) for hours in sides]),
        _clock([clock.by_weekday(hours) for hours in sides]),
    )


def _clock(sides: list[clock.Counts]) -> Clock:
    p, q = (bins.probabilities(counts) for counts in sides)
    return Clock(baseline=_shares(p), current=_shares(q), js_distance=float(js_distance(p, q)))


def _shares(shares: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(np.minimum(shares, 1.0).tolist())

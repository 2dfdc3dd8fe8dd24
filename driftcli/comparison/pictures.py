"""What a report draws: both sides over a few shared cells, and over the hours and weekdays."""

import numpy as np
from numpy.typing import NDArray

from driftcli.arrays import from_numpy
from driftcli.comparison.pair import CategoricalPair, NumericPair
from driftcli.comparison.stats import iso_time
from driftcli.metrics import bins
from driftcli.metrics.divergence import js_distance
from driftcli.profile import clock
from driftcli.profile.column import ColumnProfile
from driftcli.profile.numeric import Numbers
from driftcli.report.comparison import Clock, Distribution, Value

CELLS = 10
#: Mass left to the outer cells on each side, so that a heavy tail does not squeeze the rest.
_TAIL = 0.01


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
    labels = tuple(pair.names.take(from_numpy(shown)).to_pylist())
    return Distribution(
        baseline=_shares(sides[0]),
        current=_shares(sides[1]),
        labels=labels if fits else (*labels, "other"),
        other=not fits,
    )


def _number_cells(side: ColumnProfile, pair: NumericPair) -> Distribution:
    """Return equal-width cells over the bulk of the mixture; the outer cells hold the tails too."""
    values = pair.values
    cumulative = np.cumsum(bins.mixture(pair.p_counts, pair.q_counts))
    low = values[min(int(np.searchsorted(cumulative, _TAIL)), values.size - 1)]
    high = values[min(int(np.searchsorted(cumulative, 1 - _TAIL)), values.size - 1)]
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

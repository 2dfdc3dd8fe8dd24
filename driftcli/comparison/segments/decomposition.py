"""How much of a column's change is the mix of segments, and how much is change within them.

A distance W₁(P, Q) is the rise of a mean from P to Q: that of the Kantorovich potential. Over
categories, where W₁ is the total variation, the potential is ½ where a category became commoner
and −½ where it became rarer. The mean of a side is that of its segments by their shares, and so
its rise falls into two parts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import NamedTuple

import numpy as np
import pyarrow.compute as pc
from msgspec import Struct
from numpy.typing import NDArray

from driftcli.arrays import to_numpy
from driftcli.comparison.pair import CategoricalPair, NumericPair, positions
from driftcli.comparison.scores import Measured, measure_one
from driftcli.config import ResolvedColumn
from driftcli.metrics import METRICS
from driftcli.metrics.bins import probabilities
from driftcli.metrics.transport import witness
from driftcli.profile.categories import Categories
from driftcli.profile.column import ColumnProfile
from driftcli.report.segments import Decomposition, WithinSegment

Pair = NumericPair | CategoricalPair
#: A column's profile in each segment; None where the segment has no rows.
Profiles = Sequence[ColumnProfile | None]
#: Rows of a profile that have a mean, the mean, and how far it is off at most.
_Mean = tuple[int, float, float]

#: Segments that are named for their change within.
_NAMED = 5


class Whole(NamedTuple):
    """A column of both datasets as a whole, on common ground."""

    name: str
    p: ColumnProfile
    q: ColumnProfile
    pair: Pair | None
    rules: ResolvedColumn


def of_values(
    whole: Whole, p: Profiles, q: Profiles, labels: Sequence[str]
) -> Decomposition | None:
    """Return the parts of a column's Wasserstein distance, of segments in the order of `labels`.

    It is in the column's own unit where the baseline has no spread to divide by. None where
    there is nothing to share out (the distance is 0 or infinite), and where categories are too
    many to be told apart.
    """
    scored = [_score(whole, metric) for metric in ("wasserstein", "wasserstein_raw")]
    raw = scored[-1]
    total = next((each for each in scored if isfinite(each.value)), None)
    if whole.pair is None or total is None or not total.value or not isfinite(raw.value):
        return None
    if isinstance(whole.pair, CategoricalPair) and not whole.pair.exact:
        return None
    mean = _mean_of_potential(whole.pair, total.value / raw.value)
    return _parts(whole.name, total, _means(p, mean), _means(q, mean), labels)


def of_missing(
    whole: Whole, p: Profiles, q: Profiles, labels: Sequence[str]
) -> Decomposition | None:
    """Return the parts of the change of a column's share of missing values."""
    total = _score(whole, "missing")
    if not total.value or not isfinite(total.value):
        return None
    rises = whole.q.missing * whole.p.rows > whole.p.missing * whole.q.rows

    def mean(side: ColumnProfile) -> _Mean:
        return side.rows, (1 if rises else -1) * side.missing / side.rows, 0.0

    return _parts(whole.name, total, _means(p, mean), _means(q, mean), labels)


def _score(whole: Whole, metric: str) -> Measured:
    measured = measure_one(METRICS[metric], whole.p, whole.q, whole.pair, whole.rules)
    assert measured is not None, "these metrics are defined over numbers and categories"
    return measured


def _parts(name: str, total: Measured, p: Means, q: Means, labels: Sequence[str]) -> Decomposition:
    """Return the mix, and within segments all else: the parts add up to the score reported."""
    due_to_mix, off = mix(p, q)
    own = within(p, q)
    heaviest = np.argsort(-np.abs(own), kind="stable")[:_NAMED]
    return Decomposition(
        column=name,
        metric=total.metric.name,  # type: ignore[arg-type]  # one of the three
        unit=total.unit,
        total=total.value,
        mix=due_to_mix,
        within=total.value - due_to_mix,
        mix_share=due_to_mix / total.value,
        within_share=1 - due_to_mix / total.value,
        error_bound=off + (total.error_bound or 0.0),
        segments=tuple(
            WithinSegment(
                label=labels[at], within=float(own[at]), share=float(own[at]) / total.value
            )
            for at in heaviest
            if own[at]
        ),
    )


def _means(segments: Profiles, mean: Callable[[ColumnProfile], _Mean]) -> Means:
    made = [
        (0, 0.0, 0.0) if segment is None or not segment.rows else mean(segment)
        for segment in segments
    ]
    rows, means, moved = zip(*made, strict=True)
    return Means(np.array(rows, np.int64), np.array(means), np.array(moved))


def _mean_of_potential(pair: Pair, factor: float) -> Callable[[ColumnProfile], _Mean]:
    """Return a function that gives the mean of the potential, times `factor`, over a segment."""
    if isinstance(pair, CategoricalPair):
        return _over_categories(pair)
    potential = witness(pair.values, pair.p_counts, pair.q_counts)

    def mean(side: ColumnProfile) -> _Mean:
        points = side.numbers.points
        if not points.values.size:
            return 0, 0.0, 0.0
        places, moved = positions(side, pair)
        heights = np.interp(places, pair.values, potential)
        # The potential is 1-Lipschitz: its mean moves no farther than the rows have.
        height = float(np.average(heights, weights=points.counts))
        return points.total, factor * height, factor * moved

    return mean


def _over_categories(pair: CategoricalPair) -> Callable[[ColumnProfile], _Mean]:
    """Return a function that gives the mean of the potential over a segment's categories."""
    rise = probabilities(pair.q_bins) - probabilities(pair.p_bins)
    bins = np.where(pair.alone, np.cumsum(pair.alone) - 1, rise.size - 1)
    potential = np.sign(rise)[bins] / 2

    def mean(side: ColumnProfile) -> _Mean:
        assert isinstance(side.values, Categories)
        if not side.values.total:
            return 0, 0.0, 0.0
        places = to_numpy(pc.index_in(side.values.names, value_set=pair.names))
        total = side.values.total
        return total, float(np.dot(potential[places], side.values.counts)) / total, 0.0

    return mean


Values = NDArray[np.float64]
Counts = NDArray[np.int64]


class Means(Struct, frozen=True):
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

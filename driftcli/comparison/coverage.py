"""What the times of both sides cover, in words: ranges, overlap, and gaps."""

from collections.abc import Iterator

import numpy as np

from driftcli.comparison.notes import duration
from driftcli.comparison.pair import NumericPair
from driftcli.comparison.pictures import position
from driftcli.comparison.reasons import number, percent
from driftcli.metrics.bins import Counts
from driftcli.profile.column import ColumnProfile
from driftcli.profile.numeric import Numbers


def coverage(p: ColumnProfile, q: ColumnProfile, pair: NumericPair) -> tuple[str, ...]:
    """Return short phrases for both ranges of time, how they lie, and each one's longest gap."""
    sides = (("baseline", pair.p_counts), ("current data", pair.q_counts))
    said = [f"{name}: {_span(p, pair, counts)}" for name, counts in sides]
    said.append(_relation(p, pair))
    for (name, counts), side in zip(sides, (p, q), strict=True):
        assert isinstance(side.values, Numbers)
        # Points that were merged leave gaps where there are none.
        if side.values.points.exact:
            said += _longest_gap(name, p, pair, counts)
    return tuple(said)


def _ends(counts: Counts) -> tuple[int, int]:
    visited = np.flatnonzero(counts)
    return int(visited[0]), int(visited[-1])


def _moment(side: ColumnProfile, pair: NumericPair, at: int) -> str:
    return number(position(side, pair, float(pair.values[at])))


def _span(side: ColumnProfile, pair: NumericPair, counts: Counts) -> str:
    first, last = _ends(counts)
    if first == last:
        return f"{_moment(side, pair, first)} only"
    length = duration(float(pair.values[last] - pair.values[first]))
    return f"{_moment(side, pair, first)} to {_moment(side, pair, last)}, {length}"


def _relation(side: ColumnProfile, pair: NumericPair) -> str:
    (p_first, p_last), (q_first, q_last) = _ends(pair.p_counts), _ends(pair.q_counts)
    values = pair.values
    if q_first > p_last:
        apart = duration(float(values[q_first] - values[p_last]))
        return f"no overlap: the current data begins {apart} after the baseline ends"
    if q_last < p_first:
        apart = duration(float(values[p_first] - values[q_last]))
        return f"no overlap: the current data ends {apart} before the baseline begins"
    first, last = max(p_first, q_first), min(p_last, q_last)
    shares = [
        percent(min(1.0, float(counts[first : last + 1].sum() / counts.sum())))
        for counts in (pair.p_counts, pair.q_counts)
    ]
    where = f"{_moment(side, pair, first)} to {_moment(side, pair, last)}"
    return f"overlap: {where}, with {shares[0]} of the baseline and {shares[1]} of the current data"


def _longest_gap(
    name: str, side: ColumnProfile, pair: NumericPair, counts: Counts
) -> Iterator[str]:
    visited = np.flatnonzero(counts)
    if visited.size < 3:
        return
    gaps = np.diff(pair.values[visited])
    widest = int(gaps.argmax())
    first, last = (_moment(side, pair, int(at)) for at in visited[widest : widest + 2])
    yield f"longest gap in the {name}: {duration(float(gaps[widest]))}, {first} to {last}"

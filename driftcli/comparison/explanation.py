"""What moved in one column, as facts that a person can check: `drift explain`, `--details`."""

from collections.abc import Callable, Iterator
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftcli.arrays import from_numpy
from driftcli.comparison.figures import number, percent
from driftcli.comparison.histograms import HistogramCells, cells, log_cells, position
from driftcli.comparison.pair import CategoricalPair, NumericPair
from driftcli.comparison.stats import as_value, quantiles
from driftcli.metrics import bins
from driftcli.metrics.bins import Counts
from driftcli.metrics.divergence import js_contributions
from driftcli.metrics.moves import Moves, summarize
from driftcli.metrics.transport import transport_plan, wasserstein, witness
from driftcli.profile.column import ColumnProfile
from driftcli.report.explanation import (
    Bins,
    Contribution,
    Explanation,
    Move,
    Quantile,
    Support,
    Transport,
)
from driftcli.text import duration

LEVELS = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
MOST_CATEGORIES = 16
MOST_CONTRIBUTIONS = 8
MOST_SUPPORT = 8
#: Bins that add less than this share of the jsd are not listed.
_LEAST_CONTRIBUTION = 0.01


def explain(p: ColumnProfile, q: ColumnProfile, pair: NumericPair | CategoricalPair) -> Explanation:
    """Return what moved from the baseline `p` to the current data `q`, both with values.

    Contributions are over the bins of the scores, so that they sum to the reported jsd;
    distributions over bins that are made for reading.
    """
    if isinstance(pair, CategoricalPair):
        return _of_categories(pair)
    return _of_numbers(p, q, pair)


def _of_categories(pair: CategoricalPair) -> Explanation:
    named = len(pair.names)
    p, q = (counts / counts.sum() for counts in (pair.p_counts, pair.q_counts))
    new, more_new = _one_sided(pair, np.where(p == 0, q, 0.0)[:named])
    lost, more_lost = _one_sided(pair, np.where(q == 0, p, 0.0)[:named])
    return Explanation(
        bins=_category_bins(pair, p, q),
        contributions=_contributions(pair.p_bins, pair.q_bins, lambda at: _category(pair, at)),
        new=new,
        lost=lost,
        more_new=more_new,
        more_lost=more_lost,
    )


def _category_bins(pair: CategoricalPair, p: bins.Values, q: bins.Values) -> Bins:
    """Return a bin for each of the commonest categories by the mixture, the rest in one."""
    fits = p.size <= MOST_CATEGORIES and p.size == len(pair.names)
    most = MOST_CATEGORIES if fits else MOST_CATEGORIES - 1
    shown = np.argsort(-(p + q)[: len(pair.names)], kind="stable")[:most]
    labels = pair.names.take(from_numpy(shown)).to_pylist()
    sides = [p[shown], q[shown]]
    if not fits:
        sides = [np.append(side, max(0.0, 1.0 - side.sum())) for side in sides]
        labels.append("other")
    return Bins(
        baseline=_shares(sides[0]), current=_shares(sides[1]), labels=tuple(labels), other=not fits
    )


def _one_sided(pair: CategoricalPair, shares: bins.Values) -> tuple[tuple[Support, ...], int]:
    """Return the commonest categories that have a share, and how many more there are."""
    there = np.flatnonzero(shares)
    shown = there[np.argsort(-shares[there], kind="stable")[:MOST_SUPPORT]]
    names = pair.names.take(from_numpy(shown)).to_pylist()
    parts = tuple(
        Support(share=share, label=name)
        for name, share in zip(names, shares[shown].tolist(), strict=True)
    )
    return parts, int(there.size) - len(parts)


def _category(pair: CategoricalPair, at: int) -> dict[str, Any]:
    alone = np.flatnonzero(pair.alone)
    if at == alone.size:
        return {"categories": int(pair.alone.size - alone.size)}
    if alone[at] >= len(pair.names):
        return {}  # a hash bucket of who knows how many
    return {"label": pair.names[int(alone[at])].as_py(), "categories": 1}


def _contributions(
    p_bins: bins.Counts, q_bins: bins.Counts, describe: Callable[[int], dict[str, Any]]
) -> tuple[Contribution, ...]:
    """Return the bins that add most to the jsd, largest first; none where the jsd is 0."""
    p, q = bins.probabilities(p_bins), bins.probabilities(q_bins)
    parts = js_contributions(p, q)
    total = float(parts.sum())
    if not total:
        return ()
    order = np.argsort(-parts, kind="stable")[:MOST_CONTRIBUTIONS]
    return tuple(
        Contribution(
            share=min(1.0, float(parts[at] / total)),
            baseline=float(p[at]),
            current=float(q[at]),
            **describe(int(at)),
        )
        for at in order
        if parts[at] >= _LEAST_CONTRIBUTION * total
    )


def _of_numbers(p: ColumnProfile, q: ColumnProfile, pair: NumericPair) -> Explanation:
    times = p.time_unit is not None
    integers = p.integers and q.integers
    shown = cells(pair, integers=integers, times=times)
    stretched = None if times else log_cells(pair, integers=integers)
    return Explanation(
        bins=_number_bins(p, pair, shown),
        log_bins=_number_bins(p, pair, stretched) if stretched else None,
        quantiles=tuple(_quantiles(p, q)),
        contributions=_contributions(pair.p_bins, pair.q_bins, lambda at: _interval(p, pair, at)),
        new=tuple(_outside(p, pair, pair.p_counts, pair.q_counts)),
        lost=tuple(_outside(p, pair, pair.q_counts, pair.p_counts)),
        transport=None if times else _transport(p, pair, shown),
        coverage=coverage(p, q, pair) if times else (),
    )


def _number_bins(side: ColumnProfile, pair: NumericPair, shown: HistogramCells) -> Bins:
    return Bins(
        baseline=_shares(shown.p[1:-1]),
        current=_shares(shown.q[1:-1]),
        edges=tuple(position(side, pair, edge) for edge in shown.edges.tolist()),
        below=(float(shown.p[0]), float(shown.q[0])),
        above=(float(shown.p[-1]), float(shown.q[-1])),
    )


def _quantiles(p: ColumnProfile, q: ColumnProfile) -> Iterator[Quantile]:
    sides = [quantiles(side.numbers.points, LEVELS) for side in (p, q)]
    ticks = [side.per_second for side in (p, q)]
    for level, before, after in zip(LEVELS, *sides, strict=True):
        yield Quantile(
            level=level,
            baseline=as_value(p, before),
            current=as_value(q, after),
            difference=_finite(after / ticks[1] - before / ticks[0]),
        )


def _interval(side: ColumnProfile, pair: NumericPair, at: int) -> dict[str, Any]:
    """Return the least and greatest value in a bin of the divergences."""
    low, high = np.searchsorted(pair.labels, [at, at + 1])
    ends = pair.values[[low, high - 1]].tolist()
    return {"low": position(side, pair, ends[0]), "high": position(side, pair, ends[1])}


def _outside(
    side: ColumnProfile, pair: NumericPair, inner: bins.Counts, outer: bins.Counts
) -> Iterator[Support]:
    """Yield what `outer` has below and above all that `inner` has."""
    visited = np.flatnonzero(inner)
    for part in (slice(0, visited[0]), slice(visited[-1] + 1, None)):
        own = np.flatnonzero(outer[part])
        if own.size:
            low, high = pair.values[part][own[[0, -1]]].tolist()
            yield Support(
                share=min(1.0, float(outer[part].sum() / outer.sum())),
                low=position(side, pair, low),
                high=position(side, pair, high),
            )


def _transport(side: ColumnProfile, pair: NumericPair, shown: HistogramCells) -> Transport:
    points = (pair.values, pair.p_counts, pair.q_counts)
    moves = summarize(transport_plan(*points))
    edges = np.asarray(shown.edges, dtype=np.float64)
    potential = np.interp(edges, pair.values, witness(*points))
    return Transport(
        cost=_finite(float(wasserstein(pair.line))),
        small=moves.small,
        stayed=min(1.0, moves.stayed),
        stayed_cost=_finite(moves.stayed_cost),
        moves=tuple(_moves(side, pair, moves)),
        rest=min(1.0, moves.rest),
        rest_cost=_finite(moves.rest_cost),
        witness=tuple(map(_finite, potential.tolist())),
    )


def _moves(side: ColumnProfile, pair: NumericPair, moves: Moves) -> Iterator[Move]:
    columns = (moves.shares, moves.distances, moves.costs, moves.origins, moves.targets)
    for share, distance, cost, origin, target in zip(*map(list, columns), strict=True):
        ends = [position(side, pair, float(end)) for end in (*origin, *target)]
        yield Move(
            share=min(1.0, float(share)),
            from_low=ends[0],
            from_high=ends[1],
            to_low=ends[2],
            to_high=ends[3],
            distance=_finite(float(distance)),
            cost=_finite(float(cost)),
        )


def _finite(number: float) -> float | None:
    return number if isfinite(number) else None


def _shares(shares: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(np.minimum(shares, 1.0).tolist())


def coverage(p: ColumnProfile, q: ColumnProfile, pair: NumericPair) -> tuple[str, ...]:
    """Return short phrases for both ranges of time, how they lie, and each one's longest gap."""
    sides = (("baseline", pair.p_counts), ("current data", pair.q_counts))
    said = [f"{name}: {_span(p, pair, counts)}" for name, counts in sides]
    said.append(_relation(p, pair))
    for (name, counts), side in zip(sides, (p, q), strict=True):
        # Points that were merged leave gaps where there are none.
        if side.numbers.points.exact:
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

"""How other tools bin a column: each rule gives the rows of both sides in each of their bins.

Rules over numbers take a `Sample`, rules over categories the rows of each category, in the
order of the names. The bins of some tools hold fractions of rows.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import DTypeLike, NDArray

Values = NDArray[np.float64]
Counts = NDArray[np.int64]
#: Rows of the baseline and of the current data in each bin: two arrays of shape (bins,).
Binned = tuple[NDArray[Any], NDArray[Any]]

#: Evidently compares numbers value by value when the baseline has at most so many of them.
_FEW_VALUES = 20
#: What TFDV keeps of a column of text, by default.
_TOP_LEVELS = 1_000


class BothSides(Struct, frozen=True):
    """Both sides of a numeric column.

    Attributes
    ----------
    values : shape (points,)
        Sorted distinct finite values of both sides.
    p_counts, q_counts : shape (points,)
        Rows of the baseline and of the current data at each value.
    p_dtype, q_dtype : numpy.dtype
        The types in which tools hold the values: the edges of numpy's bins depend on them.
    nan, infinite : tuple of int
        Rows of each side that are NaN, or infinite.
    """

    values: Values
    p_counts: Counts
    q_counts: Counts
    p_dtype: np.dtype[Any]
    q_dtype: np.dtype[Any]
    nan: tuple[int, int] = (0, 0)
    infinite: tuple[int, int] = (0, 0)


def pooled_sturges(sample: BothSides) -> Binned:
    """Return Sturges' bins over both sides together; single values where there are few."""
    if np.count_nonzero(sample.p_counts) <= _FEW_VALUES:
        return sample.p_counts, sample.q_counts
    return _equal_widths(sample, sample.p_counts + sample.q_counts)


def sturges_of_distinct(sample: BothSides) -> Binned:
    """Return the bins of Sturges' rule for the distinct values, each taken once."""
    return _equal_widths(sample, np.ones(sample.values.size, np.int64))


def _equal_widths(sample: BothSides, weights: Counts) -> Binned:
    dtype = np.result_type(sample.p_dtype, sample.q_dtype)
    edges = equal_width_edges(sample.values, weights, sturges_width, dtype)
    return _histograms(sample, edges)


def _histograms(sample: BothSides, edges: Values) -> Binned:
    return (
        histogram(sample.values, sample.p_counts, edges),
        histogram(sample.values, sample.q_counts, edges),
    )


def baseline_doane(sample: BothSides) -> Binned:
    """Return Doane's bins for the baseline, and one more for current values outside them."""
    own = sample.p_counts > 0
    edges = equal_width_edges(sample.values[own], sample.p_counts[own], doane_width)
    return _with_leftover(*_histograms(sample, edges), int(sample.q_counts.sum()))


def levels(p_counts: Counts, q_counts: Counts) -> Binned:
    """Return the categories of both sides as they are."""
    return p_counts, q_counts


def baseline_levels(p_counts: Counts, q_counts: Counts) -> Binned:
    """Return the baseline's categories, and one more for all that it does not have."""
    own = p_counts > 0
    return _with_leftover(p_counts[own], q_counts[own], int(q_counts.sum()))


def _with_leftover(p_bins: Counts, q_bins: Counts, q_rows: int) -> Binned:
    return np.append(p_bins, 0), np.append(q_bins, q_rows - int(q_bins.sum()))


def top_levels(p_counts: Counts, q_counts: Counts) -> Binned:
    """Return the commonest categories of each side; a side's others count no rows at all."""
    return _topmost(p_counts), _topmost(q_counts)


def _topmost(counts: Counts) -> Counts:
    kept = np.zeros_like(counts)
    top = np.argsort(-counts, kind="stable")[:_TOP_LEVELS]
    kept[top] = counts[top]
    return kept


def own_ranges(sample: BothSides) -> Binned:
    """Return TFDV's histograms: ten bins over each side's own range, cut at the other's edges.

    Rows are spread evenly within their bin where an edge of the other side cuts it. A side with
    a single value has that value for a bin. Infinite values of the two sides never share a bin,
    nor do NaN, which TFDV loses where the edges of the sides differ.
    """
    sides = [_side(sample, counts) for counts in (sample.p_counts, sample.q_counts)]
    wide = [edges for edges, _ in sides if edges[0] < edges[-1]]
    cuts = np.unique(np.concatenate(wide)) if wide else np.zeros(1)
    spikes = np.unique([edges[0] for edges, _ in sides if edges[0] == edges[-1]])
    p_bins, q_bins = (
        np.concatenate([_recut(edges, rows, cuts), np.where(edges[-1] == spikes, rows[-1], 0.0)])
        if edges[0] == edges[-1]
        else np.concatenate([_recut(edges, rows, cuts), np.zeros(spikes.size)])
        for edges, rows in sides
    )
    same = len(wide) == 0 or (len(wide) == 2 and np.array_equal(wide[0], wide[1]))
    p_nan, q_nan = sample.nan if same else (0, 0)
    p_infinite, q_infinite = sample.infinite
    return (
        np.concatenate([p_bins, [p_infinite, 0, p_nan, 0]]),
        np.concatenate([q_bins, [0, q_infinite, 0, q_nan]]),
    )


def _side(sample: BothSides, counts: Counts) -> tuple[Values, Values]:
    own = counts > 0
    return interpolated_histogram(sample.values[own], counts[own])


def _recut(edges: Values, rows: Values, cuts: Values) -> Values:
    """Return the rows between neighbouring `cuts`: shape (cuts − 1,)."""
    if edges[0] == edges[-1]:
        return np.zeros(cuts.size - 1)
    return np.diff(np.interp(cuts, edges, np.concatenate([[0.0], np.cumsum(rows)])))


def interpolated_histogram(
    values: Values, counts: Counts, bins: int = 10, quantiles: int = 1_000
) -> tuple[Values, Values]:
    """Return the edges of `bins` equal widths and the rows in each, as TFDV estimates them.

    TFDV reads the rows of a bin off a thousand quantiles, with the rows between two of them
    spread evenly, so that a value's rows reach into the gap below it. A value that several
    quantiles fall on keeps all but one part in as many of its rows in place.

    Parameters
    ----------
    values, counts : shape (points,)
        One side's sorted distinct values and its rows at each.
    """
    low, high = float(values[0]), float(values[-1])
    if low == high:
        return np.array([low, high]), np.array([float(counts[0])])
    after = np.cumsum(counts)
    chosen = _quantile_positions(counts, after, quantiles)
    at, repeats = np.unique(chosen, return_counts=True)
    rows = np.diff(after[at], prepend=0).astype(np.float64)
    # The first quantile is the smallest value: its rows go with the gap above it, unless more
    # quantiles fall on it.
    spread, spikes = rows / repeats, rows * (1 - 1 / repeats)
    first = rows[0]
    spread[0], spikes[0] = 0.0, first if repeats[0] > 1 else 0.0
    if repeats[0] == 1:
        spread[1] += first
    edges = np.linspace(low, high, bins + 1)
    smooth = np.interp(edges, values[at], np.cumsum(spread))
    steps = np.concatenate([[0.0], np.cumsum(spikes)])
    below = smooth + steps[np.searchsorted(values[at], edges, side="right")]
    below[0] = 0.0
    return edges, np.diff(below)


def _quantile_positions(counts: Counts, after: Counts, quantiles: int) -> NDArray[np.intp]:
    """Return the index of the value at each of `quantiles` + 1 equal steps of rank.

    A rank takes the value whose middle rank lies below it and nearest, or the next one up
    where that is nearer: the rule of the weighted quantile summary behind TFDV.
    """
    ranks = 2 * (np.arange(quantiles + 1) * float(after[-1]) / quantiles)
    middles = 2 * after - counts
    following = np.maximum(np.searchsorted(middles, ranks, side="right"), 1)
    lower = following - 1
    last = following == counts.size
    nearer = ranks < 2 * after[lower]
    return np.where(last | nearer, lower, following)


#: A sample's values and counts, and its range, to the width of a bin; 0 for a single bin.
Width = Callable[[Values, Counts, float], float]


def sturges_width(values: Values, counts: Counts, span: float) -> float:
    """Return the width by which log₂(rows) + 1 bins cover the range.

    References
    ----------
    Sturges (1926), doi:10.1080/01621459.1926.10502161
    """
    del values
    return float(span / (np.log2(counts.sum()) + 1.0))


def doane_width(values: Values, counts: Counts, span: float) -> float:
    """Return Sturges' width, made smaller for skewed samples.

    References
    ----------
    Doane (1976), doi:10.1080/00031305.1976.10479172
    """
    rows = int(counts.sum())
    if rows <= 2 or not span:
        return 0.0
    shares = counts / rows
    mean = float(np.dot(values, shares))
    deviations = values - mean
    spread = float(np.sqrt(np.dot(np.square(deviations), shares)))
    skewness = abs(float(np.dot((deviations / spread) ** 3, shares)))
    error = np.sqrt(6.0 * (rows - 2) / ((rows + 1.0) * (rows + 3)))
    return float(span / (1.0 + np.log2(rows) + np.log2(1.0 + skewness / error)))


def equal_width_edges(
    values: Values, counts: Counts, width: Width, dtype: DTypeLike = np.float64
) -> Values:
    """Return the edges of `numpy.histogram_bin_edges` for the rule `width`.

    Parameters
    ----------
    dtype
        The type of the values in the tool: numpy computes the edges of float32 values in
        float32, and gives integers bins at least one wide (since numpy 2.0).
    """
    single = np.dtype(dtype) == np.float32
    low, high = values[[0, -1]].astype(np.float32 if single else np.float64)
    size = width(values, counts, float(high - low))
    if size and np.issubdtype(dtype, np.integer):
        size = max(size, 1.0)
    bins = int(np.ceil(float(high - low) / size)) if size else 1
    return edges_between(float(low), float(high), bins, dtype)


def edges_between(low: float, high: float, bins: int, dtype: DTypeLike = np.float64) -> Values:
    """Return `bins` + 1 edges at equal steps, half a unit to each side of a single value."""
    if low == high:
        low, high = low - 0.5, high + 0.5
    kind = np.float32 if np.dtype(dtype) == np.float32 else np.float64
    # The ends in that type too: numpy then takes the steps in it.
    return np.linspace(kind(low), kind(high), bins + 1, dtype=kind).astype(np.float64)


def histogram(values: Values, counts: Counts, edges: Values) -> Counts:
    """Return the rows in each bin as `numpy.histogram` counts them: shape (edges − 1,).

    Bins hold their lower edge, the last one both; rows outside the edges are not counted.
    """
    below = np.concatenate([[0], np.cumsum(counts)])
    at = np.append(
        np.searchsorted(values, edges[:-1]), np.searchsorted(values, edges[-1], side="right")
    )
    rows: Counts = np.diff(below[at])
    return rows

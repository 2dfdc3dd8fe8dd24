"""Equal-width histograms as numpy chooses them, from weighted points instead of rows.

Other tools bin by `numpy.histogram_bin_edges`; the rules here take a sample as sorted values and
the rows at each, and give the same edges and the same counts.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import DTypeLike, NDArray

Values = NDArray[np.float64]
Counts = NDArray[np.int64]
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

"""The rules that people use: a test or a score for each column, and a fixed level.

None of them knows how many columns there are or how many rows; missing values are dropped.
"""

import warnings

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from populations import is_categorical, numbers
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2_contingency, ks_2samp

Values = NDArray[np.float64]
Counts = NDArray[np.int64]

TEST, PSI, JS = "KS or χ², p < 0.05", "PSI > 0.2", "JS distance > 0.1"
RULES = (TEST, PSI, JS)

P_VALUE = 0.05
PSI_LEVEL = 0.2
JS_LEVEL = 0.1
BINS = 10
ZERO_SHARE = 1e-4


def alarms(baseline: pa.Array, current: pa.Array) -> dict[str, bool]:
    """Return which rules find drift in a column of numbers or categories."""
    if baseline.null_count == len(baseline) or current.null_count == len(current):
        return dict.fromkeys(RULES, False)
    if is_categorical(baseline.type):
        p, q = category_counts(baseline, current)
        return _alarms(chi_square_p_value(p, q), psi(p, q), js_distance(p, q))
    x, y = numbers(baseline), numbers(current)
    in_deciles, in_widths = decile_counts(x, y), equal_width_counts(x, y)
    return _alarms(ks_p_value(x, y), psi(*in_deciles), js_distance(*in_widths))


def _alarms(p_value: float, stability: float, distance: float) -> dict[str, bool]:
    found = (p_value < P_VALUE, stability > PSI_LEVEL, distance > JS_LEVEL)
    return dict(zip(RULES, found, strict=True))


def ks_p_value(x: Values, y: Values) -> float:
    """Return the p-value of the two-sample Kolmogorov-Smirnov test."""
    with warnings.catch_warnings():
        # Where the exact p-value fails, scipy gives the asymptotic one and says so.
        warnings.simplefilter("ignore", RuntimeWarning)
        return float(ks_2samp(x, y).pvalue)


def chi_square_p_value(p: Counts, q: Counts) -> float:
    """Return the p-value of the χ² test that two rows of counts have the same shares."""
    seen = p + q > 0
    return float(chi2_contingency(np.stack([p[seen], q[seen]])).pvalue)


def psi(p: Counts, q: Counts) -> float:
    """Return the population stability index of two rows of counts."""
    a, b = (np.where(counts > 0, counts / counts.sum(), ZERO_SHARE) for counts in (p, q))
    return float(np.sum((a - b) * np.log(a / b)))


def js_distance(p: Counts, q: Counts) -> float:
    """Return the Jensen-Shannon distance to base 2 of two rows of counts."""
    return float(jensenshannon(p, q, base=2))


def decile_counts(x: Values, y: Values) -> tuple[Counts, Counts]:
    """Return both sides' counts between the deciles of `x`; the outer bins are open."""
    edges = np.unique(np.quantile(x, np.arange(1, BINS) / BINS))
    first, second = (
        np.bincount(np.searchsorted(edges, values, side="right"), minlength=edges.size + 1)
        for values in (x, y)
    )
    return first, second


def equal_width_counts(x: Values, y: Values) -> tuple[Counts, Counts]:
    """Return both sides' counts in ten bins of equal width over what they hold together."""
    span = min(x.min(), y.min()), max(x.max(), y.max())
    first, second = (np.histogram(values, BINS, span)[0] for values in (x, y))
    return first, second


def category_counts(baseline: pa.Array, current: pa.Array) -> tuple[Counts, Counts]:
    """Return both sides' counts of the categories that either dictionary has."""
    both = pa.chunked_array([baseline.drop_null(), current.drop_null()]).unify_dictionaries()
    size = len(both.chunk(0).dictionary)
    first, second = (np.bincount(side.indices, minlength=size) for side in both.chunks)
    return first, second

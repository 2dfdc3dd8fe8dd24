"""Scores that sum up what their bins add: their noise in closed form, without any draws.

Of m pooled rows in a bin, a random split gives x to one side. All x together are binomial and
independent, given that they add up to the rows of that side. So the moments of a sum of
functions of them follow from those of each bin alone: Holst (1979), "Two conditional limit
theorems with applications", doi:10.1214/aos/1176344676.
"""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from msgspec import Struct, structs

from driftcli.metrics import bins, divergence
from driftcli.metrics.significance import NORMAL_QUANTILE, Counts, Noise, Values

#: What each bin adds, of its shares of both sides.
Term = Callable[[Values, Values], Values]

#: More different counts than this are rounded together, by so much of themselves.
_DISTINCT = 128
_ROUNDING = 1 / 64
#: How many values of a binomial variable its moments are summed over, at most, and how far from
#: its mean these lie: in standard deviations, and in rows besides, for the skewed ones.
_POINTS = 65
_REACH = 9
#: How many splits of columns are kept, and what follows from them, for others with as many rows.
_KEPT = 16
#: A skewness below this tells no gamma distribution from the normal one.
_SYMMETRIC = 0.01
#: A kink is smoothed by many small bins only: none may hold a larger share.
LARGEST_BIN = 0.1
#: Fewer bins have so few splits that these are better counted.
_FEWEST_BINS = 3
#: Of less, rounding of the exponent leaves fewer than 12 digits that all processors agree on.
_LEAST_TAIL = 1e-105
#: Spreads below this part of the mean are rounding.
_ROUNDED = 1e-9


class Sum(NamedTuple):
    """A score as a sum of a term over bins, or the root of one.

    Where it is not `finite`, it is infinite over bins that one side lacks, unless a pseudo-count
    fills them. A term that is not `smooth` has a kink where both sides agree.
    """

    term: Term
    rooted: bool = False
    finite: bool = True
    smooth: bool = True


def _kl(p: Values, q: Values) -> Values:
    """Return p ln(p/q) − p + q: over all bins the sum of p ln(p/q), of terms not below 0.

    Terms of both signs all but cancel each other, and with them the last digits.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        change = (q - p) / p
        terms: Values = np.where(p > 0, p * (change - np.log1p(change)), q)
    return terms


def _js(p: Values, q: Values) -> Values:
    """Return (p ln(p/m) + q ln(q/m)) / ln 4 with m = (p + q) / 2, without its terms' cancelling.

    With t = (p − q) / (p + q) it is m (2t artanh t + ln(1 − t²)) / ln 4, and m where a side is 0.
    """
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (p - q) / (p + q)
        terms = middle * (2 * t * np.arctanh(t) + np.log1p(-t * t)) / math.log(4)
    both: Values = np.where((p > 0) & (q > 0), terms, middle)
    return both


#: By the function that a metric is. What another tool calls by the same name is another function.
_SUMS: dict[Callable[..., Any], Sum] = {
    divergence.js_distance: Sum(_js, rooted=True),
    divergence.js_divergence: Sum(_js),
    divergence.kl_divergence: Sum(_kl, finite=False),
    divergence.kl_divergence_reverse: Sum(lambda p, q: _kl(q, p), finite=False),
    divergence.population_stability_index: Sum(lambda p, q: _kl(p, q) + _kl(q, p), finite=False),
    divergence.hellinger_distance: Sum(
        lambda p, q: np.square(np.sqrt(p) - np.sqrt(q)) / 2, rooted=True
    ),
    divergence.total_variation: Sum(lambda p, q: np.abs(p - q) / 2, smooth=False),
}


def sum_of(function: Callable[..., Any], pooled: Counts, pseudo_count: float) -> Sum | None:
    """Return a metric's function as a sum whose noise is known over bins of so many pooled rows."""
    found = _SUMS.get(function)
    if found is None or np.count_nonzero(pooled) < _FEWEST_BINS:
        return None
    if not (found.finite or pseudo_count):
        return None
    if not found.smooth and pooled.max() > LARGEST_BIN * pooled.sum():
        return None
    return found


class Splits(Struct, frozen=True, eq=False):
    """What a random split of pooled rows gives to one side of each bin.

    `x` and `chances`, of shape (counts, points), are the values of binomial variables and how
    likely they are, by the rows of a bin, and `off` how far these values are from their mean;
    `many` bins have as many rows. In all there are so many `bins`, of which some may be empty and
    `filled` are not.
    """

    rows: Values
    many: Counts
    x: Values
    chances: Values
    off: Values
    sizes: tuple[float, float]
    bins: int
    filled: int


def kinked_of(function: Callable[..., Any], pseudo_count: float) -> Term | None:
    """Return what a metric's function adds up, where that has a kink."""
    found = _SUMS.get(function)
    return found.term if found and not (found.smooth or pseudo_count) else None


def splits_of(pooled: Counts, sizes: tuple[float, float]) -> Splits:
    """Return the splits of pooled rows, of shape (bins,), into sides of these sizes."""
    rows, many = _distinct(pooled)
    return _splits(rows.tobytes(), many.tobytes(), sizes, int(np.count_nonzero(pooled)))


@lru_cache(_KEPT)
def _splits(rows: bytes, many: bytes, sizes: tuple[float, float], filled: int) -> Splits:
    counts, bins_of_each = np.frombuffer(rows, np.float64), np.frombuffer(many, np.int64)
    x, chances, off = _binomial(counts, sizes[0] / sum(sizes))
    total = int(bins_of_each.sum())
    return Splits(counts, bins_of_each, x, chances, off, sizes, total, filled)


def resplit(splits: Splits, share: float) -> Splits:
    """Return the splits of the same rows that give another share of them to the one side."""
    x, chances, off = _binomial(splits.rows, share)
    return structs.replace(splits, x=x, chances=chances, off=off)


def sum_noise(found: Sum, p: Counts, q: Counts, pseudo_count: float, splits: Splits) -> Noise:
    """Return the noise of a score that is a sum over bins, or the root of one.

    The tail is that of a gamma distribution with the same mean, variance and skewness (Pearson's
    type III). Its level is by Wilson and Hilferty (1931), doi:10.1073/pnas.17.12.684.

    Parameters
    ----------
    p, q : shape (bins,)
        Rows of both sides.
    """
    observed = float(
        found.term(bins.probabilities(p, pseudo_count), bins.probabilities(q, pseudo_count)).sum()
    )
    mean, sd, skew = _moments(found.term, splits, pseudo_count)
    if sd <= _ROUNDED * mean:
        level, p_value = mean, 1.0
    else:
        level = max(0.0, mean + sd * _quantile(skew))
        p_value = max(_LEAST_TAIL, upper_tail((observed - mean) / sd, skew))
    return Noise(math.sqrt(level) if found.rooted else level, p_value)


def moments(term: Term, splits: Splits, pseudo_count: float) -> tuple[float, float, float]:
    """Return mean, standard deviation and skewness of Σ term over all splits.

    With y what a bin adds, β the slope of y on x over all bins, g = y − Ey − β (x − Ex) and k
    bins that are not empty, they come from

        Σ Ey − ½ Σ E[g (x − Ex)²] / Σ var x,    (1 − 1/k) Σ E g²,    (1 − 1/k) Σ E g³,

    the mean, the variance and the third cumulant.
    """
    rows, many, x, chances, off = splits.rows, splits.many, splits.x, splits.chances, splits.off
    totals = [size + pseudo_count * splits.bins for size in splits.sizes]
    y = term((x + pseudo_count) / totals[0], (rows[:, None] - x + pseudo_count) / totals[1])

    weights = many[:, None] * chances
    apart = weights * off

    def total(weights: Values, values: Values) -> float:
        return float(np.einsum("bx,bx->", weights, values))

    means = _means(chances, y)
    dy = y - means[:, None]
    spread = total(apart, off)
    g = dy - total(apart, dy) / spread * off
    mean = float(np.einsum("b,b->", many, means)) - total(apart * off, g) / spread / 2
    weighted = weights * g
    variance = (1 - 1 / splits.filled) * total(weighted, g)
    third = (1 - 1 / splits.filled) * total(weighted * g, g)
    return mean, math.sqrt(variance), third / variance**1.5 if variance else 0.0


#: As `moments`, which many columns of a table share: those without ties and missing values.
_moments = lru_cache(_KEPT)(moments)


def _means(chances: Values, values: Values) -> Values:
    """Return the expectations of values, of shape (variables, points)."""
    return np.asarray(np.einsum("bx,bx->b", chances, values))


def _distinct(pooled: Counts) -> tuple[Values, Counts]:
    """Return the different counts of rows, and how many bins have each."""
    counts, many = bins.tallied(pooled)
    if counts.size > _DISTINCT:
        steps = np.rint(np.log(np.maximum(counts, 1)) / math.log1p(2 * _ROUNDING))
        steps[counts < 1 / _ROUNDING] = -counts[counts < 1 / _ROUNDING] - 1
        _, at = np.unique(steps, return_inverse=True)
        rows = np.bincount(at, counts * many)
        many = np.bincount(at, many).astype(np.int64)
        counts = np.rint(rows / many)
    return counts.astype(np.float64), many


def _binomial(rows: Values, share: float) -> tuple[Values, Values, Values]:
    """Return values of binomial variables of so many rows, how likely they are, and how far off.

    Three arrays of shape (variables, points). Of many values, every so many-th is taken.
    """
    mean = rows * share
    reach = _REACH * (np.sqrt(mean * (1 - share)) + 1)
    first = np.maximum(0, np.floor(mean - reach))
    last = np.minimum(rows, np.ceil(mean + reach))
    stride = np.maximum(1, np.ceil((last - first) / (_POINTS - 1)))
    most = int(np.max((last - first) // stride)) + 1
    x = first[:, None] + stride[:, None] * np.arange(most)
    beyond = x > last[:, None]
    x = np.minimum(x, last[:, None])
    failed = rows[:, None] - x
    both = _log_poisson(np.concatenate([x, failed]), np.concatenate([mean, rows - mean]))
    logs = both[: rows.size] + both[rows.size :]
    logs[beyond] = -np.inf
    chances = np.exp(logs - logs.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    return x, chances, x - _means(chances, x)[:, None]


#: From here on Stirling's series is exact.
_STIRLING = 16
#: For the mean of a bin without rows.
_LEAST_MEAN = 1e-12
_LOG_FACTORIALS = np.cumsum(np.log(np.maximum(1.0, np.arange(_STIRLING))))


def _log_poisson(n: Values, mean: Values) -> Values:
    """Return ln of how likely a Poisson variable of a mean is to be n.

    From a table, and by Stirling's series around the mean, whose terms are small where n is near.

    References
    ----------
    Loader (2000), Fast and accurate computation of binomial probabilities.
    """
    mean = np.maximum(mean, _LEAST_MEAN)[:, None]
    large = np.maximum(n, _STIRLING)
    off = (large - mean) / mean
    square = large * large
    series = (1 / 12 - (1 / 360 - 1 / 1260 / square) / square) / large
    stirling = -mean * ((1 + off) * np.log1p(off) - off) - np.log(2 * math.pi * large) / 2 - series
    small = np.minimum(n, _STIRLING - 1)
    table = small * np.log(mean) - mean - _LOG_FACTORIALS[small.astype(np.intp)]
    logs: Values = np.where(n < _STIRLING, table, stirling)
    return logs


def _quantile(skew: float) -> float:
    """Return the noise level of a standardised gamma distribution."""
    if skew < _SYMMETRIC:
        return NORMAL_QUANTILE
    shape = 4 / skew**2
    cube = max(0.0, 1 - 1 / (9 * shape) + NORMAL_QUANTILE / (3 * math.sqrt(shape)))
    return (cube**3 - 1) * math.sqrt(shape)


def upper_tail(z: float, skew: float) -> float:
    """Return P(X ≥ z) of a gamma distribution of mean 0, variance 1 and this skewness.

    A normal distribution where it is hardly skewed; one skewed to the left has less beyond.
    """
    if skew < _SYMMETRIC:
        return math.erfc(z / math.sqrt(2)) / 2
    shape = 4 / skew**2
    return gamma_tail(shape, shape + 2 * z / skew)


def gamma_tail(shape: float, x: float) -> float:
    """Return Q(shape, x), the regularised upper incomplete gamma function.

    By the series up to the mean and Lentz's continued fraction beyond: DLMF 8.11.4 and 8.9.2,
    https://dlmf.nist.gov/8.
    """
    if x <= 0:
        return 1.0
    front = math.exp(max(shape * math.log(x) - x - math.lgamma(shape), -740.0))
    if x < shape + 1:
        term = total = 1 / shape
        n = shape
        while term > 1e-12 * total:
            n += 1
            term *= x / n
            total += term
        return max(0.0, 1 - front * total)
    b = x + 1 - shape
    c, d = math.inf, 1 / b
    fraction, n = d, 0
    ratio = 0.0
    while abs(ratio - 1) > 1e-12:
        n += 1
        a = n * (shape - n)
        b += 2
        d = 1 / (a * d + b)
        c = b + a / c
        ratio = c * d
        fraction *= ratio
    return front * fraction

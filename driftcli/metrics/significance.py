"""Is a score beyond chance: its level without drift, its p-value, and correction for many tests.

Without drift both sides are random parts of one pool, so a score's distribution is that over
random splits of the pooled rows: a permutation test, exact in finite samples.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Counts = NDArray[np.int64]

#: The share of no-drift scores that the noise level is not below.
LEVEL = 0.99
#: The least p-value reported: a fitted tail says nothing beyond.
LEAST = 1e-300
#: Its quantile of the standard normal distribution.
_NORMAL_QUANTILE = 2.3263
#: Fewer replicates than this have a normal distribution fitted to their roots.
FEW = 200
#: The share of the replicates that the tail is fitted to.
_TAIL = 0.1
#: Categories whose absence has no higher log-probability are not drawn.
_NEVER = -20.0
#: The part of the chance of a false alarm that the rows of all categories lacked are given, and
#: not those of the commonest alone.
_SUM_WEIGHT = 0.9
#: Larger ratios of shares are as unlikely.
_LARGEST_RATIO = 1e25
#: A p-value that is plainly no sign of anything: far above any level that is asked for.
PLAIN = 0.05
#: Standard deviations over the mean up to which the p-value of a sum is above `PLAIN`.
_PLAIN_DEVIATIONS = 1.5
#: Standard deviations to either side of the mean beyond which a hypergeometric variable is not
#: looked for: its probability there is far below `LEAST`.
_REACH = 40


class Noise(NamedTuple):
    """The score that no drift stays below in 99 of 100 comparisons, and this score's p-value."""

    level: float
    p_value: float


def permutation_noise(score: float, replicates: Values, *, least: float = 0.0) -> Noise:
    """Return the noise of a score from replicates drawn without drift.

    The p-value is the share of replicates that reach the score, itself counted as one
    (Phipson & Smyth 2010, doi:10.2202/1544-6115.1585). Beyond the largest replicate it is read
    off an exponential tail fitted to the largest tenth: the generalised Pareto tail of
    Knijnenburg et al. (2009), doi:10.1093/bioinformatics/btp211, with shape 0, which for these
    scores errs towards larger p-values, and with what so few excesses leave unknown of it. With
    fewer replicates, as are drawn of scores that sum up very many bins, the tail is Student's.

    Parameters
    ----------
    replicates : shape (replicates,)
    least
        A p-value that is known not to be too small, if there is one, in the place of the tail.
    """
    level = _level(replicates)
    reaching = int(np.count_nonzero(_reach(replicates, score)))
    counted = (reaching + 1) / (replicates.size + 1)
    if not least:
        tail = _student_tail if replicates.size < FEW else _exponential_tail
        least = 1.0 if reaching else tail(score, replicates)
    return Noise(level, min(counted, max(LEAST, least)))


def _reach(scores: Values, score: float) -> NDArray[np.bool_]:
    """Return which scores are at least `score`, ties that rounding has parted included."""
    found: NDArray[np.bool_] = scores >= (score if math.isinf(score) else score * (1 - 1e-9))
    return found


def _exponential_tail(score: float, replicates: Values) -> float:
    """Return P(X ≥ score) for a score beyond all replicates; 1 where no tail can be fitted.

    One more excess over the mean of k exponential ones has Fisher's F distribution with 2 and 2k
    degrees of freedom, so that P(excess ≥ x) = (1 + x / sum of the k)⁻ᵏ.
    """
    largest = np.sort(replicates)[-(int(_TAIL * replicates.size) + 1) :]
    excesses = largest[1:] - largest[0]
    total = float(excesses.sum())
    if not total > 0 or math.isinf(score):
        return 1.0
    beyond = (score - float(largest[0])) / total
    return _TAIL * math.exp(-excesses.size * math.log1p(beyond))


def _student_tail(score: float, replicates: Values) -> float:
    """Return P(X ≥ score) as Student's t has it for one more draw; 1 where none can be told.

    Of the roots, since sums of squares are skewed.
    """
    roots = np.sqrt(replicates)
    sd = float(roots.std(ddof=1)) * math.sqrt(1 + 1 / roots.size)
    if not sd > 0 or math.isinf(score):
        return 1.0
    return student_tail((math.sqrt(score) - float(roots.mean())) / sd, roots.size - 1)


def student_tail(t: float, freedom: int) -> float:
    """Return P(X ≥ t) of Student's distribution, for t ≥ 0.

    That is Wallace's approximation by the normal distribution (1959),
    doi:10.1214/aoms/1177706098.
    """
    normal = (
        math.sqrt(freedom * math.log1p(t * t / freedom)) * (8 * freedom + 1) / (8 * freedom + 3)
    )
    return math.erfc(normal / math.sqrt(2)) / 2


def _level(replicates: Values) -> float:
    if replicates.size >= FEW or not np.all(np.isfinite(replicates)):
        at = math.ceil(LEVEL * (replicates.size - 1))
        return float(np.partition(replicates, at)[at])
    roots = np.sqrt(replicates)
    return float(roots.mean() + _NORMAL_QUANTILE * roots.std(ddof=1)) ** 2


def weighted_noise(score: float, scores: Values, chances: Values) -> Noise:
    """Return the noise of a score whose distribution is known: `chances` of `scores`, summing to 1.

    Both have shape (outcomes,).
    """
    order = np.argsort(scores, kind="stable")
    at = int(np.searchsorted(np.cumsum(chances[order]), LEVEL - 1e-12))
    level = float(scores[order][min(at, scores.size - 1)])
    reaching = float(chances[_reach(scores, score)].sum())
    return Noise(level, min(1.0, max(LEAST, reaching)))


def hypergeometric(hits: int, p_rows: int, q_rows: int) -> tuple[Counts, Values]:
    """Return how many of `hits` rows may fall on the side of `p_rows` by chance, and how likely.

    Two arrays of shape (outcomes,). Outcomes farther than forty standard deviations from the
    mean are left out, and of very many only some thousands are given.
    """
    rows = p_rows + q_rows
    share = p_rows / rows
    mean = hits * share
    sd = math.sqrt(mean * (1 - share) * (rows - hits) / max(rows - 1, 1))
    first = max(0, hits - q_rows, math.floor(mean - _REACH * sd - _REACH))
    last = min(hits, p_rows, math.ceil(mean + _REACH * sd + _REACH))
    stride = max(1, (last - first) // 5_000)
    x = np.arange(first, last + 1, stride, dtype=np.int64)
    # Ratios of neighbouring probabilities, in logarithms: no factorial is ever needed.
    at = x[:-1] + (stride - 1) / 2
    steps = np.log((hits - at) * (p_rows - at)) - np.log((at + 1) * (q_rows - hits + at + 1))
    logs = np.concatenate([[0.0], np.cumsum(steps * stride)])
    chances = np.exp(logs - logs.max())
    return x, chances / chances.sum()


def share_noise(p_hits: int, p_rows: int, q_hits: int, q_rows: int) -> Noise:
    """Return the noise of |p_hits/p_rows − q_hits/q_rows|, as in Fisher's exact test."""
    hits = p_hits + q_hits
    x, chances = hypergeometric(hits, p_rows, q_rows)
    scores = np.abs(x / p_rows - (hits - x) / q_rows)
    return weighted_noise(abs(p_hits / p_rows - q_hits / q_rows), scores, chances)


def extremes_noise(score: float, inner_rows: int, outer_rows: int) -> Noise:
    """Return the noise of the share of one side's rows beyond the other side's extremes.

    Without drift and ties, each end of the pooled order is a run of the outer side's rows of
    geometric length, so the sum k of both has P(≥ k) = rᵏ (1 + k (1 − r)).
    """
    ratio = outer_rows / (inner_rows + outer_rows)

    def reaching(k: Values) -> Values:
        return ratio**k * (1 + k * (1 - ratio))

    k = np.arange(min(outer_rows, 1_000_000) + 1, dtype=np.float64)
    level = int(np.count_nonzero(reaching(k) > 1 - LEVEL)) / outer_rows
    found = float(reaching(np.array(round(score * outer_rows), np.float64)))
    return Noise(min(level, 1.0), min(1.0, max(LEAST, found)))


def absence_noise(
    inner: Counts, outer: Counts, generator: np.random.Generator, draws: int
) -> Noise:
    """Return the noise of the share of one side's rows in categories the other side lacks.

    Whether the `inner` rows lack a category is taken as independent of the others, which it
    nearly is: absences are negatively associated, so that Chernoff's bound on the tail holds.
    The p-value is of two tests, Bonferroni's correction counted in: of that share, and, since
    many rare newcomers hide a common one, of the rows of the commonest category lacked.

    Parameters
    ----------
    inner, outer : shape (categories,)
        Rows of the side that lacks categories, and of the other.
    """
    sizes = int(inner.sum()), int(outer.sum())
    lacked = outer[inner == 0]
    pooled = inner + outer
    counts, many = np.unique(pooled[pooled > 0], return_counts=True)
    logs = log_absence(counts, sizes[0], sum(sizes))
    likely = logs > _NEVER
    if not lacked.any() and not likely.any():
        return Noise(0.0, 1.0)
    absent = generator.binomial(many[likely], np.exp(logs[likely]), (draws, likely.sum()))
    # Drawn independently, more rows may be absent than there are.
    drawn = np.minimum(absent @ counts[likely] / sizes[1], 1.0)
    if not lacked.any():
        return Noise(_level(drawn), 1.0)
    rows, commonest = int(lacked.sum()), int(lacked.max())
    noise = permutation_noise(rows / sizes[1], drawn, least=_chernoff(rows, counts, many, logs))
    own = float(np.dot(many, np.exp(logs) * (counts >= commonest)))
    p_value = min(noise.p_value / _SUM_WEIGHT, own / (1 - _SUM_WEIGHT), 1.0)
    return Noise(noise.level, max(LEAST, p_value))


def ratio_noise(score: float, pooled: Counts, sizes: tuple[int, int], pseudo_count: float) -> Noise:
    """Return the noise of the largest ratio of a bin's smoothed shares.

    The p-value is a bound: the sum over the bins of Hoeffding's bound (1963),
    doi:10.1080/01621459.1963.10500830, on the chance of such a split of each bin's rows. The
    level is the ratio at which it is that of the level.

    Parameters
    ----------
    pooled : shape (bins,)
        Rows of both sides in each bin.
    """
    totals = [size + pseudo_count * pooled.size for size in sizes]
    counts, many = np.unique(pooled[pooled > 0], return_counts=True)

    def reaching(ratio: float) -> float:
        bound = 0.0
        for scale in (ratio, 1 / ratio):
            # The rows of P at which the smoothed shares have just this ratio.
            odds = scale * totals[0] / totals[1]
            rows = (odds * (counts + pseudo_count) - pseudo_count) / (1 + odds)
            possible = rows <= counts if scale > 1 else rows >= 0
            share = np.clip(rows / counts, 0.0, 1.0)
            logs = -counts * _divergence(share, sizes[0] / sum(sizes))
            bound += float(np.sum((many * np.exp(logs))[possible]))
        return min(1.0, bound)

    low, high = 0.0, math.log(_LARGEST_RATIO)
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if reaching(math.exp(middle)) > 1 - LEVEL else (low, middle)
    if score <= 1:
        return Noise(math.exp(high), 1.0)
    return Noise(math.exp(high), max(LEAST, reaching(min(score, _LARGEST_RATIO))))


def _divergence(share: Values, chance: float) -> Values:
    """Return the Kullback-Leibler divergence of coins that fall with `share`, from `chance`."""
    with np.errstate(divide="ignore", invalid="ignore"):
        heads = np.where(share > 0, share * np.log(share / chance), 0.0)
        tails = np.where(share < 1, (1 - share) * np.log((1 - share) / (1 - chance)), 0.0)
    divergence: Values = np.maximum(heads + tails, 0.0)
    return divergence


def split_bounds(parts: Counts, pooled: Counts, chance: float) -> Values:
    """Return bounds on the chance that so unequal a share of each bin's rows is one side's.

    Hoeffding's bound for both sides of the mean, of bins one by one. `chance` is the side's share
    of all rows.
    """
    shares = np.divide(parts, pooled, out=np.full(pooled.size, chance), where=pooled > 0)
    bounds: Values = np.minimum(1.0, 2 * np.exp(-pooled * _divergence(shares, chance)))
    return bounds


def largest_absence(rows: int, inner_rows: int, pooled_rows: int) -> float:
    """Return a bound on the chance that a side lacks any category of so many rows or more.

    Of `pooled_rows` there are at most pooled_rows / rows such categories, and the side of
    `inner_rows` lacks each with no more than the chance that it lacks one of just `rows`. So it
    holds whichever categories have been looked at.
    """
    if not rows:
        return 1.0
    log = float(log_absence(np.array([rows]), inner_rows, pooled_rows)[0])
    return min(1.0, max(LEAST, pooled_rows / rows * math.exp(log)))


def plainly_absent(inner: Counts, outer: Counts) -> bool:
    """Return whether the p-value of `absence_noise` is plainly above `PLAIN`, at less cost.

    That is where the rows lacked are near their mean, by the normal limit of their distribution,
    and a category as common as the commonest of them is not unlikely to be lacked.
    """
    sizes = int(inner.sum()), int(outer.sum())
    lacked = outer[inner == 0]
    counts, many = np.unique(inner + outer, return_counts=True)
    chances = np.exp(log_absence(counts, sizes[0], sum(sizes)))
    expected = many * chances
    mean = float(np.sum(expected * counts))
    spread = math.sqrt(float(np.sum(expected * (1 - chances) * np.square(counts))))
    own = float(expected[counts >= lacked.max(initial=0)].sum())
    near = float(lacked.sum()) <= mean + _PLAIN_DEVIATIONS * spread
    return near and own >= PLAIN * (1 - _SUM_WEIGHT)


def log_absence(counts: Counts, size: int, rows: int) -> Values:
    """Return ln of the chance that a part of `size` rows lacks a category that has `counts` rows.

    Hypergeometric: Π (rows − size − i) / (rows − i). Beyond a million rows, and beyond what could
    tell from the least p-value, it is that of fewer rows, which is no less.
    """
    enough = math.log(LEAST) / math.log1p(-size / rows)
    most = int(min(counts.max(initial=0), rows - size, enough + 1, 1_000_000))
    i = np.arange(most)
    logs = np.concatenate([[0.0], np.cumsum(np.log1p(-size / (rows - i)))])
    lacking = logs[np.minimum(counts, most)]
    lacking[counts > rows - size] = -np.inf
    return np.asarray(lacking)


def _chernoff(rows: int, counts: Counts, many: Counts, logs: Values) -> float:
    """Return Chernoff's bound on P(T ≥ rows), T the sum of `counts` over absent categories.

    min over t ≥ 0 of E exp(t·T) / exp(t·rows), with each of `many` categories of a count absent
    with the chance exp(`logs`).
    """
    absent = np.exp(logs)
    if rows <= float(np.dot(many, absent * counts)):
        return 1.0  # no more than is expected: the exponent, convex in t, rises from 0
    with np.errstate(divide="ignore"):
        present = np.log1p(-absent)

    def exponent(t: float) -> float:
        return float(np.dot(many, np.logaddexp(present, logs + t * counts))) - t * rows

    low, high = 0.0, 1.0
    while exponent(2 * high) < exponent(high) - 1e-9 and high < 1e6:
        high *= 2
    high *= 2
    # Golden-section search: of the two inner points one is always known from the step before.
    ratio = (math.sqrt(5) - 1) / 2
    left, right = high - ratio * (high - low), low + ratio * (high - low)
    at_left, at_right = exponent(left), exponent(right)
    for _ in range(60):
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - ratio * (high - low)
            at_left = exponent(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + ratio * (high - low)
            at_right = exponent(right)
    return min(1.0, max(LEAST, math.exp(max(exponent(low), -700.0))))


def adjusted(p_values: Values, correction: str) -> Values:
    """Return p-values corrected for their number: shape (tests,).

    "bh" controls the false discovery rate (Benjamini & Hochberg 1995,
    doi:10.1111/j.2517-6161.1995.tb02031.x), "holm" the chance of any false alarm (Holm 1979,
    Scandinavian Journal of Statistics 6), and "none" leaves them as they are.
    """
    if correction == "none" or not p_values.size:
        return p_values
    count = p_values.size
    order = np.argsort(p_values, kind="stable")
    ranked = p_values[order]
    if correction == "holm":
        ranked = np.maximum.accumulate(ranked * np.arange(count, 0, -1))
    else:
        steps = ranked * (count / np.arange(1, count + 1))
        ranked = np.minimum.accumulate(steps[::-1])[::-1]
    result = np.empty(count)
    result[order] = np.minimum(ranked, 1.0)
    return result

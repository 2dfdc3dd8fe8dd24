"""How far shares of rows lie apart by chance: exact laws and bounds for one part of the rows."""

import math

import numpy as np

from driftcli.metrics import bins
from driftcli.metrics.significance import LEAST, LEVEL, Counts, Noise, Values, weighted_noise

#: p-values up to this are taken again without their condition, of no more hits than this.
_DOUBTFUL = 0.05
_FEW_HITS = 200
#: Larger ratios of shares are as unlikely.
_LARGEST_RATIO = 1e25
#: Standard deviations to either side of the mean beyond which a hypergeometric variable is not
#: looked for: its probability there is far below `LEAST`.
_REACH = 40


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


def share_noise(p_hits: int, p_rows: int, q_hits: int, q_rows: int, among: int = 1) -> Noise:
    """Return the noise of |p_hits/p_rows − q_hits/q_rows|, as in Fisher's exact test.

    The level is that of the largest of so many differences, the p-value of this one.
    """
    hits = p_hits + q_hits
    if not hits:
        return Noise(0.0, 1.0)
    x, chances = hypergeometric(hits, p_rows, q_rows)
    scores = np.abs(x / p_rows - (hits - x) / q_rows)
    level = 1 - (1 - LEVEL) / among
    return weighted_noise(abs(p_hits / p_rows - q_hits / q_rows), scores, chances, level)


def unconditional(p_value: float, hits: int, p_rows: int, q_rows: int) -> float:
    """Return a p-value of shares of rows without the condition that there are just so many hits.

    Fisher's test can attain few p-values where hits are few, and hardly ever one just below the
    level that is asked for. With F_g(p) the largest p-value up to p that g hits can attain, at
    most F_g(p) of all data with g hits have one so small, and of all data

        Σ_g Bin(g; rows, hits / rows) F_g(p),

    Boschloo's test (1970), doi:10.1111/j.1467-9574.1970.tb00104.x, at the share of hits that was
    found. Larger p-values, and those of many hits, are returned as they are.
    """
    rows = p_rows + q_rows
    hits = min(hits, rows - hits)
    if p_value > _DOUBTFUL or not 0 < hits <= _FEW_HITS:
        return p_value
    reach = 6 * math.sqrt(hits * (1 - hits / rows)) + 6
    g = np.arange(max(0, math.floor(hits - reach)), min(rows, math.ceil(hits + reach)) + 1)
    # Ratios of neighbouring probabilities, in logarithms: no factorial is ever needed.
    steps = np.log((rows - g[:-1]) / (g[:-1] + 1) * hits / (rows - hits))
    chances = np.exp(_from_steps(steps) - float(_from_steps(steps).max()))
    attained = _attained(p_value, g, p_rows, q_rows)
    return max(LEAST, float(np.dot(chances / chances.sum(), attained)))


def _attained(p_value: float, hits: Counts, p_rows: int, q_rows: int) -> Values:
    """Return the largest p-value up to `p_value` of Fisher's test, by hits: shape (numbers,)."""
    x = np.arange(int(hits[-1]) + 1)
    p_ways, q_ways = (_log_choices(rows, x.size) for rows in (p_rows, q_rows))
    others = hits[:, None] - x
    logs = np.where(others >= 0, p_ways + q_ways[np.maximum(others, 0)], -np.inf)
    chances = np.exp(logs - logs.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    # In whole numbers, since what is as far apart must not differ by rounding.
    apart = np.abs(x * (p_rows + q_rows) - hits[:, None] * p_rows)
    order = np.argsort(-apart, axis=1, kind="stable")
    apart = np.take_along_axis(apart, order, axis=1)
    reaching = np.cumsum(np.take_along_axis(chances, order, axis=1), axis=1)
    tied = np.zeros(reaching.shape, bool)
    tied[:, :-1] = apart[:, 1:] == apart[:, :-1]
    small: Values = np.where(tied | (reaching > p_value * (1 + 1e-9)), 0.0, reaching)
    attained: Values = small.max(axis=1)
    return attained


def _log_choices(rows: int, size: int) -> Values:
    """Return the logarithms of the ways to choose 0, 1, … of `rows`: shape (size,)."""
    x = np.arange(size - 1)
    with np.errstate(divide="ignore"):
        return _from_steps(np.log(np.maximum(0, rows - x) / (x + 1)))


def _from_steps(steps: Values) -> Values:
    return np.concatenate([[0.0], np.cumsum(steps)])


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
    counts, many = bins.tallied(pooled[pooled > 0])

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

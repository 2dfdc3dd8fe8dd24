"""Is a score beyond chance: its level without drift, its p-value, and correction for many tests.

Without drift both sides are random parts of one pool, so a score's distribution is that over
random splits of the pooled rows: a permutation test, exact in finite samples.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Counts = NDArray[np.int64]

#: The share of no-drift scores that the noise level is not below.
LEVEL = 0.99
#: Its quantile of the standard normal distribution.
NORMAL_QUANTILE = 2.3263
#: The least p-value reported: a fitted tail says nothing beyond.
LEAST = 1e-300
#: Fewer replicates than this have a normal distribution fitted to their roots.
FEW = 200
#: The share of the replicates that the tail is fitted to.
_TAIL_SHARE = 0.1
#: A p-value that is plainly no sign of anything: far above any level that is asked for.
PLAIN = 0.05


class Noise(NamedTuple):
    """The score that no drift stays below in 99 of 100 comparisons, and this score's p-value."""

    level: float
    p_value: float

    def among(self, scores: int) -> Noise:
        """Return the noise of a score that is the largest of so many."""
        return self._replace(p_value=min(1.0, scores * self.p_value))


def permutation_noise(
    score: float, replicates: Values, *, rooted: bool = False, least: float = 0.0
) -> Noise:
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
    rooted
        Whether scores fall with the root of the rows. Such have a tail of a normal distribution,
        and only their squares have an exponential one.
    least
        A p-value that is known not to be too small, if there is one, in the place of the tail.
    """
    level = noise_level(replicates, rooted=rooted)
    reaching = int(np.count_nonzero(_reach(replicates, score)))
    counted = (reaching + 1) / (replicates.size + 1)
    if not least:
        least = 1.0 if reaching else _tail(score, replicates, rooted=rooted)
    return Noise(level, min(counted, max(LEAST, least)))


def _tail(score: float, replicates: Values, *, rooted: bool) -> float:
    tail = _student_tail if replicates.size < FEW else _exponential_tail
    # Of parts of the score: squares may pass the largest float.
    return tail(1.0, np.square(replicates / score)) if rooted else tail(score, replicates)


def _reach(scores: Values, score: float) -> NDArray[np.bool_]:
    """Return which scores are at least `score`, ties that rounding has parted included."""
    found: NDArray[np.bool_] = scores >= (score if math.isinf(score) else score * (1 - 1e-9))
    return found


def _exponential_tail(score: float, replicates: Values) -> float:
    """Return P(X ≥ score) for a score beyond all replicates; 1 where no tail can be fitted.

    One more excess over the mean of k exponential ones has Fisher's F distribution with 2 and 2k
    degrees of freedom, so that P(excess ≥ x) = (1 + x / sum of the k)⁻ᵏ.
    """
    largest = np.sort(replicates)[-(int(_TAIL_SHARE * replicates.size) + 1) :]
    excesses = largest[1:] - largest[0]
    total = float(excesses.sum())
    if not total > 0 or math.isinf(score):
        return 1.0
    beyond = (score - float(largest[0])) / total
    return _TAIL_SHARE * math.exp(-excesses.size * math.log1p(beyond))


def _student_tail(score: float, replicates: Values) -> float:
    """Return P(X ≥ score) as Student's t has it for one more draw; 1 where none can be told.

    Of the roots, since sums of squares are skewed.
    """
    roots = np.sqrt(replicates)
    sd = float(roots.std(ddof=1)) * math.sqrt(1 + 1 / roots.size)
    if not sd > 0 or math.isinf(score):
        return 1.0
    return student_tail((math.sqrt(score) - float(roots.mean())) / sd, roots.size - 1)


def student_tail(t: float, freedom: float) -> float:
    """Return P(X ≥ t) of Student's distribution, for t ≥ 0.

    That is Wallace's approximation by the normal distribution (1959),
    doi:10.1214/aoms/1177706098.
    """
    normal = (
        math.sqrt(freedom * math.log1p(t * t / freedom)) * (8 * freedom + 1) / (8 * freedom + 3)
    )
    return math.erfc(normal / math.sqrt(2)) / 2


def noise_level(replicates: Values, *, rooted: bool = False) -> float:
    """Return the level of scores drawn without drift: shape (replicates,).

    Of few, those that are `rooted` (see `permutation_noise`) are taken for normal, and of others
    the roots.
    """
    if replicates.size >= FEW or not np.all(np.isfinite(replicates)):
        at = math.ceil(LEVEL * (replicates.size - 1))
        return float(np.partition(replicates, at)[at])
    roots = replicates if rooted else np.sqrt(replicates)
    level = float(roots.mean() + NORMAL_QUANTILE * roots.std(ddof=1))
    return level if rooted else level**2


def weighted_noise(score: float, scores: Values, chances: Values, level: float = LEVEL) -> Noise:
    """Return the noise of a score whose distribution is known: `chances` of `scores`, summing to 1.

    Both have shape (outcomes,). The score stays up to its noise in `level` of all cases.
    """
    order = np.argsort(scores, kind="stable")
    at = int(np.searchsorted(np.cumsum(chances[order]), level - 1e-12))
    noise = float(scores[order][min(at, scores.size - 1)])
    reaching = float(chances[_reach(scores, score)].sum())
    return Noise(noise, min(1.0, max(LEAST, reaching)))


def harmonic_mean(p_values: Sequence[float]) -> float:
    """Return one p-value for several that ask the same of the same rows.

    However they depend on each other it is nearly one where it is small: Wilson (2019),
    doi:10.1073/pnas.1814092116.
    """
    return len(p_values) / sum(1 / each for each in p_values)


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

"""How many rows lie by chance in categories that the other side lacks."""

import math
from collections.abc import Callable

import numpy as np

from driftcli.metrics import bins
from driftcli.metrics.significance import (
    LEAST,
    PLAIN,
    Counts,
    Noise,
    Values,
    noise_level,
    permutation_noise,
)

#: Categories whose absence has no higher log-probability are not drawn.
_NEVER = -20.0
#: The part of the chance of a false alarm that the rows of all categories lacked are given, and
#: not those of the commonest alone.
_SUM_WEIGHT = 0.2
#: A newcomer of fewer rows is told by no test of its own.
_FEWEST_ROWS = 5
#: Standard deviations over the mean up to which the p-value of a sum is above `PLAIN`.
_PLAIN_DEVIATIONS = 1.5


def absence_noise(
    inner: Counts, outer: Counts, generator: Callable[[], np.random.Generator], draws: int
) -> Noise:
    """Return the noise of the share of one side's rows in categories the other side lacks.

    Whether the `inner` rows lack a category is taken as independent of the others, which it
    nearly is: absences are negatively associated, so that Chernoff's bound on the tail holds.
    The p-value is of two tests, Bonferroni's correction counted in: of that share, and, since
    many rare newcomers hide a common one, of the rows of the commonest category lacked (see
    `newcomer_chance`).

    Parameters
    ----------
    inner, outer : shape (categories,)
        Rows of the side that lacks categories, and of the other.
    generator
        Makes what is drawn with, where anything is.
    """
    sizes = int(inner.sum()), int(outer.sum())
    lacked = np.compress(inner == 0, outer)
    pooled = inner + outer
    counts, many = bins.tallied(np.compress(pooled > 0, pooled))
    logs = log_absence(counts, sizes[0], sum(sizes))
    likely = logs > _NEVER
    if not lacked.any() and not likely.any():
        return Noise(0.0, 1.0)
    absent = generator().binomial(many[likely], np.exp(logs[likely]), (draws, likely.sum()))
    # Drawn independently, more rows may be absent than there are.
    drawn = np.minimum(absent @ counts[likely] / sizes[1], 1.0)
    if not lacked.any():
        return Noise(noise_level(drawn), 1.0)
    rows = int(lacked.sum())
    noise = permutation_noise(rows / sizes[1], drawn, least=_chernoff(rows, counts, many, logs))
    own = newcomer_chance(int(lacked.max()), counts, many, sizes)
    p_value = min(noise.p_value / _SUM_WEIGHT, own / (1 - _SUM_WEIGHT), 1.0)
    return Noise(noise.level, max(LEAST, p_value))


def newcomer_chance(rows: int, counts: Counts, many: Counts, sizes: tuple[int, int]) -> float:
    """Return the chance that a side lacks any category of which the other has so many rows.

    Not given how many rows of it there are: with θ a category's share of all, the side of n₁ rows
    lacks it with the chance (1 − θ)^n₁, and of the other n₂ rows `rows` or more are of it with
    that of a Poisson variable of mean n₂θ, by Wilson and Hilferty (1931),
    doi:10.1073/pnas.17.12.684. Their product is summed over all categories.

    Parameters
    ----------
    counts, many : shape (counts,)
        Different numbers of rows of both sides, and how many categories have each.
    sizes
        Rows of the side that lacks categories, and of the other.
    """
    if rows < _FEWEST_ROWS:
        return 1.0
    with np.errstate(divide="ignore"):
        lacking = sizes[0] * np.log1p(-counts / sum(sizes))
    able = (counts >= 1) & (lacking > math.log(LEAST))
    cubes = np.cbrt(sizes[1] * counts[able] / sum(sizes) / rows)
    deviations = (1 - 1 / (9 * rows) - cubes) * 3 * math.sqrt(rows)
    having = np.array([math.erfc(each / math.sqrt(2)) / 2 for each in deviations.tolist()])
    return float(np.dot(many[able], np.exp(lacking[able]) * having))


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


def end_chance(p_counts: Counts, q_counts: Counts) -> float:
    """Return a bound on the chance that the rows at an end of an order are one side's alone.

    Hypergeometric, of as many rows as there are at the longer of both ends, with Bonferroni's
    correction for two ends and two sides. Ties at the ends make it no smaller.

    Parameters
    ----------
    p_counts, q_counts : shape (points,)
        Rows of each side at each value, in its order; both have rows.
    """
    least = 1.0
    rows = int(p_counts.sum() + q_counts.sum())
    for inner, outer in ((p_counts, q_counts), (q_counts, p_counts)):
        held = np.flatnonzero(inner)
        beyond = max(int(outer[: held[0]].sum()), int(outer[held[-1] + 1 :].sum()))
        log = float(log_absence(np.array([beyond]), int(inner.sum()), rows)[0])
        least = min(least, math.exp(log))
    return min(1.0, max(LEAST, 4 * least))


def plainly_absent(inner: Counts, outer: Counts) -> bool:
    """Return whether the p-value of `absence_noise` is plainly above `PLAIN`, at less cost.

    That is where the rows lacked are near their mean, by the normal limit of their distribution,
    and it is not unlikely that one as common as the commonest of them is.
    """
    sizes = int(inner.sum()), int(outer.sum())
    lacked = np.compress(inner == 0, outer)
    counts, many = bins.tallied(inner + outer)
    chances = np.exp(log_absence(counts, sizes[0], sum(sizes)))
    expected = many * chances
    mean = float(np.sum(expected * counts))
    spread = math.sqrt(float(np.sum(expected * (1 - chances) * np.square(counts))))
    own = newcomer_chance(int(lacked.max(initial=0)), counts, many, sizes)
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

    # As floats at once: both are multiplied some seventy times.
    sizes, numbers = counts.astype(np.float64), many.astype(np.float64)

    def exponent(t: float) -> float:
        return float(np.dot(numbers, np.logaddexp(present, logs + t * sizes))) - t * rows

    low, high = 0.0, 1.0
    at_high = exponent(high)
    while (at_twice := exponent(2 * high)) < at_high - 1e-9 and high < 1e6:
        high, at_high = 2 * high, at_twice
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

"""How far one more lies from many others: a night from nights, a pair of periods from pairs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from driftcli.metrics.significance import LEAST, LEVEL, Noise, student_tail

Values = NDArray[np.float64]

#: With fewer blocks in all, or on the side that is measured by itself, how they differ is unknown.
FEWEST = 5
_HALF = 0.5
#: What the fourth cumulant of the logarithms of blocks' scores is taken for before any is seen:
#: that of Student's distribution of 30 degrees of freedom. Now and then a block is further from the
#: others than a normal distribution has it (docs/evidence.md).
_EXCESS = 6 / 26
#: How many blocks this counts like, beside those that are seen.
_AS_BLOCKS = 100
#: The least that it is taken for: a tail as good as normal.
_LEAST_EXCESS = 0.01
#: Standard deviations of a normal distribution in the median distance from its middle.
_MAD = 1.4826


def one_more(value: float, others: Values, *, both: bool = False) -> tuple[float, float]:
    """Return what one more of `others` stays below in 99 of 100 cases, and P(it ≥ value).

    `both` says that those below their middle tell as much of the tail as those above it.
    """
    mean = float(others.mean())
    spread = float(others.std(ddof=1)) * math.sqrt(1 + 1 / others.size)
    away = others - np.median(others)
    tail = _of_tail(away if both else away[away >= 0], others.size)
    level, p_value = _beyond(value - mean, spread, 1 / (1 / (others.size - 1) + 1 / tail))
    return mean + level, p_value


def _of_tail(away: Values, blocks: int) -> float:
    """Return the degrees of freedom of the Student's distribution that has such a tail.

    By its fourth cumulant, 6 / (freedom − 4). A few blocks hardly tell what theirs is, so that it
    is shrunk towards what is usual.

    Parameters
    ----------
    away
        How far blocks are from the middle of all of them, in the direction that counts.
    """
    second = float(np.square(away).mean())
    seen = float(np.power(away, 4).mean()) / second**2 - 3 if second > 0 else 0.0
    excess = (blocks * seen + _AS_BLOCKS * _EXCESS) / (blocks + _AS_BLOCKS)
    return 4 + 6 / max(excess, _LEAST_EXCESS)


@lru_cache(maxsize=256)
def student_quantile(freedom: float) -> float:
    """Return the `LEVEL` quantile of Student's distribution."""
    low, high = 0.0, 40.0
    for _ in range(50):
        middle = (low + high) / 2
        above = student_tail(middle, freedom) > 1 - LEVEL
        low, high = (middle, high) if above else (low, middle)
    return low


def noise_among(score: float, others: Values) -> Noise | None:
    """Return the noise of a score among those of other pairs of blocks, some of which may differ.

    Of these count the median of the logarithms, and how far those above it lie from it: what two
    that are much alike are below it tells nothing of how far two can be apart.
    """
    if others.size < FEWEST:
        return None
    logs = np.log(np.maximum(others, LEAST))
    middle = float(np.median(logs))
    spread = _MAD * float(np.median(logs[logs >= middle] - middle))
    level, p_value = _beyond(math.log(max(score, LEAST)) - middle, spread, logs.size - 1)
    return Noise(math.exp(min(middle + level, 700.0)), p_value)


def share_noise_among(
    p: tuple[int, int], q: tuple[int, int], others: Sequence[tuple[tuple[int, int], ...]]
) -> Noise | None:
    """Return the noise of the difference of two shares, among those of other pairs of blocks.

    Shares are (rows that count, all rows), and compared by the logarithms of their odds.
    """
    if len(others) < FEWEST:
        return None
    before, after = _log_odds(*p), _log_odds(*q)
    steps = [_log_odds(*second) - _log_odds(*first) for first, second in others]
    spread = _MAD * float(np.median(np.abs(steps)))
    level, p_value = _beyond(abs(after - before), spread, len(others) - 1)
    farthest = [1 / (1 + math.exp(-before - way * min(level, 700.0))) for way in (-1, 1)]
    share = p[0] / p[1] if p[1] else 0.0
    return Noise(max(abs(each - share) for each in farthest), min(1.0, 2 * p_value))


def _beyond(value: float, spread: float, freedom: float) -> tuple[float, float]:
    """Return what one more value stays below in 99 of 100 cases, and P(it ≥ value)."""
    if not spread > 0:
        return 0.0, LEAST if value > 0 else 1.0
    found = student_tail(value / spread, freedom) if value > 0 else 1.0
    return student_quantile(freedom) * spread, max(LEAST, found)


def _log_odds(hits: int, rows: int) -> float:
    return math.log((hits + _HALF) / (rows - hits + _HALF))

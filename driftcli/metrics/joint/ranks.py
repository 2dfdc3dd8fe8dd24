"""Whether scores of one side are higher, tested part by part of the rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from driftcli.metrics.significance import LEAST

Values = NDArray[np.float64]

#: With fewer scores of a side in a part the ranks are not normal, and are dealt at random instead.
_FEW = 50
_DEALS = 4_095


class PartScores(NamedTuple):
    """Scores by something that was fitted before any of them: shape (scores,) a side."""

    p: Values
    q: Values


def combined_p_value(
    parts: Sequence[PartScores], weights: Sequence[float], generator: np.random.Generator
) -> float:
    """Return the chance of scores of Q so far above those of P, in all parts together.

    Each part's rank sum (Mann & Whitney 1947, doi:10.1214/aoms/1177730491) is standardised, and
    their weighted sum is compared with what sides drawn at random would have. Whatever the scores
    of a part come from, if it was there before its sides were known, each side is as likely to
    have any of them; so parts are independent without drift, and the level is exact.
    """
    ranks = [_standard_ranks(each) for each in parts]
    scales = np.asarray(weights) / math.sqrt(sum(weight * weight for weight in weights))
    found = sum(
        scale * _deviate(each, side.q.size)
        for scale, each, side in zip(scales, ranks, parts, strict=True)
    )
    if min(min(each.p.size, each.q.size) for each in parts) >= _FEW:
        return max(LEAST, math.erfc(found / math.sqrt(2)) / 2)
    deals = sum(
        scale * _deals(each, side.q.size, generator)
        for scale, each, side in zip(scales, ranks, parts, strict=True)
    )
    # Sums of one deal in another order differ by rounding.
    return float((1 + np.count_nonzero(deals >= found - 1e-9)) / (1 + _DEALS))


def _standard_ranks(part: PartScores) -> Values:
    """Return the ranks of the scores, those of P first, less their mean and over their deviation.

    Those of ties are the middle of them, and all are 0 where all scores are one.
    """
    scores = np.concatenate(part)
    _, at, counts = np.unique(scores, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts - 1) / 2
    off = middle[at] - middle[at].mean()
    spread = math.sqrt(float(np.square(off).mean()))
    return np.asarray(off / spread if spread else off)


def _deviate(ranks: Values, size: int) -> float:
    """Return the sum of the last `size` ranks in standard deviations of such a sum by chance."""
    return float(ranks[-size:].sum()) / _error(ranks.size, size)


def _error(rows: int, size: int) -> float:
    return math.sqrt(size * (rows - size) / (rows - 1))


def _deals(ranks: Values, size: int, generator: np.random.Generator) -> Values:
    dealt = generator.permuted(np.tile(ranks, (_DEALS, 1)), axis=1)
    return np.asarray(dealt[:, -size:].sum(axis=1) / _error(ranks.size, size))

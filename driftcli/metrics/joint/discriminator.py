"""A classifier that guesses the side of rows: what it wins bounds their divergence from below.

With each side as likely, the best guess is D = p / (p + q), whose log-loss is 1 − JSD bits; any
other loses more (Goodfellow et al. 2014, arXiv:1406.2661, theorem 1). So one bit less the loss of
held-out rows is, in expectation, no more than the Jensen-Shannon divergence of all columns.
"""

from __future__ import annotations

import math
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from driftcli.metrics.joint.boosting import LogOdds, boosted
from driftcli.metrics.joint.dealing import BothLabels, Rows, dealt, part
from driftcli.metrics.joint.held_out import HeldOut, sum_of_means
from driftcli.metrics.joint.ranks import PartScores, combined_p_value

Values = NDArray[np.float64]
#: What is said of the rows of either side: shape (rows,) each.
Both = tuple[Values, Values]

#: Parts of the rows. Each is judged by what is fitted to all others, and tested by the ones before.
PARTS = 5
#: What log-odds may be multiplied by.
_MOST = 1.5
_HALVINGS = 20
_LN_2 = math.log(2)
_SEED = 20_251_202


class Discriminated(NamedTuple):
    """What a classifier finds.

    Attributes
    ----------
    divergence
        Bits that it wins, which the joint divergence is not below in expectation.
    beyond
        How many of them it wins by columns together: bits that one without interactions does not.
    p_value
        Of its ranks in rows that came after all that it was fitted to.
    """

    divergence: HeldOut
    beyond: HeldOut
    p_value: float


def discriminated(rows: Rows, categorical: NDArray[np.bool_]) -> Discriminated:
    """Return what trees find that guess which side rows are of: the same whatever the threads.

    Parameters
    ----------
    categorical : shape (columns,)
        Which columns hold the numbers of categories.
    """
    won, alone = (won_bits(rows, categorical, interactions=each) for each in (True, False))
    return Discriminated(
        sum_of_means(*won, rows.blocks),
        sum_of_means(won[0] - alone[0], won[1] - alone[1], rows.blocks),
        prequential_p_value(rows, categorical),
    )


def won_bits(rows: Rows, categorical: NDArray[np.bool_], *, interactions: bool = True) -> Both:
    """Return the bits that guesses win of each row of either side, half of them.

    Each row is judged by what is fitted to all parts but its own.
    """
    parts = _dealt(rows)
    scores = np.empty(len(rows.p)), np.empty(len(rows.q))
    with _one_thread():
        for at in range(PARTS):
            others = part(rows, parts, *(number for number in range(PARTS) if number != at))
            model = boosted(others, categorical, interactions=interactions)
            for side, values, labels in zip((rows.p, rows.q), scores, parts, strict=True):
                values[labels == at] = model(side[labels == at])
    return _won(scores, parts)


def prequential_p_value(rows: Rows, categorical: NDArray[np.bool_]) -> float:
    """Return the chance of ranks so apart without drift: of each part, by the parts before it.

    Of parts that judge each other the ranks would not be independent, and up to twice as spread.
    """
    parts, tested = _dealt(rows), []
    with _one_thread():
        for at in range(1, PARTS):
            model = boosted(part(rows, parts, *range(at)), categorical, interactions=True)
            tested.append(_part(part(rows, parts, at), model))
    weights = [math.sqrt(at) for at in range(1, PARTS)]
    return combined_p_value(tested, weights, np.random.default_rng(_SEED))


def _dealt(rows: Rows) -> BothLabels:
    return dealt(rows, PARTS, np.random.default_rng(_SEED))


def _one_thread() -> AbstractContextManager[Any]:
    """Have one thread: sums of several differ in their last digits."""
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[Any] = threadpool_limits(1)
    return limits


def _won(scores: Both, parts: BothLabels) -> Both:
    """Return half of the bits that log-odds win of each row of either side.

    They are multiplied by one factor, fitted on the other parts: where a classifier has learnt
    nothing but chance it is 0, and so is what is won.
    """
    won = np.empty_like(scores[0]), np.empty_like(scores[1])
    for at in range(PARTS):
        others = [side[labels != at] for side, labels in zip(scores, parts, strict=True)]
        factor = _factor(others[0], others[1])
        for sign, side, values, labels in zip((1, -1), scores, won, parts, strict=True):
            own = labels == at
            values[own] = (1 - np.logaddexp(0, sign * factor * side[own]) / _LN_2) / 2
    return won


def _factor(p: Values, q: Values) -> float:
    """Return what to multiply log-odds by so that the loss is least: at most `_MOST`."""
    low, high = 0.0, _MOST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if _slope(p, q, middle) > 0 else (middle, high)
    return low


def _slope(p: Values, q: Values, factor: float) -> float:
    """Return how the loss grows with the factor; the loss is convex."""
    from scipy.special import expit

    return float((p * expit(factor * p)).mean() - (q * expit(-factor * q)).mean())


def _part(rows: Rows, fitted: LogOdds) -> PartScores:
    """Return the scores of a part's observations: rows, or the means of blocks on either side."""
    scores = fitted(rows.p), fitted(rows.q)
    if rows.blocks is None:
        return PartScores(*scores)
    p, q = (_means(*each) for each in zip(scores, rows.blocks, strict=True))
    return PartScores(p, q)


def _means(scores: Values, blocks: NDArray[np.int64]) -> Values:
    _, at, counts = np.unique(blocks, return_inverse=True, return_counts=True)
    return np.asarray(np.bincount(at, scores) / counts)

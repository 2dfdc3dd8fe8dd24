"""Optimal transport of two samples on the line: the plan, and the potential that proves it least.

Throughout, `values` of shape (points,) is sorted, and `p_counts` and `q_counts` of the same
shape are the rows of the baseline and of the current data at each value. Both have rows.
"""

import math
from typing import NamedTuple

import numpy as np

from driftcli.metrics.transport import Counts, Values, distribution

__all__ = ["Counts", "Plan", "Values", "is_vast", "plan_cost", "transport_plan", "witness"]


class Plan(NamedTuple):
    """Which share of the rows moves from where to where.

    Attributes
    ----------
    origins, targets : shape (steps,)
        From which value of P to which value of Q; neither decreases.
    shares : shape (steps,)
        Positive shares of the rows, which sum to one.
    """

    origins: Values
    targets: Values
    shares: Values


def transport_plan(values: Values, p_counts: Counts, q_counts: Counts) -> Plan:
    """Return the monotone plan: the row at each level of P goes to that level of Q.

    On the line no plan costs less, for the distance and for any convex function of it. There
    are fewer steps than points of both sides together.

    References
    ----------
    Villani (2003), Topics in Optimal Transportation, theorem 2.18.
    Santambrogio (2015), Optimal Transport for Applied Mathematicians, theorem 2.9,
    doi:10.1007/978-3-319-20828-2
    """
    p_levels, q_levels = distribution(p_counts), distribution(q_counts)
    # Quotients of whole numbers are correctly rounded, so levels that agree are equal here too.
    levels = np.unique(np.concatenate([p_levels, q_levels]))
    levels = levels[levels > 0]
    return Plan(
        values[np.searchsorted(p_levels, levels)],
        values[np.searchsorted(q_levels, levels)],
        np.diff(levels, prepend=0.0),
    )


def is_vast(values: Values) -> bool:
    """Return whether the range of sorted `values` is beyond the largest float."""
    return math.isinf(float(values[-1]) - float(values[0]))


def plan_cost(plan: Plan) -> float:
    """Return the mean distance of a plan, in the unit of its values.

    Of the monotone plan this is W₁; of any other plan with its marginals no less.
    """
    ends = np.array([plan.origins[[0, -1]], plan.targets[[0, -1]]])
    if is_vast(np.sort(ends, axis=None)):
        return 2 * plan_cost(Plan(plan.origins / 2, plan.targets / 2, plan.shares))
    return float(np.dot(plan.shares, np.abs(plan.targets - plan.origins)))


def witness(values: Values, p_counts: Counts, q_counts: Counts) -> Values:
    """Return the Kantorovich potential f at the points: shape (points,), in the unit of `values`.

    f is 1-Lipschitz, and its mean under Q is W₁ above its mean under P; no 1-Lipschitz function
    does better, so f proves the plan least. It rises by one per unit where rows move up, falls
    where they move down and is level where none pass: f′ = sign(F_P − F_Q). Between the points
    it is linear, and infinite where no float holds it. Its mean under the mixture ½(P + Q) is
    0, so that it is ½W₁ under Q.

    References
    ----------
    Villani (2003), Topics in Optimal Transportation, theorem 1.14 (Kantorovich-Rubinstein).
    Santambrogio (2015), section 3.1, doi:10.1007/978-3-319-20828-2
    """
    if is_vast(values):
        with np.errstate(over="ignore"):
            return 2 * witness(values / 2, p_counts, q_counts)
    slopes = np.sign(distribution(p_counts) - distribution(q_counts))[:-1]
    potential = np.concatenate([[0.0], np.cumsum(slopes * np.diff(values))])
    shares = (p_counts / p_counts.sum() + q_counts / q_counts.sum()) / 2
    centred: Values = potential - float(np.dot(shares, potential))
    return centred

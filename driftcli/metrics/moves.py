"""A transport plan as the few moves that a person can read."""

import math

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from driftcli.metrics.transport import Coupling, Values, is_vast

Labels = NDArray[np.intp]

MOST_MOVES = 6
#: Moves shorter than this share of the range that holds 98 % of both sides are small, …
_SMALL_OF_RANGE = 0.01
#: … and than this share of W₁, so that what stayed never explains more of it than that.
_SMALL_OF_COST = 0.1
_TAIL = 0.01
#: A run of moves in one direction that costs less than this share of W₁ is not told apart.
_LEAST = 0.01
#: Pieces of equal cost that moves are put together from.
_GRAINS = 64
#: Moves are split until the logarithms of their distances have no larger variance than this.
_LIKE_DISTANCES = 0.03
#: Values below this size are scaled up, so that their costs are not subnormal.
_TINY = 2.0**-500


class Moves(Struct, frozen=True, eq=False):
    """What stayed, the largest moves from low to high, and the rest.

    Within a move all rows go one way, and what stayed or belongs to the rest is left out of it.
    So the costs of all parts sum to W₁.

    Attributes
    ----------
    small : float
        What moved less than this far stayed.
    stayed, stayed_cost : float
        Share of the rows that stayed, and what they add to W₁.
    shares, distances, costs : shape (moves,)
        Share of the rows in each move, their mean distance (positive is up, infinite where it is
        beyond the largest float), and what they add to W₁.
    origins, targets : shape (moves, 2)
        Least and greatest value that a move comes from and goes to.
    rest, rest_cost : float
        Share of the rows in moves that are not listed, and what they add to W₁.
    """

    small: float
    stayed: float
    stayed_cost: float
    shares: Values
    distances: Values
    costs: Values
    origins: Values
    targets: Values
    rest: float
    rest_cost: float


def summarize(plan: Coupling, most: int = MOST_MOVES) -> Moves:
    """Return at most `most` moves that tell a plan's cost.

    Moves in one direction belong together although rows in between stay; runs of them that cost
    less than 1 % of W₁ (more, if there are still too many) make up the rest. The others are cut
    where their distances change most, weighing each row by what it costs.
    """
    ends = np.sort(np.array([plan.origins[[0, -1]], plan.targets[[0, -1]]]), axis=None)
    scale = 2.0 if is_vast(ends) else _TINY if 0 < np.abs(ends).max() < _TINY else 1.0
    if scale != 1:
        scaled = Coupling(plan.origins / scale, plan.targets / scale, plan.shares)
        return _times(scale, summarize(scaled, most))
    distances = plan.targets - plan.origins
    costs = plan.shares * np.abs(distances)
    small = _small(plan, float(costs.sum()))
    moving = np.flatnonzero((np.abs(distances) >= small) & (costs > 0))
    groups = np.full(distances.size, -1)
    groups[moving] = _groups(distances[moving], costs[moving], most)
    stays = np.ones(distances.size, bool)
    stays[moving] = False
    rest = ~stays & (groups < 0)
    shares, means, ends = _gathered(plan, groups)
    return Moves(
        small=small,
        stayed=float(plan.shares[stays].sum()),
        stayed_cost=float(costs[stays].sum()),
        shares=shares,
        distances=means,
        costs=shares * np.abs(means),
        origins=plan.origins[ends],
        targets=plan.targets[ends],
        rest=float(plan.shares[rest].sum()),
        rest_cost=float(costs[rest].sum()),
    )


def _gathered(plan: Coupling, groups: Labels) -> tuple[Values, Values, Labels]:
    """Return share, mean distance, and first and last step of each group, numbered from 0."""
    at = np.flatnonzero(groups >= 0)
    own, shares = groups[at], plan.shares[at]
    first = np.flatnonzero(np.diff(own, prepend=-1))
    # The plan is monotone: the extremes of a move are its first and its last step.
    last = np.append(first[1:], at.size)[: first.size] - 1
    ends: Labels = np.stack([at[first], at[last]], axis=1)
    totals: Values = np.bincount(own, shares).astype(np.float64)
    moved = plan.targets[at] - plan.origins[at]
    means: Values = np.bincount(own, shares / totals[own] * moved).astype(np.float64)
    return totals, means, ends


def _times(scale: float, moves: Moves) -> Moves:
    with np.errstate(over="ignore"):
        return replace(
            moves,
            small=scale * moves.small,
            stayed_cost=scale * moves.stayed_cost,
            distances=scale * moves.distances,
            costs=scale * moves.costs,
            origins=scale * moves.origins,
            targets=scale * moves.targets,
            rest_cost=scale * moves.rest_cost,
        )


def _small(plan: Coupling, cost: float) -> float:
    """Return the distance below which rows count as staying: 1, 2 or 5 times a power of ten."""
    levels = np.cumsum(plan.shares)
    last = levels.size - 1
    low, high = (min(int(np.searchsorted(levels, at)), last) for at in (_TAIL, 1 - _TAIL))
    span = max(plan.origins[high], plan.targets[high]) - min(plan.origins[low], plan.targets[low])
    most = min(float(span) * _SMALL_OF_RANGE or math.inf, cost * _SMALL_OF_COST)
    power = 10.0 ** math.floor(math.log10(most)) if most else 0.0
    return max((step * power for step in (1, 2, 5) if step * power <= most), default=0.0)


def _groups(distances: Values, costs: Values, most: int) -> Labels:
    """Return the number of each step's move, from 0, or -1 for the rest: shape (steps,)."""
    groups = np.full(distances.size, -1)
    kept, runs = _runs(distances > 0, costs, most)
    if kept.size:
        groups[kept] = _split(runs, np.log(np.abs(distances[kept])), costs[kept], most)
    return groups


def _runs(up: NDArray[np.bool_], costs: Values, most: int) -> tuple[Labels, Labels]:
    """Return the steps in the costliest runs of one direction, and the number of each one's run."""
    kept = np.arange(up.size)
    least = _LEAST * float(costs.sum())
    while True:
        runs = np.cumsum(np.diff(up[kept], prepend=up[kept][:1]))
        worth = np.bincount(runs, costs[kept]) >= least
        kept = kept[worth[runs]]
        # What remains on both sides of a dropped run may go the same way.
        runs = np.cumsum(np.diff(up[kept], prepend=up[kept][:1]))
        if not kept.size or int(runs[-1]) < most:
            return kept, runs
        least *= 2


def _split(runs: Labels, logs: Values, costs: Values, most: int) -> Labels:
    """Return the number of each step's move: runs, cut where the distances change most."""
    passed = np.cumsum(costs) - costs / 2
    grains = np.minimum((passed / costs.sum() * _GRAINS).astype(np.intp), _GRAINS - 1)
    atoms = np.cumsum((np.diff(runs, prepend=0) != 0) | (np.diff(grains, prepend=grains[0]) != 0))
    weights = costs / costs.sum()
    centred = logs - float(np.dot(weights, logs))
    sums: Values = np.stack(
        [np.bincount(atoms, weights * centred**power) for power in range(3)]
    ).astype(np.float64)
    first = np.flatnonzero(np.diff(atoms, prepend=-1))
    starts = _cuts(_errors(sums, runs[first]), most)
    return np.searchsorted(starts, atoms, side="right") - 1


def _errors(sums: Values, runs: Labels) -> Values:
    """Return the squared error of a move from atom i up to atom j: shape (atoms + 1, atoms + 1).

    `sums` are the weights, sums and sums of squares of each atom: shape (3, atoms).
    """
    passed = np.concatenate([np.zeros((3, 1)), np.cumsum(sums, axis=1)], axis=1)
    weight, first, second = passed[:, None, :] - passed[:, :, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        errors = np.maximum(second - first**2 / weight, 0.0)
    size = runs.size
    allowed = np.zeros(errors.shape, bool)
    allowed[:size, 1:] = np.triu(runs[:, None] == runs[None, :])
    return np.where(allowed, errors, np.inf)


def _cuts(errors: Values, most: int) -> Labels:
    """Return where the moves begin: the fewest of like distances, by dynamic programming.

    Bellman (1961), doi:10.1145/366573.366611: the best cuts into k pieces end in the best cuts
    into k − 1.
    """
    best = np.full(errors.shape[0], np.inf)
    best[0] = 0.0
    befores: list[Labels] = []
    while len(befores) < most and not best[-1] <= _LIKE_DISTANCES:
        ways = best[:, None] + errors
        befores.append(np.argmin(ways, axis=0))
        best = ways.min(axis=0)
    cuts = [errors.shape[0] - 1]
    for before in reversed(befores):
        cuts.append(int(before[cuts[-1]]))
    return np.array(cuts[:0:-1])

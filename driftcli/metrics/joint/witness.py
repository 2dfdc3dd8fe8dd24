"""A lower bound of the Wasserstein distance of many columns, with a function that proves it.

By the duality of Kantorovich and Rubinstein no 1-Lipschitz function has means that are further
apart than W₁. So the means of any such function, of rows that it was not fitted to, bound W₁ from
below: Villani (2003), Topics in Optimal Transportation, theorem 1.14.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from driftcli.metrics.joint.assignment import highest, lowest, potentials
from driftcli.metrics.joint.dealing import Rows, dealt, part
from driftcli.metrics.joint.directions import furthest
from driftcli.metrics.joint.held_out import HeldOut, sum_of_means

Values = NDArray[np.float64]
Function = Callable[[Values], Values]

#: Rows a side whose optimal assignment is sought at most: it takes the third power of them.
ASSIGNED = 1_000
_SEED = 20_251_201
#: Quarters of the rows: one is fitted to, one chooses, and the others judge.
_QUARTERS, _FIT, _CHOOSE, _JUDGE = 4, 0, 1, (2, 3)


class Witnessed(NamedTuple):
    """A 1-Lipschitz function and how far apart its means are in rows that it never saw.

    Attributes
    ----------
    distance
        In the unit of the rows.
    along : array of shape (columns,), or None
        The direction that the function looks along, if it is one of a line.
    """

    distance: HeldOut
    along: Values | None


def witnessed(rows: Rows) -> Witnessed:
    """Return the best witness of a few, judged by rows that neither fitted nor chose it.

    One looks along a line, the two others are extensions of the potentials of an optimal
    assignment: below what the baseline's rows allow, and above what the current ones ask for.
    """
    generator = np.random.default_rng(_SEED)
    quarters = dealt(rows, _QUARTERS, generator)
    fitted, choosing, judging = (
        part(rows, quarters, *np.atleast_1d(each)) for each in (_FIT, _CHOOSE, _JUDGE)
    )
    line = furthest(fitted.p, fitted.q, generator)
    seen = _apart(line.of, choosing)
    extended = max(
        _extended(fitted, generator), key=lambda function: _apart(function, choosing).value
    )
    # A line says where to look: the others have to see more by more than chance.
    if _apart(extended, choosing).value <= seen.value + seen.standard_error:
        return Witnessed(_apart(line.of, judging), line.along)
    return Witnessed(_apart(extended, judging), None)


def _apart(function: Function, rows: Rows) -> HeldOut:
    """Return how far the mean of a function of the current rows is above that of the baseline's."""
    return sum_of_means(-function(rows.p), function(rows.q), rows.blocks)


def _extended(rows: Rows, generator: np.random.Generator) -> list[Function]:
    size = min(ASSIGNED, len(rows.p), len(rows.q))
    p, q = (side[generator.permutation(len(side))[:size]] for side in (rows.p, rows.q))
    found = potentials(p, q)
    return [partial(highest, found.at_p, p), partial(lowest, found.at_q, q)]

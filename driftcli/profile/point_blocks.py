"""Where the blocks begin that points are made of, among sorted values."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Values = NDArray[Any]

# Sums of a column whose values pass this size could overflow; they are scaled by a power of two.
HUGE = 2.0**900
SHRINK = 2.0**-200

_STRIDE = 8
#: One step in so many follows the rows and not the cost, so that a value far from all others
#: (a sentinel such as 1e18) does not leave the rest of the column in a single block.
_MASS_STEPS = 8


def atom_starts(ordered: Values, limit: int) -> NDArray[np.intp] | None:
    """Return starts of small runs to build blocks from, or None where ties must be counted.

    Blocks need not begin at every value: stepping by eight is eight times cheaper, as long as
    steps that span a wide gap (in the tails) or the end of a long tie are taken one by one.
    """
    if ordered.size < 4 * limit:
        return None
    gaps = _gaps(ordered[::_STRIDE], ordered[-1])
    cost = np.sqrt(gaps)
    split = cost > cost.sum() / limit
    tied = gaps == 0
    ties = tied.any()
    if ties:
        split[:-1] |= tied[1:]
        split[1:] |= tied[:-1]
    chosen = split.nonzero()[0]
    if chosen.size > gaps.size // 2:
        return None
    coarse = np.arange(0, ordered.size, _STRIDE)
    fine = (coarse[chosen, None] + np.arange(1, _STRIDE)).ravel()
    starts = np.concatenate([coarse, fine[: fine.searchsorted(ordered.size)]])
    starts.sort(kind="stable")
    if not ties:
        return starts
    return starts[run_starts(ordered[starts])]


def run_starts(ordered: Values) -> NDArray[np.intp]:
    """Return where each distinct value of `ordered` begins."""
    fresh = np.empty(ordered.size, bool)
    fresh[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=fresh[1:])
    return fresh.nonzero()[0]


def lengths(starts: NDArray[np.intp], size: int) -> Counts:
    """Return how many of `size` values there are from each start to the next."""
    # `np.diff` with an end to append takes several times as long.
    each = np.empty(starts.size, np.int64)
    np.subtract(starts[1:], starts[:-1], out=each[:-1])
    each[-1:] = size - starts[-1:]
    return each


def _gaps(first: Values, last: Any) -> Floats:
    """Return the distance of each value to the next, the last one's to `last`."""
    if first.dtype.kind == "i":
        # Unsigned differences are right for any two int64, however far apart.
        raw = first.view(np.uint64)
        return np.diff(raw, append=np.asarray(last).view(np.uint64)).astype(np.float64)
    scale = SHRINK if max(abs(float(first[0])), abs(float(last))) > HUGE else 1.0
    first = first if scale == 1 else first * scale
    gaps = np.empty(first.size)
    np.subtract(first[1:], first[:-1], out=gaps[:-1])
    gaps[-1:] = last * scale - first[-1:]
    return gaps


def block_starts(first: Values, weights: Counts, last: Any, limit: int) -> NDArray[np.intp]:
    """Choose which atoms begin a block, at most `limit` of them.

    Equal steps of the cumulative sqrt(weight × gap) minimise the first-order transport cost.
    Some of the steps are steps of mass instead: no block holds more than some thousandth of the
    rows, so that scores over bins and of ranks are good too, wherever the mass lies.
    A value that alone is worth several blocks keeps a block of its own, so that spikes
    (zero-inflation, round prices) stay exactly where they are.
    """
    light = weights.astype(np.float64)
    heavy = (light > weights.sum() * (8 / limit)).nonzero()[0]
    step = _gaps(first, last)
    step *= light
    np.sqrt(step, out=step)
    light[heavy] = 0.0
    steps = limit - 2 * heavy.size - 2
    by_mass = steps // _MASS_STEPS
    step *= (steps - by_mass) / step.sum()
    light *= by_mass / max(light.sum(), 1.0)
    step += light
    position = step.cumsum(out=step)
    block = position.astype(np.int32)
    # position[i] is spent up to the atom after i, which a wide gap must part from atom i.
    begins = np.empty(first.size, bool)
    begins[:2] = True
    np.not_equal(block[1:-1], block[:-2], out=begins[2:])
    begins[heavy] = True
    begins[heavy[heavy + 1 < first.size] + 1] = True
    return begins.nonzero()[0]

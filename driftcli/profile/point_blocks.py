"""Where the blocks begin that points are made of, among sorted values of one or more groups."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftcli.profile.spans import Places, Spans

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Values = NDArray[Any]
Truths = NDArray[np.bool_]

# Sums of a column whose values pass this size could overflow; they are scaled by a power of two.
HUGE = 2.0**900
SHRINK = 2.0**-200

_STRIDE = 8
_WITHIN = np.arange(_STRIDE)[:, None]
#: One step in so many follows the rows and not the cost, so that a value far from all others
#: (a sentinel such as 1e18) does not leave the rest of the column in a single block.
_MASS_STEPS = 8


def atom_starts(ordered: Values, fresh: Truths, spans: Spans, limit: int) -> Places:
    """Return starts of small runs to build blocks from, each of one value where they are few.

    Blocks need not begin at every value: stepping by eight is eight times cheaper, as long as
    steps that span a wide gap (in the tails) or the end of a long tie are taken one by one.

    Parameters
    ----------
    fresh
        Which values are not that before.
    """
    large = spans.sizes >= 4 * limit
    if not large.any():
        return fresh.nonzero()[0]
    if large.all():
        first = np.concatenate([own[::_STRIDE] for own in spans.each(ordered)])
        steps = Spans.of(-(-spans.sizes // _STRIDE))
        split, tied = _split(first, ordered[spans.last], steps, limit)
        stepped = steps.counts(split) <= steps.sizes // 2
        if stepped.all():
            starts = _stepwise(split, steps, spans)
            if not tied.any():
                return starts
            of_starts = spans.among(starts)
            return starts[of_starts.fresh(ordered[starts]) | ~of_starts.spread(tied)]
        if not stepped.any():
            return fresh.nonzero()[0]
    of_groups = zip(spans.each(ordered), spans.each(fresh), spans.starts.tolist(), strict=True)
    return np.concatenate(
        [
            atom_starts(own, of_own, Spans.of([own.size]), limit) + start
            for own, of_own, start in of_groups
        ]
    )


def _split(first: Values, last: Values, steps: Spans, limit: int) -> tuple[Truths, Truths]:
    """Return which steps are taken value by value, and which groups have steps of one value."""
    gaps = _gaps(first, last, steps)
    cost = np.sqrt(gaps)
    split = cost > steps.spread(steps.sums(cost) / limit)
    tied = gaps == 0
    if not tied.any():
        return split, np.zeros(last.size, bool)
    before, after = tied.copy(), tied.copy()
    before[steps.starts] = False
    after[steps.last] = False
    split[:-1] |= before[1:]
    split[1:] |= after[:-1]
    return split, np.logical_or.reduceat(tied, steps.starts)


def _stepwise(split: Truths, steps: Spans, spans: Spans) -> Places:
    """Return the first place of each step, and all places of those that are `split`."""
    coarse = np.arange(0, _STRIDE * split.size, _STRIDE)
    coarse += steps.spread(spans.starts - _STRIDE * steps.starts)
    chosen = split.nonzero()[0]
    if not chosen.size:
        return coarse
    repeats = np.ones(split.size, np.intp)
    repeats[chosen] = _STRIDE
    starts = np.repeat(coarse, repeats)
    at = chosen + np.arange(0, (_STRIDE - 1) * chosen.size, _STRIDE - 1)
    # NumPy passes over few long rows, rather than many short ones.
    at, fine = at + _WITHIN, coarse[chosen] + _WITHIN
    starts[at] = fine
    # The last step of a group may have fewer values.
    beyond = at[fine > np.repeat(spans.last, steps.counts(split))]
    if not beyond.size:
        return starts
    kept = np.ones(starts.size, bool)
    kept[beyond] = False
    return np.compress(kept, starts)


def lengths(starts: Places, size: int) -> Counts:
    """Return how many of `size` values there are from each start to the next."""
    # `np.diff` with an end to append takes several times as long.
    each = np.empty(starts.size, np.int64)
    np.subtract(starts[1:], starts[:-1], out=each[:-1])
    each[-1:] = size - starts[-1:]
    return each


def _gaps(first: Values, last: Values, spans: Spans) -> Floats:
    """Return the distance of each value to the next of its group, from the last to that group's."""
    if first.dtype.kind == "i":
        # Unsigned differences are right for any two int64, however far apart.
        first, last = first.view(np.uint64), last.view(np.uint64)
    elif max(abs(float(first[0])), abs(float(last[-1]))) > HUGE:
        first, last = first * SHRINK, last * SHRINK
    gaps = np.empty(first.size, first.dtype)
    np.subtract(first[1:], first[:-1], out=gaps[:-1])
    gaps[spans.last] = last - first[spans.last]
    return gaps.astype(np.float64, copy=False)


def block_starts(
    first: Values, weights: Counts | None, last: Values, spans: Spans, limit: int
) -> Places:
    """Choose which atoms begin a block, at most `limit` of each group, of more atoms than that.

    Equal steps of the cumulative sqrt(weight × gap) minimise the first-order transport cost.
    Some of the steps are steps of mass instead: no block holds more than some thousandth of the
    rows, so that scores over bins and of ranks are good too, wherever the mass lies.
    A value that alone is worth several blocks keeps a block of its own, so that spikes
    (zero-inflation, round prices) stay exactly where they are.

    Parameters
    ----------
    first
        The first value of each atom.
    weights
        The rows of each; None where each is one.
    last : shape (groups,)
        The last value of each group.
    """
    step = _gaps(first, last, spans)
    if weights is None:
        heavy = np.empty(0, np.intp)
        np.sqrt(step, out=step)
        mass = spans.sizes.astype(np.float64)
        steps = np.full(mass.size, limit - 2)
    else:
        light = weights.astype(np.float64)
        rows = np.add.reduceat(light, spans.starts)
        heavy = (light > spans.spread(rows * (8 / limit))).nonzero()[0]
        step *= light
        np.sqrt(step, out=step)
        light[heavy] = 0.0
        mass = np.maximum(np.add.reduceat(light, spans.starts), 1.0)
        steps = limit - 2 * np.diff(np.searchsorted(heavy, spans.bounds)) - 2
    by_mass = steps // _MASS_STEPS
    step *= spans.spread((steps - by_mass) / spans.sums(step))
    share = spans.spread(by_mass / mass)
    if weights is not None:
        light *= share
        share = light
    step += share
    for own in spans.each(step):
        own.cumsum(out=own)
    block = step.astype(np.int32)
    # step[i] is spent up to the atom after i, which a wide gap must part from atom i.
    begins = np.empty(first.size, bool)
    np.not_equal(block[1:-1], block[:-2], out=begins[2:])
    begins[spans.starts] = True
    begins[np.minimum(spans.starts + 1, spans.last)] = True
    begins[heavy] = True
    begins[heavy[heavy + 1 < first.size] + 1] = True
    return begins.nonzero()[0]

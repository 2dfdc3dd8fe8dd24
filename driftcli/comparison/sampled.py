"""New and lost names of vocabularies too large to keep, estimated from a sample of the names."""

from __future__ import annotations

from math import nan, sqrt
from typing import Any, NamedTuple

import numpy as np
import pyarrow.compute as pc
from msgspec import Struct
from numpy.typing import NDArray

from driftcli.arrays import to_numpy
from driftcli.profile import categories, sketch
from driftcli.profile.categories import Categories
from driftcli.profile.names import hashes as hashes_of

Counts = NDArray[np.int64]

#: A share known no better than this, as its standard error, is not given at all.
_VAGUE = 0.1


class Sample(Struct, frozen=True):
    """Names that both sides sampled, by their hashes.

    Attributes
    ----------
    p_counts, q_counts : shape (names,)
        All rows of each name on each side.
    unknown : shape (names,)
        Which are none of the names that both sides know the rows of.
    share : float
        The chance of a name to be sampled.
    p_heavy, q_heavy : shape (others,)
        Rows of names that only this side knows, and that are not sampled.
    """

    p_counts: Counts
    q_counts: Counts
    unknown: NDArray[np.bool_]
    share: float
    p_heavy: Counts
    q_heavy: Counts


class Absent(NamedTuple):
    """The share of one side's rows on names that the other lacks, NaN where it is not known.

    `scale` is what one of the sampled rows stands for, as a share of all; `commonest` the rows of
    the commonest of those names, of the ones that are known by name.
    """

    value: float
    standard_error: float
    scale: float
    commonest: int


def sample_of(p: Categories, q: Categories, names: Any) -> Sample | None:
    """Return the names that both sides sampled, where they did; `names` are known to both."""
    left, right = categories.sketch_of(p), categories.sketch_of(q)
    if left is None or right is None or left.keyed != right.keyed:
        return None
    hashes, p_counts, q_counts, share = sketch.aligned(left, right)
    # Whose names the keyed hashes are cannot be told: none of them counts as known.
    known = hashes_of(names[:0] if left.keyed else names)
    bound = min(left.bound, right.bound)
    return Sample(
        p_counts,
        q_counts,
        ~_among(hashes, known),
        share,
        _heavy(p, names, bound),
        _heavy(q, names, bound),
    )


def _among(numbers: NDArray[np.uint64], others: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Return which numbers are among others: `np.isin` imports `numpy.ma`."""
    ordered = np.sort(others)
    upto = np.searchsorted(ordered, numbers, side="right")
    return np.asarray(np.searchsorted(ordered, numbers) < upto)


def _heavy(side: Categories, names: Any, bound: int) -> Counts:
    own = ~to_numpy(pc.is_in(side.names, value_set=names))
    return side.counts[own & (hashes_of(side.names) > np.uint64(bound))]


def absent(known: tuple[Counts, Counts], rows: int, sample: Sample, *, new: bool) -> Absent:
    """Return the share of one side's rows on names that the other lacks.

    That is of the current side's on `new` names, else of the baseline's on names that are lost.
    The rows of sampled names stand for those of others: Horvitz and Thompson (1952),
    doi:10.1080/01621459.1952.10483446, applied to the names that are lacking or, where they hold
    more rows, to the others. So names that all stayed, or all went, are told without error.

    Parameters
    ----------
    known
        Rows of the names that both sides know, of the baseline and of the current side.
    rows
        All rows of the side in question.
    """
    inner, outer = known if new else known[::-1]
    sides = sample.p_counts, sample.q_counts
    lacking, having = sides if new else sides[::-1]
    if sample.unknown.all():
        inner, outer = inner[:0], outer[:0]
    told, rest = outer[inner == 0], rows - int(outer.sum())
    having, gone = having[sample.unknown], lacking[sample.unknown] == 0
    if rest and not having.any():
        return Absent(nan, nan, 1 / rows, int(told.max(initial=0)))
    part = gone if having[gone].sum() <= having[~gone].sum() else ~gone
    estimate = min(float(having[part].sum()) / sample.share, float(rest))
    unsampled = (1 - sample.share) / sample.share
    heavy = sample.q_heavy if new else sample.p_heavy
    squares = np.square(having[part].astype(np.float64)).sum() / sample.share
    squares += np.square(heavy.astype(np.float64)).sum()
    error = sqrt(unsampled * float(squares)) / rows
    value = (float(told.sum()) + (estimate if part is gone else rest - estimate)) / rows
    known_well = error <= _VAGUE
    return Absent(
        value if known_well else nan,
        error if known_well else nan,
        1 / sample.share / rows,
        int(told.max(initial=0)),
    )

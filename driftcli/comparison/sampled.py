"""New and lost names of vocabularies too large to keep, estimated from a sample of the names."""

from __future__ import annotations

from math import nan, sqrt
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from driftcli.comparison.once import once
from driftcli.profile import categories, sketch
from driftcli.profile.categories import Categories

Counts = NDArray[np.int64]

#: A share known no better than this, as its standard error, is not given at all.
_VAGUE = 0.1


class Sample(Struct, frozen=True, dict=True):
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

    @once
    def not_known(self) -> tuple[Counts, Counts]:
        """Each side's rows of the names that are unknown."""
        return np.compress(self.unknown, self.p_counts), np.compress(self.unknown, self.q_counts)


class Absent(NamedTuple):
    """The share of one side's rows on names that the other lacks, NaN where it is not known.

    `scale` is what one of the sampled rows stands for, as a share of all; `commonest` the rows of
    the commonest of those names, of the ones that are known by name.
    """

    value: float
    standard_error: float
    scale: float
    commonest: int


def sample_of(
    p: Categories, q: Categories, known: tuple[NDArray[np.bool_], NDArray[np.bool_]]
) -> Sample | None:
    """Return the names that both sides sampled, where they did.

    `known` says of each side's own names which both know the rows of.
    """
    left, right = categories.sketch_of(p), categories.sketch_of(q)
    if left is None or right is None or left.keyed != right.keyed:
        return None
    hashes, p_counts, q_counts, share = sketch.aligned(left, right)
    bound = np.uint64(min(left.bound, right.bound))
    named, heavy = [], []
    for side, own in zip((p, q), known, strict=True):
        named.append(side.hashes[own])
        heavy.append(side.counts[~own & (side.hashes > bound)])
    # Whose names the keyed hashes are cannot be told: none of them counts as known.
    among = _among(hashes, np.concatenate(named)[: 0 if left.keyed else None])
    return Sample(p_counts, q_counts, ~among, share, heavy[0], heavy[1])


def _among(ordered: NDArray[np.uint64], others: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Return which of numbers, sorted and distinct, are among others."""
    among = np.zeros(ordered.size, bool)
    places = np.searchsorted(ordered, others)
    among[places[np.searchsorted(ordered, others, side="right") > places]] = True
    return among


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
    lacking, having = sample.not_known if new else sample.not_known[::-1]
    if having.size == sample.unknown.size:
        inner, outer = inner[:0], outer[:0]
    told, rest = np.compress(inner == 0, outer), rows - int(outer.sum())
    held = int(having.sum())
    if rest and not held:
        return Absent(nan, nan, 1 / rows, int(told.max(initial=0)))
    gone = lacking == 0
    part = np.compress(gone, having)
    lost = 2 * int(part.sum()) <= held
    if not lost:
        part = np.compress(~gone, having)
    estimate = min(float(part.sum()) / sample.share, float(rest))
    unsampled = (1 - sample.share) / sample.share
    heavy = sample.q_heavy if new else sample.p_heavy
    squares = np.square(part.astype(np.float64)).sum() / sample.share
    squares += np.square(heavy.astype(np.float64)).sum()
    error = sqrt(unsampled * float(squares)) / rows
    value = (float(told.sum()) + (estimate if lost else rest - estimate)) / rows
    known_well = error <= _VAGUE
    return Absent(
        value if known_well else nan,
        error if known_well else nan,
        1 / sample.share / rows,
        int(told.max(initial=0)),
    )

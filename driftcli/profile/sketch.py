"""A sample of names too many to keep: those of the smallest hashes, with all their rows.

A hash says nothing about how common a name is or what became of it, so the names whose hashes
are at most some bound are a uniform sample of all names. Both sides of a comparison sample the
same names, and so does every part of a dataset: what one of them does not have among its own
names below the bound is not there. Bottom-k sampling: Cohen and Kaplan (2007),
doi:10.1145/1281100.1281133; with a bound kept beside it, Dasgupta, Lang, Rhodes and Thaler
(2016), doi:10.4230/LIPIcs.ICDT.2016.11.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from math import ceil, sqrt

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Hashes = NDArray[np.uint64]

#: Names sampled at most: a share of 1 % is then known to 0.0011, and 128 KB are held.
SIZE = 8_192
#: Standard deviations within which the number of names is taken to be.
_DEVIATIONS = 4
#: The bound below which all hashes lie: every name is there.
ALL = 2**64 - 1


class Sketch(Struct, frozen=True):
    """Every name whose hash is at most `bound`, by its hash.

    Attributes
    ----------
    hashes : shape (names,)
        Increasing hashes.
    counts : shape (names,)
        All rows of each name.
    bound : int
        The largest hash that the sample would hold.
    keyed : bool
        Whether the hashes are those of `keyed`, which tell no name without the key.
    """

    hashes: Hashes
    counts: Counts
    bound: int = ALL
    keyed: bool = False

    @property
    def share(self) -> float:
        """The chance of a name to be sampled; 1 where all are."""
        return (self.bound + 1) / 2**64

    def names(self) -> tuple[int, int]:
        """Return between what numbers of names there are, but for one chance in ten thousand."""
        size = self.hashes.size
        if self.bound == ALL:
            return size, size
        off = _DEVIATIONS * sqrt(size * (1 - self.share))
        return max(size, int((size - off) / self.share)), ceil((size + off) / self.share)

    @property
    def nbytes(self) -> int:
        """Bytes the sample takes."""
        return self.hashes.nbytes + self.counts.nbytes


def of(hashes: Hashes, counts: Counts) -> Sketch:
    """Return the sketch of all names there are, each given once, in any order."""
    if hashes.size <= SIZE:
        return _summed(hashes, counts, ALL)
    bound = np.partition(hashes, SIZE)[SIZE]
    low = hashes <= bound
    return _summed(hashes[low], counts[low], int(bound))


def _summed(hashes: Hashes, counts: Counts, bound: int) -> Sketch:
    """Return the sketch of all names there are up to `bound`, each given once or more."""
    found, at = np.unique(hashes, return_inverse=True)
    summed = np.zeros(found.size, np.int64)
    np.add.at(summed, at, counts)
    if found.size <= SIZE:
        return Sketch(found, summed, bound)
    return Sketch(found[:SIZE], summed[:SIZE], int(found[SIZE - 1]))


def merge(parts: Sequence[Sketch]) -> Sketch:
    """Return the sketch of all rows of `parts`: what one pass over them would have made.

    A name below the lowest bound was kept by every part that has it, so its count is whole.
    """
    bound = min(part.bound for part in parts)
    parts = [within(part, bound) for part in parts]
    merged = _summed(
        np.concatenate([part.hashes for part in parts]),
        np.concatenate([part.counts for part in parts]),
        bound,
    )
    return replace(merged, keyed=parts[0].keyed)


def within(side: Sketch, bound: int) -> Sketch:
    """Return the names of a sketch whose hashes are at most `bound`, or its own bound."""
    bound = min(bound, side.bound)
    size = int(np.searchsorted(side.hashes, np.uint64(bound), side="right"))
    return Sketch(side.hashes[:size], side.counts[:size], bound, side.keyed)


def aligned(p: Sketch, q: Sketch) -> tuple[Hashes, Counts, Counts, float]:
    """Return the hashes that both sides would hold, each side's rows, and the share sampled."""
    bound = min(p.bound, q.bound)
    p, q = within(p, bound), within(q, bound)
    both = np.concatenate([p.hashes, q.hashes])
    # Two sorted runs: a stable sort merges them.
    order = np.argsort(both, kind="stable")
    ordered = both[order]
    fresh = np.ones(both.size, bool)
    np.not_equal(ordered[1:], ordered[:-1], out=fresh[1:])
    places = np.empty(both.size, np.intp)
    places[order] = np.cumsum(fresh) - 1
    joined = np.compress(fresh, ordered)
    counts = []
    for side, at in ((p, places[: p.hashes.size]), (q, places[p.hashes.size :])):
        own = np.zeros(joined.size, np.int64)
        own[at] = side.counts
        counts.append(own)
    return joined, counts[0], counts[1], p.share


def keyed(side: Sketch, key: bytes) -> Sketch:
    """Return the sketch with hashes that need the key, and that are still below the same bounds.

    The bound becomes one less than a power of two. A hash keeps its highest bit, so that it
    stays on its side of every such bound; the bits below are those of a keyed BLAKE2b
    (RFC 7693) of the old hash.
    """
    kept = within(side, 2 ** ((side.bound + 1).bit_length() - 1) - 1)
    hidden = sorted(
        (_hidden(each, key), count)
        for each, count in zip(kept.hashes.tolist(), kept.counts.tolist(), strict=True)
    )
    hashes = np.array([each for each, _ in hidden], np.uint64)
    return Sketch(
        hashes, np.array([count for _, count in hidden], np.int64), kept.bound, keyed=True
    )


def _hidden(value: int, key: bytes) -> int:
    if not value:
        return 0
    digest = blake2b(value.to_bytes(8, "big"), digest_size=8, key=key).digest()
    top = 1 << (value.bit_length() - 1)
    return top | (int.from_bytes(digest, "big") & (top - 1))

"""Category counts: exact up to a cap on distinct values, coarsened mergeably beyond it.

Past the cap, the commonest names keep their counts and all others are counted in buckets, one
per hash value. Two such profiles are compared over the partition that both can tell apart: the
names that both kept, and the buckets. Coarser partitions only lower a divergence, so a score
over coarsened categories is a lower bound. Which names came and went no bucket tells: that is
estimated from a sample of the names (see `sketch`).
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct, field
from msgspec.structs import astuple, replace
from numpy.typing import NDArray

from driftcli.arrays import filled, from_numpy, from_texts, tallied, to_numpy
from driftcli.profile import shape as shapes
from driftcli.profile import sketch as sketches
from driftcli.profile.names import Words, hashes
from driftcli.profile.shape import TextShape
from driftcli.profile.sketch import Sketch

Counts = NDArray[np.int64]
Hashes = NDArray[np.uint64]

#: Distinct names a profile counts exactly.
MAX_CATEGORIES = 100_000
#: Bytes of names a profile holds at most.
MAX_NAME_BYTES = 32 * 2**20
#: Names that keep their own count when a profile is coarsened; where it may hold fewer names than
#: usual, a fourth of those.
KEPT_CATEGORIES = 8_192
_KEPT_SHARE = 4
#: Hash buckets for all other names.
BUCKETS = 4_096
#: What the sample holds of a name: its hash and its rows.
_SAMPLED_BYTES = 16

_NAMES = pa.large_string()


def _no_names() -> Any:
    return from_texts([])


def _no_buckets() -> Counts:
    return np.zeros(0, np.int64)


class Categories(Struct, frozen=True, dict=True):
    """Distinct names with row counts.

    Attributes
    ----------
    names : pyarrow.LargeStringArray
        Distinct names, without nulls, in no particular order.
    counts : shape (names,)
        Rows of each name.
    buckets : shape (BUCKETS,) or (0,)
        Rows of all names that are not in `names`, by hash; empty while the counts are exact.
    distinct, repeats : int
        At least so many distinct names, and at least so many rows that repeat another's name.
        Both are exact while the counts are.
    sketch : Sketch or None
        A sample of the names, where the counts are not exact or the names are not their own;
        None also of a profile that was saved before there were any.
    shape : Shape or None
        That of the rows in `buckets`, or of all rows where the names are not their own (see
        `shape_of`); None also of a profile that was saved before there were any.
    """

    names: Any = field(default_factory=_no_names)
    counts: Counts = field(default_factory=_no_buckets)
    buckets: Counts = field(default_factory=_no_buckets)
    distinct: int = 0
    repeats: int = 0
    sketch: Sketch | None = None
    shape: TextShape | None = None

    def __reduce__(self) -> tuple[type["Categories"], tuple[Any, ...]]:
        """Have its own names sent, and not those that they are a part of."""
        return Categories, astuple(replace(self, names=pa.concat_arrays([self.names])))

    @property
    def total(self) -> int:
        """Rows the counts stand for."""
        return int(self.counts.sum() + self.buckets.sum())

    @property
    def exact(self) -> bool:
        """Whether every name has its own count."""
        return not self.buckets.size

    @cached_property
    def shape_of_names(self) -> TextShape:
        """The shape of the rows of `names`: kept, as a period is compared with several."""
        return shapes.of(self.names, self.counts)

    @cached_property
    def hashes(self) -> Hashes:
        """The hashes of `names`: kept, as is their shape."""
        return self.words.hashes if self.words else hashes(self.names)

    @cached_property
    def words(self) -> Words | None:
        """The names in a vocabulary, of profiles that are made together; None once settled."""
        return None

    @property
    def nbytes(self) -> int:
        """Bytes the counts take."""
        sampled = self.sketch.nbytes if self.sketch else 0
        return int(self.names.nbytes) + self.counts.nbytes + self.buckets.nbytes + sampled


EMPTY = Categories()


def from_array(values: Any) -> Categories:
    """Return the counts of an array's values, by their text; nulls are not counted."""
    if pa.types.is_null(values.type):
        return EMPTY
    if not pa.types.is_dictionary(values.type):
        values = pc.dictionary_encode(values)
    if values.dictionary.null_count:
        values = pc.dictionary_encode(values.cast(values.type.value_type))
    names = values.dictionary.cast(_NAMES)
    indices = values.indices
    if indices.null_count:
        indices = indices.drop_null()
    counts = tallied(to_numpy(indices), len(names))
    return capped(_summed(names, counts))


def from_counts(counts: Mapping[str, int]) -> Categories:
    """Return the profile of known counts by name."""
    return _summed(from_texts(list(counts)), np.array(list(counts.values()), np.int64))


def merge(parts: Sequence[Categories], most: int | None = None) -> Categories:
    """Return the counts of all rows of `parts`, whose order only decides which names are kept.

    Exact while there are at most `most` distinct names, `MAX_CATEGORIES` when None. The arguments
    are left as they are.
    """
    parts = [part for part in parts if part.total]
    if len(parts) == 1:
        return capped(parts[0], most)
    if not parts:
        return EMPTY
    sampled = _merged_sketch(parts)
    if any(not part.exact for part in parts):
        parts = _coarsened_alike(parts)
    joined = _summed(
        pa.concat_arrays([part.names for part in parts]),
        np.concatenate([part.counts for part in parts]),
    )
    joined = replace(joined, sketch=sampled, shape=_merged_shape(parts))
    if parts[0].exact:
        return capped(joined, most)
    rows = joined.total + sum(int(part.buckets.sum()) for part in parts)
    fewest, largest = sampled.names() if sampled else (0, rows)
    repeats = max(rows - largest, sum(part.repeats for part in parts))
    return capped(
        replace(
            joined,
            buckets=np.sum([part.buckets for part in parts], axis=0),
            distinct=min(rows - repeats, max(fewest, *(part.distinct for part in parts))),
            repeats=repeats,
        ),
        most,
    )


def _merged_sketch(parts: Sequence[Categories]) -> Sketch | None:
    """Return the sample of the names of all parts, unless none is needed or one has none."""
    if all(part.exact and part.sketch is None for part in parts):
        return None
    found = [each for part in parts if (each := sketch_of(part)) is not None]
    alike = len(found) == len(parts) and len({each.keyed for each in found}) == 1
    return sketches.merge(found) if alike else None


def sketch_of(side: Categories) -> Sketch | None:
    """Return a sample of a side's names; None where it keeps neither that nor all names."""
    if side.sketch is not None or not side.exact:
        return side.sketch
    return sketches.of(side.hashes, side.counts)


def _merged_shape(parts: Sequence[Categories]) -> TextShape | None:
    """Return the shape of the rows that no name of the merged parts shows, where it is known."""
    known = [part.shape for part in parts if part.shape is not None]
    unknown = any(part.shape is None and not part.exact for part in parts)
    return shapes.merge(known) if known and not unknown else None


def shape_of(side: Categories) -> TextShape | None:
    """Return how long a side's names are and which forms they have; None where that is lost."""
    if side.shape is None:
        return side.shape_of_names if side.exact else None
    if side.shape.whole:
        return side.shape
    return shapes.merge([side.shape_of_names, side.shape])


def without_names(side: Categories) -> Categories:
    """Return the counts of the hash buckets alone."""
    return _coarsen(side, np.zeros(len(side.names), bool))


class AlignedNames(NamedTuple):
    """The names that both sides can tell apart, and each side's counts of them.

    Where a side is coarsened, the counts of the hash buckets follow those of the names. `known`
    says of each side's own names which are among them.
    """

    names: Any
    left: Counts
    right: Counts
    known: tuple[NDArray[np.bool_], NDArray[np.bool_]]


def aligned(left: Categories, right: Categories) -> AlignedNames:
    """Return both sides over the names that both can tell apart: those of `left` come first."""
    # Names are looked up once: of tens of thousands that is most of the work.
    places = filled(pc.index_in(right.names, value_set=left.names), -1)
    shared = places >= 0
    held = np.zeros(len(left.names), bool)
    held[places[shared]] = True
    known = _kept_or_empty(left, right, held), _kept_or_empty(right, left, shared)
    alone = known[1] & ~shared
    names = _joined(left.names, known[0], right.names, alone)
    first, own = np.compress(known[0], left.counts), np.compress(alone, right.counts)
    other = np.zeros(len(names), np.int64)
    other[np.cumsum(known[0])[places[shared]] - 1] = np.compress(shared, right.counts)
    other[first.size :] = own
    first = np.concatenate([first, np.zeros(own.size, np.int64)])
    if not (left.exact and right.exact):
        first, other = (
            np.concatenate([counts, _bucketed_counts(side, kept, side.hashes)])
            for counts, side, kept in zip((first, other), (left, right), known, strict=True)
        )
    return AlignedNames(names, first, other, known)


def _joined(left: Any, own: NDArray[np.bool_], right: Any, alone: NDArray[np.bool_]) -> Any:
    """Return the names of the one that are its own, and those that the other has alone."""
    first = left if own.all() else left.filter(from_numpy(own))
    return pa.concat_arrays([first, right.filter(from_numpy(alone))]) if alone.any() else first


def _kept_or_empty(
    side: Categories, other: Categories, kept: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return which of a side's names have counts that another knows, which has `kept` some."""
    if other.exact:
        return np.ones(kept.size, bool)
    known: NDArray[np.bool_] = kept | (other.buckets[_bucket_of(side.hashes)] == 0)
    return known


def _summed(names: Any, counts: Counts) -> Categories:
    """Add up the counts of equal names, and drop names without rows."""
    encoded = pc.dictionary_encode(names)
    names = encoded.dictionary
    summed = np.zeros(len(names), np.int64)
    np.add.at(summed, to_numpy(encoded.indices), counts)
    if not summed.all():
        seen = np.flatnonzero(summed)
        names, summed = names.take(from_numpy(seen)), summed[seen]
    repeats = int(summed.sum()) - len(names)
    return Categories(names, summed, distinct=len(names), repeats=repeats)


def bytes_within(side: Categories, most: int | None) -> int:
    """Return about how many bytes a side holds where `most` names are counted one by one."""
    return min(side.nbytes, _coarse_bytes(side, most)) if _too_many(side, most) else side.nbytes


def capped(side: Categories, most: int | None = None) -> Categories:
    """Coarsen beyond `most` distinct names, `MAX_CATEGORIES` when None.

    Where it is for want of room, but buckets and the sample of names would take more of it than
    the names do, these stay.
    """
    if not _too_many(side, most):
        return side
    if not _too_many(side, None) and _coarse_bytes(side, most) >= side.nbytes:
        return side
    return _coarsen(side, _commonest(side, _kept_names(most)))


def _too_many(side: Categories, most: int | None) -> bool:
    return len(side.names) > (most or MAX_CATEGORIES) or side.names.nbytes > MAX_NAME_BYTES


def _kept_names(most: int | None) -> int:
    return KEPT_CATEGORIES if most is None else min(KEPT_CATEGORIES, most // _KEPT_SHARE)


def _coarse_bytes(side: Categories, most: int | None) -> int:
    """Return about how many bytes a side would hold once it is coarsened."""
    size = len(side.names)
    kept = min(1.0, _kept_names(most) / size) * (int(side.names.nbytes) + side.counts.nbytes)
    sampled = side.sketch.nbytes if side.sketch else _SAMPLED_BYTES * min(size, sketches.SIZE)
    return int(kept) + BUCKETS * side.counts.itemsize + sampled


def _commonest(side: Categories, size: int) -> NDArray[np.bool_]:
    """Choose `size` names that keep their own counts: the commonest, within a budget of bytes."""
    order = np.argsort(-side.counts, kind="stable")[:size]
    lengths = to_numpy(pc.binary_length(side.names.take(from_numpy(order))))
    kept = np.zeros(len(side.names), bool)
    kept[order[np.cumsum(lengths) <= MAX_NAME_BYTES // 4]] = True
    return kept


def _coarsen(side: Categories, kept: NDArray[np.bool_]) -> Categories:
    """Count the names that are not `kept` in their hash buckets."""
    return replace(
        _bucketed(side, kept, side.hashes),
        sketch=sketch_of(side),
        shape=_dropped_shape(side, np.flatnonzero(~kept)),
    )


def _bucketed(side: Categories, kept: NDArray[np.bool_], hashed: Hashes) -> Categories:
    """Move the counts of the names that are not `kept` to their hash buckets, and nothing else."""
    if kept.all() and side.buckets.size:
        return side
    buckets = _bucketed_counts(side, kept, hashed)
    names = side.names.filter(from_numpy(kept))
    return replace(side, names=names, counts=side.counts[kept], buckets=buckets)


def _bucketed_counts(side: Categories, kept: NDArray[np.bool_], hashed: Hashes) -> Counts:
    """Return the rows in each bucket once it holds the names that are not `kept`."""
    buckets = side.buckets.copy() if side.buckets.size else np.zeros(BUCKETS, np.int64)
    np.add.at(buckets, _bucket_of(hashed[~kept]), side.counts[~kept])
    return buckets


def _bucket_of(hashed: Hashes) -> NDArray[np.intp]:
    return (hashed % np.uint64(BUCKETS)).astype(np.intp)


def _dropped_shape(side: Categories, dropped: NDArray[np.intp]) -> TextShape | None:
    """Return the shape of the rows in the buckets once some names are dropped."""
    if side.shape is None:
        if not side.exact:
            return None
    elif side.shape.whole:
        return side.shape
    counts = side.counts[dropped]
    if side.words:
        more = side.words.shape(dropped, counts)
    else:
        more = shapes.of(side.names.take(from_numpy(dropped)), counts)
    return shapes.merge([more, side.shape or shapes.EMPTY])


def _coarsened_alike(parts: Sequence[Categories]) -> list[Categories]:
    """Coarsen all parts to the names whose counts every part knows; their sketches stay."""
    return [
        replace(_bucketed(part, known, hashed), shape=_dropped_shape(part, np.flatnonzero(~known)))
        for part, known, hashed in zip(parts, *_known_alike(parts), strict=True)
    ]


def _known_alike(parts: Sequence[Categories]) -> tuple[list[NDArray[np.bool_]], list[Hashes]]:
    """Return which names of each part have counts that every part knows, and their hashes.

    A coarsened part knows a name it kept, and one whose bucket is empty; an exact part knows all.
    """
    alike = []
    for part in parts:
        known = np.ones(len(part.names), bool)
        for other in parts:
            if other is not part and not other.exact:
                kept = to_numpy(pc.is_in(part.names, value_set=other.names))
                known &= _kept_or_empty(part, other, kept)
        alike.append(known)
    return alike, [part.hashes for part in parts]

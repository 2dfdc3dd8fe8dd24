"""The values of one column as numbers, row by row, of both sides alike."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from driftcli.arrays import filled, to_numpy
from driftcli.metrics.bins import Labels, mixture
from driftcli.profile.column import raw_numbers
from driftcli.profile.kinds import Kind

Numbers = NDArray[Any]
#: One a side.
BothNumbers = tuple[Numbers, Numbers]
Both = tuple[Labels, Labels]

#: The label of missing values.
MISSING = -1


def is_named(p: Any, q: Any, kind: Kind) -> bool:
    """Return whether values are names, without an order: those of truth have one."""
    return kind == "categorical" and not (_is_truth(p) and _is_truth(q))


def _is_truth(array: Any) -> bool:
    return bool(pa.types.is_boolean(array.type))


def numbers_of(p: Any, q: Any, kind: Kind) -> BothNumbers:
    """Return the number of each row; of what is missing, NaN.

    They are floats that tell values apart as the data do, and of large integers not these.
    """
    present = _as_floats(*(_present(array, kind) for array in (p, q)))
    first, second = (
        _placed_at(array, values) for array, values in zip((p, q), present, strict=True)
    )
    return first, second


def floats_of(array: Any, kind: Kind) -> Numbers:
    """Return the number of each row as a float that does not depend on others; of missing, NaN."""
    return _placed_at(array, _present(array, kind).astype(np.float64))


def _present(array: Any, kind: Kind) -> Numbers:
    """Return the numbers of an array, without what is missing."""
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    if _is_truth(array):
        array, kind = array.cast(pa.int8()), "numeric"
    return np.asarray(raw_numbers(array, kind).values)


def _as_floats(p: Numbers, q: Numbers) -> BothNumbers:
    """Return the numbers of both sides as floats that tell them apart as the numbers do."""
    if p.dtype.kind in "iu" and q.dtype.kind in "iu":
        # From the least on, without a sign: so are large ones exact where their range is not large.
        least = min(int(side.min()) for side in (p, q)) % 2**64
        p, q = (side.astype(np.uint64) - np.uint64(least) for side in (p, q))
    # A number that one side rounds is the same on both.
    rounded = np.float32 in (p.dtype, q.dtype)
    dtype = np.float32 if rounded else np.float64
    return p.astype(dtype), q.astype(dtype)


def _placed_at(array: Any, values: Numbers) -> Numbers:
    """Return a number for each row of an array; of what is missing, NaN."""
    numbers = np.full(len(array), np.nan, values.dtype)
    numbers[to_numpy(array.is_valid())] = values
    return numbers


def labels_of(p: Any, q: Any, count: int) -> Both:
    """Return labels of names below `count`: the commonest of both sides, which weigh the same.

    The last label is that of all others.
    """
    texts = [array.cast(pa.large_string()) for array in (p, q)]
    coded = pa.concat_arrays(texts).dictionary_encode()
    at = filled(coded.indices, len(coded.dictionary))
    sides = np.split(at, [len(p)])
    size = len(coded.dictionary)
    weights = mixture(*(np.bincount(side, minlength=size + 1)[:size] for side in sides))
    alphabetical = to_numpy(pc.rank(coded.dictionary))
    commonest = np.lexsort((alphabetical, -weights))[: count - 1]
    labels = np.full(size + 1, count - 1)
    labels[commonest] = np.arange(commonest.size)
    labels[size] = MISSING
    return labels[sides[0]], labels[sides[1]]

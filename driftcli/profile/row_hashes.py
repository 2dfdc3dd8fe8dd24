"""Whole rows as 64-bit hashes that are the same on every machine and in every run.

The hash of a row is the sum of those of its values, each mixed with the name of its column: columns
may come in any order, and some of them later than others.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from driftcli.arrays import to_numpy
from driftcli.profile.names import hashes, mixed

Hashes = NDArray[np.uint64]

_NULL = np.uint64(0x6A09E667F3BCC909)
_STEP = np.uint64(0x9E3779B97F4A7C15)
_TEXTS = (
    *(pa.string(), pa.large_string(), pa.binary(), pa.large_binary()),
    *(pa.string_view(), pa.binary_view()),
)


def row_hashes(batch: Any, types: Mapping[str, Any]) -> Hashes:
    """Return the hash of each row of a batch over the columns that `types` names.

    Values count as those of the given types: an integer and an equal double are one value where
    the column holds doubles.
    """
    total = np.zeros(batch.num_rows, np.uint64)
    for name, values in zip(batch.schema.names, batch.columns, strict=True):
        if name in types:
            seed = hashes(pa.array([name]))[0]
            total += mixed(value_hashes(_of_type(values, types[name])) ^ seed)
    return total


def _of_type(values: Any, wanted: Any) -> Any:
    held = values.type
    held = held.value_type if pa.types.is_dictionary(held) else held
    return values if held == wanted else values.cast(wanted)


def value_hashes(values: Any) -> Hashes:
    """Return the hash of each value; all nulls have one of their own."""
    made = _hashes(values)
    if values.null_count:
        made = np.where(to_numpy(values.is_valid()), made, _NULL)
    return made


def _hashes(values: Any) -> Hashes:
    kind, types = values.type, pa.types
    if types.is_null(kind):
        return np.zeros(len(values), np.uint64)
    if types.is_dictionary(kind):
        return _taken(value_hashes(values.dictionary), values.indices)
    if kind in _TEXTS or types.is_fixed_size_binary(kind):
        coded = pc.dictionary_encode(values)
        return _taken(hashes(coded.dictionary), coded.indices)
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return _of_lists(values)
    if types.is_floating(kind):
        return _bits(values.cast(pa.float64()))
    if types.is_boolean(kind) or types.is_integer(kind) or types.is_temporal(kind):
        return _bits(values)
    # What is left has no form of its own: decimals, maps, and structs within lists.
    return hashes(pa.array(map(repr, values.to_pylist()), pa.large_string()))


def _taken(words: Hashes, indices: Any) -> Hashes:
    if not words.size:
        return np.zeros(len(indices), np.uint64)
    taken: Hashes = words[to_numpy(indices.fill_null(0).cast(pa.int64()))]
    return taken


def _bits(values: Any) -> Hashes:
    if pa.types.is_floating(values.type):
        # One zero, and one NaN.
        numbers = to_numpy(values) + 0.0
        return mixed(np.where(np.isnan(numbers), np.nan, numbers).view(np.uint64))
    if values.type.bit_width == 32 and pa.types.is_temporal(values.type):
        values = values.view(pa.int32())
    elif pa.types.is_temporal(values.type):
        values = values.view(pa.int64())
    return mixed(to_numpy(values).astype(np.int64, copy=False).view(np.uint64))


def _of_lists(values: Any) -> Hashes:
    """Return the hashes of lists: of what they hold, in its order."""
    lengths = to_numpy(pc.list_value_length(values).fill_null(0).cast(pa.int64()))
    starts = np.cumsum(lengths) - lengths
    held = value_hashes(pc.list_flatten(values))
    position = (np.arange(held.size) - np.repeat(starts, lengths)).astype(np.uint64)
    terms = np.append(mixed(held + position * _STEP), np.uint64(0))
    sums = np.add.reduceat(terms, starts) * (lengths > 0) if lengths.size else lengths
    return mixed(sums.astype(np.uint64) + lengths.astype(np.uint64))

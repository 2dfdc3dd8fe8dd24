"""Columns as drivers of databases hand them over, as columns that are compared."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa

from driftcli.source.columns import batch_of

_HEX = np.frombuffer(b"".join(b"%02x" % byte for byte in range(256)), np.uint8).reshape(256, 2)
#: Where the 32 digits of a UUID stand in its text, and where the signs between.
_DIGITS = [at for at in range(36) if at not in (8, 13, 18, 23)]
_SIGNS = [8, 13, 18, 23]


def plain_schema(schema: pa.Schema) -> pa.Schema:
    """Return the columns and the types that their values are read as."""
    return pa.schema([(field.name, _type(field.type)) for field in schema])


def plain_batch(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return rows with values that are read as such types."""
    arrays = [_values(array) for array in batch.columns]
    return batch_of(batch.schema.names, arrays, batch.num_rows)


def _type(kind: pa.DataType) -> pa.DataType:
    if _is_numeric(kind):
        return pa.float64()
    if _name(kind) == "arrow.uuid":
        return pa.string()
    return pa.binary() if _is_document(kind) else kind


def _values(array: Any) -> Any:
    kind = array.type
    if _is_numeric(kind):
        return array.storage.cast(pa.float64())
    if _name(kind) == "arrow.uuid":
        return _uuids(array.storage)
    return _present(array) if _is_document(kind) else array


def _name(kind: Any) -> str:
    return str(kind.extension_name) if isinstance(kind, pa.BaseExtensionType) else ""


def _is_numeric(kind: Any) -> bool:
    """Tell a number of any precision, which comes as text."""
    return _name(kind) == "arrow.opaque" and kind.type_name == "numeric"


def _is_document(kind: Any) -> bool:
    """Tell what is no single value: an array, JSON, or what only the database knows."""
    return _name(kind) in ("arrow.json", "arrow.opaque") or pa.types.is_nested(kind)


def _present(array: Any) -> Any:
    """Return bytes that say no more than which values are missing."""
    return pa.array([None if null else b"" for null in _nulls(array)], pa.binary())


def _nulls(array: Any) -> Iterable[bool]:
    found: Iterable[bool] = array.is_null().to_pylist()
    return found


def _uuids(storage: Any) -> Any:
    """Return UUIDs as they are written, of 16 bytes each."""
    rows = len(storage)
    data = np.frombuffer(storage.buffers()[1], np.uint8, 16 * rows, 16 * storage.offset)
    text = np.empty((rows, 36), np.uint8)
    text[:, _DIGITS] = _HEX[data].reshape(rows, 32)
    text[:, _SIGNS] = ord("-")
    offsets = np.arange(0, 36 * (rows + 1), 36, dtype=np.int64)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(text)]
    written = pa.Array.from_buffers(pa.large_string(), rows, buffers).cast(pa.string())
    return _masked(written, storage)


def _masked(values: Any, like: Any) -> Any:
    import pyarrow.compute as pc

    return (
        pc.if_else(like.is_valid(), values, pa.scalar(None, values.type))
        if like.null_count
        else values
    )

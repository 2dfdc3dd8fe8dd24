"""Columns as drivers of databases hand them over, as columns that are compared."""

import json
from typing import Any

import numpy as np
import pyarrow as pa

from driftcli.arrays import UnreadType, null, scalar_of
from driftcli.source.columns import batch_of

_HEX = np.frombuffer(b"".join(b"%02x" % byte for byte in range(256)), np.uint8).reshape(256, 2)
#: Where the 32 digits of a UUID stand in its text, and where the signs between.
_DIGITS = [at for at in range(36) if at not in (8, 13, 18, 23)]
_SIGNS = [8, 13, 18, 23]


def plain_schema(schema: pa.Schema) -> pa.Schema:
    """Return the columns and the types that their values are read as."""
    return pa.schema([(field.name, _type(field)) for field in schema])


def plain_batch(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return rows with values that are read as such types."""
    arrays = [
        _values(array, field) for array, field in zip(batch.columns, batch.schema, strict=True)
    ]
    return batch_of(batch.schema.names, arrays, batch.num_rows)


def _type(field: Any) -> pa.DataType:
    if _is_numeric(field):
        return pa.float64()
    if _name(field) == "arrow.uuid":
        return pa.string()
    return UnreadType(_word(field)) if _is_document(field) else field.type


def _values(array: Any, field: Any) -> Any:
    if _is_numeric(field):
        return _storage(array).cast(pa.float64())
    if _name(field) == "arrow.uuid":
        return _uuids(_storage(array))
    return _present(array, _type(field)) if _is_document(field) else array


def _storage(array: Any) -> Any:
    return array.storage if isinstance(array, pa.ExtensionArray) else array


def _name(field: Any) -> str:
    """Return the name of an extension, which earlier versions of Arrow leave in metadata."""
    if isinstance(field.type, pa.BaseExtensionType):
        return str(field.type.extension_name)
    return str((field.metadata or {}).get(b"ARROW:extension:name", b"").decode())


def _opaque(field: Any) -> str:
    """Return what its database calls a type that only this knows, "" for one of Arrow's own."""
    if _name(field) != "arrow.opaque":
        return ""
    if isinstance(field.type, pa.BaseExtensionType):
        return str(field.type.type_name)
    return str(json.loads(field.metadata[b"ARROW:extension:metadata"])["type_name"])


def _is_numeric(field: Any) -> bool:
    """Tell a number of any precision, which comes as text."""
    return _opaque(field) == "numeric"


def _is_document(field: Any) -> bool:
    """Tell what is no single value: an array, JSON, or what only the database knows."""
    return _name(field) in ("arrow.json", "arrow.opaque") or pa.types.is_nested(field.type)


def _word(field: Any) -> str:
    """Return what a document is called: json, array<int4>."""
    if _name(field) == "arrow.json":
        return "json"
    if pa.types.is_nested(field.type) and not pa.types.is_list(field.type):
        return str(field.type).partition("<")[0]
    if pa.types.is_list(field.type):
        named = (field.metadata or {}).get(b"POSTGRESQL:type", b"").decode().removeprefix("_")
        return f"array<{named or field.type.value_type}>"
    return _opaque(field)


def _present(array: Any, kind: UnreadType) -> Any:
    """Return values that say no more than which are missing."""
    import pyarrow.compute as pc

    empty = pc.if_else(array.is_valid(), scalar_of("", pa.binary()), null(pa.binary()))
    return pa.ExtensionArray.from_storage(kind, empty)


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

    return pc.if_else(like.is_valid(), values, null(values.type)) if like.null_count else values

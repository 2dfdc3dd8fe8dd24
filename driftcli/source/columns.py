"""Columns of a source: structs flattened to `a.b`, names that are unique, types that agree."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa

from driftcli.arrays import UnreadType
from driftcli.errors import InputError
from driftcli.text import quoted


def flat_fields(schema: Iterable[pa.Field], prefix: str = "") -> Iterator[tuple[str, pa.DataType]]:
    """Yield (name, type) of each column, those of structs as `struct.child`, recursively."""
    for field in schema:
        if not prefix and is_row_label(field.name):
            continue
        name = prefix + field.name
        kind = plain_type(field.type)
        if pa.types.is_struct(kind):
            children = [kind.field(i) for i in range(kind.num_fields)]
            yield from flat_fields(children, name + ".")
        else:
            yield name, kind


def is_row_label(column: str) -> bool:
    """Tell whether a column is the index of a pandas frame that has no name: no data."""
    return re.fullmatch(r"__index_level_\d+__", column) is not None


def flat_arrays(
    names: Sequence[str], arrays: Sequence[pa.Array], prefix: str = ""
) -> Iterator[tuple[str, pa.Array]]:
    """Yield (name, array) of each column, structs flattened; a null struct has null children."""
    for name, array in zip(names, arrays, strict=True):
        values = plain_array(array)
        if pa.types.is_struct(values.type):
            children = [values.type.field(i).name for i in range(values.type.num_fields)]
            yield from flat_arrays(children, values.flatten(), f"{prefix}{name}.")
        else:
            yield prefix + name, values


def flat_batch(batch: pa.RecordBatch, columns: Sequence[str]) -> pa.RecordBatch:
    """Return `columns` of the batch, which name flattened columns, in that order."""
    found = dict(flat_arrays(batch.schema.names, batch.columns))
    return batch_of(columns, [found[name] for name in columns], batch.num_rows)


def batch_of(names: Sequence[str], arrays: Sequence[pa.Array], rows: int) -> pa.RecordBatch:
    """Return a record batch that keeps its row count even without columns."""
    if names:
        return pa.RecordBatch.from_arrays(list(arrays), names=list(names))
    return pa.RecordBatch.from_struct_array(pa.array([{}] * rows, pa.struct([])))


def one_batch(table: pa.Table) -> pa.RecordBatch:
    """Return the rows of `table` as one batch."""
    if any(column.num_chunks > 1 for column in table.columns):
        table = table.combine_chunks()
    batches = table.to_batches()
    if batches:
        return batches[0]
    return pa.RecordBatch.from_pylist([], table.schema)


def plain_type(kind: pa.DataType) -> pa.DataType:
    """Return the type under an extension, a run-length encoding or a view of text or bytes."""
    if isinstance(kind, UnreadType):
        return kind
    if isinstance(kind, pa.BaseExtensionType):
        return plain_type(kind.storage_type)
    if pa.types.is_run_end_encoded(kind):
        return plain_type(kind.value_type)
    if pa.types.is_string_view(kind):
        return pa.string()
    if pa.types.is_binary_view(kind):
        return pa.binary()
    return kind


def plain_array(array: pa.Array) -> pa.Array:
    """Return `array` as its `plain_type`."""
    if isinstance(array.type, UnreadType):
        return array
    if isinstance(array.type, pa.BaseExtensionType):
        return plain_array(array.storage)
    if pa.types.is_run_end_encoded(array.type):
        from pyarrow.compute import run_end_decode

        return plain_array(run_end_decode(array))
    if pa.types.is_string_view(array.type) or pa.types.is_binary_view(array.type):
        return _without_view(array, plain_type(array.type))
    return array


def _without_view(array: pa.Array, kind: pa.DataType) -> pa.Array:
    try:
        return array.cast(kind)
    except pa.ArrowNotImplementedError:  # before Arrow 18
        return pa.array(array.to_pylist(), kind)


def top_level(columns: Sequence[str], names: Sequence[str]) -> list[int]:
    """Return where those of `names` are, top-level columns, that hold the flattened `columns`."""
    prefixes = {c for column in columns for c in _prefixes(column)}
    return [i for i, name in enumerate(names) if name in prefixes]


def _prefixes(column: str) -> Iterator[str]:
    parts = column.split(".")
    for end in range(1, len(parts) + 1):
        yield ".".join(parts[:end])


def checked_schema(fields: Iterable[tuple[str, pa.DataType]], where: str) -> pa.Schema:
    """Return a schema of `fields`.

    Raises
    ------
    InputError
        When two columns have one name.
    """
    listed = list(fields)
    twice = [name for name, count in Counter(name for name, _ in listed).items() if count > 1]
    if twice:
        raise InputError(
            f"{where}: {len(twice)} column name{'s' * (len(twice) > 1)} used more than once, "
            f"first {quoted(twice[0])}. Rename the columns so that each name is used once."
        )
    return pa.schema(listed)


def kind_of(kind: pa.DataType) -> str:
    """Return the family within which types of one column may differ between files."""
    t = pa.types
    if t.is_dictionary(kind):
        return kind_of(kind.value_type)
    if t.is_integer(kind) or t.is_floating(kind) or t.is_decimal(kind):
        return "number"
    if t.is_string(kind) or t.is_large_string(kind):
        return "text"
    if t.is_timestamp(kind) or t.is_date(kind):
        return "zoned time" if t.is_timestamp(kind) and kind.tz else "time"
    return str(kind)


def common_type(a: pa.DataType, b: pa.DataType) -> pa.DataType | None:
    """Return the type a column has whose parts have types `a` and `b`; None when they clash."""
    if a == b or pa.types.is_null(b) or _known_as_binary(a, b):
        return a
    if pa.types.is_null(a) or _known_as_binary(b, a):
        return b
    if kind_of(a) != kind_of(b):
        return None
    if kind_of(a) == "number":
        ints = pa.types.is_integer(a) and pa.types.is_integer(b)
        return pa.int64() if ints else pa.float64()
    return pa.string() if kind_of(a) == "text" else max(a, b, key=_fineness)


def _known_as_binary(unread: pa.DataType, other: pa.DataType) -> bool:
    """Tell a type that is not read beside what profiles of earlier versions call it."""
    return isinstance(unread, UnreadType) and pa.types.is_binary(other)


def _fineness(kind: pa.DataType) -> int:
    """Return how fine a date or timestamp is, coarsest lowest."""
    return ["s", "ms", "us", "ns"].index(kind.unit) if pa.types.is_timestamp(kind) else -1

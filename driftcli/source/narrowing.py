"""What need not be read since no row of it can meet a filter: files, and row groups of Parquet."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq
from msgspec.structs import replace

from driftcli.source.conditions import Range, Ranges
from driftcli.source.files import File
from driftcli.source.literals import plain
from driftcli.source.parquet import ParquetPart
from driftcli.source.partitions import constants, partition_types
from driftcli.source.where import Where

Item = TypeVar("Item")


def narrowed(
    items: Sequence[tuple[Item, Ranges]], where: Where, name: str
) -> tuple[list[Item], Where | None]:
    """Return what may have rows that a filter keeps, and the filter, None where it keeps all.

    Of none, the first is returned: something must say what columns there are.
    """
    kept = [(item, ranges) for item, ranges in items if where.may_hold(ranges, name)]
    if not kept:
        return [item for item, _ in items[:1]], where
    left = None if all(where.must_hold(ranges, name) for _, ranges in kept) else where
    return [item for item, _ in kept], left


def in_folders(
    files: Sequence[File], where: Where | None, name: str
) -> tuple[Sequence[File], Where | None]:
    """Return the files whose folders, named `key=value`, may have rows that a filter keeps."""
    if where is None or not files[0].partition:
        return files, where
    types = partition_types(files)
    marked = [replace(file, keys=types) for file in files]
    known = [
        (file, {key: Range.of(value) for key, value in constants(file, types).items()})
        for file in marked
    ]
    return narrowed(known, where, name)


def keep_row_groups(parts: Iterable[ParquetPart], where: Where, name: str) -> None:
    """Have files read only the row groups that may have rows that a filter keeps."""
    for part in parts:
        of_folders = {
            key: Range.of(each) for key, each in constants(part.file, part.file.keys).items()
        }
        part.keep(partial(_may_hold, where, of_folders, name))


def _may_hold(where: Where, known: Ranges, name: str, ranges: Ranges) -> bool:
    return where.may_hold({**ranges, **known}, name)


def ranges_of(metadata: pq.FileMetaData, group: int, schema: pa.Schema) -> Ranges:
    """Return what the footer of a Parquet file says of a row group's columns."""
    return dict(_ranges(metadata.row_group(group), schema))


def _ranges(group: Any, schema: pa.Schema) -> Iterator[tuple[str, Range]]:
    for i in range(group.num_columns):
        # Of encrypted columns, and of types that have no Python value, nothing is known.
        with suppress(pa.ArrowException, OSError):
            chunk = group.column(i)
            if chunk.path_in_schema in schema.names and (known := chunk.statistics) is not None:
                kind = schema.field(chunk.path_in_schema).type
                nulls = known.null_count if known.has_null_count else None
                bounds = (known.min, known.max) if known.has_min_max else (None, None)
                yield chunk.path_in_schema, ranged(kind, bounds, nulls, chunk.num_values)


def ranged(
    kind: pa.DataType, bounds: tuple[Any, Any], nulls: int | None, rows: int | None
) -> Range:
    """Return the range of a column, of bounds as a format has them; None is not known."""
    low = high = None
    # What does not convert is not known.
    with suppress(pa.ArrowException, TypeError, ValueError, OverflowError):
        low, high = (None if each is None else plain(_cast(each, kind), kind) for each in bounds)
    all_null = nulls is not None and nulls == rows
    return Range(kind, low, high, missing=nulls != 0, present=not all_null)


def _cast(value: Any, kind: pa.DataType) -> Any:
    return value.cast(kind) if isinstance(value, pa.Scalar) else value

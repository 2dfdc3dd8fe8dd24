"""What the footers of Parquet files hold of their columns."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import pyarrow as pa

from driftcli.arrays import EncryptedType
from driftcli.errors import MissingInputError
from driftcli.source.files import File
from driftcli.source.footers import Footers, KnownColumn, KnownRows, constant, has_extremes, lacking
from driftcli.source.narrowing import in_folders
from driftcli.source.parquet import ParquetPart, opened_parts
from driftcli.source.typed import TypedSource
from driftcli.source.where import Where

_UNITS = {"milliseconds": "ms", "microseconds": "us", "nanoseconds": "ns"}


def of_files(name: str, files: Sequence[File], where: Where | None) -> tuple[Footers, Where | None]:
    """Return what the footers of files hold, and what of a filter is left to be asked of rows."""
    files, where = in_folders(files, where, name)
    filled = [file for file in files if file.size]
    if not filled:
        raise MissingInputError(f"{files[0].shown}: the file is empty (0 bytes).")
    for file in filled:
        if (kind := file.format()) != "parquet":
            raise lacking(file.shown, f"data in {kind} format")
    parts = opened_parts(filled)
    source = TypedSource(name, "parquet", parts)
    rows = [each for part in parts for each in _of_part(part, source.values_of(part))]
    found = Footers(
        name, "parquet", source.schema, rows, partial=source.partial, path_keys=source.path_keys
    )
    return found, where


def _of_part(part: ParquetPart, values: Mapping[str, pa.Scalar]) -> Iterator[KnownRows]:
    for at in range(part.footer.num_row_groups):
        group = part.footer.row_group(at)
        own = dict(_of_group(group, part.schema))
        known = {name: constant(value, group.num_rows) for name, value in values.items()}
        yield KnownRows(group.num_rows, own | known)


def _of_group(group: Any, schema: pa.Schema) -> Iterator[tuple[str, KnownColumn]]:
    for i in range(group.num_columns):
        # Of encrypted columns nothing is known.
        with suppress(pa.ArrowException, OSError):
            chunk = group.column(i)
            name = chunk.path_in_schema
            if name in schema.names and not isinstance(schema.field(name).type, EncryptedType):
                yield name, _of_chunk(chunk, group.num_rows, schema.field(name).type)


def _of_chunk(chunk: Any, rows: int, kind: pa.DataType) -> KnownColumn:
    if pa.types.is_null(kind):
        return KnownColumn(rows, [])
    known = chunk.statistics
    if known is None or not rows:
        return KnownColumn() if rows else KnownColumn(0, [])
    missing = known.null_count if known.has_null_count else None
    if missing == rows:
        return KnownColumn(missing, [])
    if not known.has_min_max or not has_extremes(kind):
        return KnownColumn(missing)
    # What does not convert is not known.
    with suppress(pa.ArrowException, TypeError, ValueError, OverflowError, KeyError):
        return KnownColumn(missing, [_scalar(known, each, kind) for each in ("min", "max")])
    return KnownColumn(missing)


def _scalar(known: Any, which: str, kind: pa.DataType) -> pa.Scalar:
    """Return a bound; times by their ticks, since Python has no nanoseconds."""
    logical = known.logical_type.to_json() if known.logical_type else "{}"
    unit = json.loads(logical).get("timeUnit")
    if unit is None:
        return pa.scalar(getattr(known, which), kind)
    ticks, unit = getattr(known, f"{which}_raw"), _UNITS[unit]
    if pa.types.is_timestamp(kind):
        zone = kind.tz
        return pa.scalar(ticks, pa.timestamp(unit, zone)).cast(kind)
    return pa.scalar(ticks, pa.time32(unit) if unit == "ms" else pa.time64(unit)).cast(kind)

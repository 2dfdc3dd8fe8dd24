"""Delta tables: what the log says is there, read from its Parquet files by our own reader.

The library's own dataset has nulls alone under column mapping, and its scan comes in no order.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa

from driftcli.errors import InputError
from driftcli.source.delta_log import Added, Log, read_log
from driftcli.source.files import File, fetched
from driftcli.source.footers import Footers, KnownColumn, KnownRows, constant, has_extremes, left_of
from driftcli.source.lakes import Table
from driftcli.source.narrowing import narrowed
from driftcli.source.parquet import opened_parts
from driftcli.source.table_files import ParquetTablePart, TableSource
from driftcli.source.where import Where
from driftcli.text import named, visible

#: Nanoseconds of a day.
_DAY = 86_400 * 10**9


def open_delta(table: Table, where: Where | None = None) -> tuple[TableSource, Where | None]:
    """Return the source of a Delta table, and what of a filter its rows are to be chosen by.

    Raises
    ------
    InputError
        When there is no such state, its files cannot be read, or what reads it lacks.
    """
    log = read_log(table)
    added: Sequence[Added] = log.added
    if where is not None:
        added, where = narrowed([(each, each.ranges) for each in log.added], where, table.name)
    parts = _parts(table, log, added)
    if where is not None:
        for part in parts:
            part.keep(where, table.name)
    return TableSource(table.name, "delta", log.columns, parts), where


def footers_in(table: Table, where: Where | None) -> tuple[Footers, Where | None]:
    """Return what the log of a Delta table says of its rows, and what of a filter is left.

    Raises
    ------
    InputError
        When there is no such state, what reads it lacks, or the log does not count the rows.
    """
    log = read_log(table)
    added: Sequence[Added] = log.added
    if where is not None:
        added, where = narrowed([(each, each.ranges) for each in added], where, table.name)
    rows = [_known(table, log, each) for each in added]
    schema = pa.schema([(each.name, each.type) for each in log.columns])
    return Footers(table.name, "delta", schema, rows), where


def _known(table: Table, log: Log, added: Added) -> KnownRows:
    if added.rows is None:
        raise InputError(
            f"{table.name}: its log does not count the rows of {visible(added.path)}. Leave"
            " --footers out."
        )
    gone = 0 if added.left is None else len(added.left) - added.left.true_count
    known = {each.name: _held(added, each.name, each.type) for each in log.columns}
    if gone:
        known = {n: left_of(held, added.rows, added.rows - gone) for n, held in known.items()}
    left = added.rows - gone
    return KnownRows(left, known | {n: constant(value, left) for n, value in added.values.items()})


def _held(added: Added, name: str, kind: pa.DataType) -> KnownColumn:
    nulls, about = added.nulls[name], added.ranges[name]
    if pa.types.is_nested(kind):
        return KnownColumn()
    if nulls == added.rows:
        return KnownColumn(nulls, [])
    # Times are cut to milliseconds.
    whole = has_extremes(kind) and (pa.types.is_date(kind) or not pa.types.is_temporal(kind))
    if not whole or about.low is None or about.high is None:
        return KnownColumn(nulls)
    return KnownColumn(nulls, [_bound(each, kind) for each in (about.low, about.high)])


def _bound(value: Any, kind: pa.DataType) -> pa.Scalar:
    """Return a bound as the type of its column; dates are nanoseconds."""
    if pa.types.is_date(kind):
        return pa.scalar(value // _DAY, pa.int32()).cast(pa.date32()).cast(kind)
    return pa.scalar(value).cast(kind)


def _parts(table: Table, log: Log, added: Sequence[Added]) -> list[ParquetTablePart]:
    files = fetched([_file(table, each) for each in added])
    return [
        ParquetTablePart(file, log.columns, each.values, each.left, by_id=log.by_id)
        for file, each in zip(opened_parts(files) if files else (), added, strict=True)
    ]


def _file(table: Table, added: Added) -> File:
    """Return a file of a table; one that another table has goes by its own address."""
    path, filesystem, shown = added.path, table.filesystem, table.address
    if urlsplit(path).scheme in ("file", "s3", "s3a", "gs", "abfs", "abfss"):
        from pyarrow.fs import FileSystem

        filesystem, path = FileSystem.from_uri(path.replace("s3a://", "s3://", 1))
        return File(path, named(added.path), filesystem, added.size)
    if filesystem is None:
        local = str(Path(table.root, path))
        return File(local, named(local), size=added.size)
    shown = f"{shown.partition('?')[0].rstrip('/')}/{path}"
    return File(f"{table.root.rstrip('/')}/{path}", named(shown), filesystem, added.size)

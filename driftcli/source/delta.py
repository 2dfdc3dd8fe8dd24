"""Delta tables: what the log says is there, read from its Parquet files by our own reader.

The library's own dataset has nulls alone under column mapping, and its scan comes in no order.
"""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from driftcli.source.delta_log import Added, Log, read_log
from driftcli.source.files import File
from driftcli.source.lakes import Table
from driftcli.source.narrowing import narrowed
from driftcli.source.parquet import ParquetPart
from driftcli.source.table_files import ParquetTablePart, TableSource
from driftcli.source.where import Where
from driftcli.text import named


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
    parts = [_part(table, log, each) for each in added]
    if where is not None:
        for part in parts:
            part.keep(where, table.name)
    return TableSource(table.name, "delta", log.columns, parts), where


def _part(table: Table, log: Log, added: Added) -> ParquetTablePart:
    file = ParquetPart(_file(table, added))
    return ParquetTablePart(file, log.columns, added.values, added.left, by_id=log.by_id)


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

"""Opening a dataset: what the user names → the source that reads it.

Each format is imported where it is met: a comparison of Parquet files loads nothing of CSV.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from driftcli.config import ReadSettings
from driftcli.errors import InputError, MissingInputError
from driftcli.source.contract import Source
from driftcli.source.files import File, fetched, side_by_side
from driftcli.source.lakes import Table
from driftcli.source.locating import located
from driftcli.source.spark_names import is_frame, is_table
from driftcli.source.sql_addresses import is_database, refuse_connection
from driftcli.text import named

if TYPE_CHECKING:
    from driftcli.source.where import Where

#: What begins the name of a table of a catalog.
CATALOG = "iceberg:"


class Narrowed(NamedTuple):
    """A source, and what of a filter its rows are still to be chosen by."""

    source: Source
    where: Where | None


def open_source(data: Any, read: ReadSettings) -> Source:
    """Open a dataset for streaming.

    Parameters
    ----------
    data : str, path or in-memory data
        A file, a directory, a glob, a Delta or Iceberg table, a URI that pyarrow's filesystems open
        or `-` (standard input); or a pandas frame, a pyarrow Table, RecordBatch or
        RecordBatchReader, anything with the Arrow C stream interface, or a data frame of Spark.
    read : ReadSettings
        How text files are read.

    Raises
    ------
    InputError
        When the data cannot be read.
    UsageError
        When a setting makes no sense.
    """
    return opened(data, read, None).source


def opened(
    data: Any,
    read: ReadSettings,
    where: Where | None,
    connections: Mapping[str, str] = MappingProxyType({}),
) -> Narrowed:
    """Open a dataset for streaming, without what has no row that a filter keeps.

    Raises
    ------
    InputError, UsageError
        As `open_source` does, and where the filter does not go with the data.
    """
    if isinstance(data, str | os.PathLike):
        path = os.fsdecode(os.fspath(data))
        if path.startswith(CATALOG):
            from driftcli.source.iceberg import open_named

            return Narrowed(*open_named(path, where))
        if is_table(path):
            from driftcli.source.spark import open_table

            return Narrowed(*open_table(path, where))
        if is_database(path):
            from driftcli.source.sql import open_sql

            return Narrowed(*open_sql(path, connections, where))
        refuse_connection(path, connections)
        found = located(path)
        if isinstance(found, Table):
            return Narrowed(*_open_table(found, where))
        return _open_files(path, found, read, where)
    if is_frame(data):
        from driftcli.source.spark import SparkSource

        return Narrowed(SparkSource(data, where=where), None)
    from driftcli.source.memory import MemorySource

    return Narrowed(MemorySource(data), where)


def _open_table(table: Table, where: Where | None) -> tuple[Source, Where | None]:
    if table.kind == "Iceberg":
        from driftcli.source.iceberg import open_iceberg

        return open_iceberg(table, where)
    from driftcli.source.delta import open_delta

    return open_delta(table, where)


def _open_files(
    path: str, files: Sequence[File], read: ReadSettings, where: Where | None
) -> Narrowed:
    """Return the source of all files that `path` stands for; their format must be one."""
    name = named(path)
    if where is not None:
        from driftcli.source.narrowing import in_folders

        files, where = in_folders(files, where, name)
    files = fetched(files)
    filled = [file for file in files if file.size]
    if not filled:
        raise MissingInputError(f"{files[0].shown}: the file is empty (0 bytes).")
    formats = {file.format(): file for file in reversed(filled)}
    if len(formats) > 1:
        (one, first), (other, second) = list(formats.items())[:2]
        raise InputError(
            f"{name}: holds {one} and {other} files, e.g. {first.shown} and {second.shown}. "
            "Name the files of one format with a glob."
        )
    kind = next(iter(formats))
    if kind == "csv":
        from driftcli.source.csv_files import open_csv

        return Narrowed(open_csv(name, filled, read), where)
    if kind == "jsonl":
        from driftcli.source.jsonlines import open_jsonl

        return Narrowed(open_jsonl(name, filled, read), where)
    return Narrowed(_typed(name, kind, files, where), where)


def _typed(name: str, kind: str, files: Sequence[File], where: Where | None) -> Source:
    from driftcli.source.typed import TypedSource

    if kind == "parquet":
        from driftcli.source.parquet import opened_parts

        parts = opened_parts(files)
        if where is not None:
            from driftcli.source.narrowing import keep_row_groups

            keep_row_groups(parts, where, name)
        return TypedSource(name, kind, parts)
    from driftcli.source.arrow_files import ArrowPart

    return TypedSource(name, kind, side_by_side(ArrowPart, files))

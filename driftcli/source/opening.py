"""Opening a dataset: what the user names → the source that reads it.

Each format is imported where it is met: a comparison of Parquet files loads nothing of CSV.
"""

import os
from collections.abc import Sequence
from typing import Any

from driftcli.config import ReadSettings
from driftcli.errors import InputError, MissingInputError
from driftcli.source.contract import Source
from driftcli.source.files import File, located
from driftcli.source.lakes import Table
from driftcli.text import named

#: What begins the name of a table of a catalog.
_CATALOG = "iceberg:"


def open_source(data: Any, read: ReadSettings) -> Source:
    """Open a dataset for streaming.

    Parameters
    ----------
    data : str, path or in-memory data
        A file, a directory, a glob, a Delta or Iceberg table, a URI that pyarrow's filesystems open
        or `-` (standard input);
        or a pandas frame, a pyarrow Table, RecordBatch or RecordBatchReader, or anything with the
        Arrow C stream interface.
    read : ReadSettings
        How text files are read.

    Raises
    ------
    InputError
        When the data cannot be read.
    UsageError
        When a setting makes no sense.
    """
    if isinstance(data, str | os.PathLike):
        path = os.fsdecode(os.fspath(data))
        if path.startswith(_CATALOG):
            from driftcli.source.iceberg import open_named

            return open_named(path)
        found = located(path)
        return _open_table(found) if isinstance(found, Table) else _open_files(path, found, read)
    from driftcli.source.memory import MemorySource

    return MemorySource(data)


def _open_table(table: Table) -> Source:
    if table.kind == "Iceberg":
        from driftcli.source.iceberg import open_iceberg

        return open_iceberg(table)
    from driftcli.source.delta import open_delta

    return open_delta(table)


def _open_files(path: str, files: Sequence[File], read: ReadSettings) -> Source:
    """Return the source of all files that `path` stands for; their format must be one."""
    name = named(path)
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

        return open_csv(name, filled, read)
    if kind == "jsonl":
        from driftcli.source.jsonlines import open_jsonl

        return open_jsonl(name, filled, read)
    return _typed(name, kind, files)


def _typed(name: str, kind: str, files: Sequence[File]) -> Source:
    from driftcli.source.typed import TypedSource

    if kind == "parquet":
        from driftcli.source.parquet import ParquetPart

        return TypedSource(name, kind, [ParquetPart(file) for file in files])
    from driftcli.source.arrow_files import ArrowPart

    return TypedSource(name, kind, [ArrowPart(file) for file in files])

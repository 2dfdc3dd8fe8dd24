"""Delta tables: what the log says is there, read from its Parquet files by our own reader.

The library's own dataset has nulls alone under column mapping, and its scan comes in no order.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa

from driftcli.source.columns import batch_of, checked_schema
from driftcli.source.contract import Block, Fragment, InnerFragment
from driftcli.source.delta_log import Added, Log, TableColumn, read_log
from driftcli.source.files import File, spread
from driftcli.source.kept_rows import KeptFragment, Known, runs
from driftcli.source.lakes import Table
from driftcli.source.parquet import ParquetPart
from driftcli.source.partitions import with_partitions
from driftcli.text import named


def open_delta(table: Table) -> "DeltaSource":
    """Return the source of a Delta table, in the state that is asked for.

    Raises
    ------
    InputError
        When there is no such state, its files cannot be read, or what reads it lacks.
    """
    log = read_log(table)
    return DeltaSource(table.name, log, [(each, _file(table, each)) for each in log.added])


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


class DeltaSource:
    """A table in one of its states: the rows that it has, under the names and types it gives."""

    format = "delta"
    notes: tuple[str, ...] = ()
    #: What files lack was added to the table later, which makes it no lesser column.
    partial: Mapping[str, tuple[int, int]] = MappingProxyType({})
    path_keys: Mapping[str, bool] = MappingProxyType({})

    def __init__(self, name: str, log: Log, files: Sequence[tuple[Added, File]]) -> None:
        self.name = name
        self.schema = checked_schema([(each.name, each.type) for each in log.columns], name)
        self._parts = [_Part(added, ParquetPart(file), log) for added, file in files]
        self.rows: int | None = sum(part.rows for part in self._parts)
        self.size: int | None = sum(file.size for _, file in files)

    def fragments(self, columns: Sequence[str]) -> Iterator[Fragment]:
        """Yield the fragments of all files, file by file."""
        for part in self._parts:
            yield from part.fragments(columns)

    def sample(self, columns: Sequence[str]) -> dict[str, pa.Array]:
        """Return the first rows of some of the files."""
        found: dict[str, list[pa.Array]] = {}
        for part in spread(self._parts):
            for name, values in part.sample(columns).items():
                found.setdefault(name, []).append(values)
        return {name: pa.concat_arrays(arrays) for name, arrays in found.items()}

    def expecting(self, types: Mapping[str, pa.DataType]) -> "DeltaSource":  # noqa: ARG002 - text only
        """Return the source itself: its types are those of the table."""
        return self

    def revised(self) -> None:
        """Return None: the types are those of the table."""


class _Part:
    """One file of a table."""

    def __init__(self, added: Added, file: ParquetPart, log: Log) -> None:
        self._file = file
        self._left = added.left
        self._types = {each.name: each.type for each in log.columns}
        self._stored = {
            each.name: stored
            for each in log.columns
            if each.name not in added.values and (stored := _stored(each, file, log)) is not None
        }
        nulls = {
            each.name: pa.scalar(None, each.type)
            for each in log.columns
            if each.name not in self._stored
        }
        self._values = {**nulls, **added.values}
        deleted = 0 if added.left is None else len(added.left) - added.left.true_count
        self.rows = (file.rows or 0) - deleted

    def fragments(self, columns: Sequence[str]) -> Iterator[Fragment]:
        own = [name for name in columns if name in self._stored]
        # A file that has none of the columns still has rows.
        stored = [self._stored[name] for name in own] or self._file.schema.names[:1]
        fragments = self._kept(self._file.fragments(stored))
        names = {self._stored[name]: name for name in self._stored}
        read = (TypedFragment(each, names, self._types) for each in fragments)
        carriers = [names.get(name, name) for name in stored]
        if own == list(columns):
            return read
        return with_partitions(read, columns, carriers, self._values)

    def _kept(self, fragments: Iterator[Fragment]) -> Iterator[Fragment]:
        if self._left is None:
            yield from fragments
            return
        start = 0
        for run in runs(fragments):
            rows = run[0].rows or 0
            kept = Known(_whole(self._left.slice(start, rows), rows))
            yield from (KeptFragment(each, kept) for each in run)
            start += rows

    def sample(self, columns: Sequence[str]) -> dict[str, pa.Array]:
        own = [name for name in columns if name in self._stored]
        batch = self._file.sample([self._stored[name] for name in own]) if own else None
        if batch is None:
            return {}
        return {
            name: _cast(values, self._types[name])
            for name, values in zip(own, batch.columns, strict=True)
        }


def _whole(left: pa.BooleanArray, rows: int) -> pa.BooleanArray:
    """Return which rows are left, all of those behind the last that was deleted."""
    missing = rows - len(left)
    return pa.concat_arrays([left, pa.array([True] * missing, pa.bool_())]) if missing else left


def _stored(column: TableColumn, part: ParquetPart, log: Log) -> str | None:
    """Return the name that a column has in a file, None where the file does not have it."""
    if log.by_id:
        return part.ids.get(column.id)
    return column.stored if column.stored in part.schema.names else None


@dataclass(frozen=True)
class TypedFragment(InnerFragment):
    """A fragment under the names and the types of a table."""

    names: Mapping[str, str]
    types: Mapping[str, pa.DataType]

    @property
    def columns(self) -> Sequence[str]:
        """The names that the table has for its columns."""
        return [self.names.get(name, name) for name in self.inner.columns]

    def blocks(self) -> Iterator[Block]:
        """Read the fragment."""
        for block in self.inner.blocks():
            names = [self.names.get(name, name) for name in block.batch.schema.names]
            arrays = [
                _cast(array, self.types.get(name, array.type))
                for name, array in zip(names, block.batch.columns, strict=True)
            ]
            yield Block(batch_of(names, arrays, block.batch.num_rows))


def _cast(array: Any, kind: pa.DataType) -> Any:
    """Return values as the type of the table: files may be older than it is."""
    if array.type == kind or pa.types.is_dictionary(array.type):
        return array
    return array.cast(kind, safe=False)

"""Iceberg tables: what a snapshot has, read file by file.

Columns are matched by the ids that the table gives them: files may have other names. Files with
deletes, and those that do not say their columns' ids, are read by the library, file by file.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import pyarrow as pa
from msgspec import Struct

from driftcli.source.columns import flat_batch
from driftcli.source.contract import Block
from driftcli.source.files import File, fetched
from driftcli.source.iceberg_deletes import Deleted, groups_of
from driftcli.source.iceberg_plans import (
    AskedTable,
    Snapshot,
    gives_keys,
    in_folder,
    loaded,
    planned,
    told,
)
from driftcli.source.lakes import Table
from driftcli.source.parquet import ParquetPart, opened_parts
from driftcli.source.table_files import (
    ParquetTablePart,
    TableColumn,
    TablePart,
    TableSource,
    TypedFragment,
)
from driftcli.source.where import Where
from driftcli.text import named

#: What a value weighs that the library reads: it decodes all of a file's rows at once, so that
#: more columns are read together.
BYTES_A_VALUE = 2
#: A source, and what of a filter its rows are still to be chosen by.
_Opened = tuple[TableSource, Where | None]


def open_named(name: str, where: Where | None = None) -> _Opened:
    """Return the source of a table of a catalog: `iceberg:catalog.namespace.table[@at]`.

    Raises
    ------
    InputError
        When there is no such catalog, table or state, or what reads it lacks.
    """
    with told(named(name)):
        return _source(loaded(name), where)


def open_iceberg(table: Table, where: Where | None = None) -> _Opened:
    """Return the source of a table that lies in a folder, in the state that is asked for.

    Raises
    ------
    InputError
        When there is no such state, its files cannot be read, or what reads it lacks.
    """
    with told(table.name):
        return _source(in_folder(table), where)


def _source(found: AskedTable, where: Where | None) -> _Opened:
    plan, where = planned(found, where)
    scan = _Scan(_slim(plan.table.metadata), plan.table.io, plan.schema)
    parts = list(_parts(scan, plan))
    if where is not None:
        for part in parts:
            if isinstance(part, ParquetTablePart):
                part.keep(where, plan.name)
    keyed = gives_keys(plan.table)
    return TableSource(plan.name, "iceberg", plan.columns, parts, plan.notes, keyed=keyed), where


def _slim(metadata: Any) -> Any:
    """Return metadata without its history, which fragments need not carry."""
    return metadata.model_copy(update={"snapshots": [], "snapshot_log": [], "metadata_log": []})


class _Scan(Struct, frozen=True):
    """What the library needs to read a file of a table."""

    metadata: Any
    io: Any
    schema: Any

    def batches(
        self, task: Any, columns: Sequence[str], deleted: Deleted | None
    ) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a file that are left."""
        from pyiceberg.schema import Schema

        tops = {each.name for each in self.schema.fields}
        wanted = dict.fromkeys(_top(name, tops) for name in columns)
        # A file all of whose columns are unwanted still has rows.
        chosen = self.schema.select(*(wanted or list(tops)[:1]))
        if deleted is None:
            yield from self.read(task, chosen)
            return
        keys = {each.field_id: each for each in deleted.fields}
        places = {each.field_id: at for at, each in enumerate(chosen.fields)}
        beside = [field for key, field in keys.items() if key not in places]
        places |= {field.field_id: len(places) + at for at, field in enumerate(beside)}
        for batch in self.read(task, Schema(*chosen.fields, *beside)):
            left = deleted.left({key: batch.column(places[key]) for key in keys}, batch.num_rows)
            yield batch.select(range(len(chosen.fields))).filter(left)

    def read(self, task: Any, schema: Any) -> Iterator[pa.RecordBatch]:
        """Yield all rows of a file, in columns that go by their ids."""
        from pyiceberg.expressions import AlwaysTrue
        from pyiceberg.io.pyarrow import ArrowScan

        scan = ArrowScan(self.metadata, self.io, schema, AlwaysTrue())
        yield from scan.to_record_batches([task])


def _top(column: str, tops: set[str]) -> str:
    """Return the column of the table that holds a flattened one."""
    while column not in tops:
        column = column.rpartition(".")[0]
    return column


def _parts(scan: _Scan, plan: Snapshot) -> Iterator[TablePart]:
    """Yield the files of a table, whose footers are read many at a time."""
    deleted = {
        path: Deleted(scan, groups_of(files, scan.metadata, plan.name))
        for path, files in plan.values.items()
    }
    files = [
        None if task.file.file_path in deleted else _file(scan.io, task) for task in plan.tasks
    ]
    ours = [file for file in files if file is not None]
    opened = iter(opened_parts(fetched(ours)) if ours else ())
    for task, file in zip(plan.tasks, files, strict=True):
        if (gone := deleted.get(task.file.file_path)) is not None:
            yield ScannedPart(scan, task, plan.columns, gone)
        else:
            yield _part(scan, task, plan.columns, None if file is None else next(opened))


def _part(
    scan: _Scan, task: Any, columns: Sequence[TableColumn], part: ParquetPart | None
) -> TablePart:
    """Return a file of a table, to be read by our own reader where that does as the table asks."""
    if part is None or not part.ids:
        return ScannedPart(scan, task, columns)
    lacking = {each.id for each in columns} - set(part.ids)
    # Values of partitions and defaults may stand for what a file lacks.
    if lacking and (_partitioned(scan, task) or _defaults(scan.schema)):
        return ScannedPart(scan, task, columns)
    return ParquetTablePart(part, columns, by_id=True)


def _partitioned(scan: _Scan, task: Any) -> bool:
    specs = scan.metadata.specs()
    spec = specs.get(task.file.spec_id)
    return spec is None or bool(spec.fields)


def _defaults(schema: Any) -> bool:
    return any(each.initial_default is not None for each in schema.fields)


def _file(io: Any, task: Any) -> File | None:
    """Return a data file as our reader opens it; None where only the library can read its rows."""
    from pyiceberg.io.pyarrow import PyArrowFileIO

    data = task.file
    is_parquet = str(data.file_format).rpartition(".")[2].upper() == "PARQUET"
    if task.delete_files or not is_parquet or not isinstance(io, PyArrowFileIO):
        return None
    scheme, netloc, path = PyArrowFileIO.parse_location(data.file_path)
    size = int(data.file_size_in_bytes)
    if scheme == "file":
        return File(path, named(path), size=size)
    return File(path, named(data.file_path), io.fs_by_scheme(scheme, netloc), size)


class ScannedPart:
    """A file of a table that the library reads."""

    def __init__(
        self,
        scan: _Scan,
        task: Any,
        columns: Sequence[TableColumn],
        deleted: Deleted | None = None,
    ) -> None:
        self._scan = scan
        self._task = task
        self._deleted = deleted
        self._types = {each.name: each.type for each in columns}
        self._records = int(task.file.record_count)
        self.rows = None if task.delete_files or deleted else self._records
        self.size = int(task.file.file_size_in_bytes)

    def runs(self, columns: Sequence[str]) -> tuple[int, Sequence[int]]:
        """Return that all rows are one run, and what each column weighs in it."""
        return 1, [self._records * BYTES_A_VALUE] * len(columns)

    def fragments(self, lanes: Sequence[Sequence[str]]) -> Iterator[TypedFragment]:
        """Yield all rows of the columns of each lane."""
        columns = sum(map(len, lanes))
        for lane in lanes:
            size = self.size * max(1, len(lane)) // max(1, columns)
            scanned = ScannedFragment(self._scan, self._task, lane, self.rows, size, self._deleted)
            yield TypedFragment(scanned, {}, self._types)

    def sample(self, columns: Sequence[str]) -> dict[str, pa.Array]:
        """Return its first rows."""
        found: dict[str, pa.Array] = {}
        for fragment in self.fragments([columns]):
            for block in islice(fragment.blocks(), 1):
                found |= dict(zip(fragment.columns, block.batch.columns, strict=True))
        return found


class ScannedFragment(Struct, frozen=True):
    """Some columns of a file that the library reads."""

    scan: _Scan
    task: Any
    columns: Sequence[str]
    rows: int | None
    size: int
    deleted: Deleted | None = None

    def blocks(self) -> Iterator[Block]:
        """Read the rows that are not deleted."""
        with told(named(str(self.task.file.file_path))):
            for batch in self.scan.batches(self.task, self.columns, self.deleted):
                yield Block(flat_batch(batch, self.columns))

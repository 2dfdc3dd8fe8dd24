"""Iceberg tables: what a snapshot has, found by its metadata, with or without a catalog.

Columns are matched by the ids that the table gives them: files may have other names. Files with
deletes, and those that do not say their columns' ids, are read by the library, file by file.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from driftcli.errors import InputError, missing_package
from driftcli.source.columns import flat_batch, flat_fields
from driftcli.source.conditions import Ranges
from driftcli.source.contract import Block
from driftcli.source.files import File
from driftcli.source.lakes import HINT, Table, newest
from driftcli.source.locating import log_files
from driftcli.source.narrowing import narrowed, ranged
from driftcli.source.parquet import ParquetPart
from driftcli.source.storage import ICEBERG, options_of
from driftcli.source.table_files import (
    ParquetTablePart,
    TableColumn,
    TablePart,
    TableSource,
    TypedFragment,
)
from driftcli.source.where import Where
from driftcli.text import cause, conceal, named, quoted

#: What a value weighs that the library reads: it decodes all of a file's rows at once, so that
#: more columns are read together.
BYTES_A_VALUE = 2
#: What names a secret among the settings of a catalog.
_SECRET = re.compile(r"secret|token|credential|password|account-key|sas", re.IGNORECASE)
_NAME = re.compile(r"iceberg:(?P<catalog>[^.@]+)\.(?P<table>[^@]+\.[^@.]+)(?:@(?P<at>.+))?")


#: A source, and what of a filter its rows are still to be chosen by.
_Opened = tuple[TableSource, Where | None]


def open_named(name: str, where: Where | None = None) -> _Opened:
    """Return the source of a table of a catalog: `iceberg:catalog.namespace.table[@at]`.

    Raises
    ------
    InputError
        When there is no such catalog, table or state, or what reads it lacks.
    """
    found = _NAME.fullmatch(name)
    if not found:
        raise InputError(
            f"{named(name)}: expected iceberg:CATALOG.NAMESPACE.TABLE, with @SNAPSHOT, @TAG or "
            "@BRANCH behind it if another state than the newest is meant."
        )
    conceal(value for key, value in os.environ.items() if _SECRET.search(key))
    with _told(named(name)):
        from pyiceberg.catalog import load_catalog
        from pyiceberg.exceptions import NoSuchNamespaceError, NoSuchTableError

        try:
            catalog = load_catalog(found["catalog"])
        except ValueError as error:
            raise InputError(
                f"{named(name)}: no catalog {quoted(found['catalog'])} can be opened: "
                f"{cause(error)}. It is set up in ~/.pyiceberg.yaml or by "
                f"PYICEBERG_CATALOG__{found['catalog'].upper()}__URI."
            ) from error
        try:
            table = catalog.load_table(found["table"])
        except (NoSuchTableError, NoSuchNamespaceError) as error:
            raise InputError(
                f"{named(name)}: no table {quoted(found['table'])} in the catalog "
                f"{quoted(found['catalog'])}."
            ) from error
        conceal(str(value) for key, value in table.io.properties.items() if _SECRET.search(key))
        return _source(named(name), table, found["at"], where)


def open_iceberg(table: Table, where: Where | None = None) -> _Opened:
    """Return the source of a table that lies in a folder, in the state that is asked for.

    Raises
    ------
    InputError
        When there is no such state, its files cannot be read, or what reads it lacks.
    """
    with _told(table.name):
        from pyiceberg.table import StaticTable

        address, options = options_of(table, ICEBERG)
        if table.metadata is not None:
            found = StaticTable.from_metadata(address, options)
            return _source(table.name, found, table.at, where)
        chosen, notes = _chosen(table)
        place = f"{address.rstrip('/')}/metadata/{chosen}"
        found = StaticTable.from_metadata(place, options)
        return _source(table.name, found, table.at, where, notes)


def _chosen(table: Table) -> tuple[str, tuple[str, ...]]:
    """Return the file of metadata in force, and what is to be told of the choice."""
    files = {Path(file.path).name: file for file in log_files(table)}
    if HINT in files:
        text = files[HINT].read().decode(errors="replace").strip()
        for name in (f"v{text}.metadata.json", f"{text}.metadata.json", text):
            if name in files:
                return name, ()
    last = newest(files)
    if last is None:
        raise InputError(f"{table.name}: its metadata folder names no version of the table.")
    told = f"read as {last} has it, the newest metadata in its folder: no catalog was asked"
    return last, (told,)


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Say in one line what the library cannot do, or that it lacks."""
    try:
        yield
    except InputError:
        raise
    except ImportError as error:
        raise InputError(
            f"{name}: a table in Iceberg format: {missing_package('pyiceberg')}"
        ) from error
    except Exception as error:
        raise InputError(f"{name}: cannot be read as an Iceberg table: {cause(error)}.") from error


def _source(
    name: str, table: Any, at: str | None, where: Where | None, notes: tuple[str, ...] = ()
) -> _Opened:
    snapshot = _snapshot(name, table, at)
    scan = table.scan(snapshot_id=snapshot)
    schema = scan.projection()
    columns = list(_columns(schema))
    whole = _Scan(_slim(table.metadata), table.io, schema)
    empty = table.metadata.current_snapshot_id is None and snapshot is None
    tasks = [] if empty else sorted(scan.plan_files(), key=lambda each: str(each.file.file_path))
    if where is not None:
        known = [(task, _ranges(task.file, columns, schema)) for task in tasks]
        tasks, where = narrowed(known, where, name)
    parts = [_part(whole, task, columns) for task in tasks]
    if where is not None:
        for part in parts:
            if isinstance(part, ParquetTablePart):
                part.keep(where, name)
    return TableSource(name, "iceberg", columns, parts, notes), where


def _ranges(file: Any, columns: Sequence[TableColumn], schema: Any) -> Ranges:
    """Return what the metadata says of the columns of a file."""
    from pyiceberg.conversions import from_bytes

    def bound(bounds: Mapping[int, bytes] | None, key: int) -> Any:
        data = (bounds or {}).get(key)
        return None if data is None else from_bytes(schema.find_type(key), data)

    return {
        each.name: ranged(
            each.type,
            (bound(file.lower_bounds, each.id), bound(file.upper_bounds, each.id)),
            (file.null_value_counts or {}).get(each.id),
            file.record_count,
        )
        for each in columns
        if each.id is not None
    }


def _snapshot(name: str, table: Any, at: str | None) -> int | None:
    """Return the snapshot that is asked for, None where the newest is."""
    if at is None:
        return None
    found = table.snapshot_by_name(at)
    if found is None and at.isdigit():
        found = table.snapshot_by_id(int(at))
    if found is None and (moment := _moment(at)) is not None:
        found = table.snapshot_as_of_timestamp(int(moment.timestamp() * 1000))
    if found is None:
        known = ", ".join(quoted(each) for each in list(table.metadata.refs)[:12])
        raise InputError(
            f"{name}: no snapshot, tag or branch {quoted(at)}; known: {known or 'none'}, and "
            f"{len(table.metadata.snapshots)} snapshots by their ids or times."
        )
    return int(found.snapshot_id)


def _moment(at: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _slim(metadata: Any) -> Any:
    """Return metadata without its history, which fragments need not carry."""
    return metadata.model_copy(update={"snapshots": [], "snapshot_log": [], "metadata_log": []})


def _columns(schema: Any) -> Iterator[TableColumn]:
    from pyiceberg.io.pyarrow import schema_to_pyarrow

    arrow = schema_to_pyarrow(schema)
    ids = dict(_ids(arrow))
    for name, kind in flat_fields(arrow):
        yield TableColumn(name, _plain(kind), name, ids.get(name))


def _ids(fields: Any, prefix: str = "") -> Iterator[tuple[str, int]]:
    for field in fields:
        name = prefix + field.name
        if pa.types.is_struct(field.type):
            inner = [field.type.field(i) for i in range(field.type.num_fields)]
            yield from _ids(inner, f"{name}.")
        else:
            yield name, int(field.metadata[b"PARQUET:field_id"])


def _plain(kind: pa.DataType) -> pa.DataType:
    """Return the type of a column: 64-bit offsets are the library's own choice."""
    if pa.types.is_large_string(kind):
        return pa.string()
    return pa.binary() if pa.types.is_large_binary(kind) else kind


@dataclass(frozen=True)
class _Scan:
    """What the library needs to read a file of a table."""

    metadata: Any
    io: Any
    schema: Any

    def batches(self, task: Any, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        from pyiceberg.expressions import AlwaysTrue
        from pyiceberg.io.pyarrow import ArrowScan

        tops = {each.name for each in self.schema.fields}
        wanted = dict.fromkeys(_top(name, tops) for name in columns)
        # A file all of whose columns are unwanted still has rows.
        chosen = self.schema.select(*(wanted or list(tops)[:1]))
        scan = ArrowScan(self.metadata, self.io, chosen, AlwaysTrue())
        yield from scan.to_record_batches([task])


def _top(column: str, tops: set[str]) -> str:
    """Return the column of the table that holds a flattened one."""
    while column not in tops:
        column = column.rpartition(".")[0]
    return column


def _part(scan: _Scan, task: Any, columns: Sequence[TableColumn]) -> TablePart:
    """Return a file of a table, to be read by our own reader where that does as the table asks."""
    scanned = ScannedPart(scan, task, columns)
    if task.delete_files or str(task.file.file_format).rpartition(".")[2].upper() != "PARQUET":
        return scanned
    file = _file(scan.io, task.file)
    part = ParquetPart(file) if file else None
    if part is None or not part.ids:
        return scanned
    lacking = {each.id for each in columns} - set(part.ids)
    # Values of partitions and defaults may stand for what a file lacks.
    if lacking and (_partitioned(scan, task) or _defaults(scan.schema)):
        return scanned
    return ParquetTablePart(part, columns, by_id=True)


def _partitioned(scan: _Scan, task: Any) -> bool:
    specs = scan.metadata.specs()
    spec = specs.get(task.file.spec_id)
    return spec is None or bool(spec.fields)


def _defaults(schema: Any) -> bool:
    return any(each.initial_default is not None for each in schema.fields)


def _file(io: Any, data: Any) -> File | None:
    """Return a data file as our reader opens it; None where the library has another way to it."""
    from pyiceberg.io.pyarrow import PyArrowFileIO

    if not isinstance(io, PyArrowFileIO):
        return None
    scheme, netloc, path = PyArrowFileIO.parse_location(data.file_path)
    size = int(data.file_size_in_bytes)
    if scheme == "file":
        return File(path, named(path), size=size)
    return File(path, named(data.file_path), io.fs_by_scheme(scheme, netloc), size)


class ScannedPart:
    """A file of a table that the library reads."""

    def __init__(self, scan: _Scan, task: Any, columns: Sequence[TableColumn]) -> None:
        self._scan = scan
        self._task = task
        self._types = {each.name: each.type for each in columns}
        self._records = int(task.file.record_count)
        self.rows = None if task.delete_files else self._records
        self.size = int(task.file.file_size_in_bytes)

    def runs(self, columns: Sequence[str]) -> tuple[int, Sequence[int]]:
        """Return that all rows are one run, and what each column weighs in it."""
        return 1, [self._records * BYTES_A_VALUE] * len(columns)

    def fragments(self, lanes: Sequence[Sequence[str]]) -> Iterator[TypedFragment]:
        """Yield all rows of the columns of each lane."""
        columns = sum(map(len, lanes))
        for lane in lanes:
            size = self.size * max(1, len(lane)) // max(1, columns)
            scanned = ScannedFragment(self._scan, self._task, lane, self.rows, size)
            yield TypedFragment(scanned, {}, self._types)

    def sample(self, columns: Sequence[str]) -> dict[str, pa.Array]:
        """Return its first rows."""
        found: dict[str, pa.Array] = {}
        for fragment in self.fragments([columns]):
            for block in islice(fragment.blocks(), 1):
                found |= dict(zip(fragment.columns, block.batch.columns, strict=True))
        return found


@dataclass(frozen=True)
class ScannedFragment:
    """Some columns of a file that the library reads."""

    scan: _Scan
    task: Any
    columns: Sequence[str]
    rows: int | None
    size: int

    def blocks(self) -> Iterator[Block]:
        """Read the rows that are not deleted."""
        with _told(named(str(self.task.file.file_path))):
            for batch in self.scan.batches(self.task, self.columns):
                yield Block(flat_batch(batch, self.columns))

"""Which files a snapshot of an Iceberg table has: by its metadata, with or without a catalog."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from driftcli.errors import InputError, missing_package, nearest
from driftcli.source.columns import flat_fields
from driftcli.source.conditions import Ranges
from driftcli.source.iceberg_deletes import tasks_of
from driftcli.source.lakes import HINT, Table, newest
from driftcli.source.locating import log_files
from driftcli.source.narrowing import narrowed, ranged
from driftcli.source.storage import ICEBERG, of_environment, options_of
from driftcli.source.table_files import TableColumn
from driftcli.source.where import Where
from driftcli.text import cause, conceal, named, quoted, safe

#: What names a secret among the settings of a catalog.
_SECRET = re.compile(r"secret|token|credential|password|account-key|sas", re.IGNORECASE)
_NAME = re.compile(r"iceberg:(?P<catalog>[^.@]+)\.(?P<table>[^@]+\.[^@.]+)(?:@(?P<at>.+))?")


class AskedTable(NamedTuple):
    """A table, the state that is asked for, and what is to be told of the choice."""

    name: str
    table: Any
    at: str | None
    notes: tuple[str, ...] = ()


class Snapshot(NamedTuple):
    """The files of a snapshot that a filter may keep rows of, as tasks of the library."""

    name: str
    table: Any
    schema: Any
    columns: Sequence[TableColumn]
    tasks: Sequence[Any]
    #: Files of values whose rows are deleted, by the paths of data files.
    values: Mapping[str, Sequence[Any]]
    notes: tuple[str, ...]


def gives_keys(table: Any) -> bool:
    """Tell whether what opens the files of a table holds secrets of its catalog."""
    return any(
        value and (_SECRET.search(key) or safe(str(value)) != str(value))
        for key, value in table.io.properties.items()
    )


def loaded(name: str) -> AskedTable:
    """Return a table of a catalog: `iceberg:catalog.namespace.table[@at]`.

    Raises
    ------
    InputError
        When there is no such catalog or table.
    """
    found = _NAME.fullmatch(name)
    if not found:
        raise InputError(
            f"{named(name)}: expected iceberg:CATALOG.NAMESPACE.TABLE, with @SNAPSHOT, @TAG or "
            "@BRANCH behind it if another state than the newest is meant."
        )
    conceal(value for key, value in os.environ.items() if _SECRET.search(key))
    from pyiceberg.catalog import load_catalog
    from pyiceberg.exceptions import NoSuchNamespaceError, NoSuchTableError, RESTError

    try:
        catalog = load_catalog(found["catalog"])
    except (RESTError, OSError, ValueError) as error:
        raise InputError(
            f"{named(name)}: no catalog {quoted(found['catalog'])} can be opened"
            f"{_why(error)}. Check its name; its address is set up in ~/.pyiceberg.yaml or by "
            f"PYICEBERG_CATALOG__{found['catalog'].upper()}__URI."
        ) from error
    catalog.properties = of_environment(ICEBERG) | catalog.properties
    try:
        table = catalog.load_table(found["table"])
    except (NoSuchTableError, NoSuchNamespaceError) as error:
        raise InputError(
            f"{named(name)}: no table {quoted(found['table'])} in the catalog "
            f"{quoted(found['catalog'])}; {_nearest(catalog, found['table'])}"
        ) from error
    conceal(str(value) for key, value in table.io.properties.items() if _SECRET.search(key))
    return AskedTable(named(name), table, found["at"])


def _nearest(catalog: Any, table: str) -> str:
    """Return which table may be meant in the place of one that is not there."""
    from pyiceberg.exceptions import NoSuchNamespaceError

    try:
        known = catalog.list_tables(table.rpartition(".")[0])
    except NoSuchNamespaceError:
        known = [(*each, "…") for each in catalog.list_namespaces()]
    return nearest(table, [".".join(each) for each in known])


def _why(error: Exception) -> str:
    """Return a cause, but not the options of the library's own command."""
    if isinstance(error, OSError):
        return ": its server cannot be reached"
    return "" if "--uri" in str(error) else f": {cause(error)}"


def in_folder(table: Table) -> AskedTable:
    """Return a table that lies in a folder.

    Raises
    ------
    InputError
        When its metadata cannot be read.
    """
    from pyiceberg.table import StaticTable

    address, named_there = options_of(table, ICEBERG)
    # The metadata of a table may lie on this machine, and its data in a store.
    options = of_environment(ICEBERG) | named_there
    if table.metadata is not None:
        return AskedTable(table.name, StaticTable.from_metadata(address, options), table.at)
    chosen, notes = _chosen(table)
    place = f"{address.rstrip('/')}/metadata/{chosen}"
    return AskedTable(table.name, StaticTable.from_metadata(place, options), table.at, notes)


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
def told(name: str) -> Iterator[None]:
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


def planned(found: AskedTable, where: Where | None) -> tuple[Snapshot, Where | None]:
    """Return the files of the snapshot that is asked for, and what of a filter is left.

    Raises
    ------
    InputError
        When there is no such state.
    """
    name, table, at, notes = found
    snapshot = _snapshot(name, table, at)
    scan = table.scan(snapshot_id=snapshot)
    schema = scan.projection()
    columns = list(_columns(schema))
    empty = table.metadata.current_snapshot_id is None and snapshot is None
    tasks, values = ([], {}) if empty else tasks_of(scan)
    tasks.sort(key=lambda each: str(each.file.file_path))
    if where is not None:
        known = [(task, _ranges(task.file, columns, schema)) for task in tasks]
        tasks, where = narrowed(known, where, name)
    return Snapshot(name, table, schema, columns, tasks, values, notes), where


def _ranges(file: Any, columns: Sequence[TableColumn], schema: Any) -> Ranges:
    """Return what the metadata says of the columns of a file."""
    return {
        each.name: ranged(
            each.type,
            bounds_of(file, schema, each.id),
            (file.null_value_counts or {}).get(each.id),
            file.record_count,
        )
        for each in columns
        if each.id is not None
    }


def bounds_of(file: Any, schema: Any, key: int) -> tuple[Any, Any]:
    """Return the bounds that the metadata has of a column of a file; None is not known."""
    from pyiceberg.conversions import from_bytes

    def bound(bounds: Mapping[int, bytes] | None) -> Any:
        data = (bounds or {}).get(key)
        return None if data is None else from_bytes(schema.find_type(key), data)

    return bound(file.lower_bounds), bound(file.upper_bounds)


def _snapshot(name: str, table: Any, at: str | None) -> int | None:
    """Return the snapshot that is asked for, None where the newest is."""
    if at is None:
        return None
    found = table.snapshot_by_name(at)
    if found is None and at.isdigit():
        found = table.snapshot_by_id(int(at))
    if found is None and (moment := _moment(at)) is not None:
        found = table.snapshot_as_of_timestamp(int(moment.timestamp() * 1000))
        if found is None and (kept := table.metadata.snapshots):
            raise _too_early(name, min(kept, key=lambda each: int(each.timestamp_ms)))
    if found is None:
        known = ", ".join(quoted(each) for each in list(table.metadata.refs)[:12])
        count = len(table.metadata.snapshots)
        raise InputError(
            f"{name}: no snapshot, tag or branch {quoted(at)}; known: {known or 'none'}, and "
            f"{count} snapshot{'' if count == 1 else 's'} by id or time."
        )
    return int(found.snapshot_id)


def _too_early(name: str, oldest: Any) -> InputError:
    made = datetime.fromtimestamp(oldest.timestamp_ms / 1000, UTC).isoformat(timespec="seconds")
    return InputError(
        f"{name}: no snapshot is as old; the oldest that is kept is {oldest.snapshot_id} of {made}."
    )


def _moment(at: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


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

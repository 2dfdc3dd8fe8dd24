"""What the log of a Delta table says: its columns, its files, and which of their rows are left."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
from msgspec import Struct
from msgspec.structs import replace

from driftcli.errors import InputError, missing_package
from driftcli.source.columns import flat_fields
from driftcli.source.conditions import Range, Ranges
from driftcli.source.lakes import Table
from driftcli.source.literals import family
from driftcli.source.narrowing import ranged
from driftcli.source.storage import DELTA, options_of
from driftcli.source.table_files import TableColumn
from driftcli.text import cause, quoted, visible

#: What readers must know of, where a table uses it, and this one does.
_KNOWN = {
    *("columnMapping", "deletionVectors", "timestampNtz", "typeWidening", "typeWidening-preview"),
    *("v2Checkpoint", "vacuumProtocolCheck", "variantType", "variantType-preview"),
}
_VERSION = re.compile(r"v(\d{1,18})")
_READER = re.compile(r"minimum reader version (\d+)")
_FEATURE = re.compile(r"[Ff]eature '([\w-]+)'")
_MILLISECOND = 10**6
_MAPPING = "delta.columnMapping."


class Added(Struct, frozen=True):
    """A file of a table: its path, its size, and the values that all its rows have.

    `left` says of each row whether the table still has it; None where it has all. `ranges` is what
    the log knows of columns, and `rows` and `nulls` are what it counts of them.
    """

    path: str
    size: int
    values: Mapping[str, pa.Scalar]
    left: pa.BooleanArray | None
    ranges: Ranges
    rows: int | None
    nulls: Mapping[str, int | None]


class Log(Struct, frozen=True):
    """The state of a table. Columns are found by their ids in files where `by_id`."""

    version: int
    columns: tuple[TableColumn, ...]
    partitions: tuple[str, ...]
    by_id: bool
    added: tuple[Added, ...]


def read_log(table: Table) -> Log:
    """Return the state of a table that is asked for.

    Raises
    ------
    InputError
        When there is no such state, or what is needed to read it lacks.
    """
    try:
        from deltalake import DeltaTable
        from deltalake.exceptions import DeltaError
    except ImportError as error:
        raise InputError(
            f"{table.name}: a table in Delta format: {missing_package('deltalake')}"
        ) from error
    try:
        return _log(_opened(table, partial(DeltaTable, *_place(table))), table)
    except (DeltaError, OSError, ValueError, pa.ArrowException) as error:
        raise InputError(f"{table.name}: {_refusal(error)}") from error


def _place(table: Table) -> tuple[str, None, dict[str, str]]:
    """Return the address of a table, any version, and what its storage is told."""
    address, options = options_of(table, DELTA)
    return address, None, options


def _opened(table: Table, newest: Any) -> Any:
    if table.at is None:
        return newest()
    if found := _VERSION.fullmatch(table.at):
        return _of_version(table, newest, int(found[1]))
    opened = newest()
    opened.load_as_version(_version_at(table, opened.history(), _moment(table)))
    return opened


def _of_version(table: Table, newest: Any, version: int) -> Any:
    opened = newest()
    if version > opened.version():
        raise InputError(f"{table.name}: no version {version}; the newest is {opened.version()}.")
    opened.load_as_version(version)
    return opened


def _moment(table: Table) -> datetime:
    at = table.at or ""
    try:
        moment = datetime.fromisoformat(at)
    except ValueError as error:
        raise InputError(
            f"{table.name}: {quoted(at)} is no version of a Delta table: expected one such as @v41,"
            " or a time such as @2025-01-31T06:00:00Z."
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _version_at(table: Table, history: list[dict[str, Any]], moment: datetime) -> int:
    """Return the version that was the newest at a moment: by what commits say of their times."""
    times = {
        int(commit["version"]): int(commit.get("inCommitTimestamp") or commit["timestamp"])
        for commit in history
        if commit.get("inCommitTimestamp") or commit.get("timestamp")
    }
    asked = moment.timestamp() * 1000
    known = [version for version, at in times.items() if at <= asked]
    if known:
        return max(known)
    if not times:
        raise InputError(f"{table.name}: its log has no times; name a version such as @v41.")
    first = min(times)
    made = datetime.fromtimestamp(times[first] / 1000, UTC).isoformat(timespec="seconds")
    raise InputError(
        f"{table.name}: no version is as old; the oldest that is kept is v{first} of {made}."
    )


def _refusal(error: BaseException) -> str:
    from deltalake import __version__

    if feature := _FEATURE.search(str(error)):
        return (
            f"the table needs the Delta reader feature {quoted(feature[1])}, which deltalake "
            f"{__version__} does not have. Upgrade deltalake, or write the table without it."
        )
    if version := _READER.search(str(error)):
        return (
            f"the table needs readers of version {version[1]} of Delta's protocol, which deltalake "
            f"{__version__} is not. Upgrade deltalake, or write the table with an earlier version."
        )
    return f"cannot be read as a Delta table: {cause(error)}."


def _log(opened: Any, table: Table) -> Log:
    features = set(opened.protocol().reader_features or ())
    if unknown := sorted(features - _KNOWN):
        raise InputError(
            f"{table.name}: the table needs the Delta reader feature {quoted(unknown[0])}, which "
            "drift cannot read. Write the table without it, or its rows to files."
        )
    about = opened.metadata()
    schema = opened.schema()
    fields = json.loads(schema.to_json())["fields"]
    types = dict(flat_fields(pa.schema(schema.to_arrow())))
    columns = tuple(
        TableColumn(name, types[name], stored, key)
        for name, stored, key in _names(fields)
        if name in types
    )
    return Log(
        version=opened.version(),
        columns=columns,
        partitions=tuple(about.partition_columns),
        by_id=about.configuration.get(f"{_MAPPING}mode") == "id",
        added=tuple(sorted(_added(opened, columns), key=lambda each: each.path)),
    )


def _names(
    fields: list[dict[str, Any]], prefix: str = "", stored: str = ""
) -> Iterator[tuple[str, str, int | None]]:
    """Yield the name of each column, structs flattened, its name in files, and its id."""
    for field in fields:
        about = field.get("metadata", {})
        name = prefix + field["name"]
        own = stored + about.get(f"{_MAPPING}physicalName", field["name"])
        kind = field["type"]
        if isinstance(kind, dict) and kind["type"] == "struct":
            yield from _names(kind["fields"], f"{name}.", f"{own}.")
        else:
            yield name, own, about.get(f"{_MAPPING}id")


def _added(opened: Any, columns: Sequence[TableColumn]) -> Iterator[Added]:
    left = _left(opened)
    found = pa.table(opened.get_add_actions(flatten=True))
    types = {each.name: each.type for each in columns}
    keys = [name for name in found.column_names if name.startswith("partition.")]
    for row in range(found.num_rows):
        said = {name: found[name][row] for name in found.column_names}
        values = {key.removeprefix("partition."): said[key] for key in keys}
        values = {name: value.cast(types[name]) for name, value in values.items()}
        path = said["path"].as_py()
        yield Added(
            path=unquote(path),
            size=said["size_bytes"].as_py(),
            values=values,
            left=left.get(path),
            ranges={
                **{each.name: _range(each, said) for each in columns},
                **{name: Range.of(value) for name, value in values.items()},
            },
            rows=_number(said.get("num_records")),
            nulls={each.name: _number(said.get(_nulls(each))) for each in columns},
        )


def _range(column: TableColumn, said: Mapping[str, pa.Scalar]) -> Range:
    """Return what is known of a column of a file."""
    bounds = said.get(f"min.{column.stored}"), said.get(f"max.{column.stored}")
    nulls, rows = (_number(said.get(each)) for each in (_nulls(column), "num_records"))
    known = ranged(column.type, bounds, nulls, rows)
    if family(column.type) == "times" and known.high is not None:
        # Statistics of times are cut to milliseconds.
        return replace(known, high=known.high + _MILLISECOND)
    return known


def _nulls(column: TableColumn) -> str:
    return f"null_count.{column.stored}"


def _number(value: pa.Scalar | None) -> int | None:
    return None if value is None else value.as_py()


def _left(opened: Any) -> dict[str, pa.BooleanArray]:
    """Return which rows are left of the files that have deletion vectors, by their paths."""
    if "deletionVectors" not in (opened.protocol().reader_features or ()):
        return {}
    found = pa.table(opened.deletion_vectors())
    if not found.num_rows:
        return {}
    base = opened.table_uri.rstrip("/")
    paths = [visible(uri).removeprefix(base).lstrip("/") for uri in found["filepath"].to_pylist()]
    vectors = found["selection_vector"].combine_chunks()
    return {path: vectors[i].values for i, path in enumerate(paths)}

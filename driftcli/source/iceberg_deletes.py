"""Rows of Iceberg tables that are deleted by their values, which the library does not read.

A file of such values counts for the data files that are older than it, of its own partition, or of
all where it has none. A row is gone that has the values of one of its rows; nulls are alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from threading import Lock
from typing import Any

import pyarrow as pa
from msgspec import Struct

from driftcli.errors import InputError
from driftcli.text import quoted


def tasks_of(scan: Any) -> tuple[list[Any], dict[str, list[Any]]]:
    """Return the data files of a scan as tasks of the library, and files of values by their paths.

    The library plans itself where no rows are deleted by their values.
    """
    from pyiceberg.manifest import DataFileContent, ManifestContent
    from pyiceberg.table import FileScanTask

    snapshot = scan.snapshot()
    manifests = [] if snapshot is None else snapshot.manifests(scan.io)
    deletes = list(_entries(scan.io, manifests, ManifestContent.DELETES))
    equality = DataFileContent.EQUALITY_DELETES
    by_value = [each for each in deletes if each.data_file.content == equality]
    if not by_value:
        return list(scan.plan_files()), {}
    by_place = [each for each in deletes if each.data_file.content != equality]
    unpartitioned = {key for key, spec in scan.table_metadata.specs().items() if not spec.fields}
    tasks, values = [], {}
    for data in _entries(scan.io, manifests, ManifestContent.DATA):
        places = {each.data_file for each in by_place if _age(data) <= _age(each)}
        near = {each for each in places if _partition(each) == _partition(data.data_file)}
        tasks.append(FileScanTask(data.data_file, delete_files=near))
        values[data.data_file.file_path] = [
            each.data_file
            for each in by_value
            if _age(data) < _age(each)
            and (
                each.data_file.spec_id in unpartitioned
                or _partition(each.data_file) == _partition(data.data_file)
            )
        ]
    return tasks, {path: files for path, files in values.items() if files}


def _entries(io: Any, manifests: Iterable[Any], content: Any) -> Iterator[Any]:
    for manifest in manifests:
        if manifest.content == content:
            yield from manifest.fetch_manifest_entry(io)


def _age(entry: Any) -> int:
    return int(entry.sequence_number or 0)


def _partition(file: Any) -> tuple[int, Any]:
    return file.spec_id, file.partition


class SameColumns(Struct, frozen=True):
    """Files of values of the same columns."""

    fields: Sequence[Any]
    files: Sequence[Any]


def groups_of(files: Sequence[Any], metadata: Any, name: str) -> list[SameColumns]:
    """Return files of values by the columns that these are of.

    Raises
    ------
    InputError
        When values cannot be told to be the same.
    """
    known = {
        field.field_id: field
        for schema in (*metadata.schemas, metadata.schema())
        for field in schema.fields
    }
    found: dict[tuple[int, ...], list[Any]] = {}
    for file in files:
        found.setdefault(tuple(sorted(file.equality_ids or ())), []).append(file)
    return [
        SameColumns([_key(known.get(key), name) for key in keys], each)
        for keys, each in found.items()
    ]


def _key(field: Any, name: str) -> Any:
    """Return a field under a name of its own; it may be missing, as it is in files before it."""
    if field is None or not field.field_type.is_primitive or _is_rounded(field):
        what = "within a struct" if field is None else f"{quoted(field.name)} ({field.field_type})"
        raise InputError(
            f"{name}: rows are deleted by the values of a column {what}, which cannot be told to be"
            " the same. Have the table's engine rewrite its data files."
        )
    return field.model_copy(update={"name": f"drift {field.field_id}", "required": False})


def _is_rounded(field: Any) -> bool:
    from pyiceberg.types import DoubleType, FloatType

    return isinstance(field.field_type, DoubleType | FloatType)


class Deleted:
    """The rows of a data file that are deleted by their values, which are read once a process."""

    def __init__(self, scan: Any, groups: Sequence[SameColumns]) -> None:
        self._scan = scan
        self._groups = groups
        self._lock = Lock()
        self._steps: list[list[_Step]] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Be shipped without what was read."""
        return Deleted, (self._scan, self._groups)

    @property
    def fields(self) -> Sequence[Any]:
        """The columns whose values count, by their ids."""
        return list({f.field_id: f for each in self._groups for f in each.fields}.values())

    def left(self, columns: Mapping[int, Any], rows: int) -> pa.BooleanArray:
        """Return which rows are left; their columns go by their ids."""
        import pyarrow.compute as pc

        with self._lock:
            if self._steps is None:
                self._steps = [self._read(each) for each in self._groups]
        gone = pa.repeat(pa.scalar(value=False), rows)
        for group, steps in zip(self._groups, self._steps, strict=True):
            found = _codes([columns[each.field_id] for each in group.fields], steps)
            gone = pc.or_(gone, found.is_valid())
        return pc.invert(gone)

    def _read(self, group: SameColumns) -> list[_Step]:
        from pyiceberg.schema import Schema
        from pyiceberg.table import FileScanTask

        schema = Schema(*group.fields)
        batches = [b for each in group.files for b in self._scan.read(FileScanTask(each), schema)]
        return _steps(pa.Table.from_batches(batches)) if batches else []


class _Step(Struct, frozen=True):
    """What numbers the values of one more column: its own, and pairs of the numbers so far."""

    values: Any
    pairs: Any = None


def _steps(keys: pa.Table) -> list[_Step]:
    steps = [_Step(keys.column(0).unique())]
    for place in range(1, keys.num_columns):
        so_far = _codes(keys.columns[:place], steps)
        values = keys.column(place).unique()
        pairs = _paired(so_far, _index(keys.column(place), values)).unique()
        steps.append(_Step(values, pairs))
    return steps


def _codes(columns: Sequence[Any], steps: Sequence[_Step]) -> Any:
    """Return the number of each row among those that are deleted, null where it is none."""
    codes = pa.nulls(len(columns[0]), pa.int32())
    for values, step in zip(columns, steps, strict=False):
        found = _index(values, step.values)
        codes = found if step.pairs is None else _index(_paired(codes, found), step.pairs)
    return codes


def _index(values: Any, among: Any) -> Any:
    import pyarrow.compute as pc

    return pc.index_in(values.cast(among.type), value_set=among)


def _paired(first: Any, second: Any) -> Any:
    import pyarrow.compute as pc

    return pc.add(pc.multiply(first.cast(pa.int64()), 2**31), second.cast(pa.int64()))

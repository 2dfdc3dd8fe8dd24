"""Datasets of one or many files whose types are stored with them: Parquet and Arrow."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import pyarrow as pa

from driftcli.arrays import EncryptedType
from driftcli.errors import InputError
from driftcli.source.columns import checked_schema, common_type
from driftcli.source.contract import Fragment
from driftcli.source.files import File, spread
from driftcli.source.partitions import (
    constants,
    partial_columns,
    partition_types,
    path_keys,
    with_partitions,
)
from driftcli.text import quoted


class Part(Protocol):
    """One file of a typed format."""

    file: File
    schema: pa.Schema
    """Its columns, flattened."""
    metadata: Mapping[bytes, bytes]
    """The key-value metadata it holds."""
    rows: int | None

    def __init__(self, file: File) -> None:
        """Read what the file says of itself."""

    def fragments(self, columns: Sequence[str]) -> Iterator[Fragment]:
        """Yield the file's fragments."""

    def sample(self, columns: Sequence[str]) -> pa.RecordBatch | None:
        """Return the first rows of the file, None where there is none."""


class TypedSource:
    """Files of one typed format, in order, with their Hive partitions as columns."""

    notes: tuple[str, ...] = ()

    def __init__(self, name: str, kind: str, parts: Sequence[Part]) -> None:
        self.name = name
        self.format = kind
        self._parts = parts
        self._partitions = partition_types([part.file for part in parts])
        self._own = common_schema(parts)
        self.partial = partial_columns([part.schema.names for part in parts])
        self.path_keys = path_keys(name, [k for k in self._partitions if k not in self._own.names])
        names = set(self._own.names)
        added = [(key, kind) for key, kind in self._partitions.items() if key not in names]
        self.schema = checked_schema([(f.name, f.type) for f in self._own] + added, name)
        counts = [part.rows for part in parts]
        self.rows = None if None in counts else sum(count or 0 for count in counts)
        self.size: int | None = sum(part.file.size for part in parts)

    def files_with(self, key: bytes) -> list[File]:
        """Return the files whose metadata have an entry of that name."""
        return [part.file for part in self._parts if key in part.metadata]

    def fragments(self, columns: Sequence[str]) -> Iterator[Fragment]:
        """Yield the fragments of all files, file by file."""
        names = set(self._own.names)
        own = [name for name in columns if name in names]
        for part in self._parts:
            held = set(part.schema.names)
            present = [name for name in own if name in held] or _readable(part.schema)[:1]
            fragments = part.fragments(present)
            if present != list(columns):
                lacking = [name for name in own if name not in held]
                nulls = {name: pa.scalar(None, self._own.field(name).type) for name in lacking}
                values = constants(part.file, self._partitions) | nulls
                fragments = with_partitions(fragments, columns, present, values)
            yield from fragments

    def sample(self, columns: Sequence[str]) -> dict[str, pa.Array]:
        """Return the first rows of some of the files."""
        found: dict[str, list[pa.Array]] = {}
        for part in spread(self._parts):
            own = [name for name in columns if name in part.schema.names]
            if own and (batch := part.sample(own)) is not None:
                for name in own:
                    values = batch.column(name).cast(self._own.field(name).type)
                    found.setdefault(name, []).append(values)
        return {name: pa.concat_arrays(arrays) for name, arrays in found.items()}

    def expecting(self, types: Mapping[str, pa.DataType]) -> "TypedSource":  # noqa: ARG002 - text only
        """Return the source itself: its types are those of the files."""
        return self

    def revised(self) -> None:
        """Return None: the types are those of the files."""


def _readable(schema: pa.Schema) -> list[str]:
    """Return the columns that are not encrypted."""
    return [field.name for field in schema if not isinstance(field.type, EncryptedType)]


def common_schema(parts: Sequence[Part]) -> pa.Schema:
    """Return the columns of all files, in the order they come up, with types that hold all.

    Raises
    ------
    InputError
        When a file shares no column with those before it, or has one of another kind.
    """
    first = parts[0]
    types = {field.name: field.type for field in first.schema}
    for part in parts[1:]:
        if part.schema.equals(first.schema):
            continue
        refuse_other_names(part.file, part.schema.names, first.file, list(types))
        for field in part.schema:
            joined = common_type(types.get(field.name, field.type), field.type)
            if joined is None:
                raise InputError(
                    f"{part.file.shown}: column {quoted(field.name)} is {field.type}, but "
                    f"{types[field.name]} in files before it. Convert the files to one schema."
                )
            types[field.name] = joined
    return pa.schema(list(types.items()))


def refuse_other_names(
    file: File, names: Sequence[str], first: File, expected: Sequence[str]
) -> None:
    """Raise the error for a file that shares no column with those before it."""
    if names and expected and set(names).isdisjoint(expected):
        raise InputError(
            f"{file.shown}: none of the columns of {first.shown}, but {quoted(names[0])}. "
            "All files of a dataset must be of one table."
        )

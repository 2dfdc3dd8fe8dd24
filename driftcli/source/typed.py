"""Datasets of one or many files whose types are stored with them: Parquet and Arrow."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle
from typing import Protocol

import pyarrow as pa

from driftcli.arrays import EncryptedType
from driftcli.errors import InputError
from driftcli.source.columns import checked_schema, common_type
from driftcli.source.contract import Fragment, Seen
from driftcli.source.files import File, spread
from driftcli.source.partitions import (
    PartitionedFragment,
    constants,
    partial_columns,
    partition_types,
    path_keys,
)
from driftcli.text import quoted

#: Uncompressed bytes of one fragment. Measured on 10 million rows × 20 columns: 8 MB is as fast as
#: 32 MB or faster, needs two thirds of its memory, and balances better over threads.
FRAGMENT_BYTES = 8 << 20


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

    def runs(self, columns: Sequence[str]) -> tuple[int, Sequence[int]]:
        """Return in how many runs of rows it is read, and the bytes of each column in all."""

    def fragments(self, lanes: Sequence[Sequence[str]]) -> Iterator[Fragment]:
        """Yield the fragments of each run of rows: one for the columns of each lane, in order."""

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
        """Yield the fragments of all files, file by file.

        Which columns are read together is the same all over.
        """
        names = set(self._own.names)
        first, *others = lanes_of(self._parts, [name for name in columns if name in names])
        # Nothing is read for what the folders say, which goes with the first.
        beside = {*first, *(name for name in columns if name not in names)}
        lanes = [[name for name in columns if name in beside], *others]
        for part in self._parts:
            held = set(part.schema.names)
            carrier = _readable(part.schema)[:1]
            present = [[name for name in lane if name in held] or carrier for lane in lanes]
            values = self.values_of(part)
            for lane, fragment in zip(cycle(lanes), part.fragments(present), strict=False):
                whole = fragment.columns == lane
                yield fragment if whole else PartitionedFragment(fragment, lane, values)

    def values_of(self, part: Part) -> dict[str, pa.Scalar]:
        """Return the values that are the same in all rows of a file: of folders, or lacking."""
        own, held = self._own, set(part.schema.names)
        lacking = {f.name: pa.scalar(None, f.type) for f in own if f.name not in held}
        names = set(own.names)
        added = {key: kind for key, kind in self._partitions.items() if key not in names}
        return constants(part.file, added) | lacking

    def sample(self, columns: Sequence[str]) -> dict[str, pa.Array]:
        """Return the first rows of some of the files."""
        found: dict[str, list[pa.Array]] = {}
        for part in spread(self._parts):
            held = set(part.schema.names)
            own = [name for name in columns if name in held]
            if own and (batch := part.sample(own)) is not None:
                for name in own:
                    values = batch.column(name).cast(self._own.field(name).type)
                    found.setdefault(name, []).append(values)
        return {name: pa.concat_arrays(arrays) for name, arrays in found.items()}

    def learn(self, seen: Seen) -> None:
        """Take nothing: types are what they are."""

    def expecting(self, types: Mapping[str, pa.DataType]) -> "TypedSource":  # noqa: ARG002 - text only
        """Return the source itself: its types are those of the files."""
        return self

    def revised(self) -> None:
        """Return None: the types are those of the files."""


def _readable(schema: pa.Schema) -> list[str]:
    """Return the columns that are not encrypted."""
    return [field.name for field in schema if not isinstance(field.type, EncryptedType)]


class Read(Protocol):
    """Some rows of a dataset whose types are stored."""

    def runs(self, columns: Sequence[str]) -> tuple[int, Sequence[int]]:
        """Return in how many runs of rows they are read, and the bytes of each column in all."""


def lanes_of(parts: Sequence[Read], columns: Sequence[str]) -> list[Sequence[str]]:
    """Return which columns are read together, in all parts: as many as are best for a thread."""
    runs, sizes = 0, [0] * len(columns)
    for part in spread(parts):
        held, more = part.runs(columns)
        runs += held
        sizes = [size + each for size, each in zip(sizes, more, strict=True)]
    # Opening a reader of thousands of columns costs as much as reading some of them.
    most = FRAGMENT_BYTES * (1 + len(columns) // 250) * max(1, runs)
    return [[columns[at] for at in run] for run in runs_of(sizes, most)] or [[]]


def runs_of(weights: Sequence[int], most: int) -> Iterator[list[int]]:
    """Yield runs of consecutive indices, each of at most `most` or a single one."""
    run: list[int] = []
    total = 0
    for i, weight in enumerate(weights):
        if run and total + weight > most:
            yield run
            run, total = [], 0
        run.append(i)
        total += weight
    if run:
        yield run


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

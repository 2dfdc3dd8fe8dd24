"""Tables with a schema of their own, read from Parquet files that may be older than it is."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle, islice
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

import pyarrow as pa

from driftcli.source.columns import batch_of, checked_schema
from driftcli.source.conditions import Range, Ranges
from driftcli.source.contract import Block, Fragment, InnerFragment, Seen
from driftcli.source.files import spread
from driftcli.source.kept_rows import KeptFragment, Known
from driftcli.source.parquet import ParquetPart
from driftcli.source.partitions import PartitionedFragment
from driftcli.source.typed import lanes_of
from driftcli.source.where import Where


class TableColumn(NamedTuple):
    """A column of a table, structs flattened; in files it goes by `stored`, or by `id`."""

    name: str
    type: pa.DataType
    stored: str
    id: int | None


class TablePart(Protocol):
    """Some rows of a table: what one of its files has."""

    @property
    def rows(self) -> int | None:
        """How many there are, when that is known without reading."""

    @property
    def size(self) -> int:
        """Bytes of the file."""

    def runs(self, columns: Sequence[str]) -> tuple[int, Sequence[int]]:
        """Return in how many runs of rows it is read, and the bytes of each column in all."""

    def fragments(self, lanes: Sequence[Sequence[str]]) -> Iterator[Fragment]:
        """Yield the fragments of each run of rows, under the names and types of the table.

        There is one for the columns of each lane, in their order.
        """

    def sample(self, columns: Sequence[str]) -> Mapping[str, pa.Array]:
        """Return its first rows of those of `columns` that it has."""


class TableSource:
    """A table in one of its states: the rows that it has, under the names and types it gives.

    It is `keyed` where its fragments hold what a catalog gave to open its files.
    """

    #: What files lack was added to the table later, which makes it no lesser column.
    partial: Mapping[str, tuple[int, int]] = MappingProxyType({})
    path_keys: Mapping[str, bool] = MappingProxyType({})

    def __init__(
        self,
        name: str,
        kind: str,
        columns: Sequence[TableColumn],
        parts: Sequence[TablePart],
        notes: tuple[str, ...] = (),
        *,
        keyed: bool = False,
    ) -> None:
        self.name = name
        self.format = kind
        self.keyed = keyed
        self.notes = notes
        self.schema = checked_schema([(each.name, each.type) for each in columns], name)
        self._parts = parts
        counts = [part.rows for part in parts]
        self.rows = None if None in counts else sum(count or 0 for count in counts)
        self.size: int | None = sum(part.size for part in parts)

    def fragments(self, columns: Sequence[str]) -> Iterator[Fragment]:
        """Yield the fragments of all files, file by file."""
        lanes = lanes_of(self._parts, columns)
        for part in self._parts:
            yield from part.fragments(lanes)

    def sample(self, columns: Sequence[str]) -> dict[str, pa.Array]:
        """Return the first rows of some of the files."""
        found: dict[str, list[pa.Array]] = {}
        for part in spread(self._parts):
            for name, values in part.sample(columns).items():
                found.setdefault(name, []).append(values)
        return {name: pa.concat_arrays(arrays) for name, arrays in found.items()}

    def learn(self, seen: Seen) -> None:
        """Take nothing: types are what they are."""

    def expecting(self, types: Mapping[str, pa.DataType]) -> "TableSource":  # noqa: ARG002 - text only
        """Return the source itself: its types are those of the table."""
        return self

    def revised(self) -> None:
        """Return None: the types are those of the table."""


class ParquetTablePart:
    """A Parquet file of a table.

    Parameters
    ----------
    by_id
        Whether columns are found by their ids, not by their names.
    values
        The values that all rows have, of columns that are not in the file.
    left
        Which rows the table still has; None where it has all.
    """

    def __init__(
        self,
        file: ParquetPart,
        columns: Sequence[TableColumn],
        values: Mapping[str, pa.Scalar] = MappingProxyType({}),
        left: pa.BooleanArray | None = None,
        *,
        by_id: bool,
    ) -> None:
        self._file = file
        self._left = left
        self._types = {each.name: each.type for each in columns}
        self._stored = {
            each.name: stored
            for each in columns
            if each.name not in values and (stored := _stored(each, file, by_id=by_id)) is not None
        }
        nulls = {
            each.name: pa.scalar(None, each.type)
            for each in columns
            if each.name not in self._stored
        }
        self._values = {**nulls, **values}
        self.rows = (file.rows or 0) - (0 if left is None else len(left) - left.true_count)
        self.size = file.file.size

    def keep(self, where: Where, name: str) -> None:
        """Read only the row groups that may have rows that a filter keeps."""
        if self._left is not None:  # which goes by the places of rows in the whole file
            return
        names = {stored: name for name, stored in self._stored.items()}
        known = {key: Range.of(value) for key, value in self._values.items()}

        def may(ranges: Ranges) -> bool:
            own = {names[stored]: each for stored, each in ranges.items() if stored in names}
            return where.may_hold({**own, **known}, name)

        self._file.keep(may)
        self.rows = self._file.rows or 0

    def runs(self, columns: Sequence[str]) -> tuple[int, Sequence[int]]:
        """Return in how many runs of rows it is read, and the bytes of each column in all."""
        own = [self._stored[name] for name in columns if name in self._stored]
        runs, sizes = self._file.runs(own)
        held = dict(zip(own, sizes, strict=True))
        return runs, [held.get(self._stored.get(name, ""), 0) for name in columns]

    def fragments(self, lanes: Sequence[Sequence[str]]) -> Iterator[Fragment]:
        """Yield its fragments."""
        # A file that has none of the columns still has rows.
        carrier = self._file.schema.names[:1]
        stored = [[self._stored[n] for n in lane if n in self._stored] or carrier for lane in lanes]
        names = {self._stored[name]: name for name in self._stored}
        read = self._kept(self._file.fragments(stored), len(lanes))
        for lane, each in zip(cycle(lanes), read, strict=False):
            fragment = TypedFragment(each, names, self._types)
            whole = fragment.columns == list(lane)
            yield fragment if whole else PartitionedFragment(fragment, lane, self._values)

    def _kept(self, fragments: Iterator[Fragment], lanes: int) -> Iterator[Fragment]:
        if self._left is None:
            yield from fragments
            return
        start = 0
        while run := list(islice(fragments, lanes)):
            rows = run[0].rows or 0
            kept = Known(_whole(self._left.slice(start, rows), rows))
            yield from (KeptFragment(each, kept) for each in run)
            start += rows

    def sample(self, columns: Sequence[str]) -> dict[str, pa.Array]:
        """Return its first rows, deleted ones too."""
        own = [name for name in columns if name in self._stored]
        batch = self._file.sample([self._stored[name] for name in own]) if own else None
        if batch is None:
            return {}
        return {
            name: cast(values, self._types[name])
            for name, values in zip(own, batch.columns, strict=True)
        }


def _whole(left: pa.BooleanArray, rows: int) -> pa.BooleanArray:
    """Return which rows are left, all of those behind the last that was deleted."""
    missing = rows - len(left)
    return pa.concat_arrays([left, pa.array([True] * missing, pa.bool_())]) if missing else left


def _stored(column: TableColumn, part: ParquetPart, *, by_id: bool) -> str | None:
    """Return the name that a column has in a file, None where the file does not have it."""
    if by_id:
        return part.ids.get(column.id)
    return column.stored if column.stored in part.schema.names else None


class TypedFragment(InnerFragment, frozen=True):
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
                cast(array, self.types.get(name, array.type))
                for name, array in zip(names, block.batch.columns, strict=True)
            ]
            yield Block(batch_of(names, arrays, block.batch.num_rows))


def cast(array: Any, kind: pa.DataType) -> Any:
    """Return values as the type that a table gives them: files may be older than it is."""
    if array.type == kind or pa.types.is_dictionary(array.type) or pa.types.is_nested(kind):
        return array
    return array.cast(kind, safe=False)

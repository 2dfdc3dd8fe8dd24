"""Parquet: fragments are row groups by blocks of columns, read straight into Arrow arrays."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import lru_cache, partial
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import Struct

from driftcli.arrays import EncryptedType
from driftcli.errors import InputError
from driftcli.source.columns import checked_schema, flat_batch, flat_fields, one_batch
from driftcli.source.contract import Block
from driftcli.source.files import (
    File,
    refuse_no_memory,
    refuse_pointer,
    side_by_side,
    unreadable,
)
from driftcli.source.parquet_encryption import encrypted_columns, refuse_sealed
from driftcli.source.stores import meaning_of
from driftcli.source.typed import runs_of
from driftcli.text import cause

if TYPE_CHECKING:
    from driftcli.source.conditions import Ranges

#: Row groups beyond this many rows are streamed.
WHOLE_ROWS = 1 << 21
STREAM_ROWS = 1 << 20
#: INT96 times in nanoseconds wrap where they lie beyond 1677 to 2262.
_TIMES = {"coerce_int96_timestamp_unit": "us"}


class Footer:
    """The footer of a file: it stays where it was read, and is read once in another process."""

    def __init__(self, file: File, metadata: pq.FileMetaData) -> None:
        self.file, self.metadata = file, metadata

    def __reduce__(self) -> tuple[Callable[[File], Footer], tuple[File]]:
        """Have it read anew wherever it is sent."""
        return footer_of, (self.file,)


@lru_cache(maxsize=64)
def footer_of(file: File) -> Footer:
    """Return the footer of a file.

    Raises
    ------
    InputError
        When it cannot be read.
    """
    try:
        with closing(file.native()) as stored:
            return Footer(file, pq.ParquetFile(stored, **_TIMES).metadata)
    except (pa.ArrowException, OSError) as error:
        raise damaged(file, error) from error


class ParquetFragment(Struct, frozen=True):
    """Some columns of some row groups of one file."""

    file: File
    footer: Footer
    groups: Sequence[int]
    columns: Sequence[str]
    texts: Sequence[str]
    rows: int
    size: int

    def blocks(self) -> Iterator[Block]:
        """Decode the row groups, text as dictionaries: four times cheaper than as strings."""
        columns = list(self.columns)
        try:
            # A reader of its own: readers cannot be shared by threads, and closing it gives the
            # mapped pages back. The metadata is parsed already, so that opening costs little.
            with opened(
                self.file, metadata=self.footer.metadata, read_dictionary=list(self.texts)
            ) as file:
                for batch in self._batches(file, columns):
                    yield Block(flat_batch(batch, columns))
        except (pa.ArrowException, OSError) as error:
            raise damaged(self.file, error) from error

    def _batches(self, file: pq.ParquetFile, columns: list[str]) -> Iterator[pa.RecordBatch]:
        if self.rows > WHOLE_ROWS:
            yield from file.iter_batches(STREAM_ROWS, self.groups, columns, use_threads=False)
            return
        yield one_batch(file.read_row_groups(self.groups, columns, use_threads=False))


#: Rows of a file that are looked at for a guess.
SAMPLE_ROWS = 4096
#: Bytes of the end of a file that are asked for with its footer.
TAIL = 1 << 16
#: So many files are opened at a time where there are many.
_OPENED, _MANY = 8, 32


class Tailed(io.RawIOBase):
    """A file elsewhere whose last bytes are asked for once."""

    def __init__(self, stored: Any, size: int) -> None:
        self._stored, self._size, self._at = stored, size, 0
        self._start = max(0, size - TAIL)
        stored.seek(self._start)
        self._tail: bytes = stored.read(size - self._start)

    def read(self, size: int = -1) -> bytes:
        """Return the bytes from the place that was sought on."""
        end = self._size if size < 0 else min(self._size, self._at + size)
        start, self._at = self._at, end
        if start >= self._start:
            return self._tail[start - self._start : end - self._start]
        self._stored.seek(start)
        found: bytes = self._stored.read(end - start)
        return found

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def tell(self) -> int:
        """Return the place."""
        return self._at

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def seekable(self) -> bool:
        """Return that places can be sought."""
        return True

    def close(self) -> None:
        """Close the file."""
        self._stored.close()
        super().close()


class _Shared(NamedTuple):
    """What the files of a dataset mostly have in common: `texts` are read as dictionaries."""

    schema: pa.Schema
    leaves: Sequence[str]
    texts: Collection[str]


class ParquetPart:
    """One Parquet file: its schema and its fragments.

    Files of a dataset mostly have the schema of its first, and need not have it made anew.
    """

    def __init__(self, file: File, first: ParquetPart | None = None) -> None:
        self.file = file
        try:
            with closing(_with_tail(file)) as stored:
                refuse_sealed(file, stored)
                reader = pq.ParquetFile(stored, **_TIMES)
                self._metadata = reader.metadata
                self._arrow_schema = reader.schema_arrow
                self._encrypted = encrypted_columns(file, stored, self._metadata)
        except (pa.ArrowException, OSError) as error:
            raise damaged(file, error) from error
        self._groups: Sequence[int] = range(self._metadata.num_row_groups)
        self.rows: int | None = self._metadata.num_rows
        self.metadata: Mapping[bytes, bytes] = self._metadata.metadata or {}
        shared = first is not None and self._is_like(first)
        self.layout: _Shared = first.layout if first is not None and shared else self._laid_out()
        self.schema = self.layout.schema

    def _laid_out(self) -> _Shared:
        leaves = self._metadata.schema
        return _Shared(
            checked_schema(self._fields(), self.file.shown),
            [leaves.column(i).path for i in range(len(leaves))],
            # Arrow cannot always put dictionaries into structs: text within is read as strings.
            {field.name for field in self._arrow_schema if _is_text(field.type)},
        )

    def _is_like(self, other: ParquetPart) -> bool:
        return (
            not (self._encrypted or other._encrypted)
            and self._arrow_schema.equals(other._arrow_schema)
            and self._metadata.schema.equals(other._metadata.schema)
        )

    def _fields(self) -> Iterator[tuple[str, pa.DataType]]:
        for name, kind in flat_fields(self._arrow_schema):
            sealed = any(leaf == name or leaf.startswith(name + ".") for leaf in self._encrypted)
            yield name, EncryptedType(kind) if sealed else kind

    @property
    def footer(self) -> pq.FileMetaData:
        """What the file says of itself."""
        return self._metadata

    @property
    def ids(self) -> dict[int | None, str]:
        """The columns by the ids that the file gives them."""
        return dict(_ids(self._arrow_schema))

    def keep(self, may: Callable[[Ranges], bool]) -> None:
        """Read no row groups any more but those whose columns may be within certain ranges."""
        from driftcli.source.narrowing import ranges_of

        self._groups = [g for g in self._groups if may(ranges_of(self._metadata, g, self.schema))]
        self.rows = sum(map(self._rows_of, self._groups))

    def runs(self, columns: Sequence[str]) -> tuple[int, Sequence[int]]:
        """Return in how many runs of row groups it is read, and the bytes of each column in all."""
        sizes = [0] * len(columns)
        for group in self._groups:
            more = self._sizes(group, columns)
            sizes = [size + each for size, (each, _) in zip(sizes, more, strict=True)]
        return len(list(self._runs())), sizes

    def _runs(self) -> Iterator[list[int]]:
        # Small row groups are read together, some columns at a time: a column is best sorted whole.
        for run in runs_of([self._rows_of(group) for group in self._groups], STREAM_ROWS):
            yield [self._groups[at] for at in run]

    def fragments(self, lanes: Sequence[Sequence[str]]) -> Iterator[ParquetFragment]:
        """Yield for each run of row groups a fragment of the columns of each lane."""
        footer = Footer(self.file, self._metadata)
        wanted = list(dict.fromkeys(chain.from_iterable(lanes)))
        for groups in self._runs():
            rows = sum(map(self._rows_of, groups))
            sizes = [dict(zip(wanted, self._sizes(each, wanted), strict=True)) for each in groups]
            for names in lanes:
                size = sum(each[name][1] for each in sizes for name in names)
                texts = [name for name in names if name in self.layout.texts]
                yield ParquetFragment(self.file, footer, groups, names, texts, rows, size)

    def sample(self, columns: Sequence[str]) -> pa.RecordBatch | None:
        """Return the first rows of the file."""
        every = self._groups or range(self._metadata.num_row_groups)
        group = next((i for i in every if self._rows_of(i)), None)
        if group is None:
            return None
        try:
            with opened(self.file, metadata=self._metadata) as file:
                names = list(columns)
                batches = file.iter_batches(SAMPLE_ROWS, [group], names, use_threads=False)
                return flat_batch(next(batches), names)
        except (pa.ArrowException, OSError) as error:
            raise damaged(self.file, error) from error

    def _rows_of(self, group: int) -> int:
        return int(self._metadata.row_group(group).num_rows)

    def _sizes(self, group: int, columns: Sequence[str]) -> list[tuple[int, int]]:
        """Return the bytes of each column in a row group, uncompressed and as stored."""
        described = self._metadata.row_group(group)
        sizes = dict.fromkeys(columns, (0, 0))
        for i, leaf in enumerate(self.layout.leaves):
            if leaf in self._encrypted:
                continue
            chunk, name = described.column(i), leaf
            while name not in sizes and "." in name:  # a list's leaf: `name.list.element`
                name = name.rpartition(".")[0]
            if name in sizes:
                decoded, stored = sizes[name]
                decoded += max(0, chunk.total_uncompressed_size)
                sizes[name] = (decoded, stored + max(0, chunk.total_compressed_size))
        return list(sizes.values())


def _ids(fields: Iterable[pa.Field], prefix: str = "") -> Iterator[tuple[int, str]]:
    for field in fields:
        name = prefix + field.name
        if pa.types.is_struct(field.type):
            yield from _ids((field.type.field(i) for i in range(field.type.num_fields)), f"{name}.")
        elif key := (field.metadata or {}).get(b"PARQUET:field_id"):
            yield int(key), name


def opened_parts(files: Sequence[File]) -> list[ParquetPart]:
    """Open Parquet files, several at a time: most of it is waiting for their footers.

    Raises
    ------
    InputError
        When one cannot be read: the first in their order.
    """
    first = ParquetPart(files[0])
    like_first = partial(ParquetPart, first=first)
    if len(files) < _MANY or files[0].filesystem is not None:
        return [first, *side_by_side(like_first, files[1:])]
    with ThreadPoolExecutor(_OPENED, "drift") as pool:
        return [first, *pool.map(like_first, files[1:])]


def _with_tail(file: File) -> Any:
    """Open a file of which the end alone is to be read: elsewhere, by one request for all of it."""
    stored = file.native()
    if file.filesystem is None or file.spool is not None:
        return stored
    return pa.PythonFile(Tailed(stored, file.size), mode="r")


def opened(file: File, **options: Any) -> pq.ParquetFile:
    """Open a local file by memory map, another through its filesystem."""
    options |= _TIMES
    if file.filesystem is None and file.is_utf8 and file.spool is None:
        return pq.ParquetFile(file.path, memory_map=True, **options)
    if file.filesystem is None or file.spool is not None:
        return pq.ParquetFile(file.native(), **options)
    return pq.ParquetFile(file.path, filesystem=file.filesystem, pre_buffer=True, **options)


def damaged(file: File, error: BaseException) -> InputError:
    """Return the error for a file that cannot be read as Parquet."""
    refuse_no_memory(error)
    if isinstance(error, PermissionError | FileNotFoundError):
        return InputError(f"{file.shown}: cannot be read: {cause(error)}.")
    if isinstance(error, OSError) and meaning_of(error):
        return unreadable(file.shown, error)
    if isinstance(error, pa.ArrowNotImplementedError):
        return InputError(f"{file.shown}: holds what Arrow cannot read: {cause(error)}.")
    refuse_pointer(file)
    return InputError(
        f"{file.shown}: not a complete Parquet file: {cause(error)}. "
        "It may be truncated or another format; write it again."
    )


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))

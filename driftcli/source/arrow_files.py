"""Arrow IPC: files (Feather) by groups of record batches, streams batch by batch."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

import pyarrow as pa
from msgspec import Struct
from pyarrow import ipc

from driftcli.errors import InputError
from driftcli.source.arrow_schema import wide_integers
from driftcli.source.columns import checked_schema, flat_batch, flat_fields, top_level
from driftcli.source.contract import Block, Fragment
from driftcli.source.files import File, refuse_no_memory, refuse_pointer
from driftcli.source.memory import FRAGMENT_ROWS, SAMPLE_ROWS, BatchFragment
from driftcli.source.validity import check
from driftcli.text import cause, quoted

#: Bytes of a fragment, as stored: compressed files hold a few times as much.
FRAGMENT_BYTES = 16 << 20
FILE_MAGIC = b"ARROW1"
#: A schema that lies within so many bytes is looked at for what Arrow refused it for.
SCHEMA_BYTES = 1 << 20


class ArrowFragment(Struct, frozen=True):
    """Some consecutive record batches of one file."""

    file: File
    batches: range
    columns: Sequence[str]
    included: Sequence[int]
    size: int
    rows: int | None = None

    def blocks(self) -> Iterator[Block]:
        """Yield the record batches, flattened and no longer than `FRAGMENT_ROWS`."""
        try:
            with closing(self.file.native()) as stored:
                reader = ipc.open_file(stored, options=_options(self.included))
                for i in self.batches:
                    batch = reader.get_batch(i)
                    check(batch)
                    yield from _blocks(batch, self.columns)
        except (pa.ArrowException, OSError) as error:
            raise damaged(self.file, error) from error


class ArrowPart:
    """One Arrow file or stream: its schema and its fragments."""

    rows: int | None = None

    def __init__(self, file: File) -> None:
        self.file = file
        self._is_file = file.read(len(FILE_MAGIC)) == FILE_MAGIC
        try:
            with closing(file.native()) as stored:
                reader = ipc.open_file(stored) if self._is_file else ipc.open_stream(stored)
                self._names = reader.schema.names
                self.metadata: Mapping[bytes, bytes] = reader.schema.metadata or {}
                self._count = reader.num_record_batches if self._is_file else 0
                self.schema = checked_schema(flat_fields(reader.schema), file.shown)
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise _refused(file, error) from error

    def runs(self, columns: Sequence[str]) -> tuple[int, Sequence[int]]:
        """Return that its columns are read together: each batch is read whole."""
        return 1, [0] * len(columns)

    def fragments(self, lanes: Sequence[Sequence[str]]) -> Iterator[Fragment]:
        """Yield groups of record batches; of a stream, one at a time, read as asked for."""
        (columns,) = lanes
        included = top_level(columns, self._names)
        if not self._is_file:
            yield from self._streamed(columns, included)
            return
        each = max(1, self.file.size // max(1, self._count))
        step = max(1, FRAGMENT_BYTES // each)
        for start in range(0, self._count, step):
            batches = range(start, min(start + step, self._count))
            yield ArrowFragment(self.file, batches, columns, included, each * len(batches))

    def sample(self, columns: Sequence[str]) -> pa.RecordBatch | None:
        """Return the first rows of the file."""
        for fragment in self.fragments([columns]):
            for block in fragment.blocks():
                if block.batch.num_rows:
                    return block.batch.slice(0, SAMPLE_ROWS)
        return None

    def _streamed(self, columns: Sequence[str], included: Sequence[int]) -> Iterator[BatchFragment]:
        try:
            with closing(self.file.native()) as stored:
                for batch in ipc.open_stream(stored, options=_options(included)):
                    for start in range(0, batch.num_rows, FRAGMENT_ROWS):
                        rows = batch.slice(start, FRAGMENT_ROWS)
                        yield BatchFragment(rows, columns, self.file.shown)
        except (pa.ArrowException, OSError) as error:
            raise damaged(self.file, error) from error


def _blocks(batch: pa.RecordBatch, columns: Sequence[str]) -> Iterator[Block]:
    for start in range(0, batch.num_rows, FRAGMENT_ROWS):
        yield Block(flat_batch(batch.slice(start, FRAGMENT_ROWS), columns))


def _options(included: Sequence[int]) -> Any:
    # Arrow takes an empty list for all columns, which is also what no column means here: the
    # rows must be counted.
    return ipc.IpcReadOptions(included_fields=list(included), use_threads=False)


def _refused(file: File, error: BaseException) -> InputError:
    """Return the error for a file whose schema Arrow does not take."""
    is_file = file.read(len(FILE_MAGIC)) == FILE_MAGIC
    place = max(0, file.size - SCHEMA_BYTES) if is_file else 0
    wide = wide_integers(file.read(SCHEMA_BYTES, start=place))
    if not wide:
        return damaged(file, error)
    named = ", ".join(map(quoted, wide[:3])) + (", …" if len(wide) > 3 else "")
    return InputError(
        f"{file.shown}: column {named}: integers of 128 bits, which Arrow cannot read. "
        "Cast them to 64 bits, to a decimal or to text, and write the file again."
    )


def damaged(file: File, error: BaseException) -> InputError:
    """Return the error for a file that cannot be read as Arrow."""
    refuse_no_memory(error)
    refuse_pointer(file)
    return InputError(
        f"{file.shown}: not a complete Arrow file: {cause(error)}. "
        "It may be truncated or another format; write it again."
    )

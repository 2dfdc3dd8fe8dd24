"""Sources in memory: pandas frames, Arrow tables and readers, anything with an Arrow C stream."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pyarrow as pa
from msgspec import Struct

from driftcli.errors import InputError, UsageError
from driftcli.source.columns import checked_schema, flat_batch, flat_fields, top_level
from driftcli.source.contract import Block, Seen
from driftcli.source.validity import check
from driftcli.text import cause, visible

#: Rows of one fragment: enough to be worth a thread, few enough to sort in cache-sized memory.
FRAGMENT_ROWS = 1 << 20
#: Rows that are looked at for a guess.
SAMPLE_ROWS = 4096


class BatchFragment(Struct, frozen=True):
    """Rows that are in memory already."""

    batch: pa.RecordBatch
    columns: Sequence[str]
    name: str

    @property
    def rows(self) -> int:
        """The rows of the batch."""
        return int(self.batch.num_rows)

    @property
    def size(self) -> int:
        """Bytes of the buffers it holds or shares."""
        return int(self.batch.get_total_buffer_size())

    def blocks(self) -> Iterator[Block]:
        """Yield the batch, flattened, once it was found to be what it says."""
        try:
            check(self.batch)
        except pa.ArrowException as error:
            raise InputError(
                f"{self.name}: not valid Arrow data: {cause(error)}. Write or make it again."
            ) from error
        yield Block(flat_batch(self.batch, self.columns))


class MemorySource:
    """A table that is cut into fragments without a copy, or a reader that is streamed once."""

    format = "memory"
    size: int | None = None
    notes: tuple[str, ...] = ()
    partial: Mapping[str, tuple[int, int]] = MappingProxyType({})
    path_keys: Mapping[str, bool] = MappingProxyType({})

    def __init__(self, data: Any, name: str = "data") -> None:
        self.name = name
        self._data = _arrow(data, name)
        self._ahead: list[pa.RecordBatch] = []
        self.rows: int | None = self._data.num_rows if isinstance(self._data, pa.Table) else None
        self.schema = checked_schema(flat_fields(self._data.schema), name)

    def fragments(self, columns: Sequence[str]) -> Iterator[BatchFragment]:
        """Yield fragments of at most `FRAGMENT_ROWS` rows."""
        names = self._data.schema.names
        wanted = top_level(columns, names)
        if isinstance(self._data, pa.Table):
            chunks: Any = self._data.select(wanted).to_batches(max_chunksize=FRAGMENT_ROWS)
        else:
            chunks = (batch.select(wanted) for batch in self._streamed())
        for batch in chunks:
            for start in range(0, batch.num_rows, FRAGMENT_ROWS):
                yield BatchFragment(batch.slice(start, FRAGMENT_ROWS), columns, self.name)

    def sample(self, columns: Sequence[str]) -> dict[str, pa.Array]:
        """Return the first rows; those of a stream are kept for when it is read."""
        batches = self._first() if columns else []
        for batch in batches:
            own = batch.select(top_level(columns, batch.schema.names)).slice(0, SAMPLE_ROWS)
            for block in BatchFragment(own, columns, self.name).blocks():
                return dict(zip(columns, block.batch.columns, strict=True))
        return {}

    def _first(self) -> list[pa.RecordBatch]:
        """Return the first batch with rows, in a list, or an empty one."""
        if isinstance(self._data, pa.Table):
            return [batch for batch in self._data.to_batches() if batch.num_rows][:1]
        while not any(batch.num_rows for batch in self._ahead):
            try:
                self._ahead.append(self._data.read_next_batch())
            except StopIteration:
                break
            except (pa.ArrowException, OSError) as error:
                raise self._broken(error) from error
        return [batch for batch in self._ahead if batch.num_rows]

    def _streamed(self) -> Iterator[pa.RecordBatch]:
        ahead, self._ahead = self._ahead, []
        yield from ahead
        try:
            yield from self._data
        except (pa.ArrowException, OSError) as error:
            raise self._broken(error) from error

    def _broken(self, error: BaseException) -> InputError:
        return InputError(f"{self.name}: the stream ended with an error: {cause(error)}.")

    def learn(self, seen: Seen) -> None:
        """Take nothing: types are what they are."""

    def expecting(self, types: Mapping[str, pa.DataType]) -> "MemorySource":  # noqa: ARG002 - text only
        """Return the source itself: its types are what they are."""
        return self

    def revised(self) -> None:
        """Return None: types in memory are what they are."""


def _arrow(data: Any, name: str) -> pa.Table | pa.RecordBatchReader:
    """Return `data` as a table or, when it is a stream, as a reader."""
    if isinstance(data, pa.Table | pa.RecordBatchReader):
        return data
    if isinstance(data, pa.RecordBatch):
        return pa.Table.from_batches([data])
    try:
        if _is_pandas(data):
            return _from_pandas(data, name)
        if hasattr(data, "__arrow_c_stream__"):
            return pa.RecordBatchReader.from_stream(data)
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise InputError(
            f"{name}: Arrow cannot hold it: {_conversion(error)}. Convert the column first."
        ) from error
    raise UsageError(
        f"{name}: a {type(data).__name__} is not a dataset. Give a path, a pandas or Polars frame, "
        "a pyarrow table or reader, or an object with __arrow_c_stream__."
    )


def _is_pandas(data: Any) -> bool:
    """Tell whether `data` is a pandas frame, without importing pandas."""
    return any(
        base.__name__ == "DataFrame" and base.__module__.partition(".")[0] == "pandas"
        for base in type(data).__mro__
    )


def _from_pandas(frame: Any, name: str) -> pa.Table:
    """Return a frame as a table: only its columns, named by text."""
    checked_schema(((str(column), pa.null()) for column in frame.columns), name)
    # One thread: the engine keeps every core busy itself.
    return pa.Table.from_pandas(frame, preserve_index=False, nthreads=1)


def _conversion(error: BaseException) -> str:
    """Return Arrow's account of a failed conversion; it holds the column's name, last."""
    parts = [visible(part) for part in getattr(error, "args", ()) if isinstance(part, str)]
    return "; ".join(part.rstrip(".") for part in parts) if parts else cause(error)

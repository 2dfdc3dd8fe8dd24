"""Columns kept in a temporary file and mapped from there: memory is for those at work."""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO
from weakref import WeakSet

import numpy as np
import pyarrow as pa
from msgspec.structs import replace
from numpy.typing import NDArray

from driftcli.profile.categories import Categories
from driftcli.profile.column import ColumnProfile

#: So that all numbers lie as their types ask.
_ALIGNED = 64


#: All shelves that there are.
_shelves: WeakSet[mmap.mmap] = WeakSet()


def _shelf(file: BinaryIO) -> mmap.mmap:
    held = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    _shelves.add(held)
    return held


def shelved(columns: Mapping[str, ColumnProfile]) -> Mapping[str, ColumnProfile]:
    """Return columns whose points or names are in a file, which ends with the last of them.

    Where no file can be had, or it grows too large for its disk, they stay in memory.
    """
    try:
        with tempfile.TemporaryFile(prefix="drift-") as file:
            places = {name: list(_written(file, column)) for name, column in columns.items()}
            file.flush()
            if not file.tell():
                return columns
            held = _shelf(file)
    except OSError:
        return columns
    return {name: _mapped(column, held, places[name]) for name, column in columns.items()}


def shelved_rows(rows: pa.Table) -> pa.Table:
    """Return rows that are in a file."""
    try:
        with tempfile.TemporaryFile(prefix="drift-") as file:
            with pa.ipc.new_file(file, rows.schema) as writer:
                writer.write_table(rows)
            file.flush()
            held = _shelf(file)
    except OSError:
        return rows
    return pa.ipc.open_file(pa.py_buffer(held)).read_all()


def let_go(column: ColumnProfile | None) -> None:
    """Have a column on a shelf take no memory until it is read again, and those beside it."""
    if column is not None and _shelves:
        _let_go(_counts(column).ctypes.data)


def let_go_of_rows(values: Any) -> None:
    """Have rows on a shelf, of which these are some values, take no memory until read again."""
    for chunk in values.chunks:
        for buffer in filter(None, chunk.buffers()):
            _let_go(buffer.address)


def let_go_of_all() -> None:
    """Have all that is on shelves take no memory until it is read again.

    To put it there reads some of it.
    """
    for held in list(_shelves):
        _rest(held)


def _let_go(address: int) -> None:
    for held in list(_shelves):
        start = np.frombuffer(held, np.uint8).ctypes.data
        if start <= address < start + len(held):
            _rest(held)


def _rest(held: mmap.mmap) -> None:
    if hasattr(mmap, "MADV_DONTNEED"):
        held.madvise(mmap.MADV_DONTNEED)


def _counts(column: ColumnProfile) -> NDArray[Any]:
    values = column.values
    return values.counts if isinstance(values, Categories) else values.points.counts


def _arrays(column: ColumnProfile) -> Iterator[NDArray[Any]]:
    """Yield what takes most of a column's memory."""
    values = column.values
    if not isinstance(values, Categories):
        yield from (values.points.values, values.points.counts)
        return
    names = values.names
    _, offsets, data = names.buffers()
    starts = np.frombuffer(offsets, np.int64)[names.offset : names.offset + len(names) + 1]
    yield from (values.counts, starts - starts[0])
    text = np.frombuffer(data, np.uint8) if data else np.empty(0, np.uint8)
    yield text[int(starts[0]) : int(starts[-1])]


def _written(file: BinaryIO, column: ColumnProfile) -> Iterator[tuple[int, int, np.dtype[Any]]]:
    """Write a column's arrays; yield the place, the length and the type of each."""
    if not _counts(column).size:
        return
    for array in _arrays(column):
        file.write(bytes(-file.tell() % _ALIGNED))
        yield file.tell(), array.size, array.dtype
        file.write(np.ascontiguousarray(array).data)


def _mapped(
    column: ColumnProfile, held: mmap.mmap, places: list[tuple[int, int, np.dtype[Any]]]
) -> ColumnProfile:
    if not places:
        return column
    arrays = [np.frombuffer(held, dtype, size, at) for at, size, dtype in places]
    values = column.values
    if not isinstance(values, Categories):
        points = replace(values.points, values=arrays[0], counts=arrays[1])
        return replace(column, values=replace(values, points=points))
    counts, starts, text = arrays
    buffers = [None, pa.py_buffer(starts), pa.py_buffer(text)]
    names = pa.Array.from_buffers(pa.large_string(), counts.size, buffers)
    return replace(column, values=replace(values, names=names, counts=counts))

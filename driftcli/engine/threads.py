"""Profiling on the threads of this process: fragments to parts, parts merged in row order.

Merging in row order makes the profile the same, bit for bit, whatever the number of threads.
"""

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from driftcli.profile.column import (
    ColumnProfile,
    Invalid,
    Kind,
    from_array,
    kind_of,
    merge,
    type_name,
)
from driftcli.profile.dataset import DatasetProfile
from driftcli.profile.points import BUILD_POINTS, MAX_POINTS
from driftcli.source import Fragment, Source

Item = TypeVar("Item")
Result = TypeVar("Result")
#: Called after each fragment with the rows and the bytes of input it stood for.
Progress = Callable[[float, int], None]

#: Parts of a column that wait to be merged: merging many at once rounds less often.
_PENDING = 8


def available_threads() -> int:
    """Return the number of processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def profile_source(
    source: Source,
    forced: Mapping[str, Kind | None],
    *,
    threads: int | None = None,
    progress: Progress | None = None,
) -> DatasetProfile:
    """Read a source once and return its profile.

    Columns whose assumed type did not hold (in text files) are read once more.

    Parameters
    ----------
    forced
        The kind of a column where it is not the one its type suggests; columns mapped to None
        are not read.
    threads
        Threads to use; as many as there are processors when None.

    Raises
    ------
    InputError
        When the data cannot be read.
    """
    columns: dict[str, ColumnProfile] = {}
    again: Source | None = source
    while again is not None:
        columns |= _profile_columns(again, forced, threads or available_threads(), progress)
        again = again.revised()
    types = {field.name: type_name(field.type) for field in source.schema}
    rows = max((column.rows for column in columns.values()), default=source.rows or 0)
    ordered = {name: columns[name] for name in types if name in columns}
    return DatasetProfile(
        source=source.name,
        format=source.format,
        rows=rows,
        columns=ordered,
        types=types,
        notes=source.notes,
    )


def _profile_columns(
    source: Source,
    forced: Mapping[str, Kind | None],
    threads: int,
    progress: Progress | None,
) -> dict[str, ColumnProfile]:
    """Return the profiles of a source's columns that can be compared."""
    natural = {field.name: kind_of(field.type) for field in source.schema}
    kinds = {name: forced.get(name, kind) for name, kind in natural.items()}
    wanted = {name: kind for name, kind in kinds.items() if kind is not None}
    merged: dict[str, _Merging] = {name: _Merging() for name in wanted}

    def read(fragment: Fragment) -> tuple[Fragment, dict[str, ColumnProfile]]:
        return fragment, _profile_fragment(fragment, wanted)

    for fragment, parts in _in_order(read, source.fragments(list(wanted)), threads):
        for name, part in parts.items():
            merged[name].add(part)
        if progress and parts:
            rows = next(iter(parts.values())).rows
            progress(rows * len(parts) / len(wanted), fragment.size)
    return {name: parts.finish() for name, parts in merged.items() if parts.any}


def _profile_fragment(fragment: Fragment, kinds: Mapping[str, Kind]) -> dict[str, ColumnProfile]:
    """Read a fragment and return the profiles of its columns."""
    parts: dict[str, _Merging] = {}
    for block in fragment.blocks():
        for name, array in zip(block.batch.schema.names, block.batch.columns, strict=True):
            found = block.invalid.get(name)
            invalid = Invalid(found.count, found.first_value, found.first_row) if found else None
            merging = parts.setdefault(name, _Merging())
            merging.add(from_array(name, array, kinds[name], invalid))
    return {name: merging.finish(BUILD_POINTS) for name, merging in parts.items()}


class _Merging:
    """The parts of one column in row order, merged a few at a time."""

    def __init__(self) -> None:
        self._parts: list[ColumnProfile] = []

    @property
    def any(self) -> bool:
        return bool(self._parts)

    def add(self, part: ColumnProfile) -> None:
        self._parts.append(part)
        if len(self._parts) > _PENDING:
            self._parts = [merge(self._parts, BUILD_POINTS)]

    def finish(self, limit: int = MAX_POINTS) -> ColumnProfile:
        return merge(self._parts, limit)


def _in_order(
    work: Callable[[Item], Result], items: Iterator[Item], threads: int
) -> Iterator[Result]:
    """Map `work` over `items` on threads; yield results in order, a bounded number ahead."""
    if threads == 1:
        yield from map(work, items)
        return
    with ThreadPoolExecutor(threads, "drift") as pool:
        waiting: deque[Future[Result]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) > 2 * threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()

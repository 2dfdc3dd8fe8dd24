"""Profiling on the threads of this process: fragments to parts, parts merged in row order.

Merging in row order makes the profile the same, bit for bit, whatever the number of threads.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

import pyarrow as pa

from driftcli.engine.sampling import Drawn, Sample, draw, join, profiles
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
from driftcli.source import Block, Fragment, Source

Item = TypeVar("Item")
Result = TypeVar("Result")
#: Small fragments are read together up to so many rows or bytes of input: sorting a quarter of a
#: million values at once and reducing them costs less than merging many small parts.
GROUP_ROWS = 1 << 20
GROUP_BYTES = 32 << 20
#: Parts of a column that wait to be merged: merging many at once rounds less often.
_PENDING = 8


class Progress(Protocol):
    """Is told how the reading goes."""

    def expect(self, size: int | None) -> None:
        """Say how many bytes of input there are, None when that is not known."""

    def advance(self, rows: float, size: int) -> None:
        """Say that so many more rows and bytes of input were read."""


def available_threads() -> int:
    """Return the number of processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def profile_source(
    source: Source,
    forced: Mapping[str, Kind | None],
    *,
    sample: Sample | None = None,
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
    threads = threads or available_threads()
    rows = 0
    columns: dict[str, ColumnProfile] = {}
    again: Source | None = source
    while again is not None:
        kinds = _kinds(again, forced)
        if sample is None:
            read_rows, made = _profile_columns(again, kinds, threads, progress)
            columns |= made
            rows = max(rows, read_rows)
        else:
            rows, made = _sample_columns(again, kinds, threads, progress, sample)
            columns |= made
        again = again.revised()
    sampled_rows = min(rows, sample.size) if sample else None
    return dataset(source, forced, rows, columns, sampled_rows)


def dataset(
    source: Source,
    forced: Mapping[str, Kind | None],
    rows: int,
    columns: Mapping[str, ColumnProfile],
    sampled_rows: int | None = None,
) -> DatasetProfile:
    """Return the profile of a source of which all rows were read."""
    made = {**columns, **_without_rows(source, _kinds(source, forced), columns)}
    types = {field.name: type_name(field.type) for field in source.schema}
    return DatasetProfile(
        source=source.name,
        format=source.format,
        rows=rows,
        columns={name: made[name] for name in types if name in made},
        types=types,
        sampled_rows=sampled_rows,
        notes=source.notes,
        partial=dict(source.partial),
        path_keys=dict(source.path_keys),
    )


def _without_rows(
    source: Source, kinds: Mapping[str, Kind], read: Mapping[str, ColumnProfile]
) -> dict[str, ColumnProfile]:
    """Return the profiles of the columns that were not `read`, as there were no rows."""
    return {
        field.name: from_array(field.name, pa.nulls(0, field.type), kinds[field.name])
        for field in source.schema
        if field.name in kinds and field.name not in read
    }


def _kinds(source: Source, forced: Mapping[str, Kind | None]) -> dict[str, Kind]:
    """Return how each column is to be profiled, without those that are not."""
    natural = {field.name: kind_of(field.type) for field in source.schema}
    kinds = {name: forced.get(name, kind) for name, kind in natural.items()}
    return {name: kind for name, kind in kinds.items() if kind is not None}


def _profile_columns(
    source: Source, kinds: Mapping[str, Kind], threads: int, progress: Progress | None
) -> tuple[int, dict[str, ColumnProfile]]:
    """Return the rows of a source, and the profiles of some of its columns."""
    if not kinds:
        return _rows(source), {}
    merged: dict[str, Merging] = {name: Merging() for name in kinds}

    def read(group: Sequence[Fragment]) -> tuple[int, dict[str, ColumnProfile]]:
        return sum(fragment.size for fragment in group), _profile_group(group, kinds)

    # A source asked for no column would be read for its rows alone.
    fragments = source.fragments(list(kinds)) if kinds else iter(())
    for size, parts in in_order(read, _grouped(fragments), threads):
        for name, part in parts.items():
            merged[name].add(part)
        if progress and parts:
            rows = next(iter(parts.values())).rows
            progress.advance(rows * len(parts) / len(kinds), size)
    made = {name: parts.finish() for name, parts in merged.items() if parts.any}
    return max((column.rows for column in made.values()), default=source.rows or 0), made


def _rows(source: Source) -> int:
    """Return the rows of a source of which no column is profiled."""
    if source.rows is not None:
        return source.rows
    blocks = (block for fragment in source.fragments([]) for block in fragment.blocks())
    return sum(block.batch.num_rows for block in blocks)


def _sample_columns(
    source: Source,
    kinds: Mapping[str, Kind],
    threads: int,
    progress: Progress | None,
    sample: Sample,
) -> tuple[int, dict[str, ColumnProfile]]:
    """Return the rows of a source, and the profiles of a sample of them."""
    drawn: dict[tuple[str, ...], Drawn] = {}
    ordinals: Counter[tuple[str, ...]] = Counter()

    def numbered(fragments: Iterator[Fragment]) -> Iterator[tuple[Fragment, int]]:
        for fragment in fragments:
            names = tuple(fragment.columns)
            yield fragment, ordinals[names]
            ordinals[names] += 1

    def read(item: tuple[Fragment, int]) -> tuple[Fragment, Drawn | None]:
        fragment, ordinal = item
        return fragment, draw(fragment.blocks(), sample, ordinal)

    fragments = numbered(source.fragments(list(kinds)))
    for fragment, part in in_order(read, fragments, threads):
        if part is not None:
            names = tuple(fragment.columns)
            drawn[names] = join([drawn[names], part], sample) if names in drawn else part
            if progress:
                progress.advance(part.seen * len(names) / len(kinds), fragment.size)
    rows = max((part.seen for part in drawn.values()), default=0)
    made = [profiles(part, kinds) for part in drawn.values()]
    return rows, {name: profile for part in made for name, profile in part.items()}


def _grouped(fragments: Iterator[Fragment]) -> Iterator[list[Fragment]]:
    """Group consecutive fragments of the same columns until they are worth sorting as one."""
    group: list[Fragment] = []
    rows = size = 0
    for fragment in fragments:
        full = rows + (fragment.rows or 0) > GROUP_ROWS or size + fragment.size > GROUP_BYTES
        if group and (full or fragment.columns != group[0].columns):
            yield group
            group, rows, size = [], 0, 0
        group.append(fragment)
        rows += fragment.rows or 0
        size += fragment.size
    if group:
        yield group


def _profile_group(
    group: Sequence[Fragment], kinds: Mapping[str, Kind]
) -> dict[str, ColumnProfile]:
    """Read some fragments and return the profiles of their columns."""
    blocks = [block for fragment in group for block in fragment.blocks()]
    return {name: profile_column(name, blocks, kinds[name]) for name in group[0].columns if blocks}


def profile_column(name: str, blocks: Sequence[Block], kind: Kind) -> ColumnProfile:
    """Return the profile of one column of some blocks: of all values at once where it can."""
    arrays = [block.batch.column(name) for block in blocks]
    coded = pa.types.is_dictionary(arrays[0].type)
    alike = len({array.type for array in arrays}) == 1
    if alike and (coded or kind != "categorical") and not any(name in b.invalid for b in blocks):
        return from_array(name, _joined(arrays, coded=coded), kind)
    parts = [
        from_array(name, array, kind, _invalid(block, name))
        for block, array in zip(blocks, arrays, strict=True)
    ]
    return merge(parts, BUILD_POINTS)


def _joined(arrays: Sequence[Any], *, coded: bool) -> Any:
    if len(arrays) == 1:
        return arrays[0]
    if coded:
        arrays = pa.chunked_array(arrays).unify_dictionaries().chunks
    return pa.concat_arrays(arrays)


def _invalid(block: Block, name: str) -> Invalid | None:
    found = block.invalid.get(name)
    return Invalid(found.count, found.first_value, found.first_row) if found else None


class Merging:
    """The parts of one column in row order, merged a few at a time."""

    def __init__(self) -> None:
        self._parts: list[ColumnProfile] = []

    @property
    def any(self) -> bool:
        """Whether there is a part."""
        return bool(self._parts)

    def add(self, part: ColumnProfile) -> None:
        """Take the next part."""
        self._parts.append(part)
        if len(self._parts) > _PENDING:
            self._parts = [merge(self._parts, BUILD_POINTS)]

    def finish(self, limit: int = MAX_POINTS) -> ColumnProfile:
        """Return the profile of all parts."""
        return merge(self._parts, limit)


def in_order(
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


_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8


def keep_freed_memory() -> None:
    """Have glibc reuse freed blocks instead of returning them to the system.

    Blocks of a million values come and go all the time here; having each of their pages mapped
    and zeroed anew costs a quarter of the profiling. And have all threads share what was freed:
    what one makes another merges, and with a heap each a timeline took a third more memory.
    Elsewhere this does nothing. For programs only: a library must not decide this for the process
    it is used in.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(_MMAP_THRESHOLD, 32 * 2**20)
        libc.mallopt(_TRIM_THRESHOLD, 2**30)
        libc.mallopt(_ARENA_MAX, 1)


Forced = Mapping[str, Kind | None]
#: A source, and the columns to take from it.
Reading = tuple[Source, Sequence[str]]


def again(readings: Sequence[Reading]) -> Sequence[Reading] | None:
    """Return what to read in the place of `readings`, or None when all types held.

    Columns whose types did not hold are a reading of their own, with those that came up while
    reading (late keys of JSON Lines).
    """
    known = {name for _, names in readings for name in names}
    made: list[Reading] = []
    held = True
    for source, names in readings:
        revised = source.revised()
        types = {} if revised is None else {field.name: field.type for field in revised.schema}
        void = [name for name in types if name in names]
        late = [name for name in types if name not in known]
        if held_names := [name for name in names if name not in void]:
            made.append((source.expecting({}), held_names))
        if revised is not None and (void or late):
            made.append((revised, [*void, *late]))
            known.update(late)
        held = held and not void and not late
    return None if held else made


def fragments(readings: Sequence[Reading], wanted: Sequence[str]) -> Iterator[Fragment]:
    """Yield the fragments of all readings, those of the same rows one after the other."""
    streams = [
        source.fragments([name for name in wanted if name in names]) for source, names in readings
    ]
    if len(streams) == 1:
        yield from streams[0]
        return
    for together in zip(*streams, strict=True):
        yield from together


def _kinds_of(source: Source, forced: Forced) -> dict[str, Kind]:
    """Return how each column is profiled, without those that are not."""
    natural = {field.name: kind_of(field.type) for field in source.schema}
    kinds = {name: forced.get(name, kind) for name, kind in natural.items()}
    return {name: kind for name, kind in kinds.items() if kind is not None}


def kinds_of(readings: Sequence[Reading], forced: Forced) -> dict[str, Kind]:
    """Return how the columns of all readings are profiled, without those that are not."""
    return {
        name: kind
        for source, names in readings
        for name, kind in _kinds_of(source, forced).items()
        if name in names
    }

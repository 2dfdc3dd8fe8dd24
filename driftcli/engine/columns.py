"""Columns profiled over all rows: fragments to leaves, the profiles of leaves merged in row order.

Merging in row order makes a profile the same, bit for bit, whatever the number of threads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import pyarrow as pa

from driftcli.arrays import concatenated
from driftcli.engine.passes import Found, Pass, fragments
from driftcli.engine.sampling import Drawing, Drawn, Reservoir, RowSample, draw, numbered
from driftcli.engine.threads import Progress, in_order
from driftcli.profile.column import ColumnProfile, Invalid, Kind, from_array, merge
from driftcli.profile.points import BUILD_POINTS, MAX_POINTS
from driftcli.source import Block, Fragment, Source

#: Consecutive fragments of the same columns, which one thread reads together, and their numbers.
Leaf = Sequence[tuple[Fragment, int]]
#: Small fragments are read together up to so many rows or bytes of input: sorting a quarter of a
#: million values at once and reducing them costs less than merging many small profiles.
LEAF_ROWS = 1 << 20
LEAF_BYTES = 32 << 20
#: Profiles of a column that wait to be merged: merging many at once rounds less often.
_PENDING = 8


def read_columns(
    reading: Sequence[Pass],
    kinds: Mapping[str, Kind],
    threads: int | None,
    progress: Progress | None,
    beside: RowSample | None = None,
) -> Found:
    """Return the rows of what is read, and the profiles of some of its columns.

    A sample of the rows may be drawn `beside` them.
    """
    if not kinds:
        return Found(_rows(reading[0].source), {})
    merged: dict[str, Merging] = {name: Merging() for name in kinds}
    reservoir = Reservoir(beside) if beside else None
    drawing = (beside, beside.share(reading[0].source.rows)) if beside else None
    leaves = _leaves(numbered(fragments(reading, list(kinds))))
    work = partial(_read, kinds=kinds, drawing=drawing)
    for size, profiles, drawn in in_order(work, leaves, threads):
        for name, profile in profiles.items():
            merged[name].add(profile)
        for ordinal, part in drawn:
            if reservoir and part is not None:
                reservoir.add(ordinal, part)
        if progress and profiles:
            rows = next(iter(profiles.values())).rows
            progress.advance(rows * len(profiles) / len(kinds), size)
    made = {name: merging.finish() for name, merging in merged.items() if merging.any}
    rows = max((column.rows for column in made.values()), default=reading[0].source.rows or 0)
    return Found(rows, made, drawn=reservoir.finish() if reservoir else None)


def _rows(source: Source) -> int:
    """Return the rows of a source of which no column is profiled."""
    if source.rows is not None:
        return source.rows
    blocks = (block for fragment in source.fragments([]) for block in fragment.blocks())
    return sum(block.batch.num_rows for block in blocks)


def _leaves(fragments: Iterator[tuple[Fragment, int]]) -> Iterator[Leaf]:
    """Put consecutive fragments of the same columns together until they are worth sorting."""
    leaf: list[tuple[Fragment, int]] = []
    rows = size = 0
    for fragment, ordinal in fragments:
        full = rows + (fragment.rows or 0) > LEAF_ROWS or size + fragment.size > LEAF_BYTES
        if leaf and (full or fragment.columns != leaf[0][0].columns):
            yield leaf
            leaf, rows, size = [], 0, 0
        leaf.append((fragment, ordinal))
        rows += fragment.rows or 0
        size += fragment.size
    if leaf:
        yield leaf


def _read(
    leaf: Leaf, kinds: Mapping[str, Kind], drawing: Drawing | None
) -> tuple[int, dict[str, ColumnProfile], list[tuple[int, Drawn | None]]]:
    """Read a leaf and return its bytes, the profiles of its columns, and rows drawn from it."""
    read = [(ordinal, list(fragment.blocks())) for fragment, ordinal in leaf]
    blocks = [block for _, some in read for block in some]
    names = leaf[0][0].columns
    profiles = {name: profile_column(name, blocks, kinds[name]) for name in names if blocks}
    drawn: list[tuple[int, Drawn | None]] = []
    if drawing:
        sample, share = drawing
        drawn = [(ordinal, draw(some, sample, ordinal, share)) for ordinal, some in read]
    return sum(fragment.size for fragment, _ in leaf), profiles, drawn


def profile_column(name: str, blocks: Sequence[Block], kind: Kind) -> ColumnProfile:
    """Return the profile of one column of some blocks: of all values at once where it can."""
    arrays = [block.batch.column(name) for block in blocks]
    coded = pa.types.is_dictionary(arrays[0].type)
    alike = len({array.type for array in arrays}) == 1
    if alike and (coded or kind != "categorical") and not any(name in b.invalid for b in blocks):
        return from_array(name, concatenated(arrays), kind)
    profiles = [
        from_array(name, array, kind, _invalid(block, name))
        for block, array in zip(blocks, arrays, strict=True)
    ]
    return merge(profiles, BUILD_POINTS)


def _invalid(block: Block, name: str) -> Invalid | None:
    found = block.invalid.get(name)
    return Invalid(found.count, found.first_value, found.first_row) if found else None


class Merging:
    """The profiles of one column in row order, merged a few at a time."""

    def __init__(self) -> None:
        self._profiles: list[ColumnProfile] = []

    @property
    def any(self) -> bool:
        """Whether there is a profile."""
        return bool(self._profiles)

    def add(self, profile: ColumnProfile) -> None:
        """Take the profile of the next rows."""
        self._profiles.append(profile)
        if len(self._profiles) > _PENDING:
            self._profiles = [merge(self._profiles, BUILD_POINTS)]

    def finish(self, limit: int = MAX_POINTS) -> ColumnProfile:
        """Return the profile of all rows."""
        return merge(self._profiles, limit)

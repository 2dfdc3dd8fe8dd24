"""Columns profiled over all rows: fragments to leaves, the profiles of leaves merged in a tree."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import pyarrow as pa

from driftcli.arrays import concatenated
from driftcli.engine.contract import Engine, Progress, Worked
from driftcli.engine.passes import Found, Pass, Taken, blocks_of, mapped, taken
from driftcli.engine.sampling import Drawing, Drawn, RowSample, beside, draw, joined
from driftcli.profile.column import ColumnProfile, Invalid, Kind, from_array, merge
from driftcli.profile.points import BUILD_POINTS, MAX_POINTS
from driftcli.source import Block

#: Consecutive fragments of the same columns, which are read together.
Leaf = Sequence[Taken]
#: Small fragments are read together up to so many rows or bytes of input: sorting a quarter of a
#: million values at once and reducing them costs less than merging many small profiles.
LEAF_ROWS = 1 << 20
LEAF_BYTES = 32 << 20


class Columns(NamedTuple):
    """The profiles of some columns over some rows, and what was drawn of these."""

    rows: int
    profiles: Mapping[str, ColumnProfile]
    drawn: Drawn | None = None


def read_columns(
    reading: Sequence[Pass],
    kinds: Mapping[str, Kind],
    engine: Engine,
    progress: Progress | None,
    sample: RowSample | None = None,
) -> Found:
    """Return the rows of what is read, and the profiles of some of its columns.

    A sample of the rows may be drawn beside them.
    """
    rows = reading[0].source.rows
    if not kinds and rows is not None:
        return Found(rows, {})
    drawing = Drawing.of(sample, rows)
    work = partial(read_leaf, kinds=kinds, drawing=drawing)
    join = partial(join_columns, sample=sample)
    leaves = _leaves(taken(reading, list(kinds)))
    lanes = mapped(engine, work, join, leaves, reading, progress)
    profiles = {n: each for lane in lanes for n, each in lane.profiles.items()}
    drawn = [lane.drawn for lane in lanes if lane.drawn is not None]
    return Found(
        max((lane.rows for lane in lanes), default=rows or 0),
        profiles,
        drawn=beside(drawn) if drawn else None,
    )


def _leaves(fragments: Iterator[Taken]) -> Iterator[tuple[Hashable, Leaf]]:
    """Put consecutive fragments of the same columns together until they are worth sorting."""
    leaf: list[Taken] = []
    rows = size = 0
    for each in fragments:
        more_rows, more = each.fragment.rows or 0, each.fragment.size
        full = rows + more_rows > LEAF_ROWS or size + more > LEAF_BYTES
        if leaf and (full or each.lane != leaf[0].lane):
            yield leaf[0].lane, leaf
            leaf, rows, size = [], 0, 0
        leaf.append(each)
        rows += more_rows
        size += more
    if leaf:
        yield leaf[0].lane, leaf


def read_leaf(leaf: Leaf, kinds: Mapping[str, Kind], drawing: Drawing | None) -> Worked[Columns]:
    """Return the profiles of the columns of a leaf, and what was drawn of its rows."""
    read, seen = blocks_of(leaf)
    blocks = [block for some in read for block in some]
    names = leaf[0].fragment.columns
    profiles = {
        name: profile_column(name, blocks, kinds[name])
        for name in names
        if blocks and name in kinds
    }
    drawn = [
        draw(some, drawing.sample, each.ordinal, drawing.share)
        for each, some in zip(leaf, read, strict=True)
        if drawing
    ]
    rows = sum(block.batch.num_rows for block in blocks)
    made = Columns(rows, profiles, joined(drawn, drawing.sample if drawing else None))
    share = len(profiles) / max(1, len(kinds))
    return Worked(made, rows * share, sum(each.fragment.size for each in leaf), seen)


def join_columns(parts: Sequence[Columns], *, last: bool, sample: RowSample | None) -> Columns:
    """Return the columns of all rows of some parts, which are in row order."""
    limit = MAX_POINTS if last else BUILD_POINTS
    held = [part.profiles for part in parts if part.profiles]
    names = held[0] if held else ()
    profiles = {name: merge([each[name] for each in held], limit) for name in names}
    rows = sum(part.rows for part in parts)
    return Columns(rows, profiles, joined((part.drawn for part in parts), sample))


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

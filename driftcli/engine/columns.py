"""Columns profiled over all rows: fragments to leaves, the profiles of leaves merged in a tree."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import pyarrow as pa
from msgspec.structs import replace

from driftcli.arrays import concatenated
from driftcli.engine.contract import Engine, Progress, Worked
from driftcli.engine.passes import Cutting, Found, Pass, Taken, blocks_of, mapped, taken
from driftcli.engine.sampling import Drawing, Drawn, RowSample, beside, draw, joined
from driftcli.engine.tree import FAN
from driftcli.profile.column import ColumnProfile, Invalid, from_array, merge
from driftcli.profile.kinds import Kind
from driftcli.profile.points import BUILD_POINTS, MAX_POINTS
from driftcli.profile.shelf import let_go_of_all, shelved, shelved_rows
from driftcli.source import Block

#: Consecutive fragments of the same columns, which are read together.
Leaf = Sequence[Taken]
#: Small fragments are read together up to so many rows or bytes of input: sorting a quarter of a
#: million values at once and reducing them costs less than merging many small profiles.
LEAF_ROWS = 1 << 20
LEAF_BYTES = 32 << 20
#: Formats of which a column is read without the others.
_COLUMNAR = ("parquet", "arrow")
#: Formats whose rows are in memory, and all the time where it is known how many there are.
_IN_MEMORY = ("memory", "sql")
#: Bytes that columns which are read together may take until they are finished.
GROUP_BYTES = 64 << 20
_COLUMN_BYTES = 16 * BUILD_POINTS
#: A column of few rows takes no more than this for each of them, if they are no long texts.
_ROW_BYTES = 64
_FEWEST_COLUMNS = 20


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
    groups = list(_groups(reading, list(kinds)))
    streamed = rows is None and reading[0].source.format in _IN_MEMORY
    cuttings = [Cutting(taken(reading, names), _leaves, streamed) for names in groups]
    found = [
        _together(mapped(engine, work, join, each, reading, progress), shelf=len(groups) > 1)
        for each in cuttings
    ]
    profiles = {name: each for some in found for name, each in some.profiles.items()}
    drawn = [some.drawn for some in found if some.drawn is not None]
    most = max(some.rows for some in found)
    made = Found(most or rows or 0, profiles, drawn=beside(drawn) if drawn else None)
    let_go_of_all()
    return made


def _together(lanes: Iterable[Columns], *, shelf: bool) -> Columns:
    """Return the columns of some lanes, on a `shelf` where others follow."""
    parts = list(lanes)
    profiles = {name: each for part in parts for name, each in part.profiles.items()}
    some = [part.drawn for part in parts if part.drawn is not None]
    drawn = beside(some) if some else None
    rows = max((part.rows for part in parts), default=0)
    if not shelf:
        return Columns(rows, profiles, drawn)
    kept = drawn and replace(drawn, rows=shelved_rows(drawn.rows))
    return Columns(rows, shelved(profiles), kept)


def _groups(reading: Sequence[Pass], names: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield columns that are read and finished before the others: all, but of very wide data.

    Only where columns are stored apart is that no work more.
    """
    source = reading[0].source
    leaves = -(-(source.rows or 0) // LEAF_ROWS)
    each = _COLUMN_BYTES * min(max(leaves, 1), FAN)
    if source.rows:
        each = min(each, _ROW_BYTES * source.rows)
    most = max(_FEWEST_COLUMNS, GROUP_BYTES // each)
    if source.format not in _COLUMNAR or len(reading) > 1 or len(names) <= most:
        yield names
        return
    for first in range(0, len(names), most):
        yield names[first : first + most]


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
    numbered = zip([each.ordinal for each in leaf], read, strict=True)
    drawn = draw(numbered, *drawing) if drawing else None
    rows = sum(block.batch.num_rows for block in blocks)
    made = Columns(rows, profiles, drawn)
    share = len(profiles) / max(1, len(kinds))
    return Worked(made, rows * share, sum(each.fragment.size for each in leaf), seen)


def join_columns(parts: Sequence[Columns], *, last: bool, sample: RowSample | None) -> Columns:
    """Return the columns of all rows of some parts, which are in row order."""
    profiles = join_profiles([part.profiles for part in parts], last=last)
    rows = sum(part.rows for part in parts)
    return Columns(rows, profiles, joined((part.drawn for part in parts), sample))


def join_profiles(
    some: Sequence[Mapping[str, ColumnProfile]], *, last: bool
) -> Mapping[str, ColumnProfile]:
    """Return the profiles of the columns over all rows of some, which are in row order."""
    limit = MAX_POINTS if last else BUILD_POINTS
    held = [each for each in some if each]
    names = held[0] if held else ()
    return {name: merge([each[name] for each in held], limit) for name in names}


def profile_column(name: str, blocks: Sequence[Block], kind: Kind) -> ColumnProfile:
    """Return the profile of one column of some blocks: of all values at once where it can."""
    arrays = [block.batch.column(name) for block in blocks]
    # Texts by themselves would have to be copied.
    light = kind != "categorical" or _is_light(arrays[0].type)
    alike = len({array.type for array in arrays}) == 1
    if alike and light and not any(name in block.invalid for block in blocks):
        return from_array(name, concatenated(arrays), kind)
    profiles = [
        from_array(name, array, kind, _invalid(block, name))
        for block, array in zip(blocks, arrays, strict=True)
    ]
    return merge(profiles, BUILD_POINTS)


def _is_light(kind: Any) -> bool:
    return bool(pa.types.is_dictionary(kind) or pa.types.is_boolean(kind))


def _invalid(block: Block, name: str) -> Invalid | None:
    found = block.invalid.get(name)
    return Invalid(found.count, found.first_value, found.first_row) if found else None

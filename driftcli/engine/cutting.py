"""One dataset cut into parts of its rows while it is read: each block sorted by part and sliced.

The rows are read once. What is kept grows with parts × columns: each part's column is a profile
of few points.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from driftcli.arrays import from_numpy
from driftcli.engine.cuts import NO_PART, Cut
from driftcli.engine.threads import GROUP_BYTES, GROUP_ROWS
from driftcli.profile.column import ColumnProfile, Invalid, Kind, from_array, merge
from driftcli.source import Block, Fragment
from driftcli.source import Invalid as Unparsed

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Piece:
    """Rows and column profiles of one part, from some consecutive rows of the dataset."""

    rows: int
    columns: Mapping[str, ColumnProfile]


Unit = Sequence[Fragment]


def units(fragments: Iterator[Fragment], columns: Sequence[str]) -> Iterator[list[Unit]]:
    """Group fragments: units that hold all `columns` of some rows, and as many as are worth it.

    Parquet files come in fragments of some columns each, and those of the same rows follow one
    another; the column that says the part must reach them all.
    """
    together: list[Unit] = []
    unit: list[Fragment] = []
    rows = size = 0
    lacking = set(columns)
    for fragment in fragments:
        unit.append(fragment)
        lacking -= set(fragment.columns)
        if lacking:
            continue
        together.append(unit)
        rows += fragment.rows or 0
        size += sum(each.size for each in unit)
        unit, lacking = [], set(columns)
        if rows >= GROUP_ROWS or size >= GROUP_BYTES or not size:
            yield together
            together, rows, size = [], 0, 0
    if together:
        yield together


def pieces(
    group: Sequence[Unit], first: int, cut: Cut, kinds: Mapping[str, Kind], points: int
) -> dict[int, Piece]:
    """Read a group of units and return what each part has in it.

    Parameters
    ----------
    first
        How many units come before the group.
    points
        Points of one part's column, at most.
    """
    parts: list[Ints] = []
    columns: dict[str, list[tuple[int, Any, Unparsed | None]]] = {name: [] for name in kinds}
    offset = 0
    for ordinal, unit in enumerate(group, first):
        of_unit = None
        for fragment in _leading(unit, cut.needs):
            blocks = list(fragment.blocks())
            if of_unit is None:
                of_unit = _parts(blocks, cut, ordinal)
                parts.append(of_unit)
            _gather(blocks, columns, offset)
        offset += 0 if of_unit is None else of_unit.size
    return _sliced(np.concatenate(parts), columns, kinds, points) if parts else {}


def _leading(unit: Unit, needs: str | None) -> Unit:
    """Put the fragment with the needed column first."""
    return sorted(unit, key=lambda fragment: needs is not None and needs not in fragment.columns)


def _parts(blocks: Sequence[Block], cut: Cut, ordinal: int) -> Ints:
    rows = sum(block.batch.num_rows for block in blocks)
    if cut.needs is None:
        return cut.parts(None, rows, ordinal)
    name = cut.needs
    made = [cut.parts(block.batch.column(name), block.batch.num_rows, ordinal) for block in blocks]
    return np.concatenate(made) if made else np.empty(0, np.int64)


def _gather(
    blocks: Sequence[Block],
    columns: Mapping[str, list[tuple[int, Any, Unparsed | None]]],
    offset: int,
) -> None:
    """Add the columns of blocks, each with the place of its first row in the group."""
    for block in blocks:
        for name, array in zip(block.batch.schema.names, block.batch.columns, strict=True):
            if name in columns:
                columns[name].append((offset, array, block.invalid.get(name)))
        offset += block.batch.num_rows


def _sliced(
    parts: Ints,
    columns: dict[str, list[tuple[int, Any, Unparsed | None]]],
    kinds: Mapping[str, Kind],
    points: int,
) -> dict[int, Piece]:
    """Return the parts of a group of rows, giving up its columns one by one."""
    found, counts = np.unique(parts, return_counts=True)
    profiles: dict[int, dict[str, list[ColumnProfile]]] = {int(part): {} for part in found}
    for name in list(columns):
        for offset, array, invalid in _joined(columns.pop(name)):
            own = parts[offset : offset + len(array)]
            for part, profile in _profiles(name, array, own, (kinds[name], points), invalid):
                profiles[part].setdefault(name, []).append(profile)
    return {
        part: Piece(int(rows), {n: merge(ps, points) for n, ps in profiles[part].items()})
        for part, rows in zip(found.tolist(), counts, strict=True)
    }


def _joined(
    blocks: Sequence[tuple[int, Any, Unparsed | None]],
) -> Sequence[tuple[int, Any, Unparsed | None]]:
    """Join the arrays of a column where they are alike: slices of long arrays cost less."""
    alike = len({array.type for _, array, _ in blocks}) == 1
    if len(blocks) < 2 or not alike or any(invalid for *_, invalid in blocks):
        return blocks
    chunked = pa.chunked_array([array for _, array, _ in blocks])
    if pa.types.is_dictionary(chunked.type):
        chunked = chunked.unify_dictionaries()
    return [(blocks[0][0], pa.concat_arrays(chunked.chunks), None)]


def _profiles(
    name: str, array: Any, parts: Ints, how: tuple[Kind, int], invalid: Unparsed | None
) -> Iterator[tuple[int, ColumnProfile]]:
    """Yield the profile of each part's rows, of the kind and with the points that `how` says."""
    kind, points = how
    order = None if (parts[1:] >= parts[:-1]).all() else np.argsort(parts, kind="stable")
    ordered = parts if order is None else parts[order]
    if order is not None:
        array = array.take(from_numpy(order))
    if not ordered.size:
        return
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    for start, end in zip(starts, [*starts[1:], ordered.size], strict=True):
        part = int(ordered[start])
        if part != NO_PART:
            values = _light(array.slice(start, end - start))
            found = _unparsed(invalid, parts, part) if invalid else None
            # Small at once: a year of days of twenty columns waits until the block is done.
            yield part, merge([from_array(name, values, kind, found)], points)


def _light(array: Any) -> Any:
    """Return a slice without a dictionary of more words than it has rows."""
    heavy = pa.types.is_dictionary(array.type) and len(array.dictionary) > len(array)
    return array.cast(array.type.value_type) if heavy else array


def _unparsed(invalid: Unparsed, parts: Ints, part: int) -> Invalid | None:
    """Return how many values of a part did not parse."""
    count = int(np.count_nonzero(parts[invalid.rows] == part))
    return Invalid(count, invalid.first_value, 0) if count else None

"""One dataset cut into parts of its rows while it is read: each block sorted by part and sliced.

The rows are read once, some columns at a time. What is kept grows with parts × columns: each
part's column is a profile of few points.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from driftcli.engine.periods import NO_PART, Cut
from driftcli.engine.threads import GROUP_BYTES, GROUP_ROWS, profile_column
from driftcli.profile.column import ColumnProfile, Invalid, Kind, merge
from driftcli.profile.grouped import Groups, profiles
from driftcli.source import Block, Fragment
from driftcli.source import Invalid as Unparsed

Ints = NDArray[np.int64]
Unit = Sequence[Fragment]


@dataclass(frozen=True)
class Pieces:
    """Profiles of some columns in each part, from some consecutive rows of the dataset.

    `rows` of each part come with the columns that are read first, and not with the others.
    `wholes` are profiles of all the rows, where they are asked for.
    """

    rows: Mapping[int, int]
    columns: Mapping[str, Mapping[int, ColumnProfile]]
    wholes: Mapping[str, ColumnProfile]
    size: int


@dataclass(frozen=True)
class Share:
    """Fragments of one group of units, each with its unit's place: what a thread reads at once.

    All shares of a group wait for the one that leads, which tells the part of each row. They are
    worked on in order, so that it is never behind those that wait for it.
    """

    fragments: Sequence[tuple[int, Fragment]]
    first_unit: int
    sorting: Future[Sorting]
    leads: bool = False


def shares(fragments: Iterator[Fragment], columns: Sequence[str], cut: Cut) -> Iterator[Share]:
    """Yield what is read at once: some columns of a group of units.

    A unit holds all `columns` of some rows: Parquet files come in fragments of some columns each,
    and those of the same rows follow one another.
    """
    before, needs = 0, set(cut.needs)
    for group in _groups(fragments, columns):
        leading: list[tuple[int, Fragment]] = []
        others: dict[tuple[str, ...], list[tuple[int, Fragment]]] = {}
        for place, unit in enumerate(group):
            for at, each in enumerate(unit):
                if not needs.isdisjoint(each.columns) or (at == 0 and not needs):
                    leading.append((place, each))
                else:
                    others.setdefault(tuple(each.columns), []).append((place, each))
        sorting: Future[Sorting] = Future()
        yield Share(leading, before, sorting, leads=True)
        for some in others.values():
            yield Share(some, before, sorting)
        before += len(group)


def _groups(fragments: Iterator[Fragment], columns: Sequence[str]) -> Iterator[list[Unit]]:
    """Yield as many units together as are worth it: long columns are sorted at less cost."""
    together: list[Unit] = []
    unit: list[Fragment] = []
    rows = size = 0
    lacking = set(columns)
    for fragment in fragments:
        unit.append(fragment)
        lacking -= set(fragment.columns)
        if lacking:
            continue
        more_rows, more = fragment.rows or 0, sum(each.size for each in unit)
        # Groups of whole rows are those of `profile_source`, and their columns sorted as there.
        if together and (rows + more_rows > GROUP_ROWS or size + more > GROUP_BYTES):
            yield together
            together, rows, size = [], 0, 0
        together.append(unit)
        rows += more_rows
        size += more
        unit, lacking = [], set(columns)
    if together:
        yield together


class _Sorted:
    """Rows sorted by their parts: which parts there are, and which rows each has."""

    def __init__(self, parts: Ints) -> None:
        in_order = bool((parts[1:] >= parts[:-1]).all())
        order = None if in_order else _order(parts)
        ordered = parts if order is None else parts[order]
        starts = np.flatnonzero(np.append(ordered.size > 0, ordered[1:] != ordered[:-1]))
        self.of_rows = parts
        self.parts: list[int] = ordered[starts].tolist()
        self.groups = Groups.ordered(order, np.diff(starts, append=ordered.size))


def _order(parts: Ints) -> Ints:
    """Return the rows in the order of their parts, those of one part as they come."""
    least = int(parts.min())
    if int(parts.max()) - least < 1 << 16:
        # Sixteen bits are sorted by their digits, several times faster.
        return np.argsort((parts - least).astype(np.uint16), kind="stable")
    return np.argsort(parts, kind="stable")


class Sorting:
    """The part of each row of a group of units."""

    def __init__(self, of_units: Sequence[Ints]) -> None:
        self.offsets: Sequence[int] = np.cumsum([0, *(each.size for each in of_units)]).tolist()
        self._parts = np.concatenate([np.empty(0, np.int64), *of_units])
        self._whole = _Sorted(self._parts)

    def rows(self) -> dict[int, int]:
        """Return how many rows each part has."""
        return dict(zip(self._whole.parts, self._whole.groups.lengths.tolist(), strict=True))

    def of(self, first: int, size: int) -> _Sorted:
        """Return how `size` rows from the `first` on are sorted; all rows are sorted once."""
        if size == self._parts.size:
            return self._whole
        return _Sorted(self._parts[first : first + size])


#: Arrays of a column, each with the place of its first row in the group.
_Arrays = Sequence[tuple[int, Any, Unparsed | None]]


def pieces(
    share: Share, cut: Cut, kinds: Mapping[str, Kind], points: int, *, whole: bool = False
) -> Pieces:
    """Read a share of a group and return what each part has in it.

    Parameters
    ----------
    points
        Points of one part's column, at most.
    whole
        Whether all of the rows are to be profiled, too, just as `profile_source` does.
    """
    blocks = _read(share, cut)
    sorting = share.sorting.result()
    columns = _gathered(blocks, sorting, kinds)
    wholes = _wholes(blocks, kinds) if whole else {}
    del blocks
    made: dict[str, dict[int, ColumnProfile]] = {}
    for name in list(columns):
        parts: dict[int, list[ColumnProfile]] = {}
        for offset, array, invalid in _joined(columns.pop(name)):
            rows = sorting.of(offset, len(array))
            made_of = profiles(name, array, kinds[name], rows.groups, limit=points)
            for part, profile in _of_parts(made_of, rows, invalid):
                parts.setdefault(part, []).append(profile)
        made[name] = {part: merge(some, points) for part, some in parts.items()}
    size = sum(fragment.size for _, fragment in share.fragments)
    return Pieces(sorting.rows() if share.leads else {}, made, wholes, size)


def _wholes(
    blocks: Sequence[tuple[int, Sequence[Block]]], kinds: Mapping[str, Kind]
) -> dict[str, ColumnProfile]:
    """Return the profile of each column over all rows of the blocks."""
    holding: dict[str, list[Block]] = {}
    for _, some in blocks:
        for block in some:
            for name in block.batch.schema.names:
                holding.setdefault(name, []).append(block)
    return {
        name: profile_column(name, some, kinds[name])
        for name, some in holding.items()
        if name in kinds
    }


def _read(share: Share, cut: Cut) -> list[tuple[int, list[Block]]]:
    """Read the blocks of a share; where it leads, tell all shares of the group the parts."""
    if not share.leads:
        return [(place, list(fragment.blocks())) for place, fragment in share.fragments]
    try:
        blocks = [(place, list(fragment.blocks())) for place, fragment in share.fragments]
        units: dict[int, list[Block]] = {}
        for place, some in blocks:
            units.setdefault(place, []).extend(some)
        parts = [_parts(some, cut, share.first_unit + place) for place, some in units.items()]
        share.sorting.set_result(Sorting(parts))
    except BaseException as error:
        share.sorting.set_exception(error)
        raise
    return blocks


def _parts(blocks: Sequence[Block], cut: Cut, ordinal: int) -> Ints:
    """Return the parts of a unit's rows, from the blocks that hold what is needed to tell them."""
    columns = [
        [block.batch.column(name) for block in blocks if name in block.batch.schema.names]
        for name in cut.needs
    ]
    rows = sum(map(len, columns[0])) if columns else sum(block.batch.num_rows for block in blocks)
    return cut.parts(columns, rows, ordinal)


def _gathered(
    blocks: Sequence[tuple[int, Sequence[Block]]], sorting: Sorting, kinds: Mapping[str, Kind]
) -> dict[str, list[tuple[int, Any, Unparsed | None]]]:
    """Return the arrays of each column."""
    columns: dict[str, list[tuple[int, Any, Unparsed | None]]] = {}
    for place, some in blocks:
        offset = sorting.offsets[place]
        for block in some:
            for name, array in zip(block.batch.schema.names, block.batch.columns, strict=True):
                if name in kinds:
                    columns.setdefault(name, []).append((offset, array, block.invalid.get(name)))
            offset += block.batch.num_rows
    return columns


def _joined(blocks: _Arrays) -> _Arrays:
    """Join the arrays of a column where they are alike: slices of long arrays cost less."""
    ends = [offset + len(array) for offset, array, _ in blocks]
    in_line = [offset for offset, *_ in blocks[1:]] == ends[:-1]
    alike = len({array.type for _, array, _ in blocks}) == 1
    if len(blocks) < 2 or not (alike and in_line) or any(invalid for *_, invalid in blocks):
        return blocks
    chunked = pa.chunked_array([array for _, array, _ in blocks])
    if pa.types.is_dictionary(chunked.type):
        chunked = chunked.unify_dictionaries()
    return [(blocks[0][0], pa.concat_arrays(chunked.chunks), None)]


def _of_parts(
    made: Iterator[ColumnProfile], rows: _Sorted, invalid: Unparsed | None
) -> Iterator[tuple[int, ColumnProfile]]:
    """Yield the profile of each part, with what did not parse in it; not those of no part."""
    for part, profile in zip(rows.parts, made, strict=True):
        if part != NO_PART:
            found = _unparsed(invalid, rows.of_rows, part) if invalid else None
            missing = profile.missing - (found.count if found else 0)
            yield part, replace(profile, missing=missing, invalid=found) if found else profile


def _unparsed(invalid: Unparsed, parts: Ints, part: int) -> Invalid | None:
    """Return how many values of a part did not parse."""
    count = int(np.count_nonzero(parts[invalid.rows] == part))
    return Invalid(count, invalid.first_value, 0) if count else None

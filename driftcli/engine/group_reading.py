"""The rows of a dataset profiled by groups while they are read: each array sorted and sliced.

The rows are read once, some columns at a time. What is kept grows with groups × columns: each
column of a group is a profile of few points.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from driftcli.arrays import concatenated
from driftcli.engine.columns import LEAF_BYTES, LEAF_ROWS, profile_column
from driftcli.engine.grouping import NO_GROUP, Grouping, Ints
from driftcli.engine.sampling import Drawing, Drawn, RowSample, draw
from driftcli.profile.column import ColumnProfile, Invalid, Kind, merge
from driftcli.profile.grouped import Groups, profiles
from driftcli.source import Block, Fragment, Unparsed

#: All columns of some consecutive rows. Parquet files come in fragments of some columns each, and
#: those of the same rows follow one another.
Stripe = Sequence[Fragment]


@dataclass(frozen=True)
class StripeLeaf:
    """Some columns of consecutive stripes: what a thread reads at once.

    All leaves of the same stripes wait for the one that leads, which tells the group of each row.
    They are worked on in order, so that it is never behind those that wait for it.

    Attributes
    ----------
    fragments : sequence of (int, Fragment)
        Each with the place of its stripe among those that are read together.
    first : int
        How many stripes were read before these.
    sorting : Future of Sorting
        The group of each row, set by the leaf that leads.
    leads : bool
        Whether this one has the columns that tell the groups.
    """

    fragments: Sequence[tuple[int, Fragment]]
    first: int
    sorting: Future[Sorting]
    leads: bool = False


@dataclass(frozen=True)
class LeafProfiles:
    """What a leaf held.

    Attributes
    ----------
    rows : mapping of int to int
        Rows of each group, by its number; of the leaf that leads alone.
    columns : mapping of str to mapping of int to ColumnProfile
        The profile of each column in each group.
    wholes : mapping of str to ColumnProfile
        Profiles of all the rows, where they are asked for.
    size : int
        Bytes of input.
    first : int
        How many stripes were read before these.
    drawn : sequence of Drawn
        Rows that were drawn, some columns of the same in each.
    """

    rows: Mapping[int, int]
    columns: Mapping[str, Mapping[int, ColumnProfile]]
    wholes: Mapping[str, ColumnProfile]
    size: int
    first: int = 0
    drawn: Sequence[Drawn] = ()


def leaves(
    fragments: Iterator[Fragment], columns: Sequence[str], grouping: Grouping
) -> Iterator[StripeLeaf]:
    """Yield what is read at once, of stripes that hold all `columns`."""
    before, needs = 0, set(grouping.needs)
    for stripes in _together(fragments, columns):
        leading: list[tuple[int, Fragment]] = []
        others: dict[tuple[str, ...], list[tuple[int, Fragment]]] = {}
        for place, stripe in enumerate(stripes):
            for at, each in enumerate(stripe):
                if not needs.isdisjoint(each.columns) or (at == 0 and not needs):
                    leading.append((place, each))
                else:
                    others.setdefault(tuple(each.columns), []).append((place, each))
        sorting: Future[Sorting] = Future()
        yield StripeLeaf(leading, before, sorting, leads=True)
        for some in others.values():
            yield StripeLeaf(some, before, sorting)
        before += len(stripes)


def _together(fragments: Iterator[Fragment], columns: Sequence[str]) -> Iterator[list[Stripe]]:
    """Yield as many stripes together as are worth it: long columns are sorted at less cost."""
    together: list[Stripe] = []
    stripe: list[Fragment] = []
    rows = size = 0
    lacking = set(columns)
    for fragment in fragments:
        stripe.append(fragment)
        lacking -= set(fragment.columns)
        if lacking:
            continue
        more_rows, more = fragment.rows or 0, sum(each.size for each in stripe)
        # Where a fragment is a stripe, leaves have the rows that they have without groups, and
        # their columns are sorted as there.
        if together and (rows + more_rows > LEAF_ROWS or size + more > LEAF_BYTES):
            yield together
            together, rows, size = [], 0, 0
        together.append(stripe)
        rows += more_rows
        size += more
        stripe, lacking = [], set(columns)
    if together:
        yield together


class _Sorted:
    """Rows sorted by the numbers of their groups: which there are, and which rows each has."""

    def __init__(self, numbers: Ints) -> None:
        in_order = bool((numbers[1:] >= numbers[:-1]).all())
        order = None if in_order else _order(numbers)
        ordered = numbers if order is None else numbers[order]
        starts = np.flatnonzero(np.append(ordered.size > 0, ordered[1:] != ordered[:-1]))
        self.of_rows = numbers
        self.numbers: list[int] = ordered[starts].tolist()
        self.groups = Groups.ordered(order, np.diff(starts, append=ordered.size))


def _order(numbers: Ints) -> Ints:
    """Return the rows in the order of their groups, those of one group as they come."""
    least = int(numbers.min())
    if int(numbers.max()) - least < 1 << 16:
        # Sixteen bits are sorted by their digits, several times faster.
        return np.argsort((numbers - least).astype(np.uint16), kind="stable")
    return np.argsort(numbers, kind="stable")


class Sorting:
    """The group of each row of some stripes."""

    def __init__(self, of_stripes: Sequence[Ints]) -> None:
        self.offsets: Sequence[int] = np.cumsum([0, *(each.size for each in of_stripes)]).tolist()
        self._numbers = np.concatenate([np.empty(0, np.int64), *of_stripes])
        self._whole = _Sorted(self._numbers)

    def rows(self) -> dict[int, int]:
        """Return how many rows each group has, by its number."""
        return dict(zip(self._whole.numbers, self._whole.groups.lengths.tolist(), strict=True))

    def of(self, first: int, size: int) -> _Sorted:
        """Return how `size` rows from the `first` on are sorted; all rows are sorted once."""
        if size == self._numbers.size:
            return self._whole
        return _Sorted(self._numbers[first : first + size])


#: Arrays of a column, each with the place of its first row in the stripes.
_Arrays = Sequence[tuple[int, Any, Unparsed | None]]


def profile_leaf(
    leaf: StripeLeaf,
    grouping: Grouping,
    kinds: Mapping[str, Kind],
    points: int,
    *,
    whole: bool,
    drawing: Drawing | None = None,
) -> LeafProfiles:
    """Read a leaf and return what each group has in it.

    Parameters
    ----------
    points
        Points of one group's column, at most.
    whole
        Whether all of the rows are to be profiled, too, just as they are without groups.
    drawing
        The sample of rows to be drawn, and of which share.
    """
    blocks = _read(leaf, grouping)
    sorting = leaf.sorting.result()
    columns = _gathered(blocks, sorting, kinds)
    wholes = _wholes(blocks, kinds) if whole else {}
    drawn = _drawn(leaf, blocks, *drawing) if drawing else []
    del blocks
    made: dict[str, dict[int, ColumnProfile]] = {}
    for name in list(columns):
        groups: dict[int, list[ColumnProfile]] = {}
        for offset, array, invalid in _joined(columns.pop(name)):
            rows = sorting.of(offset, len(array))
            made_of = profiles(name, array, kinds[name], rows.groups, limit=points)
            for number, profile in _numbered(made_of, rows, invalid):
                groups.setdefault(number, []).append(profile)
        made[name] = {number: merge(some, points) for number, some in groups.items()}
    size = sum(fragment.size for _, fragment in leaf.fragments)
    sizes = sorting.rows() if leaf.leads else {}
    return LeafProfiles(sizes, made, wholes, size, leaf.first, drawn)


def _drawn(
    leaf: StripeLeaf, read: Sequence[tuple[int, Sequence[Block]]], sample: RowSample, share: float
) -> list[Drawn]:
    """Return the same rows of all stripes together, whatever the columns that are read at once."""
    columns: dict[tuple[str, ...], list[Block]] = {}
    for (_, fragment), (_, some) in zip(leaf.fragments, read, strict=True):
        columns.setdefault(tuple(fragment.columns), []).extend(some)
    found = (draw(some, sample, leaf.first, share) for some in columns.values())
    return [each for each in found if each]


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


def _read(leaf: StripeLeaf, grouping: Grouping) -> list[tuple[int, list[Block]]]:
    """Read the blocks of a leaf; where it leads, tell all leaves of its stripes the groups."""
    if not leaf.leads:
        return [(place, list(fragment.blocks())) for place, fragment in leaf.fragments]
    try:
        blocks = [(place, list(fragment.blocks())) for place, fragment in leaf.fragments]
        stripes: dict[int, list[Block]] = {}
        for place, some in blocks:
            stripes.setdefault(place, []).extend(some)
        numbers = [_numbers(some, grouping, leaf.first + at) for at, some in stripes.items()]
        leaf.sorting.set_result(Sorting(numbers))
    except BaseException as error:
        leaf.sorting.set_exception(error)
        raise
    return blocks


def _numbers(blocks: Sequence[Block], grouping: Grouping, ordinal: int) -> Ints:
    """Return the group of each row of a stripe, from the blocks that hold what tells it."""
    columns = [
        [block.batch.column(name) for block in blocks if name in block.batch.schema.names]
        for name in grouping.needs
    ]
    rows = sum(map(len, columns[0])) if columns else sum(block.batch.num_rows for block in blocks)
    return grouping.numbers(columns, rows, ordinal)


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
    return [(blocks[0][0], concatenated([array for _, array, _ in blocks]), None)]


def _numbered(
    made: Iterator[ColumnProfile], rows: _Sorted, invalid: Unparsed | None
) -> Iterator[tuple[int, ColumnProfile]]:
    """Yield the number and the profile of each group, with what did not parse in it."""
    for number, profile in zip(rows.numbers, made, strict=True):
        if number != NO_GROUP:
            found = _unparsed(invalid, rows.of_rows, number) if invalid else None
            missing = profile.missing - (found.count if found else 0)
            yield number, replace(profile, missing=missing, invalid=found) if found else profile


def _unparsed(invalid: Unparsed, numbers: Ints, number: int) -> Invalid | None:
    """Return how many values of a group did not parse."""
    count = int(np.count_nonzero(numbers[invalid.rows] == number))
    return Invalid(count, invalid.first_value, 0) if count else None

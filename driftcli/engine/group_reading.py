"""The rows of a dataset profiled by groups while they are read: each array sorted and sliced.

The rows are read once, some columns at a time. What is kept grows with groups × columns: each
column of a group is a profile of few points.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from driftcli.arrays import concatenated
from driftcli.engine.columns import LEAF_BYTES, LEAF_ROWS, profile_column
from driftcli.engine.contract import Worked
from driftcli.engine.group_merging import Limits, Parts, within
from driftcli.engine.grouping import NO_GROUP, Grouping, Ints, Numbering
from driftcli.engine.passes import Taken, blocks_of
from driftcli.engine.sampling import Drawing, Drawn, beside, draw
from driftcli.engine.tree import Branch
from driftcli.profile.column import ColumnProfile, Invalid
from driftcli.profile.grouped import Groups, profiles
from driftcli.profile.kinds import Kind
from driftcli.source import Block, Seen, Unparsed

#: All columns of some consecutive rows. Parquet files come in fragments of some columns each, and
#: those of the same rows follow one another.
Stripe = Sequence[Taken]
#: As many stripes as a leaf has the rows of without groups.
Run = Sequence[Stripe]
#: So many runs are read at once, at most: profiles of more rows are fewer, and fewer to merge. Of
#: numbers of more rows glibc would have each copy mapped and zeroed anew.
MOST_RUNS = 3
#: Fragments, each with the place of its stripe among those that are read together.
Held = Sequence[tuple[int, Taken]]
#: The blocks of each, with that place.
Placed = Sequence[tuple[int, Sequence[Block]]]


class StripeCut:
    """The group of each row of some stripes, worked out once a process.

    Attributes
    ----------
    leading : sequence of (int, Taken)
        The fragments that have the columns that tell the groups.
    first : int
        How many stripes were read before these.
    runs : sequence of int
        The run of each stripe, counted over all.
    """

    def __init__(self, leading: Held, first: int, runs: Sequence[int]) -> None:
        self.leading, self.first, self.runs = leading, first, runs
        self._lock = threading.Lock()
        self._sorting: Sorting | None = None

    def __reduce__(self) -> tuple[type[StripeCut], tuple[Held, int, Sequence[int]]]:
        """Have it cut anew wherever it is sent."""
        return StripeCut, (self.leading, self.first, self.runs)

    def sorting(self, grouping: Grouping) -> Sorting:
        """Return the group of each row."""
        with self._lock:
            return self._sorting or self._sorted(_blocks(self.leading)[0], grouping)

    def read(self, grouping: Grouping) -> tuple[Placed, dict[int, Seen], Sorting]:
        """Return what the leading fragments hold, what was seen, and the group of each row."""
        with self._lock:
            blocks, seen = _blocks(self.leading)
            return blocks, seen, self._sorting or self._sorted(blocks, grouping)

    def _sorted(self, blocks: Placed, grouping: Grouping) -> Sorting:
        stripes: dict[int, list[Block]] = {}
        for place, some in blocks:
            stripes.setdefault(place, []).extend(some)
        numbering = grouping.numbering()
        numbers = [
            numbering.numbers(_needed(some, grouping), _rows(some, grouping), self.first + at)
            for at, some in stripes.items()
        ]
        self._sorting = Sorting(numbers, numbering)
        grouping.check(self._sorting.rows().keys() - {None})
        return self._sorting


class StripeLeaf(Struct, frozen=True):
    """Some columns of consecutive stripes: what is read at once.

    Attributes
    ----------
    fragments : sequence of (int, Taken)
        None of the leaf that leads: those are what is cut by.
    cut : StripeCut
        Shared by all leaves of the same stripes.
    """

    fragments: Held
    cut: StripeCut

    @property
    def leads(self) -> bool:
        """Whether it is the one that has the columns that tell the groups."""
        return not self.fragments

    @property
    def held(self) -> Held:
        """The fragments whose columns it has."""
        return self.fragments or self.cut.leading

    @property
    def size(self) -> int:
        """Bytes of input."""
        return sum(each.fragment.size for _, each in self.held)


def leaves(
    fragments: Iterator[Taken], columns: Sequence[str], grouping: Grouping
) -> Iterator[tuple[Hashable, StripeLeaf]]:
    """Yield what is read at once, of stripes that hold all `columns`, and the lane of each."""
    needs = set(grouping.needs)
    read = 0
    for runs in _together(_runs(_stripes(fragments, columns))):
        stripes = list(chain.from_iterable(runs))
        leading: list[tuple[int, Taken]] = []
        others: dict[Hashable, list[tuple[int, Taken]]] = {}
        for place, stripe in enumerate(stripes):
            for at, each in enumerate(stripe):
                if not needs.isdisjoint(each.fragment.columns) or (at == 0 and not needs):
                    leading.append((place, each))
                else:
                    others.setdefault(each.lane, []).append((place, each))
        of_stripes = [at for at, run in enumerate(runs, read) for _ in run]
        cut = StripeCut(leading, stripes[0][0].ordinal, of_stripes)
        read += len(runs)
        yield None, StripeLeaf((), cut)
        for lane, some in others.items():
            yield lane, StripeLeaf(some, cut)


def _stripes(fragments: Iterator[Taken], columns: Sequence[str]) -> Iterator[Stripe]:
    stripe: list[Taken] = []
    lacking = set(columns)
    for each in fragments:
        stripe.append(each)
        lacking -= set(each.fragment.columns)
        if not lacking:
            yield stripe
            stripe, lacking = [], set(columns)


def _runs(stripes: Iterable[Stripe]) -> Iterator[Run]:
    """Yield stripes together where a leaf without groups would have the rows of all of them."""
    run: list[Stripe] = []
    rows = size = 0
    for stripe in stripes:
        more_rows, more = stripe[-1].fragment.rows or 0, sum(one.fragment.size for one in stripe)
        if run and (rows + more_rows > LEAF_ROWS or size + more > LEAF_BYTES):
            yield run
            run, rows, size = [], 0, 0
        run.append(stripe)
        rows += more_rows
        size += more
    if run:
        yield run


def _together(runs: Iterable[Run]) -> Iterator[list[Run]]:
    """Yield as many runs together as are worth it, and as may be held of their columns at once."""
    together: list[Run] = []
    sizes: Counter[Hashable] = Counter()
    for run in runs:
        more: Counter[Hashable] = Counter()
        for each in chain.from_iterable(run):
            more[each.lane] += each.fragment.size
        if together and max((sizes + more).values(), default=0) > LEAF_BYTES:
            yield together
            together, sizes = [], Counter()
        together.append(run)
        sizes += more
        if len(together) == MOST_RUNS:
            yield together
            together, sizes = [], Counter()
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

    def __init__(self, of_stripes: Sequence[Ints], numbering: Numbering) -> None:
        self.offsets: Sequence[int] = np.cumsum([0, *(each.size for each in of_stripes)]).tolist()
        self._numbers = np.concatenate([np.empty(0, np.int64), *of_stripes])
        self._whole = _Sorted(self._numbers)
        self._keys = {
            number: None if number == NO_GROUP else numbering.key(number)
            for number in self._whole.numbers
        }

    def key(self, number: int) -> Hashable:
        """Return what tells a group from all others; None where rows belong to none."""
        return self._keys[number]

    def rows(self) -> dict[Hashable, int]:
        """Return how many rows each group has, by its key."""
        return dict(zip(self._keys.values(), self._whole.groups.lengths.tolist(), strict=True))

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
    limits: Limits,
    *,
    whole: bool,
    drawing: Drawing | None,
) -> Worked[Parts]:
    """Read a leaf and return what each group has in it.

    Parameters
    ----------
    whole
        Whether all of the rows are to be profiled, too, just as they are without groups.
    drawing
        The sample of rows to be drawn, and of which share.
    """
    if leaf.leads:
        blocks, seen, sorting = leaf.cut.read(grouping)
    else:
        blocks, seen = _blocks(leaf.fragments)
        sorting = leaf.cut.sorting(grouping)
    columns = _gathered(blocks, sorting, kinds)
    wholes = _wholes(blocks, leaf.cut, kinds) if whole else []
    drawn = _drawn(leaf, blocks, drawing) if drawing else None
    del blocks
    made: dict[str, dict[Hashable, list[ColumnProfile]]] = {}
    for name in list(columns):
        groups = made.setdefault(name, {})
        for offset, array, invalid in _joined(columns.pop(name)):
            rows = sorting.of(offset, len(array))
            made_of = profiles(name, array, kinds[name], rows.groups, limit=limits.points)
            for number, profile in _numbered(made_of, rows, invalid):
                groups.setdefault(sorting.key(number), []).append(profile)
    rows_of = sorting.rows() if leaf.leads else {}
    part = Parts(rows_of, within(made, limits, last=False), wholes, drawn)
    return Worked(part, sum(rows_of.values()), leaf.size, seen)


def _drawn(leaf: StripeLeaf, read: Placed, drawing: Drawing) -> Drawn | None:
    """Return the rows that are drawn of the stripes without groups, of all columns the same."""
    columns: dict[Hashable, list[tuple[int, Sequence[Block]]]] = {}
    for (place, each), (_, some) in zip(leaf.held, read, strict=True):
        columns.setdefault(each.lane, []).append((leaf.cut.first + place, some))
    found = [draw(some, *drawing) for some in columns.values()]
    drawn = [each for each in found if each]
    return beside(drawn) if drawn else None


def _wholes(
    blocks: Placed, cut: StripeCut, kinds: Mapping[str, Kind]
) -> list[Branch[Mapping[str, ColumnProfile]]]:
    """Return the profiles of the columns over all rows of each run."""
    holding: dict[int, dict[str, list[Block]]] = {}
    for place, some in blocks:
        columns = holding.setdefault(cut.runs[place], {})
        for block in some:
            for name in block.batch.schema.names:
                columns.setdefault(name, []).append(block)
    return [
        Branch(0, run, {n: profile_column(n, columns[n], kinds[n]) for n in columns if n in kinds})
        for run, columns in holding.items()
    ]


def _blocks(held: Held) -> tuple[Placed, dict[int, Seen]]:
    read, seen = blocks_of([each for _, each in held])
    return [(place, some) for (place, _), some in zip(held, read, strict=True)], seen


def _needed(blocks: Sequence[Block], grouping: Grouping) -> list[list[Any]]:
    """Return the arrays of each column that tells the groups."""
    return [
        [block.batch.column(name) for block in blocks if name in block.batch.schema.names]
        for name in grouping.needs
    ]


def _rows(blocks: Sequence[Block], grouping: Grouping) -> int:
    """Return the rows of a stripe, from the blocks that hold what tells their groups."""
    first = grouping.needs[:1]
    holding = [each for each in blocks if set(first) <= set(each.batch.schema.names)]
    return sum(block.batch.num_rows for block in holding)


def _gathered(
    blocks: Placed, sorting: Sorting, kinds: Mapping[str, Kind]
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

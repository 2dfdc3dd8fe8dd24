"""The one shape of merging: a tree of 8 neighbours a node, in the order of the rows.

Each level merges neighbours of the level below, and one that is left over by itself passes up,
until no more than 8 are left for the last merge. The shape is a function of the number of parts
only, so that the result is the same, bit for bit, wherever they were made and whichever came first.
"""

from __future__ import annotations

import pickle
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from msgspec import Struct

from driftcli.engine.contract import Join, Lanes, Part, Unit, Work, Worked
from driftcli.engine.failures import FailedUnit
from driftcli.errors import DriftError
from driftcli.source import joined_seen

#: Parts that are merged at once: many at once round less often, and all of them must be held.
FAN = 8


class Node(Struct, Generic[Part], frozen=True):
    """What came of some units in a row, up to the one at `place`."""

    place: int
    worked: Worked[Part]


Outcome = Node[Part] | FailedUnit
#: A unit at its place, pickled.
Sent = tuple[int, bytes]
#: A unit at its place, or what went wrong in finding it.
Placed = tuple[int, Hashable, Unit] | FailedUnit


def placed(lanes: Lanes[Unit]) -> Iterator[Placed[Unit]]:
    """Yield the units with their places and lanes; an error in finding the next ends them."""
    place = 0
    try:
        for place, (lane, unit) in enumerate(lanes, 1):
            yield place, lane, unit
    except DriftError as error:
        yield FailedUnit(place + 1, error)


def attempted(work: Work[Unit, Part], placed: Placed[Unit]) -> tuple[Hashable, Outcome[Part]]:
    """Return the lane of a unit and what came of it."""
    if isinstance(placed, FailedUnit):
        return None, placed
    place, lane, unit = placed
    try:
        return lane, Node(place, work(unit))
    except Exception as error:  # noqa: BLE001 - raised where all is known
        return lane, FailedUnit(place, error)


def joined(join: Join[Part], some: Sequence[Outcome[Part]], *, last: bool) -> Outcome[Part]:
    """Return what comes of neighbours: the first error, if there is one."""
    if failed := [each for each in some if isinstance(each, FailedUnit)]:
        return first_of(failed)
    nodes = [each for each in some if isinstance(each, Node)]
    try:
        part = join([node.worked.part for node in nodes], last=last)
        seen = joined_seen(node.worked.seen for node in nodes)
    except Exception as error:  # noqa: BLE001 - raised where all is known
        return FailedUnit(nodes[-1].place, error)
    rows = sum(node.worked.rows for node in nodes)
    size = sum(node.worked.size for node in nodes)
    return Node(nodes[-1].place, Worked(part, rows, size, seen))


def first_of(failed: Sequence[FailedUnit]) -> FailedUnit:
    """Return the error that comes first in row order."""
    return min(failed, key=lambda each: each.place)


def held(outcomes: Iterable[Outcome[Part]]) -> list[Worked[Part]]:
    """Return what came of all; the first error is raised, if there is one."""
    made = list(outcomes)
    if failed := [each for each in made if isinstance(each, FailedUnit)]:
        raise first_of(failed).error
    return [each.worked for each in made if isinstance(each, Node)]


Item = TypeVar("Item")


class Combine(Protocol[Item]):
    """Makes one of some neighbours: outcomes, or what stands for outcomes that are elsewhere."""

    def __call__(self, some: Sequence[Item], *, last: bool) -> Item:
        """Return what comes of all of `some`, in row order; `last` says that they are all."""


@dataclass
class Carry(Generic[Item]):
    """The tree over what comes in row order, combined as soon as may be.

    Of each level at most 8 wait: more are known not to be merged by the last merge.
    """

    combine: Combine[Item]
    _levels: list[list[Item]] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Return whether anything came."""
        return bool(self._levels)

    def add(self, item: Item, level: int = 0) -> None:
        """Take what came of the next rows."""
        while level >= len(self._levels):
            self._levels.append([])
        waiting = self._levels[level]
        if len(waiting) == FAN:
            self._levels[level] = []
            self.add(self.combine(waiting, last=False), level + 1)
        self._levels[level].append(item)

    def finish(self, *, last: bool = True) -> Item:
        """Return what came of all rows, to be merged with others where it is not the `last`."""
        level = 0
        while level + 1 < len(self._levels):  # the last one may run over into another
            waiting = self._levels[level]
            rest = waiting[0] if len(waiting) == 1 else self.combine(waiting, last=False)
            level += 1
            self.add(rest, level)
        waiting = self._levels[-1]
        return waiting[0] if len(waiting) == 1 and not last else self.combine(waiting, last=last)


def attempted_there(
    work: Work[Unit, Part], join: Join[Part], some: Sequence[Sent]
) -> Outcome[Part]:
    """Return what came of units that were sent, neighbours of which others of their lane are left.

    Their files may not be here, or be others.
    """
    carry: Carry[Outcome[Part]] = Carry(partial(joined, join))
    for place, unit in some:
        carry.add(_attempted_sent(work, place, unit))
    return carry.finish(last=False)


def _attempted_sent(work: Work[Unit, Part], place: int, sent: bytes) -> Outcome[Part]:
    try:
        unit = pickle.loads(sent)  # noqa: S301 - ours
    except Exception as error:  # noqa: BLE001 - raised where all is known
        return FailedUnit(place, error)
    return attempted(work, (place, None, unit))[1]


class Branch(Struct, Generic[Item], frozen=True):
    """What comes of 8^level neighbours, those from `place` · 8^level on."""

    level: int
    place: int
    item: Item


def grown(branches: Iterable[Branch[Item]], combine: Combine[Item]) -> list[Branch[Item]]:
    """Return neighbours with those combined that are known not to be merged by the last merge.

    So they come to the same tree, wherever they are parted and whichever parts are joined first.
    """
    made: list[Branch[Item]] = []
    for branch in branches:
        while _is_node(made[-FAN:]):
            level, place = made[-FAN].level + 1, made[-FAN].place // FAN
            item = combine([each.item for each in made[-FAN:]], last=False)
            made[-FAN:] = [Branch(level, place, item)]
        made.append(branch)
    return made


def _is_node(some: Sequence[Branch[Any]]) -> bool:
    """Return whether neighbours are all that a node is made of."""
    alike = len({each.level for each in some}) == 1
    return alike and len(some) == FAN and some[0].place % FAN == 0


def finished(branches: Iterable[Branch[Item]], combine: Combine[Item]) -> Item:
    """Return what comes of all neighbours, the first of which is at place 0."""
    carry = Carry(combine)
    for branch in branches:
        carry.add(branch.item, branch.level)
    return carry.finish()

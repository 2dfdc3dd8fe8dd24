"""What is read of a source: all of it once, and again what was read as a type that did not hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby
from typing import Any, Generic, NamedTuple

from msgspec import Struct

from driftcli.engine.contract import Engine, Join, Part, Progress, Unit, Work, Worked
from driftcli.profile.column import ColumnProfile
from driftcli.profile.groups import Group
from driftcli.profile.kinds import Kind, kind_of
from driftcli.source import Block, Fragment, Seen, Source, joined_seen

#: The kind of a column where it is not the one its type suggests; None where it is not profiled.
Forced = Mapping[str, Kind | None]


class Pass(NamedTuple):
    """A source, and the columns to take from it."""

    source: Source
    columns: Sequence[str]

    def taken(self, wanted: Iterable[str]) -> list[str]:
        """Return which of the `wanted` columns are taken from it, in their order."""
        held = set(self.columns)
        return [name for name in wanted if name in held]


class Found(NamedTuple):
    """What was read: rows, the profiles of columns over all of them, and of groups by their key.

    `drawn` is a sample of the rows, where one was drawn (see `sampling.Drawn`).
    """

    rows: int
    columns: Mapping[str, ColumnProfile]
    groups: Mapping[object, Group] = {}
    drawn: Any = None


def passes(source: Source, *, anew: bool) -> Iterator[Sequence[Pass]]:
    """Yield what is read side by side, each to be read before the next, until all types held.

    Columns whose types did not hold are read again, together with those that came up while
    reading (late keys of JSON Lines); where all is to be read `anew`, so are the others.
    """
    reading: Sequence[Pass] = [Pass(source, source.schema.names)]
    while reading:
        yield reading
        reading = _again(reading, anew=anew)


def _again(before: Sequence[Pass], *, anew: bool) -> Sequence[Pass]:
    """Return what to read in the place of what was read before; nothing when all types held."""
    known = {name for each in before for name in each.columns}
    made: list[Pass] = []
    held = True
    for source, names in before:
        revised = source.revised()
        found = [] if revised is None else revised.schema.names
        void = [name for name in found if name in names]
        late = [name for name in found if name not in known]
        kept = [name for name in names if name not in void]
        if anew and kept:
            made.append(Pass(source.expecting({}), kept))
        if revised is not None and (void or late):
            made.append(Pass(revised, [*void, *late]))
            known.update(late)
            held = False
    return [] if held else made


class Taken(NamedTuple):
    """A fragment, the place of its pass, and the number of the rows that it holds.

    So many fragments held its columns before.
    """

    fragment: Fragment
    place: int
    ordinal: int

    @property
    def lane(self) -> Hashable:
        """What it shares with the fragments of other rows: its columns."""
        return self.place, *self.fragment.columns


def taken(reading: Sequence[Pass], wanted: Sequence[str]) -> Iterator[Taken]:
    """Yield the fragments of all passes, those of the same rows one after the other."""
    streams = [stripes_of(each, wanted, place) for place, each in enumerate(reading)]
    for together in zip(*streams, strict=True):
        yield from chain.from_iterable(together)


class Cutting(Struct, Generic[Unit], frozen=True):
    """Units, with their lanes, as they are cut out of fragments: here, or where the rows are.

    Where they are `streamed`, units hold their rows, which are nowhere else.
    """

    fragments: Iterator[Taken]
    cut: Callable[[Iterator[Taken]], Iterator[tuple[Hashable, Unit]]]
    streamed: bool = False

    def __iter__(self) -> Iterator[tuple[Hashable, Unit]]:
        """Yield the units."""
        return self.cut(self.fragments)


def blocks_of(some: Sequence[Taken]) -> tuple[list[list[Block]], dict[int, Seen]]:
    """Read fragments, and return the blocks of each, and what was seen, by pass."""
    read = [list(each.fragment.blocks()) for each in some]
    seen = (
        {each.place: block.seen}
        for each, blocks in zip(some, read, strict=True)
        for block in blocks
        if block.seen
    )
    return read, joined_seen(seen)


def mapped(
    engine: Engine,
    work: Work[Unit, Part],
    join: Join[Part],
    units: Cutting[Unit],
    reading: Sequence[Pass],
    progress: Progress | None = None,
) -> list[Part]:
    """Return the part of each lane; what was seen is learnt by what is read."""

    def learn(worked: Worked[Any]) -> None:
        for place, seen in worked.seen.items():
            reading[place].source.learn(seen)

    def told(worked: Worked[Any]) -> None:
        # What is known early saves work, as fragments are made while others are read.
        learn(worked)
        if progress:
            progress.advance(worked.rows, worked.size)

    found = engine.map_merge(work, join, units, told).values()
    for worked in found:
        learn(worked)
    return [worked.part for worked in found]


def stripes_of(reading: Pass, wanted: Sequence[str], place: int = 0) -> Iterator[Iterator[Taken]]:
    """Yield the fragments of one pass by the rows that they hold."""
    names = reading.taken(wanted)
    ordinals: Counter[Sequence[str]] = Counter()

    def numbered() -> Iterator[Taken]:
        for fragment in reading.source.fragments(names):
            columns = tuple(fragment.columns)
            yield Taken(fragment, place, ordinals[columns])
            ordinals[columns] += 1

    for _, stripe in groupby(numbered(), lambda each: each.ordinal):
        yield stripe


def kinds_of(reading: Sequence[Pass], forced: Forced) -> dict[str, Kind]:
    """Return how the columns of all passes are profiled, without those that are not."""
    found: dict[str, Kind] = {}
    for each in reading:
        kinds = kinds_of_source(each.source, forced)
        found |= {name: kinds[name] for name in each.taken(kinds)}
    return found


def kinds_of_source(source: Source, forced: Forced) -> dict[str, Kind]:
    """Return how the columns of a source are profiled, without those that are not."""
    natural = {field.name: kind_of(field.type) for field in source.schema}
    kinds = {name: forced.get(name, kind) for name, kind in natural.items()}
    return {name: kind for name, kind in kinds.items() if kind is not None}

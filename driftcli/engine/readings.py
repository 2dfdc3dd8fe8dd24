"""A source read in full: again where types did not hold, and beside it what came up late.

A column can be cut only beside the one that says where. So where the engine reads a few columns
of a text file again, this reads them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from driftcli.profile.column import Kind, kind_of
from driftcli.source import Fragment, Source

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

"""A source read once and profiled part by part: by periods of time, by chance, by segments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from driftcli.engine.cuts import NO_PART, Cut
from driftcli.engine.cutting import Piece, Unit, pieces, units
from driftcli.engine.readings import Forced, Reading, again, fragments, kinds_of
from driftcli.engine.threads import Progress, available_threads, in_order
from driftcli.errors import UsageError
from driftcli.profile.column import ColumnProfile, merge
from driftcli.source import Source

#: More parts are more likely a mistake than a season, and memory grows with them.
MOST_PARTS = 5_000


@dataclass(frozen=True)
class Part:
    """The rows of one part and the profiles of their columns; rows of no part have no label."""

    number: int
    label: str | None
    rows: int
    columns: Mapping[str, ColumnProfile]


def profile_parts(
    source: Source,
    forced: Forced,
    cut: Cut,
    *,
    points: int,
    threads: int | None = None,
    progress: Progress | None = None,
) -> list[Part]:
    """Read a source once and return the profiles of its parts, in the order of their numbers.

    Of a text file whose assumed types did not hold, all is read once more with those that do:
    a column can be cut only beside the one that says where.

    Parameters
    ----------
    points
        Points of a part's column, at most: what is kept grows with parts × columns × points.

    Raises
    ------
    InputError
        When the data cannot be read, or the column to cut by does not hold what it must.
    UsageError
        When there are too many parts.
    """
    readings: Sequence[Reading] = [(source, source.schema.names)]
    collected = _collect(readings, forced, cut, points, threads, progress)
    while (revised := again(readings)) is not None:
        readings = revised
        collected = _collect(readings, forced, cut, points, threads, progress)
    return [collected.finish(number, cut) for number in sorted(collected.rows)]


class _Collected:
    """The pieces of each part so far, merged a few at a time."""

    def __init__(self, points: int) -> None:
        self.rows: dict[int, int] = {}
        self._points = points
        self._columns: dict[int, dict[str, list[ColumnProfile]]] = {}

    def add(self, part: int, piece: Piece) -> None:
        self.rows[part] = self.rows.get(part, 0) + piece.rows
        columns = self._columns.setdefault(part, {})
        for name, profile in piece.columns.items():
            pending = columns.setdefault(name, [])
            pending.append(profile)
            if len(pending) > self._most_pending(pending):
                columns[name] = [merge(pending, self._points)]

    def _most_pending(self, pending: Sequence[ColumnProfile]) -> int:
        """Return how many pieces may wait: many small ones, or two of many points."""
        large = any(piece.rows > self._points for piece in pending)
        return 2 if large else 8

    def finish(self, number: int, cut: Cut) -> Part:
        columns = {
            name: merge(pending, self._points) for name, pending in self._columns[number].items()
        }
        label = None if number == NO_PART else cut.label(number)
        return Part(number, label, self.rows[number], columns)


def _collect(
    readings: Sequence[Reading],
    forced: Forced,
    cut: Cut,
    points: int,
    threads: int | None,
    progress: Progress | None,
) -> _Collected:
    kinds = kinds_of(readings, forced)
    wanted = list(dict.fromkeys([*kinds, *filter(None, [cut.needs])]))
    collected = _Collected(points)

    def read(item: tuple[int, Sequence[Unit]]) -> tuple[int, dict[int, Piece]]:
        first, group = item
        size = sum(fragment.size for unit in group for fragment in unit)
        return size, pieces(group, first, cut, kinds, points)

    grouped = _numbered(units(fragments(readings, wanted), wanted))
    for size, made in in_order(read, grouped, threads or available_threads()):
        for part, piece in made.items():
            collected.add(part, piece)
        if len(collected.rows) > MOST_PARTS:
            raise UsageError(
                f"more than {MOST_PARTS:,} periods; take a longer --every, such as 1w or 1mo"
            )
        if progress:
            progress.advance(sum(piece.rows for piece in made.values()), size)
    return collected


def _numbered(groups: Iterator[list[Unit]]) -> Iterator[tuple[int, list[Unit]]]:
    """Yield each group with how many units come before it."""
    before = 0
    for group in groups:
        yield before, group
        before += len(group)

"""A source read once and profiled part by part: by periods of time, by chance, by segments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from driftcli.engine.group_reading import Pieces, Share, pieces, shares
from driftcli.engine.periods import NO_PART, Cut
from driftcli.engine.threads import (
    Forced,
    Merging,
    Progress,
    Reading,
    again,
    available_threads,
    dataset,
    fragments,
    in_order,
    kinds_of,
)
from driftcli.errors import UsageError
from driftcli.profile.categories import Categories
from driftcli.profile.column import ColumnProfile, merge
from driftcli.profile.dataset import DatasetProfile
from driftcli.source import Source

#: More parts are more likely a mistake than a season, and memory grows with them.
MOST_PARTS = 5_000
#: Bytes that profiles of parts hold at most, about, before they are given fewer points.
MOST_BYTES = 320 << 20
#: After that they hold so much of it at most, lest every block has all of them merged.
_ENOUGH = 0.75
#: With fewer points two halves of one dataset begin to look different: at 256, js_distance gains
#: up to 0.04, at 64 it passes its default threshold.
FEWEST_POINTS = 256
#: Where room is short, categories are counted one by one up to so many a point.
_NAMES_A_POINT = 16
_FEWEST_NAMES = 1_024
#: What a profile takes besides its points and categories.
_OVERHEAD = 2_000
#: Pieces of a part's column wait to be merged until they hold so many times its points: merging
#: many at once rounds less often.
_PENDING = 16


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
        Where that would pass `MOST_BYTES` there are fewer, and the profiles know their rounding.

    Raises
    ------
    InputError
        When the data cannot be read, or the column to cut by does not hold what it must.
    UsageError
        When there are too many parts.
    """
    collected = _collect_all(source, forced, cut, _How(points, threads, progress))
    return collected.parts(cut, threads)


def profile_whole_and_parts(
    source: Source,
    forced: Forced,
    cut: Cut,
    *,
    points: int,
    threads: int | None = None,
    progress: Progress | None = None,
) -> tuple[DatasetProfile, list[Part]]:
    """Return in one pass what `profile_source` does and what `profile_parts` does."""
    how = _How(points, threads, progress, whole=True)
    collected = _collect_all(source, forced, cut, how)
    columns = {name: merging.finish() for name, merging in collected.wholes.items()}
    whole = dataset(source, forced, sum(collected.rows.values()), columns)
    return whole, collected.parts(cut, threads)


@dataclass(frozen=True)
class _How:
    """How a source is read, and whether all of its rows are to be profiled, too."""

    points: int
    threads: int | None
    progress: Progress | None
    whole: bool = False


class _Collected:
    """The pieces of each part so far, merged a few at a time."""

    def __init__(self, points: int) -> None:
        self.rows: dict[int, int] = {}
        self.wholes: dict[str, Merging] = {}
        self._points = points
        self._names: int | None = None
        self._columns: dict[int, dict[str, list[ColumnProfile]]] = {}
        self._bytes, self._room = 0, MOST_BYTES

    def add(self, made: Pieces) -> None:
        for part, rows in made.rows.items():
            self.rows[part] = self.rows.get(part, 0) + rows
        for name, profile in made.wholes.items():
            self.wholes.setdefault(name, Merging()).add(profile)
        for name, parts in made.columns.items():
            for part, profile in parts.items():
                pending = self._columns.setdefault(part, {}).setdefault(name, [])
                pending.append(profile)
                self._bytes += _size(profile)
                if len(pending) > _PENDING:
                    self._merge(pending)
        if self._bytes > self._room:
            self._make_room()

    def _merge(self, pending: list[ColumnProfile]) -> None:
        self._bytes -= sum(map(_size, pending))
        pending[:] = [self._merged(pending)]
        self._bytes += _size(pending[0])

    def _merged(self, pending: Sequence[ColumnProfile]) -> ColumnProfile:
        return merge(pending, self._points, self._names)

    def _make_room(self) -> None:
        """Merge all that waits and, where that is not enough, have all profiles keep less."""
        waiting = [each for columns in self._columns.values() for each in columns.values()]
        for pending in waiting:
            self._merge(pending)
        while self._bytes > _ENOUGH * MOST_BYTES and self._keep_less():
            for pending in waiting:
                self._merge(pending)
        # Where profiles can keep no less there must be more room, and more than for one block.
        self._room = max(MOST_BYTES, int(self._bytes / _ENOUGH))

    def _keep_less(self) -> bool:
        """Take many names for fewer first, then half of the points; say whether that is less."""
        before = self._points, self._names
        if self._names is None:
            self._names = max(_NAMES_A_POINT * self._points, _FEWEST_NAMES)
        else:
            self._points = min(self._points, max(self._points // 2, FEWEST_POINTS))
            self._names = max(self._names // 2, _FEWEST_NAMES)
        return (self._points, self._names) != before

    def parts(self, cut: Cut, threads: int | None) -> list[Part]:
        numbers = iter(sorted(self.rows))
        made = in_order(lambda each: self._part(each, cut), numbers, threads or available_threads())
        return list(made)

    def _part(self, number: int, cut: Cut) -> Part:
        columns = {
            name: self._merged(pending) for name, pending in self._columns.get(number, {}).items()
        }
        label = None if number == NO_PART else cut.label(number)
        return Part(number, label, self.rows[number], columns)


def _size(profile: ColumnProfile) -> int:
    """Return about how many bytes a profile holds."""
    values = profile.values
    if isinstance(values, Categories):
        return _OVERHEAD + values.nbytes
    return _OVERHEAD + values.points.values.nbytes + values.points.counts.nbytes


def _collect_all(source: Source, forced: Forced, cut: Cut, how: _How) -> _Collected:
    readings: Sequence[Reading] = [(source, source.schema.names)]
    collected = _collect(readings, forced, cut, how)
    while (revised := again(readings)) is not None:
        readings = revised
        collected = _collect(readings, forced, cut, how)
    return collected


def _collect(readings: Sequence[Reading], forced: Forced, cut: Cut, how: _How) -> _Collected:
    kinds = kinds_of(readings, forced)
    wanted = list(dict.fromkeys([*kinds, *cut.needs]))
    collected = _Collected(how.points)

    def read(share: Share) -> Pieces:
        return pieces(share, cut, kinds, how.points, whole=how.whole)

    read_at_once = shares(fragments(readings, wanted), wanted, cut)
    for made in in_order(read, read_at_once, how.threads or available_threads()):
        collected.add(made)
        if len(collected.rows) > MOST_PARTS:
            raise UsageError(
                f"more than {MOST_PARTS:,} periods; take a longer --every, such as 1w or 1mo"
            )
        if how.progress:
            how.progress.advance(sum(made.rows.values()), made.size)
    return collected

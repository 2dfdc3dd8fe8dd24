"""Reference periods: what the past looked like, period by period, as profiles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from driftcli.calibration.cuts import NO_PART, Cut
from driftcli.calibration.cutting import PART_POINTS, Piece, Unit, pieces, units
from driftcli.calibration.readings import Forced, Reading, again, fragments, kinds_of
from driftcli.calibration.records import Period
from driftcli.engine import Progress, available_threads, in_order, profile_source
from driftcli.errors import InputError, UsageError
from driftcli.profile.column import ColumnProfile, merge
from driftcli.source import Source

#: Fewer periods say nothing of how far one lies from the others.
FEWEST_PERIODS = 3
#: More periods are more likely a mistake than a season, and memory grows with them.
MOST_PERIODS = 5_000
#: A period with a smaller share of the median period's rows is a fragment: it began or ended
#: outside the data, or something was broken.
LEAST_SHARE = 0.2
LEAST_ROWS = 30


@dataclass(frozen=True)
class Reference:
    """The periods that thresholds are learnt from, in order.

    Attributes
    ----------
    way : str
        What a period is, as in "52 periods of 1d".
    columns : mapping of str to sequence of (ColumnProfile or None)
        Of each column, its profile in each period; None where a period lacks the column.
    left_out : sequence of Period
        Those with too few rows.
    outside : int
        Rows that belong to no period, as their time is missing.
    """

    source: str
    way: str
    periods: Sequence[Period]
    columns: Mapping[str, Sequence[ColumnProfile | None]]
    left_out: Sequence[Period] = ()
    outside: int = 0


class _Collected:
    """The pieces of each part so far, merged a few at a time."""

    def __init__(self) -> None:
        self.rows: dict[int, int] = {}
        self._columns: dict[int, dict[str, list[ColumnProfile]]] = {}

    def add(self, part: int, piece: Piece) -> None:
        self.rows[part] = self.rows.get(part, 0) + piece.rows
        columns = self._columns.setdefault(part, {})
        for name, profile in piece.columns.items():
            pending = columns.setdefault(name, [])
            pending.append(profile)
            if len(pending) > _most_pending(pending):
                columns[name] = [merge(pending, PART_POINTS)]

    def finish(self, part: int) -> dict[str, ColumnProfile]:
        return {name: merge(parts, PART_POINTS) for name, parts in self._columns[part].items()}


def _most_pending(pending: Sequence[ColumnProfile]) -> int:
    """Return how many parts may wait: many small ones, or two of many points."""
    large = any(part.rows > PART_POINTS for part in pending)
    return 2 if large else 8


def from_cut(  # noqa: PLR0913 - what, how, and how fast
    source: Source,
    forced: Forced,
    cut: Cut,
    way: str,
    *,
    min_rows: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Reference:
    """Read one dataset and return its parts as reference periods.

    Of a text file whose assumed types did not hold, all is read once more with those that do:
    a column can be cut only beside the one that says where.

    Raises
    ------
    InputError
        When the data cannot be read, or the column to cut by holds no times.
    UsageError
        When that column does not exist, or there are too few or too many periods.
    """
    readings: Sequence[Reading] = [(source, source.schema.names)]
    collected = _collect(readings, forced, cut, threads, progress)
    while (revised := again(readings)) is not None:
        readings = revised
        collected = _collect(readings, forced, cut, threads, progress)
    outside = collected.rows.pop(NO_PART, 0)
    return _reference(source.name, way, cut, collected, outside, min_rows)


def _collect(
    readings: Sequence[Reading],
    forced: Forced,
    cut: Cut,
    threads: int | None,
    progress: Progress | None,
) -> _Collected:
    kinds = kinds_of(readings, forced)
    wanted = list(dict.fromkeys([*kinds, *filter(None, [cut.needs])]))
    collected = _Collected()

    def read(item: tuple[int, Sequence[Unit]]) -> tuple[int, dict[int, Piece]]:
        first, group = item
        return sum(f.size for unit in group for f in unit), pieces(group, first, cut, kinds)

    grouped = _numbered(units(fragments(readings, wanted), wanted))
    for size, made in in_order(read, grouped, threads or available_threads()):
        for part, piece in made.items():
            collected.add(part, piece)
        if len(collected.rows) > MOST_PERIODS:
            raise UsageError(
                f"more than {MOST_PERIODS:,} periods; take a longer --every, such as 1w or 1mo"
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


def _reference(
    source: str,
    way: str,
    cut: Cut,
    collected: _Collected,
    outside: int,
    min_rows: int | None,
) -> Reference:
    numbers = sorted(collected.rows)
    periods = [Period(label=cut.label(each), rows=collected.rows[each]) for each in numbers]
    least = _least_rows(periods, min_rows)
    kept = [each for each in numbers if collected.rows[each] >= least]
    _check_count(source, way, len(kept), len(numbers), least)
    profiles = [collected.finish(each) for each in kept]
    names = dict.fromkeys(name for each in profiles for name in each)
    return Reference(
        source=source,
        way=f"{len(kept)} {way}",
        periods=[each for each in periods if each.rows >= least],
        columns={name: [each.get(name) for each in profiles] for name in names},
        left_out=[each for each in periods if each.rows < least],
        outside=outside,
    )


def _least_rows(periods: Sequence[Period], min_rows: int | None) -> float:
    if min_rows is not None:
        return min_rows
    return max(LEAST_ROWS, LEAST_SHARE * median([each.rows for each in periods] or [0]))


def _check_count(source: str, way: str, kept: int, found: int, least: float) -> None:
    if kept >= FEWEST_PERIODS:
        return
    fewer = f" ({found} with fewer than {least:,.0f} rows among them)" if found > kept else ""
    raise InputError(
        f"{source}: {kept} {way}{fewer}; calibration needs at least {FEWEST_PERIODS}: give more "
        "history, a shorter --every or a lower --min-rows"
    )


def from_sources(
    sources: Iterable[tuple[Source, Forced]],
    *,
    min_rows: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Reference:
    """Read several datasets and return each as a reference period.

    Raises
    ------
    InputError
        When data cannot be read, or there are too few datasets.
    """
    periods: list[Period] = []
    profiles: list[dict[str, ColumnProfile]] = []
    for source, forced in sources:
        profile = profile_source(source, forced, threads=threads, progress=progress)
        periods.append(Period(label=source.name, rows=profile.rows))
        profiles.append({n: merge([p], PART_POINTS) for n, p in profile.columns.items()})
    least = _least_rows(periods, min_rows)
    kept = [i for i, each in enumerate(periods) if each.rows >= least]
    name = ", ".join(each.label for each in periods[:2]) + (", …" if len(periods) > 2 else "")
    _check_count(name, "files", len(kept), len(periods), least)
    names = dict.fromkeys(name for i in kept for name in profiles[i])
    return Reference(
        source=name,
        way=f"{len(kept)} files",
        periods=[periods[i] for i in kept],
        columns={name: [profiles[i].get(name) for i in kept] for name in names},
        left_out=[each for i, each in enumerate(periods) if i not in set(kept)],
    )

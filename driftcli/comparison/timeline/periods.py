"""One dataset read once and cut into the periods of its time column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from driftcli.engine import Forced, Part, Progress, TimeCut, profile_parts
from driftcli.engine.periods import Span, SpanCut
from driftcli.errors import InputError
from driftcli.profile.column import ColumnProfile, merge, type_name
from driftcli.profile.dataset import DatasetProfile
from driftcli.source import Source

#: Points of one period's column, at most. W₁ is then known to some 0.002 standard deviations, a
#: fiftieth of its default threshold. With very many periods and columns the engine holds fewer.
POINTS = 1_024
#: Points of what is put together from several periods: a window, a baseline.
JOINED_POINTS = 2_048


@dataclass(frozen=True)
class Rows:
    """Some rows and the profiles of their columns."""

    rows: int = 0
    columns: Mapping[str, ColumnProfile] = field(default_factory=dict)


@dataclass(frozen=True)
class Periods:
    """The periods of a dataset by their numbers, which follow one another without a gap.

    Attributes
    ----------
    dataset : DatasetProfile
        Where they come from; of its columns, the profiles of the period with the most rows.
    by_number : mapping of int to Rows
        Those that have rows.
    untimed : int
        Rows whose time is missing.
    inside : sequence of int
        The periods that have rows in the span of the baseline.
    baseline : Rows or None
        The rows in that span.
    """

    cut: TimeCut
    dataset: DatasetProfile
    by_number: Mapping[int, Rows]
    untimed: int = 0
    inside: Sequence[int] = ()
    baseline: Rows | None = None

    @property
    def first(self) -> int:
        """The number of the first period."""
        return min(self.by_number)

    @property
    def last(self) -> int:
        """The number of the last period."""
        return max(self.by_number)

    def rows(self, number: int) -> int:
        """Return how many rows a period has."""
        return self.by_number[number].rows if number in self.by_number else 0


def read_periods(
    source: Source,
    forced: Forced,
    cut: TimeCut,
    span: Span | None = None,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Periods:
    """Read a dataset and return its periods, with the rows of a `span` of time as the baseline.

    Raises
    ------
    InputError
        When the data cannot be read, or there are no rows with a time, or none in the span.
    UsageError
        When there are too many periods.
    """
    way = cut if span is None else SpanCut(cut, span)
    forced = {**forced, cut.column: None}
    parts = profile_parts(source, forced, way, points=POINTS, threads=threads, progress=progress)
    untimed = sum(part.rows for part in parts if part.label is None)
    timed = [part for part in parts if part.label is not None]
    if not timed:
        raise InputError(f"{source.name}: no rows with a time in {cut.column!r}")
    dataset = _dataset(source, forced, timed, untimed)
    if span is None:
        by_number = {part.number: Rows(part.rows, part.columns) for part in timed}
        return Periods(cut, dataset, by_number, untimed)
    return _with_baseline(cut, dataset, timed, untimed)


def _with_baseline(
    cut: TimeCut, dataset: DatasetProfile, timed: Sequence[Part], untimed: int
) -> Periods:
    inside = [part for part in timed if part.number % 2]
    if not inside:
        first, last = (cut.label(part.number // 2) for part in (timed[0], timed[-1]))
        raise InputError(
            f"{dataset.source}: no rows in the span of --baseline; they are of {first} to {last}"
        )
    numbers: dict[int, list[Part]] = {}
    for part in timed:
        numbers.setdefault(part.number // 2, []).append(part)
    return Periods(
        cut,
        dataset,
        {number: joined(some, POINTS) for number, some in numbers.items()},
        untimed,
        [part.number // 2 for part in inside],
        joined(inside),
    )


def _dataset(source: Source, forced: Forced, parts: Sequence[Part], untimed: int) -> DatasetProfile:
    largest: dict[str, ColumnProfile] = {}
    for part in parts:
        for name, column in part.columns.items():
            if name not in largest or column.rows > largest[name].rows:
                largest[name] = column
    types = {
        each.name: type_name(each.type)
        for each in source.schema
        if forced.get(each.name, "") is not None
    }
    return DatasetProfile(
        source=source.name,
        format=source.format,
        rows=untimed + sum(part.rows for part in parts),
        columns={name: largest[name] for name in types if name in largest},
        types=types,
        notes=source.notes,
        partial=dict(source.partial),
        path_keys=dict(source.path_keys),
    )


def joined(parts: Iterable[Rows | Part], points: int = JOINED_POINTS) -> Rows:
    """Return the rows of all `parts` together."""
    some = list(parts)
    if len(some) == 1:
        return Rows(some[0].rows, some[0].columns)
    columns: dict[str, list[ColumnProfile]] = {}
    for part in some:
        for name, profile in part.columns.items():
            columns.setdefault(name, []).append(profile)
    rows = sum(part.rows for part in some)
    return Rows(rows, {name: merge(each, points) for name, each in columns.items()})

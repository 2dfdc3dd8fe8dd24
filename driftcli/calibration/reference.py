"""Reference periods: what the past looked like, period by period, as profiles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from driftcli.engine import Cut, Forced, Part, Progress, profile_parts
from driftcli.errors import InputError
from driftcli.profile.column import ColumnProfile, merge
from driftcli.profile.dataset import DatasetProfile
from driftcli.report.calibration import Period
from driftcli.source import Source

#: Fewer periods say nothing of how far one lies from the others.
FEWEST_PERIODS = 3
#: A period with a smaller share of the median period's rows is a fragment: it began or ended
#: outside the data, or something was broken.
LEAST_SHARE = 0.2
LEAST_ROWS = 30
#: Points of one period's column. W₁ is then known to some 0.002 standard deviations, a fiftieth of
#: its default threshold, and a year of days with 20 columns takes some 120 MB.
PART_POINTS = 1_024


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
    parts = profile_parts(
        source, forced, cut, points=PART_POINTS, threads=threads, progress=progress
    )
    return _reference(source.name, way, parts, min_rows)


def _reference(source: str, way: str, parts: Sequence[Part], min_rows: int | None) -> Reference:
    outside = sum(part.rows for part in parts if part.label is None)
    labelled = [(part, part.label) for part in parts if part.label is not None]
    periods = [Period(label=label, rows=part.rows) for part, label in labelled]
    least = least_rows(periods, min_rows)
    kept = [part for part, _ in labelled if part.rows >= least]
    check_count(source, way, len(kept), len(periods), least)
    names = dict.fromkeys(name for part in kept for name in part.columns)
    return Reference(
        source=source,
        way=f"{len(kept)} {way}",
        periods=[each for each in periods if each.rows >= least],
        columns={name: [part.columns.get(name) for part in kept] for name in names},
        left_out=[each for each in periods if each.rows < least],
        outside=outside,
    )


def least_rows(periods: Sequence[Period], min_rows: int | None) -> float:
    """Return the rows that a period must have to be learnt from."""
    if min_rows is not None:
        return min_rows
    return max(LEAST_ROWS, LEAST_SHARE * median([each.rows for each in periods] or [0]))


def check_count(source: str, way: str, kept: int, found: int, least: float) -> None:
    """Raise an InputError where too few periods are left."""
    if kept >= FEWEST_PERIODS:
        return
    fewer = f" ({found} with fewer than {least:,.0f} rows among them)" if found > kept else ""
    raise InputError(
        f"{source}: {kept} {way}{fewer}; calibration needs at least {FEWEST_PERIODS}: give more "
        "history, a shorter --every or a lower --min-rows"
    )


def from_profiles(datasets: Iterable[DatasetProfile], *, min_rows: int | None = None) -> Reference:
    """Return several datasets as a reference period each.

    Raises
    ------
    InputError
        When there are too few datasets.
    """
    periods: list[Period] = []
    profiles: list[dict[str, ColumnProfile]] = []
    for profile in datasets:
        periods.append(Period(label=profile.source, rows=profile.rows))
        profiles.append({n: merge([p], PART_POINTS) for n, p in profile.columns.items()})
    least = least_rows(periods, min_rows)
    kept = [i for i, each in enumerate(periods) if each.rows >= least]
    name = ", ".join(each.label for each in periods[:2]) + (", …" if len(periods) > 2 else "")
    check_count(name, "files", len(kept), len(periods), least)
    names = dict.fromkeys(name for i in kept for name in profiles[i])
    return Reference(
        source=name,
        way=f"{len(kept)} files",
        periods=[periods[i] for i in kept],
        columns={name: [profiles[i].get(name) for i in kept] for name in names},
        left_out=[each for i, each in enumerate(periods) if i not in set(kept)],
    )

"""Reference periods: what the past looked like, period by period, as profiles."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from math import nan
from statistics import median
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from driftcli.comparison.alike import emptied
from driftcli.comparison.pair import paired
from driftcli.comparison.roles import Role, role_of
from driftcli.comparison.scores import measure
from driftcli.comparison.shapes import measure_shape, scored_sides
from driftcli.comparison.verdict import Gates, gates_of, levels_for
from driftcli.config import ResolvedColumn
from driftcli.errors import InputError
from driftcli.metrics import METRICS, Metric
from driftcli.profile.column import ColumnProfile, kind_name, merge
from driftcli.profile.dataset import DatasetProfile
from driftcli.profile.groups import Profiled
from driftcli.profile.numeric import Numbers
from driftcli.report.calibration import ReferencePeriod

#: Fewer periods say nothing of how far one lies from the others.
FEWEST_PERIODS = 3
#: A period with a smaller share of the median period's rows is a fragment: it began or ended
#: outside the data, or something was broken.
LEAST_SHARE = 0.2
LEAST_ROWS = 30
#: What makes a noun several, of words such as "periods of 1d".
_SEVERAL = re.compile(r"s\b")
#: Points of one period's column. W₁ is then known to some 0.002 standard deviations, a fiftieth of
#: its default threshold, and a year of days with 20 columns takes some 120 MB.
PERIOD_POINTS = 1_024


class Reference(Struct, frozen=True):
    """The periods that thresholds are learnt from, in order.

    Attributes
    ----------
    way : str
        What a period is, as in "52 periods of 1d".
    columns : mapping of str to sequence of (ColumnProfile or None)
        Of each column, its profile in each period; None where a period lacks the column.
    left_out : sequence of ReferencePeriod
        Those with too few rows.
    outside : int
        Rows that belong to no period, as their time is missing.
    """

    source: str
    way: str
    periods: Sequence[ReferencePeriod]
    columns: Mapping[str, Sequence[ColumnProfile | None]]
    left_out: Sequence[ReferencePeriod] = ()
    outside: int = 0


def from_groups(
    made: Profiled,
    label: Callable[[Any], str],
    way: str,
    min_rows: int | None = None,
    more: Sequence[str] = ("more history",),
) -> Reference:
    """Return the groups of one dataset as reference periods.

    Parameters
    ----------
    label
        Takes the key of a group and returns what a person calls the period.
    way
        What a period is, as in "periods of 1d".
    more
        What makes more of them.

    Raises
    ------
    InputError
        When there are too few periods.
    """
    source = made.whole.source
    groups = {label(key): group for key, group in made.groups.items() if key is not None}
    periods = [ReferencePeriod(label=name, rows=group.rows) for name, group in groups.items()]
    least = least_rows(periods, min_rows)
    kept = [group for group in groups.values() if group.rows >= least]
    check_count(source, way, len(kept), len(periods), least, *more)
    names = dict.fromkeys(name for group in kept for name in group.columns)
    return Reference(
        source=source,
        way=f"{len(kept)} {way}",
        periods=[each for each in periods if each.rows >= least],
        columns={name: [group.columns.get(name) for group in kept] for name in names},
        left_out=[each for each in periods if each.rows < least],
        outside=made.whole.rows - sum(each.rows for each in periods),
    )


def least_rows(periods: Sequence[ReferencePeriod], min_rows: int | None) -> float:
    """Return the rows that a period must have to be learnt from."""
    if min_rows is not None:
        return min_rows
    return max(LEAST_ROWS, LEAST_SHARE * median([each.rows for each in periods] or [0]))


def check_count(source: str, way: str, kept: int, found: int, least: float, *more: str) -> None:
    """Raise an InputError where too few periods are left; `more` says how to come by more."""
    if kept >= FEWEST_PERIODS:
        return
    fewer = f" of {least:,.0f} rows or more, of {found}" if found > kept else ""
    remedies = (*more, "a lower --min-rows") if found > kept else more
    counted = _SEVERAL.sub("", way, count=1) if kept == 1 else way
    raise InputError(
        f"{source}: {kept} {counted}{fewer}; calibration needs at least {FEWEST_PERIODS}: it "
        f"takes {' or '.join(remedies)}"
    )


def from_profiles(datasets: Iterable[DatasetProfile], *, min_rows: int | None = None) -> Reference:
    """Return several datasets as a reference period each.

    Raises
    ------
    InputError
        When there are too few datasets.
    """
    periods: list[ReferencePeriod] = []
    profiles: list[dict[str, ColumnProfile]] = []
    for profile in datasets:
        periods.append(ReferencePeriod(label=profile.source, rows=profile.rows))
        profiles.append({n: merge([p], PERIOD_POINTS) for n, p in profile.columns.items()})
    least = least_rows(periods, min_rows)
    kept = [i for i, each in enumerate(periods) if each.rows >= least]
    name = ", ".join(each.label for each in periods[:2]) + (", …" if len(periods) > 2 else "")
    check_count(name, "files", len(kept), len(periods), least, "more files")
    names = dict.fromkeys(name for i in kept for name in profiles[i])
    return Reference(
        source=name,
        way=f"{len(kept)} files",
        periods=[periods[i] for i in kept],
        columns={name: [profiles[i].get(name) for i in kept] for name in names},
        left_out=[each for i, each in enumerate(periods) if i not in set(kept)],
    )


Scores = NDArray[np.float64]


class GatedColumn(Struct, frozen=True):
    """The metrics of a column that can make it drift, with their drift thresholds in force.

    `reason` says why there are none.
    """

    role: Role
    gates: Gates
    thresholds: Mapping[str, float]
    reason: str | None = None


class PastScores(Struct, frozen=True):
    """A column's scores by metric, each of shape (periods,); NaN where one is not defined.

    `error_bounds` are the largest known of each metric, None where no bound is known.
    """

    scores: Mapping[str, Scores]
    error_bounds: Mapping[str, float | None]


def of_one_kind_throughout(
    profiles: Sequence[ColumnProfile | None],
) -> tuple[Sequence[ColumnProfile | None], str | None]:
    """Return the profiles as one kind, or the reason why they cannot be.

    A period in which all values are missing has no type of its own and takes the others'.
    """
    typed = [each for each in profiles if each is not None and each.type != "null"]
    if not typed:
        return profiles, "no values"
    like = typed[0]
    for each in typed:
        if each.kind != like.kind:
            return profiles, f"its type changes: {kind_name(like)} and {kind_name(each)}"
    return [
        emptied(each, like) if each is not None and each.type == "null" else each
        for each in profiles
    ], None


def gated_by_history(
    name: str, profiles: Sequence[ColumnProfile], rules: ResolvedColumn
) -> GatedColumn:
    """Return what gates a column whose baseline is all of history.

    Of a column whose values are not gated (a timestamp, an identifier) nothing is learnt.
    """
    whole = merge(profiles)
    role = role_of(name, whole, None, rules)
    gates = gates_of(role, whole, rules)
    if gates.reason is not None:
        return GatedColumn(role, gates, {}, gates.reason)
    levels = {name: levels_for(metric, gates) for name, metric in METRICS.items()}
    thresholds = {
        name: each.drift
        for name, each in levels.items()
        if each.drift is not None and _defined(METRICS[name], profiles[0], role)
    }
    return GatedColumn(
        role, gates, thresholds, None if thresholds else "no metric has a drift threshold"
    )


def _defined(metric: Metric, side: ColumnProfile, role: Role) -> bool:
    numeric = isinstance(side.values, Numbers) or role == "text"
    return numeric or not metric.numeric_only


def past_scores(
    profiles: Sequence[ColumnProfile | None],
    rules: ResolvedColumn,
    gated: GatedColumn,
    metrics: Collection[str],
) -> PastScores:
    """Return the scores of each period (as the current data) against all others (the baseline).

    Parameters
    ----------
    profiles
        One a period, of one kind; None where there is none.
    """
    made = {name: np.full(len(profiles), nan) for name in metrics}
    bounds: dict[str, float | None] = dict.fromkeys(metrics, 0.0)
    there = [i for i, each in enumerate(profiles) if each is not None]
    filled = [each for each in profiles if each is not None]
    for place, (period, others) in zip(there, each_with_others(filled), strict=True):
        sides = scored_sides(others, period, gated.role)
        measured = measure(*sides, paired(*sides, rules), rules, metrics)
        for each in (*measured, *measure_shape(others, period, gated.gates, metrics)):
            name, bound = each.metric.name, bounds[each.metric.name]
            made[name][place] = each.value
            known = bound is not None and each.error_bound is not None
            bounds[name] = max(bound, each.error_bound) if known else None  # type: ignore[type-var]  # both are numbers
    return PastScores(made, bounds)


#: Points of the others' profile: W₁ is then known to some 0.001 standard deviations.
OTHERS_POINTS = 2_048


def each_with_others(
    profiles: Sequence[ColumnProfile], limit: int = OTHERS_POINTS
) -> Iterator[tuple[ColumnProfile, ColumnProfile]]:
    """Yield each profile, in order, with the merged profile of all the others.

    Exact when the profiles are and together have at most `limit` distinct values.

    Parameters
    ----------
    profiles
        At least two, of one kind.
    """
    yield from _down(profiles, None, limit)


def _down(
    profiles: Sequence[ColumnProfile], outside: ColumnProfile | None, limit: int
) -> Iterator[tuple[ColumnProfile, ColumnProfile]]:
    if len(profiles) == 1:
        assert outside is not None
        yield profiles[0], outside
        return
    middle = len(profiles) // 2
    halves = profiles[:middle], profiles[middle:]
    for half, other in (halves, halves[::-1]):
        yield from _down(half, merge([*filter(None, [outside]), *other], limit), limit)

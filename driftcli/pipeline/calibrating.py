"""What thresholds are learnt from: data of the past, and what runs of a check recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from driftcli.errors import UsageError, nearest

if TYPE_CHECKING:
    import numpy as np

    from driftcli.calibration import Recorded, RecordedColumn, Reference, TomlFile
    from driftcli.calibration.learning import HandSet
    from driftcli.config import Configuration
    from driftcli.history import GatedScore
    from driftcli.history.store import History
    from driftcli.pipeline.inputs import Reading
    from driftcli.pipeline.selection import Selection


class Past(Struct, frozen=True):
    """What a period of the past is, where one dataset holds all of them.

    Attributes
    ----------
    time : str or None
        The time column; without one the periods are random parts.
    every : str
        The length of a period.
    splits, seed : int
        How many random parts there are, and the seed by which they are drawn.
    min_rows : int or None
        The fewest rows of a period.
    """

    time: str | None
    every: str
    splits: int
    seed: int
    min_rows: int | None = None


def read(
    baseline: Sequence[str],
    configuration: Configuration,
    selection: Selection,
    periods: Past,
    reading: Reading,
) -> Reference:
    """Return the periods of the past: those of one dataset, or one a dataset.

    Raises
    ------
    DriftError
        When data cannot be read, or there are too few periods.
    """
    from driftcli.calibration import from_profiles
    from driftcli.pipeline.profiling import past

    if len(baseline) > 1:
        profiles = past(baseline, configuration, selection, reading)
        return from_profiles(profiles, min_rows=periods.min_rows)
    return _of_one(
        baseline[0], configuration, replace(selection, time=periods.time), periods, reading
    )


def _of_one(
    data: str, configuration: Configuration, selection: Selection, periods: Past, reading: Reading
) -> Reference:
    """Return the periods of one dataset: of its time column, or by chance."""
    from driftcli.calibration import PERIOD_POINTS, from_groups
    from driftcli.engine import GroupBy, RandomGrouping, by_period
    from driftcli.pipeline.profiling import profiled_by
    from driftcli.profile.calendar import Every

    if periods.time is None:
        splits = RandomGrouping(periods.splits, periods.seed)
        groups = GroupBy("chance", lambda _: splits, PERIOD_POINTS)
        label, way, more = _split, "random splits", ["more rows"]
    else:
        every = Every.parse(periods.every)
        grouping = partial(by_period, name=periods.time, every=every)
        groups = GroupBy("--time", grouping, PERIOD_POINTS)
        label, way = every.label, f"periods of {every}"
        more = ["more history", "a shorter --every"]
    made = profiled_by(data, configuration, selection, reading, groups)
    return from_groups(made, label, way, periods.min_rows, more)


def _split(number: int) -> str:
    """Return what a person calls a random part."""
    return f"split {number + 1}"


_DRIFTED = ("drift", "warn")
_CLEAN = ("ok", "inconclusive")


def configured(configuration: Configuration, check: str) -> Configuration:
    """Return the settings of a check of the configuration.

    Raises
    ------
    UsageError
        When it has no such check: what is learnt is for its table.
    """
    if check not in configuration.checks:
        place, near = configuration.file or "drift.toml", nearest(check, configuration.checks)
        raise UsageError(f"--from-history {check!r}: {place} has no such check; {near}")
    return configuration.checks[check]


def either(*files: TomlFile) -> HandSet:
    """Return what tells whether a threshold was set by hand in a table of the configuration."""
    return lambda column, metric: any(each.hand_set(column, metric) for each in files)


def recorded(history: History, check: str, selection: Selection, *, with_drifted: bool) -> Recorded:
    """Return what a history has of a check, of the columns that are selected.

    Runs that drifted or warned are left out, and of other runs the columns that did: they were
    accepted, not like the rest.

    Raises
    ------
    HistoryError
        When the store cannot be read, or has no run of the check.
    """
    from driftcli.calibration import Recorded, ReferencePeriod
    from driftcli.history.trends import require_recorded

    require_recorded(history, check, None)
    found = history.gated_scores(check)
    drifted = {each.day for each in found if each.verdict not in _CLEAN}
    if with_drifted:
        drifted = set()
    kept = [each for each in found if each.day not in drifted and selection.takes(each.column)]
    days = {each.day: each.rows for each in kept}
    return Recorded(
        check=check,
        runs=[ReferencePeriod(label=str(day), rows=rows) for day, rows in days.items()],
        columns=_columns(kept, {day: at for at, day in enumerate(days)}, with_drifted=with_drifted),
        drifted=len(drifted),
    )


def _columns(
    found: Sequence[GatedScore], places: Mapping[object, int], *, with_drifted: bool
) -> dict[str, RecordedColumn]:
    import numpy as np

    from driftcli.calibration import RecordedColumn

    scores: dict[str, dict[str, np.ndarray]] = {}
    bounds: dict[str, dict[str, float | None]] = {}
    gated: dict[str, bool] = {}
    for each in found:
        gated[each.column] = each.gated
        own, bound = scores.setdefault(each.column, {}), bounds.setdefault(each.column, {})
        if each.metric not in own:
            own[each.metric] = np.full(len(places), np.nan)
            bound[each.metric] = 0.0
        if each.value is not None and (with_drifted or each.status not in _DRIFTED):
            own[each.metric][places[each.day]] = each.value
        known, new = bound[each.metric], each.error_bound
        bound[each.metric] = None if known is None or new is None else max(known, new)
    return {
        name: RecordedColumn(gated=gated[name], scores=own, error_bounds=bounds[name])
        for name, own in scores.items()
    }

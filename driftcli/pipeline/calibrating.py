"""`drift calibrate`: the data to learn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from driftcli.cli import history_store
from driftcli.errors import UsageError, nearest

if TYPE_CHECKING:
    import numpy as np

    from driftcli.calibration import Recorded, RecordedColumn, Reference, TomlFile
    from driftcli.calibration.learning import HandSet
    from driftcli.config import Configuration
    from driftcli.engine import Cut
    from driftcli.history import GatedScore
    from driftcli.pipeline.comparing import Selection


def read(
    baseline: list[str],
    loaded: Configuration,
    selection: Selection,
    way: tuple[str | None, str, int, int],
    how: tuple[int | None, int | None],
) -> Reference:
    """Return the periods of the past: those of one dataset, or one a dataset.

    Parameters
    ----------
    way
        The time column, the length of a period, and the random parts and their seed without one.
    how
        The fewest rows of a period, and the threads.

    Raises
    ------
    DriftError
        When data cannot be read, or there are too few periods.
    """
    from driftcli.calibration import from_cut, from_profiles
    from driftcli.cli.progress import progress_line
    from driftcli.engine import Every, RandomCut, time_cut
    from driftcli.pipeline.comparing import cuttable, past

    time, every, splits, seed = way
    min_rows, threads = how
    with progress_line() as progress:
        if len(baseline) > 1:
            profiles = past(baseline, loaded, selection, threads=threads, progress=progress)
            return from_profiles(profiles, min_rows=min_rows)
        source, kinds = cuttable(baseline[0], loaded, selection)
        if progress:
            progress.expect(source.size)
        if time is None:
            cut: Cut = RandomCut(splits, seed)
            called = "random splits"
        else:
            length = Every.parse(every)
            cut = time_cut(time, length, source.schema)
            called = f"periods of {length}"
            kinds = {**kinds, time: None}
        return from_cut(
            source, kinds, cut, called, min_rows=min_rows, threads=threads, progress=progress
        )


_DRIFTED = ("drift", "warn")
_CLEAN = ("ok", "inconclusive")


def configured(loaded: Configuration, check: str) -> Configuration:
    """Return the settings of a check of the configuration.

    Raises
    ------
    UsageError
        When it has no such check: what is learnt is for its table.
    """
    if check not in loaded.checks:
        place = loaded.file or "drift.toml"
        raise UsageError(
            f"--from-history {check!r}: {place} has no such check; {nearest(check, loaded.checks)}"
        )
    return loaded.checks[check]


def either(*files: TomlFile) -> HandSet:
    """Return what tells whether a threshold was set by hand in a table of the configuration."""
    return lambda column, metric: any(each.hand_set(column, metric) for each in files)


def recorded(
    store: str | None,
    loaded: Configuration,
    check: str,
    globs: tuple[Sequence[str], Sequence[str]],
    *,
    with_drifted: bool,
) -> Recorded:
    """Return what the store has of a check, of the columns that one of `globs[0]` matches.

    Those of `globs[1]` are left out. So are runs that drifted or warned, and of other runs the
    columns that did: they were accepted, not like the rest.

    Raises
    ------
    HistoryError
        When the store cannot be read, or has no run of the check.
    """
    from driftcli.calibration import Period, Recorded
    from driftcli.history.trends import require_recorded

    with history_store.opened(store, loaded) as history:
        require_recorded(history, check, None)
        found = history.gated_scores(check)
    drifted = {each.day for each in found if each.verdict not in _CLEAN}
    if with_drifted:
        drifted = set()
    kept = [each for each in found if each.day not in drifted and _chosen(each.column, globs)]
    days = {each.day: each.rows for each in kept}
    return Recorded(
        check=check,
        runs=[Period(label=str(day), rows=rows) for day, rows in days.items()],
        columns=_columns(kept, {day: at for at, day in enumerate(days)}, with_drifted=with_drifted),
        drifted=len(drifted),
    )


def _chosen(column: str, globs: tuple[Sequence[str], Sequence[str]]) -> bool:
    wanted, unwanted = globs
    return (not wanted or any(fnmatchcase(column, each) for each in wanted)) and not any(
        fnmatchcase(column, each) for each in unwanted
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

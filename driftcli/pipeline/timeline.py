"""The timeline of what the user named: opened, read period by period, compared and judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from driftcli.comparison.timeline.compare import compare_periods
from driftcli.comparison.timeline.periods import Periods, read_periods
from driftcli.comparison.timeline.plan import Plan
from driftcli.config import Configuration
from driftcli.engine import Forced, Progress, profile_source, time_cut
from driftcli.engine.periods import Span
from driftcli.errors import UsageError
from driftcli.pipeline.comparing import compared, cuttable
from driftcli.pipeline.inputs import Reading, is_path, open_side
from driftcli.pipeline.selection import Selection
from driftcli.profile.column import ColumnProfile, merge
from driftcli.profile.dataset import DatasetProfile
from driftcli.report.timeline import Timeline
from driftcli.source import Source


@dataclass(frozen=True)
class Clock:
    """The column that says when, and the zone in whose local time periods are cut."""

    column: str
    zone: str | None = None


def run(  # noqa: PLR0913 - each is one thing that a run can be told
    data: Any,
    loaded: Configuration,
    selection: Selection,
    clock: Clock,
    plan: Plan,
    *,
    baseline: Any = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Timeline:
    """Return the timeline of a dataset.

    Parameters
    ----------
    baseline
        A span of time, such as "2013-01-01..2013-03-31"; or another dataset or a saved profile.

    Raises
    ------
    DriftError
        When data cannot be read, or a setting or the plan cannot be used.
    """
    if loaded.settings.like:
        raise UsageError("a timeline has no numbers of other tools; leave out `like`")
    span = Span.parse(baseline) if isinstance(baseline, str) else None
    if baseline is not None and span is None:
        how = Reading(threads=threads, progress=progress)
        return _beside(data, baseline, loaded, selection, clock, plan, how=how)
    source, kinds = cuttable(data, loaded, selection)
    if progress:
        progress.expect(source.size)
    cutting = _Cutting(clock, plan, span)
    cutting(source, kinds, threads=threads, progress=progress)
    return compare_periods(cutting.found[0], plan, loaded.settings, span=baseline)


def _beside(  # noqa: PLR0913 - each is one thing that a run can be told
    data: Any,
    baseline: Any,
    loaded: Configuration,
    selection: Selection,
    clock: Clock,
    plan: Plan,
    *,
    how: Reading,
) -> Timeline:
    """Return the timeline of a dataset beside another one or a profile."""
    # Streams can be opened only once, and hold no profile.
    named = is_path(baseline) and baseline != "-"
    side = open_side(baseline, loaded.settings.read) if named else baseline
    saved = side if isinstance(side, DatasetProfile) else None
    cutting = _Cutting(clock, plan, others=saved is None, redacted=bool(saved and saved.redacted))
    how = replace(how, profiler=cutting)
    p, q = compared(saved or baseline, data, loaded, selection, how)
    if not cutting.found:
        raise UsageError(f"{q.source}: a profile has no rows to tell apart by --time; give data")
    return compare_periods(
        cutting.found[0],
        plan,
        loaded.settings,
        baseline=_without(p, clock.column),
    )


class _Cutting:
    """Profiles a dataset period by period, and keeps them; `others` that come first as a whole."""

    def __init__(
        self,
        clock: Clock,
        plan: Plan,
        span: Span | None = None,
        *,
        others: bool = False,
        redacted: bool = False,
    ) -> None:
        self.found: list[Periods] = []
        self._clock, self._plan, self._span = clock, plan, span
        self._others, self._redacted = others, redacted

    def __call__(
        self,
        source: Source,
        forced: Forced,
        *,
        sample: None = None,  # noqa: ARG002 - as `profile_source` takes it
        threads: int | None = None,
        progress: Progress | None = None,
    ) -> DatasetProfile:
        if self._others:
            self._others = False
            forced = {**forced, self._clock.column: None}
            return profile_source(source, forced, threads=threads, progress=progress)
        cut = time_cut(self._clock.column, self._plan.every, source.schema, self._clock.zone)
        made = read_periods(source, forced, cut, self._span, threads=threads, progress=progress)
        self.found.append(made)
        # What was redacted is told apart by the names that the data has, in whichever period.
        return replace(made.dataset, columns=_whole(made)) if self._redacted else made.dataset


def _whole(periods: Periods) -> Mapping[str, ColumnProfile]:
    rows = periods.by_number.values()
    return {
        name: merge([each.columns[name] for each in rows if name in each.columns])
        for name in periods.dataset.columns
    }


def _without(profile: DatasetProfile, column: str) -> DatasetProfile:
    """Return a profile without one of its columns."""
    return replace(
        profile,
        types={name: each for name, each in profile.types.items() if name != column},
        columns={name: each for name, each in profile.columns.items() if name != column},
    )

"""From what the user named to the report with segments: each dataset is read once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from driftcli.comparison.segments.compare import Segmented, compare_sides
from driftcli.config import Configuration
from driftcli.engine import Forced, Part, Progress, profile_whole_and_parts, segment_cut
from driftcli.engine.grouping import Keys
from driftcli.errors import UsageError
from driftcli.pipeline.comparing import Ran, compared, with_settings
from driftcli.pipeline.inputs import Reading, asks_for_repeats
from driftcli.pipeline.selection import Selection
from driftcli.profile.dataset import DatasetProfile
from driftcli.report.comparison import Report
from driftcli.source import Source

#: Points of one segment's column, at most.
SEGMENT_POINTS = 1_024


def run_by(  # noqa: PLR0913 - each is one thing that a run can be told
    baseline: Any,
    current: Any,
    loaded: Configuration,
    selection: Selection,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
    details: bool = False,
) -> Report:
    """Read both datasets once, compare them by segments and return the report.

    The segments are the values of the columns that the setting `by` names.

    Raises
    ------
    DriftError
        When data cannot be read or a setting cannot be used.
    """
    return run_by_keeping(
        baseline, current, loaded, selection, threads=threads, progress=progress, details=details
    ).report


def run_by_keeping(  # noqa: PLR0913 - as `run_by`
    baseline: Any,
    current: Any,
    loaded: Configuration,
    selection: Selection,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
    details: bool = False,
) -> Ran:
    """Return the report of `run_by`, and the profile of the current data that it was made of."""
    settings = loaded.settings
    _check(loaded, selection)
    cutting = _Cutting(settings.by)
    how = Reading(
        threads=threads,
        progress=progress,
        profiler=cutting,
        rows_for="--by",
        repeated=asks_for_repeats(settings),
        as_stored=settings.by,
    )
    p, q = compared(baseline, current, loaded, replace(selection, by=settings.by), how)
    report = compare_sides(
        Segmented(p, cutting.found[0]),
        Segmented(q, cutting.found[1]),
        settings.by,
        settings,
        details=details,
        threads=threads,
        today=selection.today,
    )
    return Ran(with_settings(report, loaded, p, q), q)


def _check(loaded: Configuration, selection: Selection) -> None:
    where = loaded.place(("by",))
    if selection.sample:
        raise UsageError(f"{where}: takes all rows; leave out --sample")
    if loaded.settings.like:
        raise UsageError(f"{where}: segments have no numbers of other tools; leave out --like")


@dataclass
class _Cutting:
    """Profiles a source as a whole and by segments, and keeps what it finds of the latter."""

    by: tuple[str, ...]
    found: list[dict[Keys, Part]] = field(default_factory=list)

    def __call__(
        self,
        source: Source,
        forced: Forced,
        *,
        sample: None = None,  # noqa: ARG002 - as `profile_source` takes it
        threads: int | None = None,
        progress: Progress | None = None,
    ) -> DatasetProfile:
        cut = segment_cut(self.by, source.schema)
        whole, parts = profile_whole_and_parts(
            source, forced, cut, points=SEGMENT_POINTS, threads=threads, progress=progress
        )
        self.found.append({cut.keys(part.number): part for part in parts})
        return whole

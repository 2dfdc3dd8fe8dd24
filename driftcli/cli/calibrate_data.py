"""`drift calibrate`: the data to learn from."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from driftcli.calibration import Reference
    from driftcli.config import Loaded
    from driftcli.engine import Cut
    from driftcli.pipeline import Selection


def read(
    baseline: list[str],
    loaded: Loaded,
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
    from driftcli.pipeline import cuttable, past

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

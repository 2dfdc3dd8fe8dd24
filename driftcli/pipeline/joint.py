"""Pairs of columns, from what the user named to the report."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from driftcli.comparison.joint.compare import compare_pairs
from driftcli.config import PAIR_THRESHOLDS, Configuration
from driftcli.errors import UsageError, nearest
from driftcli.pipeline import blocks, comparing
from driftcli.pipeline.comparing import Ran, compared
from driftcli.pipeline.inputs import Reading
from driftcli.pipeline.selection import Selection
from driftcli.profile.groups import Profiled
from driftcli.report.joint import Joint

#: Rows that are drawn of each side where nothing else is asked for: dependence below the default
#: thresholds is far above what chance shows of so many.
ROWS = 50_000


def check_threshold(metric: str, given: str) -> None:
    """Refuse a threshold that is of single columns, which would change nothing here.

    Parameters
    ----------
    given
        What messages call it.

    Raises
    ------
    UsageError
        When it is none of pairs.
    """
    if metric not in PAIR_THRESHOLDS:
        raise UsageError(
            f"{given}: {nearest(metric, PAIR_THRESHOLDS)}; those of single columns are for drift"
            " compare"
        )


def run(
    baseline: Any,
    current: Any,
    configuration: Configuration,
    selection: Selection,
    reading: Reading,
) -> Joint:
    """Read both datasets once, draw rows of each, and compare their pairs of columns.

    Raises
    ------
    DriftError
        When data cannot be read, or has no rows as a saved profile has none, or a setting cannot
        be used.
    """
    drawn_for = partial(blocks.drawn_for, configuration)
    reading = replace(
        reading,
        sample=reading.sample or ROWS,
        rows_for="drift joint",
        drawn_for=drawn_for,
    )
    return _pairs(*compared(baseline, current, configuration, selection, reading), configuration)


def run_beside(
    baseline: Any,
    current: Any,
    configuration: Configuration,
    selection: Selection,
    reading: Reading,
    *,
    details: bool = False,
) -> tuple[Ran, Joint]:
    """Compare both datasets, and their pairs of columns from rows drawn in the same reading.

    Raises
    ------
    DriftError
        As `run` does.
    """
    reading = replace(reading, rows_for=configuration.place(("joint",)), drawn=True)
    ran = comparing.run(baseline, current, configuration, selection, reading, details=details)
    return ran, _pairs(ran.baseline, ran.current, configuration)


def _pairs(p: Profiled, q: Profiled, configuration: Configuration) -> Joint:
    cut, found = blocks.cut_of(p, q, configuration)
    together = blocks.rows_in_blocks(p, q, cut) if cut else None
    return compare_pairs(p, q, configuration.settings, together, found)

"""Since when results are as they are: how many of the newest in a row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from driftcli.history.records import CheckState, Judged, Streak
from driftcli.report.comparison import SEVERITY
from driftcli.report.history import Outcome

#: Statuses of a column that are not as they should be.
FAILING = ("drift", "warn", "inconclusive")


def state(results: Sequence[tuple[date, Outcome]]) -> CheckState | None:
    """Return the newest result, and how many in a row before it ended as it did.

    Parameters
    ----------
    results
        Days and outcomes, oldest first; one a day.
    """
    if not results:
        return None
    day, verdict = results[-1]
    since, runs = day, 0
    for past, outcome in reversed(results):
        if outcome != verdict:
            break
        since, runs = past, runs + 1
    return CheckState(verdict, day, since, runs)


def streak(runs: Sequence[Judged]) -> Streak:
    """Return over how many of the newest runs in a row a column was at least as bad as it is now.

    Of one that is ok now, it is those since it last was not.

    Parameters
    ----------
    runs
        Those in which the column was judged, oldest first; at least one.
    """
    now = runs[-1]
    since, count = now.day, 0
    for past in reversed(runs):
        better = SEVERITY[past.status] > SEVERITY[now.status]
        if better if now.status in FAILING else past.status in FAILING:
            break
        since, count = past.day, count + 1
    return Streak(now.status, since, count)

"""What the history takes and gives: frozen records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from msgspec import Struct

from driftcli.report.columns import SEVERITY, Status, Waiver
from driftcli.report.comparison import Report
from driftcli.report.history import ColumnRun, Outcome
from driftcli.report.joint import Joint


class CheckResult(Struct, frozen=True, kw_only=True):
    """One check run for one day.

    Attributes
    ----------
    started, finished
        In UTC, and aware of it.
    baseline, current
        The sources as the user named them.
    baseline_fingerprint, current_fingerprint
        What changes when the data does; None where that is not known.
    error, report
        An outcome of "error" has the message and no report.
    joint
        The report on pairs of columns, where these were compared.
    profile
        Of the current data, as a file (`profile.saved`), for baselines that follow.
    """

    check: str
    day: date
    started: datetime
    finished: datetime
    baseline: str
    current: str
    baseline_fingerprint: str | None = None
    current_fingerprint: str | None = None
    verdict: Outcome
    exit_code: int
    error: str | None = None
    report: Report | None = None
    joint: Joint | None = None
    profile: bytes | None = None


class CheckState(Struct, frozen=True):
    """The newest result of a check: since which day, over how many runs in a row, it is so."""

    verdict: Outcome
    day: date
    since: date
    runs: int


class Streak(Struct, frozen=True):
    """Runs in a row, up to the newest, in which a column was at least as bad as it is now.

    Of one that is ok or skipped, those in which it was one of both. `since` is an ISO date.
    """

    status: Status
    since: str
    runs: int


class Notice(Struct, frozen=True):
    """What a target was last told about a check, and what it could not be told.

    Attributes
    ----------
    target
        Whatever names it to who tells.
    state, told_at
        What it was told, and when; None if nothing yet.
    attempts, error
        How often telling it a later state failed, and how it did the last time.
    """

    check: str
    target: str
    state: str | None = None
    told_at: datetime | None = None
    attempts: int = 0
    error: str | None = None


class GatedScore(NamedTuple):
    """One day's gated score of a column, and what became of the run and of the column.

    Attributes
    ----------
    verdict, rows
        Of the run, and of its current data.
    status, gated
        Of the column; whether its values are gated, and not just its missing ones.
    value
        None where it is not defined; may be infinite.
    error_bound
        None where it is not known.
    """

    day: date
    verdict: Outcome
    rows: int
    column: str
    status: Status
    gated: bool
    metric: str
    value: float | None
    error_bound: float | None


class RecordedWaiver(Struct, frozen=True):
    """A waiver as it was recorded: of which check, and for which column or glob.

    One of pairs has a second column or glob, `paired`; both are in the order of the alphabet.
    """

    check: str
    pattern: str
    waiver: Waiver
    recorded: datetime
    paired: str | None = None

    def holds(self, day: date) -> bool:
        """Return whether it holds on a day."""
        return day <= date.fromisoformat(self.waiver.until)


class Pruned(Struct, frozen=True):
    """What left the store: results, the profiles among it, and runs that had nothing else."""

    results: int
    profiles: int
    runs: int


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


def streak(runs: Sequence[ColumnRun]) -> Streak:
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

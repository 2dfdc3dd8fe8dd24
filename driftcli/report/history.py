"""What the history says: frozen records that are the JSON contract of `drift history`.

`drift schema --of history` prints their schema.
"""

from __future__ import annotations

import math
from typing import ClassVar, Literal

from msgspec import Struct

from driftcli.report.columns import Status, Waiver
from driftcli.report.documents import Count, Document, Scored

#: How a check ended: its verdict, or "error" where there is none.
Outcome = Literal["ok", "inconclusive", "warn", "unjudged", "drift", "error"]


class CheckRun(Struct, frozen=True, kw_only=True):
    """How a check ended that ran for a day (an ISO date)."""

    day: str
    verdict: Outcome


class CheckTrend(Struct, frozen=True, kw_only=True):
    """A check through time.

    Attributes
    ----------
    name
        The check.
    verdict, day
        The verdict of its newest run, and the day that was for.
    since, runs
        The day since which the verdict is that, and over how many runs in a row.
    drifted, first_drift, last_drift
        How many runs drifted, the first of them and the last.
    trend
        The runs since the day that was asked for.
    """

    name: str
    verdict: Outcome
    day: str
    since: str
    runs: Count
    drifted: Count
    first_drift: str | None = None
    last_drift: str | None = None
    trend: tuple[CheckRun, ...] = ()


class ColumnRun(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One column on one day.

    `excess` is its highest gated score as a multiple of the threshold: null when that is infinite
    (`infinite` is then true), or when nothing is gated.
    """

    day: str
    status: Status
    excess: float | None
    infinite: bool = False

    @property
    def number(self) -> float:
        """The excess as a float: `inf` when infinite, 0 where nothing is gated."""
        return math.inf if self.infinite else self.excess or 0.0


class ColumnTrend(Struct, frozen=True, kw_only=True):
    """A column through time. Runs that ended in an error, or lack the column, are passed over.

    Attributes
    ----------
    name
        The column.
    status, day
        Its status in the newest run, and the day that was for.
    since, runs
        The day since which its status is at least this bad, or ok if it is ok; over how many runs.
    drifted, first_drift, last_drift
        How many runs it drifted in, the first of them and the last.
    waiver
        One that holds on the day of the newest run.
    trend
        The runs since the day that was asked for.
    """

    name: str
    status: Status
    day: str
    since: str
    runs: Count
    drifted: Count
    first_drift: str | None = None
    last_drift: str | None = None
    waiver: Waiver | None = None
    trend: tuple[ColumnRun, ...] = ()


class PairTrend(ColumnTrend, frozen=True, kw_only=True):
    """Two columns through time, as one column is.

    Attributes
    ----------
    name, columns
        Both names in one, and each.
    status, day, since, runs, drifted, first_drift, last_drift, waiver, trend
        As those of a column.
    """

    columns: tuple[str, str]


class ScoreRun(Scored, frozen=True, kw_only=True, omit_defaults=True):
    """A score of one day.

    Attributes
    ----------
    day
        The day.
    status, value, infinite, threshold, noise, p_value
        As those of a score in a report.
    """

    day: str
    status: Status
    value: float | None
    infinite: bool = False
    threshold: float | None = None
    noise: float | None = None
    p_value: float | None = None


class MetricTrend(Struct, frozen=True, kw_only=True):
    """A metric of one column through time. It is `gated` if it was in the newest run."""

    metric: str
    gated: bool
    trend: tuple[ScoreRun, ...]


class Trends(Document, frozen=True, kw_only=True):
    """What `drift history` tells. Of several runs of a check for one day the newest counts.

    Attributes
    ----------
    schema, version
        What the document is, and the version of drift that made it.
    check, column, paired, since
        What was asked for.
    checks, columns, pairs
        The checks, and the columns and pairs of columns where a check was named, worst first.
    metrics
        The metrics, where a column was named, or two.
    """

    document: ClassVar[str] = "history"

    schema: Literal["drift.history/1"] = "drift.history/1"
    version: str
    check: str | None = None
    column: str | None = None
    paired: str | None = None
    since: str | None = None
    checks: tuple[CheckTrend, ...]
    columns: tuple[ColumnTrend, ...] = ()
    pairs: tuple[PairTrend, ...] = ()
    metrics: tuple[MetricTrend, ...] = ()

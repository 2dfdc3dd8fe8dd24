"""What the history's table says of a check or a column: since when, how often, the last value."""

from __future__ import annotations

import math

from driftcli.render.escape import sentence
from driftcli.render.figures import counted, number
from driftcli.report.history import CheckTrend, ColumnTrend

_LASTING = {
    "drift": "drifting",
    "warn": "warning",
    "inconclusive": "inconclusive",
    "unjudged": "not judged",
    "error": "not run",
    "ok": "ok",
    "skipped": "not compared",
}


def lasting(trend: CheckTrend | ColumnTrend) -> str:
    """Return since when it is as it is: `drifting since 2025-03-02, 9 runs`."""
    status = trend.verdict if isinstance(trend, CheckTrend) else trend.status
    return f"{_LASTING[status]} since {trend.since}, {counted(trend.runs, 'run')}"


def drifts(trend: CheckTrend | ColumnTrend) -> str:
    """Return how often it drifted, and the first and the last time."""
    if not trend.drifted:
        return ""
    if trend.first_drift == trend.last_drift:
        return f"once, {trend.first_drift}"
    return f"{trend.drifted:,} times, {trend.first_drift} to {trend.last_drift}"


def waiver(column: ColumnTrend) -> str:
    """Return until when a column is accepted, and why."""
    if column.waiver is None or column.status in ("ok", "skipped"):
        return ""
    return f"accepted until {column.waiver.until} ({sentence(column.waiver.why)})"


def multiple(excess: float) -> str:
    """Return a score as a multiple of its threshold: `×2.10`."""
    return "×∞" if math.isinf(excess) else f"×{number(excess)}"

"""What rows of past results say: the trend of a check, of its columns, and of their metrics."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import isinf
from typing import TYPE_CHECKING, Any

from driftcli.errors import HistoryError, nearest
from driftcli.history.records import Judged, Scored, state, streak
from driftcli.report.comparison import SEVERITY, Waiver, waiver_of
from driftcli.report.history import (
    CheckRun,
    CheckTrend,
    ColumnRun,
    ColumnTrend,
    MetricTrend,
    Outcome,
    ScoreRun,
    Trends,
)
from driftcli.version import __version__

if TYPE_CHECKING:
    from driftcli.history.store import History

_WORST = ("error", "drift", "unjudged", "warn", "inconclusive", "ok")


def trends(
    history: History,
    check: str | None = None,
    column: str | None = None,
    *,
    since: date | None = None,
    last: int | None = None,
) -> Trends:
    """Return the trends of all checks, or of one check, or of one column of it.

    Since when something is so is told of all that is recorded; trends have the days from `since`
    on, and of each check at most the `last` ones.

    Raises
    ------
    HistoryError
        When the store cannot be read, or has no such check or column.
    """
    check_names(history, check, column)
    outcomes = history.outcomes(check)
    found = [_check_trend(name, runs, _first(runs, since, last)) for name, runs in outcomes.items()]
    columns: tuple[ColumnTrend, ...] = ()
    metrics: tuple[MetricTrend, ...] = ()
    if check is not None:
        first = _first(outcomes[check], since, last)
        columns = _columns(history, check, column, first)
        metrics = _metrics(history, check, column, first) if column is not None else ()
    return Trends(
        version=__version__,
        check=check,
        column=column,
        since=since.isoformat() if since else None,
        checks=tuple(sorted(found, key=lambda each: (_WORST.index(each.verdict), each.name))),
        columns=columns,
        metrics=metrics,
    )


def check_names(history: History, check: str | None, column: str | None) -> None:
    """Raise a HistoryError for a check, or a column of it, of which nothing is recorded."""
    if check is None:
        return
    checks = history.checks()
    if check not in checks:
        raise HistoryError(f"no run of a check {check!r} is recorded; {nearest(check, checks)}")
    columns = history.columns(check)
    if column is not None and column not in columns:
        raise HistoryError(f"{check}: no column {column!r} is recorded; {nearest(column, columns)}")


def _first(
    runs: Sequence[tuple[date, Outcome]], since: date | None, last: int | None
) -> date | None:
    """Return the day with which a trend begins."""
    recent = runs[-last][0] if last is not None and last < len(runs) else None
    return max((day for day in (since, recent) if day is not None), default=None)


def _check_trend(name: str, runs: Sequence[tuple[date, Outcome]], since: date | None) -> CheckTrend:
    now = state(runs)
    assert now is not None
    return CheckTrend(
        name=name,
        verdict=now.verdict,
        day=now.day.isoformat(),
        since=now.since.isoformat(),
        runs=now.runs,
        **_drifts([day for day, verdict in runs if verdict == "drift"]),
        trend=tuple(
            CheckRun(day=day.isoformat(), verdict=verdict)
            for day, verdict in runs
            if since is None or day >= since
        ),
    )


def _drifts(days: Sequence[date]) -> dict[str, Any]:
    if not days:
        return {"drifted": 0}
    first, last = days[0].isoformat(), days[-1].isoformat()
    return {"drifted": len(days), "first_drift": first, "last_drift": last}


def _columns(
    history: History, check: str, column: str | None, first: date | None
) -> tuple[ColumnTrend, ...]:
    judged = history.judged(check, column)
    newest = max((runs[-1].day for runs in judged.values()), default=None)
    waivers = history.waivers(check, newest)[0] if newest else {}
    found = [
        _column_trend(name, runs, waiver_of(name, waivers), first)
        for name, runs in judged.items()
        # What the newest run no longer names has gone, and is told of when it is asked for.
        if runs[-1].day == newest
    ]
    return tuple(sorted(found, key=_severity))


def _severity(column: ColumnTrend) -> tuple[int, float, str]:
    last = column.trend[-1].number if column.trend else 0.0
    return SEVERITY[column.status], -last, column.name


def _column_trend(
    name: str, runs: Sequence[Judged], waiver: Waiver | None, since: date | None
) -> ColumnTrend:
    now = streak(runs)
    return ColumnTrend(
        name=name,
        status=now.status,
        day=runs[-1].day.isoformat(),
        since=now.since.isoformat(),
        runs=now.runs,
        **_drifts([each.day for each in runs if each.status == "drift"]),
        waiver=waiver,
        trend=tuple(_column_run(each) for each in runs if since is None or each.day >= since),
    )


def _column_run(judged: Judged) -> ColumnRun:
    infinite = judged.excess is not None and isinf(judged.excess)
    return ColumnRun(
        day=judged.day.isoformat(),
        status=judged.status,
        excess=None if infinite else judged.excess,
        infinite=infinite,
    )


def _metrics(
    history: History, check: str, column: str, since: date | None
) -> tuple[MetricTrend, ...]:
    found = [
        MetricTrend(metric=metric, gated=own[-1].gated, trend=tuple(map(_score_run, own)))
        for metric, own in history.scored(check, column, since).items()
    ]
    return tuple(sorted(found, key=lambda each: (not each.gated, each.metric)))


def _score_run(scored: Scored) -> ScoreRun:
    infinite = scored.value is not None and isinf(scored.value)
    return ScoreRun(
        day=scored.day.isoformat(),
        status=scored.status,
        value=None if infinite else scored.value,
        infinite=infinite,
        threshold=scored.threshold,
        noise=scored.noise,
        p_value=scored.p_value,
    )

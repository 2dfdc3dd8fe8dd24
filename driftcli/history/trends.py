"""What rows of past results say: the trend of a check, of its columns, and of their metrics."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from msgspec import structs

from driftcli.errors import HistoryError, nearest, no_column
from driftcli.history.records import state, streak
from driftcli.report.columns import SEVERITY, Waiver, waiver_of
from driftcli.report.history import (
    CheckRun,
    CheckTrend,
    ColumnRun,
    ColumnTrend,
    MetricTrend,
    Outcome,
    PairTrend,
    Trends,
)
from driftcli.report.joint import between, in_order, pair_waiver_of
from driftcli.version import __version__

if TYPE_CHECKING:
    from driftcli.history.store import History

_WORST = ("error", "drift", "unjudged", "warn", "inconclusive", "ok")


def trends(
    history: History,
    check: str | None = None,
    column: str | None = None,
    *,
    paired: str | None = None,
    since: date | None = None,
    last: int | None = None,
) -> Trends:
    """Return the trends of all checks, or of one check, or of one column of it, or of two together.

    Since when something is so is told of all that is recorded; trends have the days from `since`
    on, and of each check at most the `last` ones.

    Raises
    ------
    HistoryError
        When the store cannot be read, or has no such check, column or pair.
    """
    require_recorded(history, check, column, paired)
    outcomes = history.outcomes(check)
    found = [_check_trend(name, runs, _first(runs, since, last)) for name, runs in outcomes.items()]
    columns: tuple[ColumnTrend, ...] = ()
    pairs: tuple[PairTrend, ...] = ()
    metrics: tuple[MetricTrend, ...] = ()
    if check is not None:
        first = _first(outcomes[check], since, last)
        pair = None if column is None or paired is None else in_order(column, paired)
        if pair is None:
            columns = _columns(history, check, column, first)
        if column is None or pair is not None:
            pairs = _pairs(history, check, pair, first)
        if pair is not None:
            metrics = tuple(history.pair_metrics(check, pair, first))
        elif column is not None:
            metrics = tuple(history.metrics(check, column, first))
    return Trends(
        version=__version__,
        check=check,
        column=column,
        paired=paired,
        since=since.isoformat() if since else None,
        checks=tuple(sorted(found, key=lambda each: (_WORST.index(each.verdict), each.name))),
        columns=columns,
        pairs=pairs,
        metrics=metrics,
    )


def require_recorded(
    history: History, check: str | None, column: str | None, paired: str | None = None
) -> None:
    """Raise a HistoryError for a check, or a column of it or two, of which nothing is recorded."""
    if check is None:
        return
    checks = history.checks()
    if check not in checks:
        raise HistoryError(f"no run of a check {check!r} is recorded; {nearest(check, checks)}")
    columns = history.columns(check)
    if column is not None and column not in columns:
        raise HistoryError(f"{check}: {no_column(column, columns, 'is recorded')}")
    if column is None or paired is None:
        return
    known = [pair for pair in history.pairs(check) if column in pair]
    others = [second if first == column else first for first, second in known]
    if paired not in others:
        none = "; a check with joint = true records pairs" if not others else ""
        lacking = f"no pair of {column!r} with {paired!r} is recorded"
        raise HistoryError(f"{check}: {lacking}{none or '; ' + nearest(paired, others)}")


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
        **_drifts([day.isoformat() for day, verdict in runs if verdict == "drift"]),
        trend=tuple(
            CheckRun(day=day.isoformat(), verdict=verdict)
            for day, verdict in runs
            if since is None or day >= since
        ),
    )


def _drifts(days: Sequence[str]) -> dict[str, Any]:
    if not days:
        return {"drifted": 0}
    return {"drifted": len(days), "first_drift": days[0], "last_drift": days[-1]}


def _columns(
    history: History, check: str, column: str | None, first: date | None
) -> tuple[ColumnTrend, ...]:
    by_column = history.column_runs(check, column)
    newest = max((runs[-1].day for runs in by_column.values()), default=None)
    waivers = history.waivers(check, date.fromisoformat(newest))[0] if newest else {}
    found = [
        _column_trend(name, runs, waiver_of(name, waivers), first)
        for name, runs in by_column.items()
        # What the newest run no longer names has gone, and is told of when it is asked for.
        if runs[-1].day == newest
    ]
    return tuple(sorted(found, key=_severity))


def _pairs(
    history: History, check: str, pair: tuple[str, str] | None, first: date | None
) -> tuple[PairTrend, ...]:
    by_pair = history.pair_runs(check, pair)
    newest = max((runs[-1].day for runs in by_pair.values()), default=None)
    waivers = history.pair_waivers(check, date.fromisoformat(newest))[0] if newest else {}
    found = [
        PairTrend(
            columns=columns,
            **structs.asdict(
                _column_trend(between(columns), runs, pair_waiver_of(columns, waivers), first)
            ),
        )
        for columns, runs in by_pair.items()
        if runs[-1].day == newest
    ]
    return tuple(sorted(found, key=_severity))


def _severity(column: ColumnTrend) -> tuple[int, float, str]:
    last = column.trend[-1].number if column.trend else 0.0
    return SEVERITY[column.status], -last, column.name


def _column_trend(
    name: str, runs: Sequence[ColumnRun], waiver: Waiver | None, since: date | None
) -> ColumnTrend:
    now = streak(runs)
    return ColumnTrend(
        name=name,
        status=now.status,
        day=runs[-1].day,
        since=now.since,
        runs=now.runs,
        **_drifts([each.day for each in runs if each.status == "drift"]),
        waiver=waiver,
        trend=tuple(each for each in runs if since is None or each.day >= since.isoformat()),
    )

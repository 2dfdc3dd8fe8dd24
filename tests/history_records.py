"""Results to record, made by hand: no data is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from driftcli.config import Settings
from driftcli.history import CheckResult
from driftcli.report.columns import Column, ColumnStats, Score, Status
from driftcli.report.comparison import Dataset, Finding, Report, Summary
from driftcli.report.joint import ColumnPair, Joint, PairScore, PairSummary

#: A Monday.
START = date(2025, 3, 3)
_STATS = ColumnStats(type="double", rows=1_000, missing=0.0, missing_count=0, distinct=10)


def column(name: str, status: Status = "ok", **more: Any) -> Column:
    """Return a column of one gated score, which is at twice its threshold where it is not ok."""
    value = 0.02 if status == "ok" else 0.2
    given = {
        "kind": "numeric",
        "baseline": _STATS,
        "current": _STATS,
        "scores": () if status == "skipped" else (score("js_distance", value, status),),
        **more,
    }
    return Column(name=name, status=status, **given)


def score(metric: str, value: float | None, status: Status = "ok", **more: Any) -> Score:
    """Return a gated score with a threshold of 0.1."""
    given = {
        "threshold": 0.1,
        "noise": 0.01,
        "p_value": 0.5,
        "p_adjusted": 0.6,
        "gated": True,
        **more,
    }
    return Score(metric=metric, value=value, status=status, **given)


def report(
    columns: Sequence[Column], findings: Sequence[Finding] = (), *, verdict: str | None = None
) -> Report:
    """Return a report of columns; its verdict is the worst status, unless it is given."""
    statuses = {each.status for each in (*columns, *findings)}
    worst = next((each for each in ("drift", "warn", "inconclusive") if each in statuses), "ok")
    side = Dataset(source="data", format="csv", rows=1_000, columns=len(columns))
    return Report(
        version="0",
        verdict=verdict or worst,  # type: ignore[arg-type]  # one of them
        exit_code=1 if worst == "drift" else 0,
        baseline=side,
        current=side,
        settings=msgspec.to_builtins(Settings()),
        summary=Summary(columns=len(columns), drift=0, warn=0, inconclusive=0, ok=0, skipped=0),
        columns=tuple(columns),
        findings=tuple(findings),
    )


def result(
    day: date | int = START,
    statuses: Mapping[str, Status] | Report | None = None,
    check: str = "orders",
    **more: Any,
) -> CheckResult:
    """Return what a check found on a day, or on the day so many after the first.

    Without statuses of columns, or a report, it is an error.
    """
    if isinstance(day, int):
        day = START + timedelta(days=day)
    made = statuses if isinstance(statuses, Report) else None
    if made is None and statuses is not None:
        made = report([column(name, status) for name, status in statuses.items()])
    started = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    given = {
        "started": started,
        "finished": started + timedelta(seconds=3),
        "baseline": "base.csv",
        "current": f"{day}.csv",
        "verdict": made.verdict if made else "error",
        "exit_code": made.exit_code if made else 2,
        "error": None if made else "no such file",
        "report": made,
        **more,
    }
    return CheckResult(check=check, day=day, **given)


def joint(statuses: Mapping[tuple[str, str], Status]) -> Joint:
    """Return a report on pairs of columns, which are at ten times a threshold if not ok."""
    pairs = tuple(_pair(columns, status) for columns, status in statuses.items())
    side = Dataset(source="data", format="csv", rows=1_000, columns=3)
    drifted = sum(status == "drift" for status in statuses.values())
    return Joint(
        version="0",
        verdict="drift" if drifted else "ok",
        exit_code=1 if drifted else 0,
        baseline=side,
        current=side,
        alpha=0.01,
        settings=msgspec.to_builtins(Settings()),
        summary=PairSummary(
            columns=3, pairs=len(pairs), drift=drifted, warn=0, ok=len(pairs) - drifted
        ),
        pairs=pairs,
    )


def _pair(columns: tuple[str, str], status: Status) -> ColumnPair:
    bits = 0.1 if status != "ok" else 0.002
    made = PairScore(
        metric="pair_dependence",
        value=bits,
        unit="bits",
        threshold=0.01,
        p_value=1e-9 if status != "ok" else 0.5,
        p_adjusted=1e-8 if status != "ok" else 0.6,
        significant=status != "ok",
        status=status,
    )
    reason = "0.1 bits that neither shows alone" if status != "ok" else None
    return ColumnPair(
        columns=columns,
        status=status,
        reason=reason,
        jsd=bits,
        margins=0.0,
        beyond=bits,
        scores=(made,),
    )

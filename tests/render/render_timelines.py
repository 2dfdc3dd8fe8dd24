"""Timelines built by hand, with everything one can hold. Their numbers stand for nothing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from render_reports import HOSTILE, SURROGATE

from driftcli.report.columns import Status
from driftcli.report.comparison import Dataset, Finding, Verdict
from driftcli.report.timeline import (
    Cell,
    DatedChange,
    Period,
    PeriodScore,
    Timeline,
    TimelineColumn,
    TimelineSummary,
)

#: What a letter stands for: a cell with the highest score at so much of its threshold of 0.1.
LETTERS: dict[str, tuple[Status, float]] = {
    **{digit: ("ok", int(digit) / 10) for digit in "0123456789"},
    "w": ("warn", 0.8),
    "?": ("inconclusive", 1.3),
    "a": ("drift", 1.2),
    "b": ("drift", 1.7),
    "c": ("drift", 3.0),
    "d": ("drift", 40.0),
    "i": ("drift", float("inf")),
}


def score(status: Status, excess: float, metric: str = "js_distance") -> PeriodScore:
    infinite = excess == float("inf")
    tested = {"noise": 0.021, "p_value": 1e-9, "p_adjusted": 2e-8} if excess >= 1 else {}
    return PeriodScore(
        metric=metric,
        value=None if infinite else round(excess / 10, 4),
        infinite=infinite,
        status=status,
        threshold=0.1,
        error_bound=0.0 if metric == "js_distance" else 0.00041,
        **tested,  # type: ignore[arg-type]  # numbers
    )


def cell(letter: str) -> Cell:
    if letter not in LETTERS:
        return Cell(status="skipped")
    status, excess = LETTERS[letter]
    return Cell(status=status, scores=(score(status, excess), score("ok", 0.1, "wasserstein")))


def column(name: str, letters: str, *changes: DatedChange, **more: Any) -> TimelineColumn:
    cells = tuple(map(cell, letters))
    order: list[Status] = ["drift", "warn", "inconclusive", "ok", "skipped"]
    status = min((each.status for each in cells), key=order.index, default="skipped")
    fields: dict[str, Any] = {"kind": "numeric", "status": status, **more}
    return TimelineColumn(name=name, changes=changes, cells=cells, **fields)


def change(first: str, last: str, letter: str, **more: Any) -> DatedChange:
    status, excess = LETTERS[letter]
    fields: dict[str, Any] = {"ongoing": False, "periods": 3, "peak": last, **more}
    return DatedChange(first=first, last=last, status=status, score=score(status, excess), **fields)


def day(number: int) -> str:
    return (date(2013, 6, 1) + timedelta(days=number)).isoformat()


def timeline(
    *columns: TimelineColumn, rows: list[int], findings: tuple[Finding, ...] = (), **more: Any
) -> Timeline:
    statuses = [
        [each.cells[at].status for each in columns if each.cells] for at in range(len(rows))
    ]
    periods = tuple(
        Period(
            label=day(at),
            rows=count,
            status=_period(statuses[at]),
            reference=None if not count or not at else day(0),
            drifted=statuses[at].count("drift"),
            note="no rows" if not count else None if at else "the first",
        )
        for at, count in enumerate(rows)
    )
    counts = [each.status for each in columns]
    worst = _period(counts)
    verdict: Verdict = "ok" if worst == "skipped" else worst
    fields: dict[str, Any] = {
        "data": Dataset(source="sales.parquet", format="parquet", rows=sum(rows), columns=9),
        "time": "ts",
        "every": "1d",
        "against": "first",
        "settings": {},
        **more,
    }
    return Timeline(
        version="0.1.0",
        verdict=verdict,
        exit_code=1 if verdict == "drift" else 0,
        summary=TimelineSummary(
            columns=len(columns),
            drift=counts.count("drift"),
            warn=counts.count("warn"),
            inconclusive=counts.count("inconclusive"),
            ok=counts.count("ok"),
            skipped=counts.count("skipped"),
            periods=len(periods),
            compared=sum(each.status != "skipped" for each in periods),
            drifted_periods=sum(each.status == "drift" for each in periods),
        ),
        periods=periods,
        columns=columns,
        findings=findings,
        **fields,
    )


def _period(statuses: list[Status]) -> Any:
    order: list[Status] = ["drift", "warn", "inconclusive", "ok", "skipped"]
    return min(statuses, key=order.index, default="skipped")


ROWS = [1200, 1180, 1250, 1190, 0, 1210, 640, 1230, 12, 1200, 1190, 1220]
RICH = timeline(
    column(
        "price",
        "_012_3abc?di",
        change(day(6), day(11), "i", ongoing=True, reasons=("mean 12.1 → 48.9", "sd 3.1 → 4.4")),
        error_bound=0.0042,
    ),
    column(
        "discount_code_of_the_customer",
        "_aa1_4455b32",
        change(day(1), day(2), "a"),
        change(day(9), day(9), "b", periods=1, reasons=("new: 'SUMMER' 12 %",)),
        kind="categorical",
    ),
    column("stock", "_www_8989w98", change(day(1), day(3), "w")),
    column("city", "_0?0_0000?0?", kind="categorical"),
    column("weight", "_112_3344556"),
    column("id", "_000_0000000", gated=False, notes=("identifier: its values are not gated",)),
    column("tags", "", kind="unsupported", notes=("values of type list are not compared",)),
    rows=ROWS,
    untimed=7,
    findings=(
        Finding(kind="lost_column", column="old", status="drift", message="lost column `old`"),
        Finding(kind="new_column", column="fresh", status="warn", message="new column `fresh`"),
    ),
)
#: Two years of days: more than any terminal is wide.
LONG = timeline(
    column(
        "price",
        "_" + "0" * 399 + "abc" + "1" * 297 + "d" * 30,
        change(day(400), day(402), "c"),
        change(day(700), day(729), "d", ongoing=True, periods=30),
    ),
    rows=[1000 + 7 * (at % 7) for at in range(730)],
)
PASSED = timeline(
    *(column(name, f"_{at}{at + 1}{at + 2}") for at, name in enumerate(("a", "b", "c", "d"))),
    rows=[500, 510, 490, 505],
    window="7d",
    against="previous",
    timezone="Europe/Berlin",
)
HOSTILE_TIMELINE = timeline(
    column(HOSTILE, "_ab", change(day(1), day(2), "b", ongoing=True, reasons=(HOSTILE,))),
    column("=cmd|' /C calc'!A0", "_a0", change(day(1), day(1), "a")),
    column("x" * 10_000, "_0a", change(day(2), day(2), "a", ongoing=True)),
    rows=[10, 10, 10],
    time=HOSTILE,
    data=Dataset(source=SURROGATE + HOSTILE, format="csv", rows=30, columns=3),
    baseline=Dataset(source=HOSTILE, format="csv", rows=3, columns=3),
    findings=(Finding(kind="new_column", column=HOSTILE, status="warn", message=f"{HOSTILE} new"),),
)

TIMELINES = {"rich": RICH, "long": LONG, "passed": PASSED, "hostile": HOSTILE_TIMELINE}

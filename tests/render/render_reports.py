"""Reports built by hand, with everything a report can hold. Their numbers stand for nothing."""

from __future__ import annotations

from typing import Any

from driftcli.comparison.waivers import waived
from driftcli.report.columns import CategoryShare, Column, ColumnStats, Score, Status, Waiver
from driftcli.report.comparison import Dataset, Finding, Report, Summary
from driftcli.report.explanation import Clock, Distribution

#: ANSI, a title sequence, a C1 control, Rich markup, Markdown, HTML, bidi, zero-width, line breaks.
HOSTILE = (
    "\x1b[31mred\x1b]0;title\x07\x9b1m[bold red]x[/] **b** _i_ `c` | a <b>&amp;</b> "
    "[l](http://e.vil) ![i](x) \u202egnp.exe\u2066\u200b @team #12 GH-7 www.e.vil\r\n\t$x$\u2028"
)
#: A lone surrogate, as a path that is not UTF-8 has in Python.
SURROGATE = "caf\udce9.csv"
BELL = (0.0, 0.02, 0.08, 0.2, 0.35, 0.2, 0.1, 0.05, 0.0, 0.0)
SHIFTED = (0.0, 0.0, 0.02, 0.08, 0.2, 0.35, 0.2, 0.1, 0.03, 0.02)


#: About what chance reaches in 12,000 rows.
NOISE = {
    "js_distance": 0.0289,
    "wasserstein": 0.0271,
    "kl": 0.0034,
    "missing": 0.0046,
    "new": 0.0011,
    "lost": 0.0011,
}
ALPHA = 0.01


def score(metric: str, value: float | None, threshold: float | None = 0.1, **more: Any) -> Score:
    reached = threshold is not None and (more.get("infinite") or (value or 0) >= threshold)
    gated = more.get("gated", threshold is not None)
    defined = value is not None or more.get("infinite", False)
    chance = _chance(metric, value, reached=bool(reached)) if gated and defined else {}
    fields = {"gated": gated, "status": "drift" if reached else "ok", **chance, **more}
    if "p_adjusted" in fields:
        fields["significant"] = fields["p_adjusted"] <= ALPHA
    return Score(metric=metric, value=value, threshold=threshold, **fields)


def _chance(metric: str, value: float | None, *, reached: bool) -> dict[str, float]:
    noise = NOISE.get(metric, 0.02)
    if value == 0:
        return {"noise": 0.0 if metric == "missing" else noise, "p_value": 1.0, "p_adjusted": 1.0}
    if reached:
        return {"noise": noise, "p_value": 3.1e-41, "p_adjusted": 4.2e-40}
    if value is not None and value > noise:
        return {"noise": noise, "p_value": 0.00041, "p_adjusted": 0.0018}
    return {"noise": noise, "p_value": 0.37, "p_adjusted": 0.64}


def stats(missing: float = 0.0, **more: Any) -> ColumnStats:
    fields = {"type": "double", "rows": 12_000, "distinct": 900, **more}
    return ColumnStats(missing=missing, missing_count=round(missing * fields["rows"]), **fields)


def column(
    name: str,
    status: Status = "ok",
    values: tuple[float | None, ...] = (0.021, 0.0123, 0.00456),
    missing: tuple[float, float] = (0.0, 0.0),
    **more: Any,
) -> Column:
    metrics = ("js_distance", "wasserstein", "kl")
    threshold = 0.1 if more.get("gated", True) else None
    listed = tuple(score(m, v, threshold) for m, v in zip(metrics, values, strict=False))
    fields = {
        "kind": "numeric",
        "scores": (*listed, score("missing", abs(missing[1] - missing[0]), 0.02)),
        "baseline": stats(missing[0]),
        "current": stats(missing[1]),
        "distribution": Distribution(
            baseline=BELL, current=SHIFTED if status == "drift" else BELL, edges=tuple(range(11))
        ),
        **more,
    }
    return Column(name=name, status=status, **fields)


def report(
    columns: tuple[Column, ...] = (),
    findings: tuple[Finding, ...] = (),
    settings: dict[str, Any] | None = None,
    baseline: Dataset | None = None,
    current: Dataset | None = None,
) -> Report:
    counts = {
        status: sum(column.status == status for column in columns)
        for status in ("drift", "warn", "inconclusive", "ok", "skipped")
    }
    found = {finding.status for finding in findings} | {c.status for c in columns}
    graver = ("drift", "warn", "inconclusive")
    verdict = next((status for status in graver if status in found), "ok")
    if verdict != "drift" and any(each.kind == "nothing_judged" for each in findings):
        verdict = "unjudged"
    compared = len(columns) - counts["skipped"]
    return Report(
        version="0.1.0",
        verdict=verdict,  # type: ignore[arg-type]  # `next` widens the literals to str
        exit_code={"drift": 1, "unjudged": 2}.get(verdict, 0),  # type: ignore[arg-type]
        baseline=baseline or dataset("flights-summer.parquet", 12_000),
        current=current or dataset("flights-autumn.parquet", 13_500),
        settings=settings or {},
        summary=Summary(
            columns=len(columns), **counts, drifted_share=counts["drift"] / max(1, compared)
        ),
        columns=columns,
        findings=findings,
    )


def dataset(source: str, rows: int, sampled_rows: int | None = None) -> Dataset:
    return Dataset(
        source=source, format="parquet", rows=rows, columns=19, sampled_rows=sampled_rows
    )


DRIFTED: tuple[Column, ...] = (
    column(
        "dep_delay",
        "drift",
        (0.312, 0.4523, 0.2104),
        missing=(0.012, 0.05),
        reasons=(
            "mean 12.3 → 15.1; 8 % of values above the baseline's maximum",
            "missing 1.2 % → 5.0 %",
        ),
    ),
    column(
        "carrier",
        "drift",
        kind="categorical",
        reasons=("category 'EV' 15 % → 0 %, new: 'YX' 12 %",),
        scores=(
            score("js_distance", 0.1875),
            score("wasserstein", 0.151),
            score("kl", None, infinite=True),
            score("missing", 0.0, 0.02),
            score("new", 0.12, 0.01),
            score("lost", 0.15, 0.01),
        ),
        distribution=Distribution(
            baseline=(0.4, 0.3, 0.15, 0.1, 0.0, 0.05),
            current=(0.42, 0.28, 0.0, 0.12, 0.12, 0.06),
            labels=("UA", "B6", "EV", "DL", "YX", "other"),
            other=True,
        ),
    ),
    column(
        "arrival_delay_in_minutes_at_the_destination_airport",
        "drift",
        scores=(
            score("js_distance", 0.0967),
            score("wasserstein", 3.117),
            score("kl", 0.0412),
            score("missing", 0.0, 0.02),
        ),
        reasons=("mean 6.89 → 41.4",),
    ),
)
COULD_BE_CHANCE = (
    "js_distance 0.31 could be chance, which reaches 0.342 in so few rows: about 260,000 rows a"
    " side would tell"
)
CHANGED = (
    column(
        "air_time",
        "warn",
        scores=(
            score("js_distance", 0.071, warn_threshold=0.05, status="warn"),
            score("wasserstein", 0.0651),
            score("kl", 0.0196),
        ),
        missing=(0.004, 0.0002),
        reasons=("sd 93.7 → 101",),
    ),
    column(
        "tailnum",
        "inconclusive",
        kind="categorical",
        scores=(
            score(
                "js_distance",
                0.31,
                status="inconclusive",
                lower_bound=True,
                noise=0.342,
                p_value=0.21,
                p_adjusted=0.46,
                rows_needed=260_000,
            ),
            score("wasserstein", 0.02, lower_bound=True),
            score("kl", 0.05, lower_bound=True, noise=0.0581, p_value=0.19, p_adjusted=0.46),
        ),
        reasons=(COULD_BE_CHANCE,),
    ),
)
REAL_BUT_SMALL = "real but small: js_distance 0.0312, wasserstein 0.0288"
QUIET = (
    column(
        "time_hour",
        gated=False,
        kind="timestamp",
        values=(0.832, None, 1.9),
        notes=(
            "not gated: a timestamp moves on",
            "2013-06-01 to 2013-08-31 → 2013-09-01 to 2013-11-30",
        ),
        hour_of_day=Clock(
            baseline=(0.0,) * 5 + (0.05,) * 10 + (0.0625,) * 8 + (0.0,),
            current=(0.0,) * 5 + (0.0625,) * 8 + (0.05,) * 10 + (0.0,),
            js_distance=0.0712,
        ),
        weekday=Clock(baseline=(1 / 7,) * 7, current=(0.15,) * 6 + (0.1,), js_distance=0.0312),
    ),
    column("flight_id", gated=False, identifier=True, notes=("not gated: identifiers",)),
    column("distance", values=(0.0312, 0.0288, 0.0031), notes=(REAL_BUT_SMALL,)),
    column("humidity", values=(0.0, 0.0, 0.00002)),
    column("wind_speed", values=(0.011, 0.0009, 0.0001), missing=(1.0, 0.99997)),
    column(
        "route_points",
        "skipped",
        kind="unsupported",
        scores=(),
        distribution=None,
        reasons=("a list cannot be compared",),
    ),
)
FINDINGS = (
    Finding(
        kind="lost_column",
        column="weather_delay",
        status="drift",
        message="lost column `weather_delay` (double): the current data does not have it",
    ),
    Finding(
        kind="invalid_values",
        column="amount",
        status="drift",
        message="`amount`: 3 of 10,000 values are not double, first 'N/A' at row 118",
    ),
    Finding(
        kind="new_column",
        column="gate",
        status="warn",
        message="new column `gate` (string): the baseline does not have it",
    ),
)
HOSTILE_COLUMN = column(
    HOSTILE,
    "drift",
    (0.5, 0.5, 0.5),
    kind="categorical",
    reasons=(f"new: '{HOSTILE}' 12 %", f"lost: '{'z' * 10_000}' 3 %"),
    notes=(HOSTILE,),
    baseline=stats(top=(CategoryShare(value=HOSTILE, count=1, share=1.0),)),
)

RICH = report(
    DRIFTED + CHANGED + QUIET,
    FINDINGS,
    baseline=dataset("flights-summer.parquet", 1_212_000, sampled_rows=12_000),
)
PASSED = report(QUIET)
WARNED = report(CHANGED[:1] + QUIET)
INCONCLUSIVE = report(CHANGED[1:] + QUIET)
EMPTY = report(
    (),
    (Finding(kind="no_rows", column=None, status="drift", message="the current data has no rows"),),
    current=dataset("flights-autumn.parquet", 0),
)
UNJUDGED = report(
    (
        column(
            "tailnum",
            values=(0.83,),
            kind="categorical",
            gated=False,
            identifier=True,
            distribution=None,
            notes=("identifier: its values are not gated",),
        ),
        column(
            "route",
            "skipped",
            kind="unsupported",
            scores=(),
            distribution=None,
            notes=("values of type list are not compared",),
        ),
    ),
    (
        Finding(
            kind="nothing_judged",
            column=None,
            status="warn",
            message="nothing was judged: `tailnum` (identifier: its values are not gated);"
            " `route` (values of type list are not compared); --threshold"
            ' tailnum.js_distance=0.1 judges `tailnum` all the same; nothing_judged = "ok"'
            " accepts that nothing is",
        ),
    ),
)
HOSTILE_REPORT = report(
    (HOSTILE_COLUMN, column("=cmd|' /C calc'!A0", "drift", (0.2,)), column("x" * 10_000, "drift")),
    (Finding(kind="new_column", column=HOSTILE, status="warn", message=f"'{HOSTILE}' is new"),),
    baseline=dataset(f"s3://bucket/{HOSTILE}", 10),
    current=dataset(SURROGATE, 1),
)
#: What is left without what is accepted is a warning.
WAIVED = waived(
    report(DRIFTED[:2] + CHANGED + QUIET, FINDINGS),
    {
        "*a*": Waiver(until="2025-12-31", why="new carriers | `summer`", by="ann"),
        "dep_delay": Waiver(until="2025-10-31", why=HOSTILE[:40]),
        "gate": Waiver(until="2025-12-31", why="a gate is told from now on"),
    },
)
MANY = report(
    tuple(column(f"feature_{n:03}", "drift", (0.3, 0.2, 0.15)) for n in range(300)) + CHANGED
)

REPORTS = {
    "rich": RICH,
    "passed": PASSED,
    "warned": WARNED,
    "inconclusive": INCONCLUSIVE,
    "empty": EMPTY,
    "unjudged": UNJUDGED,
    "hostile": HOSTILE_REPORT,
    "waived": WAIVED,
    "many": MANY,
}

"""The history for a terminal: a strip of past runs for each check, column or metric."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from driftcli.render import Look
from driftcli.render.escape import sentence, shortened
from driftcli.render.figures import counted, number
from driftcli.render.score_words import MARKS
from driftcli.render.terminal.grid import Field, Row, fit
from driftcli.render.terminal.strips import (
    NONE,
    NOT_JUDGED,
    NOT_RUN,
    WAIVED,
    Scale,
    grid_lines,
    meanings,
    outcome,
    quiet_row,
    row,
    scaled,
    strip_axis,
    strip_mark,
    strip_of,
    style,
)
from driftcli.render.terminal.text import (
    GAP,
    QUIET,
    STATUS_STYLES,
    Line,
    Styled,
    cell_len,
    fitted,
    for_terminal,
    joined,
    paint,
    paragraph,
    spaced,
)
from driftcli.render.words import SIGNS, VERDICTS, acceptance
from driftcli.report.columns import Waiver
from driftcli.report.history import CheckTrend, ColumnTrend, MetricTrend, ScoreRun, Trends
from driftcli.text import visible

_VERDICTS = {
    "▁": VERDICTS["ok"],
    "?": VERDICTS["inconclusive"],
    "!": VERDICTS["warn"],
    "█": VERDICTS["drift"],
    NOT_JUDGED: VERDICTS["unjudged"],
    NOT_RUN: "error",
}
_BELOW_ONE = 0.99
#: Gated metrics whose scores have a place in the list of runs.
_LISTED = 6


def render(trends: Trends, look: Look) -> str:
    """Return the trends as lines of at most `look.room` cells, worst first."""
    if trends.check is None:
        sections: Sequence[Iterator[Line]] = (_checks(trends, look), _legend(trends, look))
    elif trends.column is None:
        sections = (
            _title(trends, look),
            _columns(trends, look),
            _pairs(trends, look),
            _legend(trends, look),
        )
    else:
        sections = (
            _title(trends, look),
            _metrics(trends, look),
            _runs(trends, look),
            _legend(trends, look),
        )
    return paint(spaced(sections), color=look.color)


def _checks(trends: Trends, look: Look) -> Iterator[Line]:
    if not trends.checks:
        yield [Styled("no run is recorded")]
        return
    strips = [
        strip_of([outcome(run.verdict) for run in each.trend], scaled(len(each.trend)))
        for each in trends.checks
    ]
    rows = [
        row(each.verdict, each.name, strip, {"day": each.day, **_words(each)}, look)
        for each, strip in zip(trends.checks, strips, strict=True)
    ]
    fields = (
        Field("strip", "runs", 2),
        Field("day", "last run", 1),
        Field("since", "state", 0),
        Field("drifts", "drifted", 3),
    )
    yield from grid_lines(fields, rows, "check", look)


def _title(trends: Trends, look: Look) -> Iterator[Line]:
    """Yield the check, its state, and its own strip of verdicts."""
    check = trends.checks[0]
    state = for_terminal(lasting(check), look)
    name = fitted(for_terminal(visible(check.name), look), look.room, look.ellipsis)
    if cell_len(name) + len(GAP) + len(state) <= look.room:
        yield [Styled(name, "bold"), Styled(GAP + state, style(check.verdict))]
    else:
        yield [Styled(name, "bold")]
        yield from paragraph(state, look, margin=Styled(""), style=style(check.verdict))
    if text := drifts(check):
        yield from paragraph(f"drifted {text}", look, margin=Styled(""), style=QUIET)


def _columns(trends: Trends, look: Look) -> Iterator[Line]:
    days = [run.day for run in trends.checks[0].trend]
    by = scaled(len(days))
    strips = [
        strip_of([outcome(run.verdict) for run in trends.checks[0].trend], by),
        *(_column_strip(each, days, by) for each in trends.columns),
    ]
    rows = [quiet_row("verdict", strips[0]), *_rows_of(trends.columns, strips[1:], look)]
    below = ["", *map(acceptance, trends.columns)]
    fields = _fields(strip_axis(days, by.length(len(days))))
    yield from grid_lines(fields, rows, "column", look, lambda at, _: below[at])


def _pairs(trends: Trends, look: Look) -> Iterator[Line]:
    """Yield the pairs of columns that are not ok, or ever drifted."""
    shown = [each for each in trends.pairs if each.status != "ok" or each.drifted]
    if not trends.pairs:
        return
    if shown:
        days = [run.day for run in trends.checks[0].trend]
        by = scaled(len(days))
        rows = _rows_of(shown, [_column_strip(each, days, by) for each in shown], look)
        fields = _fields(strip_axis(days, by.length(len(days))))
        below = [acceptance(each) for each in shown]
        yield from grid_lines(fields, rows, "pair", look, lambda at, _: below[at])
    if left := len(trends.pairs) - len(shown):
        text = f"{counted(left, 'pair')} that never drifted"
        yield from paragraph(text, look, margin=Styled(""), style=QUIET)


def _rows_of(
    trends: Sequence[ColumnTrend], strips: Sequence[list[Styled]], look: Look
) -> list[tuple[Row, Sequence[Styled]]]:
    return [
        row(_standing(each), each.name, strip, {"last": _last(each), **_words(each)}, look)
        for each, strip in zip(trends, strips, strict=True)
    ]


def _fields(axis: str) -> tuple[Field, ...]:
    return (
        Field("strip", axis, 2),
        Field("last", "last", 1, right=True),
        Field("since", "state", 0),
        Field("drifts", "drifted", 3),
    )


def _column_strip(column: ColumnTrend, days: Sequence[str], by: Scale) -> list[Styled]:
    known = {run.day: strip_mark(run.status, run.number) for run in column.trend}
    return strip_of([known.get(day, NONE) for day in days], by)


def _last(column: ColumnTrend) -> str:
    if not column.trend or (column.trend[-1].excess is None and not column.trend[-1].infinite):
        return ""
    return multiple(column.trend[-1].number)


def _metrics(trends: Trends, look: Look) -> Iterator[Line]:
    days = [run.day for run in trends.checks[0].trend]
    by = scaled(len(days))
    column = _subject(trends)
    strips = [
        _column_strip(column, days, by),
        *(_metric_strip(each, days, by) for each in trends.metrics),
    ]
    rows = [row(_standing(column), column.name, strips[0], {"value": _last(column)}, look)]
    rows += [
        row("", each.metric, strip, _figures(each.trend[-1]), look)
        for each, strip in zip(trends.metrics, strips[1:], strict=True)
    ]
    fields = (
        Field("strip", strip_axis(days, by.length(len(days))), 1),
        Field("value", "last", 0, right=True),
        Field("threshold", "threshold", 2, right=True),
        Field("noise", "noise", 3, right=True),
    )
    yield from grid_lines(fields, rows, "metric", look)
    text = "; ".join(filter(None, (lasting(column), acceptance(column))))
    yield from paragraph(text, look, margin=Styled(""), style=style(column.status))


def _metric_strip(metric: MetricTrend, days: Sequence[str], by: Scale) -> list[Styled]:
    highest = max((run.number for run in metric.trend if not math.isnan(run.number)), default=0.0)
    known = {
        run.day: strip_mark(run.status, _share(run, highest))
        for run in metric.trend
        if not math.isnan(run.number)
    }
    return strip_of([known.get(day, NONE) for day in days], by)


def _share(run: ScoreRun, highest: float) -> float:
    """Return a score as a multiple of its threshold; without one, below 1 as one of the highest."""
    if not highest:
        return 0.0
    if run.threshold:
        return run.number / run.threshold
    return _BELOW_ONE * (1.0 if math.isinf(highest) else run.number / highest)


def _figures(run: ScoreRun) -> Mapping[str, str]:
    return {
        "value": _value(run),
        "threshold": "" if run.threshold is None else number(run.threshold),
        "noise": "" if run.noise is None else number(run.noise),
    }


def _value(run: ScoreRun | None) -> str:
    if run is None or math.isnan(run.number):
        return "–"
    return ("∞" if run.infinite else number(run.number)) + MARKS.get(run.status, "")


def _runs(trends: Trends, look: Look) -> Iterator[Line]:
    """Yield a line for each run: the day, the highest score, and those of the gated metrics."""
    gated = [each for each in trends.metrics if each.gated][:_LISTED]
    scores = {each.metric: {run.day: run for run in each.trend} for each in gated}
    rows = [
        Row(
            Styled(for_terminal(SIGNS[run.status], look), STATUS_STYLES[run.status]),
            Styled(run.day),
            {
                metric: Styled(for_terminal(_value(known.get(run.day)), look))
                for metric, known in scores.items()
            },
        )
        for run in _subject(trends).trend
    ]
    fields = [Field(metric, metric, at, right=True) for at, metric in enumerate(scores)]
    grid = fit(fields, rows, "day", look.room, look.ellipsis)
    yield grid.heading("day")
    yield from map(grid.line, rows)


def _legend(trends: Trends, look: Look) -> Iterator[Line]:
    """Yield what the characters of the strips mean, those that occur."""
    verdicts = {outcome(run.verdict).text for check in trends.checks for run in check.trend}
    if trends.check is None:
        parts = [f"{sign} {text}" for sign, text in _VERDICTS.items() if sign in verdicts]
    else:
        runs = (run for each in (*trends.columns, *trends.pairs) for run in each.trend)
        marks = {strip_mark(run.status, run.number).text for run in runs}
        parts = meanings(iter(marks))
        parts += [f"{sign} {_VERDICTS[sign]}" for sign in (NOT_JUDGED, NOT_RUN) if sign in verdicts]
        parts.append("last: the highest score as a multiple of its threshold")
    if any(not each.gated for each in trends.metrics):
        parts.append("without a threshold, as a share of the highest score")
    yield from paragraph(joined(parts, ";", look), look, margin=Styled(""), style=QUIET)


def _subject(trends: Trends) -> ColumnTrend:
    """Return the one column, or pair of them, that was asked for."""
    return (*trends.columns, *trends.pairs)[0]


def _standing(column: ColumnTrend) -> str:
    return WAIVED if acceptance(column) else column.status


def _words(trend: CheckTrend | ColumnTrend) -> dict[str, str]:
    return {"since": lasting(trend), "drifts": drifts(trend)}


_LASTING = {
    "drift": "drifting",
    "warn": "warning",
    "inconclusive": "inconclusive",
    "unjudged": "not judged",
    "error": "error",
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


def multiple(excess: float) -> str:
    """Return a score as a multiple of its threshold: `×2.10`."""
    return "×∞" if math.isinf(excess) else f"×{number(excess)}"


_LONGEST_PATTERN = 30
_WAIVER_FIELDS = (
    Field("column", "column", 0),
    Field("until", "until", 1),
    Field("by", "by", 2),
)


class AcceptedRow(NamedTuple):
    """A waiver, of which check and of which column or glob, and whether it still `holds`."""

    check: str
    pattern: str
    waiver: Waiver
    holds: bool


def render_accepted(rows: Sequence[AcceptedRow], look: Look) -> str:
    """Return the waivers as lines of at most `look.room` cells, each with its reason below."""
    if not rows:
        return "nothing is accepted\n"
    lines = [_accepted(row, look) for row in rows]
    grid = fit(_WAIVER_FIELDS, lines, "check", look.room, look.ellipsis)
    shown = [grid.heading("check")]
    for each, line in zip(rows, lines, strict=True):
        why = paragraph(
            sentence(each.waiver.why), look, margin=Styled(grid.indent + GAP), style=QUIET
        )
        shown += [grid.line(line), *why]
    return paint(shown, color=look.color)


def _accepted(row: AcceptedRow, look: Look) -> Row:
    style = "" if row.holds else QUIET
    texts = {
        "column": shortened(visible(row.pattern), _LONGEST_PATTERN),
        "until": row.waiver.until + ("" if row.holds else " (expired)"),
        "by": visible(row.waiver.by or ""),
    }
    pieces = {key: Styled(for_terminal(text, look), style) for key, text in texts.items()}
    sign = Styled(for_terminal("✓" if row.holds else "–", look), style)
    return Row(sign, Styled(for_terminal(visible(row.check), look), style), pieces)

"""The parts of a report's page, for its template to lay out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from driftcli.render.digest import SIGNS, metrics_shown, select
from driftcli.render.html import gauge, overview, states
from driftcli.render.html.panel import MOST_PANELS, panel
from driftcli.render.html.rows import row
from driftcli.render.html.segments import segments
from driftcli.render.look import DEFAULT_LOOK, Look
from driftcli.report.comparison import Column, Report

#: Metrics that the table has room for, one less beside dates; the panels have them all.
_MOST_METRICS = 4


def whole(report: Report, look: Look) -> dict[str, Any]:
    """Return what the page of a report shows, by name."""
    drawn = report.columns if look.show_all else report.columns[:MOST_PANELS]
    panels = [panel(column, number) for number, column in enumerate(drawn, start=1)]
    ids = {at: each.id for at, each in enumerate(panels)}
    changes, more = overview.changes(report, ids)
    small, more_small = overview.small(report, ids)
    return {
        **_summary(report),
        **_listing(report.columns, metrics_shown(report), ids),
        "report": report,
        "sides": overview.sides(report),
        "changes": changes,
        "more_changes": more,
        "remarks": overview.remarks(report),
        "kinds": sorted({column.kind for column in report.columns}),
        "panels": [each for each in panels if not each.state.quiet],
        "quiet_panels": [each for each in panels if each.state.quiet],
        "folded_panels": states.folded(each.state for each in panels if each.state.quiet),
        "undrawn": len(report.columns) - len(drawn),
        "detailed": any(column.details for column in report.columns),
        "scale": gauge.scale(),
        "segments": segments(report.segments) if report.segments else None,
        "small": small,
        "more_small": more_small,
        "left_out": overview.left_out(report),
        "settings": overview.settings(report.settings),
    }


def digest(report: Report) -> dict[str, Any]:
    """Return what a notebook shows of a report, by name: the columns that changed."""
    chosen = select(report, DEFAULT_LOOK)
    return {
        **_summary(report),
        **_listing(chosen.columns, (), {}),
        "report": report,
        "left_out": chosen.left_out,
    }


def _summary(report: Report) -> dict[str, Any]:
    return {
        "title": overview.report_title(report),
        "sign": SIGNS[report.verdict],
        "lead": overview.lead(report),
        "counts": states.counts(map(states.state, report.columns)),
        "since": overview.since(report),
    }


def _listing(
    columns: Sequence[Column], metrics: Sequence[str], ids: Mapping[int, str]
) -> dict[str, Any]:
    """Return the table of columns; `ids` are those of the panels, by place."""
    dated = any(column.since for column in columns)
    there = [name for name in metrics if any(column.score(name) for column in columns)]
    there = there[: _MOST_METRICS - dated]
    return {
        "metrics": there,
        "rows": [row(column, ids.get(at, ""), there) for at, column in enumerate(columns)],
        **states.folding(columns),
        "dated": dated,
    }

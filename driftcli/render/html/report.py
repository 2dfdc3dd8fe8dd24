"""The parts of a report's page, for its template to lay out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup, escape

from driftcli.render import DEFAULT_LOOK, Look
from driftcli.render import segment_words as words
from driftcli.render.escape import sentence, shortened
from driftcli.render.figures import counted, extent
from driftcli.render.html import gauge, states
from driftcli.render.html.column import MOST_PANELS, ColumnPanel, heading, in_full, panel
from driftcli.render.html.page import document
from driftcli.render.html.rows import row
from driftcli.render.html.states import SMALL, WAIVED, State, by_status, state
from driftcli.render.words import (
    HIGHEST,
    SIGNS,
    acceptance,
    change_text,
    changed,
    configured,
    finding_parts,
    is_waived,
    left_out,
    metrics_shown,
    settings_file,
    shortlist,
    verdict_word,
)
from driftcli.report.columns import SEVERITY, Column
from driftcli.report.comparison import Dataset, Finding, Report
from driftcli.report.joint import Joint
from driftcli.report.segments import Segment, Segments
from driftcli.text import visible

#: Metrics that the table has room for, one less beside dates; the panels have them all.
_MOST_METRICS = 4


def render(report: Report, look: Look) -> str:
    """Return the report as one HTML document.

    All columns are listed. The worst `column.MOST_PANELS` are drawn, and all with `look.show_all`.
    What `Column.details` hold is drawn where they are there.
    """
    return document("report.html", _sections(report, look))


def _sections(report: Report, look: Look) -> dict[str, Any]:
    drawn = report.columns if look.show_all else report.columns[:MOST_PANELS]
    panels = [panel(column, number) for number, column in enumerate(drawn, start=1)]
    ids = {at: each.id for at, each in enumerate(panels)}
    changed_columns, more = changes(report, ids)
    small_columns, more_small = small(report, ids)
    return {
        **_summary(report),
        **_listing(report.columns, metrics_shown(report), ids),
        "report": report,
        "sides": sides(report),
        "changes": changed_columns,
        "more_changes": more,
        "remarks": remarks(report),
        "kinds": sorted({column.kind for column in report.columns}),
        **states.parted(panels),
        "undrawn": len(report.columns) - len(drawn),
        "detailed": any(column.details for column in report.columns),
        "scale": gauge.scale(),
        "segments": segments(report.segments) if report.segments else None,
        "small": small_columns,
        "more_small": more_small,
        "left_out": ignored_and_configured(report),
        "settings": settings(report.settings),
    }


def digest(report: Report) -> dict[str, Any]:
    """Return what a notebook shows of a report, by name: the columns that changed."""
    chosen = shortlist(report.columns, DEFAULT_LOOK)
    return {
        **_summary(report),
        **_listing(chosen.columns, (), {}),
        "report": report,
        "left_out": left_out(chosen.left_out),
    }


def _summary(report: Report) -> dict[str, Any]:
    return {
        "title": report_title(report),
        "sign": SIGNS[report.verdict],
        "lead": lead(report),
        "counts": states.counts(map(states.state, report.columns)),
        "since": since(report),
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


#: Columns named before a reader is sent to the table.
_MOST_CHANGES = 8
_MOST_NAMES = 20
_LONGEST_TEXT = 300
_TITLES = {
    "drift": "Drift",
    "unjudged": "Could not tell",
    "warn": "Warning",
    "inconclusive": "No drift shown",
    "ok": "No drift",
}


class SideExtent(NamedTuple):
    """Where a side came from and how much it is."""

    name: str
    source: str
    extent: str
    format: str


class Changed(NamedTuple):
    """A column or a finding worth naming at once. `panel` is the id of its panel, if any."""

    state: State
    name: str
    panel: str
    why: Markup
    since: str


def title(verdict: str) -> str:
    """Return the verdict in the words of the heading."""
    return _TITLES[verdict]


def report_title(report: Report) -> str:
    """Return what the verdict on two datasets is called in the heading."""
    return verdict_word(report).capitalize()


def lead(report: Report) -> str:
    """Return the verdict in one sentence."""
    wrong = "; ".join(finding_parts(report))
    return _columns_told(report) + (f" Also: {wrong}." if wrong else "")


def _columns_told(report: Report) -> str:
    summary = report.summary
    compared = counted(summary.columns - summary.skipped, "column")
    if summary.drift:
        more = f", and {counted(summary.warn, 'more')} warned" if summary.warn else ""
        verb = "has" if summary.drift == 1 else "have"
        return f"{summary.drift:,} of {compared} {verb} drifted{more}."
    if report.verdict == "drift":
        return f"{compared} compared, none of which drifted: what is wrong is listed below."
    if report.verdict == "unjudged":
        return f"Of {compared}, none could be judged: why is listed below."
    if summary.warn or report.verdict == "warn":
        return f"Nothing drifted, and {counted(summary.warn, 'column')} of {compared} warned."
    if summary.inconclusive:
        few = counted(summary.inconclusive, "column")
        return f"Of {compared}, {few} could have changed by chance: more rows would tell."
    if report.verdict == "inconclusive":
        return f"{compared} compared, in too few rows to tell."
    if found := changed(report):
        small = "; ".join(shortened(change_text(each), _LONGEST_TEXT) for each in found[:HIGHEST])
        rest = f", and {len(found) - HIGHEST:,} more" if len(found) > HIGHEST else ""
        return f"None of {compared} reaches a threshold. Real but small: {small}{rest}."
    return f"None of {compared} has moved by an amount that matters."


def sides(report: Report | Joint) -> list[SideExtent]:
    """Return both sides."""
    return [_side("Baseline", report.baseline), _side("Current", report.current)]


def _side(name: str, data: Dataset) -> SideExtent:
    columns = counted(data.columns, "column")
    return SideExtent(
        name, visible(data.source), f"{extent(data)}, {columns}", visible(data.format)
    )


def changes(report: Report, panels: dict[int, str]) -> tuple[list[Changed], int]:
    """Return what changed, worst first, and how many more there are; `panels` are ids by place."""
    found = findings(report.findings)
    found += [
        _column(column, panels.get(at, ""))
        for at, column in enumerate(report.columns)
        if column.status in ("drift", "warn") and not is_waived(column)
    ]
    return found[:_MOST_CHANGES], len(found[_MOST_CHANGES:])


def small(report: Report, panels: dict[int, str]) -> tuple[list[Changed], int]:
    """Return what is real but small, as `changes` does what is not."""
    found = [
        _column(column, panels.get(at, ""))
        for at, column in enumerate(report.columns)
        if state(column) is SMALL
    ]
    return found[:_MOST_CHANGES], len(found[_MOST_CHANGES:])


def _column(column: Column, panel: str) -> Changed:
    texts = column.reasons or [each.message for each in column.changes]
    reasons = escape(in_full([sentence(text) for text in texts], _LONGEST_TEXT))
    since = f"since {visible(column.since)}" if column.since else ""
    return Changed(state(column), heading(column.name), panel, reasons, since)


def _finding(finding: Finding) -> Changed:
    known = WAIVED if is_waived(finding) else by_status(finding.status)
    accepted = acceptance(finding)
    message = _message(finding) + (Markup("; {}").format(accepted) if accepted else "")
    return Changed(known, "", "", message, "")


def _message(finding: Finding) -> Markup:
    """Return a finding's message, the column that it names in backticks as code."""
    before, quoted, after = finding.message.partition(f"`{finding.column}`")
    if not quoted or finding.column is None:
        return _text(finding.message)
    return _text(before) + Markup("<code>{}</code>").format(heading(finding.column)) + _text(after)


def _text(text: str) -> Markup:
    return escape(shortened(sentence(text), _LONGEST_TEXT))


def findings(listed: Sequence[Finding]) -> list[Changed]:
    """Return the findings that are wrong rather than mere remarks, and that no waiver accepts."""
    return [_finding(each) for each in listed if _is_wrong(each)]


def _is_wrong(finding: Finding) -> bool:
    return finding.status in ("drift", "warn") and not is_waived(finding)


def remarks(report: Report | Joint) -> list[Changed]:
    """Return the findings that are no more than remarks, and those that a waiver accepts."""
    return [_finding(each) for each in report.findings if not _is_wrong(each)]


def since(report: Report) -> str:
    """Return the first day from which on a column that drifts has been so, if it is known."""
    known = [each.since for each in report.columns if each.since and _is_drift(each)]
    return min(known, default="")


def _is_drift(column: Column) -> bool:
    return column.status == "drift" and not is_waived(column)


def ignored_and_configured(report: Report) -> list[str]:
    """Return which columns were ignored, and which settings a file gave, in sentences."""
    sentences = []
    if report.ignored:
        names = [heading(each) for each in report.ignored]
        sentences.append(f"{counted(len(names), 'column')} ignored: {_some(names)}.")
    if report.configured:
        sentences.append(f"{settings_file(report)} sets {_some(configured(report))}.")
    return sentences


def _some(names: list[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more:,} more" if more > 0 else "")


def settings(used: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the settings by which the columns were judged, but for those that say nothing."""
    return [
        (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for name, value in used.items()
        if value or isinstance(value, int)
    ]


class SegmentLine(NamedTuple):
    """A segment as texts."""

    state: State
    rank: int
    name: str
    rows: str
    share: str
    sort: str
    columns: str


class SegmentsSection(NamedTuple):
    """All of a report's segments."""

    heading: str
    mix: ColumnPanel
    change: str
    lines: list[SegmentLine]
    parts: list[words.SplitScore]


def segments(found: Segments) -> SegmentsSection:
    """Return the segments; all are listed."""
    parts, _ = words.parts(found, Look(show_all=True))
    return SegmentsSection(
        heading=words.heading(found),
        mix=panel(found.mix, 0),
        change=words.mix(found),
        lines=[_line(each) for each in found.segments],
        parts=parts,
    )


def _line(segment: Segment) -> SegmentLine:
    return SegmentLine(
        state=by_status(segment.status),
        rank=SEVERITY[segment.status],
        name=words.name(segment.label),
        rows=f"{segment.baseline_rows:,} → {segment.current_rows:,}",
        share=words.extent(segment).removesuffix(" of the rows"),
        sort=f"{max(segment.baseline, segment.current):.6g}",
        columns=words.columns(segment),
    )

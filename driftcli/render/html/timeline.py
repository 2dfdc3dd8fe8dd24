"""The timeline as one HTML page: a heat map of periods and columns, and each change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from driftcli.render import DEFAULT_LOOK, Look
from driftcli.render.escape import sentence
from driftcli.render.figures import counted, extent
from driftcli.render.html import heat, states
from driftcli.render.html.column import MOST_OPEN, MOST_PANELS, heading
from driftcli.render.html.page import document
from driftcli.render.html.report import Changed, findings, settings, title
from driftcli.render.html.states import State, by_status, state
from driftcli.render.timeline_words import about, highest, score_words, when, why
from driftcli.render.words import SIGNS, finding_parts, shortlist
from driftcli.report.columns import SEVERITY
from driftcli.report.timeline import DatedChange, Timeline, TimelineColumn
from driftcli.text import visible

#: Cells that have a title each; more would make the page too large.
_MOST_TITLED = 4_000


class TimelineRow(NamedTuple):
    """A column's line of the heat map."""

    panel: str
    name: str
    state: State
    rank: int
    kind: str
    strip: Markup | None
    highest: str
    sort: str
    when: str
    why: str


class Dated(NamedTuple):
    """A change of a column."""

    first: str
    last: str
    periods: str
    state: State
    peak: str
    score: str
    reasons: str


class TimelinePanel(NamedTuple):
    """A column over time."""

    id: str
    name: str
    state: State
    kind: str
    open: bool
    picture: Markup
    changes: list[Dated]
    notes: list[str]


def render(report: Timeline, look: Look) -> str:
    """Return the timeline as one HTML document.

    All columns are listed. The worst `column.MOST_PANELS` are drawn, and all with `look.show_all`.
    """
    return document("timeline.html", _sections(report, look))


def _sections(report: Timeline, look: Look) -> dict[str, Any]:
    drawn = [column for column in report.columns if column.cells]
    drawn = drawn if look.show_all else drawn[:MOST_PANELS]
    ids = {id(column): f"column-{number}" for number, column in enumerate(drawn, start=1)}
    titled = len(drawn) * len(report.periods) <= _MOST_TITLED
    panels = [
        _panel(column, report, number, titled=titled)
        for number, column in enumerate(drawn, start=1)
    ]
    return {
        **_summary(report),
        **_heat_map(report, report.columns, ids),
        "source": visible(report.data.source),
        "extent": extent(report.data),
        "about": list(about(report)),
        "changes": [_changed(each, ids) for each in report.columns if each.changes],
        "findings": findings(report.findings),
        "kinds": sorted({column.kind for column in report.columns}),
        **states.parted(panels),
        "undrawn": len(report.columns) - len(drawn),
        "notes": [(each.label, each.note) for each in report.periods if each.note],
        "settings": settings(report.settings),
    }


def digest(report: Timeline) -> dict[str, Any]:
    """Return what a notebook shows of a timeline, by name: the columns that changed."""
    chosen = shortlist(report.columns, DEFAULT_LOOK)
    left_out = f"+ {len(chosen.left_out):,} more" if chosen.left_out else ""
    return {
        **_summary(report),
        **_heat_map(report, chosen.columns, {}),
        "left_out": left_out,
    }


def _summary(report: Timeline) -> dict[str, Any]:
    return {
        "report": report,
        "title": title(report.verdict),
        "sign": SIGNS[report.verdict],
        "lead": _lead(report),
        "since": "",
        "counts": states.counts(map(states.state, report.columns)),
    }


def _heat_map(
    report: Timeline, columns: Sequence[TimelineColumn], ids: Mapping[int, str]
) -> dict[str, Any]:
    """Return the lines of the heat map; `ids` are those of the panels, by column."""
    return {
        "axis": heat.axis(report.periods) if report.periods else "",
        "rows": heat.counts([period.rows for period in report.periods]),
        **states.folding(columns),
        "lines": [_line(column, report, ids.get(id(column), "")) for column in columns],
    }


def _lead(report: Timeline) -> str:
    summary = report.summary
    compared = counted(summary.columns - summary.skipped, "column")
    if summary.drift:
        verb = "has" if summary.drift == 1 else "have"
        lead = (
            f"{summary.drift:,} of {compared} {verb} drifted, in {summary.drifted_periods:,} of"
            f" {counted(summary.compared, 'period')}."
        )
    elif report.verdict == "unjudged":
        lead = f"Of {compared}, none could be judged: why is listed below."
    else:
        lead = f"None of {compared} drifted in {counted(summary.compared, 'period')}."
    wrong = "; ".join(finding_parts(report))
    return lead + (f" Also: {wrong}." if wrong else "")


def _changed(column: TimelineColumn, ids: dict[int, str]) -> Changed:
    return Changed(
        state(column),
        heading(column.name),
        ids.get(id(column), ""),
        Markup("{}").format(why(column)),
        when(column),
    )


def _line(column: TimelineColumn, report: Timeline, panel: str) -> TimelineRow:
    score = highest(column)
    return TimelineRow(
        panel=panel,
        name=heading(column.name),
        state=state(column),
        rank=SEVERITY[column.status],
        kind=column.kind,
        strip=heat.strip(column.cells, report.periods) if column.cells else None,
        highest=score_words(score) if score else "",
        sort=f"{score.excess:.6g}" if score else "-1",
        when=when(column),
        why=why(column),
    )


def _panel(column: TimelineColumn, report: Timeline, number: int, *, titled: bool) -> TimelinePanel:
    return TimelinePanel(
        id=f"column-{number}",
        name=heading(column.name),
        state=state(column),
        kind=column.kind,
        open=bool(column.changes) and number <= MOST_OPEN,
        picture=heat.picture(heading(column.name), column.cells, report.periods, titled=titled),
        changes=_dated(column.changes),
        notes=[sentence(each) for each in column.notes],
    )


def _dated(changes: Sequence[DatedChange]) -> list[Dated]:
    return [
        Dated(
            first=each.first,
            last="ongoing" if each.ongoing else each.last,
            periods=f"{each.periods:,}",
            state=by_status(each.status),
            peak=each.peak,
            score=score_words(each.score),
            reasons="; ".join(sentence(reason) for reason in each.reasons),
        )
        for each in reversed(changes)
    ]

"""What the page shows of segments: their mix, each of them, and what the mix explains."""

from __future__ import annotations

from typing import NamedTuple

from driftcli.render import segments as words
from driftcli.render.html.panel import Panel, panel
from driftcli.render.html.states import State, by_status
from driftcli.render.look import Look
from driftcli.report.comparison import SEVERITY, Segment, Segments


class Line(NamedTuple):
    """A segment as texts."""

    state: State
    rank: int
    name: str
    rows: str
    share: str
    sort: str
    columns: str


class Shown(NamedTuple):
    """All of a report's segments."""

    heading: str
    mix: Panel
    said: str
    lines: list[Line]
    parts: list[words.Part]


def segments(found: Segments) -> Shown:
    """Return the segments; all are listed."""
    parts, _ = words.parts(found, Look(show_all=True))
    return Shown(
        heading=words.heading(found),
        mix=panel(found.mix, 0),
        said=words.mix(found),
        lines=[_line(each) for each in found.segments],
        parts=parts,
    )


def _line(segment: Segment) -> Line:
    return Line(
        state=by_status(segment.status),
        rank=SEVERITY[segment.status],
        name=words.name(segment.label),
        rows=f"{segment.baseline_rows:,} → {segment.current_rows:,}",
        share=words.extent(segment).removesuffix(" of the rows"),
        sort=f"{max(segment.baseline, segment.current):.6g}",
        columns=words.columns(segment),
    )

"""What people accept, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from driftcli.render.escape import sentence, shortened, visible
from driftcli.render.look import Look
from driftcli.render.terminal.grid import Field, fit
from driftcli.render.terminal.grid import Row as Line
from driftcli.render.terminal.text import GAP, QUIET, Piece, own, paint, prose
from driftcli.report.comparison import Waiver

_LONGEST_PATTERN = 30
_FIELDS = (
    Field("column", "column", 0),
    Field("until", "until", 1),
    Field("by", "by", 2),
)


class Row(NamedTuple):
    """A waiver, of which check and of which column or glob, and whether it still `holds`."""

    check: str
    pattern: str
    waiver: Waiver
    holds: bool


def render(rows: Sequence[Row], look: Look) -> str:
    """Return the waivers as lines of at most `look.room` cells, each with its reason below."""
    if not rows:
        return "nothing is accepted\n"
    lines = [_line(row, look) for row in rows]
    grid = fit(_FIELDS, lines, "check", look.room, look.ellipsis)
    shown = [grid.heading("check")]
    for row, line in zip(rows, lines, strict=True):
        why = prose(sentence(row.waiver.why), look, margin=Piece(grid.indent + GAP), style=QUIET)
        shown += [grid.line(line), *why]
    return paint(shown, color=look.color)


def _line(row: Row, look: Look) -> Line:
    style = "" if row.holds else QUIET
    texts = {
        "column": shortened(visible(row.pattern), _LONGEST_PATTERN),
        "until": row.waiver.until + ("" if row.holds else " (expired)"),
        "by": visible(row.waiver.by or ""),
    }
    pieces = {key: Piece(own(text, look), style) for key, text in texts.items()}
    sign = Piece(own("✓" if row.holds else "–", look), style)
    return Line(sign, Piece(own(visible(row.check), look), style), pieces)

"""The segments of a report for a terminal: the mix, what drifted in which, and what explains it."""

from __future__ import annotations

from collections.abc import Iterator

from driftcli.render import Look, segment_words
from driftcli.render.terminal.grid import Field, Row, fit
from driftcli.render.terminal.text import (
    GAP,
    QUIET,
    STATUS_STYLES,
    Line,
    Styled,
    for_terminal,
    paragraph,
)
from driftcli.render.words import SIGNS
from driftcli.report.columns import Status
from driftcli.report.segments import Segments

_FIELDS = (
    Field("metric", "metric", 2),
    Field("total", "score", 0, right=True),
    Field("mix", "= mix", 1, right=True),
    Field("within", "+ within", 1, right=True),
    Field("share", "mix share", 4, right=True),
    Field("heaviest", "mostly within", 3),
)


def lines(found: Segments, look: Look) -> Iterator[Line]:
    """Yield the mix of segments, and a line for each that is not as it was."""
    yield from paragraph(segment_words.heading(found), look, margin=Styled(""), style=QUIET)
    yield from paragraph(segment_words.mix(found), look, margin=_sign(found.mix.status))
    shown, rest = segment_words.selected(found, look)
    for each in shown:
        text = f"{segment_words.name(each.label)} ({segment_words.extent(each)})"
        listed = segment_words.columns(each)
        text += f": {listed}" if listed else ""
        yield from paragraph(text, look, margin=_sign(each.status))
    if rest:
        yield from paragraph(f"{rest} (--all shows them)", look, margin=Styled(GAP), style=QUIET)


def _sign(status: Status) -> Styled:
    return Styled(SIGNS[status] + " ", STATUS_STYLES[status])


def decompositions(found: Segments, look: Look) -> Iterator[Line]:
    """Yield for each column that drifted what is due to the mix, and what to segments' own change.

    The two parts are left out last, but for the score itself.
    """
    parts, rest = segment_words.parts(found, look)
    if not parts:
        return
    rows = [
        Row(
            Styled(" "),
            Styled(for_terminal(each.name, look)),
            {field.key: Styled(for_terminal(getattr(each, field.key), look)) for field in _FIELDS},
        )
        for each in parts
    ]
    grid = fit(_FIELDS, rows, "drifted", look.room, look.ellipsis)
    yield grid.heading("drifted")
    yield from map(grid.line, rows)
    if rest:
        yield from paragraph(f"{rest} (--all shows them)", look, margin=Styled(GAP), style=QUIET)

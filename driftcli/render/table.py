"""The report for a terminal: what people read, and what they show to others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from driftcli.render.bars import draw
from driftcli.render.cells import QUIET, STATUS_STYLES, fields, rows
from driftcli.render.digest import (
    LEVELS,
    MARKS,
    SIGNS,
    VERDICTS,
    Selection,
    metrics_shown,
    select,
    select_findings,
    summary_parts,
    thresholds,
    unplaced,
    why,
)
from driftcli.render.escape import TIE, sentence, to_ascii, visible
from driftcli.render.figures import extent
from driftcli.render.grid import GAP, fit
from driftcli.render.ink import Line, Piece, fitted, paint, tied, wrapped
from driftcli.render.look import Look
from driftcli.render.widths import cell_len
from driftcli.report import Clock, Column, Dataset, Report

#: Sentences stay readable on a very wide terminal.
WIDEST_TEXT = 120
MOST_LINES = 4
DOT = f"{TIE}·"


def render(report: Report, look: Look) -> str:
    """Return the report as lines of at most `look.room` cells, worst column first.

    Narrow terminals get fewer fields rather than broken lines. Without colour the text is the
    same, apart from the ANSI codes.
    """
    selection = select(report, look)
    sections = (
        _header(report, look),
        _findings(report, look),
        _columns(selection, metrics_shown(report), look),
        _legend(selection.columns, look),
        _summary(report, look),
    )
    return paint(_spaced(sections), color=look.color)


def _spaced(sections: Iterable[Iterable[Line]]) -> Iterator[Line]:
    """Yield the lines of the sections, an empty one between them."""
    blocks = [block for section in sections if (block := list(section))]
    for index, block in enumerate(blocks):
        yield from ([[]] if index else [])
        yield from block


def _own(text: str, look: Look) -> str:
    return to_ascii(text) if look.ascii_only else text


def _prose(
    text: str,
    look: Look,
    *,
    margin: Piece,
    style: str = "",
    most: int = MOST_LINES,
) -> Iterator[Line]:
    """Yield wrapped lines of visible text: the first behind a margin, the rest indented as far."""
    margin = margin._replace(text=_own(margin.text, look))
    indent = cell_len(margin.text)
    width = min(look.room, WIDEST_TEXT) - indent
    for index, line in enumerate(wrapped(_own(text, look), width, most, look.ellipsis)):
        yield [Piece(" " * indent) if index else margin, Piece(line, style)]


def _parts(parts: Iterable[str], separator: str, look: Look) -> str:
    """Return parts as one text that `_prose` breaks after separators rather than within parts."""
    return f"{separator} ".join(tied(part, look.room) for part in parts)


def _header(report: Report, look: Look) -> Iterator[Line]:
    """Yield both sources and their rows, on one line where they fit."""
    sides = (report.baseline, report.current)
    sources = [_own(visible(side.source), look) for side in sides]
    arrow = _own(" → ", look)
    line = [
        *_side(sources[0], report.baseline),
        Piece(arrow, QUIET),
        *_side(sources[1], report.current),
    ]
    if sum(cell_len(piece.text) for piece in line) <= look.room:
        yield line
        return
    for label, source, side in zip(("baseline", "current"), sources, sides, strict=True):
        yield from _side_lines(label, source, extent(side), look)


def _side(source: str, side: Dataset) -> Line:
    return [Piece(source, "bold"), Piece(f" ({extent(side)})", QUIET)]


def _side_lines(label: str, source: str, rows_text: str, look: Look) -> Iterator[Line]:
    """Yield a side on lines of its own, its rows below its source where that is long."""
    margin = "baseline" + GAP
    room = look.room - len(margin)
    beside = room - len(GAP) - len(rows_text)
    first = [Piece(label.ljust(len(margin)), QUIET)]
    if cell_len(source) <= beside:
        yield [*first, Piece(source, "bold"), Piece(GAP + rows_text, QUIET)]
        return
    yield [*first, Piece(fitted(source, room, look.ellipsis), "bold")]
    yield from _prose(rows_text, look, margin=Piece(" " * len(margin)), style=QUIET)


def _findings(report: Report, look: Look) -> Iterator[Line]:
    listed, rest = select_findings(report, look)
    for finding in listed:
        sign = Piece(SIGNS[finding.status] + " ", STATUS_STYLES[finding.status])
        yield from _prose(sentence(finding.message), look, margin=sign)
    if rest:
        yield from _prose(f"{rest} (--all shows them)", look, margin=Piece(GAP), style=QUIET)


def _columns(selection: Selection, metrics: tuple[str, ...], look: Look) -> Iterator[Line]:
    """Yield a line for each selected column, and what there is to say about it below."""
    columns = selection.columns
    if not columns:
        return
    title = "highest scores" if selection.passed else "column"
    lines = rows(columns, metrics, look)
    grid = fit(fields(columns, metrics), lines, title, look.room, look.ellipsis)
    yield grid.heading(title)
    for column, line in zip(columns, lines, strict=True):
        yield grid.line(line)
        if not selection.passed:
            yield from _below(column, grid.keys, grid.indent + GAP, look)
    if selection.left_out:
        text = f"{selection.left_out} (--all shows them)"
        yield from _prose(text, look, margin=Piece(grid.indent), style=QUIET)


def _legend(columns: tuple[Column, ...], look: Look) -> Iterator[Line]:
    """Yield what the marks beside the scores mean, for those that are there."""
    for status in LEVELS:
        reached = thresholds(columns, status)
        if reached:
            margin = Piece(f"{MARKS[status]} ", STATUS_STYLES[status])
            text = f"{status} at {_parts(reached, DOT, look)}"
            yield from _prose(text, look, margin=margin, style=QUIET)


def _below(column: Column, placed: frozenset[str], indent: str, look: Look) -> Iterator[Line]:
    """Yield the reasons for a column's status, and a clock's face for a timestamp."""
    margin = Piece(indent)
    extra = _parts(unplaced(column, placed), ",", look)
    both = "; ".join(part for part in (why(column, notes=look.show_all), extra) if part)
    if both:
        yield from _prose(both, look, margin=margin, style=QUIET)
    for label, clock in (("hour of day", column.hour_of_day), ("weekday", column.weekday)):
        if clock is not None:
            yield from _clock(label, clock, margin, look)


def _clock(label: str, clock: Clock, margin: Piece, look: Look) -> Iterator[Line]:
    before, after = draw(clock.baseline, clock.current)
    distance = "" if clock.js_distance is None else f"  js_distance {clock.js_distance:.3f}"
    text = _own(f"{label:<11}  {before} → {after}{distance}", look)
    if len(margin.text) + cell_len(text) <= look.room:
        yield [margin, Piece(text, QUIET)]


def _summary(report: Report, look: Look) -> Iterator[Line]:
    """Yield the verdict and the counts, wrapped below the verdict's word."""
    style = STATUS_STYLES[report.verdict]
    margin = Piece(f"{SIGNS[report.verdict]} ", style)
    verdict, parts = VERDICTS[report.verdict], summary_parts(report, hint=not look.show_all)
    text = f"{verdict}: {_parts(parts, DOT, look)}"
    for index, line in enumerate(_prose(text, look, margin=margin, most=2 * MOST_LINES)):
        if index:
            yield line
        else:
            body = line[1].text
            yield [line[0], Piece(verdict, style), Piece(body.removeprefix(verdict))]

"""One column explained for a terminal: what moved, from where to where, and by how much."""

from __future__ import annotations

from collections.abc import Iterator

from driftcli.render import Look
from driftcli.render.escape import sentence, shortened
from driftcli.render.facts import contributions, moves, quantiles
from driftcli.render.figures import Ruler, change, data_ruler, ruler, score_text, share
from driftcli.render.terminal.cells import STATUS_STYLES
from driftcli.render.terminal.distribution import drawing
from driftcli.render.terminal.text import (
    DOT,
    GAP,
    QUIET,
    Line,
    Styled,
    for_terminal,
    header,
    joined,
    paint,
    paragraph,
    spaced,
)
from driftcli.render.words import mark, sign, why
from driftcli.report.comparison import Column, Explanation, Report, Score, Support
from driftcli.text import visible

_LONGEST_NAME = 40
METRICS = ("js_distance", "jsd", "wasserstein", "kl", "new", "lost")


def render(report: Report, look: Look) -> str:
    """Return the first column of a report, which has details, as lines of at most `look.room`.

    Without colour the text is the same, apart from the ANSI codes.
    """
    column = report.columns[0]
    sections = [header(report, look), _column(column, look)]
    if column.details:
        sections += _details(column, column.details, look)
    return paint(spaced(sections), color=look.color)


def _column(column: Column, look: Look) -> Iterator[Line]:
    """Yield the column's name and status, why it has it, and its scores."""
    symbol = for_terminal(sign(column), look)
    style = STATUS_STYLES[column.status]
    name = for_terminal(visible(column.name) or "''", look)
    by = ", by its length in characters" if column.kind == "text" else ""
    kind = f"{column.kind} ({visible(column.baseline.type)}){by}{DOT} {column.status}"
    yield from paragraph(name, look, margin=Styled(f"{symbol} ", style), style="bold")
    indent = Styled(" " * (len(symbol) + 1))
    yield from paragraph(kind, look, margin=indent, style=QUIET)
    if told := why(column, notes=not (column.details and column.details.coverage)):
        yield from paragraph(told, look, margin=indent, most=8)
    scores = [_score(score) for score in map(column.score, METRICS) if score and _says(score)]
    if scores:
        yield from paragraph(joined(scores, DOT, look), look, margin=indent, style=QUIET, most=8)
    missing = column.baseline.missing, column.current.missing
    if any(missing) and not any(reason.startswith("missing ") for reason in column.reasons):
        yield from paragraph(f"missing {change(*missing)}", look, margin=indent, style=QUIET)


def _says(score: Score) -> bool:
    """Return whether a score is defined and not simply 0."""
    return bool(score.infinite or score.value or mark(score))


def _score(score: Score) -> str:
    unit = f" {score.unit}" if score.unit in ("bits", "nats", "s") else ""
    return f"{score.metric} {score_text(score)}{unit}{' ' + mark(score) if mark(score) else ''}"


def _details(column: Column, details: Explanation, look: Look) -> list[Iterator[Line]]:
    measure = data_ruler(column)
    return [
        drawing(column, details, look),
        _coverage(details, look),
        quantiles(column, details, ruler(column), look),
        contributions(details, measure, look),
        _support(details, measure, look),
        moves(details, measure, look),
    ]


def _coverage(details: Explanation, look: Look) -> Iterator[Line]:
    for phrase in details.coverage:
        yield from paragraph(sentence(phrase), look, margin=Styled(GAP))


def _support(details: Explanation, measure: Ruler, look: Look) -> Iterator[Line]:
    """Yield what only one side has."""
    sides = (("new", details.new, details.more_new), ("lost", details.lost, details.more_lost))
    for word, parts, more in sides:
        if parts:
            named = [_part(part, measure) for part in parts]
            named += [f"and {more:,} more"] if more else []
            margin = Styled(f"{word:<6}", QUIET)
            yield from paragraph(joined(named, ",", look), look, margin=margin, most=6)


def _part(part: Support, measure: Ruler) -> str:
    if part.label is None:
        return f"{measure.span(part.low, part.high)} ({share(part.share)})"
    name = shortened(visible(part.label), _LONGEST_NAME) or "''"
    return f"{name} ({share(part.share)})"

"""One column explained for a terminal: what moved, from where to where, and by how much."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from driftcli.render import Look, facts
from driftcli.render.escape import name_text, sentence
from driftcli.render.figures import Ruler, change, data_ruler, ruler, score_text
from driftcli.render.score_words import mark
from driftcli.render.terminal.bars import LEVELS
from driftcli.render.terminal.distribution import drawing
from driftcli.render.terminal.grid import LEGIBLE, Field, unsigned
from driftcli.render.terminal.text import (
    DOT,
    GAP,
    QUIET,
    STATUS_STYLES,
    Line,
    Styled,
    cell_len,
    fitted,
    for_terminal,
    header,
    joined,
    paint,
    paragraph,
    spaced,
)
from driftcli.render.words import sign, why
from driftcli.report.columns import Column, Score
from driftcli.report.comparison import Report
from driftcli.report.explanation import Explanation
from driftcli.text import visible

_LEGEND = (
    "W₁ is how far rows move on average. The witness rises where they move up, falls where they"
    " move down; its mean is W₁ higher in the current data."
)
_LONGEST_VALUE = 40
#: Between the blocks of either side, and what is around it beside a strip.
DIVIDER = "│"
_BETWEEN_STRIPS = 7
#: One cell a side.
_LEAST_STRIPS = 2
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
    name = for_terminal(name_text(column.name), look)
    by = ", by its length in characters" if column.kind == "text" else ""
    kind = f"{column.kind} ({visible(column.baseline.type)}){by}{DOT} {column.status}"
    yield from paragraph(name, look, margin=Styled(f"{symbol} ", style), style="bold")
    indent = Styled(" " * (len(symbol) + 1))
    yield from paragraph(kind, look, margin=indent, style=QUIET)
    if reasons := why(column, notes=not (column.details and column.details.coverage)):
        yield from paragraph(reasons, look, margin=indent, most=8)
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
        _blocks(column, details, look),
        _coverage(details, look),
        _quantiles(column, details, look),
        _contributions(details, measure, look),
        _one_sided(details, measure, look),
        _moves(details, measure, look),
    ]


def _blocks(column: Column, details: Explanation, look: Look) -> Iterator[Line]:
    """Yield a strip of the values of the blocks, and one of how far each is from the others."""
    if details.blocks is None or not (lines := facts.block_lines(details.blocks, ruler(column))):
        return
    yield from paragraph(facts.blocks_told(details.blocks), look, margin=Styled(""), style=QUIET)
    names = [for_terminal(fitted(line.name, LEGIBLE, look.ellipsis), look) for line in lines]
    width = max(map(cell_len, names))
    blocks = len(lines[-1].baseline) + len(lines[-1].current)
    room = look.room - width - _BETWEEN_STRIPS
    if room < _LEAST_STRIPS:
        return
    longest = max(cell_len(line.told) for line in lines)
    # Where both do not fit, a strip says more than its ends do.
    told = room - longest >= LEGIBLE
    together = -(-blocks // (room - longest if told else room))
    for name, line in zip(names, lines, strict=True):
        pad = " " * (width - cell_len(name))
        sides = [_strip(side, together) for side in (line.baseline, line.current)]
        ends = f"{GAP}{line.told}" if told else ""
        drawn = for_terminal(f" {DIVIDER} ".join(sides) + ends, look)
        yield [Styled(f"{name}{pad}{GAP}", QUIET), Styled(drawn)]


def _strip(heights: Sequence[float], together: int) -> str:
    """Return heights as characters, so many blocks together as high as their highest."""
    highest = (max(heights[at : at + together]) for at in range(0, len(heights), together))
    return "".join(LEVELS[min(len(LEVELS) - 1, int(each * len(LEVELS)))] for each in highest)


def _coverage(details: Explanation, look: Look) -> Iterator[Line]:
    for phrase in details.coverage:
        yield from paragraph(sentence(phrase), look, margin=Styled(GAP))


def _quantiles(column: Column, details: Explanation, look: Look) -> Iterator[Line]:
    """Yield both sides' quantiles side by side, between the extremes, and the moments."""
    if not details.quantiles:
        return
    measure = ruler(column)
    p, q = column.baseline, column.current
    lines = [*facts.statistics(column, measure), facts.both("mean", p.mean, q.mean, measure)]
    if column.kind in ("numeric", "list"):
        lines.append(facts.both("sd", p.sd, q.sd, measure))
    yield from _table("quantiles", {"baseline": 0, "current": 0, "change": 1}, lines, look)


def _contributions(details: Explanation, measure: Ruler, look: Look) -> Iterator[Line]:
    """Yield the bins that make up the divergence, with what they add and how their shares moved."""
    if lines := facts.contributions(details, measure):
        yield from _table("divergence", {"of jsd": 0, "baseline": 1, "current": 1}, lines, look)


def _one_sided(details: Explanation, measure: Ruler, look: Look) -> Iterator[Line]:
    for word, values, more in facts.one_sided(details, measure, _LONGEST_VALUE):
        listed = values + ([f"and {more:,} more"] if more else [])
        margin = Styled(f"{word:<6}", QUIET)
        yield from paragraph(joined(listed, ",", look), look, margin=margin, most=6)


def _moves(details: Explanation, measure: Ruler, look: Look) -> Iterator[Line]:
    """Yield the moves, what stayed and the rest, and their sum: W₁."""
    lines = facts.moves(details, measure)
    if not lines:
        return
    ranks = {"rows": 0, "moved by": 0, "of W₁": 1}
    if _width(lines, ["moves", *ranks], look) > look.room:
        yield [Styled("moves", QUIET)]
        for name, rows, moved, part in lines:
            text = ", ".join(filter(None, (f"{name}: {rows} of rows", moved, f"{part} of W₁")))
            yield from paragraph(text, look, margin=Styled(GAP))
    else:
        yield from _table("moves", ranks, lines, look)
    yield from paragraph(_LEGEND, look, margin=Styled(""), style=QUIET)


def _width(lines: Sequence[tuple[str, ...]], headings: Sequence[str], look: Look) -> int:
    """Return how many cells a table takes that leaves nothing out."""
    columns = zip(headings, *lines, strict=True)
    widths = (max(cell_len(for_terminal(each, look)) for each in texts) for texts in columns)
    return sum(widths) + len(GAP) * (len(headings) - 1)


def _table(
    title: str, ranks: Mapping[str, int], lines: Sequence[tuple[str, ...]], look: Look
) -> Iterator[Line]:
    fields = [Field(key, key, rank, right=True) for key, rank in ranks.items()]
    yield from unsigned(title, fields, lines, look)
